// How markets do, by hand-made answers: what fails is named and degrades nothing, and dense pools are looked up in their own map.

import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { PoolTelemetry } from '../../lib/model/telemetry.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import type { ChainReader } from '../../lib/sources/chain/chain-session.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { spansOf, ticksWithinReach } from '../../lib/sources/prices/tick-depth.ts'
import { askPoolTerms, readPoolTelemetry, uniswapV3DepthAbi } from '../../lib/sources/prices/uniswap-v3-depth.ts'
import { uniswapV3FactoryAbi, uniswapV3PoolAbi } from '../../lib/sources/prices/uniswap-v3-pool.ts'
import { aaveCapsAbi, aaveIsolationAbi } from '../../lib/sources/protocols/aave-v3-telemetry.ts'
import { nameOfCall, type ScriptedCall, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { aave, at, chainConfig, pool, seedTreasury, settingsOf, uniswap, usdc, weth } from './fixture/treasury.ts'

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
})
afterEach(() => chain.stop())

const settings = () => settingsOf(chainConfig([{ name: 'alpha', url: chain.url }]))
const read = () =>
  chainSources({ secret: async (name) => new Redacted(name), requestMs: 2_000 }).read({ settings: settings(), at })
const poolOf = async () => {
  const reading = await read()
  const pools = (reading.telemetry ?? []).filter((one): one is PoolTelemetry => one.kind === 'pool')
  return { reading, pools }
}
/** Where the fixture's pool stands. */
const tick = -196_256
const near = ticksWithinReach(tick, 10)

