import { describe, expect, it } from 'vitest'
import { gaussLegendre } from '../../../lib/quant/gauss-legendre.ts'
import { normalPdf } from '../../../lib/quant/normal.ts'
import { barrierValue } from '../../../lib/quant/options/barrier.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { cashOrNothingValue } from '../../../lib/quant/options/digital.ts'
import { continuityCorrectedBarrier } from '../../../lib/quant/options/discrete-monitoring.ts'
import { monteCarloBarrierValue } from '../../../lib/quant/options/monte-carlo.ts'
import { random } from '../../../lib/quant/random.ts'

const paper = {
  kind: 'call',
  direction: 'up',
  knock: 'out',
  spot: 110,
  strike: 100,
  rebate: 0,
  rate: 0.1,
  carry: 0.1,
  volatility: 0.3,
  time: 0.2,
} as const
const dates = Array.from({ length: 50 }, (_, i) => (i === 49 ? 0.2 : (i + 1) * 0.004))

/** The up-and-out call of `paper` watched on its dates, by integrating back from date to date over the log prices below the barrier. */
function watchedOnDates(barrier: number): number {
  const step = { rate: paper.rate, carry: paper.carry, volatility: paper.volatility, time: paper.time / dates.length }
  const s = paper.volatility * Math.sqrt(step.time)
  const nu = (paper.carry - paper.volatility ** 2 / 2) * step.time
  const { nodes, weights } = gaussLegendre(240)
  const [top, bottom] = [Math.log(barrier), Math.log(paper.spot) - 1.1]
  const half = (top - bottom) / 2
  const y = nodes.map((node) => bottom + half * (1 + node))
  const end = (x: number): number => {
    const option = { ...step, kind: 'call', spot: Math.exp(x) } as const
    const beyond = cashOrNothingValue({
      ...option,
      volatility: paper.volatility,
      strike: barrier,
      cash: barrier - paper.strike,
    })
    return (
      blackScholesPrice({ ...option, strike: paper.strike }) -
      blackScholesPrice({ ...option, strike: barrier }) -
      beyond
    )
  }
  const back = (values: Float64Array, x: number): number =>
    values.reduce((sum, v, j) => sum + half * (weights[j] ?? 0) * v * normalPdf(((y[j] ?? 0) - x - nu) / s), 0) *
    (Math.exp(-paper.rate * step.time) / s)
  let values = y.map(end)
  for (let date = 2; date < dates.length; date += 1) values = y.map((x) => back(values, x))
  return back(values, Math.log(paper.spot))
}

