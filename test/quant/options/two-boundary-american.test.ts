import { describe, expect, it } from 'vitest'
import { andersenLake } from '../../../lib/quant/options/andersen-lake.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import type { VanillaParams } from '../../../lib/quant/options/lognormal.ts'
import { hasTwoBoundaries, twoBoundaryAmerican } from '../../../lib/quant/options/two-boundary-american.ts'

/** q < r < 0: exercised between r K / q and K at first, not at all once far from expiry. */
const put: VanillaParams = {
  kind: 'put',
  spot: 90,
  strike: 100,
  rate: -0.02,
  carry: 0.06,
  volatility: 0.15,
  time: 1,
}

/** Cox, Ross & Rubinstein, averaged over two numbers of steps. */
function binomial({ kind, spot, strike, rate, carry, volatility, time }: VanillaParams, steps: number): number {
  const on = (n: number) => {
    const dt = time / n
    const u = Math.exp(volatility * Math.sqrt(dt))
    const p = (Math.exp(carry * dt) - 1 / u) / (u - 1 / u)
    const discount = Math.exp(-rate * dt)
    const pays = (i: number, j: number) => {
      const price = spot * u ** (2 * j - i)
      return Math.max(0, kind === 'call' ? price - strike : strike - price)
    }
    const values = Array.from({ length: n + 1 }, (_, j) => pays(n, j))
    for (let i = n - 1; i >= 0; i -= 1)
      for (let j = 0; j <= i; j += 1)
        values[j] = Math.max(pays(i, j), discount * (p * (values[j + 1] ?? 0) + (1 - p) * (values[j] ?? 0)))
    return values[0] ?? Number.NaN
  }
  return (on(steps) + on(steps + 1)) / 2
}

describe('an American option with two exercise boundaries', () => {
  it('is told from the others', () => {
    expect(hasTwoBoundaries(put)).toBe(true)
    expect(hasTwoBoundaries({ ...put, kind: 'call', rate: -0.06, carry: -0.04 })).toBe(true)
    expect(hasTwoBoundaries({ ...put, rate: 0 })).toBe(false)
    expect(hasTwoBoundaries({ ...put, kind: 'call' })).toBe(false)
    expect(hasTwoBoundaries({ ...put, carry: -0.02 })).toBe(false)
  })

  it('agrees with a binomial tree', () => {
    for (const spot of [40, 75, 90, 99, 110])
      expect(Math.abs(twoBoundaryAmerican({ ...put, spot }) - binomial({ ...put, spot }, 1_000))).toBeLessThan(2e-3)
  })

  it('is worth the intrinsic value between its boundaries, more below and above', () => {
    const near = { ...put, time: 0.05 }
    // r K / q = 25 at expiry: between it and the strike exercise gains more than it costs.
    expect(twoBoundaryAmerican({ ...near, spot: 60 })).toBeCloseTo(40, 9)
    expect(twoBoundaryAmerican({ ...near, spot: 15 })).toBeGreaterThan(85.001)
    expect(twoBoundaryAmerican({ ...near, spot: 99 })).toBeGreaterThan(1.1)
    expect(twoBoundaryAmerican({ ...put, spot: 15 })).toBeGreaterThanOrEqual(blackScholesPrice({ ...put, spot: 15 }))
  })

  it('mirrors call and put: C(S, K, r, q) = P(K, S, q, r)', () => {
    const call = twoBoundaryAmerican({ ...put, kind: 'call', spot: 100, strike: 90, rate: -0.08, carry: -0.06 })
    expect(call).toBeCloseTo(twoBoundaryAmerican(put), 4)
  })

  it('agrees with Andersen and Lake where there is one boundary', () => {
    for (const [rate, carry] of [
      [0.05, 0.02],
      [0.03, 0.03],
      [0, 0.04],
    ] as const)
      for (const kind of ['call', 'put'] as const) {
        const option = { ...put, kind, rate, carry }
        expect(Math.abs(twoBoundaryAmerican(option) - andersenLake(option).price)).toBeLessThan(4e-4)
      }
  })

  it('joins them as the rate rises through 0', () => {
    const [below, above] = [twoBoundaryAmerican({ ...put, rate: -1e-9 }), andersenLake({ ...put, rate: 0 }).price]
    expect(Math.abs(below - above)).toBeLessThan(4e-4)
  })

  it('without volatility or time pays at its best date', () => {
    expect(twoBoundaryAmerican({ ...put, time: 0 })).toBe(10)
    // K e^{0.02 t} - S e^{0.08 t} falls from 10: exercised at once.
    expect(twoBoundaryAmerican({ ...put, volatility: 0 })).toBe(10)
    // At S = 10 it rises until 0.02 K e^{0.02 t} = 0.08 S e^{0.08 t}, beyond the year: held to the end.
    expect(twoBoundaryAmerican({ ...put, volatility: 0, spot: 10 })).toBeCloseTo(
      100 * Math.exp(0.02) - 10 * Math.exp(0.08),
      12,
    )
  })

  it('refuses what it cannot answer, by name', () => {
    for (const change of [{ spot: 0 }, { strike: -1 }, { volatility: Number.NaN }])
      expect(() => twoBoundaryAmerican({ ...put, ...change })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
  })
})
