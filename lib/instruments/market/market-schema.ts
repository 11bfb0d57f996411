// How people and files state a market.

import * as z from '../../base/schema.ts'
import { instantTerm, noted, priceTerm, rateTerm } from '../term-schemas.ts'

const named = <S extends z.ZodMiniType>(entry: S) => z.record(z.string(), entry)
const curveSchema = z.union(
  [
    rateTerm('rate'),
    z
      .array(z.strictObject({ at: instantTerm('date'), rate: rateTerm('zero rate') }))
      .check(z.minLength(1, 'must have at least one date')),
  ],
  'must be a rate per year (0.05 is 5 %), or a list of { at, rate }',
)
const volatilityNumber = z
  .number('must be a finite number')
  .check(z.gte(0, 'must be 0 or more'), z.lte(10, 'must be at most 10 (1,000 %): 0.6 is 60 %'))
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
  interest: noted(
    z.optional(curveSchema),
    'per year, continuous',
    'dollar rate: one, or a list of { at, rate } by date; else 0',
  ),
  forward: noted(
    z.optional(
      named(
        z
          .array(z.strictObject({ expiry: instantTerm('delivery'), price: priceTerm('forward') }))
          .check(z.minLength(1, 'must have at least one { expiry, price }')),
      ),
    ),
    'USD, by underlying',
    "list of { expiry, price }: the venue's forwards, level in carry beyond them",
  ),
  carry: noted(
    z.optional(named(curveSchema)),
    'per year, by underlying',
    'growth of the forward, F = S exp(carry T), instead of forwards; else the dollar rate',
  ),
  volatility: noted(
    z.optional(named(volatilitySchema)),
    'per root of a year, by underlying',
    'a number (0.6 is 60 %), or { flat | term: [{ expiry, volatility }] | svi: [{ expiry, a, b, rho, m, sigma }], dynamics?: sticky-strike | sticky-delta, asOf?, anchor? }',
  ),
  funding: noted(
    z.optional(named(rateTerm('funding; above 0 the long pays'))),
    'per year, by underlying',
    'funding of perpetuals; above 0 the long pays',
  ),
  perpetualPremium: noted(
    z.optional(named(z.number().check(z.gt(-1, 'must be above -1')))),
    'fraction, by underlying',
    'perpetual mark / spot - 1; else 0',
  ),
  correlation: noted(
    z.optional(named(z.number().check(z.gte(-1, 'must be within -1 and 1'), z.lte(1, 'must be within -1 and 1')))),
    '-1 to 1, by pair BTC/ETH',
    'correlation of log returns',
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
  spot: noted(named(priceTerm('USD')), 'USD, by underlying', 'price of each underlying'),
  exchangeRates: noted(
    z.optional(
      named(
        z.strictObject({
          underlying: z.string().check(z.minLength(1, 'must be an underlying, not empty')),
          rate: priceTerm('units of the underlying for one of the asset'),
          asOf: z.optional(instantTerm('when the rate was last true')),
          growth: z.optional(rateTerm('how fast the rate grows')),
        }),
      ),
    ),
    'by asset symbol',
    '{ underlying, rate, asOf?, growth? }: how an asset follows its underlying; an underlying is itself',
  ),
  ...dataFields,
})

export type MarketInput = z.input<typeof marketSchema>
export type MarketData = z.output<typeof marketDataSchema>
