// An option that pays a fixed amount, or one unit of the asset, by whether the price ever touches a level.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import {
  noTouchValue,
  oneTouchAtExpiryValue,
  oneTouchAtHitValue,
  type TouchParams,
} from '../../quant/options/digital.ts'
import { touchProbability } from '../../quant/options/first-passage.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { forwardOf } from '../market/forwards.ts'
import type { Market } from '../market/market.ts'
import { choiceTerm, optionalTerm, priceTerm } from '../term-schemas.ts'
import {
  expiredBreach,
  type MonitoringTerms,
  monitoringRules,
  monitoringTerms,
  monitoringWarnings,
  ON_LEVEL,
  watchedLevel,
} from './barrier-monitoring.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import { type OptionTerms, optionAssets, optionTerms } from './option-terms.ts'
import {
  finiteFigures,
  hasSides,
  lognormalAt,
  oneVolatilityWarnings,
  pathGreeks,
  settlementWarnings,
  sideEdges,
} from './path-option.ts'

const { asset, expiry, quantity, settlementPrice } = optionTerms()

const touchTerms = z
  .strictObject({
    asset,
    barrier: priceTerm('level whose touch, at it or beyond, decides'),
    direction: choiceTerm(['down', 'up'], 'whether the barrier is touched from above (down) or from below (up)'),
    payoff: choiceTerm(['one-touch', 'no-touch'], 'whether it pays if the barrier is touched, or if it is not'),
    paidAt: choiceTerm(['hit', 'expiry'], 'when it pays: at the touch, or at expiry, as no-touch has to'),
    cash: optionalTerm(priceTerm('what it pays; absent: one unit of the asset', 'USD per option')),
    expiry,
    quantity,
    settlementPrice,
    ...monitoringTerms(),
  })
  .check(
    z.refine(({ payoff, paidAt }) => payoff === 'one-touch' || paidAt === 'expiry', {
      path: ['paidAt'],
      message: 'must be expiry for no-touch',
    }),
    ...monitoringRules,
  )

interface TouchTerms extends Omit<OptionTerms, 'strike'>, MonitoringTerms {
  readonly barrier: Usd
  readonly direction: 'down' | 'up'
  readonly payoff: 'one-touch' | 'no-touch'
  readonly paidAt: 'hit' | 'expiry'
  readonly cash?: Usd | undefined
}

/** The barrier takes the place of the strike: its volatility is read. */
const withStrike = (terms: TouchTerms) => ({ ...terms, strike: terms.barrier })
const touchMarket = (terms: TouchTerms, market: Market): OptionMarket => optionMarket(market, withStrike(terms))

function paramsOf(terms: TouchTerms, at: OptionMarket): TouchParams {
  const { direction, cash } = terms
  const barrier = watchedLevel(terms, at, terms.barrier, direction)
  return {
    ...lognormalAt(at),
    barrier,
    direction,
    pays: cash === undefined ? { in: 'asset' } : { in: 'cash', amount: cash },
  }
}

/** Touched by the spot of now, or once expired by the final price. */
function isTouchedNow(terms: TouchTerms, at: OptionMarket): boolean {
  const price = at.isExpired ? (terms.settlementPrice ?? at.spot) : at.spot
  const level = at.isExpired ? terms.barrier : paramsOf(terms, at).barrier
  return terms.direction === 'down' ? price <= level : price >= level
}

/** A payment at expiry that nothing can change any more. */
function surePayment({ cash, settlementPrice: final }: TouchTerms, at: OptionMarket): Usd {
  const { spot, time, rate, carry, isExpired } = at
  if (cash !== undefined) return cash * Math.exp(-rate * time)
  return isExpired && final !== undefined ? final : spot * Math.exp((carry - rate) * time)
}

/** USD per option. What was paid at a touch in the past is no part of it. */
function unitValue(terms: TouchTerms, at: OptionMarket): Usd {
  const { payoff, paidAt, breachedAt } = terms
  if (breachedAt !== undefined) return payoff === 'one-touch' && paidAt === 'expiry' ? surePayment(terms, at) : 0
  if (at.isExpired) return isTouchedNow(terms, at) === (payoff === 'one-touch') ? surePayment(terms, at) : 0
  return untouchedValue(terms, paramsOf(terms, at))
}

function untouchedValue({ payoff, paidAt }: TouchTerms, params: TouchParams): Usd {
  if (payoff === 'no-touch') return noTouchValue(params)
  return paidAt === 'hit' ? oneTouchAtHitValue(params) : oneTouchAtExpiryValue(params)
}

/** USD per option, as if the spot were on that side of the barrier, wherever it is. */
function sideValue(terms: TouchTerms, at: OptionMarket, isTouched: boolean): Usd {
  if (!isTouched) return untouchedValue(terms, { ...paramsOf(terms, at), isContinued: true })
  if (terms.payoff === 'no-touch') return 0
  return terms.paidAt === 'hit' ? (terms.cash ?? at.spot) : surePayment(terms, at)
}

