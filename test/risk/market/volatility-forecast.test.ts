import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fitHar, forecastHar } from '../../../lib/quant/har.ts'
import { random } from '../../../lib/quant/random.ts'
import { qlike } from '../../../lib/quant/realised-variance.ts'
import { type ReturnPanel, returnPanel } from '../../../lib/risk/market/return-panel.ts'
import { realisedDays, volatilityForecasts } from '../../../lib/risk/market/volatility-forecast.ts'

const start = 1_672_531_200
const lengths = { '1h': 3_600, '1d': 86_400 } as const

/** Walks with the yearly volatility. */
function panelOf(
  interval: '1h' | '1d',
  assets: Readonly<Record<string, { bars: number; volatility: number }>>,
): ReturnPanel {
  const { normal } = random(1)
  const length = lengths[interval]
  const end = Math.max(...Object.values(assets).map(({ bars }) => bars))
  const series = Object.entries(assets).map(([asset, { bars, volatility }]) => {
    let close = 100
    return {
      asset,
      bars: Array.from({ length: bars }, (_, t) => {
        close *= Math.exp(volatility * Math.sqrt(length / (365 * 86_400)) * normal())
        return { start: start + (end - bars + t) * length, close }
      }),
    }
  })
  return returnPanel({ series, interval })
}

describe('volatility of the day ahead', () => {
  it('is by HAR, GARCH or exponential weights, by what the history bears, and near what was planted', () => {
    const daily = panelOf('1d', {
      LONG: { bars: 600, volatility: 0.8 },
      SHORT: { bars: 100, volatility: 0.5 },
      BOTH: { bars: 600, volatility: 0.6 },
      TINY: { bars: 15, volatility: 1 },
      PEG: { bars: 300, volatility: 0 },
    })
    const hourly = panelOf('1h', {
      BOTH: { bars: 200 * 24, volatility: 0.6 },
      YOUNG: { bars: 30 * 24, volatility: 1.2 },
    })
    const forecasts = volatilityForecasts({ daily, hourly })
    expect(forecasts.map(({ asset, method }) => `${asset} ${method}`)).toEqual([
      'LONG garch',
      'SHORT ewma',
      'BOTH har',
      'PEG ewma',
      'YOUNG garch',
    ])
    const planted = [0.8, 0.5, 0.6, 0, 1.2]
    for (const [index, { volatility }] of forecasts.entries())
      expect(Math.abs(volatility - (planted[index] ?? 0))).toBeLessThanOrEqual(0.2 * (planted[index] ?? 0))
    expect(forecasts.every(({ method, jumpShare }) => (method === 'har') === (jumpShare !== undefined))).toBe(true)
  })

  it('falls back to days where the last hours of an asset are missing', () => {
    const whole = panelOf('1h', { A: { bars: 200 * 24, volatility: 0.6 }, B: { bars: 200 * 24, volatility: 0.6 } })
    const cut = whole.rows.length - 12
    const hourly = { ...whole, rows: whole.rows.map((row, t) => (t < cut ? row : [row[0], undefined])) }
    const methods = volatilityForecasts({ daily: panelOf('1d', { B: { bars: 300, volatility: 0.6 } }), hourly })
    expect(methods.map(({ asset, method }) => `${asset} ${method}`)).toEqual(['B garch', 'A har'])
  })

  it('of nothing is nothing', () => {
    expect(volatilityForecasts({})).toEqual([])
    expect(volatilityForecasts({ hourly: panelOf('1h', { A: { bars: 5, volatility: 1 } }) })).toEqual([])
  })

  it('cuts days that end with the last hour of the panel', () => {
    const hourly = panelOf('1h', { A: { bars: 24 * 10 + 1, volatility: 0.6 } })
    const days = realisedDays(hourly, 'A')
    expect(days).toHaveLength(10)
    expect(days.every((day) => day?.returns === 24)).toBe(true)
    const last = hourly.rows.slice(-24).reduce((sum, [r = 0]) => sum + r * r, 0)
    expect(days.at(-1)?.variance).toBeCloseTo(last, 15)
  })
})

const file = new URL('../../../../shared/data/hourly_12_tokens_2023_2024.csv', import.meta.url)

/** Closes by hour; the stamp is the bar's opening. */
function hourlyPanel(asset: string): ReturnPanel {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const column = head.split(',').indexOf(`${asset}_close`)
  const bars = lines.flatMap((line) => {
    const cells = line.split(',')
    const close = Number(cells[column])
    return close > 0 ? [{ start: Date.parse(cells[0] ?? '') / 1_000, close }] : []
  })
  return returnPanel({ series: [{ asset, bars }], interval: '1h' })
}

describe.skipIf(!existsSync(file))('2024, by the hour (skipped where ../shared/data is absent)', () => {
  it.each(['BTC', 'ETH'])(
    'HAR on the past alone beats a 30-day window for %s by QLIKE, on variance by hours and by days',
    (asset) => {
      const panel = hourlyPanel(asset)
      const days = realisedDays(panel, asset)
      const first = days.length - 366
      const closes = panel.rows.map(([r]) => r ?? 0)
      const offset = closes.length - 24 * days.length
      const daily = days.map((_, d) =>
        closes.slice(offset + 24 * d, offset + 24 * (d + 1)).reduce((sum, r) => sum + r, 0),
      )
      const losses = { har: 0, hours: 0, days: 0 }
      let fit = fitHar(days.slice(0, first))
      for (let d = first; d < days.length; d += 1) {
        const past = days.slice(0, d)
        // Refitted once a week, to spare the test's time.
        if ((d - first) % 7 === 0) fit = fitHar(past)
        const realised = days[d]?.variance ?? Number.NaN
        const har = fit === undefined ? undefined : forecastHar(fit, past)
        const month = past.slice(-30)
        losses.har += qlike(realised, har ?? Number.NaN)
        losses.hours += qlike(realised, month.reduce((sum, day) => sum + (day?.variance ?? 0), 0) / 30)
        losses.days += qlike(realised, daily.slice(d - 30, d).reduce((sum, r) => sum + r * r, 0) / 30)
      }
      expect(losses.har).toBeLessThan(0.9 * losses.hours)
      expect(losses.har).toBeLessThan(0.9 * losses.days)
    },
  )
})
