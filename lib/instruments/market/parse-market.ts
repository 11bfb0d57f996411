// A market as people and files state it, made into the market that is valued in.

import { isoDate } from '../../base/calendar.ts'
import * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { type Market, pairKey } from './market.ts'
import { type MarketData, marketSchema } from './market-schema.ts'
import { carryOf, type RateCurve } from './rate-curve.ts'
import type { AssetVolatility, VolatilitySurface } from './volatility-surface.ts'
import { yearsTo } from './years-to.ts'

/** @throws HomeostatError `invalid-input` that names each field and its rule */
export function parseMarket(value: unknown, what = 'market'): Market {
  const { at, spot, exchangeRates = {}, ...data } = z.parse(marketSchema, value, what)
  const refuse: Refuse = (field, rule) => z.refused(what, field, rule)
  for (const [asset, { underlying, rate }] of Object.entries(exchangeRates)) {
    if (!Object.hasOwn(spot, underlying))
      throw refuse(`exchangeRates.${asset}.underlying`, `must have a spot: there is none for ${underlying}`)
    if (Object.hasOwn(spot, asset) && (underlying !== asset || rate !== 1))
      throw refuse(
        `exchangeRates.${asset}`,
        `must not contradict spot.${asset}: an underlying is itself, at a rate of 1`,
      )
  }
  for (const key of Object.keys(data.correlation ?? {}))
    for (const name of key.split('/'))
      if (!Object.hasOwn(spot, name)) throw refuse(`correlation.${key}`, `must name underlyings: ${name} has no spot`)
  const { forward, carry, volatility, funding, perpetualPremium } = data
  for (const [field, keys] of Object.entries({ forward, carry, volatility, funding, perpetualPremium }))
    for (const key of Object.keys(keys ?? {}))
      if (!Object.hasOwn(spot, key)) throw refuse(`${field}.${key}`, 'must have a spot of the same name')
  const own = Object.fromEntries(Object.keys(spot).map((name) => [name, { underlying: name, rate: 1 }]))
  return stated(
    { at, spot, exchangeRates: { ...own, ...(exchangeRates as Market['exchangeRates']) } },
    data,
    at,
    refuse,
  )
}

/**
 * Prices with what is known beside them. Data of an underlying that has no spot here, and forwards that are past, are left aside.
 * `asOf`: when the volatilities were stated, where they do not say.
 * @throws HomeostatError `invalid-input` for data that contradict each other
 */
export function withMarketData(
  prices: Prices,
  data: MarketData & { readonly asOf: UnixSeconds },
  what = 'market data',
): Market {
  const { asOf, ...facts } = data
  const forward = Object.entries(facts.forward ?? {}).flatMap(([name, points]) => {
    const ahead = points.filter(({ expiry }) => expiry > prices.at)
    return ahead.length === 0 ? [] : [[name, ahead] as const]
  })
  const known = <T>(record: Readonly<Record<string, T>> | undefined) =>
    record === undefined
      ? undefined
      : Object.fromEntries(Object.entries(record).filter(([name]) => Object.hasOwn(prices.spot, name)))
  return stated(
    prices,
    {
      ...facts,
      forward: forward.length === 0 ? undefined : known(Object.fromEntries(forward)),
      carry: known(facts.carry),
      volatility: known(facts.volatility),
      funding: known(facts.funding),
      perpetualPremium: known(facts.perpetualPremium),
    },
    asOf,
    (field, rule) => z.refused(what, field, rule),
  )
}

type Prices = Pick<Market, 'at' | 'spot' | 'exchangeRates'>

function stated(prices: Prices, data: MarketData, asOf: UnixSeconds, refuse: Refuse): Market {
  const { interest, carry, forward, volatility, funding, perpetualPremium, correlation } = data
  return {
    ...prices,
    ...(interest === undefined ? {} : { interest: curve(interest, prices.at, 'interest', refuse) }),
    ...(carry === undefined && forward === undefined ? {} : { carry: carries(prices, data, refuse) }),
    ...(volatility === undefined ? {} : { volatility: volatilities(prices.spot, volatility, asOf, refuse) }),
    ...(funding === undefined ? {} : { funding }),
    ...(perpetualPremium === undefined ? {} : { perpetualPremium }),
    ...(correlation === undefined ? {} : { correlation: correlations(correlation, refuse) }),
  }
}

type Refuse = (field: string, rule: string) => Error

