import { describe, expect, it } from 'vitest'
import { type BarrierParams, barrierValue } from '../../../lib/quant/options/barrier.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { random } from '../../../lib/quant/random.ts'
import { exactBarrier } from './exact-barrier.ts'
import { published } from './published.ts'

const haug = { spot: 100, rate: 0.08, carry: 0.04, volatility: 0.25, time: 0.5, rebate: 3 } as const
const kinds = ['call', 'put'] as const
const directions = ['down', 'up'] as const
const vanillaOf = (p: BarrierParams) => blackScholesPrice({ ...p, volatility: p.volatility })

/** Haug (1998), "The complete guide to option pricing formulas", p. 72: direction, knock, kind, strike, barrier, volatility, value. */
const page72 = [
  ['down', 'out', 'call', 90, 95, 0.25, 9.0246],
  ['up', 'out', 'call', 100, 105, 0.25, 2.358],
  ['down', 'in', 'call', 110, 95, 0.25, 2.0576],
  ['up', 'out', 'call', 90, 105, 0.3, 2.6341],
  ['down', 'out', 'put', 90, 95, 0.25, 2.2798],
  ['up', 'out', 'put', 90, 105, 0.3, 4.2293],
] as const

interface HaugRow {
  readonly barrierType: string
  readonly type: string
  readonly exercise: string
  readonly barrier: number
  readonly rebate: number
  readonly strike: number
  readonly spot: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly volatility: number
  readonly value: number
  readonly tol: number
}

function sides(barrierType: string): Pick<BarrierParams, 'direction' | 'knock'> {
  return {
    direction: barrierType.startsWith('Down') ? 'down' : 'up',
    knock: barrierType.endsWith('In') ? 'in' : 'out',
  }
}

function randomBarriers(seed: number, n: number): readonly Omit<BarrierParams, 'knock'>[] {
  const { uniform } = random(seed)
  return Array.from({ length: n }, () => {
    const direction = uniform() < 0.5 ? 'down' : 'up'
    const rate = uniform() * 0.12
    return {
      kind: uniform() < 0.5 ? 'call' : 'put',
      direction,
      spot: 100,
      strike: 60 + 80 * uniform(),
      barrier: direction === 'down' ? 100 - 40 * uniform() : 100 + 60 * uniform(),
      rebate: 0,
      rate,
      carry: rate - uniform() * 0.12,
      volatility: 0.05 + uniform(),
      time: 0.01 + 2 * uniform(),
    }
  })
}

