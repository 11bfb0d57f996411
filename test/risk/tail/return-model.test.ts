import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ResidualModel } from '../../../lib/model/market-model.ts'
import { random } from '../../../lib/quant/random.ts'
import { fitReturns } from '../../../lib/risk/tail/return-model.ts'
import { panelOf, plantedReturns } from './planted-panel.ts'

const names = ['A', 'B', 'C', 'D']
const planted = plantedReturns(1, names, 1_200)
const column = (name: string) => planted[name] ?? []
const model = fitReturns({ panel: panelOf(planted) })

function residualsOf(one: ResidualModel, asset: string): readonly number[] {
  const index = one.assets.indexOf(asset)
  return one.starts.map((_, row) => one.residuals[row * one.assets.length + index] ?? Number.NaN)
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, t) => sum + value * (y[t] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

const rms = (values: readonly number[]) => Math.sqrt(values.reduce((sum, z) => sum + z * z, 0) / values.length)

describe('filtered residuals', () => {
  it('have mean zero, about unit variance, the planted correlation, and no clusters of volatility left', () => {
    for (const name of names) {
      const z = residualsOf(model, name)
      expect(Math.abs(z.reduce((sum, x) => sum + x, 0) / z.length)).toBeLessThan(0.02)
      expect(rms(z)).toBeGreaterThan(0.9)
      expect(rms(z)).toBeLessThan(1.15)
    }
    expect(correlation(residualsOf(model, 'A'), residualsOf(model, 'B'))).toBeGreaterThan(0.5)
    expect(correlation(residualsOf(model, 'A'), residualsOf(model, 'B'))).toBeLessThan(0.7)
    const squares = residualsOf(model, 'A').map((z) => Math.min(z * z, 9) - 1)
    expect(Math.abs(correlation(squares.slice(1), squares.slice(0, -1)))).toBeLessThan(0.1)
  })

  it('keep the ranks that returns over volatilities have, whatever the tails', () => {
    const raw: number[] = []
    let variance =
      column('A')
        .slice(0, 60)
        .reduce((sum, x) => sum + x * x, 0) / 60
    const volatilities: number[] = []
    const beta = 0.5 ** (1 / 23)
    for (const value of column('A')) {
      volatilities.push(Math.sqrt(variance))
      variance = beta * variance + (1 - beta) * value * value
    }
    const floor = volatilities.toSorted((a, b) => a - b)[120] ?? 0
    for (const [t, value] of column('A').entries()) raw.push(value / Math.max(floor, volatilities[t] ?? 0))
    const order = raw.map((_, t) => t).toSorted((a, b) => (raw[a] ?? 0) - (raw[b] ?? 0))
    const z = residualsOf(model, 'A')
    for (let k = 1; k < order.length; k += 1)
      expect((z[order[k] ?? 0] ?? 0) - (z[order[k - 1] ?? 0] ?? 0)).toBeGreaterThan(-1e-4)
    expect(model.columns[0]?.volatility).toBeCloseTo(Math.max(floor, Math.sqrt(variance)), 12)
    expect(model.columns[0]?.dynamics.floor).toBeCloseTo(floor, 12)
  })

  it('are plain JSON, the same for the same history, and forty assets of 1,500 dates pack into 350 kB', () => {
    expect(JSON.parse(JSON.stringify(model))).toEqual(model)
    expect(fitReturns({ panel: panelOf(planted) })).toEqual(model)
    const many = Array.from({ length: 40 }, (_, i) => `X${i}`)
    const large = fitReturns({ panel: panelOf(plantedReturns(2, many, 1_600)) })
    expect(large.starts).toHaveLength(1_500)
    expect(gzipSync(JSON.stringify(large)).length).toBeLessThan(350_000)
  })

  it('of an asset do not depend on the order of the others', () => {
    const gappy = { ...planted, D: column('D').map((value, t) => (t % 7 === 3 ? undefined : value)) }
    const one = fitReturns({ panel: panelOf(gappy) })
    const other = fitReturns({ panel: panelOf(Object.fromEntries(Object.entries(gappy).toReversed())) })
    for (const name of names) {
      const [a, b] = [residualsOf(one, name), residualsOf(other, name)]
      expect(Math.max(...a.map((z, t) => Math.abs(z - (b[t] ?? 0))))).toBeLessThan(2e-4)
    }
  })

  it('have floors under quiet times: a volatility that died away stays at its 10th percentile', () => {
    const dying = column('A').map((value, t) => (t < 1_100 ? value : value / 1_000))
    const fitted = fitReturns({ panel: panelOf({ A: dying, B: column('B') }) })
    const { volatility, dynamics } = fitted.columns[0] ?? model.market
    expect(volatility).toBe(dynamics.floor)
    expect(volatility).toBeGreaterThan(0.005)
  })
})

describe('what is missing', () => {
  it('of a short history is regressed on the market, flagged, and correlates as what was seen', () => {
    const short = { ...planted, D: column('D').map((value, t) => (t < 900 ? undefined : value)) }
    const fitted = fitReturns({ panel: panelOf(short) })
    const origin = fitted.origins[3]
    expect(origin).toMatchObject({ state: 'short', observations: 300, filled: 900, regressor: 'market' })
    expect(fitted.notes.join()).toMatch(/^D has 300 returns, 900 residuals are 0\.\d\d times those of market/)
    const filled = residualsOf(fitted, 'D').slice(0, 900)
    const others = residualsOf(fitted, 'A').slice(0, 900)
    expect(correlation(filled, others)).toBeGreaterThan(0.45)
    expect(correlation(filled, others)).toBeLessThan(0.75)
    expect(rms(filled)).toBeGreaterThan(0.8)
    expect(rms(filled)).toBeLessThan(1.3)
  })

  it('of a wrapper is taken from what it wraps rather than from the market', () => {
    const stream = random(9)
    const wrapped = column('A').map((value, t) =>
      t % 2 === 0 || t < 400 ? undefined : value + 0.0005 * stream.normal(),
    )
    const fitted = fitReturns({ panel: panelOf({ ...planted, wA: wrapped }) })
    const origin = fitted.origins[4]
    expect(origin?.regressor).toBe('A')
    expect(origin?.rSquared).toBeGreaterThan(0.8)
  })

  it('leaves out an asset with fewer than thirty returns, and says so', () => {
    const fitted = fitReturns({
      panel: panelOf({ ...planted, NEW: column('A').map((x, t) => (t < 1_180 ? undefined : x)) }),
    })
    expect(fitted.assets).toEqual(names)
    expect(fitted.notes).toContain('NEW has 20 returns, fewer than 30: left out')
  })

  it('of an asset that died is said with the date, and its crash is kept', () => {
    const dead = column('D').map((value, t) => (t < 800 ? value : t === 800 ? Math.log(1e-4) : undefined))
    const fitted = fitReturns({ panel: panelOf({ ...planted, UST: dead }) })
    expect(fitted.origins[4]?.state).toBe('ended')
    expect(fitted.notes.join()).toMatch(/UST has had no return since 2020-03-11/)
    expect(Math.min(...residualsOf(fitted, 'UST'))).toBeLessThan(-40)
  })

  it('does not let dates on which only pegs have prices into the model', () => {
    const stream = random(4)
    const longer = Object.fromEntries(Object.entries(planted).map(([name, own]) => [name, own.slice(0, 1_000)]))
    const peg = Array.from({ length: 1_200 }, () => 0.001 * stream.normal())
    const fitted = fitReturns({ panel: panelOf({ ...longer, PEG: peg }) })
    expect(fitted.starts).toHaveLength(1_000)
    expect(fitted.market.assets).toEqual(names)
  })
})

describe('histories that are none', () => {
  it('a price that never moved has volatility 0 and residuals 0, beside others and alone', () => {
    const still = new Array<number>(1_200).fill(0)
    for (const columns of [{ ...planted, USD: still }, { USD: still }]) {
      const fitted = fitReturns({ panel: panelOf(columns) })
      const at = fitted.assets.indexOf('USD')
      expect(fitted.origins[at]?.state).toBe('constant')
      expect(fitted.columns[at]?.volatility).toBe(0)
      expect(residualsOf(fitted, 'USD').every((z) => z === 0)).toBe(true)
      expect(fitted.residuals.every(Number.isFinite)).toBe(true)
    }
  })

  it('a peg keeps one volatility, that of all its history, for its moves come in jumps', () => {
    const stream = random(8)
    const peg = Array.from({ length: 1_200 }, (_, t) =>
      t === 600 ? -0.12 : t === 601 ? 0.11 : 0.0005 * stream.normal(),
    )
    const fitted = fitReturns({ panel: panelOf({ ...planted, PEG: peg }) })
    expect(fitted.columns[4]?.volatility).toBeCloseTo(rms(peg), 10)
    expect(fitted.columns[4]?.dynamics).toMatchObject({ alpha: 0, beta: 1, omega: 0 })
    expect(Math.min(...residualsOf(fitted, 'PEG')) * (fitted.columns[4]?.volatility ?? 0)).toBeLessThan(-0.1)
  })

  it('one asset is its own market, and fewer dates than assets are no hindrance', () => {
    const alone = fitReturns({ panel: panelOf({ A: column('A') }) })
    expect(alone.market.assets).toEqual(['A'])
    const many = plantedReturns(
      3,
      Array.from({ length: 60 }, (_, i) => `X${i}`),
      40,
    )
    expect(fitReturns({ panel: panelOf(many) }).residuals).toHaveLength(40 * 60)
  })

  it('says what is too little and what is no number', () => {
    expect(() => fitReturns({ panel: panelOf({ A: [0.1, 0.2] }) })).toThrow(
      expect.objectContaining({ code: 'too-little-history' }),
    )
    expect(() => fitReturns({ panel: panelOf({}) })).toThrow(expect.objectContaining({ code: 'too-little-history' }))
    const bad = column('A').with(7, Number.NaN)
    expect(() => fitReturns({ panel: panelOf({ A: bad }) })).toThrow(
      expect.objectContaining({
        code: 'out-of-domain',
        facts: expect.objectContaining({ asset: 'A', date: '2018-01-08' }),
      }),
    )
  })
})
