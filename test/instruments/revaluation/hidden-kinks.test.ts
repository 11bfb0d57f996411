// Books whose lines cancel at most spots and bend in between: a net that looks only at its knots takes them for nothing.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PositionTerms } from '../../../lib/instruments/index.ts'
import type { MarketInput } from '../../../lib/instruments/market/market-schema.ts'
import { parseMarket } from '../../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../../lib/instruments/parse-position.ts'
import type { BookParams } from '../../../lib/instruments/revaluation/plan-book.ts'
import { type BookRevaluation, revalueBook } from '../../../lib/instruments/revaluation/revalue-book.ts'
import { revaluePositions } from '../../../lib/instruments/revaluation/revalue-positions.ts'
import { random } from '../../../lib/quant/random.ts'
import { now as at, day, within, year } from '../arbitrary-market.ts'

const option = (strike: number, expiry: number, quantity: number, type: 'call' | 'put' = 'call') =>
  parsePosition({ kind: 'vanilla-option', terms: { asset: 'ETH', type, strike, expiry, quantity } })

function butterfly(strike: number, wing: number, expiry: number, quantity: number): readonly PositionTerms[] {
  return [
    option(strike - wing, expiry, quantity),
    option(strike, expiry, -2 * quantity),
    option(strike + wing, expiry, quantity),
  ]
}

const logSpaced = (from: number, to: number, count: number) =>
  Float64Array.from({ length: count }, (_, j) => from * (to / from) ** (j / (count - 1)))

/** Greatest difference between both ways, over gross: the mean over the scenarios of the sum of absolute values. */
function errorOfNet(book: BookParams): { readonly error: number; readonly net: BookRevaluation } {
  const net = revalueBook(book)
  const direct = revalueBook({ ...book, netting: 'none' })
  const { pnl, base } = revaluePositions({ ...book, netting: 'none' })
  const { count } = book.scenarios
  const gross = pnl.reduce((sum, one, k) => sum + Math.abs(one + (base[Math.floor(k / count)] ?? 0)), 0) / count
  const worst = net.pnl.reduce((most, one, j) => Math.max(most, Math.abs(one - (direct.pnl[j] ?? Number.NaN))), 0)
  return { error: worst === 0 ? 0 : worst / gross, net }
}

const marketOf = (volatility: NonNullable<MarketInput['volatility']>[string]) =>
  parseMarket({ at, spot: { ETH: 3_000, USDC: 1 }, volatility: { ETH: volatility } })

describe('a butterfly whose kinks all lie between two knots', () => {
  const market = marketOf(0.6)
  const why = 'its values bend within less than a few knots of a net (options expired, or about to)'

  it('is valued directly once it is expired, wherever its strikes are, and says so', () => {
    const ETH = logSpaced(3_000 * 0.34, 3_000 * 6, 10_000)
    for (let strike = 2_000; strike <= 5_000; strike += 250) {
      const book = { positions: butterfly(strike, 25, at + day, 10), market }
      const { error, net } = errorOfNet({ ...book, scenarios: { count: 10_000, spot: { ETH }, secondsPassed: day } })
      expect(net.parts).toMatchObject([{ method: 'european', path: 'direct', reason: why }])
      expect(error).toBe(0)
    }
  })

  it('is valued directly with seconds to go, while the long put beside it is netted', () => {
    const ETH = logSpaced(1_500, 4_500, 10_000)
    const put = option(2_800, at + 60 * day, 1_000, 'put')
    for (let k = 40; k < 90; k += 5) {
      const strike = 1_500 * 3 ** ((k + 0.35) / 128)
      const positions = [...butterfly(strike, strike * 8e-4, at + 1.2, 1_000), put]
      const { error, net } = errorOfNet({ positions, market, scenarios: { count: 10_000, spot: { ETH } } })
      expect(net.path).toBe('mixed')
      expect(net.parts).toMatchObject([
        { positions: [0, 1, 2], path: 'direct', reason: why },
        { positions: [3], path: 'netted', nodes: 129 },
      ])
      expect(error).toBeLessThanOrEqual(1e-6)
    }
  })

  it('is netted, with more knots the less time is left, for as long as it bends over several of them', () => {
    const ETH = logSpaced(1_500, 4_500, 10_000)
    const knots = [60, 2, 0.1, 0.01, 0.001].map((days) => {
      const { error, net } = errorOfNet({
        positions: butterfly(3_050, 5, at + days * day, 10),
        market,
        scenarios: { count: 10_000, spot: { ETH } },
      })
      expect(error).toBeLessThanOrEqual(1e-6)
      return net.parts[0]?.path === 'netted' ? net.parts[0].nodes : net.parts[0]?.path
    })
    expect(knots).toEqual([129, 129, 513, 2_049, 'direct'])
  })
})

