// Readings of real contracts against what the contracts say to a plain client, and against their misbehaviour.

import { createClient, encodeFunctionData, http, maxUint256, parseAbi } from 'viem'
import { getBlock, getFeeHistory, readContract, simulateContract } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import * as z from '../../lib/base/schema.ts'
import { aavePoolAbi, positionsAbi, tokenAbi } from '../../lib/local/world/abis.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Reading } from '../../lib/model/reading.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { discover } from '../../lib/sources/discovery/discover.ts'
import { uniswapV3PoolAbi } from '../../lib/sources/prices/uniswap-v3-pool.ts'
import { uniswapV3Twap } from '../../lib/sources/prices/uniswap-v3-twap.ts'
import { draftConfiguration } from '../../lib/wiring/configuration/draft-configuration.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { refusePlaceholders, ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'
import { settingsOf } from '../../lib/wiring/configuration/settings-of.ts'
import { settingsOfWorld } from './chain-of-world.ts'

let world: World
let settings: PortfolioSettings
beforeAll(async () => {
  world = await startWorld()
  settings = settingsOfWorld(world)
})
afterAll(() => world?.stop())

const sources = chainSources({ secret: async (name) => new Redacted(name) })
const read = async (): Promise<Reading> => sources.read({ settings, at: await world.blockTime() })

/** Runs on a chain that is set back afterwards. */
async function apart(change: () => Promise<void>): Promise<void> {
  const before = await world.snapshot()
  try {
    await change()
  } finally {
    await world.revert(before)
  }
}

const client = () => createClient({ transport: http(world.rpcUrl) })