describe('a barrier option', () => {
  it.each(page72)('%s-and-%s %s at %d with barrier %d and volatility %d is worth what Haug prints', (...row) => {
    const [direction, knock, kind, strike, barrier, volatility, value] = row
    expect(
      Math.abs(barrierValue({ ...haug, direction, knock, kind, strike, barrier, volatility }) - value),
    ).toBeLessThan(1e-4)
  })

  const table = published<HaugRow>('barrier_haug')
  it.skipIf(!table)('agrees with every European row of Haug’s table (../shared/tables)', () => {
    const rows = (table?.rows ?? []).filter((row) => row.exercise === 'european')
    expect(rows).toHaveLength(72)
    for (const r of rows) {
      const kind = r.type === 'Call' ? 'call' : 'put'
      const got = barrierValue({ ...r, ...sides(r.barrierType), kind, rate: r.r, carry: r.r - r.q, time: r.t })
      expect(Math.abs(got - r.value), JSON.stringify(r)).toBeLessThan(r.tol)
    }
  })

  for (const name of ['barrier_babsiri', 'barrier_beaglehole']) {
    const other = published<{
      barrierType: string
      volatility: number
      strike: number
      barrier: number
      value_call: number
    }>(name)
    it.skipIf(!other)(`agrees with ${name} (../shared/tables)`, () => {
      const { spot = 0, rebate = 0, r = 0, q = 0, t = 0, tol = 0 } = other?.common ?? {}
      expect(other?.rows.length).toBeGreaterThan(0)
      for (const row of other?.rows ?? []) {
        const market = { spot, rate: r, carry: r - q, time: t, rebate }
        const got = barrierValue({ ...market, ...row, ...sides(row.barrierType), kind: 'call' })
        expect(Math.abs(got - row.value_call), JSON.stringify(row)).toBeLessThan(tol)
      }
    })
  }

  it('is the printed formula in 60 digits, rebates included', () => {
    for (const p of randomBarriers(1, 14))
      for (const knock of ['in', 'out'] as const) {
        const exact = exactBarrier({ ...p, knock, rebate: 7 }).toNumber()
        expect(Math.abs(barrierValue({ ...p, knock, rebate: 7 }) - exact), JSON.stringify(p)).toBeLessThan(2e-12)
      }
  })

  it('keeps its relative accuracy where the reflection term overflows or the option is worth next to nothing', () => {
    const extreme = { ...haug, rebate: 0, knock: 'in', direction: 'down' } as const
    for (const [kind, strike, barrier, volatility, carry, time] of [
      ['call', 100, 95, 0.02, -0.4, 0.5],
      ['call', 100, 70, 0.05, 0.04, 0.5],
      ['call', 100, 99.9, 0.002, -0.02, 0.1],
      ['call', 100, 50, 0.1, 0.04, 0.5],
      ['put', 80, 70, 0.02, -0.4, 1],
      ['put', 80, 70, 0.001, -0.4, 1],
    ] as const) {
      const p = { ...extreme, kind, strike, barrier, volatility, carry, time }
      const exact = exactBarrier(p).toNumber()
      expect(exact).toBeGreaterThan(0)
      expect(barrierValue(p) / exact, JSON.stringify(p)).toBeCloseTo(1, 9)
    }
  })

  it('makes in and out the vanilla option, to 1e-10 of the prices', () => {
    const { uniform } = random(3)
    for (const p of randomBarriers(2, 3000)) {
      const scale = 10 ** (36 * uniform() - 18)
      const q = { ...p, spot: p.spot * scale, strike: p.strike * scale, barrier: p.barrier * scale }
      const both = barrierValue({ ...q, knock: 'in' }) + barrierValue({ ...q, knock: 'out' })
      expect(Math.abs(both - vanillaOf({ ...q, knock: 'in' })) / q.spot, JSON.stringify(q)).toBeLessThan(1e-12)
    }
  })

  it('is continuous at the barrier, and past it the rebate or the vanilla option', () => {
    for (const kind of kinds)
      for (const direction of directions)
        for (const strike of [90, 100, 110]) {
          const p = { ...haug, kind, direction, strike, barrier: 100, rebate: 5 } as const
          const alive = direction === 'down' ? 100 * (1 + 1e-10) : 100 * (1 - 1e-10)
          for (const knock of ['in', 'out'] as const) {
            const touched = barrierValue({ ...p, knock })
            expect(touched).toBe(knock === 'out' ? 5 : vanillaOf({ ...p, knock }))
            expect(Math.abs(barrierValue({ ...p, knock, spot: alive }) - touched)).toBeLessThan(1e-6)
          }
        }
  })

  it('is continuous in the strike at the barrier', () => {
    for (const kind of kinds)
      for (const direction of directions)
        for (const knock of ['in', 'out'] as const) {
          const p = { ...haug, kind, direction, knock, barrier: direction === 'down' ? 90 : 110 }
          const [below, above] = [p.barrier * (1 - 1e-12), p.barrier * (1 + 1e-12)]
          expect(Math.abs(barrierValue({ ...p, strike: below }) - barrierValue({ ...p, strike: above }))).toBeLessThan(
            1e-9,
          )
        }
  })

  it('reaches its limits: no time, no volatility, a carry of nothing', () => {
    const p = { ...haug, kind: 'call', direction: 'down', strike: 90, barrier: 95 } as const
    expect(barrierValue({ ...p, knock: 'out', time: 0 })).toBe(10)
    expect(barrierValue({ ...p, knock: 'in', time: 0 })).toBe(3)
    expect(barrierValue({ ...p, knock: 'out', time: 1e-12 })).toBeCloseTo(10, 9)
    expect(barrierValue({ ...p, knock: 'in', time: 1e-12 })).toBeCloseTo(3, 9)
    const falling = { ...p, carry: -0.2 } as const
    const tau = Math.log(0.95) / -0.2
    expect(barrierValue({ ...falling, knock: 'out', volatility: 0 })).toBeCloseTo(3 * Math.exp(-0.08 * tau), 12)
    expect(barrierValue({ ...falling, knock: 'out', volatility: 1e-7 })).toBeCloseTo(3 * Math.exp(-0.08 * tau), 9)
    expect(barrierValue({ ...falling, knock: 'in', volatility: 0 })).toBe(
      vanillaOf({ ...falling, knock: 'in', volatility: 0 }),
    )
    expect(barrierValue({ ...p, knock: 'out', volatility: 1e-7 })).toBeCloseTo(
      barrierValue({ ...p, knock: 'out', volatility: 0 }),
      9,
    )
    const flat = { ...p, knock: 'out', rate: 0, carry: 0 } as const
    expect(barrierValue(flat)).toBeCloseTo(barrierValue({ ...flat, carry: 1e-13, rate: 1e-13 }), 10)
  })

  it('refuses an argument by its name, and growth that no double holds', () => {
    const p = { ...haug, kind: 'call', direction: 'down', knock: 'out', strike: 90, barrier: 95 } as const
    for (const [field, value] of [
      ['spot', 0],
      ['spot', Number.NaN],
      ['strike', -1],
      ['barrier', Number.POSITIVE_INFINITY],
      ['volatility', -0.1],
      ['time', -1e-9],
      ['rate', Number.NaN],
      ['rebate', Number.NaN],
    ] as const)
      expect(() => barrierValue({ ...p, [field]: value }), field).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
    expect(() => barrierValue({ ...p, rate: -10, time: 100 })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
