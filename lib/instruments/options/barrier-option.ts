// An option that one barrier brings to life or ends, with a rebate, exercised at expiry or early.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { andersenLake } from '../../quant/options/andersen-lake.ts'
import { type BarrierParams, barrierValue, isBreached } from '../../quant/options/barrier.ts'
import { blackScholesPrice } from '../../quant/options/black.ts'
import { boyleLauBarrierValue } from '../../quant/options/boyle-lau.ts'
import { touchProbability } from '../../quant/options/first-passage.ts'
import { latticeBarrierValue } from '../../quant/options/lattice.ts'
import { hasTwoBoundaries, twoBoundaryAmerican } from '../../quant/options/two-boundary-american.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { forwardOf } from '../market/forwards.ts'
import type { Market } from '../market/market.ts'
import { strikeVolatility } from '../market/volatility.ts'
import { choiceTerm, optionalTerm, priceTerm, quantityTerm } from '../term-schemas.ts'
import {
  type Breach,
  breachWarnings,
  type MonitoringTerms,
  monitoringRules,
  monitoringTerms,
  monitoringWarnings,
  watchedLevel,
} from './barrier-monitoring.ts'
import { type EuropeanTerms, europeanEdges, europeanGreeks, intrinsic } from './european.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import { optionAssets, optionTerms } from './option-terms.ts'
import {
  finiteFigures,
  hasSides,
  lognormalAt,
  oneVolatilityWarnings,
  pathGreeks,
  settlementWarnings,
  sideEdges,
} from './path-option.ts'

const directions = ['down', 'up'] as const

const barrierTerms = z
  .strictObject({
    ...optionTerms(),
    barrier: priceTerm('level that brings it to life or ends it, touched at it or beyond'),
    direction: choiceTerm(directions, 'whether the barrier is touched from above (down) or from below (up)'),
    knock: choiceTerm(['in', 'out'], 'whether the touch brings it to life or ends it'),
    rebate: optionalTerm(
      quantityTerm(
        'paid by `out` at the touch, by `in` at expiry if there was no touch; absent: none',
        'USD per option',
      ),
    ),
    exercise: optionalTerm(choiceTerm(['european', 'american'], 'at expiry only, or at any time; absent: european')),
    lattice: optionalTerm(
      choiceTerm(
        ['ritchken', 'boyle-lau'],
        'how American exercise is valued: accurately, or as published tables of 400 steps have it; absent: ritchken',
      ),
    ),
    ...monitoringTerms(),
  })
  .check(
    z.refine(({ lattice, exercise }) => lattice === undefined || exercise === 'american', {
      path: ['lattice'],
      message: 'must not be stated unless exercise is american',
    }),
    ...monitoringRules,
  )

interface BarrierTerms extends EuropeanTerms, MonitoringTerms {
  readonly barrier: Usd
  readonly direction: 'down' | 'up'
  readonly knock: 'in' | 'out'
  readonly rebate?: number | undefined
  readonly exercise?: 'european' | 'american' | undefined
  readonly lattice?: 'ritchken' | 'boyle-lau' | undefined
}

/** Steps of the tables in Haug (1998). */
const TABULATED_STEPS = 400

function paramsOf(terms: BarrierTerms, at: OptionMarket): BarrierParams {
  const { type: kind, strike, direction, knock, rebate = 0 } = terms
  const barrier = watchedLevel(terms, at, terms.barrier, direction)
  return { ...lognormalAt(at), kind, strike, barrier, direction, knock, rebate }
}

/** Once expired the final price stands for the spot. */
function breachOf(terms: BarrierTerms, at: OptionMarket): Breach {
  if (terms.breachedAt !== undefined) return 'before'
  const { direction, barrier, settlementPrice } = terms
  const touched = at.isExpired
    ? isBreached({ direction, barrier, spot: settlementPrice ?? at.spot })
    : isBreached(paramsOf(terms, at))
  return touched ? 'now' : 'none'
}

function vanillaValue({ exercise, type: kind, strike }: BarrierTerms, at: OptionMarket): Usd {
  const option = { ...lognormalAt(at), kind, strike }
  if (exercise !== 'american') return blackScholesPrice(option)
  return hasTwoBoundaries(option) ? twoBoundaryAmerican(option) : andersenLake(option).price
}

/** An `out` rebate is paid at the touch: after it nothing is left. */
function expiredValue(terms: BarrierTerms, at: OptionMarket): Usd {
  const { knock, rebate = 0, settlementPrice } = terms
  const breach = breachOf(terms, at)
  if ((breach === 'none') === (knock === 'out')) return intrinsic(terms, settlementPrice ?? at.spot)
  return breach === 'before' ? 0 : rebate
}

/** USD per option, European: as if the spot were on that side of the barrier, wherever it is. */
function sideValue(terms: BarrierTerms, at: OptionMarket, breach: Breach): Usd {
  if (breach === 'none') return barrierValue({ ...paramsOf(terms, at), isContinued: true })
  return terms.knock === 'in' ? vanillaValue(terms, at) : (terms.rebate ?? 0)
}

