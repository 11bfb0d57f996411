// An option on the average price over a time or at dates, by formula, by equation or by simulation.

import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import {
  type AverageLaw,
  arithmeticLaw,
  type ContinuousAsian,
  type DiscreteAsian,
  discreteArithmeticLaw,
  discreteGeometricAsian,
  fixingVariances,
  kemnaVorstAsian,
  levyAsian,
  matchedMomentsError,
  turnbullWakemanAsian,
} from '../../quant/options/asian.ts'
import { type AsianEstimate, monteCarloAsian } from '../../quant/options/asian-monte-carlo.ts'
import { vecerAsian, vecerDiscreteAsian } from '../../quant/options/vecer-asian.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { forwardOf } from '../market/forwards.ts'
import type { Market } from '../market/market.ts'
import { strikeVolatility } from '../market/volatility.ts'
import { choiceTerm, optionalTerm, priceTerm, quantityTerm, signedTerm } from '../term-schemas.ts'
import {
  type AverageSoFar,
  type AveragingTerms,
  averageSince,
  averagingRules,
  averagingTerms,
  fixingsSince,
  yearsFrom,
} from './averaging.ts'
import { type EuropeanTerms, intrinsic } from './european.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import { optionAssets, optionTerms } from './option-terms.ts'
import { finiteFigures, lognormalAt, oneVolatilityWarnings, settlementWarnings } from './path-option.ts'

interface AsianTerms extends EuropeanTerms, AveragingTerms {
  readonly method?: 'closed-form' | 'vecer' | 'monte-carlo' | undefined
  readonly paths?: number | undefined
  readonly seed?: number | undefined
}

/** Paths times fixings: a few seconds a value. */
const MOST_DRAWS = 2e7
/** From this share of the value on an error of the closed form is worth a warning. */
const ROUGH = 0.01

const isWhole = (number: number | undefined) => number === undefined || Number.isSafeInteger(number)

const asianTerms = z
  .strictObject({
    ...optionTerms(),
    settlementPrice: optionalTerm(
      priceTerm(
        'the average that the venue settled on once it has expired; without it what is known of it, and the spot',
      ),
    ),
    ...averagingTerms(),
    method: optionalTerm(
      choiceTerm(
        ['closed-form', 'vecer', 'monte-carlo'],
        'of an arithmetic average: matched moments (roughly: at the money to 0.2 % of the value at a deviation of 0.2, 1.3 % at 0.5, 5 % at 1, several times that out of the money), an equation (to 1e-6), or simulation; absent: closed-form',
      ),
    ),
    paths: optionalTerm(quantityTerm('for monte-carlo: pairs of paths', 'whole number, 100 to 1,000,000')),
    seed: optionalTerm(signedTerm('for monte-carlo: the same seed, the same value', 'whole number')),
  })
  .check(
    ...averagingRules,
    z.refine<AsianTerms>(
      ({ average, method }) => average === 'arithmetic' || (method ?? 'closed-form') === 'closed-form',
      {
        path: ['method'],
        message: 'must be closed-form for a geometric average, of which it is exact',
      },
    ),
    z.refine<AsianTerms>(({ method, fixings }) => method !== 'monte-carlo' || fixings !== undefined, {
      path: ['method'],
      message: 'must not be monte-carlo without fixings',
    }),
    z.refine<AsianTerms>(
      ({ method, seed, paths }) => [seed, paths].every((one) => (one !== undefined) === (method === 'monte-carlo')),
      { path: ['seed'], message: 'must be stated, as must paths, for monte-carlo, and only for that' },
    ),
    z.refine<AsianTerms>(({ seed }) => isWhole(seed), { path: ['seed'], message: 'must be a whole number' }),
    z.refine<AsianTerms>(({ paths = 100 }) => isWhole(paths) && paths >= 100 && paths <= 1e6, {
      path: ['paths'],
      message: 'must be a whole number from 100 to 1,000,000',
    }),
    z.refine<AsianTerms>(({ paths = 1, fixings = [] }) => paths * fixings.length <= MOST_DRAWS, {
      path: ['paths'],
      message: 'must be at most 20,000,000 together with the fixings: paths x fixings',
    }),
  )

/** What is known of the average, whatever it is taken over. */
function soFarOf(terms: AsianTerms, at: UnixSeconds, spot: Usd): AverageSoFar | undefined {
  const { averagingStart, fixings = [] } = terms
  if (averagingStart !== undefined) return averageSince({ ...terms, averagingStart }, at, spot)
  return fixingsSince({ ...terms, fixings }, at, spot).past
}

