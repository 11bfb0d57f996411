import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPanel } from '../../../../bin/history-panel.ts'
import { readMacro } from '../../../../bin/macro-file.ts'
import type { BarInterval } from '../../../../lib/model/history.ts'
import type { MacroSeries } from '../../../../lib/model/macro.ts'
import { random } from '../../../../lib/quant/random.ts'
import { macroBetas, macroBetasByDate } from '../../../../lib/risk/market/macro/macro-betas.ts'
import { returnPanel } from '../../../../lib/risk/market/return-panel.ts'

const [hour, day] = [3_600, 86_400]
/** A Monday. */
const monday = Date.UTC(2020, 0, 6) / 1_000
const never = () => false

interface World {
  readonly betas: Readonly<Record<string, number>>
  readonly weeks: number
  readonly interval: BarInterval
  readonly seed: number
  /** Daily volatility of the coins apart from the series. */
  readonly noise?: number
  readonly isHoliday?: (dayNumber: number) => boolean
  /** The series move only from 14:00 to 21:00 UTC of trading days. */
  readonly rests?: true
}

/** Prices by the hour, all week; series that move by the hour too and are written down at 21:00 UTC of trading days alone. */
function worldOf({ betas, weeks, interval, seed, noise = 0.004, isHoliday = never, rests }: World) {
  const stream = random(seed)
  const hours = weeks * 168
  const names = Object.keys(betas)
  const levels = names.map(() => 0)
  const closes = names.map((): { at: number; value: number }[] => [])
  let coin = 0
  const bars: { start: number; close: number }[] = []
  const length = interval === '1d' ? day : hour
  for (let h = 0; h < hours; h += 1) {
    const number = Math.floor(h / 24)
    const isTrading = number % 7 < 5 && !isHoliday(number)
    const isOpen = isTrading && h % 24 >= 14 && h % 24 < 21
    for (const [k, name] of names.entries()) {
      const move =
        rests === undefined ? (0.01 / Math.sqrt(24)) * stream.normal() : isOpen ? 0.0038 * stream.normal() : 0
      levels[k] = (levels[k] ?? 0) + move
      coin += (betas[name] ?? 0) * move
    }
    coin += (noise / Math.sqrt(24)) * stream.normal()
    const end = monday + (h + 1) * hour
    if (isTrading && (h + 1) % 24 === 21)
      for (const [k, level] of levels.entries()) closes[k]?.push({ at: end, value: 3_000 * Math.exp(level) })
    if (end % length === 0) bars.push({ start: end - length, close: 20_000 * Math.exp(coin) })
  }
  const macro = names.map((series, k): MacroSeries => ({ series, kind: 'log', observations: closes[k] ?? [] }))
  const panel = returnPanel({ series: [{ asset: 'BTC', bars }], interval })
  return { macro, panel, bars }
}

