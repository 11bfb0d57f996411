// A market as people and files state it, made into the market that is valued in.

import * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { instantTerm, priceTerm, rateTerm } from '../term-schemas.ts'
import { type Market, pairKey } from './market.ts'
import { carryOf, type RateCurve } from './rate-curve.ts'
import type { AssetVolatility, VolatilitySurface } from './volatility-surface.ts'
import { yearsTo } from './years-to.ts'

const named = <S extends z.ZodMiniType>(entry: S) => z.record(z.string(), entry)
const curveSchema = z.union(
  [z.number(), z.array(z.strictObject({ at: instantTerm('date'), rate: rateTerm('zero rate') })).check(z.minLength(1))],
  'must be a rate per year, or a list of { at, rate }',
)
const volatilityNumber = z
  .number('must be a finite number')
  .check(z.gte(0, 'must be 0 or more'), z.lte(100, 'must be at most 100 (10,000 %): 0.6 is 60 %'))
const sviSchema = z.strictObject({
  expiry: instantTerm('expiry'),
  a: z.number(),
  b: z.number().check(z.gte(0, 'must be 0 or more')),
  rho: z.number().check(z.gt(-1, 'must be above -1'), z.lt(1, 'must be below 1')),
  m: z.number(),
  sigma: z.number().check(z.gt(0, 'must be above 0')),
})
const volatilitySchema = z.union(
  [
    volatilityNumber,
    z.strictObject({
      flat: z.optional(volatilityNumber),
      term: z.optional(z.array(z.strictObject({ expiry: instantTerm('expiry'), volatility: volatilityNumber }))),
      svi: z.optional(z.array(sviSchema)),
      dynamics: z.optional(z.enum(['sticky-strike', 'sticky-delta'], 'must be sticky-strike or sticky-delta')),
      asOf: z.optional(instantTerm('when it was fitted')),
      anchor: z.optional(priceTerm('the spot at which it was fitted')),
    }),
  ],
  'must be a volatility (0.6 is 60 %), or { flat | term | svi, dynamics?, asOf?, anchor? }',
)

/**
 * Keys are underlyings, but for `exchangeRates` (asset symbols). A forward or a carry, not both; a volatility is flat, by term or SVI. What is left out: interest
 * 0, carry as the dollar rate, dynamics `sticky-strike`, fitted now at the spot of now.
 */
export const marketSchema = z.strictObject({
  at: instantTerm('the instant of the market'),
  spot: named(priceTerm('USD')),
  exchangeRates: z.optional(
    named(
      z.strictObject({
        underlying: z.string().check(z.minLength(1, 'must be an underlying, not empty')),
        rate: priceTerm('units of the underlying for one of the asset'),
        asOf: z.optional(instantTerm('when the rate was last true')),
        growth: z.optional(rateTerm('how fast the rate grows')),
      }),
    ),
  ),
  interest: z.optional(curveSchema),
  forward: z.optional(
    named(
      z.array(z.strictObject({ expiry: instantTerm('delivery'), price: priceTerm('forward') })).check(z.minLength(1)),
    ),
  ),
  carry: z.optional(named(curveSchema)),
  volatility: z.optional(named(volatilitySchema)),
  funding: z.optional(named(rateTerm('funding; above 0 the long pays'))),
  perpetualPremium: z.optional(named(z.number().check(z.gt(-1, 'must be above -1')))),
  correlation: z.optional(
    named(z.number().check(z.gte(-1, 'must be within -1 and 1'), z.lte(1, 'must be within -1 and 1'))),
  ),
})

export type MarketInput = z.input<typeof marketSchema>
type Stated = z.output<typeof marketSchema>

