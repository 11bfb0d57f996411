// How markets do, as read from real contracts, against what those contracts themselves quote, charge and allow.

import { createClient, http, maxUint256, parseAbi } from 'viem'
import { readContract, simulateContract } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import { aavePoolAbi, positionsAbi, tokenAbi, uniswapPoolAbi } from '../../lib/local/world/abis.ts'
import { type ContractCall, makeDeployer } from '../../lib/local/world/deployer.ts'
import { makeRpc } from '../../lib/local/world/rpc.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { AssetConfig, PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { poolRevenue } from '../../lib/model/pool-revenue.ts'
import type { MarketTelemetry, PoolTelemetry, Telemetry } from '../../lib/model/telemetry.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { settingsOfWorld } from './chain-of-world.ts'

let world: World
let settings: PortfolioSettings
beforeAll(async () => {
  world = await startWorld()
  const plain = settingsOfWorld(world)
  const { uniswapV3 } = plain.chain
  if (uniswapV3 === undefined) throw new Error('The world has no exchange.')
  settings = { ...plain, chain: { ...plain.chain, uniswapV3: { ...uniswapV3, feeTiers: [100, 500, 3_000] } } }
})
afterAll(() => world?.stop())

const sources = chainSources({ secret: async (name) => new Redacted(name) })
const client = () => createClient({ transport: http(world.rpcUrl) })
/** One block: whoever made the market is its administrator, and rich. */
async function asDeployer(...calls: readonly Omit<ContractCall, 'name'>[]): Promise<void> {
  const rpc = makeRpc(world.rpcUrl)
  const deployer = await makeDeployer({ rpc }, world.addresses.accounts.deployer)
  for (const call of calls) deployer.call({ name: call.functionName, ...call })
  await deployer.flush()
}
const assetOf = (underlying: string): AssetConfig => {
  const found = settings.chain.assets.find((one) => one.underlying === underlying)
  if (found === undefined) throw new Error(`There is no ${underlying}.`)
  return found
}

async function telemetry(): Promise<readonly Telemetry[]> {
  const reading = await sources.read({ settings, at: await world.blockTime() })
  expect(reading.gaps).toEqual([])
  return reading.telemetry ?? []
}
const pools = async () =>
  (await telemetry()).flatMap((one): readonly PoolTelemetry[] => (one.kind === 'pool' ? [one] : []))
const reserve = async (asset: string): Promise<MarketTelemetry> => {
  const found = (await telemetry()).find((one) => one.kind === 'market' && one.asset === asset)
  if (found?.kind !== 'market') throw new Error(`There is no market of ${asset}.`)
  return found
}

const factoryAbi = parseAbi([
  'function enableFeeAmount(uint24 fee, int24 tickSpacing)',
  'function createPool(address tokenA, address tokenB, uint24 fee) returns (address pool)',
])
const quoterAbi = parseAbi([
  'struct ExactInput { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }',
  'struct ExactOutput { address tokenIn; address tokenOut; uint256 amount; uint24 fee; uint160 sqrtPriceLimitX96; }',
  'function quoteExactInputSingle(ExactInput params) returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)',
  'function quoteExactOutputSingle(ExactOutput params) returns (uint256 amountIn, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)',
])

const sorted = <T>(a: AssetConfig, b: AssetConfig, of: (asset: AssetConfig) => T) =>
  BigInt(a.address) < BigInt(b.address) ? ([of(a), of(b)] as const) : ([of(b), of(a)] as const)

/** Many narrow ranges around the price, some of them edge to edge, so that the way to 2 % crosses ticks in both directions. */
function crowd(fee: number, spacing: number, tick: number): readonly Omit<ContractCall, 'name'>[] {
  const { positions } = world.addresses.uniswap
  const [eth, usdc] = [assetOf('ETH'), assetOf('USDC')]
  const [token0, token1] = sorted(eth, usdc, ({ address }) => address)
  const amounts = sorted(eth, usdc, ({ decimals }) => 10n ** BigInt(decimals) * (decimals === 6 ? 300_000n : 100n))
  const near = Math.floor(tick / spacing)
  const ranges = [
    [-3, 4],
    [-90, -3],
    [4, 5],
    [-8, 12],
    [1, 170],
  ] as const
  return ranges.map(([lower, upper]) => {
    const terms = { token0, token1, fee, tickLower: (near + lower) * spacing, tickUpper: (near + upper) * spacing }
    const limits = {
      amount0Min: 0n,
      amount1Min: 0n,
      recipient: world.addresses.accounts.deployer,
      deadline: maxUint256,
    }
    const args = [{ ...terms, amount0Desired: amounts[0], amount1Desired: amounts[1], ...limits }]
    return { to: positions, abi: positionsAbi, functionName: 'mint', args }
  })
}

