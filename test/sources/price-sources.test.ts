// Every further source of a price on the scripted chain: healthy, each call failing, and whatever else it must not believe.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import type { AssetConfig, FeedConfig } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import type { PriceSource, Quoted } from '../../lib/sources/prices/define-price-source.ts'
import { exchangeRate, exchangeRateAbi } from '../../lib/sources/prices/exchange-rate.ts'
import { aggregatorAbi, feedAbi, readFeedRound } from '../../lib/sources/prices/feed-round.ts'
import { navFeed } from '../../lib/sources/prices/nav-feed.ts'
import { secondFeed } from '../../lib/sources/prices/second-feed.ts'
import { observationAbi, uniswapV3Twap } from '../../lib/sources/prices/uniswap-v3-twap.ts'
import { readerOf } from './fixture/lone-reader.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { at, chainConfig, pool, sayRound, seedTreasury, usdc, weth } from './fixture/treasury.ts'

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
})
afterEach(() => chain.stop())

const config = chainConfig([])
const oracle: Address = `0x${'c2'.repeat(20)}`
const day = 86_400

function assetOf(symbol: string): AssetConfig {
  const asset = config.assets.find((one) => one.symbol === symbol)
  if (asset === undefined) throw new Error(`There is no ${symbol}.`)
  return asset
}

/** Settings as homeostat.yaml would state them. */
async function read(source: unknown, settings: object, asset: AssetConfig = assetOf('WETH')): Promise<Quoted> {
  const { settings: schema, read: ask } = source as PriceSource
  const parsed = z.parse(schema, settings, 'settings')
  return await ask(await readerOf(chain), { chain: config, asset, at, settings: parsed })
}

async function roundTripsOf(asked: () => Promise<unknown>): Promise<number> {
  const before = chain.requests.length
  await asked()
  return chain.requests.slice(before).filter(({ method }) => method === 'eth_call').length
}

const refusedAs = (code: string, reason: RegExp | string = /./) => ({
  ok: false,
  code,
  reason: expect.stringMatching(reason),
})

describe('a feed whose aggregator is pinned', () => {
  const aggregator: Address = `0x${'a9'.repeat(20)}`
  const feed = assetOf('WETH').feed as FeedConfig
  const pinned: FeedConfig = { ...feed, aggregator }
  const names = (to: Address): ScriptedCall => [feed.address, aggregatorAbi, 'aggregator', [], to]
  const bound = (name: 'minAnswer' | 'maxAnswer', value: bigint): ScriptedCall => [
    aggregator,
    aggregatorAbi,
    name,
    [],
    value,
  ]
  const readPinned = async () => readFeedRound(await readerOf(chain), { feed: pinned, at })

  it('is the price where the proxy names it, with or without bounds of its own', async () => {
    sayAll(chain, [names(aggregator)])
    expect(await readPinned()).toEqual({ ok: true, price: 3_000, updatedAt: at - 100, roundId: '9', doubts: [] })
  })

  it('that has been replaced is told with both addresses, and its price is doubtful', async () => {
    sayAll(chain, [names(oracle), bound('minAnswer', 2_990_00000000n)])
    expect(await readPinned()).toMatchObject({ ok: true, price: 3_000, doubts: [refusedAs('aggregator-changed')] })
    const round = await readPinned()
    expect(round.ok && round.doubts[0]?.reason).toBe(`its aggregator is ${oracle}, pinned is ${aggregator}.`)
  })

  it('that cannot be asked is doubtful', async () => {
    expect(await readPinned()).toMatchObject({ ok: true, doubts: [refusedAs('reverted', 'aggregator is not known')] })
  })

  it('clamps at bounds of its own, which count beside the configured ones', async () => {
    sayAll(chain, [names(aggregator), bound('minAnswer', 2_980_00000000n)])
    expect(await readPinned()).toMatchObject(refusedAs('price-out-of-bounds', '3000 USD is not well inside 2980'))
    sayAll(chain, [bound('minAnswer', 1n), bound('maxAnswer', 3_020_00000000n)])
    expect(await readPinned()).toMatchObject(refusedAs('price-out-of-bounds', '3020'))
    sayAll(chain, [bound('maxAnswer', 2n ** 95n)])
    expect(await readPinned()).toMatchObject({ ok: true, doubts: [] })
  })

  it('takes one round trip', async () => {
    sayAll(chain, [names(aggregator), bound('minAnswer', 1n), bound('maxAnswer', 2n ** 95n)])
    expect(await roundTripsOf(readPinned)).toBe(1)
  })
})

