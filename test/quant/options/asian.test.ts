import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences } from '../../../lib/quant/bump.ts'
import {
  arithmeticLaw,
  type DiscreteAsian,
  discreteGeometricAsian,
  kemnaVorstAsian,
  levyAsian,
  matchedMomentsError,
  turnbullWakemanAsian,
} from '../../../lib/quant/options/asian.ts'
import { monteCarloAsian } from '../../../lib/quant/options/asian-monte-carlo.ts'
import { blackScholes, blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { vecerAsian, vecerDiscreteAsian } from '../../../lib/quant/options/vecer-asian.ts'
import { published } from './published.ts'

const KINDS = { Call: 'call', Put: 'put' } as const
type Row = Readonly<Record<string, number>> & {
  readonly type: 'Call' | 'Put'
  readonly slope: string
  readonly kind: string
}

const fixings = (first: number, length: number, count: number) =>
  Array.from({ length: count }, (_, i) => first + (length * i) / (count - 1))

const contract = { kind: 'call', spot: 100, strike: 95, rate: 0.1, carry: 0.05, volatility: 0.35, time: 0.75 } as const

describe('geometric Asian options', () => {
  it('repeat Haug (1998), pp. 96-97, and Clewlow & Strickland (1998), pp. 118-123', () => {
    const continuous = {
      kind: 'put',
      spot: 80,
      strike: 85,
      rate: 0.05,
      carry: 0.08,
      volatility: 0.2,
      time: 0.25,
      averagingPeriod: 0.25,
    } as const
    expect(kemnaVorstAsian(continuous)).toBeCloseTo(4.6922, 4)
    const discrete = {
      kind: 'call',
      spot: 100,
      strike: 100,
      rate: 0.06,
      carry: 0.03,
      volatility: 0.2,
      time: 1,
      fixings: fixings(0.1, 0.9, 10),
    } as const
    expect(Math.abs(discreteGeometricAsian(discrete) - 5.3425606635)).toBeLessThan(1e-10)
  })

  const table = published<Row>('asian_geometric_points')
  it.skipIf(table === undefined)('repeat the table', () => {
    for (const {
      type,
      spot = 0,
      strike = 0,
      r = 0,
      q = 0,
      t = 0,
      volatility = 0,
      fixings: n = 0,
      value = 0,
      tol = 0,
      kind,
    } of table?.rows ?? []) {
      const option = { kind: KINDS[type], spot, strike, rate: r, carry: r - q, volatility, time: t }
      const got = kind.startsWith('continuous')
        ? kemnaVorstAsian({ ...option, averagingPeriod: t })
        : discreteGeometricAsian({ ...option, fixings: fixings(t / n, t - t / n, n) })
      expect(Math.abs(got - value), kind).toBeLessThan(tol)
    }
  })

  it('have the continuous average as the limit of many fixings, also where averaging has begun or begins later', () => {
    const n = 20_000
    const inside = Array.from({ length: n }, (_, i) => ((i + 0.5) / n) * 0.75)
    const whole = discreteGeometricAsian({ ...contract, fixings: inside })
    expect(whole).toBeCloseTo(kemnaVorstAsian({ ...contract, averagingPeriod: 0.75 }), 4)
    const begun = discreteGeometricAsian({ ...contract, fixings: inside, past: { count: n / 2, average: 103 } })
    expect(begun).toBeCloseTo(kemnaVorstAsian({ ...contract, averagingPeriod: 1.125, averageSoFar: 103 }), 4)
    const later = discreteGeometricAsian({ ...contract, fixings: inside.map((t) => 0.5 + t / 3) })
    expect(later).toBeCloseTo(kemnaVorstAsian({ ...contract, averagingPeriod: 0.25 }), 4)
  })
})

describe('arithmetic Asian options by moments', () => {
  const levy = published<Row>('asian_levy_continuous')
  it.skipIf(levy === undefined)('repeat Haug’s table of Levy', () => {
    for (const row of levy?.rows ?? []) {
      const {
        type,
        spot = 0,
        strike = 0,
        q = 0,
        r = 0,
        volatility = 0,
        lengthDays = 0,
        elapsedDays = 0,
        currentAverage,
        value = 0,
      } = row
      const option = {
        kind: KINDS[type],
        spot,
        strike,
        rate: r,
        carry: r - q,
        volatility,
        time: (lengthDays - elapsedDays) / 360,
      }
      const got = levyAsian({ ...option, averagingPeriod: lengthDays / 360, averageSoFar: currentAverage })
      expect(Math.abs(got - value), JSON.stringify(row)).toBeLessThan(levy?.tol ?? 0)
    }
  })

  const turnbull = published<Row>('asian_turnbull_wakeman')
  it.skipIf(turnbull === undefined)('repeat Haug’s table of Turnbull & Wakeman with three slopes of volatility', () => {
    for (const {
      type,
      spot = 0,
      strike = 0,
      b = 0,
      r = 0,
      t1 = 0,
      expiry = 0,
      fixings: n = 0,
      volatility = 0,
      slope,
      value = 0,
    } of turnbull?.rows ?? []) {
      const step = { flat: 0, up: 0.005, down: -0.005 }[slope] ?? 0
      const times = Array.from({ length: n }, (_, i) => (i === n - 1 ? expiry : t1 + ((expiry - t1) * i) / (n - 1)))
      const vols = times.map((_, i) => volatility - step * (n - 1 - i))
      const got = turnbullWakemanAsian({
        kind: KINDS[type],
        spot,
        strike,
        rate: r,
        carry: b,
        volatility,
        time: expiry,
        fixings: times,
        fixingVolatilities: vols,
      })
      expect(Math.abs(got - value), `${type} ${strike} ${slope}`).toBeLessThan(turnbull?.tol ?? 0)
    }
  })

  it('are as in Haug (1998), p. 99, and Haug (2007), table 4-28', () => {
    const currency = {
      kind: 'call',
      spot: 6.8,
      strike: 6.9,
      rate: 0.07,
      carry: -0.02,
      volatility: 0.14,
      time: 0.5,
    } as const
    expect(levyAsian({ ...currency, averagingPeriod: 0.5 })).toBeCloseTo(0.0944, 4)
    const weekly = { kind: 'call', spot: 100, strike: 100, rate: 0.05, carry: 0, volatility: 0.2, time: 0.5 } as const
    expect(turnbullWakemanAsian({ ...weekly, fixings: fixings(1 / 52, 25 / 52, 26) })).toBeCloseTo(3.27, 3)
  })

  it('have no seam where carry, or carry with variance, goes through zero', () => {
    const variance = contract.volatility ** 2
    for (const b of [0, -variance, -variance / 2]) {
      const [below, at, above] = [b - 1e-7, b, b + 1e-7].map((carry) =>
        levyAsian({ ...contract, carry, averagingPeriod: 0.75 }),
      )
      expect(Math.abs((below ?? 0) - 2 * (at ?? 0) + (above ?? 0)), `${b}`).toBeLessThan(1e-10)
    }
  })

  it('go over into a European option without a window, into a sure payoff without time, volatility or doubt', () => {
    const european = blackScholesPrice({ ...contract, volatility: contract.volatility })
    expect(levyAsian({ ...contract, averagingPeriod: 0 })).toBeCloseTo(european, 10)
    expect(kemnaVorstAsian({ ...contract, averagingPeriod: 0 })).toBeCloseTo(european, 10)
    expect(turnbullWakemanAsian({ ...contract, fixings: [0.75] })).toBeCloseTo(european, 10)
    expect(levyAsian({ ...contract, time: 0, averagingPeriod: 0.75, averageSoFar: 99 })).toBe(4)
    expect(turnbullWakemanAsian({ ...contract, time: 0, fixings: [], past: { count: 5, average: 90 } })).toBe(0)
    const calm = levyAsian({ ...contract, volatility: 0, averagingPeriod: 0.75 })
    expect(levyAsian({ ...contract, volatility: 1e-9, averagingPeriod: 0.75 })).toBeCloseTo(calm, 10)
    const begun = { ...contract, averagingPeriod: 1.5, averageSoFar: 300 }
    const sure = Math.exp(-0.1 * 0.75) * (150 + 50 * (Math.expm1(0.05 * 0.75) / (0.05 * 0.75)) - 95)
    expect(levyAsian(begun)).toBeCloseTo(sure, 10)
    expect(levyAsian({ ...begun, kind: 'put' })).toBe(0)
  })

  it('scale with the currency from 1e-18 to 1e18', () => {
    const one = levyAsian({ ...contract, averagingPeriod: 1, averageSoFar: 101 })
    for (const unit of [1e-18, 1e18]) {
      const { spot, strike } = contract
      const other = levyAsian({
        ...contract,
        spot: spot * unit,
        strike: strike * unit,
        averagingPeriod: 1,
        averageSoFar: 101 * unit,
      })
      expect(Math.abs(other / unit / one - 1)).toBeLessThan(1e-12)
    }
  })

  it('refuse by name what is no average', () => {
    const refusals: readonly (readonly [() => number, string])[] = [
      [() => levyAsian({ ...contract, averagingPeriod: -1 }), 'averagingPeriod'],
      [() => levyAsian({ ...contract, averagingPeriod: 1 }), 'averageSoFar'],
      [() => kemnaVorstAsian({ ...contract, spot: 0, averagingPeriod: 0.5 }), 'spot'],
      [() => turnbullWakemanAsian({ ...contract, fixings: [] }), 'fixings'],
      [() => turnbullWakemanAsian({ ...contract, fixings: [0.5, 0.4] }), 'fixings'],
      [() => turnbullWakemanAsian({ ...contract, fixings: [0.8] }), 'fixings'],
      [() => turnbullWakemanAsian({ ...contract, fixings: [0.5], fixingVolatilities: [] }), 'fixingVolatilities'],
      [() => turnbullWakemanAsian({ ...contract, fixings: [0.5], past: { count: 1.5, average: 1 } }), 'past.count'],
      [() => vecerAsian({ ...contract, averagingPeriod: 0.75, intervals: 7 }).price, 'intervals'],
      [() => monteCarloAsian({ ...contract, fixings: [0.5], paths: 3, seed: 1 }).price, 'paths'],
    ]
    for (const [refusal, field] of refusals)
      expect(refusal, field).toThrow(
        expect.toSatisfy((error) => error.code === 'out-of-domain' && error.facts.field === field),
      )
  })
})

/** Linetsky (2004), "Spectral expansions for Asian (average price) options", table 3: S, r, sigma, T; K = 2. */
const LINETSKY = [
  [1.9, 0.05, 0.5, 1, 0.1931737903],
  [2, 0.05, 0.5, 1, 0.2464156905],
  [2.1, 0.05, 0.5, 1, 0.3062203648],
  [2, 0.02, 0.1, 1, 0.0559860415],
  [2, 0.18, 0.3, 1, 0.2183875466],
  [2, 0.0125, 0.25, 2, 0.172268741],
  [2, 0.05, 0.5, 2, 0.350095219],
] as const

describe('arithmetic Asian options by Vecer’s equation', () => {
  it('have Linetsky’s ten digits: six at the standard resolution, with the error falling by 16 when it is doubled', () => {
    for (const [spot, rate, volatility, time, value] of LINETSKY) {
      const option = {
        kind: 'call',
        spot,
        strike: 2,
        rate,
        carry: rate,
        volatility,
        time,
        averagingPeriod: time,
      } as const
      const standard = vecerAsian(option).price / value - 1
      const finer = vecerAsian({ ...option, intervals: 480 }).price / value - 1
      expect(Math.abs(standard), `${spot} ${volatility}`).toBeLessThan(1e-6)
      expect(Math.abs(finer), `${spot} ${volatility}`).toBeLessThan(Math.abs(standard) / 12)
    }
  })

  const table = published<Row>('asian_vecer_continuous')
  it.skipIf(table === undefined)('repeat the table', () => {
    for (const { spot = 0, r = 0, volatility = 0, strike = 0, lengthYears = 0, value = 0, tol = 0 } of table?.rows ??
      []) {
      const option = {
        kind: 'call',
        spot,
        strike,
        rate: r,
        carry: r,
        volatility,
        time: lengthYears,
        averagingPeriod: lengthYears,
      } as const
      expect(Math.abs(vecerAsian(option).price - value)).toBeLessThan(tol)
    }
  })

  it('have the delta and gamma of their own price, and put-call parity', () => {
    for (const averagingPeriod of [0.75, 1.2, 0.3]) {
      const option = { ...contract, averagingPeriod, averageSoFar: 97 }
      const { price, delta, gamma } = vecerAsian(option)
      const { gradient, hessian } = differences({
        f: ([spot = 0]) => vecerAsian({ ...option, spot }).price,
        x: [100],
        scales: [30],
      })
      expect(Math.abs(delta - (gradient[0] ?? 0))).toBeLessThan(1e-5)
      expect(Math.abs(gamma - (hessian[0] ?? 0))).toBeLessThan(1e-5)
      const put = vecerAsian({ ...option, kind: 'put' })
      const forwards = levyAsian({ ...option, volatility: 0 }) - levyAsian({ ...option, kind: 'put', volatility: 0 })
      expect(price - put.price).toBeCloseTo(forwards, 9)
      expect(put.gamma).toBe(gamma)
    }
  })

  it('agree with matched moments where these are good, and with their limits', () => {
    const calm = { ...contract, volatility: 0.03, averagingPeriod: 0.75, strike: 101 }
    expect(vecerAsian(calm).price).toBeCloseTo(levyAsian(calm), 3)
    for (const carry of [0, 1e-9, -0.05]) {
      const option = { ...contract, volatility: 0.02, strike: 101, carry, averagingPeriod: 1.5, averageSoFar: 100 }
      expect(vecerAsian(option).price).toBeCloseTo(levyAsian(option), 3)
    }
    expect(vecerAsian({ ...contract, averagingPeriod: 0 }).price).toBeCloseTo(
      blackScholesPrice({ ...contract, volatility: 0.35 }),
      12,
    )
    expect(vecerAsian({ ...contract, volatility: 0, averagingPeriod: 0.75 }).price).toBeCloseTo(
      levyAsian({ ...contract, volatility: 0, averagingPeriod: 0.75 }),
      12,
    )
    const far = vecerAsian({ ...contract, strike: 1e18, averagingPeriod: 0.75 })
    expect(far).toEqual({ price: 0, delta: 0, gamma: 0 })
  })
})

describe('discrete arithmetic Asian options by simulation', () => {
  const table = published<Row>('asian_discrete_arith_levy_mc')
  it.skipIf(table === undefined)('repeat Levy (1997) to 2e-2, and Vecer’s equation to four standard errors', () => {
    for (const row of table?.rows ?? []) {
      const {
        type,
        spot = 0,
        strike = 0,
        q = 0,
        r = 0,
        first = 0,
        length = 0,
        fixings: n = 0,
        volatility = 0,
        value = 0,
      } = row
      if (n > 500) continue
      const times = fixings(first, length, n)
      const option = {
        kind: KINDS[type],
        spot,
        strike,
        rate: r,
        carry: r - q,
        volatility,
        time: times.at(-1) ?? 0,
        fixings: times,
      }
      const { price, standardError } = monteCarloAsian({ ...option, paths: 1000, seed: 20 })
      expect(Math.abs(price - value), JSON.stringify(row)).toBeLessThan(2e-2)
      expect(Math.abs(price - vecerDiscreteAsian({ ...option, intervals: 120 }).price)).toBeLessThan(
        4 * standardError + 1e-4,
      )
      expect(standardError).toBeLessThan(1e-3)
    }
  })

  const option: DiscreteAsian = { ...contract, fixings: fixings(0.1, 0.65, 14) }

  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  const arbitraryDiscrete: fc.Arbitrary<DiscreteAsian> = fc
    .record({
      kind: fc.constantFrom('call' as const, 'put' as const),
      moneyness: between(-1.5, 1.5),
      volatility: between(0.1, 1),
      time: between(0.05, 1),
      count: fc.integer({ min: 1, max: 20 }),
      past: fc.integer({ min: 0, max: 5 }),
      rate: between(-0.05, 0.1),
      carry: between(-0.1, 0.1),
    })
    .map(({ moneyness, count, past, ...its }) => ({
      ...its,
      spot: 100,
      strike: 100 * Math.exp(moneyness * its.volatility * Math.sqrt(its.time)),
      fixings: Array.from({ length: count }, (_, i) => (its.time * (i + 1)) / count),
      past: { count: past, average: 97 },
    }))

  it('repeat for the same seed, and have a standard error that covers the truth in 100 seeds', () => {
    const exact = vecerDiscreteAsian({ ...option, intervals: 480 }).price
    const run = (seed: number) => monteCarloAsian({ ...option, paths: 400, seed })
    expect(run(1)).toEqual(run(1))
    const scores = Array.from({ length: 100 }, (_, seed) => {
      const { price, standardError } = run(seed)
      return (price - exact) / standardError
    })
    const mean = scores.reduce((sum, score) => sum + score, 0) / 100
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 99
    expect(Math.abs(mean)).toBeLessThan(0.4)
    expect(variance).toBeGreaterThan(0.6)
    expect(variance).toBeLessThan(1.6)
  })

  it('price 1000 pairs to 1e-4 of the spot, a thousandth of the error of a plain mean', () => {
    expect(monteCarloAsian({ ...option, paths: 1000, seed: 3 }).standardError).toBeLessThan(1e-4 * option.spot)
  })

  it('have delta and gamma that are those of Vecer’s equation on random contracts, within 4 standard errors or 1e-5', () => {
    fc.assert(
      fc.property(arbitraryDiscrete, (contract) => {
        const exact = vecerDiscreteAsian({ ...contract, intervals: 480 })
        const found = monteCarloAsian({ ...contract, paths: 1000, seed: 5 })
        const isNear = (one: number, other: number, error: number, scale: number, what: string) =>
          expect(Math.abs(one - other), what).toBeLessThanOrEqual(4 * error + 1e-5 * scale)
        isNear(found.price, exact.price, found.standardError, contract.spot, 'price')
        isNear(found.delta, exact.delta, found.deltaStandardError, 1, 'delta')
        isNear(found.gamma, exact.gamma, found.gammaStandardError, exact.gamma + 1 / contract.spot, 'gamma')
        expect(found.gammaStandardError).toBeLessThan(1e-3 * (exact.gamma + 1e-3 / contract.spot))
      }),
      { numRuns: 25 },
    )
  })

  it('are exact where one fixing decides, or the past already does', () => {
    const one = { ...contract, fixings: [contract.time] }
    const black = blackScholes({ ...contract })
    const found = monteCarloAsian({ ...one, paths: 100, seed: 1 })
    expect(found.price).toBeCloseTo(black.price, 10)
    expect(found.delta).toBeCloseTo(black.delta, 10)
    expect(found.gamma).toBeCloseTo(black.gamma, 10)
    expect(found.standardError).toBeLessThan(1e-12)
    const over = { ...option, past: { count: 100, average: 10 * contract.strike } }
    const sure = monteCarloAsian({ ...over, kind: 'call', paths: 100, seed: 1 })
    expect(sure.price).toBeCloseTo(vecerDiscreteAsian({ ...over, kind: 'call' }).price, 10)
    expect(sure.standardError).toBe(0)
    expect(monteCarloAsian({ ...over, kind: 'put', paths: 100, seed: 1 }).price).toBe(0)
  })

  it('take past fixings and a term structure of volatility, and refuse one that falls', () => {
    const sloped = {
      ...option,
      fixingVolatilities: option.fixings.map((_, i) => 0.25 + 0.01 * i),
      past: { count: 6, average: 98 },
    }
    const { price, standardError } = monteCarloAsian({ ...sloped, paths: 2000, seed: 9 })
    expect(Math.abs(price - vecerDiscreteAsian(sloped).price)).toBeLessThan(4 * standardError + 1e-5)
    expect(Math.abs(price - turnbullWakemanAsian(sloped))).toBeLessThan(0.01 * price)
    const falling = { ...option, fixings: [0.2, 0.21], fixingVolatilities: [0.5, 0.2] }
    expect(() => monteCarloAsian({ ...falling, paths: 100, seed: 1 })).toThrow('not defined')
    expect(() => vecerDiscreteAsian(falling)).toThrow('not defined')
  })
})

describe('the stated error of matched moments', () => {
  it('is refused, as the law of the average is, by name where its moments cannot be held', () => {
    const base = { kind: 'call', spot: 100, strike: 100, rate: 0, averagingPeriod: 1, time: 1 } as const
    for (const [field, carry, volatility] of [
      ['carry', 400, 1],
      ['volatility', 0.1, 30],
    ] as const)
      expect(() => arithmeticLaw({ ...base, carry, volatility })).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
  })

  it('is 0.8 to 3 times the truth at the money, and not below it by more out of the money', () => {
    for (const volatility of [0.1, 0.3, 0.5, 0.8, 1])
      for (const x of [-2, -1, 0, 1, 2])
        for (const averagingPeriod of [1, 0.5]) {
          const base = { kind: 'call', spot: 100, rate: 0, carry: 0.03, volatility, time: 1, averagingPeriod } as const
          const law = arithmeticLaw({ ...base, strike: 100 })
          const strike = law.mean * Math.exp(x * Math.sqrt(Math.log1p(law.relativeVariance)))
          const error = Math.abs(levyAsian({ ...base, strike }) - vecerAsian({ ...base, strike }).price)
          const stated = matchedMomentsError(law, strike, volatility * volatility)
          expect(stated / error, `${volatility} ${x} ${averagingPeriod}`).toBeGreaterThan(0.8)
          if (x === 0) expect(stated / error).toBeLessThan(3)
        }
  })
})