describe('a reading of real contracts', () => {
  it('has no gap, and holds the balances that the tokens tell', async () => {
    const reading = await read()
    expect(reading.gaps).toEqual([])
    const { assets, treasury } = world.addresses
    for (const { symbol, token, decimals } of Object.values(assets)) {
      const call = { address: token, abi: tokenAbi, functionName: 'balanceOf', args: [treasury.safe] } as const
      const units = await readContract(client(), call)
      const balance = reading.balances.find(({ asset }) => asset === symbol)
      expect(balance).toEqual({ asset: symbol, units: units.toString(), quantity: toDecimal(units, decimals) })
    }
    expect(JSON.stringify(reading)).not.toContain('SECRETKEY')
  })

  it('holds the account as getUserAccountData tells it, and its legs add up to it', async () => {
    // Interest of a month, so that nothing is a round number.
    await apart(async () => {
      await world.warp(30 * 86_400)
      await world.setPrices({ ETH: 2_801.37, BTC: 58_123.45, USDC: 0.9991 })
      const reading = await read()
      const { aave, treasury } = world.addresses
      const call = { address: aave.pool, abi: aavePoolAbi, functionName: 'getUserAccountData' } as const
      const [collateral, debt, , threshold, , health] = await readContract(client(), { ...call, args: [treasury.safe] })
      expect(reading.gaps).toEqual([])
      const [account] = reading.lending
      expect(account?.reported).toEqual({
        collateralUsd: toDecimal(collateral, 8),
        debtUsd: toDecimal(debt, 8),
        liquidationThreshold: toDecimal(threshold, 4),
        healthFactor: toDecimal(health, 18),
      })
      const priceOf = (asset: string) =>
        reading.protocolPrices.find((price) => price.asset === asset)?.usd ?? Number.NaN
      let power = 0
      let owed = 0
      for (const leg of account?.legs ?? []) {
        power += leg.usedAsCollateral ? leg.supplied * priceOf(leg.asset) * leg.liquidationThreshold : 0
        owed += (leg.variableDebt + leg.stableDebt) * priceOf(leg.asset)
      }
      expect(Math.abs(power / owed / toDecimal(health, 18) - 1)).toBeLessThan(1e-6)
      expect(assemble({ reading, settings }).dataState).toEqual({ kind: 'FRESH' })
    })
  })

  it('holds the range as its NFT tells it, with the fees that collecting would pay', async () => {
    await apart(async () => {
      for (const usdc of [3_100, 2_700, 2_950]) await world.movePool('ETH', usdc)
      const reading = await read()
      const { uniswap, treasury, assets } = world.addresses
      const tokenId = BigInt(treasury.rangeTokenId)
      const at = { address: uniswap.positions, args: [tokenId] } as const
      const [, , , , fee, tickLower, tickUpper, liquidity] = await readContract(client(), {
        ...at,
        abi: positionsAbi,
        functionName: 'positions',
      })
      expect(reading.ranges).toHaveLength(1)
      const [range] = reading.ranges
      expect(range).toMatchObject({ tokenId: treasury.rangeTokenId, feeTier: fee, tickLower, tickUpper })
      expect(range?.liquidity).toBe(liquidity.toString())
      expect(range?.poolPrice).toBeCloseTo(await world.poolPrice('ETH'), 6)
      const collected = await simulateContract(client(), {
        address: uniswap.positions,
        abi: collectAbi,
        functionName: 'collect',
        args: [{ tokenId, recipient: treasury.safe, amount0Max: maxUint128, amount1Max: maxUint128 }],
        account: treasury.safe,
      })
      const decimalsOf = (asset: string | undefined) =>
        Object.values(assets).find(({ symbol }) => symbol === asset)?.decimals ?? 0
      expect(collected.result[0]).toBeGreaterThan(0n)
      expect(range?.owed0).toBe(toDecimal(collected.result[0], decimalsOf(range?.asset0)))
      expect(range?.owed1).toBe(toDecimal(collected.result[1], decimalsOf(range?.asset1)))
    })
  })

  it('holds fees, gas and finality as the node itself tells them, and a surge of fees makes the chain CONGESTED', async () => {
    await apart(async () => {
      await world.mine(60)
      await world.setBaseFee(900n * 10n ** 9n)
      const reading = await read()
      const [latest, final, history] = await Promise.all([
        getBlock(client()),
        getBlock(client(), { blockTag: 'finalized' }),
        getFeeHistory(client(), { blockCount: 300, rewardPercentiles: [] }),
      ])
      const fees = history.baseFeePerGas.slice(0, -1).map(Number)
      expect(reading.gaps).toEqual([])
      expect(reading.vitals).toMatchObject({
        baseFeeGwei: 900,
        feeHistory: { blocks: fees.length, percentile: expect.closeTo((fees.length - 0.5) / fees.length, 12) },
        gasUsedShare: expect.closeTo(Number(latest.gasUsed) / Number(latest.gasLimit), 5),
        finalised: {
          number: Number(final.number),
          lagBlocks: Number(latest.number - final.number),
          lagSeconds: Number(latest.timestamp - final.timestamp),
        },
        providers: { configured: 1, agreed: 1 },
      })
      const [chain] = assemble({ reading, settings }).chains ?? []
      expect(chain).toMatchObject({ mode: 'CONGESTED', causes: [{ code: 'base-fee' }] })
    })
  })

  it('time-weights a pool as its ticks stood over the window, and says how to make one remember that forgets', async () => {
    await apart(async () => {
      const pool = world.addresses.uniswap.pools.ETH.address
      const twap = uniswapV3Twap.settings
      const quoted = async () => {
        const source = { kind: 'uniswap-v3-twap', settings: z.parse(twap, { pool, per: 'USDC' }, 'twap') }
        const assets = settings.chain.assets.map((one) => (one.symbol === 'WETH' ? { ...one, prices: [source] } : one))
        return await sources.read({
          settings: { ...settings, chain: { ...settings.chain, assets } },
          at: await world.blockTime(),
        })
      }
      await world.warp(60)
      await world.movePool('ETH', 2_900)
      const forgetful = await quoted()
      expect(forgetful.gaps).toMatchObject([{ subject: 'price WETH uniswap-v3-twap', code: 'window-too-short' }])
      expect(forgetful.gaps[0]?.reason).toMatch(/remembers 1 observation, .* raise its cardinality/)

      const grow = { abi: growAbi, functionName: 'increaseObservationCardinalityNext', args: [20] } as const
      await world.send({ from: world.addresses.accounts.deployer, to: pool, data: encodeFunctionData(grow) })
      const course: [number, number][] = []
      for (const usdc of [2_950, 2_800, 3_050, 2_990]) {
        await world.movePool('ETH', usdc)
        const [, tick] = await readContract(client(), { address: pool, abi: uniswapV3PoolAbi, functionName: 'slot0' })
        course.push([await world.blockTime(), tick])
        await world.warp(700)
      }
      const reading = await quoted()
      const end = reading.block?.timestamp ?? 0
      const sum = course.reduce((total, [from, tick], index) => {
        const until = course[index + 1]?.[0] ?? end
        return total + tick * Math.max(0, until - Math.max(from, end - 1_800))
      }, 0)
      const isToken0 = BigInt(world.addresses.assets.ETH.token) < BigInt(world.addresses.assets.USDC.token)
      const mean = 1.0001 ** (isToken0 ? sum / 1_800 : -sum / 1_800) * 1e12
      expect(reading.gaps).toEqual([])
      const [quote] = reading.quotes ?? []
      expect((quote?.price ?? 0) / mean).toBeCloseTo(1, 9)
      // What is in range now is no more than what was there on average, or the other way round: never above what the ticks hold.
      const [telemetry] = reading.telemetry?.filter(({ id }) => id.endsWith(pool.toLowerCase())) ?? []
      expect(
        (quote?.depth ?? 0) / (telemetry?.kind === 'pool' ? (telemetry.depth?.down.quote ?? 0) : 0),
      ).toBeGreaterThan(0.9)
    })
  })

  it('shows the market leaving the protocol, and degrades nothing', async () => {
    await apart(async () => {
      await world.movePool('ETH', 2_750)
      const snapshot = assemble({ reading: await read(), settings })
      const weth = snapshot.prices.find(({ asset }) => asset === 'WETH')
      expect(weth?.lensGap).toBeCloseTo(2_750 / 2_914 - 1, 4)
      expect(snapshot.gaps.map(({ code }) => code)).toEqual(['lens-gap'])
      expect(snapshot.dataState.kind).toBe('FRESH')
    })
  })
})

