// One answer that cannot be believed is a gap of that one item: it is never a zero, and the rest of the reading stands.

import type { Abi } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { Address, Hex } from '../../lib/model/identity.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { feedAbi } from '../../lib/sources/prices/chainlink-feed.ts'
import { uniswapV3FactoryAbi, uniswapV3PoolAbi } from '../../lib/sources/prices/uniswap-v3-pool.ts'
import { aaveDataProviderAbi, aaveOracleAbi, aavePoolAbi } from '../../lib/sources/protocols/aave-v3-abi.ts'
import { erc20Abi } from '../../lib/sources/protocols/erc20.ts'
import { uniswapV3PositionsAbi } from '../../lib/sources/protocols/uniswap-v3.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import * as treasury from './fixture/treasury.ts'

const { aave, account, at, aToken, pool, sayPosition, sayRound, tokenId, uniswap, usdc, weth, wethFeed } = treasury

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  treasury.seedTreasury(chain)
})
afterEach(() => chain.stop())

const read = () => {
  const settings = treasury.settingsOf(treasury.chainConfig([{ name: 'alpha', url: chain.url }]))
  return chainSources({ secret: async (name) => new Redacted(name), requestMs: 2_000 }).read({ settings, at })
}

const word = (value: bigint) => value.toString(16).padStart(64, '0')
const round = (...words: readonly bigint[]): Hex => `0x${words.map(word).join('')}`
const good = [9n, 3_000_00000000n, BigInt(at - 100), BigInt(at - 100), 9n] as const

describe('a feed', () => {
  const sayBytes = (data: Hex | undefined) => chain.sayRaw(wethFeed, feedAbi, 'latestRoundData', [], data)
  const cases: readonly (readonly [string, string, () => void])[] = [
    ['answers zero', 'price-not-positive', () => sayRound(chain, wethFeed, { answer: 0n })],
    ['answers a negative price', 'price-not-positive', () => sayRound(chain, wethFeed, { answer: -1n })],
    ['answers below its bounds', 'price-out-of-bounds', () => sayRound(chain, wethFeed, { answer: 99_00000000n })],
    ['answers its lower bound', 'price-out-of-bounds', () => sayRound(chain, wethFeed, { answer: 101_00000000n })],
    ['answers above its bounds', 'price-out-of-bounds', () => sayRound(chain, wethFeed, { answer: 10n ** 14n })],
    ['was never updated', 'round-incomplete', () => sayRound(chain, wethFeed, { updatedAt: 0n })],
    ['carries an old round over', 'round-incomplete', () => sayRound(chain, wethFeed, { answeredInRound: 8n })],
    ['is dated in the future', 'feed-in-future', () => sayRound(chain, wethFeed, { updatedAt: BigInt(at + 61) })],
    ['changed its decimals', 'decimals-changed', () => chain.say(wethFeed, feedAbi, 'decimals', [], 18)],
    ['reverts', 'reverted', () => sayBytes(undefined)],
    ['is no contract', 'empty-return', () => sayBytes('0x')],
    ['answers too few bytes', 'malformed-return', () => sayBytes(round(...good.slice(0, 4)))],
    ['answers too many bytes', 'malformed-return', () => sayBytes(`${round(...good)}00`)],
    ['answers a round beyond its type', 'malformed-return', () => sayBytes(round(2n ** 200n, ...good.slice(1)))],
  ]
  it.each(cases)('that %s has no price, and the gap %s', async (_, code, bend) => {
    bend()
    const reading = await read()
    expect(reading.gaps).toMatchObject([{ subject: 'feed WETH', code, touches: { kind: 'asset', asset: 'WETH' } }])
    expect(reading.feeds.map(({ asset }) => asset)).toEqual(['USDC'])
    expect(reading.lending).toHaveLength(1)
    expect(reading.ranges).toHaveLength(1)
  })

  it('that is late keeps its price, with the gap feed-stale', async () => {
    sayRound(chain, wethFeed, { updatedAt: BigInt(at - 3_661) })
    const reading = await read()
    expect(reading.gaps).toMatchObject([{ code: 'feed-stale', touches: { kind: 'asset', asset: 'WETH' } }])
    expect(reading.feeds[0]).toMatchObject({ asset: 'WETH', usd: 3_000 })
  })

  it('that is exactly at heartbeat and grace is in time', async () => {
    sayRound(chain, wethFeed, { updatedAt: BigInt(at - 3_660) })
    expect((await read()).gaps).toEqual([])
  })
})

