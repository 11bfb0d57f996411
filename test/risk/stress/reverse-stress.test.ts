import { describe, expect, it } from 'vitest'
import type { MarketModel } from '../../../lib/model/market-model.ts'
import type { Breach } from '../../../lib/model/stress.ts'
import { random } from '../../../lib/quant/random.ts'
import { changeIn, healthFactorIn, stressBook } from '../../../lib/risk/stress/stress-book.ts'
import { stressCovariance } from '../../../lib/risk/stress/stress-covariance.ts'
import { type StressTestParams, stressTest } from '../../../lib/risk/stress/stress-test.ts'
import { aBook, at, loan, option, pair, spot, wideBook } from './a-book.ts'

const model = (
  volatility: readonly number[],
  correlation: readonly number[],
  assets = ['BTC', 'ETH', 'LINK', 'USDC'],
): MarketModel => ({
  id: 'm',
  at,
  madeAt: at,
  assets: [],
  covariance: { assets, volatility, correlation, shrinkage: 0 },
  volatility: [],
  macro: [],
  notes: [],
})
const usual = model([0.5, 0.7, 1, 0.01], [1, 0.8, 0.6, 0, 0.8, 1, 0.7, 0, 0.6, 0.7, 1, 0, 0, 0, 0, 1])
const breachesOf = (params: StressTestParams) => stressTest(params).test.reverse.breaches

/** The breached figure less its limit, `share` of the way to a point of standard normal coordinates; by full revaluation. */
function marginAt(params: StressTestParams) {
  const book = stressBook(params)
  const { factors, root } = stressCovariance({
    book,
    horizonDays: 1,
    ...(params.model === undefined ? {} : { model: params.model }),
  })
  const n = factors.length
  const moveOf = (x: readonly number[]) => {
    const pick = (kind: 'spot' | 'volatility') =>
      Object.fromEntries(
        factors.flatMap((one, i) => (one.kind === kind ? [[one.underlying, Math.exp(x[i] ?? 0)]] : [])),
      )
    return { spot: pick('spot'), volatility: pick('volatility') }
  }
  const logOf = (y: Float64Array) =>
    factors.map((_, i) => y.reduce((total, one, k) => total + (root[i * n + k] ?? 0) * one, 0))
  const margin = (breach: Breach, x: readonly number[]) => {
    if (breach.kind === 'net-asset-value') return book.navUsd + changeIn(book, moveOf(x)).changeUsd - 0.5 * book.navUsd
    const account = book.accounts.find(({ positionId }) => positionId === breach.positionId)
    const factor = account === undefined ? undefined : healthFactorIn(account, moveOf(x))
    return (factor ?? 9) - 1
  }
  const pointOf = (breach: Breach) =>
    factors.map(({ kind, underlying }) =>
      Math.log1p(breach.moves.find(({ factor }) => factor === `${kind} of ${underlying}`)?.move ?? 0),
    )
  /** Forward substitution: the normal coordinates of log moves. */
  const normalOf = (x: readonly number[]) => {
    const y = new Float64Array(n)
    for (let i = 0; i < n; i += 1) {
      const rest = (x[i] ?? 0) - y.subarray(0, i).reduce((total, one, k) => total + (root[i * n + k] ?? 0) * one, 0)
      y[i] = rest / (root[i * n + i] ?? 1)
    }
    return y
  }
  return { n, logOf, margin, pointOf, normalOf }
}

