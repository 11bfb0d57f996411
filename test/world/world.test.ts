import { type Abi, type Address, createPublicClient, type Hex, http, parseAbi } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  aavePoolAbi,
  dataProviderAbi,
  feedAbi,
  positionsAbi,
  quoterAbi,
  safeAbi,
  tokenAbi,
  uniswapFactoryAbi,
  uniswapPoolAbi,
} from '../../lib/local/world/abis.ts'
import { driveWorld } from '../../lib/local/world/drive-world.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'

let world: World
let client: ReturnType<typeof createPublicClient>
let snapshot: Hex

const relayer: Address = '0x00000000000000000000000000000000000000A1'

beforeAll(async () => {
  world = await startWorld({ relayer })
  client = createPublicClient({ transport: http(world.rpcUrl) })
})
afterAll(() => world?.stop())
beforeEach(async () => {
  snapshot = await world.snapshot()
})
afterEach(() => world.revert(snapshot))

function read(address: Address, abi: Abi, functionName: string, args: readonly unknown[] = []): Promise<unknown> {
  return client.readContract({ address, abi, functionName, args })
}

async function accountData() {
  const args = [world.addresses.treasury.safe] as const
  const at = { address: world.addresses.aave.pool, abi: aavePoolAbi, functionName: 'getUserAccountData' } as const
  const [collateral, debt, , threshold, , health] = await client.readContract({ ...at, args })
  return {
    collateralUsd: Number(collateral) / 1e8,
    debtUsd: Number(debt) / 1e8,
    threshold,
    health: Number(health) / 1e18,
  }
}

describe('the world', () => {
  it('has every protocol where its addresses say', async () => {
    const { aave, uniswap, safe, treasury, assets, multicall3 } = world.addresses
    const provider = parseAbi([
      'function getPool() view returns (address)',
      'function getPriceOracle() view returns (address)',
    ])
    const aggregate = parseAbi(['function getChainId() view returns (uint256)'])
    expect(await read(aave.addressesProvider, provider, 'getPool')).toBe(aave.pool)
    expect(await read(aave.addressesProvider, provider, 'getPriceOracle')).toBe(aave.oracle)
    expect(await read(multicall3, aggregate, 'getChainId')).toBe(31_337n)
    expect(await read(treasury.safe, safeAbi, 'VERSION')).toBe('1.5.0')
    expect(await read(treasury.safe, safeAbi, 'getOwners')).toEqual(treasury.owners)
    expect(await read(treasury.safe, safeAbi, 'nonce')).toBe(0n)
    for (const asset of ['ETH', 'BTC'] as const) {
      const { address, fee } = uniswap.pools[asset]
      const tokens = [assets[asset].token, assets.USDC.token, fee]
      expect(await read(uniswap.factory, uniswapFactoryAbi, 'getPool', tokens)).toBe(address)
    }
    for (const { token, decimals, feed, feedDecimals } of Object.values(assets)) {
      expect(await read(token, tokenAbi, 'decimals')).toBe(decimals)
      expect(await read(feed, feedAbi, 'decimals')).toBe(feedDecimals)
    }
    for (const address of [...Object.values(safe), uniswap.universalRouter, uniswap.router, aave.dataProvider]) {
      expect((await client.getCode({ address }))?.length ?? 0).toBeGreaterThan(100)
    }
  })

  it.each([
    ['ETH', 8_050n, 8_300n, 10_500n],
    ['BTC', 7_300n, 7_800n, 10_500n],
    ['USDC', 7_700n, 8_000n, 10_450n],
  ] as const)('lends against %s with the limits of mainnet', async (asset, ltv, threshold, bonus) => {
    const { aave, assets } = world.addresses
    const at = {
      address: aave.dataProvider,
      abi: dataProviderAbi,
      functionName: 'getReserveConfigurationData',
    } as const
    const limits = await client.readContract({ ...at, args: [assets[asset].token] })
    expect(limits.slice(1, 4)).toEqual([ltv, threshold, bonus])
    expect(limits.slice(5, 7)).toEqual([true, true])
  })

  it('resolves the latest, the safe and the finalized block', async () => {
    const latest = await client.getBlock()
    const finalized = await client.getBlock({ blockTag: 'finalized' })
    expect(latest.number - finalized.number).toBe(2n)
    expect((await client.getBlock({ blockTag: 'safe' })).number).toBe(latest.number - 1n)
    expect(latest.baseFeePerGas).toBe(2_000_000_000n)
  })

  it('funds the relayer for gas', async () => {
    expect(await client.getBalance({ address: relayer })).toBe(10n ** 19n)
  })
})