describe('a volatility shift that is a function of the spot', () => {
  it.each([
    ['a spike on few spots', (S: number) => (Math.abs(S - 3_210) < 2 ? 0.3 : 0)],
    ['a step', (S: number) => (S > 3_210 ? 0.1 : 0)],
    ['a fall to no volatility at all', (S: number) => -0.01 * Math.max(S - 3_000, 0)],
  ])('is found out: %s', (_, shift) => {
    const market = marketOf(0.5)
    const positions = [option(3_100, at + 90 * day, 5), option(3_300, at + 200 * day, -3, 'put')]
    const ETH = logSpaced(1_500, 4_500, 4_000)
    const scenarios = { count: 4_000, spot: { ETH }, volatilityShift: { ETH: shift } }
    const { error, net } = errorOfNet({ positions, market, scenarios })
    expect(error).toBeLessThanOrEqual(1e-6)
    expect(net.path).not.toBe('netted')
  })
})

const smile = fc.oneof(
  within(0.05, 1.5),
  fc
    .record({ radius: within(-4, -0.5), b: within(0.01, 0.3), m: within(-0.3, 0.3), rho: within(-0.7, 0.7) })
    .map(({ radius, b, m, rho }) => ({
      svi: [30, 365].map((days) => ({
        expiry: at + days * day,
        a: (0.3 * days) / 365,
        b: (b * days) / 365,
        rho,
        m,
        sigma: 10 ** radius,
      })),
      dynamics: 'sticky-delta' as const,
    })),
)

/** Expired, about to, or so far ahead that the price moves by this many times the width of the scenarios at volatility 0.6. */
const expiries = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(at - day, at, at + 3_600).map((expiry) => () => expiry) },
  {
    weight: 6,
    arbitrary: within(-2.2, 1).map((log) => (width: number) => at + year * ((10 ** log * width) / 0.6) ** 2),
  },
)

const cluster = fc
  .record({
    strike: within(-1, 1),
    wing: within(-5, -0.7).map((log) => 10 ** log),
    expiry: expiries,
    later: within(-2, 6).map((log) => 10 ** log),
    size: within(-2, 2).map((log) => 10 ** log),
    type: fc.constantFrom('call', 'put'),
    shape: fc.constantFrom('butterfly', 'calendar', 'condor', 'one', 'range'),
    sign: fc.constantFrom(-1, 1),
  })
  .map((drawn) => (width: number): readonly PositionTerms[] => {
    const { wing, later, size, type, shape } = drawn
    const expiry = drawn.expiry(width)
    const strike = 3_000 * Math.exp(drawn.strike * width)
    const at = (steps: number, quantity: number, when = expiry) =>
      option(strike * (1 + wing * steps), when, quantity * size * drawn.sign, type)
    switch (shape) {
      case 'butterfly':
        return [at(-1, 1), at(0, -2), at(1, 1)]
      case 'condor':
        return [at(-2, 1), at(-1, -1), at(1, -1), at(2, 1)]
      case 'calendar':
        return [at(0, 1), at(0, -1, expiry + later)]
      case 'one':
        return [at(0, 1)]
      case 'range': {
        const bounds = { lowerPrice: strike, upperPrice: strike * (1 + wing) }
        const terms = { asset0: 'ETH', asset1: 'USDC', liquidity: size / wing, ...bounds, owed0: 0, owed1: 0 }
        return [parsePosition({ kind: 'uniswap-v3-range', terms })]
      }
    }
  })

const books = fc
  .record({
    clusters: fc.array(cluster, { minLength: 1, maxLength: 6 }),
    volatility: smile,
    width: within(-4, 0.2).map((log) => 10 ** log),
    count: fc.oneof(fc.integer({ min: 200, max: 1_500 }), fc.integer({ min: 4_100, max: 6_000 })),
    spread: fc.constantFrom('even', 'normal'),
    seed: fc.nat(),
    slope: fc.option(within(-0.3, 0.3), { nil: undefined }),
    secondsPassed: fc.constantFrom(0, 0, 3_600, day),
  })
  .map(({ clusters, volatility, width, count, spread, seed, slope, secondsPassed }): BookParams => {
    const rng = random(seed)
    const normal = Float64Array.from({ length: count }, () => 3_000 * Math.exp((width / 3) * rng.normal()))
    const ETH = spread === 'even' ? logSpaced(3_000 * Math.exp(-width), 3_000 * Math.exp(width), count) : normal
    const shift = slope === undefined ? {} : { volatilityShift: { ETH: (S: number) => slope * Math.log(S / 3_000) } }
    return {
      positions: clusters.flatMap((one) => one(width)),
      market: marketOf(volatility),
      scenarios: { count, spot: { ETH }, ...shift, secondsPassed },
    }
  })

describe('any book of tight butterflies, condors, calendars and ranges, expired, nearly so or not', () => {
  it('is within 1e-6 of gross of the direct way in every scenario, over wide and narrow ranges of spots', () => {
    const paths: string[] = []
    fc.assert(
      fc.property(books, (book) => {
        const { error, net } = errorOfNet(book)
        for (const { method, path, nodes } of net.parts)
          paths.push(`${method} ${path}${path === 'netted' ? ` ${nodes}` : ''}`)
        expect(error).toBeLessThanOrEqual(1e-6)
      }),
      { numRuns: 400 },
    )
    const seen = new Set(paths.filter((path) => paths.filter((one) => one === path).length > 5))
    for (const way of ['netted 129', 'netted 513', 'netted 2049', 'direct']) expect(seen).toContain(`european ${way}`)
    for (const way of ['netted 129', 'direct']) expect(seen).toContain(`range ${way}`)
  })
})