describe('a feed that misbehaves', () => {
  const modes = [
    ['reverting', { mode: 'reverting' }, 'reverted'],
    ['empty', { mode: 'empty' }, 'empty-return'],
    ['truncated', { mode: 'truncated' }, 'malformed-return'],
    ['burning all gas', { mode: 'hanging' }, 'reverted'],
    ['at zero', { answer: 0 }, 'price-not-positive'],
    ['negative', { answer: -5 }, 'price-not-positive'],
    ['carrying an old round over', { roundsBehind: 1 }, 'round-incomplete'],
  ] as const
  it.each(modes)('by %s costs only what needs it', async (_, setting, code) => {
    await apart(async () => {
      await world.setFeed('BTC', setting)
      const reading = await read()
      const wbtc = reading.gaps.filter(({ touches }) => touches.kind === 'asset')
      expect(wbtc).toMatchObject([{ subject: 'feed WBTC', code }])
      expect(reading.feeds.map(({ asset }) => asset)).toEqual(['WETH', 'USDC'])
      expect(reading.lending[0]?.reported.healthFactor).toBeCloseTo(1.5, 4)
      const { positions, dataState } = assemble({ reading, settings })
      expect(positions.filter(({ dataState: { kind } }) => kind !== 'FRESH').map(({ id }) => id)).toEqual([
        'wallet:WBTC',
      ])
      expect(dataState.kind).toBe('DEGRADED')
    })
  })

  it('by being late degrades what needs it', async () => {
    await apart(async () => {
      await world.setPrice('BTC', 60_000, { stale: 4_000 })
      const reading = await read()
      expect(reading.gaps).toMatchObject([{ subject: 'feed WBTC', code: 'feed-stale' }])
      expect(reading.feeds).toHaveLength(3)
    })
  })
})