describe('a second feed', () => {
  const settings = { address: oracle, heartbeatSeconds: 3_600, minUsd: 100 }
  beforeEach(() => {
    sayRound(chain, oracle, { answer: 2_990_00000000n })
    chain.say(oracle, feedAbi, 'decimals', [], 8)
  })

  it('is an oracle in dollars', async () => {
    expect(await read(secondFeed, settings)).toEqual({
      ok: true,
      quote: { label: 'second feed', role: 'oracle', price: 2_990, updatedAt: at - 100, goodForSeconds: 3_900 },
      doubts: [],
    })
  })

  it('is held to everything that the first is', async () => {
    sayRound(chain, oracle, { updatedAt: BigInt(at - 4_000) })
    expect(await read(secondFeed, settings)).toMatchObject({ ok: true, doubts: [refusedAs('feed-stale')] })
    sayRound(chain, oracle, { answer: -1n })
    expect(await read(secondFeed, settings)).toMatchObject(refusedAs('price-not-positive'))
    sayRound(chain, oracle, { answer: 100_00000000n })
    expect(await read(secondFeed, settings)).toMatchObject(refusedAs('price-out-of-bounds'))
    chain.say(oracle, feedAbi, 'decimals', [], 18)
    expect(await read(secondFeed, settings)).toMatchObject(refusedAs('decimals-changed'))
    chain.sayRaw(oracle, feedAbi, 'latestRoundData', [], undefined)
    expect(await read(secondFeed, settings)).toMatchObject(refusedAs('reverted'))
  })
})

