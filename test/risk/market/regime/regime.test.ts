// The regime on planted and real histories, online and in one go, and on bad input.

import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPanel } from '../../../../bin/history-panel.ts'
import { isoDate } from '../../../../lib/base/calendar.ts'
import { random } from '../../../../lib/quant/random.ts'
import { updatePegs } from '../../../../lib/risk/market/regime/peg-watch.ts'
import { regimeHistory } from '../../../../lib/risk/market/regime/regime-history.ts'
import { reviewUniverse } from '../../../../lib/risk/market/regime/universe.ts'
import { provisionalRegime, refitRegime, updateRegime } from '../../../../lib/risk/market/regime/update-regime.ts'
import type { ReturnPanel } from '../../../../lib/risk/market/return-panel.ts'

const begin = 1_577_836_800 // 2020-01-01

function panelOf(params: {
  readonly dates: number
  readonly assets?: number
  readonly correlation?: (t: number) => number
  readonly seed?: number
  readonly change?: (value: number, t: number, asset: number) => number | undefined
}): ReturnPanel {
  const { dates, assets = 8, correlation = () => 0.3, seed = 1, change = (value) => value } = params
  const rng = random(seed)
  const rows = Array.from({ length: dates }, (_, t) => {
    const common = rng.normal()
    const rho = correlation(t)
    return Array.from({ length: assets }, (_, i) =>
      change(0.03 * (Math.sqrt(rho) * common + Math.sqrt(1 - rho) * rng.normal()), t, i),
    )
  })
  const starts = rows.map((_, t) => begin + t * 86_400)
  return {
    interval: '1d',
    assets: Array.from({ length: assets }, (_, i) => `A${i}`),
    starts,
    rows,
    last: Array.from({ length: assets }, () => 100),
    remarks: [],
  }
}

const upTo = (panel: ReturnPanel, dates: number): ReturnPanel => ({
  ...panel,
  starts: panel.starts.slice(0, dates),
  rows: panel.rows.slice(0, dates),
})

