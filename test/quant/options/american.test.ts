import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences } from '../../../lib/quant/bump.ts'
import { intrinsicValue } from '../../../lib/quant/options/american-option.ts'
import { andersenLake } from '../../../lib/quant/options/andersen-lake.ts'
import { baroneAdesiWhaley } from '../../../lib/quant/options/barone-adesi-whaley.ts'
import { bjerksundStensland } from '../../../lib/quant/options/bjerksund-stensland.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import type { CollocationScheme } from '../../../lib/quant/options/collocation.ts'
import type { VanillaParams } from '../../../lib/quant/options/lognormal.ts'
import { perpetualAmerican } from '../../../lib/quant/options/perpetual-american.ts'
import { published } from './published.ts'

interface Row {
  readonly type: 'Call' | 'Put'
  readonly spot: number
  readonly strike: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly volatility: number
  readonly value: number
}

const KINDS = { Call: 'call', Put: 'put' } as const

function optionOf(row: Row): VanillaParams {
  const { spot, strike, r, q, volatility, t } = row
  return { kind: KINDS[row.type], spot, strike, rate: r, carry: r - q, volatility, time: t }
}

const european = (option: VanillaParams) => blackScholesPrice({ ...option, volatility: option.volatility })

const FINE: CollocationScheme = {
  quadrature: 40,
  iterations: 20,
  tolerance: 0,
  nodes: 24,
  priceQuadrature: 128,
  equation: 'auto',
  substitution: 'sine',
}

/** Cox, Ross & Rubinstein (1979) with the last step smoothed by Black-Scholes (Broadie & Detemple 1996), extrapolated. */
function binomial(option: VanillaParams, steps: number): number {
  const { kind, spot, strike, rate, carry, volatility, time } = option
  const w = kind === 'call' ? 1 : -1
  const dt = time / steps
  const up = Math.exp(volatility * Math.sqrt(dt))
  const p = (Math.exp(carry * dt) - 1 / up) / (up - 1 / up)
  const price = (i: number, step: number) => spot * up ** (2 * i - step)
  const exercise = (i: number, step: number) => w * (price(i, step) - strike)
  const values = Float64Array.from({ length: steps }, (_, i) =>
    Math.max(european({ ...option, spot: price(i, steps - 1), time: dt }), exercise(i, steps - 1)),
  )
  for (let step = steps - 2; step >= 0; step -= 1)
    for (let i = 0; i <= step; i += 1) {
      const waiting = Math.exp(-rate * dt) * (p * (values[i + 1] ?? 0) + (1 - p) * (values[i] ?? 0))
      values[i] = Math.max(waiting, exercise(i, step))
    }
  return values[0] ?? 0
}

const anyOption: fc.Arbitrary<VanillaParams> = fc
  .record({
    kind: fc.constantFrom('call' as const, 'put' as const),
    scale: fc.double({ min: -18, max: 18, noNaN: true }),
    moneyness: fc.double({ min: -3, max: 3, noNaN: true }),
    rate: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.4, noNaN: true })),
    q: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.4, noNaN: true })),
    volatility: fc.oneof(fc.constant(0), fc.double({ min: 0.02, max: 4, noNaN: true })),
    time: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 5, noNaN: true })),
  })
  .map(({ kind, scale, moneyness, rate, q, volatility, time }) => {
    const strike = 10 ** scale
    return { kind, spot: strike * Math.exp(moneyness), strike, rate, carry: rate - q, volatility, time }
  })

