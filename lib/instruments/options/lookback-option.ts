// An option on the highest or lowest price of a time, against the final price or against a strike.

import * as z from '../../base/schema.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { blackScholesPrice } from '../../quant/options/black.ts'
import { expectedExcess, fixedLookbackValue, floatingLookbackValue } from '../../quant/options/lookback.ts'
import { partialFixedLookbackValue, partialFloatingLookbackValue } from '../../quant/options/partial-lookback.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { forwardOf } from '../market/forwards.ts'
import type { Market } from '../market/market.ts'
import { isPast, yearsTo } from '../market/years-to.ts'
import { choiceTerm, instantTerm, optionalTerm, priceTerm } from '../term-schemas.ts'
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

interface LookbackTerms {
  readonly asset: string
  readonly type: 'call' | 'put'
  readonly strikeStyle: 'floating' | 'fixed'
  readonly strike?: Usd | undefined
  readonly strikeMultiple?: number | undefined
  readonly expiry: UnixSeconds
  readonly quantity: number
  readonly extremum?: Usd | undefined
  readonly monitoringStart?: UnixSeconds | undefined
  readonly monitoringEnd?: UnixSeconds | undefined
  readonly settlementPrice?: Usd | undefined
}

const isFixed = ({ strikeStyle }: LookbackTerms) => strikeStyle === 'fixed'

const rule = (path: keyof LookbackTerms, message: string, holds: (terms: LookbackTerms) => boolean) =>
  z.refine<LookbackTerms>(holds, { path: [path], message })

const lookbackTerms = z
  .strictObject({
    ...optionTerms(),
    type: choiceTerm(['call', 'put'], 'floating: final price less the lowest, or the highest less it; fixed: as ever'),
    strikeStyle: choiceTerm(['floating', 'fixed'], 'whether the extremum is the strike, or is set against one'),
    strike: optionalTerm(priceTerm('strike, if it is fixed')),
    strikeMultiple: optionalTerm(
      priceTerm('floating strike over the extremum: 1 or more for a call, 1 or less for a put; absent: 1', 'ratio'),
    ),
    extremum: optionalTerm(
      priceTerm(
        'the lowest (floating call, fixed put) or highest (floating put, fixed call) price of the monitoring so far; absent before it begins',
      ),
    ),
    monitoringStart: optionalTerm(instantTerm('fixed strike: when the extremum begins to count; absent: it has begun')),
    monitoringEnd: optionalTerm(instantTerm('floating strike: when the extremum stops to count; absent: at expiry')),
  })
  .check(
    rule('strike', 'must be stated for a fixed strike, and only for that', (terms) =>
      isFixed(terms) ? terms.strike !== undefined : terms.strike === undefined,
    ),
    rule('extremum', 'must be stated, unless monitoringStart says when it begins to count', (terms) =>
      isFixed(terms) ? (terms.extremum ?? terms.monitoringStart) !== undefined : terms.extremum !== undefined,
    ),
    rule(
      'monitoringStart',
      'must not be stated for a floating strike',
      (terms) => isFixed(terms) || terms.monitoringStart === undefined,
    ),
    rule(
      'monitoringEnd',
      'must not be stated for a fixed strike',
      (terms) => !isFixed(terms) || terms.monitoringEnd === undefined,
    ),
    rule('monitoringStart', 'must not be after the expiry', (terms) => (terms.monitoringStart ?? 0) <= terms.expiry),
    rule('monitoringEnd', 'must not be after the expiry', (terms) => (terms.monitoringEnd ?? 0) <= terms.expiry),
    rule(
      'strikeMultiple',
      'must not be stated for a fixed strike',
      (terms) => !isFixed(terms) || terms.strikeMultiple === undefined,
    ),
    rule('strikeMultiple', 'must be 1 or more for a call, 1 or less for a put', ({ type, strikeMultiple = 1 }) =>
      type === 'call' ? strikeMultiple >= 1 : strikeMultiple <= 1,
    ),
  )

/** The strike whose volatility is read: a floating one as it stands. */
function strikeOf({ strike, strikeMultiple = 1, extremum = 1 }: LookbackTerms): Usd {
  return strike ?? strikeMultiple * extremum
}

function marketOf(terms: LookbackTerms, market: Market): OptionMarket {
  const { asset, expiry } = terms
  return optionMarket(market, { asset, expiry, strike: strikeOf(terms) })
}

