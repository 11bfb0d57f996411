import { describe, expect, it } from 'vitest'
import { differences } from '../../../lib/quant/bump.ts'
import { type BarrierParams, barrierValue } from '../../../lib/quant/options/barrier.ts'
import { boyleLauBarrierValue, boyleLauSteps } from '../../../lib/quant/options/boyle-lau.ts'
import { type LatticeBarrierParams, latticeBarrierValue } from '../../../lib/quant/options/lattice.ts'
import { random } from '../../../lib/quant/random.ts'
import { published } from './published.ts'

const haug = { spot: 100, rate: 0.08, carry: 0.04, volatility: 0.25, time: 0.5, rebate: 0 } as const
const american = { ...haug, exercise: 'american' } as const

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

const americanRows = (published<HaugRow>('barrier_haug')?.rows ?? []).filter((row) => row.exercise === 'american')

function paramsOf(r: HaugRow): LatticeBarrierParams {
  return {
    ...american,
    kind: r.type === 'Call' ? 'call' : 'put',
    direction: r.barrierType.startsWith('Down') ? 'down' : 'up',
    knock: r.barrierType.endsWith('In') ? 'in' : 'out',
    strike: r.strike,
    barrier: r.barrier,
    rebate: r.rebate,
  }
}

/** An independent explicit scheme in the price itself, uniform between barrier and a far end, with Richardson's extrapolation in time. */
function byDifferences(p: { strike: number; barrier: number; kind: 'call' | 'put' }, cells: number): number {
  const { rate, carry, volatility, time, spot } = haug
  const down = p.barrier < spot
  const dS = Math.abs(spot - p.barrier) / cells
  const n = Math.round((down ? 260 - p.barrier : p.barrier - 20) / dS)
  const price = (i: number) => (down ? p.barrier + i * dS : p.barrier - i * dS)
  const pays = Float64Array.from({ length: n + 1 }, (_, i) =>
    Math.max(0, (p.kind === 'call' ? 1 : -1) * (price(i) - p.strike)),
  )
  let values = Float64Array.from(pays)
  const steps = Math.ceil((time * (volatility * Math.max(price(n), price(0))) ** 2) / dS ** 2) + 1
  const dt = time / steps
  for (let step = 0; step < steps; step += 1) {
    const next = Float64Array.from(pays)
    for (let i = 1; i < n; i += 1) {
      const S = price(i)
      const [before, here, after] = [values[i - 1] ?? 0, values[i] ?? 0, values[i + 1] ?? 0]
      const slope = ((after - before) / (2 * dS)) * (down ? 1 : -1)
      const bend = (after - 2 * here + before) / dS ** 2
      const held = here + dt * (0.5 * (volatility * S) ** 2 * bend + carry * S * slope - rate * here)
      next[i] = Math.max(pays[i] ?? 0, held)
    }
    values = next
  }
  return values[cells] ?? 0
}

