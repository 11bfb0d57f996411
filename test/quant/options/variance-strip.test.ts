import { describe, expect, it } from 'vitest'
import { smileVariance, varianceStrip } from '../../../lib/quant/options/variance-strip.ts'
import { published } from './published.ts'

/** Demeterfi, Derman, Kamal & Zou (1999), table 1: S = 100, r = 5%, three months, 20% at the money, one point less per five of strike. */
const guide = { forward: 100 * Math.exp(0.05 * 0.246575), time: 0.246575, lowest: 45, highest: 140 }
const quotes = (from: number, step: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ strike: from + step * i, volatility: 0.2 - (step * i) / 500 }))

describe('the variance strip', () => {
  it('has the fair variance (20.467%)^2 of Derman’s guide', () => {
    const { fairVariance, puts, calls } = varianceStrip({
      ...guide,
      puts: quotes(100, -5, 11),
      calls: quotes(100, 5, 8),
    })
    expect(Math.abs(fairVariance - 0.04189)).toBeLessThan(1e-4)
    expect(Math.abs(Math.sqrt(fairVariance) - 0.20467)).toBeLessThan(1e-4)
    expect([puts.length, calls.length]).toEqual([11, 8])
  })

  const table = published<{ readonly type: 'Call' | 'Put'; readonly strike: number; readonly volatility: number }>(
    'variance_swap_replication_strip',
  )
  it.skipIf(table === undefined)('repeats the table', () => {
    const { spot = 0, r = 0, q = 0, t = 0, strip_step = 0, fair_variance = 0, tol = 0 } = table?.common ?? {}
    const puts = (table?.rows ?? []).filter(({ type }) => type === 'Put').toSorted((a, b) => b.strike - a.strike)
    const calls = (table?.rows ?? []).filter(({ type }) => type === 'Call')
    const strip = varianceStrip({
      forward: spot * Math.exp((r - q) * t),
      time: t,
      puts,
      calls,
      lowest: (puts.at(-1)?.strike ?? 0) - strip_step,
      highest: (calls.at(-1)?.strike ?? 0) + strip_step,
    })
    expect(Math.abs(strip.fairVariance - fair_variance)).toBeLessThan(tol)
  })

  it('replicates the log payoff: its options pay the chords of 2/T (S/K0 - 1 - ln(S/K0)) at every strike', () => {
    const { puts, calls } = varianceStrip({ ...guide, puts: quotes(100, -5, 11), calls: quotes(100, 5, 8) })
    for (const S of [50, 65, 95, 100, 115, 135]) {
      const paid =
        puts.reduce((sum, { weight, strike }) => sum + weight * Math.max(0, strike - S), 0) +
        calls.reduce((sum, { weight, strike }) => sum + weight * Math.max(0, S - strike), 0)
      expect(paid).toBeCloseTo((2 / guide.time) * (S / 100 - 1 - Math.log(S / 100)), 12)
    }
  })

  it('closes in on the whole smile as strikes become many', () => {
    const volatility = (strike: number) => 0.2 - (strike - 100) / 500
    const ends = { lowest: 40, highest: 170 }
    const dense = (sign: number, n: number) =>
      Array.from({ length: n }, (_, i) => {
        const strike = 100 * (sign > 0 ? 1.7 : 0.4) ** (i / n)
        return { strike, volatility: volatility(strike) }
      })
    const strip = varianceStrip({ ...guide, ...ends, puts: dense(-1, 800), calls: dense(1, 800) })
    const whole = smileVariance({
      time: guide.time,
      volatility: (k) => Math.max(0.02, volatility(guide.forward * Math.exp(k))),
    })
    expect(Math.abs(strip.fairVariance - whole)).toBeLessThan(1e-5)
  })

  it('refuses strikes out of order, ends inside of them and a boundary that is not shared', () => {
    const sound = { ...guide, puts: quotes(100, -5, 3), calls: quotes(100, 5, 3) }
    for (const change of [
      { lowest: 92 },
      { highest: 109 },
      { lowest: -1 },
      { calls: quotes(105, 5, 3) },
      { puts: [] },
      { time: 0 },
      { forward: Number.NaN },
      { puts: quotes(100, 5, 3) },
    ])
      expect(() => varianceStrip({ ...sound, ...change }), JSON.stringify(change)).toThrow('not defined')
  })
})

describe('the variance of a smile', () => {
  it('is the square of a flat volatility to 1e-13, from 0.1% to 300% and from an hour to ten years', () => {
    for (const sigma of [1e-3, 0.05, 0.8, 3])
      for (const time of [1 / 8760, 0.1, 1, 10])
        expect(
          Math.abs(smileVariance({ time, volatility: () => sigma }) / sigma ** 2 - 1),
          `${sigma} ${time}`,
        ).toBeLessThan(1e-13)
    expect(smileVariance({ time: 1, volatility: () => 0 })).toBe(0)
  })

  it('agrees with Gatheral’s integral over the normal density, of total variance at k(z), for a slope of variance', () => {
    // Gatheral (2006), eq. 11.5: the integral of n(z) sigma^2(z), z = d2: with sigma^2 = a + c z it is a.
    const [a, c, time] = [0.09, 0.02, 0.5]
    const volatility = (k: number) => {
      let z = 0
      for (let step = 0; step < 200; step += 1) {
        const s = Math.sqrt(Math.max(1e-6, a + c * z) * time)
        z += 0.5 * (-k / s - s / 2 - z)
      }
      return Math.sqrt(Math.max(1e-6, a + c * z))
    }
    expect(Math.abs(smileVariance({ time, volatility }) - a)).toBeLessThan(2e-5)
  })

  it('refuses wings that leave no finite variance, and volatilities that are none', () => {
    expect(() => smileVariance({ time: 1, volatility: (k) => Math.sqrt(0.04 + 2.5 * Math.abs(k)) })).toThrow(
      'not defined',
    )
    expect(() => smileVariance({ time: 1, volatility: (k) => (k > 0.1 ? Number.NaN : 0.2) })).toThrow('not defined')
    expect(() => smileVariance({ time: 0, volatility: () => 0.2 })).toThrow('not defined')
  })
})
