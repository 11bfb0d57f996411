// A perpetual future on a power of a price: convexity without an expiry, paid for by funding.

import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import { powerPerpetual } from '../../quant/power-perpetual.ts'
import { defineInstrument } from '../define-instrument.ts'
import { expiryBucket } from '../greeks/expiry-bucket.ts'
import { addGreeks, type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { withTime } from '../market/bump.ts'
import { carryTo, forwardOf, interestTo, statesCarry } from '../market/forwards.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { assetVolatility, strikeVolatility } from '../market/volatility.ts'
import { assetTerm, choiceTerm, optionalTerm, priceTerm, quantityTerm, signedTerm } from '../term-schemas.ts'
import {
  type Account,
  accountUsd,
  countedApart,
  type MarginTerms,
  marginTerms,
  openMargin,
  scaledMargin,
  tiersRise,
} from './margin.ts'
import { type PerpetualContract, perpetualDetails, perpetualWarnings } from './perpetual-contract.ts'
import { powerLiquidation } from './power-liquidation.ts'

export interface PowerPerpTerms extends MarginTerms {
  readonly asset: string
  readonly power: number
  readonly scale?: number | undefined
  readonly quantity: number
  readonly entryPrice?: number | undefined
  readonly fundingConvention: 'discrete' | 'continuous'
  readonly fundingDays: number
  readonly accruedFunding?: number | undefined
}

const accountOf = (terms: PowerPerpTerms): Account => ({ held: openMargin(terms), cash: terms.accruedFunding ?? 0 })

/** The model at the volatility, rate and carry of one funding period from now, at the money. @throws HomeostatError `no-price`, `no-volatility` */
export function powerMark(terms: PowerPerpTerms, market: Market) {
  const { asset, power, scale = 1, fundingConvention, fundingDays } = terms
  const { underlying } = rateOf(market, asset)
  const horizon = market.at + fundingDays * 86_400
  const S = priceOf(market, asset)
  const smile = strikeVolatility(market, { asset, strike: forwardOf(market, asset, horizon), expiry: horizon })
  const model = powerPerpetual({
    S,
    p: power,
    sigma: smile.volatility,
    r: interestTo(market, horizon),
    b: carryTo(market, underlying, horizon),
    f: (fundingDays * 86_400) / secondsPerYear,
    funding: fundingConvention,
  })
  return { S, smile, model, scale, markUsd: scale * model.mark }
}

function contractUsd(terms: PowerPerpTerms, market: Market): number {
  if (terms.quantity === 0) return 0
  return terms.quantity * (powerMark(terms, market).markUsd - (terms.entryPrice ?? 0))
}

/**
 * The volatility is that at the money: under sticky strike it moves along the smile by d ln S, under sticky delta it stays. Total derivatives by the chain
 * rule from the model's partial ones.
 */
function contractGreeks(terms: PowerPerpTerms, market: Market): Greeks {
  const { underlying, rate } = rateOf(market, terms.asset)
  const { S, smile, model, scale } = powerMark(terms, market)
  const isSticky = assetVolatility(market, underlying).dynamics === 'sticky-strike'
  const slopeS = isSticky ? smile.slope / S : 0
  const bendS = isSticky ? (smile.bend - smile.slope) / (S * S) : 0
  const vanna = (terms.power * model.vega) / S
  const q = terms.quantity * scale
  const delta = model.delta + model.vega * slopeS
  const gamma = model.gamma + 2 * vanna * slopeS + model.volga * slopeS * slopeS + model.vega * bendS
  return {
    ...noGreeks,
    delta: { [underlying]: q * rate * delta },
    gamma: { [underlying]: q * rate * rate * gamma },
    vega: { [underlying]: { [expiryBucket(undefined)]: q * model.vega } },
    vanna: { [underlying]: q * rate * (vanna + model.volga * slopeS) },
    volga: { [underlying]: q * model.volga },
    rho: q * (statesCarry(market, underlying) ? model.rho : model.rho + model.carryRho),
    carryRho: { [underlying]: q * model.carryRho },
    theta: { ...noTheta, decay: roll(terms, market), funding: q * model.theta },
  }
}

/** The mark does not age; what time does is to move its horizon along the curves of volatility and rates. By a central difference, USD per year. */
function roll(terms: PowerPerpTerms, market: Market): number {
  const seconds = 600
  const at = (shift: number) => contractUsd(terms, withTime(market, market.at + shift))
  return ((at(seconds) - at(-seconds)) / (2 * seconds)) * secondsPerYear
}

function contractOf(terms: PowerPerpTerms, market: Market): PerpetualContract {
  const { markUsd, model, scale } = powerMark(terms, market)
  const size = Math.abs(terms.quantity)
  return {
    markUsd,
    settlementUsd: 1,
    profit: contractUsd(terms, market),
    notional: size * markUsd,
    entryNotional: size * (terms.entryPrice ?? 0),
    fundingPerYear: terms.quantity * scale * model.theta,
    safe: undefined,
  }
}

const all = (terms: PowerPerpTerms, market: Market) => ({
  contract: contractOf(terms, market),
  account: accountOf(terms),
  tiers: terms.maintenance,
  market,
})

/** Spots, not marks: the power is undone. */
function liquidationDetails(terms: PowerPerpTerms, market: Market): Readonly<Record<string, number>> {
  if (terms.maintenance === undefined) return {}
  const { underlying, rate } = rateOf(market, terms.asset)
  const { units, usd } = countedApart(accountOf(terms), market, underlying)
  const { S, markUsd } = powerMark(terms, market)
  const { below, above } = powerLiquidation({
    S,
    mark: markUsd,
    power: terms.power,
    size: terms.quantity,
    entry: terms.entryPrice ?? 0,
    margin: usd,
    collateralUnits: units / rate,
    tiers: terms.maintenance,
  })
  const nearest = above === undefined || (below !== undefined && S / below < above / S) ? below : above
  return {
    ...(nearest === undefined ? {} : { liquidationPriceUsd: nearest, liquidationMoveRatio: nearest / S - 1 }),
    ...(below === undefined ? {} : { liquidationBelowUsd: below }),
    ...(above === undefined ? {} : { liquidationAboveUsd: above }),
  }
}

export const powerPerp = defineInstrument({
  kind: 'power-perp',
  family: 'perpetual',
  title: 'Power perpetual (Squeeth and the like)',
  method: 'White, Robinson, Koticha et al. 2021: mark of spot^power by its funding convention; closed-form Greeks',
  terms: z
    .strictObject({
      asset: assetTerm('what it is a power of'),
      power: signedTerm('the power', 'number'),
      scale: optionalTerm(
        priceTerm(
          'contract = scale x price^power (Squeeth: normalisation factor / 10,000); without it 1',
          'USD per USD^power',
        ),
      ),
      quantity: signedTerm('contracts held; below 0 is short', 'contracts'),
      entryPrice: optionalTerm(
        priceTerm('average price of entry; without it the contract is paid in full', 'USD per contract'),
      ),
      fundingConvention: choiceTerm(
        ['discrete', 'continuous'],
        'how mark - index is paid: in full once per period, or continuously at (mark - index) / period; discrete doubles the premium',
      ),
      fundingDays: quantityTerm('funding period (Squeeth: 17.5)', 'days'),
      accruedFunding: optionalTerm(signedTerm('funding received and not yet settled; below 0 is owed', 'USD')),
      ...marginTerms('USD'),
    })
    .check(tiersRise),
  example: {
    asset: 'BTC',
    power: 2,
    scale: 0.0001,
    quantity: -0.5,
    entryPrice: 830_000,
    fundingConvention: 'continuous',
    fundingDays: 17.5,
    margin: [{ asset: 'USDC', quantity: 300_000 }],
    maintenance: [{ floor: 0, rate: 0.1 }],
  },
  assets: (terms) => [
    ...new Set([...(terms.quantity === 0 ? [] : [terms.asset]), ...openMargin(terms).map(({ asset }) => asset)]),
  ],
  scaled: (terms, factor) => ({
    ...terms,
    quantity: terms.quantity * factor,
    ...(terms.accruedFunding === undefined ? {} : { accruedFunding: terms.accruedFunding * factor }),
    ...scaledMargin(terms, factor),
  }),
  optionality: ({ asset, quantity }) => (quantity === 0 ? [] : [{ asset }]),
  value: (terms, market) => accountUsd(accountOf(terms), market) + contractUsd(terms, market),
  greeks: (terms, market) => {
    const held = heldGreeks(openMargin(terms), market)
    return terms.quantity === 0 ? held : addGreeks([held, contractGreeks(terms, market)])
  },
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { model, scale, smile } = powerMark(terms, market)
    // What is paid in full has no entry to have earned something since.
    const { unrealisedProfitUsd, ...details } = perpetualDetails(all(terms, market))
    return {
      indexUsd: scale * model.index,
      premiumRatio: model.premium,
      volatility: smile.volatility,
      ...details,
      ...(terms.entryPrice === undefined || unrealisedProfitUsd === undefined ? {} : { unrealisedProfitUsd }),
      ...liquidationDetails(terms, market),
    }
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const { smile } = powerMark(terms, market)
    return [
      ...(smile.isExtrapolated ? ['the volatility is that of the nearest quoted expiry'] : []),
      ...perpetualWarnings(all(terms, market)),
    ]
  },
})
