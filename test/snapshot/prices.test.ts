// Prices of assets with further sources, from a reading to a snapshot: what they are told in, how late, how thin, and on which chain.

import { describe, expect, it } from 'vitest'
import type { AssetConfig, PortfolioSettings } from '../../lib/model/configuration.ts'
import type { PriceQuote } from '../../lib/model/price-quote.ts'
import type { Reading } from '../../lib/model/reading.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { assetPrices } from '../../lib/snapshot/prices.ts'
import { at, healthy, settings } from './fixture.ts'

const day = 86_400
const wrapped: AssetConfig = {
  symbol: 'wstETH',
  underlying: 'ETH',
  decimals: 18,
  address: `0x${'77'.repeat(20)}`,
  prices: [{ kind: 'exchange-rate', settings: {} }],
}
const rate: PriceQuote = {
  asset: 'wstETH',
  kind: 'exchange-rate',
  label: 'exchange rate to WETH',
  role: 'oracle',
  price: 1.2,
  per: 'WETH',
  updatedAt: at - 5,
  goodForSeconds: 129_600,
}
const twap: PriceQuote = {
  ...rate,
  kind: 'uniswap-v3-twap',
  label: 'Uniswap v3 TWAP of 30 min',
  role: 'market',
  depth: 100,
  minDepthUsd: 100_000,
}

const withAsset: PortfolioSettings = {
  ...settings,
  chain: { ...settings.chain, assets: [...settings.chain.assets, wrapped] },
}
const balances = [...healthy.balances, { asset: 'wstETH', quantity: 10, units: '10000000000000000000' }]
const take = (quotes: readonly PriceQuote[], change: Partial<Reading> = {}) =>
  assemble({ reading: { ...healthy, balances, quotes, ...change }, settings: withAsset })
const priceOf = (snapshot: ReturnType<typeof take>, symbol = 'wstETH') =>
  snapshot.prices.find(({ asset }) => asset === symbol)

describe('an asset without a feed', () => {
  it('is valued with its first source, in dollars', () => {
    const snapshot = take([rate])
    expect(priceOf(snapshot)).toMatchObject({ usd: 3_600, ageSeconds: 5, dataState: { kind: 'FRESH' } })
    expect(priceOf(snapshot)).not.toHaveProperty('source')
    const position = assess({ snapshot }).positions.find(({ positionId }) => positionId === 'wallet:wstETH')
    expect(position).toMatchObject({ valueUsd: 36_000, dataState: { kind: 'FRESH' } })
  })

  it('is no better than what its price is told in', () => {
    const feeds = healthy.feeds.map((feed) => (feed.asset === 'WETH' ? { ...feed, updatedAt: at - 2 * day } : feed))
    expect(priceOf(take([rate], { feeds }))).toMatchObject({ usd: 3_600, dataState: { kind: 'DEGRADED' } })
    const none = take([rate], { feeds: healthy.feeds.filter(({ asset }) => asset !== 'WETH') })
    expect(priceOf(none)).toMatchObject({ dataState: { kind: 'BLIND' } })
  })

  it('is doubted where its market pays far less than its rate', () => {
    const depegged = { ...twap, price: 1.05 }
    expect(priceOf(take([rate, depegged]))).toMatchObject({
      usd: 3_150,
      source: 'the Uniswap v3 TWAP of 30 min',
      dataState: {
        kind: 'DEGRADED',
        reasons: expect.arrayContaining([expect.stringContaining('one of both is wrong')]),
      },
    })
    expect(priceOf(take([rate, { ...twap, price: 1.19 }]))).toMatchObject({ usd: 3_600, dataState: { kind: 'FRESH' } })
  })

  it('is not contradicted by a market that is thin, and says so', () => {
    const snapshot = take([rate, { ...twap, price: 1, depth: 10 }])
    expect(priceOf(snapshot)).toMatchObject({
      usd: 3_600,
      dataState: { kind: 'FRESH' },
      signals: [{ code: 'thin-market' }],
    })
    expect(snapshot.gaps).toMatchObject([{ code: 'thin-market', touches: { kind: 'context' } }])
    const alone = take([{ ...twap, kind: 'exchange-rate', depth: 10 }])
    expect(priceOf(alone)).toMatchObject({
      dataState: { kind: 'BLIND', reasons: [expect.stringContaining('selling fetches 30000 USD')] },
    })
  })

  it('is valued with the next where the first says nothing, by name', () => {
    expect(priceOf(take([{ ...twap, price: 1.19 }]))).toMatchObject({
      usd: 3_570,
      source: 'the Uniswap v3 TWAP of 30 min',
      dataState: { kind: 'DEGRADED' },
    })
  })

  it('is worth less while a published value is late', () => {
    const nav: PriceQuote = {
      ...rate,
      label: 'published NAV',
      updatedAt: at - 6 * day,
      goodForSeconds: 4 * day,
      haircut: 0.01,
    }
    expect(priceOf(take([nav]))).toMatchObject({ usd: 3_600 * 0.99, dataState: { kind: 'DEGRADED' } })
  })
})

describe('two assets whose prices are told in each other', () => {
  it('are each converted by the other’s feed', () => {
    const quotes: readonly PriceQuote[] = [
      { ...rate, asset: 'WETH', per: 'USDC', price: 3_010, label: 'second feed' },
      { ...rate, asset: 'USDC', per: 'WETH', price: 1 / 3_000, label: 'second feed' },
    ]
    const snapshot = take(quotes)
    expect([priceOf(snapshot, 'WETH')?.usd, priceOf(snapshot, 'USDC')?.usd]).toEqual([3_000, 1])
    const silent = take(quotes, { feeds: healthy.feeds.filter(({ asset }) => asset !== 'WETH') })
    expect(priceOf(silent, 'WETH')).toMatchObject({ usd: 3_010, source: 'the second feed' })
  })
})

