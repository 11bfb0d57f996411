// The rules of trust, row by row: what each gap, lateness and disagreement does to assets, positions and the portfolio.

import { describe, expect, it } from 'vitest'
import type { Reading } from '../../lib/model/reading.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { at, gap, healthy, settings } from './fixture.ts'

const take = (change: Partial<Reading>) => assemble({ reading: { ...healthy, ...change }, settings })
const feedsBut = (asset: string) => healthy.feeds.filter((feed) => feed.asset !== asset)
const feedWith = (asset: string, change: object) =>
  healthy.feeds.map((feed) => (feed.asset === asset ? { ...feed, ...change } : feed))
const assetGap = (asset: string, code?: string) => gap({ kind: 'asset', asset }, code)
const positionGap = (positionId: string) => gap({ kind: 'position', positionId })

/** All that is not FRESH, by name. */
function troubles({ prices, positions, dataState }: Snapshot): Record<string, string> {
  const named = [
    ...prices.map(({ asset, dataState: { kind } }) => [asset, kind] as const),
    ...positions.map(({ id, dataState: { kind } }) => [id, kind] as const),
    ['portfolio', dataState.kind] as const,
  ]
  return Object.fromEntries(named.filter(([, kind]) => kind !== 'FRESH'))
}

const lending = (change: object) => healthy.lending.map((account) => ({ ...account, ...change }))
const reported = { collateralUsd: 30_000, debtUsd: 10_000, liquidationThreshold: 0.8, healthFactor: 2.4 }
const protocolUsd = (usd: number) =>
  healthy.protocolPrices.map((price) => (price.asset === 'WETH' ? { ...price, usd } : price))
const scaled = (ratio: number) => lending({ reported: { ...reported, collateralUsd: 30_000 * ratio } })
const D = 'DEGRADED'
const B = 'BLIND'