describe('planted macro betas', () => {
  it.each([
    ['daily bars, which end three hours after the close', '1d' as const, {}],
    ['hourly bars, which end with it', '1h' as const, {}],
    ['daily bars of a market that rests when it is closed', '1d' as const, { rests: true as const }],
  ])('are found within .05 from %s, over weekends and holidays', (_, interval, kind) => {
    const found = [1, 2, 3, 4].map((seed) => {
      const isHoliday = (number: number) => number % 61 === 3
      const { macro, panel } = worldOf({ betas: { SPX: 1.2 }, weeks: 150, interval, seed, isHoliday, ...kind })
      return macroBetas({ panel, macro, halfLife: 250 }).betas[0]
    })
    for (const one of found) {
      expect(Math.abs((one?.beta ?? 9) - 1.2)).toBeLessThan(3.5 * (one?.standardError ?? 0))
      expect(one?.standardError).toBeLessThan(0.05)
    }
    const mean = found.reduce((sum, one) => sum + (one?.beta ?? 9), 0) / found.length
    expect(Math.abs(mean - 1.2)).toBeLessThan(0.05)
  })

  it('would be a tenth too small without the three hours between close and end of the day', () => {
    const { macro, panel } = worldOf({ betas: { SPX: 1 }, weeks: 400, interval: '1d', seed: 5, noise: 0.001 })
    // As if every close had been at midnight: no move of the next span is looked at.
    const blurred = macro.map((one) => ({
      ...one,
      observations: one.observations.map(({ at, value }) => ({ at: at + 3 * hour, value })),
    }))
    const at = (series: readonly MacroSeries[]) =>
      macroBetas({ panel, macro: series, halfLife: 1e6 }).betas[0]?.beta ?? 9
    expect(at(blurred)).toBeLessThan(0.93)
    expect(Math.abs(at(macro) - 1)).toBeLessThan(0.05)
  })

  it('hold the other series still where several move the coin', () => {
    const stream = random(7)
    const { macro, panel } = worldOf({
      betas: { SPX: 1, VIX: -0.2 },
      weeks: 300,
      interval: '1h',
      seed: 7,
      noise: 0.002,
    })
    const [spx, vix] = macro
    // A dollar that is mostly equities upside down, and means nothing by itself.
    let level = 0
    const observations = (spx?.observations ?? []).map(({ at, value }, index, all) => {
      level += -0.7 * Math.log(value / (all[index - 1]?.value ?? value)) + 0.004 * stream.normal()
      return { at, value: 100 * Math.exp(level) }
    })
    const series = [spx, vix, { series: 'DXY', kind: 'log' as const, observations }].filter((one) => one !== undefined)
    const { betas, notes } = macroBetas({ panel, macro: series, halfLife: 1_000 })
    const [a, b, c] = betas
    expect(notes).toEqual([])
    expect(betas.map((one) => one.series)).toEqual(['SPX', 'VIX', 'DXY'])
    expect(c?.beta).toBeLessThan(-0.8)
    for (const [one, truth] of [
      [a, 1],
      [b, -0.2],
      [c, 0],
    ] as const)
      expect(Math.abs((one?.joint?.beta ?? 9) - truth)).toBeLessThan(0.1)
  })

  it('follow a beta that has changed', () => {
    const before = worldOf({ betas: { SPX: 0 }, weeks: 100, interval: '1d', seed: 8 })
    const after = worldOf({ betas: { SPX: 1.5 }, weeks: 100, interval: '1d', seed: 9 })
    const shift = 100 * 7 * day
    const scale = (before.bars.at(-1)?.close ?? 1) / 20_000
    const bars = [
      ...before.bars,
      ...after.bars.map(({ start, close }) => ({ start: start + shift, close: close * scale })),
    ]
    const level = (before.macro[0]?.observations.at(-1)?.value ?? 1) / 3_000
    const later = (after.macro[0]?.observations ?? []).map(({ at, value }) => ({
      at: at + shift,
      value: value * level,
    }))
    const macro = [
      { series: 'SPX', kind: 'log' as const, observations: [...(before.macro[0]?.observations ?? []), ...later] },
    ]
    const panel = returnPanel({ series: [{ asset: 'BTC', bars }], interval: '1d' })
    const byDate = macroBetasByDate({ panel, macro, halfLife: 60 })
    const at = (week: number) => byDate.get(monday + week * 7 * day)?.[0]?.beta ?? 9
    expect(Math.abs(at(99))).toBeLessThan(0.25)
    expect(Math.abs(at(199) - 1.5)).toBeLessThan(0.25)
    expect(at(112)).toBeGreaterThan(0.3)
    expect(at(112)).toBeLessThan(1.3)
  })
})

