// Which view of a price is believed: tables of who says what, and laws that hold whoever says it.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PriceMemory } from '../../lib/model/price-memory.ts'
import { classOf, lensLimits } from '../../lib/snapshot/lens-limits.ts'
import { type JudgeParams, judgePrice } from '../../lib/snapshot/lenses.ts'
import type { DatedOpinion } from '../../lib/snapshot/opinions.ts'
import { at } from './fixture.ts'

const feed = (usd: number, change: Partial<DatedOpinion> = {}): DatedOpinion => ({
  name: 'the feed',
  kind: 'oracle',
  usd,
  updatedAt: at - 100,
  isLate: false,
  roundId: '9',
  ...change,
})
const second = (usd: number, change: Partial<DatedOpinion> = {}): DatedOpinion => ({
  name: 'the second feed',
  kind: 'oracle',
  usd,
  updatedAt: at - 200,
  isLate: false,
  ...change,
})
const market = (usd: number, depthUsd = 5_000_000): DatedOpinion => ({
  name: 'the market',
  kind: 'market',
  usd,
  updatedAt: at,
  isLate: false,
  depthUsd,
})
const twap = (usd: number): DatedOpinion => ({ ...market(usd), name: 'the TWAP' })
const lastSeen = (usd: number, change: Partial<PriceMemory> = {}): PriceMemory => ({
  asset: 'WETH',
  from: '0x1',
  at: at - 60,
  usd,
  updatedAt: at - 160,
  roundId: '8',
  sameSince: at - 160,
  ...change,
})

const judge = (change: Partial<JudgeParams>) =>
  judgePrice({
    symbol: 'WETH',
    at,
    from: '0x1',
    limits: { warn: 0.02, halt: 0.08 },
    heartbeatSeconds: 3_600,
    first: feed(3_000),
    gaps: [],
    quotes: [],
    prices: [],
    ...change,
  })

describe('the limits between two views', () => {
  it.each([
    [{ underlying: 'USDC' }, 'stablecoin', 0.005, 0.02],
    [{ underlying: 'DAI' }, 'stablecoin', 0.005, 0.02],
    [{ underlying: 'ETH' }, 'major', 0.02, 0.08],
    [{ underlying: 'BTC' }, 'major', 0.02, 0.08],
    [{ underlying: 'AAVE' }, 'other', 0.05, 0.2],
    [{ underlying: 'GHO', class: 'stablecoin' }, 'stablecoin', 0.005, 0.02],
    [{ underlying: 'ETH', maxLensGap: 0.01 }, 'major', 0.01, 0.04],
  ] as const)('of %o are those of a %s', (asset, name, warn, halt) => {
    expect(classOf(asset)).toBe(name)
    expect(lensLimits(asset)).toEqual({ warn, halt })
  })
})

describe('a feed', () => {
  it('that nobody contradicts is the price', () => {
    const { usd, updatedAt, doubts, signals, source } = judge({ protocolUsd: 3_000, market: market(3_020) })
    expect({ usd, updatedAt, doubts, signals, source }).toEqual({
      usd: 3_000,
      updatedAt: at - 100,
      doubts: [],
      signals: [],
      source: undefined,
    })
  })

  it('that a deep market undercuts by more than the limit is valued by the market, and doubted', () => {
    const judged = judge({ protocolUsd: 3_000, market: market(300) })
    expect(judged).toMatchObject({ usd: 300, source: 'the market', isRefused: false })
    expect(judged.doubts[0]).toBe('WETH: the market pays 300 USD, the feed says 3000 USD: one of both is wrong.')
  })

  it('stays the price where the market is higher, or thin', () => {
    expect(judge({ market: market(72_000) })).toMatchObject({ usd: 3_000, doubts: [expect.stringContaining('wrong')] })
    expect(judge({ market: market(300, 50_000) })).toMatchObject({ usd: 3_000 })
  })

  it('is not accused by a mean that lags, nor by a pool that was pushed for a moment', () => {
    expect(judge({ market: market(2_990), quotes: [twap(3_500)] }).doubts).toEqual([])
    expect(judge({ market: market(300), quotes: [twap(3_010)] }).doubts).toEqual([])
  })

  it('that two independent views contradict is refused, and what they say is the price', () => {
    const judged = judge({ first: feed(1), quotes: [second(0.88)], market: market(0.879), limits: stable })
    expect(judged).toMatchObject({ usd: 0.88, source: 'the second feed', isRefused: true })
    expect(judged.doubts[0]).toContain('the feed alone says 1 USD')
    expect(judge({ first: feed(1), protocolUsd: 0.88, market: market(0.879, 50_000), limits: stable })).toMatchObject({
      usd: 0.879,
      source: 'the market',
    })
  })

  it('is not contradicted by one venue alone where a second feed agrees: that is only told', () => {
    const judged = judge({ first: feed(1), quotes: [second(1.001)], market: market(0.65), limits: stable })
    expect(judged).toMatchObject({ usd: 1, doubts: [], signals: [{ code: 'lone-opinion' }] })
  })

  it('is not confirmed by a protocol that repeats it', () => {
    expect(judge({ protocolUsd: 3_000, market: market(2_000) }).doubts).toHaveLength(2)
  })

  it('that a second one contradicts is told beyond the first limit, and doubted beyond the last', () => {
    expect(judge({ quotes: [second(3_090)] })).toMatchObject({ doubts: [], signals: [{ code: 'second-opinion' }] })
    expect(judge({ quotes: [second(3_400)] })).toMatchObject({ usd: 3_000, doubts: [expect.stringContaining('wrong')] })
  })
})