function continuousOf(terms: AsianTerms, start: UnixSeconds, market: Market, at: OptionMarket): ContinuousAsian {
  const { type: kind, strike, expiry } = terms
  const averageSoFar = averageSince({ ...terms, averagingStart: start }, market.at, at.spot)?.average
  // By the same subtraction as `at.time`, so that averaging from now on is not begun by a rounding.
  const averagingPeriod = start === market.at ? at.time : (expiry - start) / secondsPerYear
  return { ...lognormalAt(at), kind, strike, averagingPeriod, averageSoFar }
}

/** Each fixing at the volatility of the strike to its own date. */
function discreteOf(terms: AsianTerms, market: Market, at: OptionMarket): DiscreteAsian {
  const { type: kind, strike, asset, fixings = [] } = terms
  const { past, coming } = fixingsSince({ ...terms, fixings }, market.at, at.spot)
  const fixingVolatilities = coming.map((expiry) => strikeVolatility(market, { asset, strike, expiry }).volatility)
  return { ...lognormalAt(at), kind, strike, past, fixings: yearsFrom(market.at, coming), fixingVolatilities }
}

/** The same, total variance at the strike held where it falls from one fixing to the next, which no diffusion can follow. */
function rising(option: DiscreteAsian): DiscreteAsian {
  const { fixings, fixingVolatilities: stated = [] } = option
  let before = 0
  const fixingVolatilities = fixings.map((t, i) => {
    const own = stated[i] ?? option.volatility
    // The square of a root may be a rounding below.
    const volatility = own * own * t < before ? Math.sqrt(before / t) * (1 + 4 * Number.EPSILON) : own
    before = volatility * volatility * t
    return volatility
  })
  return { ...option, fixingVolatilities }
}

function estimateOf(terms: AsianTerms, option: DiscreteAsian): AsianEstimate {
  return monteCarloAsian({ ...rising(option), paths: terms.paths ?? 100, seed: terms.seed ?? 0 })
}

/** USD per option. */
function unitValue(terms: AsianTerms, market: Market): Usd {
  const { averagingStart, average, method = 'closed-form', settlementPrice } = terms
  const at = optionMarket(market, terms)
  if (at.isExpired) {
    const paidOn = settlementPrice ?? soFarOf(terms, market.at, at.spot)?.average ?? at.spot
    return intrinsic(terms, paidOn)
  }
  if (averagingStart !== undefined) {
    const option = continuousOf(terms, averagingStart, market, at)
    if (average === 'geometric') return kemnaVorstAsian(option)
    return method === 'vecer' ? vecerAsian(option).price : levyAsian(option)
  }
  const option = discreteOf(terms, market, at)
  if (average === 'geometric') return discreteGeometricAsian(option)
  if (method === 'monte-carlo') return estimateOf(terms, option).price
  return method === 'vecer' ? vecerDiscreteAsian(rising(option)).price : turnbullWakemanAsian(option)
}

/** Expired: the spot at which the average, as far as it follows the spot, is the strike. Alive it is smooth in the spot. */
function asianEdges(terms: AsianTerms, market: Market): Edges {
  const { underlying, assetRate, spot, isExpired } = optionMarket(market, terms)
  if (!isExpired || terms.settlementPrice !== undefined) return {}
  const { average = spot, shareOfSpot = 1 } = soFarOf(terms, market.at, spot) ?? {}
  if (shareOfSpot === 0) return {}
  const { strike } = terms
  const edge =
    terms.average === 'arithmetic'
      ? spot + (strike - average) / shareOfSpot
      : spot * Math.exp(Math.log(strike / average) / shareOfSpot)
  return edge > 0 ? { [underlying]: [edge / assetRate] } : {}
}

/** The arithmetic average in the model, per option on one unit, and the variance of the log price to its last price. */
function arithmeticOf(terms: AsianTerms, market: Market, at: OptionMarket): AverageLaw & { readonly variance: number } {
  const { averagingStart } = terms
  if (averagingStart !== undefined) {
    const law = arithmeticLaw(continuousOf(terms, averagingStart, market, at))
    return { ...law, variance: at.volatility * at.volatility * at.time }
  }
  const option = discreteOf(terms, market, at)
  const variances = fixingVariances('asian-option', option)
  return { ...discreteArithmeticLaw(option, variances), variance: variances.at(-1) ?? 0 }
}

/** USD per option, about; 0 for what is exact. */
function closedFormError(terms: AsianTerms, market: Market, at: OptionMarket): Usd {
  if (terms.average === 'geometric' || (terms.method ?? 'closed-form') !== 'closed-form') return 0
  const law = arithmeticOf(terms, market, at)
  return Math.exp(-at.rate * at.time) * matchedMomentsError(law, terms.strike, law.variance)
}

/** Standard errors are those of the position: delta's and gamma's in units of the underlying, at held volatilities. */
function simulationDetails(terms: AsianTerms, market: Market, at: OptionMarket): Readonly<Record<string, number>> {
  if (terms.method !== 'monte-carlo') return {}
  const { standardError, deltaStandardError, gammaStandardError } = estimateOf(terms, discreteOf(terms, market, at))
  const size = Math.abs(terms.quantity)
  return {
    standardErrorUsd: size * standardError,
    deltaStandardError: size * at.assetRate * deltaStandardError,
    gammaStandardError: size * at.assetRate * at.assetRate * gammaStandardError,
  }
}

