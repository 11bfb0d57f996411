// An account at Deribit as positions: what each contract is worth beyond the balance, and the balance beside them.

import * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { PositionReading } from '../../model/reading.ts'
import type { VenueAccount } from '../../model/venue-reading.ts'
import { refusal } from '../protocols/as-configured.ts'
import { joinParts, type ReadingPart } from '../protocols/define-protocol.ts'
import { positionPart, refusedPart } from '../protocols/position-part.ts'
import { type DeribitInstrument, deribitInstrument } from './deribit-instruments.ts'

const maybe = z.optional(z.nullable(z.number()))

const deribitPosition = z.object({
  instrument_name: z.string(),
  kind: z.string(),
  direction: z.enum(['buy', 'sell', 'zero']),
  /** Of inverse futures in USD, of all else in the base. */
  size: z.number(),
  /** Futures: in the base. */
  size_currency: maybe,
  mark_price: z.number(),
  index_price: maybe,
  /** Futures: since the last settlement, which has paid what was before; in the currency of settlement. */
  floating_profit_loss: z.number(),
})
const summary = z.object({
  currency: z.string().check(z.regex(/^[A-Z0-9]{2,10}$/)),
  balance: z.number(),
  equity: z.number(),
  session_rpl: z.number(),
  margin_balance: z.number(),
  initial_margin: z.number(),
  maintenance_margin: z.number(),
})
export const deribitSummaries = z.object({
  summaries: z
    .array(summary)
    .check(z.refine((all) => new Set(all.map(({ currency }) => currency)).size === all.length, 'each once')),
})

type Raw = z.output<typeof deribitPosition>
type Summary = z.output<typeof summary>

export interface DeribitHoldings {
  readonly part: ReadingPart
  readonly accounts: readonly VenueAccount[]
  /** By position id. */
  readonly contracts: ReadonlyMap<string, DeribitInstrument>
}

/** Two sizes of one position agree this well: the mark moves between them. */
const sizeDisagreement = 0.02
/** The account's parts explain its equity this well, as a fraction of what is at stake. */
const equityDisagreement = 0.01

/** One entry a position or gap; a position that cannot be told is never left out in silence. */
export function deribitHoldings(params: {
  readonly venue: string
  readonly positions: readonly unknown[]
  readonly summaries: readonly Summary[]
  readonly at: UnixSeconds
}): DeribitHoldings {
  const { venue, at } = params
  const read = onceEach(params.positions.map((raw, place) => readPosition(raw, { venue, at, place })))
  const contracts = read.flatMap(({ contract }) => (contract === undefined ? [] : [contract]))
  return {
    part: joinParts([
      ...read.map(({ part }) => part),
      ...params.summaries.map((summary) => cashPart(venue, summary, contracts)),
    ]),
    accounts: params.summaries.map((one) => ({
      venue,
      currency: one.currency,
      equity: one.equity,
      marginBalance: one.margin_balance,
      initialMargin: one.initial_margin,
      maintenanceMargin: one.maintenance_margin,
    })),
    contracts: new Map(contracts.map(({ id, instrument }) => [id, instrument])),
  }
}

/** Listed twice, a position would count twice. */
function onceEach(read: readonly Read[]): readonly Read[] {
  const times = new Map<string, number>()
  for (const { contract } of read) if (contract !== undefined) times.set(contract.id, (times.get(contract.id) ?? 0) + 1)
  const told = new Set<string>()
  return read.flatMap((one) => {
    const id = one.contract?.id
    if (id === undefined || times.get(id) === 1) return [one]
    if (told.has(id)) return []
    told.add(id)
    return [{ part: refusedPart(id, refusal('listed-twice', 'the venue lists it more than once')) }]
  })
}

interface Contract {
  readonly id: string
  readonly instrument: DeribitInstrument
  /** In the currency of settlement: what it adds to the equity beyond the balance, and how much is at stake. */
  readonly adds: number
  readonly stake: number
}

interface Read {
  readonly part: ReadingPart
  readonly contract?: Contract
}