const stable = { warn: 0.005, halt: 0.02 }

describe('a feed that is silent', () => {
  it('leaves no price where nothing else is configured, whatever a market pays', () => {
    const judged = judge({ first: undefined, market: market(3_000), protocolUsd: 3_000, memory: lastSeen(3_000) })
    expect(judged).not.toHaveProperty('usd')
    expect(judged.memory).toEqual(lastSeen(3_000))
  })

  it('is replaced by the next that is configured and not late, by name', () => {
    const quotes = [second(2_995, { isLate: true }), twap(2_990)]
    expect(judge({ first: undefined, quotes })).toMatchObject({
      usd: 2_990,
      source: 'the TWAP',
      doubts: ['WETH: it is valued by the TWAP, at 2990 USD.'],
    })
    expect(judge({ first: feed(3_000, { isLate: true }), quotes })).toMatchObject({ usd: 2_990, source: 'the TWAP' })
  })

  it('that is late without anybody newer keeps its answer', () => {
    expect(judge({ first: feed(3_000, { isLate: true }) })).toMatchObject({ usd: 3_000 })
  })

  it('at its bound is valued by a deep market', () => {
    const reach = { touches: { kind: 'asset', asset: 'WETH' } } as const
    const gaps = [{ subject: 'feed WETH', code: 'price-out-of-bounds', reason: 'clamped', ...reach }]
    expect(judge({ first: undefined, gaps, market: market(90) })).toMatchObject({ usd: 90, isRefused: true })
    expect(judge({ first: undefined, gaps, market: market(90, 50_000) })).not.toHaveProperty('usd')
  })
})

describe('a feed against its past', () => {
  it('that goes back is ignored for the newer answer', () => {
    const first = feed(2_900, { roundId: '7', updatedAt: at - 400 })
    const judged = judge({ first, memory: lastSeen(3_000) })
    expect(judged).toMatchObject({ usd: 3_000, updatedAt: at - 160, memory: { roundId: '8', usd: 3_000 } })
    expect(judged.doubts).toEqual([expect.stringContaining('went back from round 8 to 7')])
  })

  it('that counts its rounds anew with newer answers is doubted once', () => {
    const judged = judge({ first: feed(3_010, { roundId: '1' }), memory: lastSeen(3_000) })
    expect(judged).toMatchObject({ usd: 3_010, doubts: [expect.stringContaining('anew')], memory: { roundId: '1' } })
    expect(judge({ first: feed(3_010, { roundId: '1' }), memory: judged.memory }).doubts).toEqual([])
  })

  it('whose aggregator was replaced is doubted once, and named by its phases', () => {
    const phase = (number: bigint) => ((number << 64n) | 5n).toString()
    const memory = lastSeen(3_000, { roundId: phase(6n) })
    const judged = judge({ first: feed(3_001, { roundId: phase(7n) }), memory })
    expect(judged.doubts).toEqual([expect.stringContaining('in phase 7, it was in phase 6')])
    expect(judge({ first: feed(3_001, { roundId: phase(7n) }), memory: judged.memory }).doubts).toEqual([])
  })

  it('whose new aggregator counts in another unit is refused, and stays so', () => {
    const phase = (number: bigint) => ((number << 64n) | 5n).toString()
    const memory = lastSeen(3_000, { roundId: phase(6n) })
    const first = feed(300_000, { roundId: phase(7n) })
    const judged = judge({ first, memory })
    expect(judged).toMatchObject({ isRefused: true, doubts: [expect.stringContaining('oracle unit suspect')], memory })
    expect(judged).not.toHaveProperty('usd')
    expect(judge({ first, memory: judged.memory })).toMatchObject({ isRefused: true })
    const confirmed = judge({ first, memory, market: market(300_000) })
    expect(confirmed).toMatchObject({ usd: 300_000, doubts: [expect.stringContaining('in phase 7')] })
  })

  it('that jumps alone is refused, again and again, and for a day', () => {
    const first = feed(1.12)
    const judged = judge({ first, memory: lastSeen(3_000) })
    expect(judged).toMatchObject({ isRefused: true, memory: lastSeen(3_000) })
    expect(judged).not.toHaveProperty('usd')
    expect(judged.doubts[0]).toMatch(/oracle unit suspect: .* went from 3000 USD to 1.12 USD within 60 s/)
    expect(judge({ first, memory: lastSeen(3_000, { at: at - 86_401 }) }).isRefused).toBe(false)
  })

  it('that jumps with the market is believed, and told', () => {
    const judged = judge({ first: feed(1_400), market: market(1_420), memory: lastSeen(3_000) })
    expect(judged).toMatchObject({ usd: 1_400, doubts: [], signals: [{ code: 'price-jumped' }] })
  })

  it('that jumps where the market stands is refused, and valued by it', () => {
    const judged = judge({ first: feed(30_000), market: market(3_010), memory: lastSeen(3_000) })
    expect(judged).toMatchObject({ usd: 3_010, isRefused: true })
    expect(judged.doubts[0]).toContain('10^1 times as much')
  })

  it('is told to stand still after three heartbeats of one answer in new rounds', () => {
    const memory = lastSeen(3_000, { sameSince: at - 100 - 3 * 3_600 })
    expect(judge({ memory }).signals).toMatchObject([{ code: 'feed-frozen' }])
    expect(judge({ memory: { ...memory, sameSince: at - 3 * 3_600 } }).signals).toEqual([])
    expect(judge({ memory: { ...memory, usd: 2_999 } }).memory?.sameSince).toBe(at - 100)
  })
})