function asianDetails(terms: AsianTerms, market: Market): Readonly<Record<string, number>> {
  const { asset, expiry, quantity, average, method = 'closed-form' } = terms
  const at = optionMarket(market, terms)
  if (quantity === 0 || at.isExpired) return {}
  const isArithmetic = average === 'arithmetic'
  const law = isArithmetic ? arithmeticOf(terms, market, at) : undefined
  return finiteFigures({
    forwardUsd: forwardOf(market, asset, expiry),
    volatility: at.volatility,
    years: at.time,
    averageSoFarUsd: soFarOf(terms, market.at, at.spot)?.average,
    expectedAverageUsd: law === undefined ? undefined : law.known + law.mean,
    closedFormErrorUsd:
      isArithmetic && method === 'closed-form' ? Math.abs(quantity) * closedFormError(terms, market, at) : undefined,
    ...simulationDetails(terms, market, at),
  })
}

/** Where the closed form is off by more than so much of the value, unless that is nothing against the strike. */
function roughnessWarnings(terms: AsianTerms, market: Market, at: OptionMarket): readonly string[] {
  const error = closedFormError(terms, market, at)
  const share = error / unitValue(terms, market)
  if (!(share > ROUGH && error > 1e-6 * terms.strike)) return []
  const about = share < 0.5 ? `about ${Number((100 * share).toPrecision(1))} %` : 'half or more'
  return [`the closed form may be off by ${about} of the value: method vecer is good to 1e-6`]
}

/** A day's prices more or less are no news; averages that end earlier than that are. */
const STALE_SECONDS = 86_400

function soFarWarnings(terms: AsianTerms, market: Market, spot: Usd): readonly string[] {
  const { averagingStart, averagedUntil, fixings = [], expiry } = terms
  const early = averagedUntil !== undefined && averagedUntil > market.at
  const { missing } = fixingsSince({ ...terms, fixings }, market.at, spot)
  const isStale =
    averagingStart !== undefined && Math.min(market.at, expiry) - (averagedUntil ?? averagingStart) > STALE_SECONDS
  return [
    ...(early ? ["the average so far reaches beyond the market's instant"] : []),
    ...(missing > 0
      ? [`fixings of the past that are not in the average so far are taken at the spot: ${missing}`]
      : []),
    ...(isStale ? ['prices of the past that are not in the average so far are taken at the spot'] : []),
  ]
}

function asianWarnings(terms: AsianTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = optionMarket(market, terms)
  const settled = at.isExpired && terms.settlementPrice !== undefined
  const expired = settled ? settlementWarnings(terms, market) : ['expired: settled on the average so far']
  const soFar = settled ? [] : soFarWarnings(terms, market, at.spot)
  if (at.isExpired) return [...expired, ...soFar]
  const byDate = terms.fixings !== undefined
  const isSimulated = terms.method === 'monte-carlo' || terms.method === 'vecer'
  const option = byDate && isSimulated ? discreteOf(terms, market, at) : undefined
  const isHeld =
    option !== undefined && rising(option).fixingVolatilities?.some((v, i) => v !== option.fixingVolatilities?.[i])
  return [
    ...settlementWarnings(terms, market),
    ...soFar,
    ...(isHeld ? ['total variance at the strike falls between fixings and was held for this method'] : []),
    ...oneVolatilityWarnings(at, market, { reach: 'around the strike', byDate }),
    ...roughnessWarnings(terms, market, at),
  ]
}

/** Volatility is that of the strike: to the expiry for a continuous average, to each date for fixings. */
export const asianOption = defineInstrument({
  kind: 'asian-option',
  family: 'option',
  title: 'Asian option: on the arithmetic or geometric average of prices, so far and to come',
  method:
    'Kemna & Vorst 1990 geometric; Levy 1992 and Turnbull & Wakeman 1991 arithmetic (rough), or Vecer 2002 (1e-6), or Monte Carlo given the geometric average (Curran 1994)',
  terms: asianTerms,
  example: {
    asset: 'BTC',
    type: 'call',
    strike: 88_000,
    expiry: '2027-03-26T08:00:00Z',
    quantity: 10,
    average: 'arithmetic',
    averagingStart: '2026-10-26T08:00:00Z',
    averageSoFar: 86_500,
    averagedUntil: '2026-11-24T08:00:00Z',
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: asianEdges,
  value: (terms, market) => (terms.quantity === 0 ? 0 : terms.quantity * unitValue(terms, market)),
  details: asianDetails,
  warnings: asianWarnings,
})