describe('a reverted call', () => {
  const position = (positionId: string) => ({ kind: 'position', positionId })
  const cases: readonly (readonly [string, Address, Abi, string, readonly unknown[], object])[] = [
    ['balance', weth, erc20Abi, 'balanceOf', [account], position('wallet:WETH')],
    ['account summary', aave.pool, aavePoolAbi, 'getUserAccountData', [account], position('aave-v3')],
    ['e-mode', aave.pool, aavePoolAbi, 'getUserEMode', [account], position('aave-v3')],
    [
      'reserve terms',
      aave.dataProvider,
      aaveDataProviderAbi,
      'getReserveConfigurationData',
      [usdc],
      position('aave-v3'),
    ],
    ['holdings', aave.dataProvider, aaveDataProviderAbi, 'getUserReserveData', [usdc, account], position('aave-v3')],
    ['reserve state', aave.dataProvider, aaveDataProviderAbi, 'getReserveData', [weth], position('aave-v3')],
    ['liquidity', weth, erc20Abi, 'balanceOf', [aToken.WETH], position('aave-v3')],
    ['protocol price', aave.oracle, aaveOracleAbi, 'getAssetPrice', [weth], position('aave-v3')],
    ['pool lookup', uniswap.factory, uniswapV3FactoryAbi, 'getPool', [weth, usdc, 3_000], { kind: 'context' }],
    ['pool liquidity', pool, uniswapV3PoolAbi, 'liquidity', [], { kind: 'context' }],
    ['position count', uniswap.positions, uniswapV3PositionsAbi, 'balanceOf', [account], position('uniswap-v3')],
    ['position', uniswap.positions, uniswapV3PositionsAbi, 'positions', [tokenId], position('uniswap-v3:7')],
    ['ticks', pool, uniswapV3PoolAbi, 'ticks', [-200_000], position('uniswap-v3:7')],
  ]
  it.each(cases)('of the %s leaves a gap that touches what it should', async (_, to, abi, name, args, touches) => {
    chain.sayRaw(to, abi, name, args, undefined)
    const reading = await read()
    expect(reading.gaps).toMatchObject([{ code: 'reverted', touches }])
    expect(reading.block).toBeDefined()
    expect(reading.feeds).toHaveLength(2)
  })

  it('of a balance gives no balance, not an empty one', async () => {
    chain.sayRaw(weth, erc20Abi, 'balanceOf', [account], undefined)
    expect((await read()).balances).toEqual([{ asset: 'USDC', quantity: 2_000, units: '2000000000' }])
  })

  it('says why if the contract did', async () => {
    const abi = [{ type: 'function', name: 'Error', inputs: [{ type: 'string' }], outputs: [] }] as const
    const reason = encodeFunctionData({ abi, args: ['feed is out of order'] })
    chain.sayRaw(weth, erc20Abi, 'balanceOf', [account], undefined)
    chain.revertReasons.set(weth, reason)
    expect((await read()).gaps[0]?.reason).toContain('reverted: feed is out of order')
  })
})

