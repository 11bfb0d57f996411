// GMX v2: prices from the chain's feeds, every call that fails, Readers of other versions, settings that differ, and where a position is liquidated.

import * as fc from 'fast-check'
import { zeroAddress, zeroHash } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detailsOf } from '../../lib/instruments/value.ts'
import type { Address } from '../../lib/model/identity.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { gmxV2 } from '../../lib/sources/protocols/gmx-v2.ts'
import {
  claimableFundingKey,
  gmxReaderAbi,
  gmxStoreAbi,
  liquidationImpactKey,
  openInterestKey,
  positionKey,
  profitsAtWithdrawal,
} from '../../lib/sources/protocols/gmx-v2-abi.ts'
import { maintenanceRate } from '../../lib/sources/protocols/gmx-v2-position.ts'
import { poolTokensAbi } from '../../lib/sources/protocols/pool-tokens.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, sayRound, seedTreasury, usdc, weth, wethFeed } from './fixture/treasury.ts'

const contract = (pair: string): Address => `0x${pair.repeat(20)}`
const reader = contract('e1')
const dataStore = contract('e2')
const referralStorage = contract('e3')
const market = contract('f1')
const indexToken = contract('f2')
const usd = 10n ** 30n
const wad = 10n ** 18n

const props = { marketToken: market, indexToken, longToken: weth, shortToken: usdc }
const price = (min: bigint) => ({ min, max: min })
/** 3,000 for 10^18 units, and 1 for 10^6. */
const prices = {
  indexTokenPrice: price(3_000n * 10n ** 12n),
  longTokenPrice: price(3_000n * 10n ** 12n),
  shortTokenPrice: price(10n ** 24n),
}

/** 10 ether long at 2,900 on 5,000 USDC. */
const numbers = {
  sizeInUsd: 29_000n * usd,
  sizeInTokens: 10n * wad,
  collateralAmount: 5_000_000000n,
  pendingImpactAmount: 0n,
  borrowingFactor: 1n,
  fundingFeeAmountPerSize: 2n,
  longTokenClaimableFundingAmountPerSize: 3n,
  shortTokenClaimableFundingAmountPerSize: 4n,
  increasedAtTime: 5n,
  decreasedAtTime: 6n,
}
const position = (
  change: { readonly account?: Address; readonly market?: Address; readonly collateralToken?: Address } = {},
) => ({
  addresses: { account, market, collateralToken: usdc, ...change },
  numbers,
  flags: { isLong: true },
})
/** 20 of borrowing, 30 of funding and 15 for closing are due. */
const fees = {
  referral: {
    referralCode: zeroHash,
    affiliate: zeroAddress,
    trader: zeroAddress,
    totalRebateFactor: 0n,
    affiliateRewardFactor: 0n,
    adjustedAffiliateRewardFactor: 0n,
    traderDiscountFactor: 0n,
    totalRebateAmount: 0n,
    traderDiscountAmount: 0n,
    affiliateRewardAmount: 0n,
  },
  pro: { traderTier: 0n, traderDiscountFactor: 0n, traderDiscountAmount: 0n },
  funding: {
    fundingFeeAmount: 30_000000n,
    claimableLongTokenAmount: wad / 100n,
    claimableShortTokenAmount: 0n,
    latestFundingFeeAmountPerSize: 0n,
    latestLongTokenClaimableFundingAmountPerSize: 0n,
    latestShortTokenClaimableFundingAmountPerSize: 0n,
  },
  borrowing: {
    borrowingFeeUsd: 20n * usd,
    borrowingFeeAmount: 20_000000n,
    borrowingFeeReceiverFactor: 0n,
    borrowingFeeAmountForFeeReceiver: 0n,
  },
  ui: { uiFeeReceiver: zeroAddress, uiFeeReceiverFactor: 0n, uiFeeAmount: 0n },
  liquidation: {
    liquidationFeeUsd: 0n,
    liquidationFeeAmount: 0n,
    liquidationFeeReceiverFactor: 0n,
    liquidationFeeAmountForFeeReceiver: 0n,
  },
  collateralTokenPrice: prices.shortTokenPrice,
  positionFeeFactor: 0n,
  protocolFeeAmount: 0n,
  positionFeeReceiverFactor: 0n,
  feeReceiverAmount: 0n,
  feeAmountForPool: 0n,
  positionFeeAmountForPool: 0n,
  positionFeeAmount: 15_000000n,
  totalCostAmountExcludingFunding: 35_000000n,
  totalCostAmount: 65_000000n,
  totalDiscountAmount: 0n,
}
/** Opening cost 40, closing costs 60 more, of which a liquidation takes 29 in all. */
const info = {
  positionKey: zeroHash,
  position: position(),
  fees,
  executionPriceResult: {
    priceImpactUsd: -60n * usd,
    executionPrice: 0n,
    balanceWasImproved: false,
    proportionalPendingImpactUsd: -40n * usd,
    totalImpactUsd: -100n * usd,
    priceImpactDiffUsd: 0n,
  },
  basePnlUsd: 1_000n * usd,
  uncappedBasePnlUsd: 1_000n * usd,
  pnlAfterPriceImpactUsd: 900n * usd,
}
/** 5,000 + 1,000 - 65 - 29. */
const liquidatable = (remaining: bigint) =>
  [
    false,
    '',
    { remainingCollateralUsd: remaining, minCollateralUsd: usd, minCollateralUsdForLeverage: 290n * usd },
  ] as const