describe('reverse stress', () => {
  it('of one asset is the fall in closed form', () => {
    const [breach] = breachesOf(aBook([loan(), spot('USDC', 1e6)], { model: usual }))
    const fall = 180_000 / (120 * 3_000 * 0.8)
    expect(breach).toMatchObject({ kind: 'health-factor', positionId: 'aave-v3' })
    expect(breach?.moves.find(({ factor }) => factor === 'spot of ETH')?.move).toBeCloseTo(fall - 1, 3)
    expect(breach?.sigmas).toBeCloseTo(-Math.log(fall) / (0.7 / Math.sqrt(365)), 2)
    expect(breach?.inWords).toMatch(/^ETH -3[78] %.*: health factor of aave-v3 below 1, 1\d\.\d sigma of one day$/)
  })

  it('of a long and a short of the same size finds the spread, which the index does not show', () => {
    const spread = loan({ collateral: [['WBTC', 10, 1]], debt: [['WETH', 200]] })
    const [breach] = breachesOf(aBook([spread, spot('USDC', 1e7)], { model: usual }))
    // The variance of ln BTC - ln ETH; the crossing lies ln 1.5 away.
    const sigma = Math.sqrt((0.25 + 0.49 - 2 * 0.8 * 0.5 * 0.7) / 365)
    expect(breach?.sigmas).toBeCloseTo(Math.log(1.5) / sigma, 6)
  })

  it.each([
    [
      'a loan on two collaterals with two debts',
      aBook(
        [
          loan({
            collateral: [
              ['wstETH', 100, 0.8],
              ['WBTC', 2, 0.7],
            ],
            debt: [
              ['USDC', 250_000],
              ['LINK', 2_000],
            ],
          }),
        ],
        { model: usual },
      ),
    ],
    ['options, a pair and a loan', { ...wideBook(), model: usual }],
    [
      'written puts on a small account',
      aBook(
        [
          spot('USDC', 60_000),
          option('short', 'ETH', { quantity: -40, strike: 2_600 }),
          option('btc', 'BTC', { type: 'call', strike: 99_000, quantity: -2 }),
        ],
        { model: usual },
      ),
    ],
    ['a pair beside coins', aBook([pair(), spot('LINK', 3_000), spot('WETH', 5)], { model: usual })],
    ['no market model', wideBook()],
  ])(
    '%s: broken at the point, not at .999 of it, and nowhere nearer in 10,000 directions',
    (_, params) => {
      const breaches = breachesOf(params)
      const { n, logOf, margin, pointOf, normalOf } = marginAt(params)
      expect(breaches.length).toBeGreaterThan(0)
      const stream = random(99)
      const unit = (y: Float64Array) => y.map((one) => one / Math.hypot(...y))
      const normals = (count: number) =>
        Array.from({ length: count }, () => {
          const y = new Float64Array(n)
          stream.fillNormal(y)
          return y
        })
      const everywhere = normals(10_000).map((y) => logOf(unit(y)))
      for (const breach of breaches) {
        const x = pointOf(breach)
        expect(
          margin(
            breach,
            x.map((one) => one * (1 + 1e-9)),
          ),
          breach.inWords,
        ).toBeLessThan(0)
        expect(
          margin(
            breach,
            x.map((one) => 0.999 * one),
          ),
        ).toBeGreaterThanOrEqual(0)
        // Directions at random are far from the found one where factors are many: these are not.
        const found = unit(normalOf(x))
        const nearby = normals(2_000).map((y, k) =>
          logOf(unit(found.map((one, i) => one + 0.1 * (1 + (k % 5)) * (y[i] ?? 0)))),
        )
        const nearer = [...everywhere, ...nearby].filter((direction) =>
          [0.999, 0.8, 0.5].some(
            (share) =>
              margin(
                breach,
                direction.map((one) => share * breach.sigmas * one),
              ) < 0,
          ),
        )
        expect(nearer).toHaveLength(0)
      }
    },
    30_000,
  )

  it('is 0 sigma where it is broken already, and says so', () => {
    const [breach] = breachesOf(aBook([loan({ debt: [['USDC', 300_000]] })]))
    expect(breach).toMatchObject({ sigmas: 0, moves: [], inWords: 'health factor of aave-v3 below 1 already' })
  })

  it('finds nothing where nothing can break, and has no floor under what is worth nothing', () => {
    expect(breachesOf(aBook([spot('USDC', 100)], { model: usual }))).toEqual([])
    const { reverse } = stressTest(aBook([loan({ debt: [['USDC', 400_000]] })])).test
    expect(reverse.floorUsd).toBeUndefined()
    expect(reverse.assumed.at(-1)).toContain('no floor')
  })

  it('is the same for the same seed, and for a singular covariance moves only where that does', () => {
    expect(breachesOf(wideBook())).toEqual(breachesOf(wideBook()))
    const one = model([0.5, 0.7, 0, 0], [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    const [breach] = breachesOf(aBook([spot('WBTC', 1), spot('WETH', 30), spot('LINK', 10)], { model: one }))
    const move = (name: string) =>
      Math.log1p(breach?.moves.find(({ factor }) => factor === `spot of ${name}`)?.move ?? 0)
    expect(move('BTC') / move('ETH')).toBeCloseTo(0.5 / 0.7, 6)
    expect(move('LINK')).toBe(0)
  })

  it('takes stated figures for what a model does not know or says without sense, and tells them', () => {
    const { reverse } = stressTest(
      aBook([spot('WETH', 1), spot('LINK', 10)], { model: model([Number.NaN], [1], ['ETH']) }),
    ).test
    expect(reverse.covariance).toBe('default')
    expect(reverse.assumed).toEqual([
      'ETH: 80 % a year, correlation 0.8 with the others',
      'LINK: 80 % a year, correlation 0.8 with the others',
    ])
    const part = stressTest(aBook([spot('WETH', 1), spot('LINK', 10)], { model: model([0.6], [1], ['ETH']) })).test
      .reverse
    expect(part.covariance).toBe('market model m')
    expect(part.assumed).toEqual(['LINK: 80 % a year, correlation 0.8 with ETH'])
  })

  it('takes the floor from the caller', () => {
    const { reverse } = stressTest(aBook([spot('WETH', 1)], { model: usual, floor: 0.9 })).test
    expect(reverse.floorUsd).toBeCloseTo(2_700, 9)
    expect(reverse.breaches[0]?.sigmas).toBeCloseTo(-Math.log(0.9) / (0.7 / Math.sqrt(365)), 6)
  })
})
