import { describe, expect, it } from 'vitest'
import type { ResidualModel } from '../../../lib/model/market-model.ts'
import { drawPaths, type Paths } from '../../../lib/risk/tail/draw-paths.ts'
import { fitReturns } from '../../../lib/risk/tail/return-model.ts'
import { panelOf, plantedReturns } from './planted-panel.ts'

const planted = plantedReturns(1, ['A', 'B', 'C'], 1_000)
const twin = (planted.A ?? []).map((value) => value / 2)
const model = fitReturns({ panel: panelOf({ ...planted, TWIN: twin }) })
const base = { model, factors: ['A', 'B', 'TWIN'], steps: 1, count: 3_000, seed: 7 }

function cells(paths: Paths, step: number, factor: number): Float64Array {
  const from = (step * paths.factors.length + factor) * paths.count
  return paths.moves.subarray(from, from + paths.count)
}

const meanSquare = (values: Float64Array) => values.reduce((sum, x) => sum + x * x, 0) / values.length

describe('paths', () => {
  it('are the same for the same seed, others for another, and finite', () => {
    const one = drawPaths({ ...base, steps: 3 })
    expect(drawPaths({ ...base, steps: 3 })).toEqual(one)
    expect(drawPaths({ ...base, steps: 3, seed: 8 }).moves).not.toEqual(one.moves)
    expect(one.moves.every(Number.isFinite)).toBe(true)
    expect(one.moves).toHaveLength(3 * 3 * 3_000)
  })

  it('draw each date equally often, so that the first step is the residuals times the volatility now', () => {
    const moves = cells(drawPaths(base), 0, 1).toSorted()
    const sigma = model.columns[1]?.volatility ?? 0
    const residuals = model.starts.map((_, row) => model.residuals[row * 4 + 1] ?? 0)
    const expected = Float64Array.from([0, 1, 2].flatMap(() => residuals.map((z) => sigma * z))).toSorted()
    expect(Math.max(...moves.map((move, k) => Math.abs(move - (expected[k] ?? 0))))).toBeLessThan(1e-12)
  })

  it('keep the dates whole: an asset that always moved half as far still does, on every step', () => {
    const paths = drawPaths({ ...base, steps: 10 })
    for (const step of [0, 4, 9]) {
      const [full, half] = [cells(paths, step, 0), cells(paths, step, 2)]
      expect(Math.max(...full.map((move, p) => Math.abs(move / 2 - (half[p] ?? 0))))).toBeLessThan(2e-4)
    }
  })

  it('leave an asset that died out of a calm history a price above 0', () => {
    const died = (planted.A ?? []).map((value, t) => (t < 990 ? value / 500 : -2.3))
    const dying = fitReturns({ panel: panelOf({ ...planted, DYING: died }) })
    const paths = drawPaths({ model: dying, factors: ['DYING'], steps: 10, count: 3_000, seed: 7 })
    expect(Math.min(...paths.moves)).toBe(-300)
    expect(Math.max(...paths.moves)).toBeLessThanOrEqual(300)
  })

  it('do not depend on which other factors are drawn, nor on their order', () => {
    const both = drawPaths({ ...base, factors: ['B', 'A'] })
    expect([...cells(both, 0, 1)]).toEqual([...cells(drawPaths(base), 0, 0)])
  })

  it('spread as the square root of time from a usual volatility, and have no drift', () => {
    const usual: ResidualModel = {
      ...model,
      columns: model.columns.map((column) => ({ ...column, volatility: 0.04 })),
    }
    const paths = drawPaths({ ...base, model: usual, steps: 10, count: 20_000 })
    const last = cells(paths, 9, 0)
    const ratio = meanSquare(last) / meanSquare(cells(paths, 0, 0))
    expect(ratio).toBeGreaterThan(8.5)
    expect(ratio).toBeLessThan(11.5)
    expect(Math.abs(last.reduce((sum, x) => sum + x, 0) / last.length)).toBeLessThan(
      4 * Math.sqrt(meanSquare(last) / last.length),
    )
  })

  it('have volatilities that follow the path: higher after a large move, between floor and ceiling', () => {
    const paths = drawPaths({ ...base, steps: 5, count: 5_000 })
    const { floor, ceiling } = model.columns[0]?.dynamics ?? model.market.dynamics
    const second = paths.volatility.subarray(3 * 5_000, 4 * 5_000)
    const large = Array.from(cells(paths, 0, 0), (move, p) => ({ move, next: second[p] ?? 0 }))
    const sorted = large.toSorted((a, b) => Math.abs(a.move) - Math.abs(b.move))
    expect(sorted.at(-1)?.next).toBeGreaterThan(1.2 * (sorted[0]?.next ?? 0))
    for (let s = 0; s < 5; s += 1) {
      const row = paths.volatility.subarray(s * 3 * 5_000, s * 3 * 5_000 + 5_000)
      expect(Math.min(...row)).toBeGreaterThanOrEqual(floor * (1 - 1e-12))
      expect(Math.max(...row)).toBeLessThanOrEqual(ceiling * (1 + 1e-12))
    }
  })

  it('scale shorter steps by the square root of time and say so', () => {
    const paths = drawPaths({ ...base, stepSeconds: 3_600 })
    const whole = drawPaths(base)
    expect(meanSquare(cells(paths, 0, 0)) / meanSquare(cells(whole, 0, 0))).toBeCloseTo(1 / 24, 10)
    expect(paths.notes.join()).toMatch(/steps of 3600 s are drawn from bars of 86400 s/)
    expect(whole.notes).toEqual([])
  })
})