describe('the treasury', () => {
  it('has a looped loan of its own with a health factor of 1.5', async () => {
    const { health, collateralUsd, debtUsd } = await accountData()
    expect(health).toBeCloseTo(1.5, 6)
    expect(collateralUsd).toBeCloseTo(740 * 2_914, 2)
    expect(debtUsd).toBeCloseTo((740 * 2_914 * 0.83) / 1.5, 0)
    const debtToken = world.addresses.aave.reserves.USDC.variableDebtToken
    const owed = (await read(debtToken, tokenAbi, 'balanceOf', [world.addresses.treasury.safe])) as bigint
    expect(Number(owed) / 1e6).toBeCloseTo(debtUsd, 1)
  })

  it('owns a WETH/USDC range of about a fifth to both sides of the price, worth half a million', async () => {
    const { uniswap, treasury } = world.addresses
    const tokenId = BigInt(treasury.rangeTokenId)
    expect(await read(uniswap.positions, positionsAbi, 'ownerOf', [tokenId])).toBe(treasury.safe)
    const at = { address: uniswap.positions, abi: positionsAbi, functionName: 'positions' } as const
    const position = await client.readContract({ ...at, args: [tokenId] })
    const [, , , , fee, tickLower, tickUpper, liquidity] = position
    const pool = await client.readContract({
      address: uniswap.pools.ETH.address,
      abi: uniswapPoolAbi,
      functionName: 'slot0',
    })
    expect(fee).toBe(500)
    expect(1.0001 ** (tickUpper - pool[1])).toBeCloseTo(1.2, 2)
    expect(1.0001 ** (pool[1] - tickLower)).toBeCloseTo(1.2, 2)
    const [root, low, high] = [Number(pool[0]) / 2 ** 96, 1.0001 ** (tickLower / 2), 1.0001 ** (tickUpper / 2)]
    const weth = (Number(liquidity) * (1 / root - 1 / high)) / 1e18
    const usdc = (Number(liquidity) * (root - low)) / 1e6
    expect(weth * 2_914 + usdc).toBeGreaterThan(450_000)
    expect(weth * 2_914 + usdc).toBeLessThan(500_001)
  })

  it('has spare WBTC and USDC and no loose WETH', async () => {
    const { assets, treasury } = world.addresses
    const held = await Promise.all(
      (['BTC', 'USDC', 'ETH'] as const).map((id) => read(assets[id].token, tokenAbi, 'balanceOf', [treasury.safe])),
    )
    expect(held[0]).toBe(800_000_000n)
    expect(Number(held[1]) / 1e6).toBeCloseTo(50_000, 3)
    expect(held[2]).toBe(0n)
  })

  it('gets closer to liquidation when the price falls', async () => {
    await world.setPrice('ETH', 2_228)
    expect((await accountData()).health).toBeCloseTo((1.5 * 2_228) / 2_914, 6)
  })
})