describe('a pool', () => {
  it('is as deep as its liquidity is, in whole tokens of either side, and counts its fees', async () => {
    const { reading, pools } = await poolOf()
    expect(reading.gaps).toEqual([])
    expect(pools).toHaveLength(1)
    const [depth] = pools.flatMap((one) => one.depth ?? [])
    // L = 10^18 everywhere near: dy = L (sqrt P - sqrt 0.98 P), raw, with P = 3000 x 10^-12.
    const root = Math.sqrt(3_000e-12)
    expect(depth?.down.quote).toBeCloseTo((1e18 * root * (1 - Math.sqrt(0.98))) / 1e6, 4)
    expect(depth?.down.base).toBeCloseTo(((1e18 / root) * (1 / Math.sqrt(0.98) - 1)) / 0.9995 / 1e18, 8)
    expect(depth?.up.base).toBeCloseTo(((1e18 / root) * (1 - 1 / Math.sqrt(1.02))) / 1e18, 8)
    expect(depth?.up.quote).toBeCloseTo((1e18 * root * (Math.sqrt(1.02) - 1)) / 0.9995 / 1e6, 4)
    expect(pools[0]).toMatchObject({
      id: `uniswap-v3:${pool}`,
      base: 'WETH',
      quote: 'USDC',
      fees: { growthBase: (2n ** 128n + 2n ** 127n).toString(), growthQuote: '0', protocolBase: 0, protocolQuote: 5 },
    })
  })

  const depthCall = (name: string, args: readonly unknown[] = []): ScriptedCall => [
    pool,
    uniswapV3DepthAbi,
    name,
    args,
    undefined,
  ]
  it.each([
    [depthCall('tickSpacing'), ['depth']],
    [depthCall('ticks', [near[7]]), ['depth']],
    [depthCall('feeGrowthGlobal1X128'), ['fees']],
    [depthCall('protocolFees'), ['fees']],
    [[pool, uniswapV3PoolAbi, 'slot0', [], undefined] as ScriptedCall, ['depth', 'fees']],
    [
      [uniswap.factory, uniswapV3FactoryAbi, 'getPool', [weth, usdc, 500], undefined] as ScriptedCall,
      ['depth', 'fees'],
    ],
  ] as const)('without one of its answers says what is not read: %#', async (call, unread) => {
    takeBack(chain, call as ScriptedCall)
    const { reading, pools } = await poolOf()
    expect(pools, nameOfCall(call as ScriptedCall)).toMatchObject([{ base: 'WETH', quote: 'USDC', unread }])
    const context = reading.gaps.filter(({ touches }) => touches.kind === 'context')
    expect(context.map(({ code }) => code)).toEqual(['reverted'])
  })

  it('with more liquidity taken out than there is has no depth', async () => {
    const more = [10n ** 18n + 1n, -(10n ** 18n) - 1n, 0n, 0n, 0n, 0n, 0, true]
    const edge = near.find((one) => one > tick)
    chain.say(pool, uniswapV3DepthAbi, 'ticks', [edge], more)
    const { reading, pools } = await poolOf()
    expect(pools).toMatchObject([{ unread: ['depth'] }])
    expect(reading.gaps).toMatchObject([{ code: 'malformed-return', touches: { kind: 'context' } }])
    expect(assemble({ reading, settings: settings() }).dataState).toEqual({ kind: 'FRESH' })
  })

  it('of the narrowest spacing is looked up in its map, and only ticks that are marked are asked', async () => {
    chain.say(pool, uniswapV3DepthAbi, 'tickSpacing', [], 1)
    const marked = [tick - 3, tick + 5]
    const words = new Map<number, bigint>()
    for (const one of ticksWithinReach(tick, 1)) {
      const word = Math.floor(one / 256)
      const bit = marked.includes(one) ? 1n << BigInt(one - word * 256) : 0n
      words.set(word, (words.get(word) ?? 0n) | bit)
    }
    for (const [word, bits] of words) chain.say(pool, uniswapV3DepthAbi, 'tickBitmap', [word], bits)
    for (const one of marked) {
      const net = one > tick ? -(10n ** 18n) : 10n ** 18n
      chain.say(pool, uniswapV3DepthAbi, 'ticks', [one], [10n ** 18n, net, 0n, 0n, 0n, 0n, 0, true])
    }
    const { reading, pools } = await poolOf()
    expect(reading.gaps).toEqual([])
    const [depth] = pools.flatMap((one) => one.depth ?? [])
    // All liquidity lies between the two: 4 of 202 ticks down, 5 of 198 up.
    const root = Math.sqrt(3_000e-12)
    const edge = Math.exp(((tick - 3) * Math.log(1.0001)) / 2)
    expect(depth?.down.quote).toBeCloseTo((1e18 * (root - edge)) / 1e6, 3)
    expect(depth?.up.base).toBeLessThan(30)
    takeBack(chain, depthCall('tickBitmap', [[...words.keys()][0]]))
    expect((await poolOf()).pools).toMatchObject([{ unread: ['depth'] }])
  })
})

it('whatever a pool answers, its depth is finite or not read', async () => {
  const [base, quote] = settings().chain.assets
  if (base === undefined || quote === undefined) throw new Error('The treasury has two assets.')
  const signed = (bits: bigint) => fc.bigInt(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n)
  const answers = fc.record({
    tickSpacing: fc.constantFrom(-1, 0, 1, 10, 60, 200, 8_388_607),
    net: fc.array(signed(128n), { minLength: 1, maxLength: 5 }),
    growth: fc.bigInt(0n, 2n ** 256n - 1n),
    word: fc.bigInt(0n, 2n ** 256n - 1n),
  })
  const slot = fc.record({
    sqrtPriceX96: fc.oneof(fc.bigInt(1n, 2n ** 160n - 1n), fc.constantFrom(1n, 4_295_128_739n, 2n ** 96n)),
    tick: fc.oneof(fc.integer({ min: -8_388_608, max: 8_388_607 }), fc.integer({ min: -887_272, max: 887_272 })),
    liquidity: fc.bigInt(1n, 2n ** 128n - 1n),
  })
  await fc.assert(
    fc.asyncProperty(answers, slot, async ({ tickSpacing, net, growth, word }, at0) => {
      let nth = 0
      const values: Record<string, () => unknown> = {
        tickSpacing: () => tickSpacing,
        tickBitmap: () => word,
        ticks: () => [1n, net[nth++ % net.length] ?? 0n, 0n, 0n, 0n, 0n, 0, true],
        protocolFees: () => [growth >> 128n, 0n],
      }
      const ask = async ({ functionName }: { functionName: string }) => ({
        ok: true,
        value: values[functionName]?.() ?? growth,
      })
      const reader = { ask } as unknown as ChainReader
      const terms = await askPoolTerms(reader, pool)
      const part = await readPoolTelemetry(reader, { pool, base, quote, feeTier: 500, price: 1, ...at0 }, terms)
      expect(JSON.stringify(part.telemetry)).not.toContain('null')
    }),
    { numRuns: 200 },
  )
})