/** True for an option on the lowest price. */
function isOnLow({ type, strikeStyle }: LookbackTerms): boolean {
  return (type === 'call') === (strikeStyle === 'floating')
}

function further(terms: LookbackTerms, one: Usd, other: Usd): Usd {
  return isOnLow(terms) ? Math.min(one, other) : Math.max(one, other)
}

/** Whether prices of now count. Where there is an extremum so far, they have begun to. */
function isMonitored({ monitoringStart, monitoringEnd, extremum }: LookbackTerms, market: Market): boolean {
  const hasBegun = extremum !== undefined || monitoringStart === undefined || isPast(market, monitoringStart)
  return hasBegun && (monitoringEnd === undefined || !isPast(market, monitoringEnd))
}

/** The final price counts unless monitoring ended before the expiry. */
function expiredValue(terms: LookbackTerms, spot: Usd): Usd {
  const { type, strike, strikeMultiple = 1, monitoringEnd, expiry, settlementPrice: final = spot } = terms
  const { extremum = final } = terms
  const counts = monitoringEnd === undefined || monitoringEnd === expiry
  const reached = counts ? further(terms, extremum, final) : extremum
  const [one, other] = strike === undefined ? [final, strikeMultiple * reached] : [reached, strike]
  return Math.max(0, type === 'call' ? one - other : other - one)
}

/** On which side of the extremum the spot is: short of it, or making it (`new`). Absent: wherever it is. */
type Side = 'short' | 'new'

function floatingValue(terms: LookbackTerms, market: Market, at: OptionMarket, side?: Side): Usd {
  const { type: kind, strikeMultiple: multiple = 1, monitoringEnd } = terms
  const extremum = side === 'new' ? at.spot : (terms.extremum ?? at.spot)
  const option = { ...lognormalAt(at), kind, extremum, isContinued: side === 'short' }
  if (monitoringEnd === undefined && multiple === 1) return floatingLookbackValue(option)
  if (!isMonitored(terms, market)) return blackScholesPrice({ ...option, strike: multiple * extremum })
  const lookbackTime = monitoringEnd === undefined ? at.time : yearsTo(market, monitoringEnd)
  return partialFloatingLookbackValue({ ...option, lookbackTime, multiple })
}

function fixedValue(terms: LookbackTerms, market: Market, at: OptionMarket, strike: Usd, side?: Side): Usd {
  const { type: kind, monitoringStart = market.at, extremum = side === undefined ? at.spot : strike } = terms
  const option = { ...lognormalAt(at), kind, strike }
  if (!isMonitored(terms, market))
    return partialFixedLookbackValue({ ...option, lookbackTime: yearsTo(market, monitoringStart) })
  if (side !== 'new') return fixedLookbackValue({ ...option, extremum, isContinued: side === 'short' })
  const paid = (kind === 'call' ? at.spot - strike : strike - at.spot) * Math.exp(-at.rate * at.time)
  return paid + fixedLookbackValue({ ...option, strike: at.spot, extremum: at.spot })
}

/** USD per option; once expired there are no sides. */
function unitValue(terms: LookbackTerms, market: Market, side?: Side): Usd {
  const at = marketOf(terms, market)
  if (at.isExpired) return expiredValue(terms, at.spot)
  const { strike } = terms
  return strike === undefined ? floatingValue(terms, market, at, side) : fixedValue(terms, market, at, strike, side)
}

function lookbackValue(terms: LookbackTerms, market: Market): Usd {
  return terms.quantity === 0 ? 0 : terms.quantity * unitValue(terms, market)
}

/** The price beyond which a new extremum counts: that so far, or of a fixed strike one that pays. Absent while there is none. */
function reachedOf(terms: LookbackTerms): Usd | undefined {
  const { strike, extremum } = terms
  if (strike === undefined || extremum === undefined) return strike ?? extremum
  return further(terms, strike, extremum)
}

/** Differences on the side of the extremum on which the spot is; exactly on it that of a new one, which is worth so much per spot and has no gamma. */
function lookbackGreeks(terms: LookbackTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = marketOf(terms, market)
  const turns = [terms.monitoringStart, terms.monitoringEnd].filter((instant) => instant !== undefined)
  const shared = { terms: { ...terms, strike: strikeOf(terms) }, turns, market }
  const reached = reachedOf(terms)
  if (!hasSides(at) || reached === undefined || !isMonitored(terms, market))
    return pathGreeks({
      ...shared,
      value: (bumped) => lookbackValue(terms, bumped),
      edges: lookbackEdges(terms, market),
    })
  const side: Side = further(terms, reached, at.spot) === at.spot ? 'new' : 'short'
  const value = (bumped: Market) => terms.quantity * unitValue(terms, bumped, side)
  return pathGreeks({ ...shared, value, edges: sideEdges(at) })
}

