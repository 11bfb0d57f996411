import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { random } from '../../lib/quant/random.ts'
import { published } from '../quant/options/published.ts'
import { at, expiryIn, oneAssetMarket } from './one-asset-market.ts'

const day = 86_400
const option = (terms: object) => parsePosition({ kind: 'asian-option', terms })
const market = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: 0.5 })
const terms = {
  asset: 'ETH',
  type: 'call',
  strike: 95,
  expiry: expiryIn(0.5),
  quantity: 1,
  average: 'arithmetic',
  averagingStart: at,
} as const
const worth = (change: object, where: Market = market) => value(option({ ...terms, ...change }), where)
const discrete = (fixings: readonly number[]) => ({ averagingStart: undefined, fixings })
const daily = (n: number, last = terms.expiry) => Array.from({ length: n }, (_, i) => last - (n - 1 - i) * day)

type Row = Readonly<Record<string, number>> & {
  readonly type: 'Call' | 'Put'
  readonly kind: string
  readonly slope: string
}
const kindOf = ({ type }: Row) => (type === 'Put' ? ('put' as const) : ('call' as const))
const evenly = (first: number, length: number, n: number) =>
  Array.from({ length: n }, (_, i) => expiryIn(first + (length * i) / (n - 1)))

describe('published Asian options, as positions in a market', () => {
  const geometric = published<Row>('asian_geometric_points')
  it.skipIf(geometric === undefined)('geometric: Haug (1998), Clewlow & Strickland (1998) (../shared/tables)', () => {
    expect(geometric?.rows).toHaveLength(2)
    for (const row of geometric?.rows ?? []) {
      const {
        spot = 0,
        strike = 0,
        r = 0,
        q = 0,
        t = 0,
        volatility = 0,
        fixings: n = 0,
        value: printed = 0,
        tol = 0,
      } = row
      const where = oneAssetMarket({ spot, rate: r, carry: r - q, volatility })
      const window = row.kind.startsWith('continuous') ? {} : discrete(evenly(t / n, t - t / n, n))
      const change = { type: kindOf(row), strike, expiry: expiryIn(t), average: 'geometric' }
      expect(Math.abs(worth({ ...change, ...window }, where) - printed), row.kind).toBeLessThan(tol)
    }
  })

  const levy = published<Row>('asian_levy_continuous')
  it.skipIf(levy === undefined)('Levy: Haug (1998), pp. 99-100, averaging begun or not (../shared/tables)', () => {
    expect(levy?.rows).toHaveLength(20)
    for (const row of levy?.rows ?? []) {
      const {
        spot = 0,
        strike = 0,
        q = 0,
        r = 0,
        volatility = 0,
        lengthDays = 0,
        elapsedDays = 0,
        value: printed = 0,
      } = row
      const where = oneAssetMarket({ spot, rate: r, carry: r - q, volatility })
      const averagingStart = expiryIn(-elapsedDays / 360)
      const soFar = { averageSoFar: row.currentAverage, averagedUntil: at }
      const change = { type: kindOf(row), strike, expiry: expiryIn((lengthDays - elapsedDays) / 360), averagingStart }
      const got = worth({ ...change, ...soFar }, where)
      expect(Math.abs(got - printed), JSON.stringify(row)).toBeLessThan(levy?.tol ?? 0)
    }
  })

  const turnbull = published<Row>('asian_turnbull_wakeman')
  it.skipIf(turnbull === undefined)(
    'Turnbull & Wakeman: Haug (2006), table 4-28, with the term structure of volatility in the market (../shared/tables)',
    () => {
      expect(turnbull?.rows).toHaveLength(30)
      for (const row of turnbull?.rows ?? []) {
        const { spot = 0, strike = 0, b = 0, r = 0, t1 = 0, expiry = 0, fixings: n = 0, volatility: last = 0 } = row
        const fixings = evenly(t1, expiry - t1, n)
        const step = { flat: 0, up: 0.005, down: -0.005 }[row.slope] ?? Number.NaN
        const term = fixings.map((date, i) => ({ expiry: date, volatility: last - step * (n - 1 - i) }))
        const where = oneAssetMarket({ spot, rate: r, carry: b, volatility: { term } })
        const change = { type: kindOf(row), strike, expiry: fixings.at(-1), ...discrete(fixings) }
        const error = Math.abs(worth(change, where) - (row.value ?? 0))
        expect(error, JSON.stringify(row)).toBeLessThan(turnbull?.tol ?? 0)
        const warnings = warningsOf(option({ ...terms, ...change }), where)
        expect(warnings.filter((one) => !one.startsWith('the closed form may be off'))).toEqual([])
      }
    },
  )

  const vecer = published<Row>('asian_vecer_continuous')
  it.skipIf(vecer === undefined)('Vecer (2001), Linetsky (2004): the seven cases (../shared/tables)', () => {
    expect(vecer?.rows).toHaveLength(7)
    for (const row of vecer?.rows ?? []) {
      const { spot = 0, r = 0, volatility = 0, strike = 0, lengthYears = 0, value: printed = 0, tol = 0 } = row
      const where = oneAssetMarket({ spot, rate: r, carry: r, volatility })
      const change = { strike, expiry: expiryIn(lengthYears), method: 'vecer' }
      expect(Math.abs(worth(change, where) - printed), JSON.stringify(row)).toBeLessThan(tol)
    }
  })

  const simulated = published<Row>('asian_discrete_arith_levy_mc')
  it.skipIf(simulated === undefined)(
    'Levy (1997): 2 to 1,000 fixings to 2e-2, by simulation, by equation and by moments (../shared/tables)',
    () => {
      expect(simulated?.rows).toHaveLength(30)
      for (const row of simulated?.rows ?? []) {
        const { spot = 0, strike = 0, q = 0, r = 0, first = 0, length = 0, fixings: n = 0, volatility = 0 } = row
        const where = oneAssetMarket({ spot, rate: r, carry: r - q, volatility })
        const fixings = evenly(first, length, n)
        const change = { type: kindOf(row), strike, expiry: fixings.at(-1), ...discrete(fixings) }
        const methods = [
          { method: 'monte-carlo', seed: 1, paths: 1_000 },
          {},
          ...(n < 100 ? [{ method: 'vecer' }] : []),
        ]
        for (const method of methods) {
          const error = Math.abs(worth({ ...change, ...method }, where) - (row.value ?? 0))
          expect(error, JSON.stringify({ ...row, ...method })).toBeLessThan(2e-2)
        }
      }
    },
  )
})

