import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../../lib/instruments/example-market.ts'
import { instruments, type PositionTerms } from '../../../lib/instruments/index.ts'
import { withSpot } from '../../../lib/instruments/market/bump.ts'
import { parseMarket } from '../../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../../lib/instruments/parse-position.ts'
import { revalueBook } from '../../../lib/instruments/revaluation/revalue-book.ts'
import { revaluePositions } from '../../../lib/instruments/revaluation/revalue-positions.ts'
import type { ScenarioSet } from '../../../lib/instruments/revaluation/scenario-set.ts'
import { value } from '../../../lib/instruments/value.ts'
import { random } from '../../../lib/quant/random.ts'

const rng = random(2_026)
const market = parseMarket(exampleMarket)
const day = 86_400
const spread = (around: number, count: number, deviation: number) =>
  Float64Array.from({ length: count }, () => around * Math.exp(deviation * rng.normal()))
const between = (from: number, to: number) => from + (to - from) * rng.uniform()

function option(asset: string, near: number): PositionTerms {
  const terms = {
    asset,
    type: rng.uniform() < 0.5 ? 'call' : 'put',
    strike: near * between(0.6, 1.6),
    expiry: market.at + day * between(10, 700),
    quantity: between(-10, 12),
  } as const
  return { kind: 'vanilla-option', terms }
}

function range(asset0: string, asset1: string, near: number): PositionTerms {
  const lowerPrice = near * between(0.5, 1.1)
  const terms = { asset0, asset1, liquidity: between(1, 20), lowerPrice, upperPrice: lowerPrice * between(1.3, 2.5) }
  return { kind: 'uniswap-v3-range', terms: { ...terms, owed0: 0.1, owed1: 0.2 } }
}

const held = (asset: string, quantity: number): PositionTerms => ({ kind: 'spot', terms: { asset, quantity } })

const count = 1_500
const spot = { ETH: spread(3_000, count, 0.2), BTC: spread(90_000, count, 0.2) }
const scenarios: ScenarioSet = { count, spot }

function worst(one: Float64Array, two: Float64Array): number {
  return one.reduce((most, each, j) => Math.max(most, Math.abs(each - (two[j] ?? Number.NaN))), 0)
}

function grossOf(positions: readonly PositionTerms[]): number {
  return positions.reduce((sum, one) => sum + Math.abs(value(one, market)), 0)
}

describe('a book of options, ranges and holdings on two underlyings', () => {
  const positions = [
    ...Array.from({ length: 40 }, () => option('ETH', 3_000)),
    ...Array.from({ length: 30 }, () => option('BTC', 90_000)),
    ...Array.from({ length: 20 }, () => range('WETH', 'USDC', 3_000)),
    held('wstETH', -25),
    held('ETH', 12),
    held('USDC', 100_000),
  ]
  const book = { positions, market, scenarios }
  const netted = revalueBook(book)
  const direct = revalueBook({ ...book, netting: 'none' })

  it('is netted per underlying and within 1e-6 of gross of the direct way in every scenario', () => {
    expect(netted.path).toBe('netted')
    expect(netted.parts.map(({ method, factors, path }) => [method, factors, path])).toEqual([
      ['linear', ['spot of ETH'], 'netted'],
      ['european', ['spot of ETH'], 'netted'],
      ['european', ['spot of BTC'], 'netted'],
      ['range', ['spot of ETH'], 'netted'],
    ])
    expect(worst(netted.pnl, direct.pnl)).toBeLessThan(1e-6 * grossOf(positions))
    expect(direct.path).toBe('mixed')
    expect(direct.parts.filter(({ path }) => path === 'direct').map(({ reason }) => reason)).toEqual(
      new Array(3).fill('netting was not asked for'),
    )
  })

  it('is worth in each scenario what its positions are worth in the moved market', () => {
    for (const j of [0, 700, count - 1]) {
      const moved = Object.entries(spot).reduce((next, [name, of]) => withSpot(next, name, of[j] ?? 0), market)
      const expected = positions.reduce((sum, one) => sum + value(one, moved) - value(one, market), 0)
      expect(Math.abs((direct.pnl[j] ?? 0) - expected)).toBeLessThan(1e-12 * grossOf(positions))
    }
    expect(direct.base).toBeCloseTo(
      positions.reduce((sum, one) => sum + value(one, market), 0),
      6,
    )
  })

  it('is attributed to positions whose profits sum to that of the book to 1e-9', () => {
    const { pnl, total, base, parts } = revaluePositions(book)
    const gross = grossOf(positions)
    expect(worst(total, direct.pnl)).toBeLessThan(1e-9 * gross)
    expect(worst(total, netted.pnl)).toBeLessThan(1e-6 * gross)
    const summed = total.map((_, j) => positions.reduce((sum, __, i) => sum + (pnl[i * count + j] ?? Number.NaN), 0))
    expect(worst(total, summed)).toBe(0)
    expect([...base]).toEqual(positions.map((one) => value(one, market)))
    expect(parts.flatMap((part) => part.reason ?? [])).toEqual(new Array(3).fill('each line is wanted on its own'))
    // A dollar that does not move earns nothing; a short holding of staked ether is one of ether.
    const row = (i: number) => pnl.subarray(i * count, (i + 1) * count)
    expect(row(positions.length - 1).every((one) => one === 0)).toBe(true)
    const expected = spot.ETH.map((price) => -25 * 1.23 * (price - 3_000))
    expect(worst(row(positions.length - 3), expected)).toBeLessThan(1e-8)
  })

  it('names the positions of each part, and one with legs of several kinds in each of them', () => {
    const [linear, eth, btc, ranges] = netted.parts
    expect(eth?.positions).toEqual(Array.from({ length: 40 }, (_, i) => i))
    expect(btc?.positions).toEqual(Array.from({ length: 30 }, (_, i) => 40 + i))
    expect(ranges?.positions).toEqual(Array.from({ length: 20 }, (_, i) => 70 + i))
    expect(linear?.positions).toEqual(Array.from({ length: 23 }, (_, i) => 70 + i))
  })
})

