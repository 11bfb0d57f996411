// What a reading becomes: positions with their terms, prices in three views, an id that follows the blocks.

import { describe, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { instruments } from '../../lib/instruments/index.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { at, healthy, settings } from './fixture.ts'

const snapshot = assemble({ reading: healthy, settings })

describe('positions', () => {
  it('are what is held: balances of zero hold nothing', () => {
    expect(snapshot.positions.map(({ id, label }) => [id, label])).toEqual([
      ['wallet:WBTC', 'WBTC in the account'],
      ['wallet:USDC', 'USDC in the account'],
      ['aave-v3', 'Aave v3 loan'],
      ['uniswap-v3:12', 'WETH/USDC 0.05 % range #12'],
    ])
  })

  it('carry the terms of their instruments', () => {
    expect(snapshot.positions.map(({ instrument }) => instrument)).toEqual([
      { kind: 'spot', terms: { asset: 'WBTC', quantity: 1.5 } },
      { kind: 'spot', terms: { asset: 'USDC', quantity: 2_000 } },
      {
        kind: 'loan',
        terms: {
          collateral: [{ asset: 'WETH', quantity: 10, liquidationThreshold: 0.8, rate: 0.01 }],
          debt: [{ asset: 'USDC', quantity: 10_000, rate: 0.05 }],
        },
      },
      {
        kind: 'uniswap-v3-range',
        terms: {
          asset0: 'WETH',
          asset1: 'USDC',
          liquidity: 1_000,
          lowerPrice: 2_061,
          upperPrice: 5_603,
          owed0: 0.001,
          owed1: 3,
          poolPrice: 3_003,
        },
      },
    ])
  })

  it('pass the schemas of their instruments', () => {
    for (const { instrument } of snapshot.positions) {
      const schema = instruments.find(({ kind }) => kind === instrument.kind)?.terms
      expect(schema && z.safeParse(schema, instrument.terms).success).toBe(true)
    }
  })

  it('count what is supplied but not used as collateral without weight', () => {
    const [account] = healthy.lending
    if (account === undefined) throw new Error('the fixture has an account')
    const legs = account.legs.map((leg) => ({ ...leg, usedAsCollateral: false, stableDebt: 5 }))
    const reading = { ...healthy, lending: [{ ...account, legs }] }
    const loan = assemble({ reading, settings }).positions.find(({ id }) => id === 'aave-v3')
    expect(loan?.instrument.terms).toEqual({
      collateral: [{ asset: 'WETH', quantity: 10, liquidationThreshold: 0, rate: 0.01 }],
      debt: [
        { asset: 'WETH', quantity: 5, rate: 0.05 },
        { asset: 'USDC', quantity: 10_005, rate: 0.05 },
      ],
    })
  })
})

describe('prices', () => {
  it('show the feed, the protocol and the market side by side', () => {
    const [weth, wbtc, usdc] = snapshot.prices
    expect(weth).toMatchObject({ asset: 'WETH', usd: 3_000, ageSeconds: 100, protocolUsd: 3_000, marketUsd: 3_003 })
    expect(weth?.lensGap).toBeCloseTo(0.001, 12)
    expect(wbtc).not.toHaveProperty('protocolUsd')
    expect(usdc).not.toHaveProperty('marketUsd')
  })

  it('take the market from the deepest pool, whatever the decimals of its quote', () => {
    const [pool] = healthy.poolPrices
    if (pool === undefined) throw new Error('the fixture has a pool')
    // WETH against WBTC: 1e14 raw is 10 whole units of L at 18 and 8 decimals, 1e18 is 1e6 at 18 and 6.
    const shallow = { ...pool, quote: 'WBTC', price: 0.06, liquidity: '100000000000000' }
    const prices = assemble({ reading: { ...healthy, poolPrices: [shallow, pool] }, settings }).prices
    expect(prices[0]?.marketUsd).toBe(3_003)
    const deep = { ...shallow, liquidity: '100000000000000000000000' }
    const others = assemble({ reading: { ...healthy, poolPrices: [pool, deep] }, settings }).prices
    expect(others[0]?.marketUsd).toBeCloseTo(3_600, 9)
  })

  it('compare the market with the feed where no lending protocol believes anything', () => {
    const [weth] = assemble({ reading: { ...healthy, protocolPrices: [] }, settings }).prices
    expect(weth?.lensGap).toBeCloseTo(0.001, 12)
  })
})

describe('the id', () => {
  it('names portfolio, time and blocks, and equal readings have equal ids', () => {
    expect(snapshot.id).toMatch(new RegExp(`^treasury#${at}#[0-9a-f]{16}$`))
    expect(assemble({ reading: structuredClone(healthy), settings }).id).toBe(snapshot.id)
  })

  it('changes with the block, also to none', () => {
    const { block, ...withoutBlock } = healthy
    if (block === undefined) throw new Error('the fixture has a block')
    const reorged = { ...healthy, block: { ...block, hash: `0x${'cd'.repeat(32)}` } as const }
    const ids = [healthy, reorged, withoutBlock].map((reading) => assemble({ reading, settings }).id)
    expect(new Set(ids).size).toBe(3)
  })
})

it('a snapshot is plain JSON', () => {
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
})