describe('American options by Andersen, Lake & Offengenden', () => {
  const table =
    published<Record<'l' | 'm' | 'n' | 'r' | 'premium_FPA' | 'premium_FPB' | 'tol', number>>('american_andersen_lake')

  it.skipIf(table === undefined)('repeat the published premiums for every scheme, rate and both equations', () => {
    for (const { l, m, n, r, tol, ...row } of table?.rows ?? [])
      for (const [equation, substitution, premium] of [
        ['A', 'root', row.premium_FPA],
        ['B', 'plain', row.premium_FPB],
      ] as const) {
        const scheme = {
          quadrature: l,
          iterations: m,
          nodes: n,
          tolerance: 0,
          priceQuadrature: 300,
          equation,
          substitution,
        }
        const got = andersenLake({
          kind: 'put',
          spot: 100,
          strike: 100,
          rate: r,
          carry: r - 0.05,
          volatility: 0.25,
          time: 1,
          scheme,
        })
        expect(Math.abs(got.earlyExercisePremium - premium), `${equation} ${l} ${m} ${n} ${r}`).toBeLessThan(tol)
      }
  })

  it('have the premium 0.106952702747 of the paper’s section 6.2 (S = K = 100, r = q = 5%, sigma = 25%, one year)', () => {
    const option = { kind: 'put', spot: 100, strike: 100, rate: 0.05, carry: 0, volatility: 0.25, time: 1 } as const
    expect(andersenLake({ ...option, scheme: FINE }).earlyExercisePremium).toBeCloseTo(0.106952702747, 11)
    expect(andersenLake(option).earlyExercisePremium).toBeCloseTo(0.106952702747, 5)
  })

  it('agree between two integral equations to 1e-10 of the strike, and the standard scheme with both to 1e-6', () => {
    for (const [rate, carry, volatility, time] of [
      [0.08, 0.04, 0.35, 1],
      [0.1, 0.1, 0.15, 3],
      [0.03, -0.2, 0.8, 0.25],
      [0, 0.1, 0.5, 1],
      [0.02, 0, 2, 0.1],
    ] as const)
      for (const spot of [70, 100, 140]) {
        const option = { kind: 'put', spot, strike: 100, rate, carry, volatility, time } as const
        const [a, b] = (['A', 'B'] as const).map((equation) =>
          andersenLake({ ...option, scheme: { ...FINE, equation, iterations: 60 } }),
        )
        const clue = `${spot} ${rate} ${carry} ${volatility}`
        if (Math.abs(carry) * Math.sqrt(time) < 0.6 * volatility)
          expect(Math.abs((a?.price ?? 0) - (b?.price ?? 1)), clue).toBeLessThan(1e-8)
        expect(Math.abs(andersenLake(option).price - (b?.price ?? 1)), clue).toBeLessThan(1e-4)
      }
  })

  it('agree with a binomial tree to its own accuracy', () => {
    for (const [kind, spot, rate, carry, volatility, time] of [
      ['put', 90, 0.06, 0.06, 0.4, 1],
      ['put', 110, 0.1, 0, 0.3, 0.5],
      ['call', 105, 0.03, -0.07, 0.6, 0.75],
      ['call', 100, 0, -0.1, 0.9, 2],
    ] as const) {
      const option = { kind, spot, strike: 100, rate, carry, volatility, time } as const
      const tree = 2 * binomial(option, 800) - binomial(option, 400)
      expect(Math.abs(andersenLake(option).price - tree), `${kind} ${spot}`).toBeLessThan(2e-3)
    }
  })

  it('have the delta, gamma and theta of their own price', () => {
    for (const kind of ['call', 'put'] as const)
      for (const spot of [80, 100, 125]) {
        const option = { kind, spot, strike: 100, rate: 0.05, carry: 0.02, volatility: 0.4, time: 0.7, scheme: FINE }
        const { price, delta, gamma, theta } = andersenLake(option)
        const { gradient, hessian } = differences({
          f: ([s = 0, time = 0]) => andersenLake({ ...option, spot: s, time }).price,
          x: [spot, option.time],
          scales: [30, option.time],
        })
        expect(Math.abs(delta - (gradient[0] ?? 0)), `${kind} ${spot} delta`).toBeLessThan(1e-7)
        expect(Math.abs(gamma - (hessian[0] ?? 0)) * price, `${kind} ${spot} gamma`).toBeLessThan(1e-6)
        expect(Math.abs(theta + (gradient[1] ?? 0)), `${kind} ${spot} theta`).toBeLessThan(1e-5)
      }
  })

  it('are worth at least the European option and exercise, at most strike or spot, the same as the mirrored option, at any scale', () => {
    fc.assert(
      fc.property(anyOption, (option) => {
        const { kind, spot, strike, rate, carry } = option
        const value = andersenLake(option)
        for (const number of [value.price, value.delta, value.gamma, value.theta])
          expect(number).toSatisfy(Number.isFinite)
        const rounding = 1e-14 * Math.max(spot, strike)
        expect(value.price).toBeGreaterThanOrEqual(Math.max(european(option), intrinsicValue(option)) - rounding)
        expect(value.price).toBeLessThanOrEqual((kind === 'call' ? spot : strike) + rounding)
        const mirrored = { kind: kind === 'call' ? 'put' : 'call', spot: strike, strike: spot } as const
        const other = andersenLake({ ...option, ...mirrored, rate: rate - carry, carry: -carry })
        expect(Math.abs(value.price - other.price)).toBeLessThanOrEqual(rounding)
        for (const version of ['1993', '2002'] as const) {
          const bound = bjerksundStensland({ ...option, version })
          expect(bound).toBeGreaterThanOrEqual(Math.max(european(option), intrinsicValue(option)) - rounding)
          expect(bound).toBeLessThanOrEqual(value.price + 1e-4 * Math.max(spot, strike))
        }
        expect(baroneAdesiWhaley(option)).toBeGreaterThanOrEqual(
          Math.max(european(option), intrinsicValue(option)) - rounding,
        )
      }),
      { numRuns: 400, seed: 3 },
    )
  })

  it('go over into their limits: no time, no volatility, and the exercised option on the boundary', () => {
    const option = { kind: 'put', spot: 90, strike: 100, rate: 0.05, carry: 0.01, volatility: 0.3, time: 1 } as const
    expect(andersenLake({ ...option, time: 0 }).price).toBe(10)
    expect(andersenLake({ ...option, time: 1e-14 }).price).toBeCloseTo(10, 6)
    // q > r: it is best to wait until r K = q S e^{bt}: Andersen & Lake (2021); t = ln(rK / qS) / (r - q).
    const waits = { kind: 'put', spot: 100, strike: 120, rate: 0.01, carry: -0.49, volatility: 0, time: 40 } as const
    expect(andersenLake(waits).price).toBeCloseTo(108.9809045611846, 10)
    expect(andersenLake({ ...waits, volatility: 1e-3 }).price).toBeCloseTo(108.9809, 3)
    const boundary = andersenLake(option).exerciseBoundary ?? 0
    expect(andersenLake({ ...option, spot: boundary }).price).toBeCloseTo(100 - boundary, 10)
    const above = andersenLake({ ...option, spot: boundary * 1.0001, scheme: FINE })
    expect(above.delta).toBeCloseTo(-1, 3)
    expect(andersenLake({ ...option, kind: 'call' }).exerciseBoundary).toBeGreaterThan(100)
    expect(andersenLake({ ...option, kind: 'call', carry: 0.05 }).exerciseBoundary).toBeUndefined()
  })

  it('refuse by name what they cannot answer', () => {
    const option = { kind: 'put', spot: 90, strike: 100, rate: 0.05, carry: 0.01, volatility: 0.3, time: 1 } as const
    for (const [change, field] of [
      [{ spot: 0 }, 'spot'],
      [{ strike: -1 }, 'strike'],
      [{ volatility: -0.1 }, 'volatility'],
      [{ time: Number.NaN }, 'time'],
      [{ rate: -0.02, carry: 0.01 }, 'carry'],
      [{ rate: 400 }, 'rate'],
    ] as const)
      expect(() => andersenLake({ ...option, ...change }), field).toThrow(
        expect.toSatisfy((error) => error.code === 'out-of-domain' && error.facts.field === field),
      )
    expect(() => andersenLake({ ...option, scheme: { ...FINE, nodes: 1 } })).toThrow('not defined')
  })
})