describe('a barrier watched on dates', () => {
  it('is priced by the formula with the barrier moved outwards, to a twelfth of what that moves, and by simulation', () => {
    for (const barrier of [115, 125, 145]) {
      const exact = watchedOnDates(barrier)
      const moved = continuityCorrectedBarrier({ barrier, direction: 'up', volatility: 0.3, interval: 0.004 })
      const corrected = barrierValue({ ...paper, barrier: moved })
      const correction = corrected - barrierValue({ ...paper, barrier })
      expect(Math.abs(corrected - exact)).toBeLessThan(correction / 12)
      const uniform = random(1).uniform
      const simulated = monteCarloBarrierValue({ ...paper, barrier, watched: 'dates', dates, paths: 10_000, uniform })
      expect(Math.abs(simulated.value - exact)).toBeLessThan(4 * simulated.standardError)
    }
  })

  it('moves away from the spot, by nothing where it is watched always', () => {
    expect(continuityCorrectedBarrier({ barrier: 115, direction: 'up', volatility: 0.3, interval: 0.004 })).toBeCloseTo(
      116.279,
      2,
    )
    expect(
      continuityCorrectedBarrier({ barrier: 95, direction: 'down', volatility: 0.3, interval: 0.004 }),
    ).toBeLessThan(95)
    expect(continuityCorrectedBarrier({ barrier: 95, direction: 'down', volatility: 0.3, interval: 0 })).toBe(95)
    for (const bad of [{ barrier: 0 }, { volatility: -1 }, { interval: Number.NaN }])
      expect(() =>
        continuityCorrectedBarrier({ barrier: 95, direction: 'down', volatility: 0.3, interval: 0.1, ...bad }),
      ).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})

describe('barrier options by Monte Carlo', () => {
  it('meet the closed form for a barrier watched always, for every kind, rebates included', () => {
    let seed = 10
    for (const kind of ['call', 'put'] as const)
      for (const direction of ['down', 'up'] as const)
        for (const knock of ['in', 'out'] as const) {
          const p = {
            ...paper,
            kind,
            direction,
            knock,
            rebate: 3,
            barrier: direction === 'up' ? 120 : 100,
            strike: 108,
          }
          seed += 1
          const uniform = random(seed).uniform
          const { value, standardError } = monteCarloBarrierValue({
            ...p,
            watched: 'always',
            dates: dates.filter((_, i) => i % 7 === 0),
            paths: 8000,
            uniform,
          })
          expect(Math.abs(value - barrierValue(p)), `${kind} ${direction} ${knock}`).toBeLessThan(
            4 * standardError + 1e-3,
          )
        }
  })

  it('need few steps, as the bridge watches between the dates: one is as right as fifty', () => {
    const p = { ...paper, barrier: 120, watched: 'always', paths: 40_000, dates: [0.2] } as const
    const { value, standardError } = monteCarloBarrierValue({ ...p, uniform: random(2).uniform })
    expect(Math.abs(value - barrierValue(p))).toBeLessThan(4 * standardError)
  })

  it('state an error that is right: estimates of 40 seeds scatter by it', () => {
    const p = { ...paper, barrier: 125, watched: 'dates', dates: [0.05, 0.1, 0.15, 0.2], paths: 2000 } as const
    const estimates = Array.from({ length: 40 }, (_, seed) =>
      monteCarloBarrierValue({ ...p, uniform: random(seed).uniform }),
    )
    const mean = estimates.reduce((sum, e) => sum + e.value, 0) / 40
    const scatter = Math.sqrt(estimates.reduce((sum, e) => sum + (e.value - mean) ** 2, 0) / 39)
    const stated = estimates.reduce((sum, e) => sum + e.standardError, 0) / 40
    expect(scatter / stated).toBeGreaterThan(0.7)
    expect(scatter / stated).toBeLessThan(1.4)
  })

  it('are steadied by the control variate', () => {
    const run = (direction: 'down' | 'up', barrier: number) =>
      monteCarloBarrierValue({
        ...paper,
        direction,
        barrier,
        watched: 'dates',
        dates,
        paths: 4000,
        uniform: random(3).uniform,
      })
    expect(run('down', 100).reduction).toBeGreaterThan(3)
    expect(run('up', 130).reduction).toBeGreaterThan(3)
  })

  it('give the same result for the same numbers', () => {
    const p = { ...paper, barrier: 125, watched: 'dates', dates, paths: 100 } as const
    const again = monteCarloBarrierValue({ ...p, uniform: random(5).uniform })
    expect(monteCarloBarrierValue({ ...p, uniform: random(5).uniform })).toEqual(again)
    expect(monteCarloBarrierValue({ ...p, uniform: random(6).uniform }).value).not.toBe(again.value)
  })

  it('are certain without volatility, and count a spot past the barrier only if it is watched', () => {
    const sure = { ...paper, barrier: 115, volatility: 0, dates, paths: 10, uniform: random(1).uniform } as const
    const { value, standardError } = monteCarloBarrierValue({ ...sure, watched: 'dates' })
    expect(value).toBeCloseTo(110 - 100 * Math.exp(-0.02), 10)
    expect(standardError).toBeCloseTo(0, 12)
    const past = { ...paper, barrier: 105, rebate: 2, dates: [0.2], paths: 200, uniform: random(1).uniform } as const
    expect(monteCarloBarrierValue({ ...past, watched: 'always' }).value).toBeCloseTo(2, 12)
    expect(monteCarloBarrierValue({ ...past, watched: 'dates' }).value).toBeGreaterThan(2 * Math.exp(-0.02) * 0.5)
  })

  it('refuse an argument by its name', () => {
    const p = { ...paper, barrier: 125, watched: 'dates', dates, paths: 10, uniform: random(1).uniform } as const
    for (const [field, value] of [
      ['paths', 1],
      ['dates', []],
      ['dates', [0.1, 0.1, 0.2]],
      ['dates', [0.1]],
      ['spot', 0],
    ] as const)
      expect(() => monteCarloBarrierValue({ ...p, [field]: value })).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
  })
})
