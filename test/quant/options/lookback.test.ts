import { describe, expect, it } from 'vitest'
import { gaussLegendre } from '../../../lib/quant/gauss-legendre.ts'
import { normalPdf } from '../../../lib/quant/normal.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { fixedLookbackValue, floatingLookbackValue } from '../../../lib/quant/options/lookback.ts'
import { partialFixedLookbackValue, partialFloatingLookbackValue } from '../../../lib/quant/options/partial-lookback.ts'
import { random } from '../../../lib/quant/random.ts'
import { exactFloatingLookback } from './exact-barrier.ts'
import { published } from './published.ts'

interface Row {
  readonly type: string
  readonly strike: number
  readonly minmax: number
  readonly spot: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly t1: number
  readonly volatility: number
  readonly value: number
  readonly tol: number
}

const paramsOf = (r: Row) => ({
  kind: r.type === 'Call' ? ('call' as const) : ('put' as const),
  spot: r.spot,
  strike: r.strike,
  extremum: r.minmax,
  rate: r.r,
  carry: r.r - r.q,
  volatility: r.volatility,
  time: r.t,
  lookbackTime: r.t1,
  multiple: 1,
})

const kinds = ['call', 'put'] as const
const market = { spot: 100, rate: 0.08, carry: 0.03, volatility: 0.3, time: 1.2 } as const
const low = { ...market, kind: 'call', extremum: 93 } as const
const high = { ...market, kind: 'put', extremum: 107 } as const

describe('a lookback option', () => {
  it('is worth what Haug (1998), p. 61-64, prints', () => {
    const p = { spot: 120, rate: 0.1, carry: 0.04, volatility: 0.3, time: 0.5, extremum: 100 }
    expect(Math.abs(floatingLookbackValue({ ...p, kind: 'call' }) - 25.3533)).toBeLessThan(1e-4)
    const flat = { ...p, spot: 100, carry: 0.1 }
    expect(Math.abs(floatingLookbackValue({ ...flat, kind: 'put', extremum: 110 }) - 16.8468)).toBeLessThan(1e-4)
    expect(Math.abs(fixedLookbackValue({ ...flat, kind: 'call', strike: 95, volatility: 0.1 }) - 13.2687)).toBeLessThan(
      1e-4,
    )
    expect(Math.abs(fixedLookbackValue({ ...flat, kind: 'put', strike: 95, volatility: 0.2 }) - 4.4448)).toBeLessThan(
      1e-4,
    )
  })

  for (const [name, price, count] of [
    ['lookback_floating', floatingLookbackValue, 7],
    ['lookback_fixed', fixedLookbackValue, 36],
    ['lookback_partial_floating', partialFloatingLookbackValue, 36],
    ['lookback_partial_fixed', partialFixedLookbackValue, 36],
  ] as const) {
    const table = published<Row>(name)
    it.skipIf(!table)(`agrees with every row of ${name} (../shared/tables)`, () => {
      expect(table?.rows).toHaveLength(count)
      for (const r of table?.rows ?? [])
        expect(Math.abs(price(paramsOf(r)) - r.value), JSON.stringify(r)).toBeLessThan(r.tol)
    })
  }

  it('is the printed formula in 60 digits, however small the carry that it is divided by', () => {
    for (const carry of [0.2, 0.03, 1e-3, 1e-8, 1e-14, -1e-14, -1e-5, -0.1, -0.4])
      for (const volatility of [0.03, 0.4, 1.5])
        for (const p of [low, high, { ...low, extremum: 100 }]) {
          const exact = exactFloatingLookback({ ...p, carry, volatility }).toNumber()
          expect(
            Math.abs(floatingLookbackValue({ ...p, carry, volatility }) - exact),
            `${carry} ${volatility}`,
          ).toBeLessThan(3e-13 * 100)
        }
    const at = floatingLookbackValue({ ...low, carry: 0 })
    expect(at).toBeCloseTo(exactFloatingLookback({ ...low, carry: 1e-15 }).toNumber(), 11)
  })

  it('turns floating into fixed by parity: both pay the extremum', () => {
    const { uniform } = random(9)
    for (let i = 0; i < 2000; i += 1) {
      const rate = 0.2 * uniform() - 0.05
      const p = {
        ...market,
        rate,
        carry: rate - 0.2 * uniform(),
        volatility: 0.02 + 2 * uniform(),
        time: 3 * uniform(),
      }
      const [forward, bond] = [p.spot * Math.exp((p.carry - rate) * p.time), Math.exp(-rate * p.time)]
      const extremum = 100 * (1 + uniform())
      const fixed = fixedLookbackValue({ ...p, kind: 'call', strike: 90, extremum })
      const floating = floatingLookbackValue({ ...p, kind: 'put', extremum })
      expect(Math.abs(fixed - (floating + forward - 90 * bond)) / (fixed + 1)).toBeLessThan(1e-12)
      const least = 100 / (1 + uniform())
      const put = fixedLookbackValue({ ...p, kind: 'put', strike: 110, extremum: least })
      const call = floatingLookbackValue({ ...p, kind: 'call', extremum: least })
      expect(Math.abs(put - (call - forward + 110 * bond)) / (put + forward)).toBeLessThan(1e-12)
    }
  })

  it('takes a spot past the extremum for the new one, and is continuous there', () => {
    for (const kind of kinds) {
      const p = { ...market, kind, strike: 100 }
      const past = kind === 'call' ? 101 : 99
      expect(floatingLookbackValue({ ...p, extremum: past })).toBe(floatingLookbackValue({ ...p, extremum: 100 }))
      const near = kind === 'call' ? 100 * (1 - 1e-11) : 100 * (1 + 1e-11)
      expect(floatingLookbackValue({ ...p, extremum: near })).toBeCloseTo(
        floatingLookbackValue({ ...p, extremum: 100 }),
        9,
      )
    }
  })

  it('reaches its limits: no time, no volatility, a great deal of it', () => {
    expect(floatingLookbackValue({ ...low, time: 0 })).toBe(7)
    expect(floatingLookbackValue({ ...high, time: 0 })).toBe(7)
    expect(floatingLookbackValue({ ...low, time: 1e-18 })).toBeCloseTo(7, 7)
    expect(fixedLookbackValue({ ...high, kind: 'call', strike: 95, time: 0 })).toBe(12)
    const sure = { ...low, volatility: 0 }
    expect(floatingLookbackValue(sure)).toBeCloseTo(100 * Math.exp(-0.06) - 93 * Math.exp(-0.096), 11)
    expect(floatingLookbackValue({ ...sure, volatility: 1e-7 })).toBeCloseTo(floatingLookbackValue(sure), 9)
    expect(floatingLookbackValue({ ...low, carry: -0.2, volatility: 1e-7 })).toBeLessThan(1e-4)
    expect(floatingLookbackValue({ ...low, volatility: 100 })).toBeCloseTo(100 * Math.exp(-0.06), 9)
    for (const scale of [1e-18, 1e18]) {
      const scaled = floatingLookbackValue({ ...low, spot: 100 * scale, extremum: 93 * scale })
      expect(scaled / scale).toBeCloseTo(floatingLookbackValue(low), 10)
    }
  })

  it('refuses an argument by its name', () => {
    const p = { ...low, strike: 100, lookbackTime: 0.5, multiple: 1 } as const
    for (const [price, field, value] of [
      [floatingLookbackValue, 'extremum', 0],
      [fixedLookbackValue, 'strike', Number.NaN],
      [partialFloatingLookbackValue, 'lookbackTime', 2],
      [partialFloatingLookbackValue, 'multiple', 0.9],
      [partialFixedLookbackValue, 'lookbackTime', -1],
      [partialFixedLookbackValue, 'spot', Number.POSITIVE_INFINITY],
    ] as const)
      expect(() => price({ ...p, [field]: value })).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
  })
})