describe('a time-weighted price', () => {
  const settings = { pool, per: 'USDC', windowSeconds: 1_800 }
  const inWhole = 1e12
  const tick = -196_256
  /** Liquidity of 1e18 all the while: seconds x 2^128 / L. */
  const perLiquidity = (1_800n << 128n) / 10n ** 18n
  const observed = (ticks: readonly [bigint, bigint], per: readonly [bigint, bigint]): ScriptedCall => [
    pool,
    observationAbi,
    'observe',
    [[1_800, 0]],
    [ticks, per],
  ]
  const healthy: readonly ScriptedCall[] = [
    observed([10n ** 9n, 10n ** 9n + BigInt(tick) * 1_800n], [5n, 5n + perLiquidity]),
    [pool, observationAbi, 'token0', [], weth],
    [pool, observationAbi, 'token1', [], usdc],
  ]
  beforeEach(() => sayAll(chain, healthy))
  const priceOf = (quoted: Quoted) => (quoted.ok ? quoted.quote.price : Number.NaN)
  const depthOf = (quoted: Quoted) => (quoted.ok ? (quoted.quote.depth ?? Number.NaN) : Number.NaN)

  it('is that of the mean tick, with what selling fetches down to 2 %, in one round trip', async () => {
    const quoted = await read(uniswapV3Twap, settings)
    expect(quoted).toMatchObject({
      ok: true,
      quote: { label: 'Uniswap v3 TWAP of 30 min', role: 'market', per: 'USDC', minDepthUsd: 100_000 },
      doubts: [],
    })
    const price = 1.0001 ** tick * inWhole
    expect(priceOf(quoted) / price).toBeCloseTo(1, 9)
    expect(depthOf(quoted) / (1e6 * Math.sqrt(price) * (1 - Math.sqrt(0.98)))).toBeCloseTo(1, 9)
    expect(await roundTripsOf(() => read(uniswapV3Twap, settings))).toBe(1)
  })

  it('of the other asset is its inverse', async () => {
    const inverse = await read(uniswapV3Twap, { pool, per: 'WETH' }, assetOf('USDC'))
    expect(priceOf(inverse) * priceOf(await read(uniswapV3Twap, settings))).toBeCloseTo(1, 12)
  })

  it('counts what was there all the time: a mean below what is in range now, and no more than that', async () => {
    const whole = depthOf(await read(uniswapV3Twap, settings))
    sayAll(chain, [observed([0n, BigInt(tick) * 1_800n], [0n, 10n * perLiquidity])])
    expect(depthOf(await read(uniswapV3Twap, settings)) / whole).toBeCloseTo(0.1, 9)
    sayAll(chain, [observed([0n, BigInt(tick) * 1_800n], [0n, perLiquidity / 10n])])
    expect(depthOf(await read(uniswapV3Twap, settings)) / whole).toBeCloseTo(1, 9)
  })

  it('counts over the end of its counters', async () => {
    const end = 2n ** 160n
    sayAll(chain, [observed([0n, BigInt(tick) * 1_800n], [end - perLiquidity / 2n, perLiquidity / 2n])])
    expect(depthOf(await read(uniswapV3Twap, settings))).toBeGreaterThan(100_000)
  })

  it('of a pool that has forgotten says how to mend it', async () => {
    takeBack(chain, healthy[0] as ScriptedCall)
    expect(await read(uniswapV3Twap, settings)).toMatchObject(refusedAs('reverted'))
    const old = `0x08c379a0${'20'.padStart(64, '0')}${'3'.padStart(64, '0')}${'4f4c44'.padEnd(64, '0')}` as const
    chain.revertReasons.set(pool, old)
    const quoted = await read(uniswapV3Twap, settings)
    expect(quoted).toMatchObject(refusedAs('window-too-short', /remembers 1 observation, .* 30 min: raise/))
  })

  it.each([1, 2].map((index) => [nameOfCall(healthy[index] as ScriptedCall), healthy[index] as ScriptedCall] as const))(
    'is refused where %s fails',
    async (_, call) => {
      takeBack(chain, call)
      expect(await read(uniswapV3Twap, settings)).toMatchObject(refusedAs('reverted'))
    },
  )

  it('of another pool than is configured is refused with both', async () => {
    sayAll(chain, [[pool, observationAbi, 'token0', [], oracle]])
    expect(await read(uniswapV3Twap, settings)).toMatchObject(refusedAs('not-as-configured', `${oracle}.*${weth}`))
    expect(await read(uniswapV3Twap, { ...settings, per: 'WETH' })).toMatchObject(refusedAs('not-as-configured'))
    expect(await read(uniswapV3Twap, { ...settings, per: 'DAI' })).toMatchObject(refusedAs('unknown-asset', 'DAI'))
  })
})

