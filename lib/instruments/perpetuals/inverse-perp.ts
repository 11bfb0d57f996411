// A perpetual future on an asset whose profit is paid in that very asset.

import * as z from '../../base/schema.ts'
import { inverseLiquidation } from '../../quant/margin-tiers.ts'
import { fundingCarry, inversePerpetual } from '../../quant/perpetual.ts'
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

export interface InversePerpTerms extends MarginTerms {
  readonly asset: string
  /** USD. */
  readonly quantity: number
  readonly entryPrice: number
  readonly accruedFunding?: number | undefined
}

/** USD per coin. @throws HomeostatError `no-price` */
export function inverseMark({ asset }: InversePerpTerms, market: Market) {
  const spot = priceOf(market, asset)
  return { spot, mark: spot * markRatio(market, asset) }
}

function accountOf(terms: InversePerpTerms): Account {
  const { asset, accruedFunding = 0 } = terms
  const accrued = accruedFunding === 0 ? [] : [{ asset, quantity: accruedFunding }]
  return { held: [...openMargin(terms), ...accrued], cash: 0 }
}

function profitUsd(terms: InversePerpTerms, market: Market): number {
  if (terms.quantity === 0) return 0
  const { spot, mark } = inverseMark(terms, market)
  return inversePerpetual({ size: terms.quantity, entry: terms.entryPrice, mark }).profit * spot
}

/** q (1/entry - 1/mark) coins at the spot: q/entry coins against q/(1 + premium) dollars. */
function exposure(terms: InversePerpTerms, market: Market): Account {
  const { asset, quantity, entryPrice } = terms
  if (quantity === 0) return { held: [], cash: 0 }
  return { held: [{ asset, quantity: quantity / entryPrice }], cash: -quantity / markRatio(market, asset) }
}

/** Coins per year on the notional of q / mark coins. */
function fundingPerYear({ asset, quantity }: InversePerpTerms, market: Market): number | undefined {
  const rate = knownFunding(market, asset)
  if (rate === undefined) return undefined
  const notional = quantity / markRatio(market, asset) / priceOf(market, asset)
  return fundingCarry({ notional, ratePerYear: rate, years: 1 })
}

/** Collateral in the coin is constant in coins; everything else is constant in dollars. */
function safeMarks(terms: InversePerpTerms, market: Market): SafeMarks | undefined {
  const { asset, quantity, entryPrice, maintenance: tiers } = terms
  if (tiers === undefined) return undefined
  const { underlying, rate } = rateOf(market, asset)
  const { units, usd } = countedApart(accountOf(terms), market, underlying)
  const safe = inverseLiquidation({
    size: quantity,
    entry: entryPrice,
    margin: units / rate,
    tiers,
    collateralUnits: usd * markRatio(market, asset),
  })
  return safe.kind === 'nowhere'
    ? { lowerUsd: undefined, upperUsd: undefined }
    : { lowerUsd: safe.lower, upperUsd: safe.upper }
}

function contractOf(terms: InversePerpTerms, market: Market): PerpetualContract {
  const { spot, mark } = inverseMark(terms, market)
  const { profit, notional } = inversePerpetual({ size: terms.quantity, entry: terms.entryPrice, mark })
  return {
    markUsd: mark,
    settlementUsd: spot,
    profit,
    notional,
    entryNotional: Math.abs(terms.quantity) / terms.entryPrice,
    fundingPerYear: fundingPerYear(terms, market),
    safe: safeMarks(terms, market),
  }
}

const all = (terms: InversePerpTerms, market: Market) => ({
  contract: contractOf(terms, market),
  account: accountOf(terms),
  tiers: terms.maintenance,
  market,
})

export const inversePerp = defineInstrument({
  kind: 'inverse-perp',
  family: 'perpetual',
  title: 'Inverse perpetual future, paid in coin',
  method: 'margin + quantity x (1/entry - 1/mark) coins, mark = spot x (1 + premium); funding above 0: long pays',
  terms: z
    .strictObject({
      asset: assetTerm('what it is a future on, and what profit is paid in'),
      quantity: signedTerm('size: contracts x contract value; below 0 is short', 'USD'),
      entryPrice: priceTerm('average price of entry (harmonic mean of the fills)'),
      accruedFunding: optionalTerm(signedTerm('funding received and not yet settled; below 0 is owed')),
      ...marginTerms('units of the asset'),
    })
    .check(tiersRise),
  example: {
    asset: 'BTC',
    quantity: 250_000,
    entryPrice: 84_000,
    margin: [{ asset: 'BTC', quantity: 0.8 }],
    maintenance: [
      { floor: 0, rate: 0.005 },
      { floor: 100, rate: 0.01 },
    ],
  },
  assets: (terms) => [
    ...new Set([...(terms.quantity === 0 ? [] : [terms.asset]), ...accountOf(terms).held.map((leg) => leg.asset)]),
  ],
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
    const coins = terms.quantity === 0 ? 0 : (fundingPerYear(terms, market) ?? 0)
    const funding = coins === 0 ? 0 : coins * priceOf(market, terms.asset)
    return { ...held, theta: { ...held.theta, funding } }
  },
  details: (terms, market) =>
    terms.quantity === 0
      ? {}
      : {
          ...perpetualDetails(all(terms, market)),
          unrealisedProfitCoin: contractOf(terms, market).profit,
        },
  warnings: (terms, market) =>
    terms.quantity === 0 ? [] : [...fundingWarnings(market, terms.asset), ...perpetualWarnings(all(terms, market))],
})