/** @throws HomeostatError `invalid-input` that names each field and its rule */
export function parseMarket(value: unknown, what = 'market'): Market {
  const stated = z.parse(marketSchema, value, what)
  const refuse = (field: string, rule: string) => z.refused(what, field, rule)
  const underlyings = Object.keys(stated.spot)
  for (const [asset, { underlying }] of Object.entries(stated.exchangeRates ?? {}))
    if (!Object.hasOwn(stated.spot, underlying))
      throw refuse(`exchangeRates.${asset}.underlying`, `must have a spot: there is none for ${underlying}`)
  for (const [field, keys] of Object.entries({
    forward: stated.forward,
    carry: stated.carry,
    volatility: stated.volatility,
    funding: stated.funding,
    perpetualPremium: stated.perpetualPremium,
  }))
    for (const key of Object.keys(keys ?? {}))
      if (!Object.hasOwn(stated.spot, key)) throw refuse(`${field}.${key}`, 'must have a spot of the same name')
  return {
    at: stated.at,
    spot: stated.spot,
    exchangeRates: {
      ...Object.fromEntries(underlyings.map((name) => [name, { underlying: name, rate: 1 }])),
      ...(stated.exchangeRates as Market['exchangeRates'] | undefined),
    },
    ...(stated.interest === undefined ? {} : { interest: curve(stated.interest, stated.at) }),
    ...(stated.carry === undefined && stated.forward === undefined ? {} : { carry: carries(stated, refuse) }),
    ...(stated.volatility === undefined ? {} : { volatility: volatilities(stated, refuse) }),
    ...(stated.funding === undefined ? {} : { funding: stated.funding }),
    ...(stated.perpetualPremium === undefined ? {} : { perpetualPremium: stated.perpetualPremium }),
    ...(stated.correlation === undefined ? {} : { correlation: correlations(stated.correlation, refuse) }),
  }
}

type Refuse = (field: string, rule: string) => Error

function curve(stated: number | RateCurve, at: UnixSeconds): RateCurve {
  return typeof stated === 'number' ? [{ at, rate: stated }] : stated.toSorted((one, other) => one.at - other.at)
}

function carries(stated: Stated, refuse: Refuse): Record<string, RateCurve> {
  const given = Object.entries(stated.carry ?? {}).map(([name, one]) => [name, curve(one, stated.at)] as const)
  const implied = Object.entries(stated.forward ?? {}).map(([name, points]) => {
    if (Object.hasOwn(stated.carry ?? {}, name)) throw refuse(`forward.${name}`, 'must not stand beside a carry')
    const rates = points.map(({ expiry, price }, index) => {
      if (expiry <= stated.at) throw refuse(`forward.${name}.${index}.expiry`, 'must be later than the market')
      const spot = stated.spot[name] ?? Number.NaN
      return { at: expiry, rate: carryOf({ spot, forward: price, years: yearsTo(stated, expiry) }) }
    })
    return [name, curve(rates, stated.at)] as const
  })
  return Object.fromEntries([...given, ...implied])
}

function volatilities(stated: Stated, refuse: Refuse): Record<string, AssetVolatility> {
  return Object.fromEntries(
    Object.entries(stated.volatility ?? {}).map(([name, one]) => {
      const held = { dynamics: 'sticky-strike', asOf: stated.at, anchor: stated.spot[name] ?? 0, shift: 0 } as const
      if (typeof one === 'number') return [name, { ...held, surface: { kind: 'flat', volatility: one } }]
      const { dynamics = held.dynamics, asOf = held.asOf, anchor = held.anchor } = one
      return [name, { surface: surfaceOf(one, asOf, name, refuse), dynamics, asOf, anchor, shift: 0 }]
    }),
  )
}

type StatedSurface = Exclude<NonNullable<Stated['volatility']>[string], number>

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

function correlations(stated: Readonly<Record<string, number>>, refuse: Refuse): Record<string, number> {
  return Object.fromEntries(
    Object.entries(stated).map(([key, correlation]) => {
      const [one, other, ...more] = key.split('/')
      if (!one || !other || more.length > 0 || one === other)
        throw refuse(`correlation.${key}`, 'must be named by two underlyings, BTC/ETH')
      return [pairKey(one, other), correlation]
    }),
  )
}