describe('the way that a part takes', () => {
  const options = Array.from({ length: 12 }, () => option('ETH', 3_000))
  const partOf = (positions: readonly PositionTerms[], moved: ScenarioSet) => {
    const book = { positions, market, scenarios: moved }
    const found = revalueBook(book)
    expect(worst(found.pnl, revalueBook({ ...book, netting: 'none' }).pnl)).toBeLessThan(1e-6 * grossOf(positions))
    return found.parts.at(-1)
  }

  it('is netted piece by piece where a volatility that follows the spot has a kink that is told of', () => {
    const rises = { ETH: (S: number) => (S < 3_000 ? 0.6 * Math.log(3_000 / S) : 0) }
    const bent = { ...scenarios, volatilityShift: rises }
    const told = { ...bent, shiftEdges: { ETH: [3_000] } }
    expect(partOf(options, bent)?.path).toBe('direct')
    expect(partOf(options, told)?.path).toBe('netted')
    const book = { positions: options, market }
    const [net, direct] = [revalueBook({ ...book, scenarios: told }), revalueBook({ ...book, scenarios: bent })]
    expect(worst(net.pnl, direct.pnl)).toBeLessThan(1e-6 * grossOf(options))
  })

  it('is netted where volatility follows the spot, and direct where it moves by itself', () => {
    const follows = { ETH: (S: number) => -0.2 * Math.log(S / 3_000) }
    expect(partOf(options, { ...scenarios, volatilityShift: follows })?.path).toBe('netted')
    const itself = { ETH: Float64Array.from({ length: count }, () => 0.1 * rng.normal()) }
    expect(partOf(options, { ...scenarios, volatilityShift: itself })).toMatchObject({
      path: 'direct',
      factors: ['spot of ETH', 'volatility of ETH'],
      reason: 'it moves with spot of ETH, volatility of ETH: more than one spot',
    })
    const same = { ETH: new Float64Array(count).fill(0.1) }
    expect(partOf(options, { ...scenarios, volatilityShift: same, interestShift: same.ETH })?.path).toBe('netted')
  })

  it('is direct for a range whose quote moves too', () => {
    const ranges = Array.from({ length: 5 }, () => range('WBTC', 'WETH', 30))
    expect(partOf(ranges, scenarios)).toMatchObject({
      method: 'range',
      path: 'direct',
      reason: 'it moves with spot of ETH, spot of BTC: more than one spot',
    })
    expect(partOf(ranges, { count, spot: { ETH: spot.ETH } })?.path).toBe('netted')
  })

  it('is direct again where the net is found not to hold, and says so', () => {
    const expired = options.map(
      (one) => ({ ...one, terms: { ...one.terms, expiry: market.at - day } }) as PositionTerms,
    )
    const part = partOf(expired, scenarios)
    expect(part).toMatchObject({
      method: 'european',
      path: 'direct',
      reason: 'its values bend within less than a few knots of a net (options expired, or about to)',
    })
    expect(part).not.toHaveProperty('sampleError')
    expect(partOf(options, { count: 2, spot: { ETH: Float64Array.of(2_000, 4_000) } })?.reason).toBe(
      'there are too few scenarios for a net to pay',
    )
  })

  it('is direct where values are missing at spots that no scenario has', () => {
    const two = Float64Array.from({ length: count }, (_, j) => (j % 2 === 0 ? 2_000 : 4_000) + (j % 100))
    const gap = (S: number) => (S > 2_500 && S < 3_500 ? Number.NaN : 0.1)
    expect(partOf(options, { count, spot: { ETH: two }, volatilityShift: { ETH: gap } })).toMatchObject({
      path: 'direct',
      reason: 'it has no value at some spots between those of the scenarios',
    })
  })

  it('is one by one for a kind without a kernel, which is said to be slow, but netted where that holds', () => {
    const barrier = parsePosition({ kind: 'barrier-option', terms: exampleOf('barrier-option') })
    const few = { count: 3, spot: { [underlyingOf('barrier-option')]: Float64Array.of(2_500, 2_900, 3_100) } }
    expect(partOf([barrier], few)).toMatchObject({
      method: 'one by one',
      path: 'direct',
      reason: expect.stringMatching(/one by one, as barrier-option has no kernel of its own, which is slow$/),
    })
    const american = parsePosition({ kind: 'american-option', terms: exampleOf('american-option') })
    const tight = { [underlyingOf('american-option')]: spread(3_000, 400, 0.03) }
    expect(partOf([american], { count: 400, spot: tight })).toMatchObject({ method: 'one by one', path: 'netted' })
  })

  it('is netted piece by piece between the edges that a kind knows of', () => {
    const barrier = parsePosition({ kind: 'barrier-option', terms: exampleOf('barrier-option') })
    const wide = { [underlyingOf('barrier-option')]: spread(3_000, count, 0.4) }
    expect(partOf([barrier], { count, spot: wide })).toMatchObject({ method: 'one by one', path: 'netted' })
  })

  it('is a constant where nothing that a position reads moves', () => {
    const { pnl, parts } = revalueBook({ positions: options, market, scenarios: { count, spot: { BTC: spot.BTC } } })
    expect(parts).toEqual([{ method: 'linear', positions: options.map((_, i) => i), factors: [], path: 'netted' }])
    expect(pnl.every((one) => Math.abs(one) < 1e-9)).toBe(true)
  })
})

