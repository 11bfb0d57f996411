// A token that tracks a price and is backed by other assets: worth what it tracks while they cover it, else what backs it.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { type Holding, heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { assetTerm, fractionTerm, listTerm, optionalTerm, quantityTerm, signedTerm } from '../term-schemas.ts'

interface Backing {
  readonly asset: string
  readonly quantity: number
  readonly haircut?: number | undefined
}

interface SyntheticTerms {
  readonly quantity: number
  readonly target?: string | undefined
  readonly backing: readonly Backing[]
}

/** What one token tracks: nothing but a dollar without a target. */
function tracked({ target }: SyntheticTerms): readonly Holding[] {
  return target === undefined ? [] : [{ asset: target, quantity: 1 }]
}

/** What stands behind one token, after haircuts. */
function backed({ backing }: SyntheticTerms): readonly Holding[] {
  return backing
    .map(({ asset, quantity, haircut = 0 }) => ({ asset, quantity: quantity * (1 - haircut) }))
    .filter(({ quantity }) => quantity !== 0)
}

const usdOf = (holdings: readonly Holding[], market: Market): Usd =>
  holdings.reduce((sum, { asset, quantity }) => sum + quantity * priceOf(market, asset), 0)

function perToken(terms: SyntheticTerms, market: Market): { readonly targetUsd: Usd; readonly backingUsd: Usd } {
  return {
    targetUsd: terms.target === undefined ? 1 : priceOf(market, terms.target),
    backingUsd: usdOf(backed(terms), market),
  }
}

/** The backing less the target is linear in each spot: it is 0 at one price of each, all others held. */
function coverEdges(terms: SyntheticTerms, market: Market): Edges {
  const { targetUsd, backingUsd } = perToken(terms, market)
  const surplus = backingUsd - targetUsd
  const slopes: Record<string, number> = {}
  const both = [...backed(terms), ...tracked(terms).map(({ asset }) => ({ asset, quantity: -1 }))]
  for (const { asset, quantity } of both) {
    const { underlying, rate } = rateOf(market, asset)
    slopes[underlying] = (slopes[underlying] ?? 0) + quantity * rate
  }
  return Object.fromEntries(
    Object.entries(slopes).map(([underlying, slope]) => {
      const edge = (market.spot[underlying] ?? 0) - surplus / slope
      return [underlying, edge > 0 && edge < Number.POSITIVE_INFINITY ? [edge] : []]
    }),
  )
}

/** Those of the lesser side; where both are equal, the mean of both. */
function syntheticGreeks(terms: SyntheticTerms, market: Market): Greeks {
  const { targetUsd, backingUsd } = perToken(terms, market)
  const share = targetUsd < backingUsd ? 1 : targetUsd > backingUsd ? 0 : 0.5
  const weighted = (holdings: readonly Holding[], weight: number) =>
    holdings.map(({ asset, quantity }) => ({ asset, quantity: quantity * weight * terms.quantity }))
  return heldGreeks([...weighted(tracked(terms), share), ...weighted(backed(terms), 1 - share)], market)
}

export const synthetic = defineInstrument({
  kind: 'synthetic',
  family: 'holding',
  title: 'Synthetic token: tracks a price, backed by other assets',
  method: 'quantity x min(target price, backing per token): the target while it is covered, else what backs it',
  terms: z.strictObject({
    quantity: signedTerm('tokens held; below 0 is short', 'tokens'),
    target: optionalTerm(assetTerm('the asset whose price a token tracks; without it one US dollar')),
    backing: listTerm(
      z.strictObject({
        asset: assetTerm('what backs it'),
        quantity: quantityTerm('how much of it for each token', 'units of the asset per token'),
        haircut: optionalTerm(fractionTerm('part of it that would be lost in getting hold of it')),
      }),
      'what stands behind each token',
    ),
  }),
  example: {
    quantity: 50,
    target: 'BTC',
    backing: [
      { asset: 'WBTC', quantity: 0.6 },
      { asset: 'USDC', quantity: 72_000, haircut: 0.02 },
    ],
  },
  assets: (terms) =>
    terms.quantity === 0 ? [] : [...new Set([...tracked(terms), ...backed(terms)].map(({ asset }) => asset))],
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  edges: (terms, market) => (terms.quantity === 0 ? {} : coverEdges(terms, market)),
  value: (terms, market) => {
    if (terms.quantity === 0) return 0
    const { targetUsd, backingUsd } = perToken(terms, market)
    return terms.quantity * Math.min(targetUsd, backingUsd)
  },
  greeks: (terms, market) => (terms.quantity === 0 ? noGreeks : syntheticGreeks(terms, market)),
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { targetUsd, backingUsd } = perToken(terms, market)
    return {
      targetUsd,
      backingUsd,
      backingRatio: backingUsd / targetUsd,
      shortfallUsd: terms.quantity * Math.max(targetUsd - backingUsd, 0),
      ...(backingUsd > targetUsd ? { backingBufferRatio: 1 - targetUsd / backingUsd } : {}),
    }
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const { targetUsd, backingUsd } = perToken(terms, market)
    const share = ((100 * backingUsd) / targetUsd).toFixed(1)
    return backingUsd < targetUsd ? [`only ${share} % backed: valued at what backs it, not at what it tracks`] : []
  },
})