function readPosition(
  given: unknown,
  { venue, at, place }: { readonly venue: string; readonly at: UnixSeconds; readonly place: number },
): Read {
  const parsed = z.safeParse(deribitPosition, given)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the whole'
    const reason = `position number ${place} is not of the documented form (${field})`
    return { part: refusedPart(`${venue}:unread-${place}`, refusal('venue-malformed', reason)) }
  }
  const raw = parsed.data
  const name = raw.instrument_name.slice(0, 40).replace(/[^\w-]/g, '?')
  const id = `${venue}:${name}`
  const refused = (code: string, reason: string): Read => ({ part: refusedPart(id, refusal(code, reason)) })
  if (raw.direction === 'zero' || raw.size === 0) return { part: {} }
  const instrument = deribitInstrument(raw.instrument_name)
  if (instrument === undefined || raw.kind !== (instrument.kind === 'option' ? 'option' : 'future'))
    return refused('unknown-instrument', `it is a ${raw.kind.slice(0, 20)} of a kind that is not known here`)
  if (raw.direction === 'buy' && raw.size < 0)
    return refused('size-contradicts', `it is bought, and its size is ${raw.size}`)
  if (!(raw.mark_price > 0) && instrument.kind !== 'option')
    return refused('mark-not-positive', `its mark is ${raw.mark_price}`)
  if (instrument.kind !== 'perpetual' && instrument.expiry <= at)
    return refused('settlement-pending', 'it has expired and is not settled yet')
  const sign = raw.direction === 'buy' ? 1 : -1
  const quantity = sign * Math.abs(raw.size)
  const misfit = instrument.kind === 'option' ? undefined : sizesDiffer(raw, instrument)
  if (misfit !== undefined) return refused('size-contradicts', misfit)
  const terms = termsOf(instrument, { raw, quantity })
  if (terms === undefined)
    return refused(
      'profit-contradicts',
      `no entry explains a profit of ${raw.floating_profit_loss} at a mark of ${raw.mark_price}`,
    )
  const { base, settlement } = instrument
  const position: PositionReading = {
    id,
    label: `${name} at ${venue}`,
    instrument: terms,
    needs: settlement === undefined ? [base] : [base, settlement],
  }
  const adds = instrument.kind === 'option' ? quantity * raw.mark_price : raw.floating_profit_loss
  const inCoin =
    instrument.kind === 'option' ? Math.abs(quantity) : Math.abs(raw.size_currency ?? quantity / raw.mark_price)
  const price = settlement === undefined ? 1 : (raw.index_price ?? raw.mark_price)
  return { part: positionPart(position), contract: { id, instrument, adds, stake: inCoin * price } }
}

/** An inverse future states USD and coins, a linear one the base twice. */
function sizesDiffer({ size, size_currency, mark_price }: Raw, { settlement }: DeribitInstrument): string | undefined {
  if (typeof size_currency !== 'number') return undefined
  const expected = Math.abs(settlement === undefined ? size / mark_price : size)
  if (Math.abs(Math.abs(size_currency) / expected - 1) <= sizeDisagreement) return undefined
  return `its size is ${size} and ${size_currency} in coins at a mark of ${mark_price}`
}

interface Held {
  readonly raw: Raw
  /** Signed. */
  readonly quantity: number
}

/** undefined if no entry price explains the profit. */
function termsOf(instrument: DeribitInstrument, held: Held): PositionReading['instrument'] | undefined {
  const { base: asset, settlement } = instrument
  const { quantity } = held
  if (instrument.kind === 'option') {
    const { type, strike, expiry } = instrument
    const kind = settlement === undefined ? 'inverse-option' : 'vanilla-option'
    return { kind, terms: { asset, type, strike, expiry, quantity } }
  }
  const entryPrice = entryOf(held, settlement === undefined)
  if (!(entryPrice > 0 && entryPrice < Number.POSITIVE_INFINITY)) return undefined
  if (instrument.kind === 'perpetual') {
    return settlement === undefined
      ? { kind: 'inverse-perp', terms: { asset, quantity, entryPrice } }
      : { kind: 'linear-perp', terms: { asset, settlement, quantity, entryPrice } }
  }
  const { expiry } = instrument
  if (settlement !== undefined) return { kind: 'future', terms: { asset, expiry, quantity, entryPrice } }
  // q (1/E - 1/F) coins at the spot S are q/E (S/F) (F - E) dollars: value and delta of so many linear futures, whatever the spot.
  const { index_price, mark_price } = held.raw
  const coins = (quantity / entryPrice) * ((index_price ?? mark_price) / mark_price)
  return { kind: 'future', terms: { asset, expiry, quantity: coins, entryPrice } }
}

/**
 * The price up to which profit has been paid into the balance: the mark less what has not. The average price of the trades would count
 * the profit of earlier sessions twice.
 */
function entryOf({ raw, quantity }: Held, isInverse: boolean): number {
  const { mark_price: mark, floating_profit_loss: profit } = raw
  return isInverse ? 1 / (1 / mark + profit / quantity) : mark - profit / quantity
}

/** Balance and what the session has realised; the contracts hold the rest of the equity. */
function cashPart(venue: string, summary: Summary, contracts: readonly Contract[]): ReadingPart {
  const { currency, balance, equity, session_rpl } = summary
  const id = `${venue}:balance:${currency}`
  const quantity = balance + session_rpl
  const own = contracts.filter(({ instrument }) => (instrument.settlement ?? instrument.base) === currency)
  const explained = own.reduce((sum, { adds }) => sum + adds, quantity)
  const stake = own.reduce((sum, one) => sum + one.stake, Math.abs(equity) + Math.abs(quantity))
  const doubt =
    Math.abs(explained - equity) > equityDisagreement * stake
      ? refusedPart(
          id,
          refusal(
            'account-not-explained',
            `its equity is ${equity} ${currency}, balance and positions add up to ${explained}`,
          ),
        )
      : {}
  if (quantity === 0) return doubt
  const instrument = { kind: 'spot', terms: { asset: currency, quantity } } as const
  return joinParts([positionPart({ id, label: `${currency} at ${venue}`, instrument, needs: [currency] }), doubt])
}