describe('the lattice for barrier options', () => {
  it('agrees with the closed form where exercise is European, to 2e-5 of the spot', () => {
    const { uniform } = random(12)
    for (let i = 0; i < 60; i += 1) {
      const direction = uniform() < 0.5 ? 'down' : 'up'
      const p: BarrierParams = {
        ...haug,
        kind: uniform() < 0.5 ? 'call' : 'put',
        knock: uniform() < 0.5 ? 'in' : 'out',
        direction,
        strike: 70 + 60 * uniform(),
        barrier: direction === 'down' ? 100 - 30 * uniform() : 100 + 40 * uniform(),
        rebate: 3 * uniform(),
        carry: 0.1 - 0.2 * uniform(),
        volatility: 0.1 + uniform(),
        time: 0.05 + 2 * uniform(),
      }
      const error = Math.abs(latticeBarrierValue({ ...p, exercise: 'european' }) - barrierValue(p))
      expect(error, JSON.stringify(p)).toBeLessThan(2e-3)
    }
  })

  it('agrees with finite differences in the price where the American holder exercises early, at the barrier or before', () => {
    for (const [kind, direction, strike, barrier] of [
      ['call', 'down', 90, 95],
      ['put', 'up', 100, 105],
      ['call', 'up', 100, 105],
      ['put', 'down', 110, 95],
    ] as const) {
      const got = latticeBarrierValue({ ...american, kind, direction, knock: 'out', strike, barrier })
      expect(Math.abs(got - byDifferences({ kind, strike, barrier }, 8)), `${kind} ${barrier}`).toBeLessThan(4e-3)
    }
  })

  it('is a European option with the payoff at the barrier for rebate, where waiting costs nothing', () => {
    const free = {
      ...american,
      kind: 'call',
      direction: 'up',
      knock: 'out',
      strike: 100,
      barrier: 110,
      carry: 0.08,
    } as const
    const rebated = barrierValue({ ...free, rebate: 10 })
    expect(latticeBarrierValue(free)).toBeCloseTo(rebated, 3)
  })

  it('converges: 400, 1,200 and 4,800 steps agree to 1e-4', () => {
    for (const [kind, direction, knock] of [
      ['call', 'down', 'out'],
      ['put', 'up', 'out'],
      ['call', 'down', 'in'],
      ['put', 'up', 'in'],
    ] as const) {
      const p = {
        ...american,
        kind,
        direction,
        knock,
        strike: 100,
        barrier: direction === 'down' ? 93 : 107,
        rebate: 1,
      }
      const values = [400, 1200, 4800].map((steps) => latticeBarrierValue({ ...p, steps }))
      expect(Math.max(...values) - Math.min(...values)).toBeLessThan(1e-4)
    }
  })

  it('is never worth less American than European, nor less than exercise now', () => {
    const { uniform } = random(13)
    for (let i = 0; i < 60; i += 1) {
      const direction = uniform() < 0.5 ? 'down' : 'up'
      const p = {
        ...haug,
        kind: uniform() < 0.5 ? ('call' as const) : ('put' as const),
        knock: uniform() < 0.5 ? ('in' as const) : ('out' as const),
        direction: direction as 'down' | 'up',
        strike: 80 + 40 * uniform(),
        barrier: direction === 'down' ? 99 - 20 * uniform() : 101 + 20 * uniform(),
      }
      const early = latticeBarrierValue({ ...p, exercise: 'american', steps: 200 })
      expect(early).toBeGreaterThanOrEqual(latticeBarrierValue({ ...p, exercise: 'european', steps: 200 }) - 1e-4)
      const now = Math.max(0, p.kind === 'call' ? 100 - p.strike : p.strike - 100)
      if (p.knock === 'out') expect(early).toBeGreaterThanOrEqual(now)
    }
  })

  it('is smooth in the spot up to the barrier, which no node of it depends on', () => {
    const p = { ...american, kind: 'put', direction: 'up', knock: 'out', strike: 100, barrier: 105 } as const
    for (const spot of [96, 100, 104, 104.9]) {
      const at = (h: number) => latticeBarrierValue({ ...p, spot: spot + h })
      const [fine, rough] = [0.01, 0.02].map((h) => (at(h) - 2 * at(0) + at(-h)) / (h * h)) as [number, number]
      expect(Math.abs(fine - rough), `${spot}`).toBeLessThan(2e-3)
    }
    expect(latticeBarrierValue({ ...p, spot: 105 * (1 - 1e-9) })).toBeCloseTo(0, 6)
  })

  it('has differences as smooth as the closed form: delta to 1e-6, gamma, vega and volga to 1e-4 of themselves', () => {
    for (const [kind, direction, knock, barrier] of [
      ['call', 'down', 'out', 95],
      ['put', 'up', 'in', 105],
      ['call', 'up', 'out', 130],
    ] as const)
      for (const spot of [97, 99.3, 101, 103.7]) {
        const p = { ...haug, kind, direction, knock, barrier, strike: 100 }
        const scales = [Math.min(17, 64 * Math.abs(spot - barrier)), 0.25]
        const [exact, found] = [
          barrierValue,
          (q: BarrierParams) => latticeBarrierValue({ ...q, exercise: 'european' }),
        ].map((price) =>
          differences({
            f: ([S = 0, volatility = 0]) => price({ ...p, spot: S, volatility }),
            x: [spot, 0.25],
            scales,
          }),
        )
        expect(Math.abs((found?.gradient[0] ?? 1) - (exact?.gradient[0] ?? 0))).toBeLessThan(1e-6)
        for (const i of [0, 3])
          expect(Math.abs((found?.hessian[i] ?? 0) / (exact?.hessian[i] ?? 0) - 1), `${kind} ${spot}`).toBeLessThan(
            1e-4,
          )
        expect(Math.abs((found?.gradient[1] ?? 0) / (exact?.gradient[1] ?? 0) - 1)).toBeLessThan(1e-4)
      }
  })

  it('past the barrier is the rebate, or the vanilla American option', () => {
    const p = { ...american, kind: 'put', direction: 'down', strike: 100, barrier: 100, rebate: 3 } as const
    expect(latticeBarrierValue({ ...p, knock: 'out' })).toBe(3)
    const touched = latticeBarrierValue({ ...p, knock: 'in' })
    expect(latticeBarrierValue({ ...p, knock: 'in', spot: 100 * (1 + 1e-9) })).toBeCloseTo(touched, 3)
    expect(latticeBarrierValue({ ...p, knock: 'in', barrier: 150, steps: 4800 })).toBeCloseTo(touched, 4)
  })

  it('reaches its limits: no time, no volatility', () => {
    const p = { ...american, kind: 'call', direction: 'down', strike: 90, barrier: 95, rebate: 3 } as const
    expect(latticeBarrierValue({ ...p, knock: 'out', time: 0 })).toBe(10)
    expect(latticeBarrierValue({ ...p, knock: 'in', time: 0 })).toBe(3)
    expect(latticeBarrierValue({ ...p, knock: 'out', volatility: 0, carry: -0.2 })).toBe(10)
    expect(latticeBarrierValue({ ...p, knock: 'out', volatility: 0, carry: 0.08 })).toBeCloseTo(
      100 - 90 * Math.exp(-0.04),
      10,
    )
    const later = { ...p, knock: 'in', kind: 'put', strike: 100, volatility: 0, carry: -0.2 } as const
    expect(latticeBarrierValue(later)).toBeCloseTo(Math.exp(-0.04) * (100 - 100 * Math.exp(-0.1)), 10)
    const european = { ...p, exercise: 'european', volatility: 0 } as const
    for (const knock of ['in', 'out'] as const)
      for (const carry of [-0.2, 0, 0.1])
        expect(latticeBarrierValue({ ...european, knock, carry })).toBeCloseTo(
          barrierValue({ ...european, knock, carry }),
          12,
        )
  })

  it('refuses by name what it cannot resolve', () => {
    const p = { ...american, kind: 'call', direction: 'down', knock: 'out', strike: 90, barrier: 95 } as const
    for (const [field, value] of [
      ['steps', 3],
      ['steps', Number.NaN],
      ['volatility', 1e-6],
      ['volatility', 1000],
      ['spot', 0],
    ] as const)
      expect(() => latticeBarrierValue({ ...p, [field]: value })).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
  })
})

