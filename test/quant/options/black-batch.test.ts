import { describe, expect, it } from 'vitest'
import { blackScholes, blackScholesPrice, type EuropeanOption } from '../../../lib/quant/options/black.ts'
import { blackScholesBatch, type EuropeanBatch, europeanBatchGreeks } from '../../../lib/quant/options/black-batch.ts'
import { addScenarioPrices } from '../../../lib/quant/options/black-scenarios.ts'
import { relativeError } from '../big-normal.ts'
import { exactBlack } from './exact-black.ts'

/** A fixed sequence in 0..1, so that a failure comes back. */
function sequence(): () => number {
  let state = 20_240_601
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function options(n: number): readonly EuropeanOption[] {
  const next = sequence()
  return Array.from({ length: n }, () => ({
    kind: next() < 0.5 ? ('call' as const) : ('put' as const),
    spot: 10 ** (6 * next() - 3),
    strike: 1,
    time: 10 ** (4 * next() - 3),
    volatility: 10 ** (3 * next() - 2),
    rate: 0.1 * next() - 0.02,
    carry: 0.1 * next() - 0.05,
  })).map((p, i) => (i % 3 === 0 ? { ...p, spot: 1 + (p.spot - 1) * 1e-5 } : p))
}

function batchOf(rows: readonly EuropeanOption[]): EuropeanBatch {
  const column = (key: 'spot' | 'strike' | 'time' | 'volatility' | 'rate' | 'carry') =>
    Float64Array.from(rows, (row) => row[key])
  const terms = {
    spot: column('spot'),
    strike: column('strike'),
    time: column('time'),
    volatility: column('volatility'),
  }
  return {
    kind: Int8Array.from(rows, (row) => (row.kind === 'call' ? 1 : -1)),
    ...terms,
    rate: column('rate'),
    carry: column('carry'),
  }
}

describe('a batch of European options', () => {
  it('holds the out-of-the-money exactness of the scalar kernel against 60 digits', () => {
    const rows = options(600)
    const out = europeanBatchGreeks(rows.length)
    expect(blackScholesBatch(batchOf(rows), out)).toBe(0)
    let compared = 0
    for (const [i, p] of rows.entries()) {
      const s = p.volatility * Math.sqrt(p.time)
      const x = Math.log(p.spot / p.strike) + p.carry * p.time
      const d1 = x / s + s / 2
      if (Math.abs(d1) > 35 || (p.kind === 'call') === x > 0) continue
      const want = exactBlack(p)
      for (const greek of ['price', 'delta', 'gamma', 'vega'] as const)
        expect(relativeError(out[greek][i] ?? 0, want[greek]), `${greek} ${JSON.stringify(p)}`).toBeLessThan(
          3e-13 * Math.max(1, (d1 * d1) / 100),
        )
      compared += 1
    }
    expect(compared).toBeGreaterThan(100)
  })

  it('gives the rows of the scalar kernel, limits included', () => {
    const p = options(1)[0] as EuropeanOption
    const rows = [...options(3000), { ...p, time: 0 }, { ...p, volatility: 0, spot: 1 }, { ...p, volatility: 1e9 }]
    const out = europeanBatchGreeks(rows.length)
    expect(blackScholesBatch(batchOf(rows), out)).toBe(0)
    for (const [i, row] of rows.entries()) {
      const want = blackScholes(row)
      const scale = Math.max(row.spot, row.strike) * Math.exp(0.2 * row.time)
      const s = row.volatility * Math.sqrt(row.time)
      for (const greek of ['price', 'rho', 'carryRho', 'theta', 'vanna', 'volga', 'vega', 'delta', 'gamma'] as const) {
        const got = out[greek][i] ?? Number.NaN
        const gross = greek === 'price' ? scale : scale * (1 + row.time) * (1 + 1 / (s * row.spot)) ** 2
        expect(
          got === want[greek] ? 0 : Math.abs(got - want[greek]) / gross,
          `${greek} ${JSON.stringify(row)}`,
        ).toBeLessThan(2e-14)
      }
    }
  })

  it('marks a row outside of the domain and prices the others', () => {
    const p = { kind: 'call', spot: 100, strike: 100, time: 1, volatility: 0.5, rate: 0, carry: 0 } as const
    const rows = [
      p,
      { ...p, spot: -1 },
      { ...p, volatility: Number.NaN },
      { ...p, rate: 1e4 },
      { ...p, time: Infinity },
      p,
    ]
    const out = europeanBatchGreeks(rows.length)
    expect(blackScholesBatch(batchOf(rows), out)).toBe(4)
    expect([...out.status]).toEqual([0, 1, 1, 1, 1, 0])
    expect(out.price[0]).toBeCloseTo(blackScholesPrice(p), 12)
    expect(out.theta[1]).toBeNaN()
    expect(blackScholesBatch(batchOf(rows.map(() => p)), out)).toBe(0)
    expect([...out.status]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('refuses columns of different lengths', () => {
    expect(() => blackScholesBatch(batchOf(options(3)), europeanBatchGreeks(4))).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})

describe('an option over scenarios', () => {
  it('is worth weight times its price in each, added to what was there', () => {
    const next = sequence()
    const n = 400
    const volatility = Float64Array.from({ length: n }, (_, i) =>
      i % 50 === 0 ? 0 : i % 51 === 0 ? 40 : 10 ** (2 * next() - 1),
    )
    const spot = Float64Array.from({ length: n }, (_, i) => (i % 40 === 0 ? 80 : 100 * 10 ** (2 * next() - 1)))
    for (const kind of ['call', 'put'] as const)
      for (const time of [0, 1e-6, 0.02, 1, 10]) {
        const option = { kind, strike: 80, time, rate: 0.03, carry: 0.01 }
        const out = new Float64Array(n).fill(7)
        expect(addScenarioPrices(option, -2.5, spot, spot.map(Math.log), volatility, out)).toBe(0)
        for (let i = 0; i < n; i += 1) {
          const [S, sigma] = [spot[i] ?? 0, volatility[i] ?? 0]
          const want = 7 - 2.5 * blackScholesPrice({ ...option, spot: S, volatility: sigma })
          expect(Math.abs((out[i] ?? 0) - want) / (S + 80), `${kind} ${time} ${S} ${sigma}`).toBeLessThan(1e-14)
        }
      }
  })

  it('is never worth less than nothing, and exact to 1e-15 of spot + strike', () => {
    const next = sequence()
    const spot = Float64Array.from({ length: 2_000 }, () => 80 * Math.exp(1.5 * (next() - 0.5)))
    const volatility = spot.map(() => 0.2 + next())
    for (const kind of ['call', 'put'] as const)
      for (const time of [0.01, 0.1, 1]) {
        const option = { kind, strike: 80, time, rate: 0.03, carry: 0.01 }
        const out = new Float64Array(spot.length)
        addScenarioPrices(option, 1, spot, spot.map(Math.log), volatility, out)
        for (const [i, S] of spot.entries()) {
          const want = blackScholesPrice({ ...option, spot: S, volatility: volatility[i] ?? 0 })
          expect(Math.abs((out[i] ?? -1) - want) / (S + 80), `${kind} ${time} ${S}`).toBeLessThan(1e-15)
          expect(out[i]).toBeGreaterThanOrEqual(0)
        }
      }
  })

  it('says how many scenarios lie outside of the domain, and makes them NaN', () => {
    const option = { kind: 'call', strike: 80, time: 1, rate: 0, carry: 0 } as const
    const spot = Float64Array.of(100, 0, -1, Number.NaN, 100)
    const out = new Float64Array(5)
    const volatility = Float64Array.of(0.5, 0.5, 0.5, 0.5, -1)
    expect(addScenarioPrices(option, 1, spot, spot.map(Math.log), volatility, out)).toBe(4)
    expect([...out].map(Number.isNaN)).toEqual([false, true, true, true, true])
    expect(() => addScenarioPrices(option, 1, spot, spot, volatility, new Float64Array(4))).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
    expect(() => addScenarioPrices({ ...option, strike: 0 }, 1, spot, spot, volatility, out)).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