describe('regimeHistory', () => {
  it('enters crisis within twelve days of a switch from .3 to .8 for most of twelve seeds, the median within six', () => {
    const delays = Array.from({ length: 12 }, (_, seed) => {
      const panel = panelOf({ dates: 440, assets: 10, seed: 100 + seed, correlation: (t) => (t < 400 ? 0.3 : 0.8) })
      const after = regimeHistory({ panel }).dates.slice(400)
      const at = after.findIndex(({ view }) => view.regime === 'crisis')
      return at === -1 ? 99 : at + 1
    }).toSorted((a, b) => a - b)
    expect(delays[5]).toBeLessThanOrEqual(6)
    expect(delays[10]).toBeLessThanOrEqual(13)
  })

  it('does not take a burst of volatility alone for a crisis of correlation', () => {
    const panel = panelOf({ dates: 460, change: (value, t) => (t >= 400 ? 3 * value : value) })
    const after = regimeHistory({ panel }).dates.slice(400)
    expect(after.filter(({ view }) => view.regime === 'crisis').length).toBeLessThan(10)
  })

  it('knows nothing of what comes later: a date is the same whatever follows', () => {
    const panel = panelOf({ dates: 420, correlation: (t) => (t < 380 ? 0.3 : 0.8) })
    const whole = regimeHistory({ panel }).dates
    const part = regimeHistory({ panel: upTo(panel, 390) }).dates
    expect(part).toEqual(whole.slice(0, 390))
  })

  it('gives probabilities within 0..1, votes with their thresholds, and a posture with a cause', () => {
    const { dates } = regimeHistory({ panel: panelOf({ dates: 420 }) })
    const last = dates.at(-1)?.view
    expect(dates.every(({ view }) => view.probability >= 0 && view.probability <= 1)).toBe(true)
    expect(last?.votes.map(({ name }) => name)).toEqual([
      'absorption',
      'hidden-markov',
      'turbulence',
      'correlation-cusum',
    ])
    expect(last?.posture.cause).toMatch(/since 20\d\d-/)
  })

  it('is not moved by an asset that joins: its universe changes, its regime does not', () => {
    const panel = panelOf({ dates: 400, change: (value, t, i) => (i === 7 && t < 250 ? undefined : value) })
    const { dates } = regimeHistory({ panel })
    const reviewed = dates.filter(({ isReviewed }) => isReviewed).slice(1)
    expect(reviewed.map(({ view }) => view.universe.length)).toEqual([8])
    const at = dates.findIndex(({ start }) => start === reviewed.at(0)?.start)
    expect(dates[at]?.view.regime).toBe(dates[at - 1]?.view.regime)
  })

  it.each<readonly [string, Parameters<typeof panelOf>[0]]>([
    ['a constant series', { dates: 300, change: (value, _, i) => (i === 0 ? 0 : value) }],
    [
      'an asset that dies',
      { dates: 300, change: (value, t, i) => (i === 0 ? (t < 200 ? value : t === 200 ? -9 : 0) : value) },
    ],
    ['an asset that ends', { dates: 300, change: (value, t, i) => (i === 0 && t > 200 ? undefined : value) }],
    ['a ten-fold bar', { dates: 300, change: (value, t, i) => (i === 0 && t === 250 ? value + Math.log(10) : value) }],
    ['a market that stands still', { dates: 300, change: (value, t) => (t > 250 ? 0 : value) }],
    ['fewer dates than assets', { dates: 20, assets: 30 }],
    ['one asset', { dates: 300, assets: 1 }],
    ['days without anybody', { dates: 300, change: (value, t) => (t % 7 === 0 ? undefined : value) }],
  ])('says something finite of %s, and it is no crisis', (_, params) => {
    // This seed has no false alarm of its own.
    const { dates } = regimeHistory({ panel: panelOf({ seed: 3, ...params }) })
    expect(dates).toHaveLength(params.dates)
    for (const { view } of dates) {
      expect(view.regime).not.toBe('crisis')
      for (const { value } of view.votes) expect(value === undefined || Number.isFinite(value)).toBe(true)
    }
  })
})

describe('online', () => {
  const panel = panelOf({ dates: 420, correlation: (t) => (t < 400 ? 0.3 : 0.8) })
  const returnsAt = (t: number) => Object.fromEntries(panel.assets.map((asset, i) => [asset, panel.rows[t]?.[i]]))

  it('moves on by a bar as a refit of the longer history does, through text', () => {
    const made = refitRegime({ panel: upTo(panel, 400) })
    if (made.kind !== 'made') throw new Error('there is a universe')
    let state: unknown = JSON.parse(JSON.stringify(made.state))
    for (let t = 400; t < 410; t += 1) {
      const updated = updateRegime(state, { start: panel.starts[t] ?? 0, returns: returnsAt(t) })
      const refit = refitRegime({ panel: upTo(panel, t + 1) })
      if (refit.kind !== 'made') throw new Error('there is a universe')
      expect(updated?.view).toEqual(refit.view)
      state = JSON.parse(JSON.stringify(updated?.state))
    }
  })

  it('says what the day so far would mean and keeps nothing of it; refuses an old bar and a state that is none', () => {
    const made = refitRegime({ panel: upTo(panel, 400) })
    if (made.kind !== 'made') throw new Error('there is a universe')
    const before = JSON.stringify(made.state)
    const view = provisionalRegime(made.state, { start: panel.starts[400] ?? 0, returns: returnsAt(400) })
    expect(view?.isProvisional).toBe(true)
    expect(JSON.stringify(made.state)).toBe(before)
    expect(updateRegime(made.state, { start: panel.starts[399] ?? 0, returns: {} })).toBeUndefined()
    expect(updateRegime({}, { start: 0, returns: {} })).toBeUndefined()
  })

  it('keeps the regime over a refit', () => {
    const first = refitRegime({ panel: upTo(panel, 412) })
    if (first.kind !== 'made') throw new Error('there is a universe')
    const again = refitRegime({ panel: upTo(panel, 412), previous: first.state })
    expect(again.kind === 'made' && again.view.since).toBe(first.view.since)
    expect(refitRegime({ panel: panelOf({ dates: 300, assets: 3 }) }).kind).toBe('no-universe')
  })
})

