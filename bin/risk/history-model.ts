// A market model from a file of prices, made of what was known at an instant and of nothing later.

import { createHash } from 'node:crypto'
import { isoDate } from '../../lib/base/calendar.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { type BarInterval, barSeconds } from '../../lib/model/history.ts'
import type { MarketModel } from '../../lib/model/market-model.ts'
import type { ModelSeries } from '../../lib/risk/market/build-market-model.ts'
import { confirmed, type PanelSeries } from '../../lib/risk/market/return-panel.ts'

export interface LastClose {
  readonly usd: number
  /** End of its bar. */
  readonly at: number
}

export interface HistoryModel {
  readonly model: MarketModel
  /** By asset, at or before the instant. */
  readonly closes: ReadonlyMap<string, LastClose>
  readonly at: number
  /** End of the last bar at or before the instant. */
  readonly lastAt: number
  /** Dates that have a price, in days and, of hourly prices, in hours. */
  readonly dates: { readonly '1d': number; readonly '1h': number }
  readonly notes: readonly string[]
}

/**
 * @param params.at bars that end later are not used; absent: all bars are
 * @throws HomeostatError of `readPanel`; `invalid-input` where no bar is left, or the bars are neither of days nor of hours
 */
export async function modelUntil(params: {
  readonly history: string
  readonly only?: readonly string[]
  readonly interval?: BarInterval
  readonly at?: number
  readonly seed: number
}): Promise<HistoryModel> {
  const { history, at, seed } = params
  const [{ readPanel }, { buildMarketModel, marketModelId }] = await Promise.all([
    import('../history-panel.ts'),
    import('../../lib/risk/market/build-market-model.ts'),
  ])
  const { panel, series, notes } = await readPanel(history, {
    ...(params.only === undefined ? {} : { only: params.only }),
    ...(params.interval === undefined ? {} : { interval: params.interval }),
  })
  const { interval } = panel
  if (interval === '5m')
    throw new HomeostatError('invalid-input', {
      message: `${history} has bars of five minutes.`,
      retry: 'never',
      hint: 'Scenarios are drawn from days or hours: give closes of days, or of hours.',
    })
  const length = barSeconds[interval]
  const known = series.map(({ asset, bars }) => ({
    asset,
    bars: bars.filter(({ start, close }) => (at === undefined || start + length <= at) && close > 0),
  }))
  const ends = known.flatMap(({ bars }) => (bars.length === 0 ? [] : [(bars.at(-1)?.start ?? 0) + length]))
  if (ends.length === 0)
    throw new HomeostatError('invalid-input', {
      message: `${history} has no bar that ends by ${at === undefined ? 'now' : isoDate(at)}.`,
      retry: 'never',
      hint: 'A bar of a day ends at the midnight after it: give an earlier history, or a later --at.',
    })
  const last = ends.reduce((latest, end) => Math.max(latest, end))
  const inputs = {
    daily: (interval === '1d' ? known : daysOf(known)).map((one) => modelSeries(one, '1d', history)),
    hourly: interval === '1h' ? known.map((one) => modelSeries(one, '1h', history)) : [],
    seed,
  }
  const id = marketModelId(inputs) ?? `${last}~${createHash('sha256').update(history).digest('hex').slice(0, 8)}`
  return {
    model: buildMarketModel({ ...inputs, notes, id, madeAt: at ?? last }),
    closes: new Map(
      known.flatMap(({ asset, bars }) => {
        // A tenfold last bar would be tenfold net asset value.
        const bar = bars[confirmed(bars) - 1]
        return bar === undefined ? [] : [[asset, { usd: bar.close, at: bar.start + length }] as const]
      }),
    ),
    at: at ?? last,
    lastAt: last,
    dates: { '1d': datesOf(inputs.daily), '1h': datesOf(inputs.hourly) },
    notes,
  }
}

function datesOf(series: readonly ModelSeries[]): number {
  return new Set(series.flatMap(({ bars }) => bars.map(({ start }) => start))).size
}

/** The close of a day is that of its last hour; a day without that hour has none. */
function daysOf(hourly: readonly PanelSeries[]): readonly PanelSeries[] {
  const day = barSeconds['1d']
  return hourly.map(({ asset, bars }) => ({
    asset,
    bars: bars.flatMap(({ start, close }) => {
      const end = start + barSeconds['1h']
      return end % day === 0 ? [{ start: end - day, close }] : []
    }),
  }))
}

function modelSeries({ asset, bars }: PanelSeries, interval: '1d' | '1h', source: string): ModelSeries {
  return {
    asset,
    interval,
    bars: bars.map(({ start, close }) => ({
      start,
      open: close,
      high: close,
      low: close,
      close,
      firstAt: start,
      lastAt: start + barSeconds[interval],
      observations: 1,
      source,
    })),
  }
}
