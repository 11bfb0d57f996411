// An option without expiry that may be exercised at any time.

import * as z from '../../base/schema.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type PerpetualOption, type PerpetualValue, perpetualAmerican } from '../../quant/options/perpetual-american.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { carryTo, interestTo } from '../market/forwards.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { assetVolatility, strikeVolatility } from '../market/volatility.ts'
import type { VolatilitySurface } from '../market/volatility-surface.ts'
import { optionAssets, optionTerms } from './option-terms.ts'
import { finiteFigures } from './path-option.ts'

const { asset, type, strike, quantity } = optionTerms()
const perpetualTerms = z.strictObject({ asset, type, strike, quantity })

type PerpetualTerms = z.output<typeof perpetualTerms>

/** Beyond every curve: a century from now. */
const farSeconds = 100 * 365 * 86_400

function longestExpiry(surface: VolatilitySurface): UnixSeconds | undefined {
  switch (surface.kind) {
    case 'flat':
      return undefined
    case 'term':
      return surface.points.at(-1)?.expiry
    case 'svi':
      return surface.slices.at(-1)?.expiry
  }
}

interface Perpetual {
  readonly option: PerpetualOption
  /** What the market states, before it is bounded. */
  readonly rate: number
  readonly carry: number
  readonly isLongestQuoted: boolean
}

/**
 * The market's longest rates and volatility. Waiting for ever has no bound where a call's forward outgrows the dollar rate, or the dollar costs interest: there
 * the rates are taken at the bound, since a call is never worth more than the asset, a put never more than its strike. @throws HomeostatError `no-price`,
 * `no-volatility`
 */
function perpetualAt(terms: PerpetualTerms, market: Market): Perpetual {
  const spot = priceOf(market, terms.asset)
  const { underlying } = rateOf(market, terms.asset)
  const far = market.at + farSeconds
  const [rate, carry] = [interestTo(market, far), carryTo(market, underlying, far)]
  const expiry = longestExpiry(assetVolatility(market, underlying).surface)
  const { volatility } = strikeVolatility(market, { asset: terms.asset, strike: terms.strike, expiry: expiry ?? far })
  const bounded = terms.type === 'call' ? { rate, carry: Math.min(carry, rate) } : { rate: Math.max(rate, 0), carry }
  return {
    option: { kind: terms.type, strike: terms.strike, spot, volatility, ...bounded },
    rate,
    carry,
    isLongestQuoted: expiry !== undefined,
  }
}

function perpetualValue(terms: PerpetualTerms, market: Market): Usd {
  if (terms.quantity === 0) return 0
  return terms.quantity * perpetualAmerican(perpetualAt(terms, market).option).price
}

/** Gamma jumps where it is exercised. */
function perpetualEdges(terms: PerpetualTerms, market: Market): Edges {
  const { underlying, rate } = rateOf(market, terms.asset)
  const { exerciseBoundary } = perpetualAmerican(perpetualAt(terms, market).option)
  return exerciseBoundary === undefined ? {} : { [underlying]: [exerciseBoundary / rate] }
}

function isExercised({ kind, spot }: PerpetualOption, { exerciseBoundary }: PerpetualValue): boolean {
  if (exerciseBoundary === undefined) return false
  return kind === 'call' ? spot >= exerciseBoundary : spot <= exerciseBoundary
}

function perpetualWarnings(terms: PerpetualTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const { option, rate, carry, isLongestQuoted } = perpetualAt(terms, market)
  return [
    ...(isLongestQuoted ? ['the volatility is that of the longest quoted expiry'] : []),
    ...(option.kind === 'call' && carry > rate
      ? ['the forward grows faster than the dollar rate: valued as if it grew by it, for else waiting has no bound']
      : []),
    ...(option.kind === 'put' && rate < 0
      ? ['the dollar rate is below 0: valued at 0, for else waiting has no bound']
      : []),
    ...(isExercised(option, perpetualAmerican(option))
      ? ['exercise is worth more than waiting: valued at intrinsic value']
      : []),
  ]
}

export const perpetualAmericanOption = defineInstrument({
  kind: 'perpetual-american-option',
  family: 'option',
  title: 'American option without expiry',
  method: 'Merton 1973, section 8, at the longest rates and volatility of the market',
  terms: perpetualTerms,
  example: { asset: 'BTC', type: 'put', strike: 70_000, quantity: 2 },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset: one, quantity: held }) => (held === 0 ? [] : [{ asset: one }]),
  edges: perpetualEdges,
  value: perpetualValue,
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { option } = perpetualAt(terms, market)
    const { price, exerciseBoundary } = perpetualAmerican(option)
    return finiteFigures({ priceUsd: price, exerciseBoundaryUsd: exerciseBoundary, volatility: option.volatility })
  },
  warnings: perpetualWarnings,
})
