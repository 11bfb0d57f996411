// Fills what our own snapshots lack: the bars since the last stored one, from the configured sources, a bounded number of requests an hour.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { type BarInterval, type BarStore, barSeconds, barStartOf, type HistoryConfig } from '../model/history.ts'
import type { PastPrices } from '../model/market-ports.ts'
import type { Clock } from '../model/ports.ts'

export interface FetchRecentDeps {
  readonly history: BarStore
  readonly prices: PastPrices
  readonly clock: Clock
}

interface Wanted {
  readonly source: string
  readonly product: string
  readonly asset: string
  readonly interval: BarInterval
  readonly from: UnixSeconds
  readonly to: UnixSeconds
}

/** As far back as a model looks, in days. */
export const lookbackDays: Readonly<Record<'1d' | '1h', number>> = { '1d': 1_461, '1h': 120 }
/** Of one run, over all sources: what is left comes with the next hour. */
const requestsARun = 120
/** Of one series: the whole lookback in pages of 300, with repetitions. */
const requestsASeries = 14
/** A run begins no request later than this after its begin. */
const patienceSeconds = 60

/**
 * Series that lack little come before those that lack years, so that a source which refuses one product costs the others nothing. Stored bars are never
 * asked for again; gaps between them stay. Nothing is thrown: what could not be had is a note.
 */
export async function fetchRecentBars(
  deps: FetchRecentDeps,
  { config, at }: { readonly config: HistoryConfig; readonly at: UnixSeconds },
): Promise<{ readonly added: number; readonly requests: number; readonly notes: readonly string[] }> {
  const wanted = (await Promise.all(wantedOf(config, at).map((one) => sinceLastStored(deps, one))))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => barsIn(a) - barsIn(b))
  const spent = { added: 0, requests: 0 }
  const notes: string[] = []
  for (const [index, one] of wanted.entries()) {
    if (spent.requests >= requestsARun || deps.clock.now() - at > patienceSeconds) {
      notes.push(`${wanted.length - index} series of past prices wait for the next hour: enough was asked in this one`)
      break
    }
    const requests = Math.min(requestsASeries, requestsARun - spent.requests)
    try {
      const read = await deps.prices.read({ ...one, requests })
      spent.requests += read.requests
      const { bars } = read.history
      if (bars.length > 0) {
        const { added, changed } = await deps.history.putBars(one, bars)
        spent.added += added + changed
      }
      for (const [reason, count] of Object.entries(read.refused))
        notes.push(`${nameOf(one)}: ${count} rows were not believed (${reason}) and are gaps`)
      if (read.stopped !== undefined) notes.push(`${nameOf(one)}: ${read.stopped.reason}`)
    } catch (error) {
      if (!isHomeostatError(error)) throw error
      notes.push(`${nameOf(one)}: ${error.message}`)
    }
  }
  return { ...spent, notes }
}

function wantedOf(config: HistoryConfig, at: UnixSeconds): readonly Wanted[] {
  return config.sources.flatMap(({ source, products }) =>
    Object.entries(products).flatMap(([asset, product]) =>
      (['1d', '1h'] as const).map((interval) => {
        const to = barStartOf(at, interval)
        return { source, product, asset, interval, from: to - lookbackDays[interval] * 86_400, to }
      }),
    ),
  )
}

async function sinceLastStored({ history }: FetchRecentDeps, wanted: Wanted): Promise<Wanted> {
  const { bars } = await history.bars(wanted)
  const last = bars.at(-1)
  return last === undefined ? wanted : { ...wanted, from: last.start + barSeconds[wanted.interval] }
}

function barsIn({ from, to, interval }: Wanted): number {
  return (to - from) / barSeconds[interval]
}

function nameOf({ asset, interval, source }: Wanted): string {
  return `${asset} by ${interval} from ${source}`
}