describe('the depth of real pools', () => {
  beforeAll(async () => {
    const { factory, positions, pools: known } = world.addresses.uniswap
    const [eth, usdc] = [assetOf('ETH'), assetOf('USDC')]
    const slot0 = { address: known.ETH.address, abi: uniswapPoolAbi, functionName: 'slot0' } as const
    const [sqrtPriceX96, tick] = await readContract(client(), slot0)
    const pair = sorted(eth, usdc, ({ address }) => address)
    const { deployer } = world.addresses.accounts
    const ofEth = { to: eth.address, abi: tokenAbi }
    const open = { abi: positionsAbi, functionName: 'createAndInitializePoolIfNecessary' }
    await asDeployer(
      { ...ofEth, functionName: 'deposit', args: [], value: 2_000n * 10n ** 18n },
      { to: usdc.address, abi: tokenAbi, functionName: 'mint', args: [deployer, 10n ** 14n] },
      { ...ofEth, functionName: 'approve', args: [positions, maxUint256] },
      { to: usdc.address, abi: tokenAbi, functionName: 'approve', args: [positions, maxUint256] },
      { to: factory, abi: factoryAbi, functionName: 'enableFeeAmount', args: [100, 1] },
      { to: positions, ...open, args: [...pair, 100, sqrtPriceX96] },
      ...crowd(100, 1, tick),
      ...crowd(500, 10, tick),
    )
  })

  it('is what their own quoter pays up to a price 2 % away, on both sides, through every tick', async () => {
    const found = await pools()
    expect(found.map(({ label, base, quote }) => `${base}/${quote} ${label}`)).toEqual([
      'WETH/USDC Uniswap v3 0.01 %',
      'WETH/USDC Uniswap v3 0.05 %',
      'WBTC/USDC Uniswap v3 0.3 %',
    ])
    for (const pool of found) {
      const crossed = [await compare(pool, 'down'), await compare(pool, 'up')]
      expect(Math.min(...crossed)).toBeGreaterThanOrEqual(pool.base === 'WETH' ? 2 : 0)
    }
  })

  /** @returns how many ticks the quoter crossed */
  async function compare(pool: PoolTelemetry, side: 'down' | 'up'): Promise<number> {
    const address = pool.id.split(':')[1] as Address
    const fee = Math.round(Number(/[\d.]+ %$/.exec(pool.label)?.[0].split(' ')[0]) * 10_000)
    const [base, quote] = [pool.base, pool.quote].map((symbol) =>
      settings.chain.assets.find((one) => one.symbol === symbol),
    )
    if (base === undefined || quote === undefined || pool.depth === undefined) throw new Error('No depth.')
    const { [side]: depth } = pool.depth
    const [sqrtPriceX96] = await readContract(client(), { address, abi: uniswapPoolAbi, functionName: 'slot0' })
    const factor = Math.sqrt(side === 'down' ? 0.98 : 1.02)
    const baseIsToken0 = BigInt(base.address) < BigInt(quote.address)
    const limit = BigInt(Math.round(Number(sqrtPriceX96) * (baseIsToken0 ? factor : 1 / factor)))
    const [tokenIn, tokenOut] = side === 'down' ? [base, quote] : [quote, base]
    const [amountIn, amountOut] = side === 'down' ? [depth.base, depth.quote] : [depth.quote, depth.base]
    const at = { address: world.addresses.uniswap.quoter, abi: quoterAbi } as const
    const route = { tokenIn: tokenIn.address, tokenOut: tokenOut.address, fee, sqrtPriceLimitX96: limit }
    const [sold, bought] = await Promise.all([
      simulateContract(client(), {
        ...at,
        functionName: 'quoteExactInputSingle',
        args: [{ ...route, amountIn: 10n ** 38n }],
      }),
      simulateContract(client(), {
        ...at,
        functionName: 'quoteExactOutputSingle',
        args: [{ ...route, amount: 10n ** 38n }],
      }),
    ])
    // Besides, the quoter rounds to the smallest unit once a tick.
    const units = (asset: AssetConfig) => 20 * 10 ** -asset.decimals
    const expectClose = (ours: number, theirs: number, least: number) =>
      expect(Math.abs(ours - theirs)).toBeLessThan(1e-9 * theirs + least)
    expectClose(amountOut, toDecimal(sold.result[0], tokenOut.decimals), units(tokenOut))
    expectClose(amountIn, toDecimal(bought.result[0], tokenIn.decimals), units(tokenIn))
    return sold.result[2]
  }

  it('earns its providers the fee of what was traded, and the protocol nothing while it takes no part', async () => {
    const before = await pools()
    await world.movePool('ETH', 2_930)
    const after = await pools()
    const [revenue] = poolRevenue(before, after).filter(({ id }) => id === after[1]?.id)
    // The price rose: USDC came in, of which 0.05 % stays.
    const fees = revenue?.earned.quote ?? 0
    expect(fees).toBeGreaterThan(0)
    expect(revenue).toMatchObject({ earned: { base: 0 }, protocol: { base: 0, quote: 0 } })
  })
})

