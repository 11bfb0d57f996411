// One account on a lending protocol: collateral less debt.

import * as z from '../base/schema.ts'
import { defineInstrument } from './define-instrument.ts'
import { priceOf, rateOf } from './market.ts'
import { assetTerm, fractionTerm, listTerm, quantityTerm } from './term-schemas.ts'

interface Leg {
  readonly asset: string
  readonly quantity: number
}

/** Legs of quantity 0 need no price: a listed but unused asset must not blind the account. */
const open = <L extends Leg>(legs: readonly L[]): readonly L[] => legs.filter((leg) => leg.quantity !== 0)

export const loan = defineInstrument({
  kind: 'loan',
  title: 'Lending account (collateral and debt)',
  terms: z.object({
    collateral: listTerm(
      z.object({
        asset: assetTerm,
        quantity: quantityTerm,
        /** Fraction of its value that counts before liquidation; 0 if it is supplied but not used as collateral. */
        liquidationThreshold: fractionTerm,
      }),
    ),
    debt: listTerm(z.object({ asset: assetTerm, quantity: quantityTerm })),
  }),
  assets: ({ collateral, debt }) => [...new Set([...open(collateral), ...open(debt)].map((leg) => leg.asset))],
  value: ({ collateral, debt }, market) =>
    open(collateral).reduce((sum, leg) => sum + leg.quantity * priceOf(market, leg.asset), 0) -
    open(debt).reduce((sum, leg) => sum + leg.quantity * priceOf(market, leg.asset), 0),
  greeks: ({ collateral, debt }, market) => {
    const delta: Record<string, number> = {}
    const add = (symbol: string, quantity: number) => {
      const { underlying, rate } = rateOf(market, symbol)
      delta[underlying] = (delta[underlying] ?? 0) + quantity * rate
    }
    for (const leg of open(collateral)) add(leg.asset, leg.quantity)
    for (const leg of open(debt)) add(leg.asset, -leg.quantity)
    return { delta, gamma: {} }
  },
})
