// One account on a lending protocol: collateral less debt.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { defineInstrument } from '../define-instrument.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf } from '../market/market.ts'
import { assetTerm, fractionTerm, listTerm, optionalTerm, quantityTerm, rateTerm } from '../term-schemas.ts'

interface Leg {
  readonly asset: string
  readonly quantity: number
}

/** Legs of quantity 0 need no price: a listed but unused asset must not blind the account. */
const open = <L extends Leg>(legs: readonly L[]): readonly L[] => legs.filter((leg) => leg.quantity !== 0)
const scaledLegs = <L extends Leg>(legs: readonly L[], factor: number): L[] =>
  legs.map((leg) => ({ ...leg, quantity: leg.quantity * factor }))

/** Sums over legs in USD, each leg weighted. */
const usdOf = <L extends Leg>(legs: readonly L[], market: Market, weight: (leg: L) => number = () => 1): Usd =>
  open(legs).reduce((sum, leg) => sum + leg.quantity * priceOf(market, leg.asset) * weight(leg), 0)

export const loan = defineInstrument({
  kind: 'loan',
  family: 'lending',
  title: 'Lending account: collateral less debt',
  method: 'sum of legs at market; interest at the stated rates is theta.interest',
  terms: z.strictObject({
    collateral: listTerm(
      z.strictObject({
        asset: assetTerm('what is supplied'),
        quantity: quantityTerm('how much is supplied'),
        liquidationThreshold: fractionTerm(
          'part of its value that counts before liquidation; 0 if it is supplied but not used as collateral',
        ),
        rate: optionalTerm(rateTerm('interest earned')),
      }),
      'what is supplied',
    ),
    debt: listTerm(
      z.strictObject({
        asset: assetTerm('what is owed'),
        quantity: quantityTerm('how much is owed'),
        rate: optionalTerm(rateTerm('interest owed')),
      }),
      'what is owed',
    ),
  }),
  example: {
    collateral: [{ asset: 'wstETH', quantity: 400, liquidationThreshold: 0.8, rate: 0.001 }],
    debt: [{ asset: 'USDC', quantity: 600_000, rate: 0.05 }],
  },
  assets: ({ collateral, debt }) => [...new Set([...open(collateral), ...open(debt)].map((leg) => leg.asset))],
  scaled: ({ collateral, debt }, factor) => ({
    collateral: scaledLegs(collateral, factor),
    debt: scaledLegs(debt, factor),
  }),
  value: ({ collateral, debt }, market) => usdOf(collateral, market) - usdOf(debt, market),
  legs: ({ collateral, debt }) => [
    ...open(collateral).map(({ asset, quantity }) => ({ kind: 'holding' as const, asset, quantity })),
    ...open(debt).map(({ asset, quantity }) => ({ kind: 'holding' as const, asset, quantity: -quantity })),
  ],
  greeks: ({ collateral, debt }, market) =>
    heldGreeks([...open(collateral), ...open(debt).map((leg) => ({ ...leg, quantity: -leg.quantity }))], market),
  details: ({ collateral, debt }, market) => {
    const [collateralUsd, debtUsd] = [usdOf(collateral, market), usdOf(debt, market)]
    const counted = usdOf(collateral, market, ({ liquidationThreshold }) => liquidationThreshold)
    return {
      collateralUsd,
      debtUsd,
      // Without debt there is none: it is absent, not infinite. At market prices; a protocol asks its own oracles.
      ...(debtUsd > 0 ? { healthFactor: counted / debtUsd } : {}),
      ...(collateralUsd > 0 ? { loanToValueRatio: debtUsd / collateralUsd } : {}),
    }
  },
})
