// One expiry's quotes as they are stated, and those of them that a smile can be fitted to.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import * as z from '../../lib/base/schema.ts'
import type { Years } from '../../lib/base/units.ts'
import {
  choiceTerm,
  listTerm,
  optionalTerm,
  priceTerm,
  quantityTerm,
  rateTerm,
} from '../../lib/instruments/term-schemas.ts'
import { logRatio } from '../../lib/quant/options/black.ts'
import { refusal } from '../json-record.ts'
import { highestVolatility, idField, ruled, surfaceField, timeFields, volatilityField } from './quote-fields.ts'
import { quotedVolatility } from './quoted-volatility.ts'

const inPriceUnit = 'USD, or coins with priceIn coin'

const quoteSchema = z.strictObject({
  strike: priceTerm('strike', 'USD'),
  volatility: optionalTerm(volatilityField('implied volatility; or else a price')),
  kind: optionalTerm(choiceTerm(['call', 'put'], 'right to buy or to sell; needed with a price')),
  price: optionalTerm(priceTerm('what the option costs; or else bid and ask', inPriceUnit)),
  bid: optionalTerm(quantityTerm('what buyers pay; 0 is no bid', inPriceUnit)),
  ask: optionalTerm(quantityTerm('what sellers ask; the middle of both is fitted', inPriceUnit)),
  weight: optionalTerm(
    quantityTerm(
      'of the squared volatility error, 1 if absent; 1 / (ask less bid volatility)^2 is usual',
      'any, relative to the others',
    ),
  ),
})

export const sliceSchema = z.strictObject({
  id: idField(),
  surface: surfaceField('which surface the expiry belongs to; those of one name and one `at` are compared'),
  ...timeFields(),
  forward: priceTerm('forward to expiry', 'USD'),
  spot: optionalTerm(priceTerm('price of the underlying at the same time, for --market', 'USD')),
  rate: optionalTerm(rateTerm('interest to discount prices with; 0 if absent')),
  priceIn: optionalTerm(
    choiceTerm(['usd', 'coin'], 'unit of the prices, usd if absent; coin is times forward exp(-rate time)'),
  ),
  quotes: listTerm(quoteSchema, 'at least 5, at 3 strikes or more, in any order'),
})

export type StatedSlice = z.output<typeof sliceSchema>
type StatedQuote = z.output<typeof quoteSchema>

const tooFar = 'its strike is too far from the forward: by more than a factor of exp(8), some 3,000'

export interface UsableQuote {
  /** Its place in the list, from 0. */
  readonly quote: number
  readonly strike: number
  /** ln(strike / forward). */
  readonly moneyness: number
  readonly volatility: number
  readonly weight: number
}

/** A quote that is well-formed and yet says nothing about the smile. */
export interface LeftOut {
  readonly quote: number
  readonly strike: number
  readonly code: string
  readonly reason: string
}

export interface SliceQuotes {
  readonly usable: readonly UsableQuote[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * The quotes that can be fitted to, in their order. Left out, with a reason: no bid or no ask (`one-sided`), bid above
 * ask (`crossed`), the second of a strike and kind (`duplicate`), weight 0 (`no-weight`), a strike beyond exp(8) of the forward, prices of a volatility above 10,
 * and prices without an implied volatility, by its codes. Throws `invalid-input` for a quote that is not well-formed, and `too-few-quotes` unless five
 * at three strikes are left.
 */
export function sliceQuotes(slice: StatedSlice, time: Years): SliceQuotes {
  const usable: UsableQuote[] = []
  const leftOut: LeftOut[] = []
  const seen = new Set<string>()
  for (const [index, quote] of slice.quotes.entries()) {
    checkForm(quote, `quotes.${index}`)
    const { strike, weight = 1 } = quote
    const key = `${quote.kind ?? 'either'} ${strike}`
    const found = seen.has(key)
      ? { code: 'duplicate', reason: `quoted before at strike ${strike}` }
      : weight === 0
        ? { code: 'no-weight', reason: 'its weight is 0' }
        : volatilityOf(quote, slice, time)
    seen.add(key)
    const moneyness = logRatio(strike, slice.forward)
    if (typeof found !== 'number') leftOut.push({ quote: index, strike, ...found })
    else if (Math.abs(moneyness) <= 8) usable.push({ quote: index, strike, moneyness, volatility: found, weight })
    else leftOut.push({ quote: index, strike, code: 'moneyness-out-of-range', reason: tooFar })
  }
  const strikes = new Set(usable.map(({ moneyness }) => moneyness)).size
  // Only their ratios count; so the sums of the fit stay finite.
  const heaviest = usable.reduce((most, { weight }) => Math.max(most, weight), 0)
  if (usable.length >= 5 && strikes >= 3)
    return { usable: usable.map((quote) => ({ ...quote, weight: quote.weight / heaviest })), leftOut }
  throw refusal('too-few-quotes', {
    message: `${usable.length} of ${slice.quotes.length} quotes can be used, at ${strikes} strikes.`,
    field: 'quotes',
    rule: 'must hold 5 that can be used, at 3 different strikes',
    ...(leftOut.length === 0 ? {} : { hint: `Left out: ${reasons(leftOut)}.` }),
  })
}

function reasons(leftOut: readonly LeftOut[]): string {
  const shown = leftOut.slice(0, 5).map(({ quote, code }) => `quotes.${quote} (${code})`)
  return [...shown, ...(leftOut.length > 5 ? [`and ${leftOut.length - 5} more`] : [])].join(', ')
}

/** A volatility, a price, or a bid or an ask; with a kind unless it is a volatility. */
function checkForm({ volatility: stated, price, bid, ask, kind }: StatedQuote, path: string): void {
  const forms = [stated, price, bid ?? ask].filter((form) => form !== undefined).length
  if (forms !== 1) throw ruled(path, 'must have one of: volatility; price; bid and ask')
  if (stated === undefined && kind === undefined)
    throw ruled(`${path}.kind`, 'must be call or put where there is a price')
}

/** The volatility of a well-formed quote, or why it has none. */
function volatilityOf(
  { volatility: stated, price, bid, ask, kind = 'call', strike }: StatedQuote,
  { forward, rate = 0, priceIn = 'usd' }: StatedSlice,
  time: Years,
): number | Omit<LeftOut, 'quote' | 'strike'> {
  if (stated !== undefined) return stated
  if (price === undefined && (!bid || !ask))
    return { code: 'one-sided', reason: bid ? 'there is no ask' : 'there is no bid' }
  if (bid !== undefined && ask !== undefined && bid > ask)
    return { code: 'crossed', reason: `the bid, ${bid}, is above the ask, ${ask}` }
  const middle = price ?? 0.5 * ((bid ?? 0) + (ask ?? 0))
  try {
    const quote = { kind, price: middle, priceIn, under: { forward }, strike, time, rate, carry: rate }
    const found = quotedVolatility(quote).volatility
    if (found <= highestVolatility) return found
    const percent = Number((100 * found).toPrecision(4))
    return { code: 'volatility-too-high', reason: `its price means a volatility of ${percent} %: is it in its unit?` }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    const { rule } = error.facts
    return { code: error.code, reason: rule === undefined ? error.message : `its price ${rule}` }
  }
}
