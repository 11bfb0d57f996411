// One line of `homeostat iv`: an option's quote in, its implied volatility out.

import * as z from '../../lib/base/schema.ts'
import type { UnixSeconds } from '../../lib/base/units.ts'
import { choiceTerm, optionalTerm, priceTerm, rateTerm } from '../../lib/instruments/term-schemas.ts'
import { type JsonRecord, readRecord } from '../json-record.ts'
import { idField, ruled, surfaceField, timeFields, timeOf } from './quote-fields.ts'
import { type QuotedVolatility, quotedVolatility } from './quoted-volatility.ts'

export const quoteSchema = z.strictObject({
  id: idField(),
  surface: surfaceField('which surface the option belongs to, for homeostat surface fit'),
  kind: choiceTerm(['call', 'put'], 'right to buy or to sell'),
  price: priceTerm('what the option costs', 'USD, or coins with priceIn coin'),
  priceIn: optionalTerm(
    choiceTerm(['usd', 'coin'], 'unit of the price, usd if absent; a price in coin is times the spot'),
  ),
  spot: optionalTerm(priceTerm('price of the underlying; or else forward', 'USD')),
  forward: optionalTerm(priceTerm('forward to expiry; the spot is then forward exp(-carry time)', 'USD')),
  strike: priceTerm('strike', 'USD'),
  ...timeFields(),
  rate: optionalTerm(rateTerm('interest to discount with; 0 if absent')),
  carry: optionalTerm(rateTerm('growth of the forward over the spot, rate less yield; the rate if absent')),
})

export const quoteExample = {
  id: 'ETH-26JUN26-2000-C',
  surface: 'ETH',
  kind: 'call',
  price: 0.0525,
  priceIn: 'coin',
  forward: 1985,
  strike: 2000,
  expiry: '2026-06-26T08:00:00Z',
  at: '2026-06-01T08:00:00Z',
} as const

/** What the quote stated of its option, so that lines can be told apart and grouped by expiry; and what came out. */
export interface ImpliedVolatilityLine extends QuotedVolatility {
  readonly surface?: string
  readonly kind: 'call' | 'put'
  /** USD, as `spot` is. */
  readonly strike: number
  readonly expiry?: UnixSeconds
  readonly at?: UnixSeconds
  readonly spot?: number
}

/** Throws `invalid-input`, `expired`, or why the price has no volatility. */
export function impliedVolatilityLine(record: JsonRecord): ImpliedVolatilityLine {
  const stated = readRecord(quoteSchema, record)
  const { surface, kind, price, priceIn = 'usd', spot, forward, strike, expiry, at, rate = 0, carry = rate } = stated
  if (spot !== undefined && forward !== undefined) throw ruled('forward', 'must not be given with spot: one of the two')
  const under = spot !== undefined ? { spot } : forward !== undefined ? { forward } : undefined
  if (under === undefined) throw ruled('spot', 'must be given, or forward in its place')
  const found = quotedVolatility({ kind, price, priceIn, under, strike, time: timeOf(stated), rate, carry })
  return {
    ...(surface === undefined ? {} : { surface }),
    kind,
    strike,
    ...(expiry === undefined ? {} : { expiry }),
    ...(at === undefined ? {} : { at }),
    ...(spot === undefined ? {} : { spot }),
    ...found,
  }
}