describe('trust', () => {
  const rows: readonly (readonly [string, Partial<Reading>, Record<string, string>])[] = [
    ['all is well', {}, {}],
    [
      'a late feed degrades its asset and what needs it',
      { feeds: feedWith('WETH', { updatedAt: at - 3_661 }), gaps: [assetGap('WETH', 'feed-stale')] },
      { WETH: D, 'aave-v3': D, 'uniswap-v3:12': D, portfolio: D },
    ],
    [
      'a late feed that the sources did not notice degrades too',
      { feeds: feedWith('WBTC', { updatedAt: at - 3_661 }) },
      { WBTC: D, 'wallet:WBTC': D, portfolio: D },
    ],
    [
      'a market 8 % below the protocol says so of the collateral',
      { poolPrices: healthy.poolPrices.map((pool) => ({ ...pool, price: 2_700 })) },
      { WETH: D, 'aave-v3': D, 'uniswap-v3:12': D, portfolio: D },
    ],
    ['a feed at the end of its grace is in time', { feeds: feedWith('WBTC', { updatedAt: at - 3_660 }) }, {}],
    [
      'a missing price blinds the asset and degrades what needs it',
      { feeds: feedsBut('WETH'), gaps: [assetGap('WETH')] },
      { WETH: B, 'aave-v3': D, 'uniswap-v3:12': D, portfolio: D },
    ],
    [
      'a price that nothing needs degrades nothing else',
      { feeds: feedsBut('WBTC'), gaps: [assetGap('WBTC')], balances: [] },
      { WBTC: B },
    ],
    [
      'feed and protocol 2.1 % apart degrade the asset',
      { protocolPrices: protocolUsd(3_063), lending: scaled(1.021) },
      { WETH: D, 'aave-v3': D, 'uniswap-v3:12': D, portfolio: D },
    ],
    ['feed and protocol 1.9 % apart do not', { protocolPrices: protocolUsd(3_057), lending: scaled(1.019) }, {}],
    [
      'a protocol that reports more collateral than its legs explain degrades the account',
      { lending: scaled(1.01) },
      { 'aave-v3': D, portfolio: D },
    ],
    [
      'a protocol that reports more debt than its legs explain degrades the account',
      { lending: lending({ reported: { ...reported, debtUsd: 11_000 } }) },
      { 'aave-v3': D, portfolio: D },
    ],
    [
      'thresholds that are not the protocol\u2019s degrade the account',
      { lending: lending({ reported: { ...reported, liquidationThreshold: 0.93 } }) },
      { 'aave-v3': D, portfolio: D },
    ],
    [
      'a position that was not read degrades the portfolio',
      { ranges: [], gaps: [positionGap('uniswap-v3:12')] },
      { portfolio: D },
    ],
    [
      'a balance that was not read degrades the portfolio',
      { balances: healthy.balances.slice(1), gaps: [positionGap('wallet:WETH')] },
      { portfolio: D },
    ],
    [
      'a gap in a position that was read degrades it',
      { gaps: [positionGap('uniswap-v3:12')] },
      { 'uniswap-v3:12': D, portfolio: D },
    ],
    [
      'a lending account that was not read blinds the portfolio',
      { lending: [], gaps: [positionGap('aave-v3')] },
      { portfolio: B },
    ],
    [
      'no price at all blinds the portfolio',
      { feeds: [], gaps: ['WETH', 'WBTC', 'USDC'].map((asset) => assetGap(asset)) },
      { WETH: B, WBTC: B, USDC: B, 'wallet:WBTC': D, 'wallet:USDC': D, 'aave-v3': D, 'uniswap-v3:12': D, portfolio: B },
    ],
    [
      'a chain that was not read blinds everything',
      {
        feeds: [],
        balances: [],
        lending: [],
        ranges: [],
        protocolPrices: [],
        poolPrices: [],
        gaps: [gap({ kind: 'everything' })],
      },
      { WETH: B, WBTC: B, USDC: B, portfolio: B },
    ],
    ['context degrades nothing', { gaps: [gap({ kind: 'context' })] }, {}],
    ['an account that holds nothing is no trouble', { balances: [], lending: [], ranges: [] }, {}],
  ]
  it.each(rows)('%s', (_, change, expected) => {
    expect(troubles(take(change))).toEqual(expected)
  })

  it('gives every reason once, in words', () => {
    const { dataState } = take({ gaps: [positionGap('uniswap-v3:12'), positionGap('wallet:USDC')] })
    expect(dataState).toEqual({ kind: 'DEGRADED', reasons: ['it was not read'] })
  })
})

describe('a market that has left the protocol', () => {
  const market = (price: number) => take({ poolPrices: healthy.poolPrices.map((pool) => ({ ...pool, price })) })

  it.each([2_900, 3_100])('at %i is told as context and degrades nothing', (price) => {
    const snapshot = market(price)
    expect(snapshot.gaps).toMatchObject([{ code: 'lens-gap', touches: { kind: 'context' } }])
    expect(snapshot.gaps[0]?.reason).toMatch(/WETH: the market pays -?3\.33 %/)
    expect(troubles(snapshot)).toEqual({})
  })

  it.each([2_750, 3_250])('at %i, beyond four times as much, degrades the asset: one of both is wrong', (price) => {
    expect(troubles(market(price))).toEqual({ WETH: D, 'aave-v3': D, 'uniswap-v3:12': D, portfolio: D })
  })

  it('in a pool that anybody could have opened degrades nothing', () => {
    const poolPrices = healthy.poolPrices.map((pool) => ({ ...pool, price: 30_000, liquidity: '100000000000000' }))
    const snapshot = take({ poolPrices })
    expect(snapshot.gaps).toMatchObject([{ code: 'lens-gap' }])
    expect(troubles(snapshot)).toEqual({})
  })

  it('by less than its class may stray is not told', () => {
    expect(market(3_050).gaps).toEqual([])
  })
})