const store = (key: `0x${string}`, value: bigint): ScriptedCall => [dataStore, gmxStoreAbi, 'getUint', [key], value]
const key = positionKey([account, market, usdc, true])
const pages = (positions: readonly object[]): ScriptedCall => [
  reader,
  gmxReaderAbi,
  'getAccountPositions',
  [dataStore, account, 0n, 100n],
  positions,
]
const infoCall = (of: object): ScriptedCall => [
  reader,
  gmxReaderAbi,
  'getPositionInfo',
  [dataStore, referralStorage, key, prices, 0n, zeroAddress, true],
  of,
]
const verdictCall = (remaining: bigint): ScriptedCall => [
  reader,
  gmxReaderAbi,
  'isPositionLiquidatable',
  [dataStore, referralStorage, key, props, prices, true, true],
  liquidatable(remaining),
]
const marketCall: ScriptedCall = [reader, gmxReaderAbi, 'getMarket', [dataStore, market], props]
const held = (shares: bigint): ScriptedCall => [market, poolTokensAbi, 'balanceOf', [account], shares]
const supply = (shares: bigint): ScriptedCall => [market, poolTokensAbi, 'totalSupply', [], shares]
const claim = (token: Address, units: bigint) => store(claimableFundingKey(market, token, account), units)
const interest = (token: Address, isLong: boolean, units: bigint) =>
  store(openInterestKey(market, token, isLong), units)
const impactFactor = store(liquidationImpactKey(market), 10n ** 27n)
const shareCall = (longTokenUsd = 300_000n * usd): ScriptedCall => [
  reader,
  gmxReaderAbi,
  'getMarketTokenPrice',
  [dataStore, props, prices.indexTokenPrice, prices.longTokenPrice, prices.shortTokenPrice, profitsAtWithdrawal, false],
  [
    // 1,000 shares of 500,000 less 1,000.
    499n * usd,
    {
      poolValue: 499_000n * usd,
      longPnl: 1_500n * usd,
      shortPnl: -500n * usd,
      netPnl: 1_000n * usd,
      longTokenAmount: 100n * wad,
      shortTokenAmount: 200_000_000000n,
      longTokenUsd,
      shortTokenUsd: 200_000n * usd,
      totalBorrowingFees: 0n,
      borrowingFeePoolFactor: usd,
      impactPoolAmount: 2n * wad,
      lentImpactPoolAmount: wad,
    },
  ],
]
const common: readonly ScriptedCall[] = [
  marketCall,
  [market, decimalsAbi, 'decimals', [], 18],
  [weth, decimalsAbi, 'decimals', [], 18],
  [usdc, decimalsAbi, 'decimals', [], 6],
]
const claims: readonly ScriptedCall[] = [claim(weth, 0n), claim(usdc, 0n)]
const pool: readonly ScriptedCall[] = [
  supply(1_000n * wad),
  interest(weth, true, 30n * wad),
  interest(usdc, true, 10n * wad),
  interest(weth, false, 0n),
  interest(usdc, false, 15n * wad),
]
const remaining = 5_906n * usd

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [...common, ...claims, ...pool, impactFactor, held(0n), shareCall()])
  sayAll(chain, [pages([position()]), infoCall(info), verdictCall(remaining)])
})
afterEach(() => chain.stop())

