// Shares of a vault by the standard of ERC-4626: each is worth so much of the vault's asset, which is looked through in turn.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { noGreeks } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import {
  assetTerm,
  fractionTerm,
  instantTerm,
  optionalTerm,
  priceTerm,
  quantityTerm,
  rateTerm,
  signedTerm,
} from '../term-schemas.ts'
import { type StalenessRule, stalenessOf, stalenessTerm } from './staleness-haircut.ts'

/** A share price is read from the chain with every snapshot: a day without one is late. */
const defaultStaleness: StalenessRule = { expectedDays: 1, perDay: 0.005, cap: 0.25 }

interface VaultTerms {
  readonly asset: string
  readonly shares: number
  readonly sharePrice?: number | undefined
  readonly sharePriceAsOf?: number | undefined
  readonly rate?: number | undefined
  readonly entryFee?: number | undefined
  readonly exitFee?: number | undefined
  readonly maxRedeem?: number | undefined
  readonly staleness?: StalenessRule | undefined
}

const holdingOf = ({ asset, shares, sharePrice = 1, rate }: VaultTerms) => ({
  asset,
  quantity: shares * sharePrice,
  rate,
})

function ageOf({ asset, sharePrice, sharePriceAsOf, staleness = defaultStaleness }: VaultTerms, market: Market) {
  const asOf = sharePrice === undefined ? rateOf(market, asset).asOf : sharePriceAsOf
  return asOf === undefined ? undefined : stalenessOf(staleness, { asOf, at: market.at })
}

/** What can be had at once, after the fee: ERC-4626's maxRedeem and previewRedeem. A short position has nothing to redeem. */
function redeemable(terms: VaultTerms, usdPerShare: number) {
  const shares = Math.max(0, Math.min(terms.shares, terms.maxRedeem ?? Number.POSITIVE_INFINITY))
  return { redeemableShares: shares, redeemableUsd: shares * usdPerShare * (1 - (terms.exitFee ?? 0)) }
}

export const vaultShare = defineInstrument({
  kind: 'vault-share',
  family: 'holding',
  title: 'Vault shares (ERC-4626)',
  method: 'shares x share price x price of the asset (convertToAssets); fees and limits of leaving in details',
  terms: z
    .strictObject({
      asset: assetTerm("the vault's asset; without a sharePrice the share itself, whose rate the market knows"),
      shares: signedTerm('shares held; below 0 is short', 'shares'),
      sharePrice: optionalTerm(
        priceTerm('what a share is worth (convertToAssets)', "units of the vault's asset per share"),
      ),
      sharePriceAsOf: optionalTerm(instantTerm('when the sharePrice was true')),
      rate: optionalTerm(rateTerm('how fast the share price grows, beyond what the market knows of the asset')),
      entryFee: optionalTerm(fractionTerm('part of a deposit that is kept')),
      exitFee: optionalTerm(fractionTerm('part of a redemption that is kept')),
      maxRedeem: optionalTerm(quantityTerm('how much can be redeemed at once (maxRedeem)', 'shares')),
      staleness: stalenessTerm('the share price, told in details and warnings', defaultStaleness),
    })
    .check(
      z.refine((terms) => terms.sharePriceAsOf === undefined || terms.sharePrice !== undefined, {
        path: ['sharePriceAsOf'],
        message: 'must stand beside a sharePrice',
      }),
    ),
  example: { asset: 'USDC', shares: 900_000, sharePrice: 1.083, rate: 0.061, exitFee: 0.0005, maxRedeem: 400_000 },
  assets: ({ asset, shares }) => (shares === 0 ? [] : [asset]),
  scaled: (terms, factor) => ({ ...terms, shares: terms.shares * factor }),
  value: (terms, market) => {
    if (terms.shares === 0) return 0
    const { asset, quantity } = holdingOf(terms)
    return quantity * priceOf(market, asset)
  },
  legs: (terms) => {
    if (terms.shares === 0) return []
    const { asset, quantity } = holdingOf(terms)
    return [{ kind: 'holding', asset, quantity }]
  },
  greeks: (terms, market) => (terms.shares === 0 ? noGreeks : heldGreeks([holdingOf(terms)], market)),
  details: (terms, market) => {
    if (terms.shares === 0) return {}
    const usdPerShare = (terms.sharePrice ?? 1) * priceOf(market, terms.asset)
    const age = ageOf(terms, market)
    return {
      sharePriceUsd: usdPerShare,
      assetUnits: holdingOf(terms).quantity,
      ...redeemable(terms, usdPerShare),
      ...(terms.exitFee === undefined ? {} : { exitFeeUsd: terms.shares * usdPerShare * terms.exitFee }),
      ...(terms.entryFee === undefined || terms.entryFee === 1
        ? {}
        : { costToEnterUsd: (terms.shares * usdPerShare) / (1 - terms.entryFee) }),
      ...(age === undefined
        ? {}
        : {
            sharePriceAgeDays: age.ageDays,
            stalenessHaircutRatio: age.haircut,
            afterHaircutUsd: terms.shares * usdPerShare * (1 - age.haircut),
          }),
    }
  },
  warnings: (terms, market) => {
    if (terms.shares === 0) return []
    const age = ageOf(terms, market)
    return [
      ...(age !== undefined && age.haircut > 0
        ? [
            `the share price is ${age.ageDays.toFixed(1)} days old: a haircut of ${(100 * age.haircut).toFixed(2)} % is due, which the value does not contain`,
          ]
        : []),
      ...(terms.maxRedeem === 0 && terms.shares > 0 ? ['nothing can be redeemed at present'] : []),
    ]
  },
})
