// What prices were: bars of one asset, in which a gap stays a gap. Made of our own snapshots, of files and of public candles.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../base/units.ts'
import type { AssetSymbol, Underlying } from './identity.ts'

export const barIntervals = ['5m', '1h', '1d'] as const
export type BarInterval = (typeof barIntervals)[number]

/** Length of a bar in seconds. Bars begin at whole multiples of it since 1970, so days are those of UTC. */
export const barSeconds: Readonly<Record<BarInterval, number>> = { '5m': 300, '1h': 3_600, '1d': 86_400 }

/** The source of bars that were made of this installation's own snapshots. */
export const ownSource = 'snapshots'

/** What was seen of a price from `start` up to `start` + the interval's length. An interval in which nothing was seen has no bar. */
export interface Bar {
  readonly start: UnixSeconds
  readonly open: Usd
  readonly high: Usd
  readonly low: Usd
  readonly close: Usd
  /** The first and the last observation; the close of a bar that was taken whole from elsewhere counts as seen at its end. */
  readonly firstAt: UnixSeconds
  readonly lastAt: UnixSeconds
  /** Observations that made it, at least 1: of our own snapshots those that moved the bar, of a candle 1. */
  readonly observations: number
  /** `snapshots`, the name of a candle source, or that of an import. */
  readonly source: string
}

/** Bars of one asset in order of time, at most one an interval. */
export interface PriceHistory {
  readonly asset: Underlying | AssetSymbol
  readonly interval: BarInterval
  /** The currency of its prices. Stored bars are in `USD`; a candle source may answer in another, which is not a dollar. */
  readonly quote: string
  readonly bars: readonly Bar[]
}

export interface PriceObservation {
  readonly asset: Underlying | AssetSymbol
  readonly at: UnixSeconds
  readonly usd: Usd
}

/** Intervals without a bar between two bars: from `from` up to, not including, `to`. */
export interface MissingBars {
  readonly from: UnixSeconds
  readonly to: UnixSeconds
  readonly count: number
}

/** A price that is this many times the one before, or less than that part of it, has jumped: with a digit too many it is about ten times. */
export const jumpFactor = 5

/** A bar whose close has jumped: a wrong unit or digit more often than a market. */
export interface JumpedBar {
  readonly start: UnixSeconds
  readonly before: Usd
  readonly close: Usd
}

/** The beginning of the interval that an instant lies in. */
export function barStartOf(at: UnixSeconds, interval: BarInterval): UnixSeconds {
  const length = barSeconds[interval]
  return Math.floor(at / length) * length
}

/** True for what can stand in a bar: a finite number above zero. */
export function isPrice(usd: number): boolean {
  return Number.isFinite(usd) && usd > 0
}

/**
 * A bar of one observation.
 * @throws HomeostatError `not-a-price` for zero, negative numbers, NaN and infinities
 */
export function barOf(
  { at, usd }: Pick<PriceObservation, 'at' | 'usd'>,
  params: { readonly interval: BarInterval; readonly source: string },
): Bar {
  if (!isPrice(usd)) {
    throw new HomeostatError('not-a-price', {
      message: `A bar is made of prices above zero, not of ${usd}.`,
      retry: 'never',
      facts: { usd: String(usd), at },
      hint: 'This is a defect upstream: what was not read is left out.',
    })
  }
  const start = barStartOf(at, params.interval)
  return {
    start,
    open: usd,
    high: usd,
    low: usd,
    close: usd,
    firstAt: at,
    lastAt: at,
    observations: 1,
    source: params.source,
  }
}

/**
 * Two bars of one interval, or parts of a longer one, as one. The order does not matter: of two prices at the same second,
 * the higher is the open or the close.
 */
export function joinBars(a: Bar, b: Bar): Bar {
  return {
    start: Math.min(a.start, b.start),
    open: a.firstAt === b.firstAt ? Math.max(a.open, b.open) : a.firstAt < b.firstAt ? a.open : b.open,
    high: Math.max(a.high, b.high),
    low: Math.min(a.low, b.low),
    close: a.lastAt === b.lastAt ? Math.max(a.close, b.close) : a.lastAt > b.lastAt ? a.close : b.close,
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    observations: a.observations + b.observations,
    source: a.source,
  }
}

/** Bars of a longer interval. One exists where any of its parts does; nothing is filled in. */
export function coarserBars(bars: readonly Bar[], interval: BarInterval): readonly Bar[] {
  const joined: Bar[] = []
  for (const bar of bars) {
    const start = barStartOf(bar.start, interval)
    const last = joined.at(-1)
    if (last?.start === start) joined[joined.length - 1] = { ...joinBars(last, bar), start }
    else joined.push({ ...bar, start })
  }
  return joined
}

/** Where bars are missing between the first and the last; `bars` in order of time. */
export function missingBars(bars: readonly Pick<Bar, 'start'>[], interval: BarInterval): readonly MissingBars[] {
  const length = barSeconds[interval]
  return bars.flatMap(({ start }, index) => {
    const before = bars[index - 1]
    if (before === undefined || start - before.start <= length) return []
    const from = before.start + length
    return [{ from, to: start, count: (start - from) / length }]
  })
}

/** Bars that jump from the one before, gaps between them or not. Nothing is corrected: who reads them decides. */
export function jumpedBars(bars: readonly Bar[]): readonly JumpedBar[] {
  return bars.flatMap(({ start, close }, index) => {
    const before = bars[index - 1]?.close
    if (before === undefined || (close < jumpFactor * before && before < jumpFactor * close)) return []
    return [{ start, before, close }]
  })
}

/** What is stored of one asset at one interval from one source. */
export interface BarSeries {
  readonly asset: Underlying | AssetSymbol
  readonly interval: BarInterval
  readonly source: string
}

/** Keeps bars. A port like those of ports.ts: DynamoDB in the cloud, a map in tests. */
export interface BarStore {
  /**
   * Takes prices into the hourly bars of `snapshots`. What the stored bar tells already is not written: a price within `materialMove` of its range and
   * close, seen less than `restSeconds` after its last one. `contended`: others kept writing the same bar; what they wrote is about the same.
   */
  observe(
    observations: readonly PriceObservation[],
  ): Promise<{ readonly written: number; readonly covered: number; readonly contended: number }>
  /** Writes bars of another source over those of the same start; safe to repeat. */
  putBars(series: BarSeries, bars: readonly Bar[]): Promise<BarsPut>
  /** In order of time, one an interval; where several sources have one, our own snapshots count first, then sources by name. */
  bars(params: {
    readonly asset: Underlying | AssetSymbol
    readonly interval: BarInterval
    /** Only of this source. */
    readonly source?: string
    /** Starts from here on ... */
    readonly from?: UnixSeconds
    /** ... and before this. */
    readonly to?: UnixSeconds
  }): Promise<PriceHistory>
  /** Sorted by asset, interval and source. */
  series(): Promise<readonly BarSeries[]>
}

export interface BarsPut {
  readonly added: number
  readonly changed: number
  readonly same: number
}

/** A public source of candles, and what it calls each underlying. */
export interface HistorySourceConfig {
  /** Name in the registry of candle sources. */
  readonly source: string
  /** Underlying -> product, priced in dollars. */
  readonly products: Readonly<Record<Underlying, string>>
}

/** Where bars come from besides our own snapshots. */
export interface HistoryConfig {
  readonly sources: readonly HistorySourceConfig[]
}
