// The right to give one asset for another: an option on the ratio of two prices.

import * as z from '../../base/schema.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type ExchangeParams, exchangeAsCall, exchangeGreeks, exchangeValue } from '../../quant/options/exchange.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { expiryBucket } from '../greeks/expiry-bucket.ts'
import { addGreeks, type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import { carryTo, forwardOf, interestTo, statesCarry } from '../market/forwards.ts'
import { correlationOf, type Market, pairKey, priceOf, rateOf } from '../market/market.ts'
import { assetVolatility, strikeVolatility } from '../market/volatility.ts'
import { isPast, yearsTo } from '../market/years-to.ts'
import { assetTerm, priceTerm } from '../term-schemas.ts'
import { optionTerms } from './option-terms.ts'
import { finiteFigures } from './path-option.ts'

const { expiry, quantity } = optionTerms()

const exchangeTerms = z.strictObject({
  assetReceived: assetTerm('what the holder receives on exercise'),
  quantityReceived: priceTerm('how much of it per option', 'units of the asset'),
  assetDelivered: assetTerm('what the holder delivers for it'),
  quantityDelivered: priceTerm('how much of it per option', 'units of the asset'),
  expiry,
  quantity,
})

type ExchangeTerms = z.output<typeof exchangeTerms>

/** One of the two assets as the market has it. */
interface Side {
  readonly underlying: string
  /** Units of the underlying for one of the asset. */
  readonly assetRate: number
  readonly spot: Usd
  readonly carry: number
  readonly followsRate: boolean
  readonly volatility: number
  /** d vol / dS and d2 vol / dS2 at the money: under sticky strike it moves along the smile with ln S, under sticky delta it stays. */
  readonly slope: number
  readonly bend: number
  readonly isExtrapolated: boolean
}

const still = { volatility: 0, slope: 0, bend: 0, isExtrapolated: false }

function smileOf(market: Market, asset: string, date: UnixSeconds) {
  const { underlying } = rateOf(market, asset)
  const smile = strikeVolatility(market, { asset, strike: forwardOf(market, asset, date), expiry: date })
  if (assetVolatility(market, underlying).dynamics === 'sticky-delta') return { ...smile, slope: 0, bend: 0 }
  const S = priceOf(market, asset)
  return { ...smile, slope: smile.slope / S, bend: (smile.bend - smile.slope) / (S * S) }
}

/** Once expired no volatility is asked for. @throws HomeostatError `no-price`, `no-volatility` */
function sideOf(market: Market, asset: string, date: UnixSeconds): Side {
  const { underlying, rate: assetRate } = rateOf(market, asset)
  return {
    underlying,
    assetRate,
    spot: priceOf(market, asset),
    carry: carryTo(market, underlying, date),
    followsRate: !statesCarry(market, underlying),
    ...(isPast(market, date) ? still : smileOf(market, asset, date)),
  }
}

interface Exchange {
  readonly received: Side
  readonly delivered: Side
  readonly params: ExchangeParams
}

/** @throws HomeostatError `no-correlation` and those of a side */
function exchangeAt(terms: ExchangeTerms, market: Market): Exchange {
  const { assetReceived, assetDelivered, quantityReceived, quantityDelivered, expiry: date } = terms
  const [received, delivered] = [sideOf(market, assetReceived, date), sideOf(market, assetDelivered, date)]
  const rate = interestTo(market, date)
  const params = {
    spot1: received.spot,
    spot2: delivered.spot,
    quantity1: quantityReceived,
    quantity2: quantityDelivered,
    dividendYield1: rate - received.carry,
    dividendYield2: rate - delivered.carry,
    vol1: received.volatility,
    vol2: delivered.volatility,
    correlation: isPast(market, date) ? 0 : correlationOf(market, received.underlying, delivered.underlying),
    time: yearsTo(market, date),
  }
  return { received, delivered, params }
}

function exchangeOptionValue(terms: ExchangeTerms, market: Market): Usd {
  return terms.quantity === 0 ? 0 : terms.quantity * exchangeValue(exchangeAt(terms, market).params)
}

/** What one side contributes; the kernel's figures of that side, and how its volatility moves with its spot. */
function sideGreeks(
  { underlying, assetRate, spot, slope, bend, followsRate }: Side,
  its: Readonly<Record<'delta' | 'gamma' | 'vega' | 'vanna' | 'volga', number>>,
  { units, time, date }: { readonly units: number; readonly time: number; readonly date: UnixSeconds },
): Greeks {
  const { delta, gamma, vega, vanna, volga } = its
  const curvature = gamma + 2 * vanna * slope + volga * slope * slope + vega * bend
  const leg = units * delta * spot
  return {
    ...noGreeks,
    delta: { [underlying]: units * assetRate * (delta + vega * slope) },
    gamma: { [underlying]: units * assetRate * assetRate * curvature },
    vega: { [underlying]: { [expiryBucket(date)]: units * vega } },
    vanna: { [underlying]: units * assetRate * (vanna + volga * slope) },
    volga: { [underlying]: units * volga },
    // The value is linear in both discounted forwards, of which the dollar rate moves those that do not follow it.
    rho: followsRate ? 0 : -time * leg,
    carryRho: { [underlying]: time * leg },
  }
}

/** Margrabe's closed forms with both smiles. */
function exchangeOptionGreeks(terms: ExchangeTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const { received: one, delivered: two, params } = exchangeAt(terms, market)
  const its = exchangeGreeks(params)
  const shared = { units: terms.quantity, time: params.time, date: terms.expiry }
  const first = { delta: its.delta1, gamma: its.gamma1, vega: its.vega1, vanna: its.vanna11, volga: its.volga1 }
  const second = { delta: its.delta2, gamma: its.gamma2, vega: its.vega2, vanna: its.vanna22, volga: its.volga2 }
  const cross =
    its.crossGamma + its.vanna12 * two.slope + its.vanna21 * one.slope + its.crossVolga * one.slope * two.slope
  const perUnderlying = terms.quantity * one.assetRate * two.assetRate * cross
  const joint: Greeks = {
    ...noGreeks,
    ...(one.underlying === two.underlying
      ? { gamma: { [one.underlying]: 2 * perUnderlying } }
      : { crossGamma: { [pairKey(one.underlying, two.underlying)]: perUnderlying } }),
    theta: { ...noTheta, decay: terms.quantity * its.theta },
  }
  return addGreeks([sideGreeks(one, first, shared), sideGreeks(two, second, shared), joint])
}

/** Volatility of the ratio of both prices. */
const ratioVolatility = (params: ExchangeParams): number => exchangeAsCall(params).volatility

/** Without time or volatility of the ratio: where both legs are worth the same. */
function exchangeEdges(terms: ExchangeTerms, market: Market): Edges {
  const { received: one, delivered: two, params } = exchangeAt(terms, market)
  const { spot1, spot2, quantity1, quantity2, dividendYield1, dividendYield2, time } = params
  if (ratioVolatility(params) * time !== 0 || one.underlying === two.underlying) return {}
  const ratio = (quantity2 / quantity1) * Math.exp((dividendYield1 - dividendYield2) * time)
  return { [one.underlying]: [(spot2 * ratio) / one.assetRate], [two.underlying]: [spot1 / ratio / two.assetRate] }
}

function exchangeWarnings(terms: ExchangeTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  if (isPast(market, terms.expiry)) return ['expired: valued at intrinsic value on the spots']
  const { received, delivered, params } = exchangeAt(terms, market)
  return [
    ...(received.isExtrapolated || delivered.isExtrapolated
      ? ['the volatility is that of the nearest quoted expiry']
      : []),
    ...(ratioVolatility(params) === 0
      ? ['both prices move as one: valued at the intrinsic value of their forwards']
      : []),
  ]
}

export const exchangeOption = defineInstrument({
  kind: 'exchange-option',
  family: 'option',
  title: 'Option to exchange one asset for another',
  method:
    'Margrabe 1978 at the volatilities at the money and their correlation; closed-form Greeks, cross-gamma included',
  terms: exchangeTerms,
  example: {
    assetReceived: 'WBTC',
    quantityReceived: 1,
    assetDelivered: 'ETH',
    quantityDelivered: 30,
    expiry: '2027-03-26T08:00:00Z',
    quantity: 5,
  },
  assets: ({ assetReceived, assetDelivered, quantity: held }) =>
    held === 0 ? [] : [...new Set([assetReceived, assetDelivered])],
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ assetReceived, assetDelivered, expiry: date }) => [
    { asset: assetReceived, expiry: date },
    { asset: assetDelivered, expiry: date },
  ],
  edges: exchangeEdges,
  value: exchangeOptionValue,
  greeks: exchangeOptionGreeks,
  details: (terms, market) => {
    if (terms.quantity === 0 || isPast(market, terms.expiry)) return {}
    const { params } = exchangeAt(terms, market)
    return finiteFigures({
      forwardReceivedUsd: forwardOf(market, terms.assetReceived, terms.expiry),
      forwardDeliveredUsd: forwardOf(market, terms.assetDelivered, terms.expiry),
      ratioVolatility: ratioVolatility(params),
      correlation: params.correlation,
      correlationSensitivityUsd: terms.quantity * exchangeGreeks(params).correlationSensitivity,
      years: params.time,
    })
  },
  warnings: exchangeWarnings,
})
