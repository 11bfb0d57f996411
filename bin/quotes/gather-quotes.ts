// Quotes one by one, as `homeostat iv` prints them, gathered into the expiries that a smile is fitted to.

import { isoDate } from '../../lib/base/calendar.ts'
import * as z from '../../lib/base/schema.ts'
import { choiceTerm, optionalTerm, priceTerm, quantityTerm } from '../../lib/instruments/term-schemas.ts'
import { type JsonRecord, readRecord, refusal } from '../json-record.ts'
import { short } from './arbitrage-figures.ts'
import { field, idField, surfaceField, timeFields, timeOf, volatilityField } from './quote-fields.ts'
import type { StatedSlice } from './slice-quotes.ts'

const unread = () => optionalTerm(field(z.unknown(), 'as homeostat iv prints it', 'is not read'))

export const loneQuoteSchema = z.strictObject({
  id: idField(),
  line: unread(),
  surface: surfaceField('which surface the quote belongs to'),
  kind: optionalTerm(choiceTerm(['call', 'put'], 'right to buy or to sell')),
  strike: priceTerm('strike', 'USD'),
  ...timeFields(),
  forward: priceTerm('forward to expiry; of one expiry all the same, within 1 %', 'USD'),
  spot: optionalTerm(priceTerm('price of the underlying at the same time, for --market', 'USD')),
  volatility: volatilityField('implied volatility'),
  weight: optionalTerm(quantityTerm('of the squared volatility error, 1 if absent', 'any, relative to the others')),
  moneyness: unread(),
  priceUsd: unread(),
  vega: unread(),
  warnings: unread(),
})

/** What is answered for a quote: where it went. */
export interface GatheredQuote {
  /** The id of the slice that is fitted after the last line. */
  readonly slice: string
  readonly strike: number
  readonly volatility: number
}

interface Gathered {
  readonly slice: Omit<StatedSlice, 'quotes' | 'id' | 'forward' | 'spot'>
  readonly forwards: number[]
  spot: number | undefined
  readonly quotes: StatedSlice['quotes'][number][]
}

/** Forwards of one expiry that differ by more are of different underlyings, or of different days. */
const nearForward = 0.01

/** True for a line that holds a quote, and one that `homeostat iv` refused. */
export function isLoneQuote(record: JsonRecord): boolean {
  return !('quotes' in record) && ('strike' in record || 'error' in record)
}

export function quoteCollection() {
  const slices = new Map<string, Gathered>()
  return {
    /** Throws `invalid-input`, `expired`, `forward-differs`, and what `homeostat iv` refused the quote with. */
    add(record: JsonRecord): GatheredQuote {
      refuseRefused(record)
      const { surface, kind, strike, expiry, at, time, forward, spot, volatility, weight } = readRecord(
        loneQuoteSchema,
        record,
      )
      // `homeostat iv` prints the time beside the expiry that it follows from.
      const when = expiry === undefined || at === undefined ? { time, expiry, at } : { expiry, at }
      const years = timeOf(when)
      const slice = sliceId(surface, expiry, years)
      const key = JSON.stringify([surface, at, years])
      const held = slices.get(key) ?? { slice: { surface, ...when }, forwards: [], spot, quotes: [] }
      const [first = forward] = held.forwards
      if (Math.abs(forward / first - 1) > nearForward)
        throw refusal('forward-differs', {
          message: `The first quote of this expiry has another forward, ${first}.`,
          field: 'forward',
          rule: 'must be that of the other quotes of the expiry, within 1 %',
          hint: 'Tell underlyings apart by `surface`, and instants by `at`.',
        })
      held.forwards.push(forward)
      held.spot ??= spot
      held.quotes.push({
        strike,
        volatility,
        ...(kind === undefined ? {} : { kind }),
        ...(weight === undefined ? {} : { weight }),
      })
      slices.set(key, held)
      return { slice, strike, volatility }
    },
    /** The expiries, in the order of their first quotes, each with its id. */
    slices(): readonly { readonly id: string; readonly stated: StatedSlice; readonly warning?: string }[] {
      return [...slices.values()].map(({ slice, forwards, spot, quotes }) => {
        const sorted = forwards.toSorted((one, other) => one - other)
        const [lowest = 0, highest = 0] = [sorted[0], sorted.at(-1)]
        const forward = sorted[Math.floor(sorted.length / 2)] ?? 0
        const stated = { ...slice, forward, ...(spot === undefined ? {} : { spot }), quotes } as StatedSlice
        const id = sliceId(slice.surface, slice.expiry, timeOf(slice))
        const spread = highest / lowest - 1
        if (spread < 1e-6) return { id, stated }
        return {
          id,
          stated,
          warning: `the forwards of these quotes differ by ${short(100 * spread)} %: the middle one is taken`,
        }
      })
    },
  }
}

function sliceId(surface: string | undefined, expiry: number | undefined, years: number): string {
  return `${surface === undefined ? '' : `${surface} `}${expiry === undefined ? `${short(years)} years` : isoDate(expiry)}`
}

/** A quote that `homeostat iv` refused stays refused, for the same reason. */
function refuseRefused({ error }: JsonRecord): void {
  if (typeof error !== 'object' || error === null) return
  const { code, message, field: name, rule, hint } = error as JsonRecord
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const told = { field: text(name), rule: text(rule), hint: text(hint) }
  throw refusal(text(code) ?? 'refused', {
    message: text(message) ?? 'The quote was refused before.',
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
  })
}