describe('an exchange rate', () => {
  const rateIs = (rate: bigint): ScriptedCall => [oracle, exchangeRateAbi, 'getRate', [], rate]
  const settings = { per: 'WETH', call: 'getRate', address: oracle }
  const wrapper: AssetConfig = { ...assetOf('USDC'), symbol: 'rWETH', decimals: 18 }
  beforeEach(() => sayAll(chain, [rateIs(1_200000000000000000n)]))

  it('is told in what the token stands for, as of the block', async () => {
    expect(await read(exchangeRate, settings, wrapper)).toMatchObject({
      ok: true,
      quote: { role: 'oracle', price: 1.2, per: 'WETH', updatedAt: chain.head.timestamp },
    })
  })

  it('of a vault is what a share converts to', async () => {
    chain.say(oracle, exchangeRateAbi, 'convertToAssets', [10n ** 18n], 1_050000n)
    const vault = await read(exchangeRate, { ...settings, per: 'USDC', call: 'convertToAssets' }, wrapper)
    expect(vault).toMatchObject({ ok: true, quote: { price: 1.05, per: 'USDC' } })
  })

  it('of a feed has the feed’s age', async () => {
    sayRound(chain, oracle, { answer: 1_100000000000000000n, updatedAt: BigInt(at - 2 * day) })
    chain.say(oracle, feedAbi, 'decimals', [], 18)
    const quoted = await read(exchangeRate, { ...settings, call: 'latestRoundData' }, wrapper)
    expect(quoted).toMatchObject({
      ok: true,
      quote: { price: 1.1, updatedAt: at - 2 * day },
      doubts: [{ code: 'feed-stale' }],
    })
  })

  it('is refused outside its bounds, at zero, and where it cannot be read', async () => {
    expect(await read(exchangeRate, { ...settings, max: 1.1 }, wrapper)).toMatchObject(refusedAs('rate-out-of-bounds'))
    sayAll(chain, [rateIs(0n)])
    expect(await read(exchangeRate, settings, wrapper)).toMatchObject(refusedAs('rate-not-positive'))
    takeBack(chain, rateIs(0n))
    expect(await read(exchangeRate, settings, wrapper)).toMatchObject(refusedAs('reverted'))
    expect(await read(exchangeRate, { ...settings, per: 'DAI' }, wrapper)).toMatchObject(refusedAs('unknown-asset'))
  })

  it('that grows faster than it may was pushed', async () => {
    const capped = (rate: number, days: number) => ({
      ...settings,
      since: { rate, at: at - days * day },
      maxGrowthPerDay: 0.0005,
    })
    expect(await read(exchangeRate, capped(1.19, 20), wrapper)).toMatchObject({ ok: true })
    expect(await read(exchangeRate, capped(1.19, 10), wrapper)).toMatchObject(
      refusedAs('rate-grows-too-fast', '1.2, by now it can have grown to 1.19595'),
    )
  })

  it('is not configured with half of its cap', async () => {
    await expect(read(exchangeRate, { ...settings, maxGrowthPerDay: 0.1 }, wrapper)).rejects.toThrow('together')
  })
})

describe('a published value', () => {
  const settings = { address: oracle, per: 'USDC', heartbeatSeconds: 4 * day }
  const publish = (age: number) => sayRound(chain, oracle, { answer: 104_37000000n, updatedAt: BigInt(at - age) })
  beforeEach(() => {
    publish(3 * day)
    chain.say(oracle, feedAbi, 'decimals', [], 8)
  })

  it('is whole while the next one is not due', async () => {
    const quoted = await read(navFeed, settings)
    expect(quoted).toMatchObject({
      ok: true,
      quote: { price: 104.37, per: 'USDC', updatedAt: at - 3 * day },
      doubts: [],
    })
    expect(quoted.ok && quoted.quote.haircut).toBeUndefined()
  })

  it('is worth less the later the next one is, up to a limit', async () => {
    publish(6 * day)
    expect(await read(navFeed, settings)).toMatchObject({
      ok: true,
      quote: { haircut: expect.closeTo(0.01, 12) },
      doubts: [refusedAs('nav-stale', /6 d old: 1 % is taken off/)],
    })
    publish(400 * day)
    expect(await read(navFeed, settings)).toMatchObject({ ok: true, quote: { haircut: 0.5 } })
  })

  it('is refused as a feed is', async () => {
    expect(await read(navFeed, { ...settings, max: 100 })).toMatchObject(refusedAs('price-out-of-bounds'))
    expect(await read(navFeed, { ...settings, decimals: 18 })).toMatchObject(refusedAs('decimals-changed'))
    expect(await read(navFeed, { ...settings, per: 'DAI' })).toMatchObject(refusedAs('unknown-asset'))
  })
})
