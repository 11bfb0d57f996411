// An option that may be exercised at any time until it expires, settled in dollars.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { fivePointBend, fivePointSlope, neighbours } from '../../quant/five-point.ts'
import { type AmericanValue, andersenLake } from '../../quant/options/andersen-lake.ts'
import { blackScholesPrice } from '../../quant/options/black.ts'
import type { CollocationScheme } from '../../quant/options/collocation.ts'
import { NO_DEVIATION, type VanillaParams } from '../../quant/options/lognormal.ts'
import { hasTwoBoundaries, twoBoundaryAmerican } from '../../quant/options/two-boundary-american.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { bumpGreeks } from '../greeks/bump-greeks.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { forwardOf } from '../market/forwards.ts'
import type { Market } from '../market/market.ts'
import { type EuropeanTerms, expiredGreeks, intrinsic } from './european.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import { optionAssets, optionTerms, optionWarnings } from './option-terms.ts'
import { type ModelGreeks, smileGreeks } from './smile-greeks.ts'

function kernelOption({ type, strike }: EuropeanTerms, at: OptionMarket): VanillaParams {
  const { spot, time, rate, carry, volatility } = at
  return { kind: type, strike, spot, time, rate, carry, volatility }
}

/** To 1e-7 of the strike also where drift outweighs volatility: value has to join its intrinsic value at the exercise boundary. */
const scheme: CollocationScheme = {
  quadrature: 16,
  iterations: 40,
  tolerance: 1e-7,
  nodes: 12,
  priceQuadrature: 48,
  equation: 'auto',
  substitution: 'sine',
}

function kernel(option: VanillaParams): AmericanValue {
  return andersenLake({ ...option, scheme })
}

function americanPrice(option: VanillaParams): Usd {
  return hasTwoBoundaries(option) ? twoBoundaryAmerican(option) : kernel(option).price
}

/** USD, at the volatility of its strike; once expired, its settlement price's intrinsic value, else the spot's. */
function americanOptionValue(terms: EuropeanTerms, market: Market): Usd {
  if (terms.quantity === 0) return 0
  const at = optionMarket(market, terms)
  if (at.isExpired) return terms.quantity * intrinsic(terms, terms.settlementPrice ?? at.spot)
  return terms.quantity * americanPrice(kernelOption(terms, at))
}

/** Relative step in volatility, and step in rates per year. */
const volatilityStep = 1 / 256
const rateStep = 1e-3

/** Delta, gamma and theta of the kernel, the rest by differences of its price and delta. */
function modelGreeks(option: VanillaParams): ModelGreeks {
  const { volatility, rate, carry } = option
  const value = kernel(option)
  const h = volatility * volatilityStep
  const bumped = neighbours.map((steps) => kernel({ ...option, volatility: volatility + steps * h }))
  const prices = bumped.map(({ price }) => price)
  const along = (inRate: 0 | 1, inCarry: 0 | 1) =>
    fivePointSlope(
      neighbours.map((steps) =>
        americanPrice({ ...option, rate: rate + inRate * steps * rateStep, carry: carry + inCarry * steps * rateStep }),
      ),
      rateStep,
    )
  // Exercise at once may begin just where the yield passes 0: a kink in the carry, of which the two rates together know nothing.
  const carryRho = along(0, 1)
  return {
    delta: value.delta,
    gamma: value.gamma,
    theta: value.theta,
    vega: fivePointSlope(prices, h),
    volga: fivePointBend(prices, value.price, h),
    vanna: fivePointSlope(
      bumped.map(({ delta }) => delta),
      h,
    ),
    rho: along(1, 1),
    discountRho: along(1, 0),
    carryRho,
  }
}

function americanOptionGreeks(terms: EuropeanTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = optionMarket(market, terms)
  if (at.isExpired) return expiredGreeks(terms, at)
  const option = kernelOption(terms, at)
  const isPlain = !hasTwoBoundaries(option) && at.volatility * Math.sqrt(at.time) > NO_DEVIATION
  if (isPlain) {
    const model = modelGreeks(option)
    return smileGreeks({ quantity: terms.quantity, expiry: terms.expiry, at, model, market })
  }
  return bumpGreeks({
    value: (bumped) => americanOptionValue(terms, bumped),
    assets: optionAssets(terms),
    optionality: [terms],
    edges: americanEdges(terms, market),
    market,
  })
}

/** Gamma jumps where it is exercised; without time or volatility the strike is a kink. */
function americanEdges(terms: EuropeanTerms, market: Market): Edges {
  const at = optionMarket(market, terms)
  const { underlying, assetRate, time, volatility } = at
  if (time * volatility === 0) return { [underlying]: [terms.strike / assetRate] }
  const option = kernelOption(terms, at)
  if (hasTwoBoundaries(option)) return {}
  const { exerciseBoundary } = kernel(option)
  return exerciseBoundary === undefined ? {} : { [underlying]: [exerciseBoundary / assetRate] }
}

function details(terms: EuropeanTerms, market: Market): Readonly<Record<string, number>> {
  if (terms.quantity === 0) return {}
  const at = optionMarket(market, terms)
  const { volatility, time } = at
  const option = kernelOption(terms, at)
  const price = at.isExpired ? undefined : americanPrice(option)
  const boundary = at.isExpired || hasTwoBoundaries(option) ? undefined : kernel(option).exerciseBoundary
  return {
    forwardUsd: forwardOf(market, terms.asset, terms.expiry),
    volatility,
    years: time,
    ...(price === undefined ? {} : { priceUsd: price, earlyExercisePremiumUsd: price - blackScholesPrice(option) }),
    ...(boundary === undefined ? {} : { exerciseBoundaryUsd: boundary }),
  }
}

function exerciseWarnings(terms: EuropeanTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = optionMarket(market, terms)
  if (at.isExpired) return []
  const option = kernelOption(terms, at)
  const isWorthExercising = intrinsic(terms, at.spot) > 0 && americanPrice(option) <= intrinsic(terms, at.spot)
  return [
    ...(isWorthExercising ? ['exercise is worth more than waiting: valued at intrinsic value'] : []),
    ...(hasTwoBoundaries(option) ? ['the rates give it two exercise boundaries: valued on a lattice'] : []),
  ]
}

export const americanOption = defineInstrument({
  kind: 'american-option',
  family: 'option',
  title: 'American option, settled in dollars',
  method:
    'Andersen, Lake & Offengenden 2016 at the volatility of its strike; delta, gamma and theta in closed form, the rest by differences',
  terms: z.strictObject(optionTerms()),
  example: { asset: 'ETH', type: 'put', strike: 3_000, expiry: '2027-03-26T08:00:00Z', quantity: 50 },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: americanEdges,
  value: americanOptionValue,
  greeks: americanOptionGreeks,
  details,
  warnings: (terms, market) => [...optionWarnings(terms, market), ...exerciseWarnings(terms, market)],
})