/** USD per option. */
function unitValue(terms: BarrierTerms, at: OptionMarket): Usd {
  if (at.isExpired) return expiredValue(terms, at)
  if (terms.breachedAt !== undefined) return terms.knock === 'out' ? 0 : vanillaValue(terms, at)
  const params = paramsOf(terms, at)
  if (terms.exercise !== 'american') return barrierValue(params)
  const { lattice = 'ritchken', exercise } = terms
  return lattice === 'ritchken'
    ? latticeBarrierValue({ ...params, exercise })
    : boyleLauBarrierValue({ ...params, exercise, steps: TABULATED_STEPS })
}

function barrierOptionValue(terms: BarrierTerms, market: Market): Usd {
  return terms.quantity === 0 ? 0 : terms.quantity * unitValue(terms, optionMarket(market, terms))
}

/** The barrier as it is watched; without time or volatility also where the forward, or the final price, meets strike and barrier. */
function barrierEdges(terms: BarrierTerms, market: Market): Edges {
  const at = optionMarket(market, terms)
  const { underlying, assetRate, time, volatility, carry, isExpired } = at
  if (isExpired && terms.settlementPrice !== undefined) return {}
  if (terms.breachedAt !== undefined) return terms.knock === 'out' ? {} : europeanEdges(terms, market)
  const { strike, barrier, direction } = terms
  const level = isExpired ? barrier : watchedLevel(terms, at, barrier, direction)
  const onForward = time * volatility === 0 ? [strike, level].map((price) => price * Math.exp(-carry * time)) : []
  return { [underlying]: [level, ...onForward].map((price) => price / assetRate) }
}

/** Black's, once it is a European option; else differences, where there are none of early exercise those of the side on which the spot is. */
function barrierGreeks(terms: BarrierTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = optionMarket(market, terms)
  const breach = breachOf(terms, at)
  const isEuropean = terms.exercise !== 'american' && !at.isExpired
  if (isEuropean && terms.knock === 'in' && breach !== 'none') return europeanGreeks(terms, market)
  const isKnockedOut = terms.knock === 'out' && breach === 'now'
  if (breach !== 'before' && hasSides(at) && (isEuropean || isKnockedOut)) {
    const value = (bumped: Market) => terms.quantity * sideValue(terms, optionMarket(bumped, terms), breach)
    return pathGreeks({ terms, value, edges: sideEdges(at), market })
  }
  const edges = barrierEdges(terms, market)
  // The lattice knows the limit without volatility, but not what lies close to it.
  const isSure = terms.exercise === 'american' && at.volatility === 0
  return pathGreeks({ terms, value: (bumped) => barrierOptionValue(terms, bumped), edges, isSure, market })
}

/** Risk-neutral, of the barrier as it is watched, until expiry; absent without volatility. */
function touchProbabilityOf(terms: BarrierTerms, at: OptionMarket): number | undefined {
  const { barrier, spot, carry, volatility, time, direction } = paramsOf(terms, at)
  if (breachOf(terms, at) !== 'none') return 1
  const s = volatility * Math.sqrt(time)
  if (s === 0) return undefined
  const drift = (carry - 0.5 * volatility * volatility) * time
  return touchProbability(Math.log(barrier / spot) / s, drift / s, direction === 'down' ? 1 : -1)
}

function barrierDetails(terms: BarrierTerms, market: Market): Readonly<Record<string, number>> {
  const { asset, barrier, expiry, direction } = terms
  const at = optionMarket(market, terms)
  if (terms.quantity === 0 || at.isExpired) return {}
  return finiteFigures({
    forwardUsd: forwardOf(market, asset, expiry),
    volatility: at.volatility,
    barrierVolatility: strikeVolatility(market, { asset, strike: barrier, expiry }).volatility,
    watchedBarrierUsd: watchedLevel(terms, at, barrier, direction),
    touchProbability: touchProbabilityOf(terms, at),
    years: at.time,
  })
}

function barrierWarnings(terms: BarrierTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = optionMarket(market, terms)
  const breach = breachOf(terms, at)
  const isPaid = breach === 'before' && terms.knock === 'out' && (terms.rebate ?? 0) > 0
  return [
    ...settlementWarnings(terms, market),
    ...breachWarnings({ ...at, terms, breach, levels: [paramsOf(terms, at).barrier], at: market.at }),
    ...(isPaid ? ['its rebate was paid at the touch and is no part of the value'] : []),
    ...(at.isExpired || breach !== 'none'
      ? []
      : [
          ...oneVolatilityWarnings(at, market, { reach: 'between strike and barrier' }),
          ...monitoringWarnings(terms, at, [terms.barrier]),
        ]),
  ]
}

/**
 * One volatility, that of the strike, for the whole path: at the touch a knocked-in option is then worth what the market pays for it, and in + out is the
 * vanilla option. `details` show the barrier's volatility beside it, for a judgement of what is left out.
 */
export const barrierOption = defineInstrument({
  kind: 'barrier-option',
  family: 'option',
  title: 'Barrier option: knock-in or knock-out, up or down, with a rebate',
  method:
    "Reiner & Rubinstein 1991 at the strike's volatility; dates by Broadie, Glasserman & Kou 1997; American on the lattice of Ritchken 1995",
  terms: barrierTerms,
  example: {
    asset: 'BTC',
    type: 'put',
    strike: 85_000,
    expiry: '2027-03-26T08:00:00Z',
    quantity: 10,
    barrier: 60_000,
    direction: 'down',
    knock: 'out',
    rebate: 500,
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: barrierEdges,
  value: barrierOptionValue,
  greeks: barrierGreeks,
  details: barrierDetails,
  warnings: barrierWarnings,
})