describe('an Asian option', () => {
  it('is worth what Haug (1998), p. 97, and Linetsky (2004), table 3, print', () => {
    const put = { type: 'put', strike: 85, expiry: expiryIn(0.25), average: 'geometric' }
    const haug = oneAssetMarket({ spot: 80, rate: 0.05, carry: 0.08, volatility: 0.2 })
    expect(Math.abs(worth(put, haug) - 4.6922)).toBeLessThan(1e-4)
    const linetsky = oneAssetMarket({ spot: 2, rate: 0.05, carry: 0.05, volatility: 0.5 })
    const call = { strike: 2, expiry: expiryIn(1), method: 'vecer' }
    expect(Math.abs(worth(call, linetsky) - 0.2464156905)).toBeLessThan(1e-6)
  })

  it('agrees over its methods, to what each promises', () => {
    const dates = discrete(
      daily(26)
        .map((date) => date - 40 * day)
        .concat(terms.expiry),
    )
    const exact = worth({ ...dates, method: 'vecer' })
    expect(Math.abs(worth(dates) / exact - 1)).toBeLessThan(0.01)
    const simulation = { ...dates, method: 'monte-carlo', seed: 3, paths: 4_000 }
    const { standardErrorUsd = Number.NaN } = detailsOf(option({ ...terms, ...simulation }), market)
    expect(standardErrorUsd).toBeLessThan(0.02)
    expect(Math.abs(worth(simulation) - exact)).toBeLessThan(4 * standardErrorUsd)
    expect(worth(simulation)).toBe(worth(simulation))
    expect(worth({ ...simulation, seed: 4 })).not.toBe(worth(simulation))
  })

  it('keeps put-call parity on the average that is expected', () => {
    for (const window of [{}, { averagingStart: at + 50 * day }, discrete(daily(30))]) {
      const { expectedAverageUsd = Number.NaN } = detailsOf(option({ ...terms, ...window }), market)
      const parity = Math.exp(-0.08 * 0.5) * (expectedAverageUsd - 95)
      for (const method of ['closed-form', 'vecer'])
        expect(worth({ ...window, method }) - worth({ ...window, method, type: 'put' })).toBeCloseTo(parity, 9)
    }
  })

  it('goes smoothly over the beginning of averaging, over a fixing and over its expiry', () => {
    const second = (change: object, instant: number) =>
      Math.abs(worth(change, withTime(market, instant + 1)) - worth(change, withTime(market, instant - 1)))
    const later = { averagingStart: at + 50 * day }
    const dates = discrete(daily(30))
    for (const average of ['arithmetic', 'geometric']) {
      expect(second({ ...later, average }, at + 50 * day)).toBeLessThan(1e-4)
      expect(second({ ...dates, average }, terms.expiry - 10 * day)).toBeLessThan(5e-3)
      expect(second({ ...dates, average }, terms.expiry)).toBeLessThan(5e-3)
      expect(second({ average }, terms.expiry)).toBeLessThan(1e-4)
    }
  })

  it('decays by what a day takes, averaging in the spot', () => {
    const begun = { averagingStart: at - 100 * day, averageSoFar: 90, averagedUntil: at }
    for (const change of [begun, { ...begun, ...discrete(daily(250)) }, {}]) {
      const aDay = worth(change, withTime(market, at + day / 2)) - worth(change, withTime(market, at - day / 2))
      const { decay } = greeksOf(option({ ...terms, ...change }), market).theta
      expect(decay / 365 / aDay, JSON.stringify(change)).toBeCloseTo(1, 1)
    }
  })

  it('moves with the spot by what is to come: the known part does not', () => {
    const share = (elapsed: number) => {
      const change = { strike: 20, averagingStart: at - elapsed * day, averageSoFar: 90, averagedUntil: at }
      return greeksOf(option({ ...terms, ...(elapsed === 0 ? { strike: 20 } : change) }), market).delta.ETH ?? 0
    }
    expect(share(182.5)).toBeCloseTo(share(0) / 2, 6)
    const [arithmetic, geometric] = ['arithmetic', 'geometric'].map((average) => {
      const change = { average, averagingStart: at - 100 * day, averageSoFar: 90, averagedUntil: at }
      return worth(change)
    }) as [number, number]
    expect(geometric).toBeLessThan(arithmetic)
  })

  it('takes prices of the past that nobody stated at the spot, and says so', () => {
    const begun = { averagingStart: at - 100 * day }
    const atSpot = { ...begun, averageSoFar: 100, averagedUntil: at }
    expect(worth(begun)).toBeCloseTo(worth(atSpot), 9)
    expect(warningsOf(option({ ...terms, ...begun }), market)).toEqual([
      'prices of the past that are not in the average so far are taken at the spot',
    ])
    const dates = discrete(daily(200))
    expect(warningsOf(option({ ...terms, ...dates }), market)).toEqual([
      'fixings of the past that are not in the average so far are taken at the spot: 17',
    ])
    const known = { ...dates, averageSoFar: 100, averagedUntil: at }
    expect(worth(dates)).toBeCloseTo(worth(known), 9)
    expect(warningsOf(option({ ...terms, ...known }), market)).toEqual([])
    expect(warningsOf(option({ ...terms, ...known }), withTime(market, at - day))).toEqual([
      "the average so far reaches beyond the market's instant",
    ])
  })

  it('settles once expired: on what the venue settled, else on the average so far, else on the spot', () => {
    const late = withTime(market, expiryIn(0.6))
    expect(worth({ settlementPrice: 120 }, late)).toBe(25)
    expect(worth({ averageSoFar: 111, averagedUntil: terms.expiry }, late)).toBe(16)
    expect(worth({ ...discrete(daily(30)), averageSoFar: 111, averagedUntil: terms.expiry }, late)).toBe(16)
    expect(worth({}, late)).toBe(5)
    const half = { averageSoFar: 110, averagedUntil: expiryIn(0.25) }
    expect(worth(half, late)).toBeCloseTo(10, 9)
    expect(greeksOf(option({ ...terms, ...half }), late).delta.ETH).toBeCloseTo(0.5, 9)
    const edge = withSpot(late, 'ETH', 80)
    expect(worth(half, edge)).toBeCloseTo(0, 9)
    expect(greeksOf(option({ ...terms, ...half }), edge).delta.ETH).toBeCloseTo(0.25, 6)
    expect(warningsOf(option({ ...terms, averageSoFar: 111, averagedUntil: terms.expiry }), late)).toEqual([
      'expired: settled on the average so far',
    ])
  })

  it('warns of a smile, and of a term structure only where no fixing takes it in', () => {
    const svi = [{ expiry: terms.expiry, a: 0.03, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 }]
    const smiling = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: { svi } })
    expect(warningsOf(option(terms), smiling)).toEqual([
      'one volatility for a path-dependent payoff: the smile around the strike is not priced',
    ])
    const term = [
      { expiry: expiryIn(0.1), volatility: 0.9 },
      { expiry: expiryIn(0.5), volatility: 0.4 },
    ]
    const sloping = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: { term } })
    expect(warningsOf(option(terms), sloping)).toEqual([
      'one volatility for a path-dependent payoff: its term structure until expiry is not priced',
    ])
    const dates = discrete(daily(30))
    expect(warningsOf(option({ ...terms, ...dates }), sloping)).toEqual([])
    expect(warningsOf(option({ ...terms, ...dates, method: 'vecer' }), sloping)).toEqual([
      'total variance at the strike falls between fixings and was held for this method',
    ])
    expect(worth({ ...dates, method: 'vecer' }, sloping)).toBeCloseTo(worth(dates, sloping), 1)
  })

  it('by simulation has the Greeks of the equation on random lines, all of them, with standard errors stated', () => {
    const draw = random(11).uniform
    const between = (low: number, high: number) => low + (high - low) * draw()
    for (let line = 0; line < 8; line += 1) {
      const [volatility, years] = [between(0.2, 1), between(0.1, 1)]
      const where = oneAssetMarket({ spot: 100, rate: 0.05, carry: between(-0.1, 0.1), volatility })
      const expiry = expiryIn(years)
      const change = {
        type: line % 2 === 0 ? 'call' : 'put',
        strike: 100 * Math.exp(between(-1, 1) * volatility * Math.sqrt(years)),
        expiry,
        ...discrete(Array.from({ length: 4 + 3 * line }, (_, i) => at + ((expiry - at) * (i + 1)) / (4 + 3 * line))),
      }
      const simulated = option({ ...terms, ...change, method: 'monte-carlo', paths: 500, seed: 3 })
      const [found, exact] = [simulated, option({ ...terms, ...change, method: 'vecer' })].map((position) => {
        const { delta, gamma, vega, vanna, volga, rho, theta } = greeksOf(position, where)
        const vegas = Object.values(vega.ETH ?? {}).reduce((sum, one) => sum + one, 0)
        return [delta.ETH ?? 0, (gamma.ETH ?? 0) * 100, vegas, vanna.ETH ?? 0, volga.ETH ?? 0, rho, theta.decay]
      }) as [number[], number[]]
      const scale = [1, 1, 100, 1, 100, 100, 100]
      for (const [i, figure] of found.entries())
        expect(Math.abs(figure - (exact[i] ?? 0)), `${line} ${i}`).toBeLessThan(1e-3 * (scale[i] ?? 0))
      const { standardErrorUsd = 1, deltaStandardError = 1, gammaStandardError = 1 } = detailsOf(simulated, where)
      expect(standardErrorUsd).toBeLessThan(0.02)
      expect(deltaStandardError).toBeLessThan(2e-4)
      expect(gammaStandardError * 100).toBeLessThan(2e-4)
    }
  })

  it('says how far its closed form may be off, and warns of 1 % of the value and more', () => {
    const far = option({ ...terms, strike: 160 })
    const gap = Math.abs(value(far, market) - value(option({ ...terms, strike: 160, method: 'vecer' }), market))
    const { closedFormErrorUsd = 0 } = detailsOf(far, market)
    expect(closedFormErrorUsd / gap).toBeGreaterThan(0.8)
    expect(closedFormErrorUsd / gap).toBeLessThan(5)
    expect(warningsOf(far, market)).toEqual([
      expect.stringMatching(/^the closed form may be off by (about [1-9]0? %|half or more) of the value: method vecer/),
    ])
    for (const better of [{ method: 'vecer' }, { average: 'geometric' }, { strike: 60 }])
      expect(warningsOf(option({ ...terms, ...better }), market)).toEqual([])
    expect(detailsOf(option({ ...terms, method: 'vecer' }), market).closedFormErrorUsd).toBeUndefined()
  })
})