const setting = { address: market, underlying: 'ETH', indexToken, indexDecimals: 18, long: 'WETH', short: 'USDC' }
const settings = { reader, dataStore, referralStorage, markets: [setting] }
const read = (change: object = {}) =>
  readWith(chain, { name: gmxV2.name, settings: { ...settings, markets: [{ ...setting, ...change }] } })
const id = `gmx-v2:${market}:USDC:long`
const touches = (positionId: string) => ({ kind: 'position', positionId })

describe('a position', () => {
  it('has its size, its collateral and what is due, in two round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const terms = {
      asset: 'ETH',
      quantity: 10,
      entryPrice: 2_900,
      // Borrowing, and the impact of opening.
      accruedFunding: -60,
      margin: [
        { asset: 'USDC', quantity: 4_970 },
        { asset: 'WETH', quantity: 0.01, haircut: 1 },
      ],
      maintenance: [{ floor: 0, rate: expect.closeTo(294 / 24_384, 12) }],
    }
    const instrument = { kind: 'linear-perp', terms }
    expect(positions).toEqual([{ id, label: 'GMX v2 ETH long in USDC', instrument, needs: ['ETH', 'USDC', 'WETH'] }])
  })

  it('is valued at the feeds, and is fresh', async () => {
    const snapshot = assemble({ reading: await read(), settings: settingsOfChain(chain.url, gmxV2.name, settings) })
    expect(snapshot.positions.find((one) => one.id === id)?.dataState).toEqual({ kind: 'FRESH' })
  })

  it.each([
    ['more than its parts', remaining + usd, []],
    ['more by fees that are not booked', remaining + 50n * usd, []],
    ['less than its parts', remaining - usd, ['remaining-collateral-differs']],
    ['more than its parts and its fees', remaining + 51n * usd, ['remaining-collateral-differs']],
  ] as const)('of which the protocol says that there is left %s has the right doubts', async (_, left, codes) => {
    sayAll(chain, [verdictCall(left)])
    const { gaps, positions } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps.map(({ code }) => code)).toEqual(codes)
  })

  it.each([
    ['another price', { fees: { ...fees, collateralTokenPrice: price(10n ** 24n + 1n) } }],
    ['another profit', { uncappedBasePnlUsd: 1_001n * usd }],
    ['another size', { position: { ...position(), numbers: { ...numbers, sizeInTokens: 9n * wad } } }],
  ])('for which the Reader answers %s is a gap', async (_, change) => {
    sayAll(chain, [infoCall({ ...info, ...change })])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'unknown-reader', touches: touches(id) }])
  })

  it('that cannot be looked into is a gap', async () => {
    takeBack(chain, infoCall(info))
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'reverted', touches: touches(id) }])
  })

  it('of which the protocol does not say what it needs stands without a liquidation price, with a gap', async () => {
    takeBack(chain, verdictCall(remaining))
    const { gaps, positions } = await read()
    expect(positions).toHaveLength(1)
    expect(positions[0]?.instrument.terms).not.toHaveProperty('maintenance')
    expect(gaps).toMatchObject([{ code: 'reverted', touches: touches(id) }])
  })

  it('in a market whose impact at liquidation is not known is a gap', async () => {
    takeBack(chain, impactFactor)
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'reverted', touches: touches(`gmx-v2:${market}`) }])
  })

  it('on a token that its market does not have is a gap', async () => {
    sayAll(chain, [pages([position({ collateralToken: contract('cc') })])])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured' }])
  })

  it('of somebody else is one of another version', async () => {
    sayAll(chain, [pages([position({ account: contract('cc') })])])
    expect((await read()).gaps).toMatchObject([{ code: 'unknown-reader', touches: touches('gmx-v2:positions') }])
  })

  it('in a market that is not configured is a gap', async () => {
    sayAll(chain, [pages([position({ market: contract('cc') })])])
    const { gaps } = await read()
    expect(gaps).toMatchObject([{ code: 'unknown-market', touches: touches(`gmx-v2:${contract('cc')}`) }])
  })

  it('on the second page is read, too', async () => {
    const elsewhere = Array.from({ length: 100 }, () => position({ market: contract('cc') }))
    sayAll(chain, [
      pages(elsewhere),
      [reader, gmxReaderAbi, 'getAccountPositions', [dataStore, account, 100n, 200n], [position()]],
    ])
    const { positions, gaps } = await read()
    expect(positions.map((one) => one.id)).toEqual([id])
    expect(new Set(gaps.map(({ code }) => code))).toEqual(new Set(['unknown-market']))
  })

  it('cannot be asked for without a price', async () => {
    sayRound(chain, wethFeed, { answer: 0n })
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toContainEqual(expect.objectContaining({ code: 'no-price', touches: touches(`gmx-v2:${market}`) }))
  })
})