function curve(given: number | RateCurve, at: UnixSeconds, field: string, refuse: Refuse): RateCurve {
  if (typeof given === 'number') return [{ at, rate: given }]
  const sorted = given.toSorted((one, other) => one.at - other.at)
  const twice = sorted.find((point, index) => point.at === sorted[index - 1]?.at)
  if (twice !== undefined) throw refuse(field, `must have each date once: ${isoDate(twice.at)}`)
  return sorted
}

function carries({ at, spot }: Prices, data: MarketData, refuse: Refuse): Record<string, RateCurve> {
  const given = Object.entries(data.carry ?? {}).map(
    ([name, one]) => [name, curve(one, at, `carry.${name}`, refuse)] as const,
  )
  const implied = Object.entries(data.forward ?? {}).map(([name, points]) => {
    if (Object.hasOwn(data.carry ?? {}, name)) throw refuse(`forward.${name}`, 'must not stand beside a carry')
    const rates = points.map(({ expiry, price }, index) => {
      if (expiry <= at) throw refuse(`forward.${name}.${index}.expiry`, 'must be later than the market')
      const years = yearsTo({ at }, expiry)
      return { at: expiry, rate: carryOf({ spot: spot[name] ?? Number.NaN, forward: price, years }) }
    })
    return [name, curve(rates, at, `forward.${name}`, refuse)] as const
  })
  return Object.fromEntries([...given, ...implied])
}

function volatilities(
  spot: Market['spot'],
  given: NonNullable<MarketData['volatility']>,
  asOfAll: UnixSeconds,
  refuse: Refuse,
): Record<string, AssetVolatility> {
  return Object.fromEntries(
    Object.entries(given).map(([name, one]) => {
      const held = { dynamics: 'sticky-strike', asOf: asOfAll, anchor: spot[name] ?? 0, shift: 0 } as const
      if (typeof one === 'number') return [name, { ...held, surface: { kind: 'flat', volatility: one } }]
      const { dynamics = held.dynamics, asOf = held.asOf, anchor = held.anchor } = one
      return [name, { surface: surfaceOf(one, asOf, name, refuse), dynamics, asOf, anchor, shift: 0 }]
    }),
  )
}

type StatedSurface = Exclude<NonNullable<MarketData['volatility']>[string], number>

function surfaceOf(one: StatedSurface, asOf: UnixSeconds, name: string, refuse: Refuse): VolatilitySurface {
  const field = `volatility.${name}`
  const { flat, term, svi } = one
  if ([flat, term, svi].filter((form) => form !== undefined).length !== 1)
    throw refuse(field, 'must have one of flat, term and svi')
  if (flat !== undefined) return { kind: 'flat', volatility: flat }
  const points = (term ?? svi ?? []).toSorted((a, b) => a.expiry - b.expiry)
  if (points.length === 0) throw refuse(field, 'must have at least one expiry')
  points.forEach((point, index) => {
    if (point.expiry <= asOf) throw refuse(field, `must have expiries after it was fitted; one is at ${point.expiry}`)
    if (point.expiry === points[index - 1]?.expiry) throw refuse(field, `must have each expiry once: ${point.expiry}`)
  })
  if (term !== undefined) return { kind: 'term', points: term.toSorted((a, b) => a.expiry - b.expiry) }
  const slices = (svi ?? []).toSorted((a, b) => a.expiry - b.expiry)
  for (const { a, b, rho, sigma, expiry } of slices)
    if (a + b * sigma * Math.sqrt(1 - rho * rho) < 0)
      throw refuse(field, `must have total variance of 0 or more everywhere: not so at ${expiry}`)
  return { kind: 'svi', slices: slices.map(({ expiry, ...parameters }) => ({ expiry, parameters })) }
}

function correlations(given: Readonly<Record<string, number>>, refuse: Refuse): Record<string, number> {
  const read = Object.entries(given).map(([key, correlation]) => {
    const [one, other, ...more] = key.split('/')
    if (!one || !other || more.length > 0 || one === other)
      throw refuse(`correlation.${key}`, 'must be named by two underlyings, BTC/ETH')
    return [pairKey(one, other), correlation] as const
  })
  const twice = read.find(([pair], index) => read.findIndex(([other]) => other === pair) !== index)
  if (twice !== undefined) throw refuse(`correlation.${twice[0]}`, 'must be stated once, in one order')
  return Object.fromEntries(read)
}