describe('a feed that promises to follow', () => {
  const promise = { deviationBps: 50, first: feed(3_000, { updatedAt: at - 600 }) }
  it('is doubted where it stands while every market has left it', () => {
    expect(judge({ ...promise, market: market(2_960) }).doubts).toEqual([
      expect.stringContaining('moved 1.33 % away from the feed, which stands still for 10 min and follows every 0.5 %'),
    ])
    expect(judge({ ...promise, market: market(2_960), quotes: [twap(2_970)] }).doubts).toHaveLength(1)
  })

  it('is given a moment, twice its own step, and the doubt of two markets that differ', () => {
    expect(judge({ ...promise, first: feed(3_000), market: market(2_960) }).doubts).toEqual([])
    expect(judge({ ...promise, market: market(2_971) }).doubts).toEqual([])
    expect(judge({ ...promise, market: market(2_960), quotes: [twap(3_010)] }).doubts).toEqual([])
    expect(judge({ ...promise }).doubts).toEqual([])
  })
})

describe('a wrong unit', () => {
  it('is found by a power of ten, from a hundred on: a market can fall by nine tenths', () => {
    const judged = judge({ first: feed(30_000_000), protocolUsd: 3_000, market: market(3_010, 50_000) })
    expect(judged.doubts[0]).toContain('10^4 times as much')
    expect(judge({ first: feed(30_000_000), market: market(3_010) })).toMatchObject({ isRefused: true, usd: 3_010 })
  })

  it('is found where an answer is told in another asset (Moonwell, February 2026)', () => {
    const prices = [{ asset: 'WETH', usd: 2_000 }]
    const judged = judge({ symbol: 'cbETH', first: feed(1.12), market: market(2_240), prices })
    expect(judged).toMatchObject({ isRefused: true, usd: 2_240 })
    expect(judged.doubts[0]).toContain('if it were told in WETH')
  })
})

const usd = fc.double({ min: 1e-6, max: 1e9, noNaN: true })
const dated = (make: (usd: number) => DatedOpinion) =>
  fc.tuple(usd, fc.boolean()).map(([price, isLate]) => ({ ...make(price), isLate }))

describe('whoever says what', () => {
  it('the price is a number that somebody said, and another than the first’s has its reasons', () => {
    const anybody = fc.record({
      first: fc.option(dated(feed), { nil: undefined }),
      quotes: fc.array(fc.oneof(dated(second), dated(twap)), { maxLength: 3 }),
      protocolUsd: fc.option(usd, { nil: undefined }),
      market: fc.option(
        usd.map((price) => market(price)),
        { nil: undefined },
      ),
      memory: fc.option(
        usd.map((price) => lastSeen(price)),
        { nil: undefined },
      ),
    })
    fc.assert(
      fc.property(anybody, (said) => {
        const judged = judge(said)
        const { first, quotes, market: pool, memory } = said
        const known = [first, ...quotes, pool, memory].flatMap((one) => one?.usd ?? [])
        expect(judged.usd === undefined || known.includes(judged.usd)).toBe(true)
        if (judged.usd !== first?.usd || judged.isRefused)
          expect(first === undefined || judged.doubts.length > 0).toBe(true)
        if (judged.source !== undefined) expect(judged.doubts.join()).toContain(`it is valued by ${judged.source}`)
        expect(JSON.stringify(judged)).not.toMatch(/NaN|Infinity|undefined|null/)
      }),
    )
  })

  it('the same views a second time are judged alike, with the memory of the first', () => {
    fc.assert(
      fc.property(dated(feed), dated(second), usd, (first, other, pool) => {
        const once = judge({ first, quotes: [other], market: market(pool) })
        const twice = judge({ first, quotes: [other], market: market(pool), memory: once.memory })
        expect({ ...twice, memory: undefined }).toEqual({ ...once, memory: undefined })
      }),
    )
  })
})
