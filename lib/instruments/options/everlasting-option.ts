// An option without expiry, whose holder pays funding to keep it alive instead of rolling dated options.

import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { Usd, Years } from '../../base/units.ts'
import { fivePointSlope, neighbours } from '../../quant/five-point.ts'
import {
  type EverlastingOption,
  type EverlastingValue,
  everlastingOption as kernel,
} from '../../quant/options/everlasting.ts'
import { defineInstrument } from '../define-instrument.ts'
import { type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import { withTime } from '../market/bump.ts'
import type { Market } from '../market/market.ts'
import { choiceTerm, optionalTerm, priceTerm, quantityTerm } from '../term-schemas.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import { optionAssets, optionTerms } from './option-terms.ts'
import { finiteFigures } from './path-option.ts'
import { smileGreeks } from './smile-greeks.ts'

const { asset, type, strike, quantity } = optionTerms()
const day = 86_400

const everlastingTerms = z
  .strictObject({
    asset,
    type,
    strike,
    quantity,
    fundingConvention: choiceTerm(
      ['discrete', 'continuous'],
      'how mark - payoff is paid: in full once a period, in equal parts, or continuously at (mark - payoff) / period; discrete costs more',
    ),
    fundingDays: priceTerm('funding period', 'days'),
    paymentsPerPeriod: optionalTerm(
      quantityTerm('equal parts in which discrete funding is paid; absent: 1', 'whole number, 1 to 100'),
    ),
    entryPrice: optionalTerm(
      priceTerm('average price of entry; without it the option is paid in full', 'USD per option'),
    ),
  })
  .check(
    z.refine(
      ({ fundingConvention, paymentsPerPeriod }) => paymentsPerPeriod === undefined || fundingConvention === 'discrete',
      {
        path: ['paymentsPerPeriod'],
        message: 'must not be stated for continuous funding',
      },
    ),
    z.refine(({ paymentsPerPeriod: n }) => n === undefined || (Number.isInteger(n) && n >= 1 && n <= 100), {
      path: ['paymentsPerPeriod'],
      message: 'must be a whole number, 1 to 100; more often is as good as continuous',
    }),
  )

type EverlastingTerms = z.output<typeof everlastingTerms>

/** The mean of the dates on which its parts would be paid out: the one expiry whose volatility and rates are read. */
function meanDays({ fundingConvention, fundingDays, paymentsPerPeriod: n = 1 }: EverlastingTerms): number {
  return fundingConvention === 'continuous' ? fundingDays : (fundingDays * (n + 1)) / n
}

interface Everlasting {
  readonly at: OptionMarket
  readonly option: EverlastingOption
  readonly value: EverlastingValue
  readonly period: Years
}

/** @throws HomeostatError `no-price`, `no-volatility`; `out-of-domain` for rates so negative that the mark is infinite */
function everlastingAt(terms: EverlastingTerms, market: Market): Everlasting {
  const expiry = market.at + meanDays(terms) * day
  const at = optionMarket(market, { asset: terms.asset, strike: terms.strike, expiry })
  const { spot, rate, carry, volatility } = at
  const period = (terms.fundingDays * day) / secondsPerYear
  const option: EverlastingOption = {
    kind: terms.type,
    strike: terms.strike,
    spot,
    rate,
    carry,
    volatility,
    f: period,
    funding: terms.fundingConvention,
    paymentsPerPeriod: terms.paymentsPerPeriod,
  }
  return { at, option, value: kernel(option), period }
}

function everlastingValue(terms: EverlastingTerms, market: Market): Usd {
  if (terms.quantity === 0) return 0
  return terms.quantity * (everlastingAt(terms, market).value.mark - (terms.entryPrice ?? 0))
}

/** The mark does not age; what time does is to move its dates along the curves of volatility and rates. USD per year. */
function roll(terms: EverlastingTerms, market: Market): number {
  const seconds = (30 * day) / 128
  const values = neighbours.map((steps) => everlastingValue(terms, withTime(market, market.at + steps * seconds)))
  return fivePointSlope(values, seconds) * secondsPerYear
}

/** Closed forms of the kernel; vanna and volga by differences of its delta and vega. */
function everlastingGreeks(terms: EverlastingTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const { at, option, value } = everlastingAt(terms, market)
  const h = option.volatility / 256
  const bumped =
    h === 0 ? [] : neighbours.map((steps) => kernel({ ...option, volatility: option.volatility + steps * h }))
  const across = (figure: 'delta' | 'vega') =>
    h === 0
      ? 0
      : fivePointSlope(
          bumped.map((one) => one[figure]),
          h,
        )
  const model = {
    ...value,
    vanna: across('delta'),
    volga: across('vega'),
    discountRho: value.rho - value.carryRho,
  }
  const greeks = smileGreeks({ quantity: terms.quantity, at, model, market })
  return { ...greeks, theta: { ...noTheta, decay: roll(terms, market), funding: terms.quantity * value.theta } }
}

export const everlastingOption = defineInstrument({
  kind: 'everlasting-option',
  family: 'option',
  title: 'Everlasting option: no expiry, kept alive by funding',
  method: 'White & Bankman-Fried 2021: the weighted sum of European options, in closed form if funding is continuous',
  terms: everlastingTerms,
  example: {
    asset: 'BTC',
    type: 'put',
    strike: 80_000,
    quantity: 4,
    fundingConvention: 'continuous',
    fundingDays: 7,
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset: one, quantity: held }) => (held === 0 ? [] : [{ asset: one }]),
  value: everlastingValue,
  greeks: everlastingGreeks,
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { at, value } = everlastingAt(terms, market)
    const { mark, payoff, theta } = value
    return finiteFigures({
      markUsd: mark,
      payoffUsd: payoff,
      fundingPerDayUsd: (terms.quantity * theta) / 365,
      volatility: at.volatility,
      meanMaturityDays: meanDays(terms),
      unrealisedProfitUsd: terms.entryPrice === undefined ? undefined : terms.quantity * (mark - terms.entryPrice),
    })
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const { smile } = everlastingAt(terms, market).at
    return [
      ...(smile.isExtrapolated ? ['the volatility is that of the nearest quoted expiry'] : []),
      ...(smile.volatility === 0 ? ['volatility is 0: valued as if the price moved on its forward'] : []),
    ]
  },
})
