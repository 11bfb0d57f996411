// Bars of prices that all portfolios share: one item an asset, source and day (or month, or year), written only when there is something to say.

import { isoDate } from '../base/calendar.ts'
import { HomeostatError } from '../base/homeostat-error.ts'
import {
  type Bar,
  type BarInterval,
  type BarSeries,
  type BarStore,
  type BarsPut,
  barOf,
  barStartOf,
  joinBars,
  ownSource,
  type PriceObservation,
} from '../model/history.ts'
import type { Item, ItemKey, Table } from '../model/ports.ts'

/** A price that differs from the stored close, or leaves the stored range, by less than this is not written. */
export const materialMove = 0.0005
/** So long after the last written observation, an unchanged price is written again: it was seen. */
export const restSeconds = 900

/** Attempts against other writers of the same item. */
const attempts = 6
/** Items that are written at a time. */
const together = 16
/** More items than any series has: 27 years of days. */
const allItems = 10_000
const seriesPartition = 'history#series'

type Deps = { readonly table: Table }

/** The store of bars on a table; the layout of its keys is in the room's README. */
export function barStore(table: Table): BarStore {
  const deps = { table }
  // What is known to be stored. Stored bars only grow, so old knowledge is never wrong, only less.
  const known = new Map<string, Bar>()
  // One at a time for an asset: whoever waits mostly finds that what it saw is stored by then.
  const turns = new Map<string, Promise<unknown>>()
  const inTurn = (observation: PriceObservation): Promise<Observed> => {
    const { asset } = observation
    const mine = (turns.get(asset) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => observe(deps, { known, observation }))
    turns.set(asset, mine)
    return mine
  }
  return {
    async observe(observations) {
      const outcomes = await Promise.all(observations.map(inTurn))
      const count = (kind: Observed) => outcomes.filter((outcome) => outcome === kind).length
      return { written: count('written'), covered: count('covered'), contended: count('contended') }
    },
    async putBars(series, bars) {
      requireKey(series.asset)
      requireKey(series.source)
      if (bars.length === 0) return { added: 0, changed: 0, same: 0 }
      const byPeriod = Map.groupBy(bars, ({ start }) => periodOf(start, series.interval, series.source))
      const puts: BarsPut[] = []
      const periods = [...byPeriod]
      for (let from = 0; from < periods.length; from += together) {
        const batch = periods.slice(from, from + together)
        puts.push(
          ...(await Promise.all(batch.map(([period, mine]) => putPeriod(deps, { series, period, bars: mine })))),
        )
      }
      await announce(deps, series)
      const sum = (key: keyof BarsPut) => puts.reduce((total, put) => total + put[key], 0)
      return { added: sum('added'), changed: sum('changed'), same: sum('same') }
    },
    async bars({ asset, interval, source, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }) {
      const items = await itemsOf(deps, { asset, interval, from, to })
      const sources = items.filter((item) => source === undefined || sourceOf(item) === source).sort(byTrust)
      const found = new Map<number, Bar>()
      for (const item of sources) {
        for (const bar of barsIn(item))
          if (bar.start >= from && bar.start < to && !found.has(bar.start)) found.set(bar.start, bar)
      }
      return { asset, interval, quote: 'USD', bars: [...found.values()].sort((a, b) => a.start - b.start) }
    },
    async series() {
      const items = await table.list({ partition: seriesPartition, prefix: '', newestFirst: false, limit: allItems })
      return items.map(({ body }) => body as BarSeries)
    },
  }
}

type Observed = 'written' | 'covered' | 'contended'

async function observe(
  deps: Deps,
  { known, observation }: { readonly known: Map<string, Bar>; readonly observation: PriceObservation },
): Promise<Observed> {
  const { asset } = observation
  requireKey(asset)
  const remembered = known.get(asset)
  if (remembered !== undefined && covers(remembered, observation)) return 'covered'
  const series: BarSeries = { asset, interval: '1h', source: ownSource }
  const bar = barOf(observation, series)
  const key = keyOf(series, periodOf(bar.start, series.interval, series.source))
  for (let attempt = 0; attempt < attempts; attempt++) {
    const item = await deps.table.get(key)
    const stored = item === undefined ? [] : barsIn(item)
    const before = stored.find(({ start }) => start === bar.start)
    if (before !== undefined) known.set(asset, before)
    if (before !== undefined && covers(before, observation)) return 'covered'
    const next = before === undefined ? bar : joinBars(before, bar)
    if (!(await write(deps, key, { series, item, bars: [...stored.filter((one) => one !== before), next] }))) continue
    known.set(asset, next)
    if (item === undefined) await announce(deps, series)
    return 'written'
  }
  return 'contended'
}

/** True if the bar tells what was seen, closely enough. */
function covers(bar: Bar, { at, usd }: PriceObservation): boolean {
  if (bar.start !== barStartOf(at, '1h')) return false
  if (usd > bar.high * (1 + materialMove) || usd < bar.low * (1 - materialMove)) return false
  if (at < bar.firstAt) return false
  return at <= bar.lastAt || (at - bar.lastAt < restSeconds && Math.abs(usd / bar.close - 1) <= materialMove)
}