describe('macro betas', () => {
  const world = worldOf({ betas: { SPX: 1 }, weeks: 60, interval: '1d', seed: 11 })

  it('of a date are those of a history that ends there: nothing of the future is in them', () => {
    const byDate = macroBetasByDate({ panel: world.panel, macro: world.macro })
    for (const index of [120, 200, 251, 300]) {
      const start = world.panel.starts[index] ?? 0
      const panel = returnPanel({
        series: [{ asset: 'BTC', bars: world.bars.filter((bar) => bar.start <= start) }],
        interval: '1d',
      })
      const { betas } = macroBetas({ panel, macro: world.macro })
      expect(byDate.get(start)).toEqual(betas)
      const whole = macroBetas({ panel: world.panel, macro: world.macro, at: start + day })
      expect(whole.betas).toEqual(betas)
    }
  })

  it('leave a span out in which a bar is missing, and fill nothing in', () => {
    const gap = world.bars[100]?.start ?? 0
    const panel = returnPanel({
      series: [{ asset: 'BTC', bars: world.bars.filter(({ start }) => start !== gap) }],
      interval: '1d',
    })
    const [whole, holed] = [world.panel, panel].map((one) => macroBetas({ panel: one, macro: world.macro }).betas[0])
    const lost = (whole?.observations ?? 0) - (holed?.observations ?? 0)
    expect(lost).toBeGreaterThanOrEqual(1)
    expect(lost).toBeLessThanOrEqual(2)
  })

  it('of a yield are per point of it, below zero too', () => {
    const yields = world.macro.map(({ observations }) => ({
      series: 'DE10Y',
      kind: 'difference' as const,
      observations: observations.map(({ at, value }) => ({ at, value: 10 * Math.log(value / 3_000) })),
    }))
    const [a, b] = [world.macro, yields].map((macro) => macroBetas({ panel: world.panel, macro }).betas[0])
    expect(10 * (b?.beta ?? 0)).toBeCloseTo(a?.beta ?? 9, 8)
  })

  it('say why there is none: too few, never moved, dead, a series that ended or stands still', () => {
    const short = { asset: 'NEW', bars: world.bars.slice(-40) }
    const dead = { asset: 'UST', bars: world.bars.slice(0, 300) }
    const stable = { asset: 'USDC', bars: world.bars.map(({ start }) => ({ start, close: 1 })) }
    const panel = returnPanel({
      series: [{ asset: 'BTC', bars: world.bars }, short, dead, stable],
      interval: '1d',
    })
    const [spx] = world.macro
    const observations = spx?.observations ?? []
    const macro: readonly MacroSeries[] = [
      { series: 'SPX', kind: 'log', observations },
      { series: 'OLD', kind: 'log', observations: observations.slice(0, 200) },
      { series: 'FLAT', kind: 'log', observations: observations.map(({ at }) => ({ at, value: 5 })) },
      { series: 'NONE', kind: 'log', observations: [] },
    ]
    const { betas, notes } = macroBetas({ panel, macro })
    expect(betas.map(({ asset, series }) => `${asset}/${series}`)).toEqual(['BTC/SPX'])
    for (const part of [
      /NEW has no beta to SPX: they have \d+ spans in common, 60 are needed/,
      /UST has no beta to SPX: it has had no return over the last \d+ spans/,
      /USDC has no beta to SPX: its price never moved/,
      /^BTC, .*have no beta to OLD: its closes end on \d{4}-\d\d-\d\d, \d+ days before \d{4}/,
      /BTC.* ha(s|ve) no beta to FLAT: the series never moved/,
      /BTC.* have no beta to NONE: there is no span/,
    ])
      expect(notes.some((note) => part.test(note))).toBe(true)
  })

  it('leave out values without a logarithm and fivefold moves, and say so', () => {
    const spoiled = world.macro.map((one) => ({
      ...one,
      observations: one.observations.map(({ at, value }, index) => ({
        at,
        value: index === 50 ? -37 : index === 60 ? Number.NaN : index === 70 ? value * 10 : value,
      })),
    }))
    const [clean] = macroBetas({ panel: world.panel, macro: world.macro }).betas
    const { betas, notes } = macroBetas({ panel: world.panel, macro: spoiled })
    expect(Math.abs((betas[0]?.beta ?? 9) - (clean?.beta ?? 0))).toBeLessThan(0.05)
    expect(notes).toHaveLength(2)
    expect(notes.join(' ')).toContain('2 values of SPX are not above zero')
    expect(notes.join(' ')).toContain('2 moves of SPX were fivefold')
  })

  it('add nothing up over a fortnight without closes', () => {
    const macro = world.macro.map((one) => ({
      ...one,
      observations: one.observations.filter((_, index) => index < 100 || index >= 110),
    }))
    const count = (series: readonly MacroSeries[]) =>
      macroBetas({ panel: world.panel, macro: series }).betas[0]?.observations ?? 0
    // Ten spans became one that is too long, and the one before it has no next.
    expect(count(world.macro) - count(macro)).toBe(12)
  })
})

const data = '../shared/data'
const absent = existsSync(data) ? '' : 'skipped: ../shared/data is absent'
describe.skipIf(absent !== '')(`macro betas of real series ${absent}`, () => {
  it('of bitcoin in 2022 are well above zero to equities and below it to their volatility', async () => {
    const { macro } = await readMacro([`SPX=${data}/skfolio_sp500_index.csv`, `${data}/vix_daily.csv`])
    const { panel } = await readPanel(`${data}/panel_prices_daily_permissive.csv`, {
      only: ['BTC'],
      from: Date.UTC(2022, 0, 1) / 1_000,
      to: Date.UTC(2022, 11, 28) / 1_000,
    })
    const { betas } = macroBetas({ panel, macro, halfLife: 1e6 })
    expect(betas.map(({ series }) => series)).toEqual(['SPX', 'VIX'])
    const [spx, vix] = betas
    expect((spx?.beta ?? 0) - 4 * (spx?.standardError ?? 9)).toBeGreaterThan(0)
    expect((vix?.beta ?? 0) + 4 * (vix?.standardError ?? 9)).toBeLessThan(0)
    expect(spx?.rSquared).toBeGreaterThan(0.25)
  })
})