describe('the lattice of Boyle and Lau', () => {
  it('reproduces what Haug (1998) tabulates for American barrier options at 400 steps', () => {
    for (const [kind, direction, knock, strike, barrier, rebate, value] of [
      ['call', 'down', 'out', 90, 95, 0, 10.4655],
      ['call', 'up', 'out', 100, 105, 0, 3.3993],
      ['put', 'up', 'out', 90, 105, 0, 1.4763],
      ['call', 'down', 'in', 90, 95, 3, 7.7615],
    ] as const) {
      const got = boyleLauBarrierValue({ ...american, kind, direction, knock, strike, barrier, rebate, steps: 400 })
      expect(Math.abs(got - value)).toBeLessThan(1e-4)
    }
  })

  it.skipIf(americanRows.length === 0)('agrees with every American row of the table (../shared/tables)', () => {
    expect(americanRows).toHaveLength(24)
    for (const r of americanRows)
      expect(Math.abs(boyleLauBarrierValue({ ...paramsOf(r), steps: 400 }) - r.value), JSON.stringify(r)).toBeLessThan(
        r.tol,
      )
  })

  it.skipIf(americanRows.length === 0)(
    'is what the accurate lattice corrects, by up to a cell where exercise at the barrier pays',
    () => {
      for (const r of americanRows) {
        const p = paramsOf(r)
        const phi = p.kind === 'call' ? 1 : -1
        const paysAtBarrier = p.knock === 'out' && phi * (p.barrier - p.strike) > p.rebate
        const gap = latticeBarrierValue(p) - r.value
        if (paysAtBarrier) expect(gap, JSON.stringify(r)).toBeGreaterThanOrEqual(0)
        expect(Math.abs(gap), JSON.stringify(r)).toBeLessThan(paysAtBarrier ? 0.6 : 5e-3)
      }
    },
  )

  it('takes the first step count with nodes just beyond the barrier', () => {
    const p = { ...haug, kind: 'call', direction: 'down', knock: 'out', strike: 90, barrier: 95 } as const
    expect(boyleLauSteps(p, 400)).toBe(427)
    expect(boyleLauSteps({ ...p, barrier: 105 }, 400)).toBe(472)
    expect(boyleLauSteps(p, 427)).toBe(427)
  })

  it('refuses what it has no nodes or probabilities for', () => {
    const p = {
      ...american,
      kind: 'call',
      direction: 'down',
      knock: 'out',
      strike: 90,
      barrier: 95,
      steps: 400,
    } as const
    for (const change of [{ steps: 0 }, { volatility: 0 }, { barrier: 99.9999 }, { carry: 30 }, { spot: Number.NaN }])
      expect(() => boyleLauBarrierValue({ ...p, ...change })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
  })
})