describe('prices', () => {
  it.each([
    ['ETH', 2_228],
    ['ETH', 4_800],
    ['ETH', 300],
    ['BTC', 41_234.56],
    ['BTC', 109_000],
  ] as const)('of %s at %d are the same at the feed and in the pool', async (asset, usd) => {
    await world.setPrice(asset, usd)
    const feeds = await world.feeds()
    expect(feeds[asset].usd).toBeCloseTo(usd, 6)
    expect(feeds[asset].updatedAt).toBe(await world.blockTime())
    expect(Math.abs((await world.poolPrice(asset)) / usd - 1)).toBeLessThan(1e-9)
  })

  it('in the pool are those that the quoter gives, up to the fee', async () => {
    await world.setPrice('ETH', 2_500)
    const { assets, uniswap } = world.addresses
    const params = {
      tokenIn: assets.ETH.token,
      tokenOut: assets.USDC.token,
      amountIn: 10n ** 16n,
      fee: 500,
      sqrtPriceLimitX96: 0n,
    }
    const at = { address: uniswap.quoter, abi: quoterAbi, functionName: 'quoteExactInputSingle' } as const
    const { result } = await client.simulateContract({ ...at, args: [params] })
    expect(Number(result[0]) / 1e6 / 0.01 / (2_500 * 0.9995)).toBeCloseTo(1, 5)
  })

  it('of USDC move both pools, which are quoted in it', async () => {
    await world.setPrice('USDC', 0.88)
    expect(await world.poolPrice('ETH')).toBeCloseTo(2_914 / 0.88, 4)
    expect(await world.poolPrice('BTC')).toBeCloseTo(60_700 / 0.88, 2)
  })

  it('can be dated back, and the pool moved alone', async () => {
    await world.setPrice('ETH', 2_800, { stale: 7_200 })
    await world.movePool('ETH', 2_700)
    const { ETH } = await world.feeds()
    expect(ETH.updatedAt).toBe((await world.blockTime()) - 7_200)
    expect(ETH.usd).toBe(2_800)
    expect(await world.poolPrice('ETH')).toBeCloseTo(2_700, 6)
  })

  it('that no market can have are refused before anything moves', async () => {
    for (const price of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(world.setPrices({ BTC: 50_000, ETH: price })).rejects.toMatchObject({ code: 'world-price-invalid' })
    }
    expect((await world.feeds()).BTC.usd).toBe(60_700)
  })

  it('are driven from another process by address and file alone', async () => {
    const addresses = JSON.parse(JSON.stringify(world.addresses))
    const other = driveWorld({ rpcUrl: world.rpcUrl, addresses })
    await Promise.all([other.setPrice('ETH', 2_600), world.setPrice('BTC', 50_000)])
    expect(await world.poolPrice('ETH')).toBeCloseTo(2_600, 6)
    expect(await other.poolPrice('BTC')).toBeCloseTo(50_000, 4)
  })
})

describe('time, blocks and fees', () => {
  it('pass as they are told, and interest with them', async () => {
    const [time, number, before] = [
      await world.blockTime(),
      await client.getBlockNumber({ cacheTime: 0 }),
      await accountData(),
    ]
    await world.warp(86_400)
    await world.mine(3)
    expect((await world.blockTime()) - time).toBeGreaterThanOrEqual(86_400)
    expect((await client.getBlockNumber({ cacheTime: 0 })) - number).toBe(4n)
    expect((await accountData()).debtUsd).toBeGreaterThan(before.debtUsd)
  })

  it('take transactions once a block while mining by interval, and keep the base fee that is set', async () => {
    await world.startIntervalMining(0.1)
    try {
      await world.setBaseFee(7_000_000_000n)
      const begun = await client.getBlockNumber({ cacheTime: 0 })
      await world.setPrices({ ETH: 2_500, BTC: 55_000 })
      await expect.poll(() => client.getBlockNumber({ cacheTime: 0 }), { timeout: 5_000 }).toBeGreaterThan(begun + 4n)
      expect((await client.getBlock()).baseFeePerGas).toBe(7_000_000_000n)
      expect(await world.poolPrice('ETH')).toBeCloseTo(2_500, 6)
    } finally {
      await world.stopIntervalMining()
    }
    const number = await client.getBlockNumber({ cacheTime: 0 })
    await world.setPrice('ETH', 2_600)
    expect(await client.getBlockNumber({ cacheTime: 0 })).toBe(number + 2n)
  })

  it('have a snapshot that can be returned to once', async () => {
    const before = await world.snapshot()
    await world.setPrice('ETH', 1_000)
    await world.revert(before)
    expect((await world.feeds()).ETH.usd).toBe(2_914)
    await expect(world.revert(before)).rejects.toMatchObject({ code: 'world-snapshot-gone' })
  })
})