describe('the lending account', () => {
  const provider = (name: string, args: readonly unknown[], result: unknown) =>
    chain.say(aave.dataProvider, aaveDataProviderAbi, name, args, result)

  it('is absent if one of its legs cannot be read, because without it every sum would be wrong', async () => {
    chain.sayRaw(aave.dataProvider, aaveDataProviderAbi, 'getUserReserveData', [weth, account], undefined)
    expect((await read()).lending).toEqual([])
  })

  it('leaves out assets that are no reserve, without a gap', async () => {
    provider('getReserveConfigurationData', [usdc], [0n, 0n, 0n, 0n, 0n, false, false, false, false, false])
    chain.sayRaw(aave.dataProvider, aaveDataProviderAbi, 'getUserReserveData', [usdc, account], undefined)
    chain.sayRaw(aave.oracle, aaveOracleAbi, 'getAssetPrice', [usdc], undefined)
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.lending[0]?.legs.map(({ asset }) => asset)).toEqual(['WETH'])
  })

  it('that does not exist is no reading and no gap', async () => {
    for (const asset of [weth, usdc]) {
      provider('getUserReserveData', [asset, account], [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0, false])
    }
    chain.say(aave.pool, aavePoolAbi, 'getUserAccountData', [account], [0n, 0n, 0n, 0n, 0n, 2n ** 256n - 1n])
    const reading = await read()
    expect([reading.lending, reading.gaps]).toEqual([[], []])
  })

  it('without debt has no health factor', async () => {
    provider('getUserReserveData', [usdc, account], [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0, false])
    const summary = [30_000_00000000n, 0n, 0n, 8_000n, 7_500n, 2n ** 256n - 1n]
    chain.say(aave.pool, aavePoolAbi, 'getUserAccountData', [account], summary)
    expect((await read()).lending[0]?.reported).not.toHaveProperty('healthFactor')
  })

  it('in e-mode has the thresholds of its category', async () => {
    chain.say(aave.pool, aavePoolAbi, 'getUserEMode', [account], 1n)
    const category = {
      ltv: 9_000,
      liquidationThreshold: 9_300,
      liquidationBonus: 10_100,
      priceSource: weth,
      label: 'ETH',
    }
    chain.say(aave.pool, aavePoolAbi, 'getEModeCategoryData', [1], category)
    provider('getReserveEModeCategory', [weth], 1n)
    provider('getReserveEModeCategory', [usdc], 0n)
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.lending[0]?.legs).toMatchObject([
      { liquidationThreshold: 0.93, loanToValue: 0.9, liquidationBonus: 0.01 },
      { liquidationThreshold: 0.8 },
    ])
  })

  it('has no protocol prices from an oracle that does not count in dollars', async () => {
    chain.say(aave.oracle, aaveOracleAbi, 'BASE_CURRENCY_UNIT', [], 10n ** 18n)
    const reading = await read()
    expect(reading.protocolPrices).toEqual([])
    expect(reading.gaps.map(({ code }) => code)).toEqual(['malformed-return', 'malformed-return'])
  })

  it('takes a protocol price of zero for a gap', async () => {
    chain.say(aave.oracle, aaveOracleAbi, 'getAssetPrice', [weth], 0n)
    const reading = await read()
    expect(reading.gaps).toMatchObject([{ code: 'price-not-positive', touches: { positionId: 'aave-v3' } }])
    expect(reading.protocolPrices.map(({ asset }) => asset)).toEqual(['USDC'])
  })
})

describe('range positions', () => {
  it('without liquidity and without fees are left out', async () => {
    sayPosition(chain, { liquidity: 0n, owed0: 0n })
    const reading = await read()
    expect([reading.ranges, reading.gaps]).toEqual([[], []])
  })

  it('without liquidity but with fees are kept', async () => {
    sayPosition(chain, { liquidity: 0n, owed1: 5_000_000n })
    expect((await read()).ranges).toMatchObject([{ liquidity: '0', owed0: 0.001, owed1: 5 }])
  })

  it('in a token that is not configured are context: strangers can send them', async () => {
    sayPosition(chain, { token0: `0x${'77'.repeat(20)}` })
    const reading = await read()
    expect(reading.ranges).toEqual([])
    expect(reading.gaps).toMatchObject([{ code: 'unknown-asset', touches: { kind: 'context' } }])
  })

  it('beyond twelve hundred are named as missing', async () => {
    chain.say(uniswap.positions, uniswapV3PositionsAbi, 'balanceOf', [account], 10n ** 30n)
    for (let index = 1n; index < 1_200n; index++) {
      chain.say(uniswap.positions, uniswapV3PositionsAbi, 'tokenOfOwnerByIndex', [account, index], tokenId)
    }
    expect((await read()).gaps).toMatchObject([{ code: 'too-many-positions' }])
  })
})

describe('a contract that burns all gas', () => {
  const isHog = ({ target }: { readonly target: string }) => target.toLowerCase() === wethFeed

  it('and makes whole multicalls fail is left alone with its gap', async () => {
    chain.onMulticall = (calls) =>
      calls.some(isHog) ? { kind: 'error', code: 3, message: 'execution reverted: out of gas' } : undefined
    const reading = await read()
    expect(reading.gaps).toMatchObject([{ subject: 'feed WETH', code: 'reverted' }])
    expect(reading.lending).toHaveLength(1)
  })

  it('and starves the calls after it costs only itself', async () => {
    chain.starvesAfter = isHog
    const reading = await read()
    expect(reading.gaps).toMatchObject([{ subject: 'feed WETH', code: 'reverted' }])
    expect(reading.ranges).toHaveLength(1)
  })
})