async function putPeriod(
  deps: Deps,
  { series, period, bars }: { readonly series: BarSeries; readonly period: string; readonly bars: readonly Bar[] },
): Promise<BarsPut> {
  const key = keyOf(series, period)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const item = await deps.table.get(key)
    const stored = new Map((item === undefined ? [] : barsIn(item)).map((bar) => [bar.start, bar]))
    const put = { added: 0, changed: 0, same: 0 }
    for (const bar of bars) {
      const before = stored.get(bar.start)
      put[before === undefined ? 'added' : isSame(before, bar) ? 'same' : 'changed'] += 1
      stored.set(bar.start, bar)
    }
    if (put.added + put.changed === 0) return put
    if (await write(deps, key, { series, item, bars: [...stored.values()] })) return put
  }
  throw new HomeostatError('history-contended', {
    message: `The bars of ${series.asset} from ${series.source} keep changing while they are written.`,
    retry: 'later',
    facts: { ...series },
    hint: 'Is the same import running twice? Run it again; what is stored already is not written a second time.',
  })
}

async function write(
  { table }: Deps,
  key: ItemKey,
  params: { readonly series: BarSeries; readonly item: Item | undefined; readonly bars: readonly Bar[] },
): Promise<boolean> {
  const bars = [...params.bars].sort((a, b) => a.start - b.start).map(packed)
  const next = { ...key, body: { source: params.series.source, bars } satisfies BarsBody }
  if (params.item === undefined) return (await table.create(next)) === 'created'
  return (await table.replace(next, params.item.version)) === 'replaced'
}

/** So that a series is found without looking at every item. */
async function announce({ table }: Deps, series: BarSeries): Promise<void> {
  const { asset, interval, source } = series
  await table.create({
    partition: seriesPartition,
    sort: `${asset}#${interval}#${source}`,
    body: { asset, interval, source },
  })
}

async function itemsOf(
  { table }: Deps,
  params: { readonly asset: string; readonly interval: BarInterval; readonly from: number; readonly to: number },
): Promise<Item[]> {
  const { asset, interval, from, to } = params
  const partition = partitionOf({ asset, interval })
  const list = (prefix: string) => table.list({ partition, prefix, newestFirst: false, limit: allItems })
  if (!Number.isFinite(from) || !Number.isFinite(to)) return [...(await list(''))]
  if (to <= from) return []
  const [first, last] = [Number(isoDate(from).slice(0, 4)), Number(isoDate(to).slice(0, 4))]
  const years = Array.from({ length: last - first + 1 }, (_, index) => String(first + index))
  return (await Promise.all(years.map(list))).flat()
}

/** [start, open, high, low, close, first and last observation after the start, observations]. */
type Packed = readonly [number, number, number, number, number, number, number, number]
interface BarsBody {
  readonly source: string
  readonly bars: readonly Packed[]
}

function packed({ start, open, high, low, close, firstAt, lastAt, observations }: Bar): Packed {
  return [start, open, high, low, close, firstAt - start, lastAt - start, observations]
}

function barsIn(item: Item): readonly Bar[] {
  const { source, bars } = item.body as BarsBody
  return bars.map(([start, open, high, low, close, first, last, observations]) => ({
    start,
    open,
    high,
    low,
    close,
    firstAt: start + first,
    lastAt: start + last,
    observations,
    source,
  }))
}

function sourceOf(item: Item): string {
  return (item.body as BarsBody).source
}

function byTrust(a: Item, b: Item): number {
  const rank = (item: Item) => (sourceOf(item) === ownSource ? '' : sourceOf(item))
  return rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0
}

function isSame(a: Bar, b: Bar): boolean {
  return JSON.stringify(packed(a)) === JSON.stringify(packed(b))
}

/** Our own hours lie by day, for they are written while they grow; what comes whole lies by day, month or year, some hundreds of bars an item. */
function periodOf(start: number, interval: BarInterval, source: string): string {
  const length = source === ownSource || interval === '5m' ? 10 : interval === '1h' ? 7 : 4
  return isoDate(start).slice(0, length)
}

function partitionOf({ asset, interval }: Pick<BarSeries, 'asset' | 'interval'>): string {
  return `history#${asset}#${interval}`
}

function keyOf(series: BarSeries, period: string): ItemKey {
  return { partition: partitionOf(series), sort: `${period}#${series.source}` }
}

/** @throws HomeostatError `bad-history-key`: a name that would make one key look like another */
function requireKey(name: string): void {
  if (name !== '' && name.length <= 60 && !name.includes('#')) return
  throw new HomeostatError('bad-history-key', {
    message: `"${name.slice(0, 60)}" cannot name an asset or a source of bars.`,
    retry: 'never',
    facts: { name: name.slice(0, 60) },
    hint: 'Names have 1 to 60 characters and no #.',
  })
}
