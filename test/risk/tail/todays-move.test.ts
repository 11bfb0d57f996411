import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MarketModel, ModelAsset } from '../../../lib/model/market-model.ts'
import { tailFigure } from '../../../lib/model/tail-risk.ts'
import { assess } from '../../../lib/risk/assess.ts'
import { fitReturns } from '../../../lib/risk/tail/return-model.ts'
import { volatilityToday, withTodaysMoves } from '../../../lib/risk/tail/todays-move.ts'
import { aHolding, aLoan, aPrice, aSnapshot } from '../a-snapshot.ts'
import { day, panelOf, plantedReturns } from './planted-panel.ts'

const dates = 800
const panel = panelOf(plantedReturns(7, ['ETH', 'BTC', 'LTC'], dates))
const daily = fitReturns({ panel })
const midnight = (panel.starts.at(-1) ?? 0) + day
const closes = { ETH: 3_000, BTC: 60_000, LTC: 80 }
const assets = Object.entries(closes).map(
  ([asset, usd]): ModelAsset => ({
    ...{ asset, interval: '1d', observations: dates, missing: 0, state: 'used', remarks: [] },
    ...{ firstAt: panel.starts[0] ?? 0, lastAt: midnight - day, lastClose: { usd, at: midnight } },
  }),
)
const model: MarketModel = {
  ...{ id: 'm1', at: midnight, madeAt: midnight, assets, macro: [], notes: [], daily },
  volatility: [{ asset: 'ETH', volatility: (daily.columns[0]?.volatility ?? 0) * Math.sqrt(365), method: 'garch' }],
}

function seen(eth: number, { btc = 60_000, hours = 19.5, isFresh = true } = {}) {
  const dataState = isFresh ? ({ kind: 'FRESH' } as const) : ({ kind: 'DEGRADED', reasons: ['jumped alone'] } as const)
  return aSnapshot({
    at: midnight + hours * 3_600,
    positions: [aHolding('WETH', 100), aLoan()],
    prices: [aPrice('WETH', eth, { dataState }), aPrice('WBTC', btc), aPrice('USDC', 1)],
    lending: [],
  })
}
const volatilityOf = (one: MarketModel, index = 0) => one.daily?.columns[index]?.volatility ?? 0
const risk = (eth: number, tail = {}) =>
  assess({ snapshot: seen(eth), model, tail: { count: 4_000, seed: 1, ...tail } })

describe('the move of today', () => {
  it('raises the volatility ahead to what its own law makes of it, and says so', () => {
    const { model: now, raisedBy, notes } = withTodaysMoves(model, seen(2_250))
    expect(raisedBy).toEqual(['ETH'])
    const { alpha, beta } = daily.columns[0]?.dynamics ?? { alpha: 0, beta: 0 }
    const expected = Math.sqrt(alpha * Math.log(0.75) ** 2 + beta * volatilityOf(model) ** 2)
    expect(volatilityOf(now)).toBeCloseTo(expected, 12)
    const year = (one: MarketModel) => Math.round(100 * volatilityOf(one) * Math.sqrt(365))
    expect(notes).toEqual([
      `ETH has moved -25 % since the last close: its volatility ahead is ${year(now)} % instead of ${year(model)} %`,
    ])
    expect(volatilityOf(now, 1)).toBe(volatilityOf(model, 1))
  })

  it('of -25 % lets no figure of the same units fall, neither the bad day nor the chance of liquidation', () => {
    const [calm, crash] = [risk(3_000), risk(2_250)]
    for (const horizon of ['1d', '10d'] as const)
      for (const level of [0.95, 0.99] as const) {
        const [before, after] = [calm, crash].map(({ tail }) => tail && tailFigure(tail, horizon, level))
        expect(after?.valueAtRiskUsd).toBeGreaterThanOrEqual(before?.valueAtRiskUsd ?? Number.NaN)
      }
    expect(crash.tail?.raisedBy).toEqual(['ETH'])
    expect(calm.tail?.raisedBy).toBeUndefined()
    expect(crash.tail?.notes[0]).toMatch(/^ETH has moved -25 %/)
    expect(crash.volatility?.[0]?.volatility).toBeGreaterThan(1.3 * (calm.volatility?.[0]?.volatility ?? Number.NaN))
    expect(crash.volatility?.[0]?.beforeToday).toBe(model.volatility[0]?.volatility)
  })

  it('changes nothing on a quiet day, and never lowers anything', () => {
    expect(withTodaysMoves(model, seen(3_010)).model).toBe(model)
    expect(volatilityToday(model, seen(3_010))).toEqual(model.volatility)
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 20, noNaN: true }), fc.integer({ min: 0, max: 400 }), (factor, hours) => {
        const now = withTodaysMoves(model, seen(3_000 * factor, { hours })).model
        expect(volatilityOf(now)).toBeGreaterThanOrEqual(volatilityOf(model))
        expect(now.daily?.market.volatility).toBeGreaterThanOrEqual(daily.market.volatility)
        expect(Number.isFinite(volatilityOf(now))).toBe(true)
      }),
    )
  })

  it('is not believed of a price that is in doubt, nor from a close that made no return, nor by a snapshot of before the close', () => {
    expect(withTodaysMoves(model, seen(2_250, { isFresh: false })).model).toBe(model)
    const odd = { ...model, assets: assets.map((one) => ({ ...one, lastAt: midnight - 2 * day })) }
    expect(withTodaysMoves(odd, seen(2_250)).model).toBe(odd)
    expect(withTodaysMoves(model, seen(2_250, { hours: -1 })).model).toBe(model)
    const empty = { ...model, assets: [] }
    expect(withTodaysMoves(empty, seen(2_250)).model).toBe(empty)
  })

  it('spread over days that no model has seen weighs what it weighs in one, less what has faded', () => {
    const [one, three] = [19.5, 67.5].map((hours) => volatilityOf(withTodaysMoves(model, seen(2_250, { hours })).model))
    expect(three).toBeLessThanOrEqual(one ?? 0)
    expect(three).toBeGreaterThan(0.9 * (one ?? 0))
  })

  it('of two assets moves the market that factors without history stand on, that of one alone does not', () => {
    const alone = withTodaysMoves({ ...model, assets: assets.slice(0, 1) }, seen(2_250)).model
    expect(alone.daily?.market.volatility).toBe(daily.market.volatility)
    const both = withTodaysMoves(model, seen(2_250, { btc: 45_000 })).model
    expect(both.daily?.market.volatility).toBeGreaterThan(daily.market.volatility)
  })

  it('leaves a peg as it is, whose squares say nothing of the next one', () => {
    const pegged = fitReturns({
      panel: panelOf({
        ...plantedReturns(3, ['ETH'], 400),
        USDX: Array.from({ length: 400 }, (_, t) => (t % 2 === 0 ? 1e-4 : -1e-4)),
      }),
    })
    const index = pegged.assets.indexOf('USDX')
    const at = { asset: 'USDX', interval: '1d', observations: 400, missing: 0, state: 'used', remarks: [] } as const
    const known = { ...at, lastAt: midnight - day, lastClose: { usd: 1, at: midnight } }
    const off = withTodaysMoves(
      { ...model, daily: pegged, assets: [known] },
      { at: midnight + 60, prices: [aPrice('USDX', 0.88)] },
    )
    expect(off.model.daily?.columns[index]).toEqual(pegged.columns[index])
  })
})