describe('a market', () => {
  it.each(common.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'reverted', touches: touches(`gmx-v2:${market}`) }])
  })

  it.each([
    ['another long token', { ...props, longToken: contract('cc') }],
    ['another index', { ...props, indexToken: contract('cc') }],
    [
      'none of these',
      { marketToken: zeroAddress, indexToken: zeroAddress, longToken: zeroAddress, shortToken: zeroAddress },
    ],
  ])('that is %s is a gap even where nothing is held', async (_, answered) => {
    sayAll(chain, [pages([]), [reader, gmxReaderAbi, 'getMarket', [dataStore, market], answered]])
    const { gaps } = await read()
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches: touches(`gmx-v2:${market}`) }])
  })

  it.each([
    ['a long token that is not configured', { long: 'WBTC' }],
    ['an index that no asset stands for', { underlying: 'DOGE' }],
  ])('of %s is a gap', async (_, change) => {
    sayAll(chain, [pages([])])
    const { gaps } = await read(change)
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches: touches(`gmx-v2:${market}`) }])
  })

  it('in which nothing is held needs no price, and is neither position nor gap', async () => {
    sayAll(chain, [pages([])])
    expect(await read()).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
    sayRound(chain, wethFeed, { answer: 0n })
    const { gaps } = await read()
    expect(gaps.filter(({ subject }) => subject.includes('gmx'))).toEqual([])
  })
})

describe('a share of a pool', () => {
  beforeEach(() => sayAll(chain, [pages([]), held(10n * wad)]))
  const share = `gmx-v2:pool:${market}`

  it('is its tokens against what traders hold, and worth what it is redeemed at', async () => {
    const { positions, gaps, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const terms = {
      asset: 'ETH',
      // A hundredth of 15 - 40, and of what is kept for impact: 1 - 2.
      quantity: -0.26,
      entryPrice: 3_000,
      accruedFunding: -10,
      margin: [
        { asset: 'WETH', quantity: 1 },
        { asset: 'USDC', quantity: 2_000 },
      ],
    }
    expect(positions).toMatchObject([{ id: share, instrument: { kind: 'linear-perp', terms } }])
  })

  it.each([...pool, shareCall(), held(10n * wad)].map((call) => [nameOfCall(call), call] as const))(
    'is a gap where %s fails',
    async (_, call) => {
      takeBack(chain, call)
      const { gaps, positions } = await read()
      expect(positions).toEqual([])
      expect(gaps).toMatchObject([{ code: 'reverted', touches: touches(share) }])
    },
  )

  it.each([
    ['of more than there are', supply(9n * wad), 'impossible-terms'],
    ['of which the Reader answers another structure', shareCall(300_001n * usd), 'unknown-reader'],
  ] as const)('%s is a gap', async (_, call, code) => {
    sayAll(chain, [call])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code, touches: touches(share) }])
  })
})

