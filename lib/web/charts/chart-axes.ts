// From values to places: domains that hold all the data, round ticks, and the texts that stand at them.

import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale'
import type { UnixSeconds } from '../../base/units.ts'
import type { ChartAxis, Figures } from './chart.ts'
import type { Domain } from './chart-content.ts'
import { tickTexts, timeTexts } from './tick-figures.ts'

export interface Tick {
  /** Where it stands, in the units of the range: pixels, dots or columns. */
  readonly at: number
  readonly value: number
  readonly text: string
  /** Where there is no room for all texts, those of lower rank go first: powers of ten, then twos and fives. */
  readonly rank: number
}

export interface PlacedAxis {
  readonly place: (value: number) => number
  readonly ticks: readonly Tick[]
}

export interface AxisParams {
  readonly extent: Domain
  readonly figures: Figures
  /** Places of the two ends, smallest value first. */
  readonly range: readonly [start: number, end: number]
  /** About so many. */
  readonly ticks: number
}

/** A vertical axis: its domain ends at ticks, and holds zero wherever zero is near, so that gains and losses can be told apart. */
export function valueAxis({ extent, figures, range, ticks }: AxisParams): PlacedAxis {
  const scale = scaleLinear()
    .domain(withZero(widened(extent, 'linear')))
    .nice(ticks)
    .range(range)
  return { place: scale, ticks: ticksAt(scale.ticks(ticks), tickTexts(scale.ticks(ticks), figures), scale) }
}

/** A horizontal axis: it ends where the data ends. */
export function sharedAxis(params: Omit<AxisParams, 'figures'> & { readonly axis: ChartAxis }): PlacedAxis {
  const { axis, ticks } = params
  const kind = axis.scale ?? 'linear'
  const domain = widened(params.extent, kind)
  const range = axis.reversed === true ? params.range.toReversed() : params.range
  switch (kind) {
    case 'time': {
      const scale = scaleUtc()
        .domain(domain.map((seconds) => seconds * 1000))
        .range(range)
      const values = scale.ticks(ticks).map((date) => date.getTime() / 1000)
      const place = (seconds: number) => scale(seconds * 1000)
      return { place, ticks: ticksAt(values, timeTexts(values as UnixSeconds[]), place) }
    }
    case 'log': {
      const scale = scaleLog().domain(domain).range(range)
      const values = scale.ticks(ticks)
      const placed = ticksAt(
        values,
        values.map((value) => tickTexts([value], axis.figures ?? 'plain')[0] ?? ''),
        scale,
      )
      return { place: scale, ticks: placed.map((tick) => ({ ...tick, rank: decadeRank(tick.value) })) }
    }
    default: {
      const scale = scaleLinear().domain(domain).range(range)
      const values = scale.ticks(ticks)
      return { place: scale, ticks: ticksAt(values, tickTexts(values, axis.figures ?? 'plain'), scale) }
    }
  }
}

function ticksAt(
  values: readonly number[],
  texts: readonly string[],
  place: (value: number) => number,
): readonly Tick[] {
  return values.map((value, index) => ({ value, at: place(value), text: texts[index] ?? '', rank: 0 }))
}

/** A domain with a width, also around a single value; differences that are rounding noise count as none. */
function widened([low, high]: Domain, kind: NonNullable<ChartAxis['scale']>): Domain {
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (kind === 'time') return high - low > 60 ? [low, high] : [low - 1800, high + 1800]
  if (high - low > size * 1e-10) return [low, high]
  if (kind === 'log') return [low / 1.1, high * 1.1]
  const margin = size === 0 ? 1 : size * 0.05
  return [low - margin, high + margin]
}

/** Zero is near when it widens the domain by less than half. */
function withZero([low, high]: Domain): Domain {
  const span = high - low
  if (low > 0 && low < span / 2) return [0, high]
  return high < 0 && -high < span / 2 ? [low, 0] : [low, high]
}

function decadeRank(value: number): number {
  const digit = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9))
  if (digit === 1 || digit === 10) return 0
  return digit === 2 || digit === 5 ? 1 : 2
}