describe('time that passes', () => {
  it('settles what expires meanwhile, and is in the profit of every scenario', () => {
    const put = {
      kind: 'vanilla-option',
      terms: { asset: 'ETH', type: 'put', strike: 2_800, expiry: market.at + day, quantity: 2 },
    } as const
    const two = { count: 2, spot: { ETH: Float64Array.of(2_500, 3_100) }, secondsPassed: 2 * day }
    const { pnl, base } = revalueBook({ positions: [put], market, scenarios: two })
    expect([...pnl].map((one) => one + base)).toEqual([600, 0].map((one) => expect.closeTo(one, 9)))
  })
})

describe('what cannot be revalued', () => {
  const book = { positions: [held('USDC', 5), option('ETH', 3_000)], market, scenarios: { count: 3, spot: {} } }
  const three = (...entries: number[]) => Float64Array.from(entries)
  const refusal = (moved: Partial<ScenarioSet>) => {
    const given = { ...book, scenarios: { ...book.scenarios, ...moved } }
    expect(() => revaluePositions(given)).toThrow(expect.objectContaining({ code: 'invalid-scenarios' }))
    return () => revalueBook(given)
  }

  it.each([
    [{ spot: { ETH: three(3_000, Number.NaN, 3_000) } }, 'The spot of ETH in scenario 1 is not a finite price above 0'],
    [{ spot: { ETH: three(3_000, 3_000, 0) } }, 'The spot of ETH in scenario 2 is not'],
    [{ spot: { ETH: three(-1, 2, 3) } }, 'The spot of ETH in scenario 0 is not'],
    [{ spot: { ETH: three(1, 2) } }, 'The spot of ETH has 2 entries for 3 scenarios'],
    [{ spot: { PEPE: three(1, 2, 3) } }, 'The scenarios move the spot of PEPE, of which the market has none'],
    [{ spot: { constructor: three(1, 2, 3) } }, 'The scenarios move the spot of constructor'],
    [{ volatilityShift: { SOL: three(0, 0, 0) } }, 'The scenarios move the volatility of SOL'],
    [{ volatilityShift: { ETH: three(0, Number.NaN, 0) } }, 'The volatility shift of ETH in scenario 1'],
    [{ volatilityShift: { ETH: () => Number.POSITIVE_INFINITY } }, 'The volatility shift of ETH in scenario 0'],
    [{ interestShift: three(0, 0, Number.NaN) }, 'The interest shift in scenario 2'],
    [{ count: 0 }, 'The number of scenarios is not a whole number from 1'],
    [{ count: 2.5 }, 'The number of scenarios'],
    [{ secondsPassed: Number.NaN }, 'The time that passes'],
    [{ secondsPassed: -1 }, 'The time that passes'],
  ])('is refused by factor and scenario: %o', (moved, says) => {
    expect(refusal(moved)).toThrow(says)
  })

  it('is no book: one without positions is worth 0 in every scenario', () => {
    expect(revalueBook({ ...book, positions: [] })).toEqual({ pnl: three(0, 0, 0), base: 0, path: 'netted', parts: [] })
    expect(revaluePositions({ ...book, positions: [] }).total).toEqual(three(0, 0, 0))
  })

  it('names a position that has no value as the market is', () => {
    const positions = [...book.positions, held('PEPE', 1)]
    for (const run of [revalueBook, revaluePositions])
      expect(() => run({ ...book, positions })).toThrow(
        expect.objectContaining({
          code: 'revaluation-failed',
          message: expect.stringMatching(
            /^Position 2 \(spot\) has no value in the market as it is: There is no price for PEPE/,
          ),
          facts: expect.objectContaining({ position: 2, kind: 'spot', why: 'no-price', asset: 'PEPE' }),
        }),
      )
  })

  it('names the position and the scenario that kills it, among hundreds that do not', () => {
    const decades = (kind: 'vanilla-option' | 'american-option') =>
      parsePosition({ kind, terms: { ...(exampleOf(kind) as object), expiry: '2065-01-01' } })
    const positions = Array.from({ length: 200 }, () => option('ETH', 3_000))
    const interestShift = new Float64Array(20).fill(0.001)
    interestShift[17] = 20
    for (const killed of [decades('vanilla-option'), decades('american-option')])
      for (const run of [revalueBook, revaluePositions])
        expect(() =>
          run({ positions: positions.with(150, killed), market, scenarios: { count: 20, spot: {}, interestShift } }),
        ).toThrow(
          expect.objectContaining({
            code: 'revaluation-failed',
            message: expect.stringMatching(/^Position 150 \(.*\) has no value in scenario 17: /),
            facts: expect.objectContaining({ position: 150, scenario: 17, why: 'out-of-domain' }),
          }),
        )
  })

  it('is a sum that no number holds, of positions each of which has a value', () => {
    const at = (quantity: number) => ({
      positions: [held('ETH', quantity), held('ETH', quantity)],
      market,
      scenarios: { count: 2, spot: { ETH: Float64Array.of(3_000, 5_000) } },
    })
    const refused = (facts: object) => expect.objectContaining({ code: 'not-finite', facts })
    expect(() => revalueBook(at(2e304))).toThrow(refused({ scenario: 1, figure: 'value' }))
    expect(() => revalueBook(at(4e304))).toThrow(refused({ figure: 'value' }))
  })
})

function exampleOf(kind: string): unknown {
  return instruments.find((one) => one.kind === kind)?.example
}

function underlyingOf(kind: string): string {
  const { asset } = exampleOf(kind) as { readonly asset: string }
  return market.exchangeRates[asset]?.underlying ?? asset
}
