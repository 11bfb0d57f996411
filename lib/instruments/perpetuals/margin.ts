// What is posted for a perpetual: several assets with haircuts, debts among them, and the tiers that they have to cover.

import * as z from '../../base/schema.ts'
import type { Ratio, Usd } from '../../base/units.ts'
import type { MarginTier } from '../../quant/margin-tiers.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import type { Leg } from '../revaluation/leg.ts'
import { assetTerm, fractionTerm, listTerm, optionalTerm, quantityTerm, rateTerm, signedTerm } from '../term-schemas.ts'

export interface MarginLeg {
  readonly asset: string
  /** Below 0 is owed. */
  readonly quantity: number
  readonly haircut?: Ratio | undefined
  readonly rate?: number | undefined
}

export interface MarginTerms {
  readonly margin?: readonly MarginLeg[] | undefined
  readonly maintenance?: readonly MarginTier[] | undefined
}

/** Fresh schemas for one instrument's terms. `notionalUnit` is that of the contract's profit. */
export function marginTerms(notionalUnit: string) {
  return {
    margin: optionalTerm(
      listTerm(
        z.strictObject({
          asset: assetTerm('what is posted'),
          quantity: signedTerm('how much is posted; below 0 is owed'),
          haircut: optionalTerm(fractionTerm('part of its value that does not count as equity; debts count in full')),
          rate: optionalTerm(rateTerm('interest earned, or owed on a debt')),
        }),
        'what is posted as margin; part of the value, and its delta counts',
      ),
    ),
    maintenance: optionalTerm(
      listTerm(
        z.strictObject({
          floor: quantityTerm('notional from which the rate holds', notionalUnit),
          rate: fractionTerm('maintenance margin of each further unit of notional', 'fraction, below 1'),
        }),
        'tiers of the maintenance margin; without them there is no liquidation price',
      ),
    ),
  }
}

/** What `marginTerms` cannot say of a single tier. */
export const tiersRise = z.refine<MarginTerms>(
  ({ maintenance: tiers }) =>
    tiers === undefined ||
    (tiers[0]?.floor === 0 &&
      tiers.every(({ floor, rate }, index) => {
        const before = tiers[index - 1]
        return rate < 1 && (before === undefined || (floor > before.floor && rate >= before.rate))
      })),
  {
    path: ['maintenance'],
    message: 'must start at floor 0, with floors that rise and rates that do not fall, below 1',
  },
)

/** Legs of quantity 0 need no price. */
export function openMargin({ margin = [] }: MarginTerms): readonly MarginLeg[] {
  return margin.filter(({ quantity }) => quantity !== 0)
}

/** `factor` times as much is posted; nothing is added to terms without a margin. */
export function scaledMargin({ margin }: MarginTerms, factor: number): { margin?: MarginLeg[] } {
  if (margin === undefined) return {}
  return { margin: margin.map((leg) => ({ ...leg, quantity: leg.quantity * factor })) }
}

/** An account beside its contract: margin and settled claims in assets, and in dollars. */
export interface Account {
  readonly held: readonly MarginLeg[]
  readonly cash: Usd
}

/** USD at the market, without haircuts. @throws HomeostatError `no-price` */
export function accountUsd({ held, cash }: Account, market: Market): Usd {
  return held.reduce((sum, { asset, quantity }) => sum + quantity * priceOf(market, asset), cash)
}

export function accountLegs({ held, cash }: Account): readonly Leg[] {
  return [
    ...held.map(({ asset, quantity }) => ({ kind: 'holding' as const, asset, quantity })),
    ...(cash === 0 ? [] : [{ kind: 'cash' as const, usd: cash }]),
  ]
}

/** What counts after haircuts, apart: units of one underlying, and USD of all others. Debts count in full. */
export function countedApart(
  { held, cash }: Account,
  market: Market,
  underlying: string,
): { readonly units: number; readonly usd: Usd } {
  let [units, usd] = [0, cash]
  for (const { asset, quantity, haircut = 0 } of held) {
    const counted = quantity > 0 ? quantity * (1 - haircut) : quantity
    const own = rateOf(market, asset)
    if (own.underlying === underlying) units += counted * own.rate
    else usd += counted * priceOf(market, asset)
  }
  return { units, usd }
}