/** Where the spot makes a new extremum (or, of a fixed strike, one that pays); without time or volatility also strikes. */
function lookbackEdges(terms: LookbackTerms, market: Market): Edges {
  const at = marketOf(terms, market)
  const { underlying, assetRate, time, volatility, carry, isExpired } = at
  if (isExpired && terms.settlementPrice !== undefined) return {}
  const { strike, extremum } = terms
  const levels = [strike, extremum].filter((level) => level !== undefined)
  const reached = reachedOf(terms)
  const isSure = time * volatility === 0
  const kinks = isSure ? [strikeOf(terms), ...levels].flatMap((level) => [level, level * Math.exp(-carry * time)]) : []
  const edges = isMonitored(terms, market) && reached !== undefined ? [reached, ...kinks] : kinks
  return { [underlying]: edges.map((price) => price / assetRate) }
}

/** E of the extremum that will have been reached by expiry, in the model; absent where monitoring is partial. */
function expectedExtremum(terms: LookbackTerms, at: OptionMarket): Usd | undefined {
  const { extremum, monitoringEnd } = terms
  if (extremum === undefined || monitoringEnd !== undefined) return undefined
  const reached = further(terms, extremum, at.spot)
  const forward = at.spot * Math.exp(at.carry * at.time)
  const beyond = expectedExcess(lognormalAt(at), reached, isOnLow(terms) ? 'down' : 'up', forward)
  return isOnLow(terms) ? reached - beyond : reached + beyond
}

function lookbackDetails(terms: LookbackTerms, market: Market): Readonly<Record<string, number>> {
  const { asset, expiry, quantity, strike } = terms
  const at = marketOf(terms, market)
  if (quantity === 0 || at.isExpired) return {}
  return finiteFigures({
    forwardUsd: forwardOf(market, asset, expiry),
    volatility: at.volatility,
    years: at.time,
    strikeSoFarUsd: strike === undefined ? strikeOf(terms) : undefined,
    expectedExtremumUsd: expectedExtremum(terms, at),
  })
}

function extremumWarnings(terms: LookbackTerms, market: Market, spot: Usd): readonly string[] {
  const { extremum, monitoringStart } = terms
  if (!isMonitored(terms, market)) return []
  if (extremum === undefined) return ['no extremum so far is stated: the spot is taken']
  const isEarly = monitoringStart !== undefined && !isPast(market, monitoringStart)
  return [
    ...(isEarly ? ['an extremum so far is stated, so monitoring is taken to have begun before monitoringStart'] : []),
    ...(further(terms, extremum, spot) === extremum ? [] : ['the spot is beyond the extremum so far: it is taken']),
    ...(reachedOf(terms) === spot
      ? ['the spot is exactly at the extremum that counts: gamma has two sides there and is 0']
      : []),
  ]
}

function lookbackWarnings(terms: LookbackTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = marketOf(terms, market)
  const settlement = settlementWarnings({ ...terms, strike: strikeOf(terms) }, market)
  if (at.isExpired) return settlement
  const isVanilla = terms.monitoringEnd !== undefined && isPast(market, terms.monitoringEnd)
  return [
    ...settlement,
    ...extremumWarnings(terms, market, at.spot),
    ...(isVanilla ? [] : oneVolatilityWarnings(at, market, { reach: 'between strike and extremum' })),
  ]
}

/** Volatility is that of the strike; of a floating one, that of the strike as it stands: its multiple of the extremum so far. */
export const lookbackOption = defineInstrument({
  kind: 'lookback-option',
  family: 'option',
  title: 'Lookback option: on the highest or lowest price, with floating or fixed strike, also of part of its life',
  method:
    'Goldman, Sosin & Gatto 1979 floating; Conze & Viswanathan 1991 fixed; Heynen & Kat 1994 partial; watched always',
  terms: lookbackTerms,
  example: {
    asset: 'BTC',
    type: 'call',
    strikeStyle: 'floating',
    expiry: '2027-03-26T08:00:00Z',
    quantity: 5,
    extremum: 82_000,
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: lookbackEdges,
  value: lookbackValue,
  greeks: lookbackGreeks,
  details: lookbackDetails,
  warnings: lookbackWarnings,
})