const configuratorAbi = parseAbi([
  'function setSupplyCap(address asset, uint256 newSupplyCap)',
  'function setBorrowCap(address asset, uint256 newBorrowCap)',
  'function setReserveFreeze(address asset, bool freeze)',
])

describe('a real reserve', () => {
  it('has the totals of its tokens, and the utilisation by which it sets its rate', async () => {
    await world.warp(30 * 86_400)
    await world.setPrices({ ETH: 2_900, BTC: 60_000, USDC: 1 })
    const { pool, reserves } = world.addresses.aave
    const { address, decimals } = assetOf('USDC')
    // A touch, after which the rate is of this utilisation.
    const { deployer } = world.addresses.accounts
    await asDeployer(
      { to: address, abi: tokenAbi, functionName: 'approve', args: [pool, maxUint256] },
      { to: pool, abi: aavePoolAbi, functionName: 'supply', args: [address, 1n, deployer, 0] },
    )
    const supplyAbi = parseAbi(['function totalSupply() view returns (uint256)'])
    const total = async (token: Address) =>
      toDecimal(await readContract(client(), { address: token, abi: supplyAbi, functionName: 'totalSupply' }), decimals)
    const market = await reserve('USDC')
    const cash = { address, abi: tokenAbi, functionName: 'balanceOf', args: [reserves.USDC.aToken] } as const
    expect(market).toMatchObject({
      supplied: await total(reserves.USDC.aToken),
      borrowed: await total(reserves.USDC.variableDebtToken),
      available: toDecimal(await readContract(client(), cash), decimals),
      reserveFactor: 0.1,
      frozen: false,
      paused: false,
    })
    expect(market).not.toHaveProperty('supplyCap')
    expect(market).not.toHaveProperty('unread')
    // deploy-aave.ts: 5.5 % at 90 % use, in proportion below.
    const { borrowed = 0, utilisation = 0 } = market
    const rate = (0.055 * utilisation) / 0.9
    expect(market.revenuePerYear).toBeCloseTo(borrowed * rate * 0.1, 3)
    expect(market.accruedToTreasury).toBeGreaterThan(0)
  })

  it('has exactly as much room under its caps as it lets in', async () => {
    const { pool, poolConfigurator } = world.addresses.aave
    const { address, decimals } = assetOf('USDC')
    const { supplied = 0, borrowed = 0 } = await reserve('USDC')
    const at = { to: poolConfigurator, abi: configuratorAbi }
    await asDeployer(
      { ...at, functionName: 'setSupplyCap', args: [address, BigInt(Math.ceil(supplied) + 1_000)] },
      { ...at, functionName: 'setBorrowCap', args: [address, BigInt(Math.ceil(borrowed) + 500)] },
      { ...at, functionName: 'setReserveFreeze', args: [assetOf('ETH').address, true] },
    )
    expect(await reserve('WETH')).toMatchObject({ frozen: true, paused: false })
    const market = await reserve('USDC')
    expect(market).toMatchObject({ borrowCap: Math.ceil(borrowed) + 500 })
    const { supplyCap = 0, accruedToTreasury = 0 } = market
    const room = supplyCap - (market.supplied ?? 0) - accruedToTreasury
    expect(room).toBeGreaterThan(900)
    const supply = (amount: number) =>
      simulateContract(client(), {
        address: pool,
        abi: aavePoolAbi,
        functionName: 'supply',
        args: [address, BigInt(Math.floor(amount * 10 ** decimals)), world.addresses.accounts.deployer, 0],
        account: world.addresses.accounts.deployer,
      })
    // A cent of room on either side for a block's interest.
    await expect(supply(room - 0.01)).resolves.toBeDefined()
    await expect(supply(room + 0.01)).rejects.toThrow('51')
  })
})