it('a reserve without its caps says so, and keeps everything else', async () => {
  takeBack(chain, [aave.dataProvider, aaveCapsAbi, 'getReserveCaps', [usdc], undefined])
  const reading = await read()
  expect(reading.gaps).toMatchObject([{ code: 'reverted', touches: { kind: 'context' } }])
  const markets = (reading.telemetry ?? []).filter(({ kind }) => kind === 'market')
  expect(markets).toMatchObject([
    { id: 'aave-v3:WETH', supplyCap: 2_000_000, available: 1_000_000 },
    { id: 'aave-v3:USDC', unread: ['supplyCap', 'borrowCap'], frozen: true },
  ])
  expect(assemble({ reading, settings: settings() }).dataState).toEqual({ kind: 'FRESH' })
})

it('an isolated collateral tells its debt ceiling, and what is owed under it; whose ceiling is not read says so', async () => {
  chain.say(aave.dataProvider, aaveIsolationAbi, 'getDebtCeiling', [weth], 5_000_000_00n)
  const zero = `0x${'00'.repeat(20)}` as const
  const reserve = {
    configuration: 0n,
    liquidityIndex: 0n,
    currentLiquidityRate: 0n,
    variableBorrowIndex: 0n,
    currentVariableBorrowRate: 0n,
    currentStableBorrowRate: 0n,
    lastUpdateTimestamp: 0,
    id: 0,
    aToken: zero,
    stableDebtToken: zero,
    variableDebtToken: zero,
    interestRateStrategy: zero,
    accruedToTreasury: 0n,
    unbacked: 0n,
    isolationModeTotalDebt: 1_250_000_50n,
  }
  chain.say(aave.pool, aaveIsolationAbi, 'getReserveData', [weth], reserve)
  takeBack(chain, [aave.dataProvider, aaveIsolationAbi, 'getDebtCeiling', [usdc], undefined])
  const reading = await read()
  const markets = (reading.telemetry ?? []).filter(({ kind }) => kind === 'market')
  expect(markets).toMatchObject([
    { id: 'aave-v3:WETH', debtCeilingUsd: 5_000_000, isolatedDebtUsd: 1_250_000.5 },
    { id: 'aave-v3:USDC', unread: ['debtCeilingUsd'], supplyCap: 2_000_000 },
  ])
  expect(markets[1]).not.toHaveProperty('debtCeilingUsd')
  expect(reading.gaps).toMatchObject([{ code: 'reverted', touches: { kind: 'context' } }])
})

it('liquidity on both sides of a price that stands on a tick begins with it', () => {
  const sqrtPriceX96 = 2n ** 96n
  const net = new Map([
    [-10, 5n],
    [0, 3n],
    [10, -8n],
  ])
  const spans = spansOf({ sqrtPriceX96, tick: 0, liquidity: 8n, net }) ?? []
  const at0 = spans.filter(({ from, to }) => from === 1 || to === 1)
  expect(at0).toEqual([
    { from: 1, to: expect.closeTo(1.0001 ** 5, 12), L: 8 },
    { from: expect.closeTo(1.0001 ** -5, 12), to: 1, L: 5 },
  ])
  expect(spans.map(({ L }) => L)).toEqual([8, 0, 5, 0])
  expect(spansOf({ sqrtPriceX96, tick: 0, liquidity: 2n, net })).toBeUndefined()
})
