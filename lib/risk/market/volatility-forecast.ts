// How much each asset will move over the day ahead, by the best method that its history bears.

import { secondsPerYear } from '../../base/time.ts'
import { barSeconds } from '../../model/history.ts'
import type { VolatilityForecast } from '../../model/market-model.ts'
import { fitHar, forecastHar } from '../../quant/har.ts'
import { type RealisedVariance, realisedVariance } from '../../quant/realised-variance.ts'
import { leastReturns } from './asset-history.ts'
import type { ReturnPanel } from './return-panel.ts'
import { volatilityDynamics } from './volatility-dynamics.ts'

/** Hours that have to be known of a day, out of 24. */
const leastHours = 18
const day = 86_400
const halfLifeDays = 23

/**
 * One an asset of either panel that has 20 returns or more, in the order of the daily one, then of the hourly one.
 * - `har`: log-HAR with jumps on realised variance, from three months of hourly bars on. Its days end with the last hour of the
 *   panel, so it looks at the next 24 hours; a day counts with 18 hours or more, and the asset needs one on the last day.
 * - `garch`: GARCH(1,1) on daily returns (hourly ones, if there are no daily ones), from 250 on.
 * - `ewma`: exponential weights with a half-life of 23 days, on fewer. An asset that never moved has volatility 0.
 */
export function volatilityForecasts(panels: {
  readonly daily?: ReturnPanel
  readonly hourly?: ReturnPanel
}): readonly VolatilityForecast[] {
  const { daily, hourly } = panels
  const assets = [...new Set([...(daily?.assets ?? []), ...(hourly?.assets ?? [])])]
  return assets.flatMap((asset) => {
    const intraday = hourly === undefined ? undefined : byHours(hourly, asset)
    if (intraday !== undefined) return [intraday]
    const panel = [daily, hourly].find((one) => one !== undefined && countOf(one, asset) >= leastReturns)
    return panel === undefined ? [] : [byBars(panel, asset)]
  })
}

function columnOf(panel: ReturnPanel, asset: string): readonly (number | undefined)[] {
  const column = panel.assets.indexOf(asset)
  return column < 0 ? [] : panel.rows.map((row) => row[column])
}

function countOf(panel: ReturnPanel, asset: string): number {
  return columnOf(panel, asset).filter((r) => r !== undefined).length
}

function byBars(panel: ReturnPanel, asset: string): VolatilityForecast {
  const returns = columnOf(panel, asset)
  const bars = day / barSeconds[panel.interval]
  if (returns.every((r) => r === undefined || r === 0)) return { asset, volatility: 0, method: 'ewma' }
  const { method, variances } = volatilityDynamics({ returns, halfLife: halfLifeDays * bars })
  const yearly = secondsPerYear / barSeconds[panel.interval]
  return { asset, volatility: Math.sqrt((variances.at(-1) ?? 0) * yearly), method }
}

/** Undefined where there are too few hours for it. */
function byHours(panel: ReturnPanel, asset: string): VolatilityForecast | undefined {
  const days = realisedDays(panel, asset)
  const fit = fitHar(days)
  const variance = fit === undefined ? undefined : forecastHar(fit, days)
  const last = days.at(-1)
  if (variance === undefined || last === undefined) return undefined
  return {
    asset,
    volatility: Math.sqrt((variance * secondsPerYear) / day),
    method: 'har',
    jumpShare: last.variance > 0 ? last.jump / last.variance : 0,
  }
}

/** Days of 24 hours that end with the panel's last bar, in order; undefined where too little of one is known. */
export function realisedDays(panel: ReturnPanel, asset: string): readonly (RealisedVariance | undefined)[] {
  const { interval, starts } = panel
  const perDay = day / barSeconds[interval]
  const [first, last] = [starts[0], starts.at(-1)]
  if (first === undefined || last === undefined || perDay < 24) return []
  const column = columnOf(panel, asset)
  const count = Math.floor((last - first) / day + 1 / perDay)
  const days = Array.from({ length: count }, () => new Array<number | undefined>(perDay).fill(undefined))
  for (const [t, value] of column.entries()) {
    const back = Math.round((last - (starts[t] ?? last)) / barSeconds[interval])
    const one = days[count - 1 - Math.floor(back / perDay)]
    if (one !== undefined) one[perDay - 1 - (back % perDay)] = value
  }
  return days.map((returns) => {
    const known = returns.filter((r) => r !== undefined).length
    return known * 24 >= leastHours * perDay ? realisedVariance(returns) : undefined
  })
}