describe('a treasury of which only the address is known', () => {
  const parse = (text: string) => {
    const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text, file: 'draft.yaml' })
    if (parsed.problems !== undefined) throw new Error(JSON.stringify(parsed.problems))
    return parsed
  }
  const valued = async (of: PortfolioSettings) => {
    const at = await world.blockTime()
    const snapshot = assemble({ reading: await sources.read({ settings: of, at }), settings: of })
    const { navUsd, healthFactor = 0, dataState, positions } = assess({ snapshot })
    expect(dataState).toEqual({ kind: 'FRESH' })
    return {
      navUsd,
      healthFactor,
      positions: positions.map(({ positionId, valueUsd }) => `${positionId} ${valueUsd}`).toSorted(),
    }
  }

  it('is found by looking alone, and the draft in force has the positions and the NAV of the configuration by hand', async () => {
    const { treasury, uniswap } = world.addresses
    const urls = [world.rpcUrl]
    const account = treasury.safe.toLowerCase() as `0x${string}`
    const found = await discover(
      { urls: urls.map((url) => new Redacted(url)) },
      { account, at: await world.blockTime() },
    )
    expect(found).toMatchObject({ unpriced: [], leftOut: [], unseen: [], accountKind: { kind: 'safe', threshold: 1 } })
    const draft = draftConfiguration({ discovery: found, urls })
    const { warnings } = parse(draft)
    expect(warnings.map(({ path, isPlaceholder }) => [path, isPlaceholder])).toEqual([
      ['chains[0].uniswapV3.router', true],
      ['chains[0].uniswapV3.quoter', true],
    ])
    // What only a person can choose: neither is told by the chain.
    const filled = draft.replace(/0xC4A6E\w+/, uniswap.router).replace(/0xc4a6e\w+/i, uniswap.quoter)
    const parsed = parse(filled)
    refusePlaceholders({ text: filled, file: 'draft.yaml', warnings: parsed.warnings })
    const [own] = settingsOf(parsed.configuration, parsed.version)
    if (own === undefined) throw new Error('There is no portfolio.')
    const [mine, byHand] = [await valued(own), await valued(settings)]
    const ids = byHand.positions.map((text) => text.split(' ')[0])
    expect(ids).toEqual(['aave-v3', `uniswap-v3:${treasury.rangeTokenId}`, 'wallet:USDC', 'wallet:WBTC'])
    expect(mine.positions).toEqual(byHand.positions)
    // A sum in another order.
    expect(Math.abs(mine.navUsd / byHand.navUsd - 1)).toBeLessThan(1e-12)
    expect(Math.abs(mine.healthFactor / byHand.healthFactor - 1)).toBeLessThan(1e-12)
  })
})

it('a chain that has stopped is BLIND', async () => {
  const reading = await sources.read({ settings, at: (await world.blockTime()) + 61 })
  expect(reading.gaps).toMatchObject([{ code: 'head-too-old', touches: { kind: 'everything' } }])
  expect(assemble({ reading, settings }).dataState.kind).toBe('BLIND')
})

const growAbi = parseAbi(['function increaseObservationCardinalityNext(uint16 observationCardinalityNext)'])
const maxUint128 = maxUint256 >> 128n
const collectAbi = parseAbi([
  'struct Collect { uint256 tokenId; address recipient; uint128 amount0Max; uint128 amount1Max; }',
  'function collect(Collect params) payable returns (uint256 amount0, uint256 amount1)',
])
