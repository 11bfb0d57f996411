// Deribit's list of quotes for one underlying: forwards and volatilities by expiry, without what is stale, crossed or without sense.

import * as z from '../../base/schema.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { deribitInstrument } from './deribit-instruments.ts'
import type { ExpiryQuotes } from './fit-surface.ts'

const optionalNumber = z.optional(z.nullable(z.number()))
const summary = z.object({
  instrument_name: z.string(),
  creation_timestamp: z.number(),
  mark_price: optionalNumber,
  bid_price: optionalNumber,
  ask_price: optionalNumber,
  mark_iv: optionalNumber,
  underlying_price: optionalNumber,
})
type Summary = z.output<typeof summary>

export interface QuotedChain {
  /** Expiries ascend. */
  readonly expiries: readonly ExpiryQuotes[]
  readonly forwards: readonly { readonly expiry: UnixSeconds; readonly price: Usd }[]
  /** What was left out and why, in words. */
  readonly doubts: readonly string[]
}

const staleAfterSeconds = 60
/** Closer to expiry, a volatility is noise. */
const leastSeconds = 1_800
/** Listed are two years at most; beyond five, a date is wrong. */
const mostSeconds = 5 * 365 * 86_400
/** A list of more is no list of the venue's. */
const mostExpiries = 60
/** 1,000 %: beyond, a unit is wrong. */
const mostVolatility = 10
/** A forward further from the index, as a fraction of it, is no forward of this underlying. */
const mostBasis = 0.5

/** `at`: the venue's clock; the list holds whatever the venue lists beside it, which is passed over. */
export function quotedChain(
  list: readonly unknown[],
  params: { readonly underlying: string; readonly index: Usd; readonly at: UnixSeconds },
): QuotedChain {
  const { underlying, index, at } = params
  const left = new Map<string, { count: number; readonly first: string }>()
  const leave = (why: string, first: string) => {
    const known = left.get(why)
    if (known === undefined) left.set(why, { count: 1, first })
    else known.count += 1
  }
  const options = new Map<UnixSeconds, { forwards: number[]; volatilities: Map<number, number[]> }>()
  const futures = new Map<UnixSeconds, number>()
  for (const [place, raw] of list.entries()) {
    const read = z.safeParse(summary, raw)
    if (!read.success) {
      leave('not of the documented form', `number ${place}`)
      continue
    }
    const { data } = read
    const name = data.instrument_name.slice(0, 40)
    const instrument = deribitInstrument(data.instrument_name)
    if (instrument === undefined || instrument.kind === 'perpetual' || instrument.base !== underlying) continue
    if (instrument.expiry <= at + leastSeconds) continue
    if (instrument.expiry > at + mostSeconds) {
      leave('of an expiry in years', name)
      continue
    }
    const fault = faultOf(data, { index, at, isOption: instrument.kind === 'option' })
    if (fault !== undefined) {
      leave(fault, name)
      continue
    }
    if (instrument.kind === 'future') {
      if (instrument.settlement === undefined) futures.set(instrument.expiry, data.mark_price ?? 0)
      continue
    }
    if (options.size >= mostExpiries && !options.has(instrument.expiry)) {
      leave(`beyond ${mostExpiries} expiries`, name)
      continue
    }
    const group = options.get(instrument.expiry) ?? { forwards: [], volatilities: new Map<number, number[]>() }
    options.set(instrument.expiry, group)
    group.forwards.push(data.underlying_price ?? 0)
    const both = group.volatilities.get(instrument.strike) ?? []
    both.push((data.mark_iv ?? 0) / 100)
    group.volatilities.set(instrument.strike, both)
  }
  const expiries = [...options].map(([expiry, { forwards, volatilities }]) => ({
    expiry,
    forward: median(forwards),
    quotes: [...volatilities].map(([strike, both]) => ({ strike, volatility: mean(both) })),
  }))
  const forwards = new Map([...futures, ...expiries.map(({ expiry, forward }) => [expiry, forward] as const)])
  return {
    expiries: expiries.toSorted((one, other) => one.expiry - other.expiry),
    forwards: [...forwards].map(([expiry, price]) => ({ expiry, price })).toSorted((a, b) => a.expiry - b.expiry),
    doubts: [...left].map(([why, { count, first }]) => `${count} ${why}, such as ${first}`),
  }
}

function faultOf(
  { creation_timestamp, bid_price, ask_price, mark_price, mark_iv, underlying_price }: Summary,
  { index, at, isOption }: { readonly index: Usd; readonly at: UnixSeconds; readonly isOption: boolean },
): string | undefined {
  const age = at - creation_timestamp / 1_000
  if (age > staleAfterSeconds) return `older than ${staleAfterSeconds} s`
  if (age < -staleAfterSeconds) return 'of a time to come'
  if (typeof bid_price === 'number' && typeof ask_price === 'number' && bid_price > ask_price && ask_price > 0)
    return 'crossed (bid above ask)'
  const forward = isOption ? underlying_price : mark_price
  if (typeof forward !== 'number' || !(Math.abs(forward / index - 1) <= mostBasis))
    return 'with a forward far from the index'
  if (isOption && !(typeof mark_iv === 'number' && mark_iv > 0 && mark_iv / 100 <= mostVolatility))
    return 'without a volatility that can be'
  return undefined
}

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
