// How people and files state a market.

import * as z from '../../base/schema.ts'
import { instantTerm, priceTerm, rateTerm } from '../term-schemas.ts'

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

const dataFields = {
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
}

/** All of a market but its prices: what is known of rates, forwards, volatilities, funding and correlations. */
export const marketDataSchema = z.strictObject(dataFields)

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
  ...dataFields,
})

export type MarketInput = z.input<typeof marketSchema>
export type MarketData = z.output<typeof marketDataSchema>
