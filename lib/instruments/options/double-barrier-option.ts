// An option that lives or dies between two barriers, with a rebate at expiry.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { blackScholesPrice } from '../../quant/options/black.ts'
import { doubleBarrierValue, doubleNoTouchValue } from '../../quant/options/double-barrier.ts'
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

const doubleBarrierTerms = z
  .strictObject({
    ...optionTerms(),
    lowerBarrier: priceTerm('level that is touched at it or below'),
    upperBarrier: priceTerm('level that is touched at it or above'),
    knock: choiceTerm(['in', 'out'], 'whether the first touch of either barrier brings it to life or ends it'),
    rebate: optionalTerm(
      quantityTerm(
        'paid at expiry: by `out` if a barrier was touched, by `in` if none was; absent: none',
        'USD per option',
      ),
    ),
    ...monitoringTerms(),
  })
  .check(
    z.refine((terms) => terms.lowerBarrier < terms.upperBarrier, {
      path: ['lowerBarrier'],
      message: 'must be below upperBarrier',
    }),
    ...monitoringRules,
  )

interface DoubleBarrierTerms extends EuropeanTerms, MonitoringTerms {
  readonly lowerBarrier: Usd
  readonly upperBarrier: Usd
  readonly knock: 'in' | 'out'
  readonly rebate?: number | undefined
}

/** The barriers as they are watched; once expired as they are. */
function corridorOf(terms: DoubleBarrierTerms, at: OptionMarket): { readonly lower: Usd; readonly upper: Usd } {
  const { lowerBarrier, upperBarrier } = terms
  if (at.isExpired) return { lower: lowerBarrier, upper: upperBarrier }
  return {
    lower: watchedLevel(terms, at, lowerBarrier, 'down'),
    upper: watchedLevel(terms, at, upperBarrier, 'up'),
  }
}

/** Once expired the final price stands for the spot. */
function breachOf(terms: DoubleBarrierTerms, at: OptionMarket): Breach {
  if (terms.breachedAt !== undefined) return 'before'
  const price = at.isExpired ? (terms.settlementPrice ?? at.spot) : at.spot
  const { lower, upper } = corridorOf(terms, at)
  return price <= lower || price >= upper ? 'now' : 'none'
}

/** USD per option. */
function unitValue(terms: DoubleBarrierTerms, at: OptionMarket): Usd {
  const { knock, rebate = 0, settlementPrice } = terms
  const breach = breachOf(terms, at)
  const isOver = (breach === 'none') !== (knock === 'out')
  if (at.isExpired) return isOver ? rebate : intrinsic(terms, settlementPrice ?? at.spot)
  return sideValue(terms, at, breach, false)
}

/** USD per option, as if the spot were on that side of the barriers, wherever it is; untouched it is so only where `isContinued`. */
function sideValue(terms: DoubleBarrierTerms, at: OptionMarket, breach: Breach, isContinued: boolean): Usd {
  const { knock, type: kind, strike, rebate = 0 } = terms
  const paid = Math.exp(-at.rate * at.time)
  if (breach !== 'none')
    return knock === 'out' ? rebate * paid : blackScholesPrice({ ...lognormalAt(at), kind, strike })
  const corridor = { ...lognormalAt(at), ...corridorOf(terms, at), isContinued }
  const option = doubleBarrierValue({ ...corridor, kind, strike, knock })
  if (rebate === 0) return option
  const untouched = doubleNoTouchValue({ ...corridor, cash: 1 })
  if (knock === 'in') return option + rebate * untouched
  return option + rebate * (isContinued ? paid - untouched : Math.max(0, paid - untouched))
}

function doubleBarrierOptionValue(terms: DoubleBarrierTerms, market: Market): Usd {
  return terms.quantity === 0 ? 0 : terms.quantity * unitValue(terms, optionMarket(market, terms))
}