function touchValue(terms: TouchTerms, market: Market): Usd {
  return terms.quantity === 0 ? 0 : terms.quantity * unitValue(terms, touchMarket(terms, market))
}

/** The barrier as it is watched; without volatility also where the forward ends on it. */
function touchEdges(terms: TouchTerms, market: Market): Edges {
  const at = touchMarket(terms, market)
  const { underlying, assetRate, time, volatility, carry, isExpired } = at
  if (terms.breachedAt !== undefined || (isExpired && terms.settlementPrice !== undefined)) return {}
  const level = isExpired ? terms.barrier : paramsOf(terms, at).barrier
  const onForward = time * volatility === 0 ? [level * Math.exp(-carry * time)] : []
  return { [underlying]: [level, ...onForward].map((price) => price / assetRate) }
}

function touchGreeks(terms: TouchTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = touchMarket(terms, market)
  if (terms.breachedAt === undefined && hasSides(at)) {
    const isTouched = isTouchedNow(terms, at)
    const value = (bumped: Market) => terms.quantity * sideValue(terms, touchMarket(terms, bumped), isTouched)
    return pathGreeks({ terms, value, edges: sideEdges(at), market })
  }
  const edges = touchEdges(terms, market)
  return pathGreeks({ terms, value: (bumped) => touchValue(terms, bumped), edges, market })
}

/** Risk-neutral, of the barrier as it is watched, until expiry; absent without volatility. */
function touchProbabilityOf(terms: TouchTerms, at: OptionMarket): number | undefined {
  if (terms.breachedAt !== undefined || isTouchedNow(terms, at)) return 1
  const { barrier, spot, carry, volatility, time, direction } = paramsOf(terms, at)
  const s = volatility * Math.sqrt(time)
  if (s === 0) return undefined
  const drift = (carry - 0.5 * volatility * volatility) * time
  return touchProbability(Math.log(barrier / spot) / s, drift / s, direction === 'down' ? 1 : -1)
}

function touchDetails(terms: TouchTerms, market: Market): Readonly<Record<string, number>> {
  const at = touchMarket(terms, market)
  if (terms.quantity === 0 || at.isExpired) return {}
  return finiteFigures({
    forwardUsd: forwardOf(market, terms.asset, terms.expiry),
    volatility: at.volatility,
    watchedBarrierUsd: paramsOf(terms, at).barrier,
    touchProbability: touchProbabilityOf(terms, at),
    years: at.time,
  })
}

/** What is left once the barrier is touched. */
function outcomeOf({ payoff, paidAt, breachedAt }: TouchTerms): string {
  if (payoff === 'no-touch') return 'nothing is left'
  if (paidAt === 'expiry') return 'it pays for sure at expiry'
  return breachedAt === undefined
    ? 'its payment is due'
    : 'its payment was made at the touch and is no part of the value'
}

function touchWarnings(terms: TouchTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = touchMarket(terms, market)
  const { breachedAt } = terms
  const settled = settlementWarnings(withStrike(terms), market)
  if (breachedAt !== undefined)
    return [
      ...settled,
      `the barrier was touched: ${outcomeOf(terms)}`,
      ...(breachedAt > market.at ? ["the barrier is said to have been touched after the market's instant"] : []),
    ]
  const isTouched = isTouchedNow(terms, at)
  if (at.isExpired)
    return [...settled, expiredBreach(terms, isTouched ? 'touched' : 'not touched', isTouched ? 'now' : 'none')]
  if (isTouched)
    return [
      ...settled,
      `the spot is at the barrier or beyond: ${outcomeOf(terms)}`,
      ...(paramsOf(terms, at).barrier === at.spot ? [ON_LEVEL] : []),
    ]
  const unpriced = oneVolatilityWarnings(at, market, { reach: 'between spot and barrier' })
  return [...settled, ...unpriced, ...monitoringWarnings(terms, at, [terms.barrier])]
}

export const touchOption = defineInstrument({
  kind: 'touch-option',
  family: 'option',
  title: 'One-touch or no-touch option, paid at the touch or at expiry, in dollars or in the asset',
  method: "Rubinstein & Reiner 1991 at the barrier's volatility; dates by Broadie, Glasserman & Kou 1997",
  terms: touchTerms,
  example: {
    asset: 'BTC',
    barrier: 120_000,
    direction: 'up',
    payoff: 'one-touch',
    paidAt: 'hit',
    cash: 10_000,
    expiry: '2027-03-26T08:00:00Z',
    quantity: 3,
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: touchEdges,
  value: touchValue,
  greeks: touchGreeks,
  details: touchDetails,
  warnings: touchWarnings,
})
