import { describe, expect, it } from 'vitest'
import { barrierValue } from '../../../lib/quant/options/barrier.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { noTouchValue } from '../../../lib/quant/options/digital.ts'
import {
  type DoubleBarrierParams,
  doubleBarrierValue,
  doubleNoTouchValue,
} from '../../../lib/quant/options/double-barrier.ts'
import { random } from '../../../lib/quant/random.ts'
import { exactDoubleKnockOut } from './exact-barrier.ts'
import { published } from './published.ts'

const haug = { kind: 'call', spot: 100, strike: 100, rate: 0.1, carry: 0.1, knock: 'out' } as const

interface Row {
  readonly barrierType: string
  readonly barrierLo: number
  readonly barrierHi: number
  readonly type: string
  readonly strike: number
  readonly spot: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly volatility: number
  readonly value: number
  readonly tol: number
}

function randomCorridors(seed: number, n: number): readonly DoubleBarrierParams[] {
  const { uniform } = random(seed)
  return Array.from({ length: n }, () => {
    const rate = uniform() * 0.12
    return {
      kind: uniform() < 0.5 ? 'call' : 'put',
      knock: 'out',
      spot: 100,
      strike: 60 + 80 * uniform(),
      lower: 95 - 45 * uniform(),
      upper: 105 + 75 * uniform(),
      rate,
      carry: rate - uniform() * 0.12,
      volatility: 0.05 + 0.5 * uniform(),
      time: 0.01 + uniform(),
    }
  })
}