describe('funding that waits', () => {
  it('is held by token', async () => {
    sayAll(chain, [pages([]), claim(usdc, 5_500000n), claim(weth, wad)])
    const { positions } = await read()
    expect(positions.map((one) => [one.id, one.instrument.terms])).toEqual([
      [`gmx-v2:claim:${market}:WETH`, { asset: 'WETH', quantity: 1 }],
      [`gmx-v2:claim:${market}:USDC`, { asset: 'USDC', quantity: 5.5 }],
    ])
  })

  it('and cannot be read is a gap', async () => {
    takeBack(chain, claim(usdc, 0n))
    const { gaps, positions } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'reverted', touches: touches(`gmx-v2:claim:${market}:USDC`) }])
  })
})

it('whose positions cannot be listed is a gap, and its shares are read', async () => {
  takeBack(chain, pages([]))
  sayAll(chain, [held(10n * wad)])
  const { gaps, positions } = await read()
  expect(positions).toHaveLength(1)
  expect(gaps).toMatchObject([{ code: 'reverted', touches: touches('gmx-v2:positions') }])
})

describe('a maintenance rate', () => {
  const terms = fc.record({
    size: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    isLong: fc.boolean(),
    entryPrice: fc.double({ min: 100, max: 10_000, noNaN: true }),
    move: fc.double({ min: 0.95, max: 1.05, noNaN: true }),
    leverage: fc.double({ min: 1.5, max: 40, noNaN: true }),
    needed: fc.double({ min: 0.005, max: 0.015, noNaN: true }),
    moves: fc.boolean(),
  })

  it('liquidates where what is left is what the protocol asks for', () => {
    let counted = 0
    fc.assert(
      fc.property(terms, ({ size, isLong, entryPrice, move, leverage, needed: factor, moves }) => {
        const quantity = isLong ? size : -size
        const price = entryPrice * move
        const collateralUsd = (size * entryPrice) / leverage
        const needed = factor * size * entryPrice
        const funding = -collateralUsd / 100
        const of = { quantity, entryPrice, accruedFunding: funding, needed, price, collateralUsd, moves }
        const asset = moves ? 'WETH' : 'USDC'
        const margin = [{ asset, quantity: moves ? collateralUsd / price : collateralUsd }]
        const rate = maintenanceRate(of) ?? 1
        const maintenance = [{ floor: 0, rate }]
        const instrument = {
          kind: 'linear-perp',
          terms: { asset: 'ETH', quantity, entryPrice, accruedFunding: funding, margin, maintenance },
        } as const
        const follows = (underlying: string) => ({ underlying, rate: 1 })
        const exchangeRates = { ETH: follows('ETH'), WETH: follows('ETH'), USDC: follows('USDC') }
        const { liquidationPriceUsd: found } = detailsOf(instrument, {
          at: 0,
          spot: { ETH: price, USDC: 1 },
          exchangeRates,
        })
        // What it needs now is never told at more than twice, or less than half.
        expect(Math.abs(Math.log((rate * size * price) / needed))).toBeLessThan(Math.LN2 + 1e-9)
        if (found === undefined || found < price / 2 || found > price * 2) return
        counted += 1
        const left = quantity * (found - entryPrice) + funding + collateralUsd * (moves ? found / price : 1)
        expect(Math.abs(left / needed - 1)).toBeLessThan(1e-6)
      }),
    )
    expect(counted).toBeGreaterThan(30)
  })

  it('of dust, which needs more than it is worth, is none', () => {
    const dust = { quantity: 0.0001, entryPrice: 3_000, accruedFunding: 0, needed: 1, price: 3_000, moves: false }
    expect(maintenanceRate({ ...dust, collateralUsd: 0.5 })).toBeUndefined()
  })
})

it.each([
  ['no market', { markets: [] }, /must name a pool/],
  ['a market twice', { markets: [setting, setting] }, /each pool once/],
  ['decimals of a half', { markets: [{ ...setting, indexDecimals: 0.5 }] }, /whole number/],
])('settings with %s are refused', (_, change, words) => {
  expect(() => settingsOfChain('http://127.0.0.1', gmxV2.name, { ...settings, ...change })).toThrow(words)
})