const { nodes, weights } = gaussLegendre(120)

/** Integral of f over from..to by the rule, in two halves about `split`. */
function integrate(f: (x: number) => number, from: number, split: number, to: number): number {
  let sum = 0
  for (const [a, b] of [
    [from, Math.min(to, Math.max(from, split))],
    [Math.min(to, Math.max(from, split)), to],
  ] as const)
    nodes.forEach((node, i) => {
      sum += ((b - a) / 2) * (weights[i] ?? 0) * f(a + ((b - a) / 2) * (1 + node))
    })
  return sum
}

describe('a lookback option with a partial period', () => {
  it('from t1 on, is the expectation over the spot at t1 of the lookback that begins there', () => {
    for (const kind of kinds)
      for (const strike of [85, 100, 120])
        for (const carry of [0.05, 0.004, 0, -1e-9, -0.02, -0.3]) {
          const t1 = 0.4
          const deviation = market.volatility * Math.sqrt(t1)
          const later = (z: number) => {
            const spot = 100 * Math.exp((carry - market.volatility ** 2 / 2) * t1 + deviation * z)
            return fixedLookbackValue({ ...market, carry, kind, strike, spot, extremum: spot, time: market.time - t1 })
          }
          const atStrike = (Math.log(strike / 100) - (carry - market.volatility ** 2 / 2) * t1) / deviation
          const expected = Math.exp(-market.rate * t1) * integrate((z) => normalPdf(z) * later(z), -10, atStrike, 10)
          const got = partialFixedLookbackValue({ ...market, carry, kind, strike, lookbackTime: t1 })
          expect(got, `${kind} ${strike} ${carry}`).toBeCloseTo(expected, 9)
        }
  })

  it('until t1, is the expectation over spot and extremum at t1 of the vanilla option that is left', () => {
    const t1 = 0.5
    for (const p of [low, high, { ...low, extremum: 100 }])
      for (const multiple of p.kind === 'call' ? [1, 1.15] : [1, 0.85])
        for (const carry of [0.06, 0, -0.25]) {
          const side = p.kind === 'call' ? -1 : 1
          const deviation = market.volatility * Math.sqrt(t1)
          const drift = (carry - market.volatility ** 2 / 2) * t1
          // The extremum between 0 and ln(spot') is as that of a bridge: a w' = sigma^2 t1 E / 2 with E exponential, E = w^2.
          const left = (z: number, w: number) => {
            const end = drift + deviation * z
            const extreme = (end + side * Math.sqrt(end * end + 2 * (deviation * w) ** 2)) / 2
            const reached = 100 * Math.exp(extreme)
            const strike = multiple * (side < 0 ? Math.min(p.extremum, reached) : Math.max(p.extremum, reached))
            const spot = 100 * Math.exp(end)
            return blackScholesPrice({ ...p, carry, volatility: p.volatility, spot, strike, time: p.time - t1 })
          }
          const inner = (z: number) => {
            const end = drift + deviation * z
            const level = Math.log(p.extremum / 100)
            const kink = Math.sqrt(Math.max(0, (2 * level * (level - end)) / (deviation * deviation)))
            return integrate((w) => 2 * w * Math.exp(-w * w) * left(z, w), 0, kink, 6.5)
          }
          const expected =
            Math.exp(-p.rate * t1) * integrate((z) => normalPdf(z) * inner(z), -8.5, -drift / deviation, 8.5)
          const got = partialFloatingLookbackValue({ ...p, carry, lookbackTime: t1, multiple })
          expect(Math.abs(got - expected), `${p.kind} ${p.extremum} ${multiple} ${carry}`).toBeLessThan(2e-3)
        }
  })

  it('meets vanilla and full lookback options at the ends of its period', () => {
    for (const p of [low, high]) {
      const q = { ...p, multiple: 1, strike: 98 }
      const full = floatingLookbackValue(q)
      expect(partialFloatingLookbackValue({ ...q, lookbackTime: q.time })).toBeCloseTo(full, 10)
      expect(partialFloatingLookbackValue({ ...q, lookbackTime: q.time * (1 - 1e-10) })).toBeCloseTo(full, 7)
      const now = blackScholesPrice({ ...q, volatility: q.volatility, strike: q.extremum })
      expect(partialFloatingLookbackValue({ ...q, lookbackTime: 0 })).toBe(now)
      expect(partialFloatingLookbackValue({ ...q, lookbackTime: 1e-12 })).toBeCloseTo(now, 6)
      const vanilla = blackScholesPrice({ ...q, volatility: q.volatility })
      expect(partialFixedLookbackValue({ ...q, lookbackTime: q.time })).toBeCloseTo(vanilla, 10)
      const fresh = fixedLookbackValue({ ...q, extremum: q.spot })
      expect(partialFixedLookbackValue({ ...q, lookbackTime: 0 })).toBeCloseTo(fresh, 12)
      expect(partialFixedLookbackValue({ ...q, lookbackTime: 1e-12 })).toBeCloseTo(fresh, 6)
    }
  })

  it('is smooth across carry 0, where its formula is a quotient of nothings', () => {
    for (const p of [low, high]) {
      const q = { ...p, multiple: 1, strike: 98, lookbackTime: 0.5 }
      for (const price of [partialFloatingLookbackValue, partialFixedLookbackValue]) {
        const at = (carry: number) => price({ ...q, carry })
        const edge = (0.01 * q.volatility) / (2 * Math.sqrt(q.time))
        expect(at(edge * (1 - 1e-12))).toBeCloseTo(at(edge * (1 + 1e-12)), 10)
        const second = (h: number) => (at(h) - 2 * at(0) + at(-h)) / (h * h)
        expect(second(2e-3) / second(4e-3)).toBeCloseTo(1, 3)
      }
    }
  })

  it('keeps its accuracy where the reflection term would be a huge number times nothing', () => {
    const p = { ...market, volatility: 0.05, carry: -0.2, lookbackTime: 0.6, multiple: 1 } as const
    const call = { ...p, kind: 'call', extremum: 93 } as const
    const vanilla = blackScholesPrice({ ...call, volatility: call.volatility, strike: 93 })
    expect(partialFloatingLookbackValue(call)).toBeGreaterThan(vanilla)
    expect(partialFloatingLookbackValue(call)).toBeLessThan(floatingLookbackValue(call) + 1e-9)
    const sure = partialFixedLookbackValue({ ...p, kind: 'put', strike: 95, volatility: 0 })
    expect(sure).toBeCloseTo(Math.exp(-0.096) * (95 - 100 * Math.exp(-0.24)), 12)
    expect(partialFixedLookbackValue({ ...p, kind: 'put', strike: 95, volatility: 1e-3 })).toBeCloseTo(sure, 1)
    expect(() => partialFixedLookbackValue({ ...p, kind: 'put', strike: 95, volatility: 1e-8 })).toThrow(/not defined/)
  })
})