describe('factors without history', () => {
  it('move as the market, never less than it, and are noted', () => {
    const paths = drawPaths({ ...base, factors: ['NEW', 'A'] })
    expect(paths.notes).toHaveLength(1)
    expect(paths.notes[0]).toMatch(/^NEW has no history: it moves 1\.\d\d times as the market/)
    expect(meanSquare(cells(paths, 0, 0))).toBeGreaterThanOrEqual(0.9 * model.market.volatility ** 2)
  })

  it('move as another asset where the caller says so, and a multiple of 0 stands still', () => {
    const paths = drawPaths({
      ...base,
      factors: ['stA', 'USDX', 'A'],
      standIns: { stA: { asset: 'A', multiple: 1 }, USDX: { multiple: 0 } },
    })
    expect([...cells(paths, 0, 0)]).toEqual([...cells(paths, 0, 2)])
    expect(cells(paths, 0, 1).every((move) => move === 0)).toBe(true)
    expect(paths.notes).toHaveLength(2)
  })

  it('that never moved do not move', () => {
    const still = fitReturns({ panel: panelOf({ ...planted, USD: new Array<number>(1_000).fill(0) }) })
    const paths = drawPaths({ ...base, model: still, factors: ['USD'], steps: 4 })
    expect(paths.moves.every((move) => move === 0)).toBe(true)
  })
})

describe('jumps', () => {
  const depeg = { name: 'A breaks', annualProbability: 2, moves: { A: -0.5, UNKNOWN: -1 } }

  it('come as often as expected, on even steps, and stay', () => {
    const plain = drawPaths({ ...base, steps: 10, count: 10_000 })
    const jumped = drawPaths({ ...base, steps: 10, count: 10_000, jumps: [depeg] })
    const expected = 10_000 * -Math.expm1((-2 * 10) / 365)
    expect(Math.abs((jumped.jumped[0] ?? 0) - expected)).toBeLessThanOrEqual(1)
    let before = 0
    for (let s = 0; s < 10; s += 1) {
      const [old, now] = [cells(plain, s, 0), cells(jumped, s, 0)]
      let hit = 0
      for (let p = 0; p < 10_000; p += 1) {
        const difference = (now[p] ?? 0) - (old[p] ?? 0)
        if (difference === 0) continue
        expect(difference).toBeCloseTo(-0.5, 12)
        hit += 1
      }
      expect(hit).toBeGreaterThan(before + expected / 25)
      before = hit
    }
    expect(before).toBe(jumped.jumped[0])
    expect(cells(jumped, 9, 1)).toEqual(cells(plain, 9, 1))
  })

  it('that are rare come in the mean over seeds as often as expected', () => {
    const rare = { ...depeg, annualProbability: 0.05 }
    let hits = 0
    for (let seed = 0; seed < 400; seed += 1)
      hits += drawPaths({ ...base, count: 1_000, seed, jumps: [rare] }).jumped[0] ?? 0
    const expected = 400 * 1_000 * -Math.expm1(-0.05 / 365)
    expect(Math.abs(hits - expected)).toBeLessThan(4 * Math.sqrt(expected))
  })
})

it('counts that are none, a factor named twice and steps longer than a bar are refused', () => {
  const refusal = expect.objectContaining({ code: 'out-of-domain' })
  for (const wrong of [
    { steps: 0 },
    { count: 1.5 },
    { factors: ['A', 'A'] },
    { stepSeconds: 90_000 },
    { stepSeconds: 0 },
  ])
    expect(() => drawPaths({ ...base, ...wrong })).toThrow(refusal)
})
