// One account on a lending protocol: collateral less debt.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { priceOf } from '../market/market.ts'
import { assetTerm, fractionTerm, listTerm, optionalTerm, quantityTerm, rateTerm } from '../term-schemas.ts'

interface Leg {
  readonly asset: string
  readonly quantity: number
}

/** Legs of quantity 0 need no price: a listed but unused asset must not blind the account. */
const open = <L extends Leg>(legs: readonly L[]): readonly L[] => legs.filter((leg) => leg.quantity !== 0)
const scaledLegs = <L extends Leg>(legs: readonly L[], factor: number): L[] =>
  legs.map((leg) => ({ ...leg, quantity: leg.quantity * factor }))

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
  value: ({ collateral, debt }, market) =>
    open(collateral).reduce((sum, leg) => sum + leg.quantity * priceOf(market, leg.asset), 0) -
    open(debt).reduce((sum, leg) => sum + leg.quantity * priceOf(market, leg.asset), 0),
  legs: ({ collateral, debt }) => [
    ...open(collateral).map(({ asset, quantity }) => ({ kind: 'holding' as const, asset, quantity })),
    ...open(debt).map(({ asset, quantity }) => ({ kind: 'holding' as const, asset, quantity: -quantity })),
  ],
  greeks: ({ collateral, debt }, market) =>
    heldGreeks([...open(collateral), ...open(debt).map((leg) => ({ ...leg, quantity: -leg.quantity }))], market),
})