describe('quick American approximations', () => {
  const baw = published<Row>('american_baw')
  it.skipIf(baw === undefined)('repeat Haug’s table of Barone-Adesi & Whaley', () => {
    for (const row of baw?.rows ?? [])
      expect(Math.abs(baroneAdesiWhaley(optionOf(row)) - row.value), JSON.stringify(row)).toBeLessThan(baw?.tol ?? 0)
  })

  const bjerksund = published<Row>('american_bjerksund_stensland')
  it.skipIf(bjerksund === undefined)('repeat the published values of Bjerksund & Stensland 1993', () => {
    for (const row of bjerksund?.rows ?? []) {
      const got = bjerksundStensland({ ...optionOf(row), version: '1993' })
      expect(Math.abs(got - row.value), JSON.stringify(row)).toBeLessThan(bjerksund?.tol ?? 0)
    }
  })

  it('are as in Haug (1998), pp. 24 and 27', () => {
    const call = { kind: 'call', spot: 42, strike: 40, rate: 0.04, carry: -0.04, volatility: 0.35, time: 0.75 } as const
    expect(bjerksundStensland({ ...call, version: '1993' })).toBeCloseTo(5.2704, 4)
    const future = { kind: 'call', spot: 100, strike: 100, rate: 0.1, carry: 0, volatility: 0.25, time: 0.5 } as const
    expect(baroneAdesiWhaley(future)).toBeCloseTo(6.8015, 3)
  })

  it('have two steps that earn more than one, and less than the exact price, at moderate volatility', () => {
    for (const spot of [90, 100, 110])
      for (const carry of [0.05, 0, -0.04]) {
        const option = { kind: 'put', spot, strike: 100, rate: 0.06, carry, volatility: 0.25, time: 0.75 } as const
        const [one, two] = (['1993', '2002'] as const).map((version) => bjerksundStensland({ ...option, version }))
        expect(two, `${spot} ${carry}`).toBeGreaterThanOrEqual((one ?? 0) - 1e-12)
        expect(two).toBeLessThan(andersenLake({ ...option, scheme: FINE }).price + 1e-9)
      }
  })
})