describe('on a further chain', () => {
  const elsewhere: PortfolioSettings = {
    ...settings,
    portfolio: { ...settings.portfolio, elsewhere: [{ chain: 'arbitrum', account: wrapped.address }] },
    elsewhere: [{ chain: { ...withAsset.chain, id: 'arbitrum', chainId: 42_161 }, account: wrapped.address }],
  }
  it('a source is that of its own chain, told in an asset of it', () => {
    const { portfolioId: _, configVersion: __, at: ___, ...said } = healthy
    const arbitrum = {
      ...said,
      chainId: 42_161,
      lending: [],
      ranges: [],
      quotes: [rate],
      feeds: healthy.feeds.map((feed) => (feed.asset === 'WETH' ? { ...feed, usd: 3_010 } : feed)),
    }
    const snapshot = assemble({ reading: { ...healthy, elsewhere: [arbitrum] }, settings: elsewhere })
    expect(priceOf(snapshot, 'wstETH@arbitrum')?.usd).toBeCloseTo(1.2 * 3_010, 9)
    expect(snapshot.priceMemory?.map(({ asset }) => asset)).toContain('wstETH@arbitrum')
  })
})

describe('what is remembered', () => {
  it('is kept while nothing can be read, and compared with what comes after', () => {
    const first = take([rate])
    const kept = assemble({
      reading: { ...healthy, feeds: [], poolPrices: [], protocolPrices: [] },
      settings: withAsset,
      priceMemory: first.priceMemory,
    })
    expect(kept.priceMemory).toEqual(first.priceMemory)
    const jumped = assemble({
      reading: {
        ...healthy,
        at: at + 120,
        poolPrices: [],
        protocolPrices: [],
        feeds: healthy.feeds.map((feed) => ({ ...feed, usd: feed.usd * 10, roundId: '10', updatedAt: at + 60 })),
      },
      settings: withAsset,
      priceMemory: kept.priceMemory,
    })
    expect(jumped.prices.map(({ isRefused }) => isRefused)).toEqual([true, true, true, undefined])
  })

  it('says nothing of a feed that took the place of another', () => {
    const first = take([])
    const moved = (asset: AssetConfig) => ({
      ...asset,
      ...(asset.feed === undefined ? {} : { feed: { ...asset.feed, address: wrapped.address } }),
    })
    const snapshot = assemble({
      reading: {
        ...healthy,
        poolPrices: [],
        protocolPrices: [],
        feeds: healthy.feeds.map((feed) => ({ ...feed, usd: feed.usd * 10, roundId: '1' })),
      },
      settings: { ...settings, chain: { ...settings.chain, assets: settings.chain.assets.map(moved) } },
      priceMemory: first.priceMemory,
    })
    expect(snapshot.prices.map(({ dataState }) => dataState.kind)).toEqual(['FRESH', 'FRESH', 'FRESH'])
  })
})

describe('who only repeats a feed', () => {
  const weth = settings.chain.assets[0]?.feed?.address ?? ''
  const priceMemory = [{ asset: 'WETH', from: weth, at: at - 60, usd: 3_000, updatedAt: at - 200, sameSince: at - 200 }]
  const jumped = healthy.feeds.map((one) => (one.asset === 'WETH' ? { ...one, usd: 9_000 } : one))
  const against = (quote: string, price: number) =>
    healthy.poolPrices.map((pool) => ({ ...pool, quote, price, liquidity: `1${'0'.repeat(24)}` }))
  const judge = (change: Partial<Reading>) =>
    priceOf(
      assemble({
        reading: { ...healthy, feeds: jumped, protocolPrices: [], quotes: [rate], ...change },
        settings: withAsset,
        priceMemory,
      }),
      'WETH',
    )

  it('is no witness of its jump: a pool against a token that is priced by that very feed', () => {
    const price = judge({ poolPrices: against('wstETH', 1 / 1.2) })
    expect(price).toMatchObject({ isRefused: true, dataState: { kind: 'BLIND' } })
    expect(price).not.toHaveProperty('usd')
  })

  it('does not silence a market that says otherwise', () => {
    const poolPrices = [...against('wstETH', 1 / 1.2), ...healthy.poolPrices]
    expect(judge({ poolPrices })).toMatchObject({ usd: 3_003, source: 'the market', dataState: { kind: 'DEGRADED' } })
  })
})

it('pools between all assets are looked at a bounded number of times', () => {
  const [first] = settings.chain.assets
  const [pool] = healthy.poolPrices
  if (first === undefined || pool === undefined) throw new Error('There is nothing to copy.')
  const assets = Array.from({ length: 9 }, (_, index) => ({ ...first, symbol: `A${index}`, underlying: `A${index}` }))
  const feeds = assets.map(({ symbol }) => ({ asset: symbol, usd: 1, updatedAt: at - 1, roundId: '1' }))
  const poolPrices = assets.flatMap(({ symbol: base }) =>
    assets.flatMap(({ symbol: quote }) => (base === quote ? [] : [{ ...pool, base, quote, price: 1 }])),
  )
  let looks = 0
  const reading = {
    ...{ at, feeds, protocolPrices: [], gaps: [] },
    get poolPrices() {
      looks += 1
      return poolPrices
    },
  }
  expect(assetPrices({ reading, assets }).prices.every(({ dataState }) => dataState.kind === 'FRESH')).toBe(true)
  expect(looks).toBeLessThanOrEqual(9 * 9 * 9)
})