describe('a double barrier option', () => {
  it('is worth what Haug (2006), p. 156, prints', () => {
    for (const [lower, upper, volatility, time, value] of [
      [50, 150, 0.15, 0.25, 4.3515],
      [60, 140, 0.35, 0.25, 5.7726],
      [70, 130, 0.25, 0.5, 4.0004],
      [90, 110, 0.15, 0.25, 1.2055],
    ] as const)
      expect(doubleBarrierValue({ ...haug, lower, upper, volatility, time })).toBeCloseTo(value, 4)
  })

  const table = published<Row>('double_barrier_haug')
  it.skipIf(!table)('agrees with every row of the table (../shared/tables)', () => {
    expect(table?.rows).toHaveLength(90)
    for (const r of table?.rows ?? []) {
      const market = {
        spot: r.spot,
        strike: r.strike,
        rate: r.r,
        carry: r.r - r.q,
        volatility: r.volatility,
        time: r.t,
      }
      const terms = {
        lower: r.barrierLo,
        upper: r.barrierHi,
        knock: r.barrierType === 'KnockOut' ? 'out' : 'in',
      } as const
      const got = doubleBarrierValue({ ...market, ...terms, kind: r.type === 'Call' ? 'call' : 'put' })
      expect(Math.abs(got - r.value), JSON.stringify(r)).toBeLessThan(r.tol)
    }
  })

  it('is the printed formula in 60 digits, whether images or modes are summed, the strike inside of the corridor or not', () => {
    for (const p of randomCorridors(5, 6)) {
      expect(Math.abs(doubleBarrierValue(p) - exactDoubleKnockOut(p).toNumber()), JSON.stringify(p)).toBeLessThan(1e-11)
    }
    // Images give way to modes where the deviation is as wide as the corridor.
    const switching = { ...haug, lower: 90, upper: 110, volatility: 1, time: Math.log(110 / 90) ** 2 }
    for (const time of [switching.time * (1 - 1e-9), switching.time * (1 + 1e-9), switching.time * 4]) {
      const exact = exactDoubleKnockOut({ ...switching, time }).toNumber()
      expect(doubleBarrierValue({ ...switching, time }) / exact).toBeCloseTo(1, 11)
    }
  })

  it('makes in and out the vanilla option, to 1e-10 of the spot, at every magnitude', () => {
    const { uniform } = random(6)
    for (const p of randomCorridors(7, 2000)) {
      const scale = 10 ** (36 * uniform() - 18)
      const q = { ...p, spot: p.spot * scale, strike: p.strike * scale, lower: p.lower * scale, upper: p.upper * scale }
      const both = doubleBarrierValue(q) + doubleBarrierValue({ ...q, knock: 'in' })
      expect(Math.abs(both - blackScholesPrice({ ...q, volatility: q.volatility })) / q.spot).toBeLessThan(1e-12)
    }
  })

  it('is a single barrier option once the other barrier is out of reach', () => {
    const p = { ...haug, volatility: 0.25, time: 0.5, rebate: 0 } as const
    const down = barrierValue({ ...p, direction: 'down', barrier: 95 })
    expect(doubleBarrierValue({ ...p, lower: 95, upper: 1e9 })).toBeCloseTo(down, 12)
    const up = barrierValue({ ...p, direction: 'up', barrier: 120 })
    expect(doubleBarrierValue({ ...p, lower: 1e-9, upper: 120 })).toBeCloseTo(up, 12)
    const only = noTouchValue({ ...p, direction: 'up', barrier: 120, pays: { in: 'cash', amount: 5 } })
    expect(doubleNoTouchValue({ ...p, lower: 1e-9, upper: 120, cash: 5 })).toBeCloseTo(only, 12)
  })

  it('holds one unit of cash between the barriers as a call, a put and the asset do together', () => {
    for (const p of randomCorridors(8, 200)) {
      const inside = { ...p, strike: (p.lower + p.upper) / 2 }
      const [higher, lower] = [inside.strike + 1e-4, inside.strike - 1e-4]
      const spread = (kind: 'call' | 'put') =>
        (doubleBarrierValue({ ...inside, kind, strike: kind === 'call' ? lower : higher }) -
          doubleBarrierValue({ ...inside, kind, strike: kind === 'call' ? higher : lower })) /
        2e-4
      expect(spread('call') + spread('put')).toBeCloseTo(doubleNoTouchValue({ ...p, cash: 1 }), 7)
    }
  })

  it('is continuous at its barriers, and past them nothing or the vanilla option', () => {
    const p = { ...haug, lower: 90, upper: 120, volatility: 0.3, time: 0.4 } as const
    for (const spot of [90, 120, 80, 130]) {
      const vanilla = blackScholesPrice({ ...p, spot, volatility: p.volatility })
      expect(doubleBarrierValue({ ...p, spot })).toBe(0)
      expect(doubleBarrierValue({ ...p, spot, knock: 'in' })).toBe(vanilla)
      expect(doubleNoTouchValue({ ...p, spot, cash: 1 })).toBe(0)
    }
    for (const spot of [90 * (1 + 1e-11), 120 * (1 - 1e-11)])
      expect(doubleBarrierValue({ ...p, spot })).toBeCloseTo(0, 8)
  })

  it('reaches its limits: no time, no volatility, any amount of it', () => {
    const p = { ...haug, strike: 95, lower: 90, upper: 120, volatility: 0.3, time: 0.4 } as const
    expect(doubleBarrierValue({ ...p, time: 0 })).toBe(5)
    expect(doubleBarrierValue({ ...p, time: 1e-12 })).toBeCloseTo(5, 10)
    expect(doubleBarrierValue({ ...p, volatility: 0 })).toBeCloseTo(100 - 95 * Math.exp(-0.04), 12)
    expect(doubleBarrierValue({ ...p, volatility: 1e-8 })).toBeCloseTo(100 - 95 * Math.exp(-0.04), 12)
    expect(doubleBarrierValue({ ...p, volatility: 0, time: 3 })).toBe(0)
    expect(doubleNoTouchValue({ ...p, volatility: 0, time: 3, cash: 1 })).toBe(0)
    expect(doubleBarrierValue({ ...p, volatility: 1e9 })).toBe(0)
    expect(doubleBarrierValue({ ...p, strike: 120 })).toBe(0)
  })

  it('refuses an argument by its name', () => {
    const p = { ...haug, lower: 90, upper: 120, volatility: 0.3, time: 0.4 } as const
    for (const [field, value] of [
      ['lower', 120],
      ['lower', Number.NaN],
      ['upper', 0],
      ['strike', 0],
      ['spot', -1],
    ] as const)
      expect(() => doubleBarrierValue({ ...p, [field]: value })).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
    expect(() => doubleNoTouchValue({ ...p, cash: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
