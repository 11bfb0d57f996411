// A perpetual future whose profit is paid in dollars or a stablecoin.

import * as z from '../../base/schema.ts'
import { linearLiquidation } from '../../quant/margin-tiers.ts'
import { fundingCarry, linearPerpetual } from '../../quant/perpetual.ts'
import { defineInstrument } from '../define-instrument.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { assetTerm, optionalTerm, priceTerm, signedTerm } from '../term-schemas.ts'
import {
  type Account,
  accountLegs,
  accountUsd,
  countedApart,
  type MarginTerms,
  marginTerms,
  openMargin,
  scaledMargin,
  tiersRise,
} from './margin.ts'
import {
  fundingWarnings,
  knownFunding,
  markRatio,
  type PerpetualContract,
  perpetualDetails,
  perpetualWarnings,
  type SafeMarks,
} from './perpetual-contract.ts'

export interface LinearPerpTerms extends MarginTerms {
  readonly asset: string
  readonly settlement?: string | undefined
  /** Units of the asset. */
  readonly quantity: number
  readonly entryPrice: number
  readonly accruedFunding?: number | undefined
}

/** Mark and prices in the unit of settlement. @throws HomeostatError `no-price` */
export function linearMark({ asset, settlement }: LinearPerpTerms, market: Market) {
  const settlementUsd = settlement === undefined ? 1 : priceOf(market, settlement)
  const markUsd = priceOf(market, asset) * markRatio(market, asset)
  return { mark: markUsd / settlementUsd, markUsd, settlementUsd }
}

/** Margin and funding that is not yet settled. */
function accountOf(terms: LinearPerpTerms): Account {
  const { settlement, accruedFunding = 0 } = terms
  if (settlement === undefined) return { held: openMargin(terms), cash: accruedFunding }
  const accrued = accruedFunding === 0 ? [] : [{ asset: settlement, quantity: accruedFunding }]
  return { held: [...openMargin(terms), ...accrued], cash: 0 }
}

function profitUsd(terms: LinearPerpTerms, market: Market): number {
  if (terms.quantity === 0) return 0
  const { mark, settlementUsd } = linearMark(terms, market)
  return linearPerpetual({ size: terms.quantity, entry: terms.entryPrice, mark }).profit * settlementUsd
}

/** The contract as what it holds and owes: q (1 + premium) of the asset against q x entry of what settles it. */
function exposure(terms: LinearPerpTerms, market: Market): Account {
  const { asset, settlement, quantity, entryPrice } = terms
  if (quantity === 0) return { held: [], cash: 0 }
  const long = { asset, quantity: quantity * markRatio(market, asset) }
  const paid = -quantity * entryPrice
  if (settlement === undefined) return { held: [long], cash: paid }
  return { held: [long, { asset: settlement, quantity: paid }], cash: 0 }
}

function fundingPerYear({ asset, quantity }: LinearPerpTerms, market: Market): number | undefined {
  const rate = knownFunding(market, asset)
  if (rate === undefined) return undefined
  const notional = quantity * priceOf(market, asset) * markRatio(market, asset)
  return fundingCarry({ notional, ratePerYear: rate, years: 1 })
}

/** Marks in USD; collateral in the asset moves along, everything else stays. */
function safeMarks(terms: LinearPerpTerms, market: Market): SafeMarks | undefined {
  const { asset, quantity, entryPrice, maintenance: tiers } = terms
  if (tiers === undefined) return undefined
  const { underlying, rate } = rateOf(market, asset)
  const { settlementUsd } = linearMark(terms, market)
  const { units, usd } = countedApart(accountOf(terms), market, underlying)
  const safe = linearLiquidation({
    size: quantity,
    entry: entryPrice,
    margin: usd / settlementUsd,
    tiers,
    collateralUnits: units / rate / markRatio(market, asset),
  })
  if (safe.kind === 'nowhere') return { lowerUsd: undefined, upperUsd: undefined }
  const inUsd = (price: number | undefined) => (price === undefined ? undefined : price * settlementUsd)
  return { lowerUsd: inUsd(safe.lower), upperUsd: inUsd(safe.upper) }
}

function contractOf(terms: LinearPerpTerms, market: Market): PerpetualContract {
  const { mark, markUsd, settlementUsd } = linearMark(terms, market)
  const { profit, notional } = linearPerpetual({ size: terms.quantity, entry: terms.entryPrice, mark })
  const funding = fundingPerYear(terms, market)
  return {
    markUsd,
    settlementUsd,
    profit,
    notional,
    entryNotional: Math.abs(terms.quantity) * terms.entryPrice,
    fundingPerYear: funding === undefined ? undefined : funding / settlementUsd,
    safe: safeMarks(terms, market),
  }
}

const all = (terms: LinearPerpTerms, market: Market) => ({
  contract: contractOf(terms, market),
  account: accountOf(terms),
  tiers: terms.maintenance,
  market,
})

export const linearPerp = defineInstrument({
  kind: 'linear-perp',
  family: 'perpetual',
  title: 'Perpetual future, paid in dollars or a stablecoin',
  method: 'margin + quantity x (mark - entry), mark = spot x (1 + premium); funding above 0: long pays',
  terms: z
    .strictObject({
      asset: assetTerm('what it is a future on'),
      settlement: optionalTerm(assetTerm('what profit is paid in and prices are told in; without it US dollars')),
      quantity: signedTerm('size; below 0 is short'),
      entryPrice: priceTerm('average price of entry', 'settlement per unit of the asset'),
      accruedFunding: optionalTerm(
        signedTerm('funding received and not yet settled; below 0 is owed', 'units of settlement'),
      ),
      ...marginTerms('units of settlement'),
    })
    .check(tiersRise),
  example: {
    asset: 'ETH',
    settlement: 'USDC',
    quantity: -100,
    entryPrice: 2_940,
    accruedFunding: 310,
    margin: [
      { asset: 'USDC', quantity: 50_000 },
      { asset: 'WBTC', quantity: 0.4, haircut: 0.05 },
    ],
    maintenance: [
      { floor: 0, rate: 0.005 },
      { floor: 1_000_000, rate: 0.01 },
    ],
  },
  assets: (terms) => {
    const { asset, settlement, quantity } = terms
    const contract = quantity === 0 ? [] : settlement === undefined ? [asset] : [asset, settlement]
    return [...new Set([...contract, ...accountOf(terms).held.map((leg) => leg.asset)])]
  },
  scaled: (terms, factor) => ({
    ...terms,
    quantity: terms.quantity * factor,
    ...(terms.accruedFunding === undefined ? {} : { accruedFunding: terms.accruedFunding * factor }),
    ...scaledMargin(terms, factor),
  }),
  value: (terms, market) => accountUsd(accountOf(terms), market) + profitUsd(terms, market),
  legs: (terms, market) => [...accountLegs(accountOf(terms)), ...accountLegs(exposure(terms, market))],
  greeks: (terms, market) => {
    const held = heldGreeks([...accountOf(terms).held, ...exposure(terms, market).held], market)
    const funding = terms.quantity === 0 ? 0 : (fundingPerYear(terms, market) ?? 0)
    return { ...held, theta: { ...held.theta, funding } }
  },
  details: (terms, market) => (terms.quantity === 0 ? {} : perpetualDetails(all(terms, market))),
  warnings: (terms, market) =>
    terms.quantity === 0 ? [] : [...fundingWarnings(market, terms.asset), ...perpetualWarnings(all(terms, market))],
})