describe('reviewUniverse', () => {
  it('takes risky assets once: no stablecoin, peg, wrapper, newcomer or dead', () => {
    const rng = random(9)
    const rows = Array.from({ length: 200 }, (_, t) => {
      const market = 0.02 * rng.normal()
      const coin = () => market + 0.02 * rng.normal()
      const eth = coin()
      const quiet = 0.0005 * rng.normal()
      return [
        coin(),
        eth,
        eth + 1e-5 * rng.normal(),
        coin(),
        coin(),
        coin(),
        quiet,
        quiet,
        t > 150 ? coin() : undefined,
        t < 190 ? coin() : undefined,
      ]
    })
    const assets = ['BTC', 'ETH', 'WETH', 'XRP', 'LTC', 'ADA', 'USDC', 'PEG', 'NEW', 'GONE']
    const { assets: kept, excluded } = reviewUniverse({ assets, rows, interval: '1d' })
    expect(kept).toEqual(['BTC', 'ETH', 'XRP', 'LTC', 'ADA'])
    expect(Object.fromEntries(excluded.map(({ asset, reason }) => [asset, reason]))).toEqual({
      WETH: expect.stringMatching(/copy or wrapper of ETH/),
      USDC: expect.stringMatching(/by its name/),
      PEG: expect.stringMatching(/like a peg/),
      NEW: expect.stringMatching(/only 49 returns/),
      GONE: expect.stringMatching(/no prices on the last 5/),
    })
  })
})

describe('updatePegs', () => {
  it('breaks and mends on the second observation in a row', () => {
    let state = {}
    const seen = [0.97, 1, 0.97, 0.96, 1, 1].map((usd) => {
      const next = updatePegs(state, { UST: usd, DAI: undefined })
      state = next.state
      return next.pegs.map(({ isBroken }) => isBroken)
    })
    expect(seen).toEqual([[false], [false], [false], [true], [true], [false]])
  })
})

const file = new URL('../../../../../shared/data/panel_prices_daily_permissive.csv', import.meta.url)

describe.skipIf(!existsSync(file))('the majors (skipped where ../shared/data is absent)', () => {
  it('enters crisis with March 2020, Luna, Celsius and FTX, seldom else', { timeout: 60_000 }, async () => {
    const only = ['BTC', 'ETH', 'XRP', 'LTC', 'ADA', 'BNB']
    const { panel } = await readPanel(file.pathname, { only, to: Date.parse('2024-12-31T00:00Z') / 1_000 })
    const { dates } = regimeHistory({ panel })
    const entries = dates.flatMap(({ start, view }, index) =>
      view.regime === 'crisis' && dates[index - 1]?.view.regime !== 'crisis' ? [start] : [],
    )
    for (const crisis of ['2020-03-12', '2022-05-12', '2022-06-13', '2022-11-09']) {
      const at = Date.parse(`${crisis}T00:00Z`) / 86_400_000
      expect(entries.some((start) => start / 86_400 - at >= -1 && start / 86_400 - at <= 5)).toBe(true)
    }
    const share = (year: string) => {
      const days = dates.filter(({ start }) => isoDate(start).startsWith(year))
      return days.filter(({ view }) => view.regime === 'crisis').length / days.length
    }
    expect(share('2023')).toBeLessThanOrEqual(0.1)
    for (const year of ['2020', '2021', '2022', '2024']) expect(share(year)).toBeLessThanOrEqual(0.25)
    expect(entries.length).toBeLessThanOrEqual(12)
  })
})
