// Returns of many assets side by side, date by date, with what had to be said of each: the one form in which history enters every model.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type Bar, type BarInterval, barSeconds, isPrice, jumpFactor } from '../../model/history.ts'

export interface PanelSeries {
  readonly asset: string
  /** In order of time, each start once. */
  readonly bars: readonly Pick<Bar, 'start' | 'close'>[]
}

/** What a reader has to know of one asset's history. Nothing of it was filled in. */
export interface PanelRemark {
  readonly asset: string
  readonly kind: /** Bars are missing between the first and the last: there is no return over them. */
    | 'gap'
    /** One bar stood three times too high or low and came back: it is taken for a wrong figure, and both its returns are left out. */
    | 'wick'
    /** The price rose fivefold and more and stayed: taken for a new unit; that return is left out. */
    | 'new-unit'
    /** The last bar of all stands fivefold above the one before: neither believed nor used until another confirms it. */
    | 'unconfirmed'
    /** The price fell to a fifth and less and stayed: kept, for assets die. */
    | 'collapse'
    /** The price never moved. */
    | 'constant'
    /** The last bar lies before the last date of the others. */
    | 'ended'
    /** The first bar lies after the first date of the others. */
    | 'late-start'
    /** Closes that are no price (zero, negative, not finite) were left out. */
    | 'no-price'
    /** Too few bars for a single return. */
    | 'empty'
  readonly count: number
  /** Begin of the first bar concerned. */
  readonly at?: UnixSeconds
}

export interface ReturnPanel {
  readonly interval: BarInterval
  /** Columns, in the order given. */
  readonly assets: readonly string[]
  /** Begin of the bar whose close ends the return, rising; dates on which nobody has a return are not here. */
  readonly starts: readonly UnixSeconds[]
  /** starts x assets: ln(close / close of the bar before); undefined where there is none. */
  readonly rows: readonly (readonly (number | undefined)[])[]
  /** Last close of each asset that is not unconfirmed; undefined for one without any. */
  readonly last: readonly (Usd | undefined)[]
  readonly remarks: readonly PanelRemark[]
}

/** A bar that stands so many times above or below both its neighbours, and they within half of it of each other, is a wick. */
const wickFactor = 3

interface Column {
  readonly returns: ReadonlyMap<UnixSeconds, number>
  readonly first?: UnixSeconds
  readonly lastBar?: { readonly start: UnixSeconds; readonly close: Usd }
  readonly remarks: readonly PanelRemark[]
}

/**
 * Log returns between neighbouring bars of each asset; a gap stays one, and no return reaches over it. Every crash is kept as it was: what is left out is only
 * what cannot be a price's path (a wick that came back, a fivefold rise that stayed), and `remarks` tell it.
 */
export function returnPanel(params: {
  readonly series: readonly PanelSeries[]
  readonly interval: BarInterval
}): ReturnPanel {
  const { series, interval } = params
  const columns = series.map((one) => columnOf(one, interval))
  const starts = [...new Set(columns.flatMap(({ returns }) => [...returns.keys()]))].toSorted((a, b) => a - b)
  const assets = series.map(({ asset }) => asset)
  return {
    interval,
    assets,
    starts,
    rows: starts.map((start) => columns.map(({ returns }) => returns.get(start))),
    last: columns.map(({ lastBar }) => lastBar?.close),
    remarks: columns.flatMap((column, index) => [
      ...column.remarks,
      ...edgesOf({ column, asset: assets[index] ?? '', starts, length: barSeconds[interval] }),
    ]),
  }
}

function columnOf({ asset, bars }: PanelSeries, interval: BarInterval): Column {
  const remarks: PanelRemark[] = []
  const remark = (kind: PanelRemark['kind'], found: readonly UnixSeconds[]) => {
    const [at] = found
    if (at !== undefined) remarks.push({ asset, kind, count: found.length, at })
  }
  const all = bars.filter(({ close }) => isPrice(close))
  const priced = all.slice(0, confirmed(all))
  remark(
    'unconfirmed',
    all.slice(priced.length).map(({ start }) => start),
  )
  remark(
    'no-price',
    bars.filter(({ close }) => !isPrice(close)).map(({ start }) => start),
  )
  const wicks = new Set(priced.filter((_, index) => isWick(priced, index)).map(({ start }) => start))
  remark('wick', [...wicks])
  const length = barSeconds[interval]
  const returns = new Map<UnixSeconds, number>()
  const found: Record<'gap' | 'new-unit' | 'collapse', UnixSeconds[]> = { gap: [], 'new-unit': [], collapse: [] }
  for (let index = 1; index < priced.length; index += 1) {
    const [before, bar] = [priced[index - 1], priced[index]]
    if (before === undefined || bar === undefined) continue
    if (bar.start - before.start !== length) {
      found.gap.push(before.start + length)
      continue
    }
    if (wicks.has(before.start) || wicks.has(bar.start)) continue
    const move = bar.close / before.close
    if (move >= jumpFactor) {
      found['new-unit'].push(bar.start)
      continue
    }
    if (move <= 1 / jumpFactor) found.collapse.push(bar.start)
    returns.set(bar.start, Math.log(move))
  }
  for (const kind of ['gap', 'new-unit', 'collapse'] as const) remark(kind, found[kind])
  const [first, lastBar] = [priced[0], priced.at(-1)]
  if (returns.size === 0) remarks.push({ asset, kind: 'empty', count: priced.length })
  else if ([...returns.values()].every((value) => value === 0))
    remarks.push({ asset, kind: 'constant', count: returns.size })
  return {
    returns,
    remarks,
    ...(first === undefined ? {} : { first: first.start }),
    ...(lastBar === undefined ? {} : { lastBar }),
  }
}

/** How many of the bars may be used: all, or all but a last one that stands fivefold above the one before. */
export function confirmed(bars: PanelSeries['bars']): number {
  const [before, last] = [bars.at(-2), bars.at(-1)]
  if (before === undefined || last === undefined) return bars.length
  return last.close >= jumpFactor * before.close ? bars.length - 1 : bars.length
}

function isWick(bars: PanelSeries['bars'], index: number): boolean {
  const [before, bar, after] = [bars[index - 1], bars[index], bars[index + 1]]
  if (before === undefined || bar === undefined || after === undefined) return false
  const [low, high] = before.close < after.close ? [before.close, after.close] : [after.close, before.close]
  const cameBack = high / low < wickFactor / 2
  return cameBack && (bar.close >= wickFactor * high || bar.close * wickFactor <= low)
}

/** When a column begins late or ends early, of those with returns. */
function edgesOf(params: {
  readonly column: Column
  readonly asset: string
  readonly starts: readonly UnixSeconds[]
  readonly length: number
}): readonly PanelRemark[] {
  const { column, asset, starts, length } = params
  const [first, last] = [starts[0], starts.at(-1)]
  if (first === undefined || last === undefined || column.returns.size === 0) return []
  const begin = column.first ?? first
  const end = column.lastBar?.start ?? last
  return [
    ...(begin >= first
      ? [{ asset, kind: 'late-start' as const, count: (begin + length - first) / length, at: begin }]
      : []),
    ...(end < last ? [{ asset, kind: 'ended' as const, count: (last - end) / length, at: end }] : []),
  ]
}
