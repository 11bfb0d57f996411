// Covariances of panels with everything that histories do: planted correlations, gaps, deaths, pegs, wrong digits.

import { describe, expect, it } from 'vitest'
import { symmetricEigen } from '../../../lib/quant/covariance/symmetric-eigen.ts'
import { random } from '../../../lib/quant/random.ts'
import { covarianceOf } from '../../../lib/risk/market/covariance.ts'
import { covarianceMethods } from '../../../lib/risk/market/covariance-method-names.ts'
import { type ReturnPanel, returnPanel } from '../../../lib/risk/market/return-panel.ts'

const day = 86_400
const start = 1_577_836_800

/** Closes by asset from a common factor; `undefined` is a missing bar. */
type Closes = Readonly<Record<string, readonly (number | undefined)[]>>

function panelOf(closes: Closes): ReturnPanel {
  const series = Object.entries(closes).map(([asset, values]) => ({
    asset,
    bars: values.flatMap((close, t) => (close === undefined ? [] : [{ start: start + t * day, close }])),
  }))
  return returnPanel({ series, interval: '1d' })
}

/** Daily 3 %, all correlations `rho`. */
function walks(seed: number, names: readonly string[], bars: number, rho = 0.6): Record<string, number[]> {
  const { normal } = random(seed)
  const closes = Object.fromEntries(names.map((name) => [name, [100]])) as Record<string, number[]>
  for (let t = 1; t < bars; t += 1) {
    const common = normal()
    for (const name of names) {
      const r = 0.03 * (Math.sqrt(rho) * common + Math.sqrt(1 - rho) * normal())
      closes[name]?.push((closes[name]?.[t - 1] ?? 0) * Math.exp(r))
    }
  }
  return closes
}

const methods = covarianceMethods.map(({ name }) => name)
const five = ['A', 'B', 'C', 'D', 'E']

function expectSound(result: ReturnType<typeof covarianceOf>): void {
  const { assets, volatility, correlation } = result.estimate
  const n = assets.length
  expect([...volatility, ...correlation].every(Number.isFinite)).toBe(true)
  expect(symmetricEigen({ matrix: Float64Array.from(correlation), size: n }).values[n - 1]).toBeGreaterThan(-1e-9)
  for (let i = 0; i < n; i += 1) expect(correlation[i * n + i]).toBe(1)
  expect(JSON.parse(JSON.stringify(result))).toEqual(result)
}