/** The barriers as they are watched; without time or volatility also where the forward, or the final price, meets strike and barriers. */
function doubleBarrierEdges(terms: DoubleBarrierTerms, market: Market): Edges {
  const at = optionMarket(market, terms)
  const { underlying, assetRate, time, volatility, carry, isExpired } = at
  if (isExpired && terms.settlementPrice !== undefined) return {}
  if (terms.breachedAt !== undefined) return terms.knock === 'out' ? {} : europeanEdges(terms, market)
  const { lower, upper } = corridorOf(terms, at)
  const kinks = [terms.strike, lower, upper].map((price) => price * Math.exp(-carry * time))
  return {
    [underlying]: [lower, upper, ...(time * volatility === 0 ? kinks : [])].map((price) => price / assetRate),
  }
}

/** Black's, once it is a European option; else differences on the side on which the spot is. */
function doubleBarrierGreeks(terms: DoubleBarrierTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = optionMarket(market, terms)
  const breach = breachOf(terms, at)
  if (terms.knock === 'in' && !at.isExpired && breach !== 'none') return europeanGreeks(terms, market)
  if (hasSides(at)) {
    const value = (bumped: Market) => terms.quantity * sideValue(terms, optionMarket(bumped, terms), breach, true)
    return pathGreeks({ terms, value, edges: sideEdges(at), market })
  }
  const edges = doubleBarrierEdges(terms, market)
  return pathGreeks({ terms, value: (bumped) => doubleBarrierOptionValue(terms, bumped), edges, market })
}

function doubleBarrierDetails(terms: DoubleBarrierTerms, market: Market): Readonly<Record<string, number>> {
  const { asset, lowerBarrier, upperBarrier, expiry, quantity } = terms
  const at = optionMarket(market, terms)
  if (quantity === 0 || at.isExpired) return {}
  const volatilityAt = (strike: Usd) => strikeVolatility(market, { asset, strike, expiry }).volatility
  const { lower, upper } = corridorOf(terms, at)
  const isTouched = breachOf(terms, at) !== 'none'
  const untouched = doubleNoTouchValue({ ...lognormalAt(at), rate: 0, lower, upper, cash: 1 })
  return finiteFigures({
    forwardUsd: forwardOf(market, asset, expiry),
    volatility: at.volatility,
    lowerBarrierVolatility: volatilityAt(lowerBarrier),
    upperBarrierVolatility: volatilityAt(upperBarrier),
    watchedLowerBarrierUsd: lower,
    watchedUpperBarrierUsd: upper,
    touchProbability: isTouched ? 1 : 1 - untouched,
    years: at.time,
  })
}

function doubleBarrierWarnings(terms: DoubleBarrierTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = optionMarket(market, terms)
  const breach = breachOf(terms, at)
  const { lower, upper } = corridorOf(terms, at)
  return [
    ...settlementWarnings(terms, market),
    ...breachWarnings({ ...at, terms, breach, levels: [lower, upper], at: market.at }),
    ...(at.isExpired || breach !== 'none'
      ? []
      : [
          ...oneVolatilityWarnings(at, market, { reach: 'between strike and barriers' }),
          ...monitoringWarnings(terms, at, [terms.lowerBarrier, terms.upperBarrier]),
        ]),
  ]
}

/** One volatility, that of the strike, as for one barrier; `details` show those of the barriers beside it. */
export const doubleBarrierOption = defineInstrument({
  kind: 'double-barrier-option',
  family: 'option',
  title: 'Double barrier option: knocked in or out at the first touch of either barrier',
  method:
    "Ikeda & Kunitomo 1992 with flat barriers, Pelsser 2000 for wide deviations, at the strike's volatility; dates by Broadie, Glasserman & Kou 1997",
  terms: doubleBarrierTerms,
  example: {
    asset: 'BTC',
    type: 'call',
    strike: 90_000,
    expiry: '2027-03-26T08:00:00Z',
    quantity: 10,
    lowerBarrier: 60_000,
    upperBarrier: 140_000,
    knock: 'out',
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: doubleBarrierEdges,
  value: doubleBarrierOptionValue,
  greeks: doubleBarrierGreeks,
  details: doubleBarrierDetails,
  warnings: doubleBarrierWarnings,
})