describe('perpetual American options', () => {
  const table = published<Row>('perpetual_american')
  it.skipIf(table === undefined)('repeat the table to 13 digits', () => {
    for (const row of table?.rows ?? [])
      expect(Math.abs(perpetualAmerican(optionOf({ ...row, t: 0 })).price / row.value - 1)).toBeLessThan(1e-13)
  })

  it('are what options of a long life come to', () => {
    for (const kind of ['call', 'put'] as const)
      for (const spot of [60, 100, 150]) {
        const option = { kind, spot, strike: 100, rate: 0.08, carry: 0.02, volatility: 0.3 }
        const finite = andersenLake({ ...option, time: 150, scheme: FINE })
        const perpetual = perpetualAmerican(option)
        expect(Math.abs(finite.price - perpetual.price), `${kind} ${spot}`).toBeLessThan(1e-3)
        expect(finite.exerciseBoundary).toBeCloseTo(perpetual.exerciseBoundary ?? 0, 1)
      }
  })

  it('solve the perpetual equation: sigma^2 S^2 gamma / 2 + b S delta = r V while they are held', () => {
    for (const kind of ['call', 'put'] as const)
      for (const volatility of [0.01, 0.4, 3])
        for (const [rate, carry] of [
          [0.05, 0.02],
          [0.05, -0.03],
          [0.1, 0.09],
        ] as const) {
          const spot = 100
          const {
            price,
            delta,
            gamma,
            exerciseBoundary = 0,
          } = perpetualAmerican({ kind, spot, strike: 100, rate, carry, volatility })
          const isHeld = kind === 'call' ? spot < exerciseBoundary : spot > exerciseBoundary
          const terms = [0.5 * volatility * volatility * spot * spot * gamma, carry * spot * delta, -rate * price]
          const size = terms.reduce((sum, term) => sum + Math.abs(term), 0)
          if (isHeld)
            expect(Math.abs(terms.reduce((sum, term) => sum + term, 0)), `${kind} ${volatility}`).toBeLessThan(
              1e-12 * size,
            )
          else expect(price).toBe(intrinsicValue({ kind, spot, strike: 100 }))
        }
  })

  it('take their limits: no volatility, no interest, no yield; and refuse what has no bound', () => {
    const option = { kind: 'put', spot: 100, strike: 100, rate: 0.01, carry: -0.49, volatility: 0 } as const
    const best = andersenLake({ ...option, time: 25 })
    expect(perpetualAmerican(option).price).toBeCloseTo(best.price, 10)
    expect(perpetualAmerican({ ...option, rate: 0, carry: 0, volatility: 0.5 })).toMatchObject({
      price: 100,
      exerciseBoundary: undefined,
    })
    expect(perpetualAmerican({ ...option, kind: 'call', carry: 0.01, volatility: 0.5 }).price).toBe(100)
    expect(perpetualAmerican({ ...option, spot: 90, rate: 0, carry: 0 }).price).toBeCloseTo(10, 12)
    expect(() => perpetualAmerican({ ...option, rate: -0.01 })).toThrow('not defined')
    expect(() => perpetualAmerican({ ...option, kind: 'call', carry: 0.02 })).toThrow('not defined')
  })
})