describe.each(methods)('covariance by %s', (method) => {
  it('finds planted volatilities and the mean correlation', () => {
    const { estimate, remarks } = covarianceOf({ panel: panelOf(walks(1, five, 2_500)), method })
    for (const volatility of estimate.volatility) expect(volatility / (0.03 * Math.sqrt(365))).toBeCloseTo(1, 0.5)
    expect(Math.abs((estimate.meanCorrelation ?? 0) - 0.6)).toBeLessThan(0.12)
    expect(remarks.filter((one) => !one.includes('told apart'))).toEqual([])
  })

  it('is positive semidefinite and says so with gaps, a late start, an early death, a peg, a wick and a crash', () => {
    const closes: Record<string, (number | undefined)[]> = walks(2, [...five, 'F', 'G'], 400)
    const { uniform } = random(3)
    closes.A = closes.A?.map((close) => (uniform() < 0.15 ? undefined : close)) ?? []
    closes.B = closes.B?.map((close, t) => (t < 360 ? undefined : close)) ?? []
    closes.C = closes.C?.map((close, t) => (t > 200 ? undefined : t > 195 ? (close ?? 0) / 1_000 : close)) ?? []
    closes.PEG = new Array(400).fill(1)
    closes.D = closes.D?.map((close, t) => (t === 300 ? 10 * (close ?? 0) : close)) ?? []
    closes.NEW = new Array(400).fill(undefined).map((_, t) => (t < 390 ? undefined : 5 + (t % 3)))
    const result = covarianceOf({ panel: panelOf(closes), method })
    expectSound(result)
    const states = Object.fromEntries(result.assets.map(({ asset, state }) => [asset, state]))
    expect(states).toEqual({
      A: 'used',
      B: 'short',
      C: 'ended',
      D: 'used',
      E: 'used',
      F: 'used',
      G: 'used',
      PEG: 'constant',
      NEW: 'new',
    })
    expect(result.estimate.assets).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'PEG'])
    expect(result.estimate.volatility[7]).toBe(0)
    expect(result.estimate.correlation.slice(56)).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
    const told = result.remarks.join('\n')
    for (const word of [
      'A: bars are missing',
      'B: its history begins',
      'C: the price fell',
      'C: its last return is of 2020-07-19',
      'D: a bar stood far off',
      'NEW: left out',
      'PEG: the price never moved',
    ])
      expect(told).toContain(word)
  })

  it('works with fewer dates than assets, and says so', () => {
    const names = Array.from({ length: 30 }, (_, index) => `A${index}`)
    const result = covarianceOf({ panel: panelOf(walks(4, names, 25)), method })
    expectSound(result)
    expect(result.remarks.join()).toContain('24 dates are fewer than 30 assets')
  })

  it('of one asset is its volatility, and of pegs alone nothing but zeros', () => {
    const one = covarianceOf({ panel: panelOf(walks(5, ['A'], 400)), method })
    expectSound(one)
    expect(one.estimate.correlation).toEqual([1])
    expect(one.estimate.meanCorrelation).toBeUndefined()
    const pegs = covarianceOf({ panel: panelOf({ P: new Array(50).fill(1), Q: new Array(50).fill(1) }), method })
    expect(pegs.estimate).toMatchObject({ volatility: [0, 0], correlation: [1, 0, 0, 1], shrinkage: 0 })
  })

  it('refuses a panel in which nobody has 20 returns, and names who', () => {
    expect(() => covarianceOf({ panel: panelOf(walks(6, ['A', 'B'], 20)), method })).toThrow(
      expect.objectContaining({ code: 'short-history', message: expect.stringContaining('A (left out: 19 of 20') }),
    )
    expect(() => covarianceOf({ panel: panelOf({}), method })).toThrow(
      expect.objectContaining({ code: 'short-history' }),
    )
  })
})

describe('rules for short histories', () => {
  it('draw a pair to the mean correlation by what it lacks of 60 dates', () => {
    const closes: Record<string, (number | undefined)[]> = walks(7, five, 700)
    const { normal } = random(8)
    let price = 10
    // Without any relation to the others.
    closes.NEW = Array.from({ length: 700 }, (_, t) => {
      price *= Math.exp(0.03 * normal())
      return t < 669 ? undefined : price
    })
    const { estimate } = covarianceOf({ panel: panelOf(closes), method: 'ledoit-wolf' })
    const others = covarianceOf({ panel: panelOf(walks(7, five, 700)), method: 'ledoit-wolf' }).estimate.meanCorrelation
    const mean = estimate.correlation.slice(30, 35).reduce((sum, rho) => sum + rho, 0) / 5
    expect(mean).toBeGreaterThan(0.5 * (others ?? 0) - 0.2)
    expect(mean).toBeLessThan(0.5 * (others ?? 0) + 0.2)
  })

  it('leave the sample as it was', () => {
    const closes: Record<string, (number | undefined)[]> = walks(9, ['A', 'B', 'C'], 100)
    closes.C = closes.C?.map((close, t) => (t < 60 ? undefined : close)) ?? []
    const { remarks } = covarianceOf({ panel: panelOf(closes), method: 'sample' })
    expect(remarks.join()).not.toContain('drawn')
  })

  it('let half-lives be chosen in days, and refuse one that is none', () => {
    const panel = panelOf(walks(10, five, 300))
    const fast = covarianceOf({ panel, halfLifeDays: { variance: 2, correlation: 5 } }).estimate
    expect(fast.volatility).not.toEqual(covarianceOf({ panel }).estimate.volatility)
    for (const variance of [0, -1, Number.NaN, Infinity])
      expect(() => covarianceOf({ panel, halfLifeDays: { variance } })).toThrow(
        expect.objectContaining({ code: 'invalid-input' }),
      )
  })
})
