// A market with the ABI of Compound v3, of our own making, against its own views of balances, interest and safety.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { detailsOf } from '../../lib/instruments/value.ts'
import { compileOwnContracts } from '../../lib/local/world/compile.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { CometMarket: artifact } = compileFixture('comet-market.sol')
const { priceFeed, mintableToken } = compileOwnContracts()
const lender: Address = `0x${'a1'.repeat(20)}`
const year = 365 * 86_400

let chain: ProtocolChain
let comet: Address
const assets: Record<string, AssetConfig> = {}
const feeds: Record<string, Address> = {}

const send = (name: string, args: readonly unknown[]) => chain.send(comet, artifact?.abi ?? [], name, args)
const view = (name: string, args: readonly unknown[] = []) => chain.view(comet, artifact?.abi ?? [], name, args)
const asset = (symbol: string): AssetConfig => {
  const found = assets[symbol]
  if (found === undefined) throw new Error(`There is no ${symbol}.`)
  return found
}

beforeAll(async () => {
  if (artifact === undefined) throw new Error('CometMarket did not compile')
  chain = await startProtocolChain()
  const decimals = { USDC: 6, WETH: 18, WBTC: 8, XYZ: 18 }
  const prices = { USDC: 1, WETH: 3_000, WBTC: 60_000, XYZ: 2 }
  for (const [symbol, price] of Object.entries(prices)) {
    assets[symbol] = await chain.token(symbol, decimals[symbol as keyof typeof decimals])
    feeds[symbol] = await chain.deploy(priceFeed, [8, symbol, BigInt(price) * 10n ** 8n])
  }
  comet = await chain.deploy(artifact, [asset('USDC').address, 10n ** 6n, feeds.USDC])
  await send('list', [asset('WETH').address, feeds.WETH, 10n ** 18n, 83n * 10n ** 16n])
  await send('list', [asset('XYZ').address, feeds.XYZ, 10n ** 18n, 5n * 10n ** 17n])
  // Offsets beyond 15 are kept in another field.
  for (let offset = 2; offset < 17; offset++) {
    await send('list', [`0x${offset.toString(16).padStart(40, '0')}`, feeds.XYZ, 10n ** 18n, 5n * 10n ** 17n])
  }
  await send('list', [asset('WBTC').address, feeds.WBTC, 10n ** 8n, 77n * 10n ** 16n])
  await send('supplyTo', [lender, asset('USDC').address, 100_000_000000n])
  await send('supplyTo', [chain.account, asset('WETH').address, 10n * 10n ** 18n])
  await send('supplyTo', [chain.account, asset('WBTC').address, 12_345_678n])
  await send('withdraw', [20_000_000001n])
  await chain.warp(30 * 86_400)
}, 60_000)
afterAll(() => chain?.stop())

const read = (account?: Address) =>
  chain.read('compound-v3', {
    settings: { comets: [{ address: comet, base: 'USDC' }] },
    assets: ['USDC', 'WETH', 'WBTC'].map(asset),
    ...(account === undefined ? {} : { account }),
  })

describe('an account of a market', () => {
  it('owes with interest to the block, and secures it by collateral with its threshold, in two round trips', async () => {
    const owed = toDecimal((await view('borrowBalanceOf', [chain.account])) as bigint, 6)
    expect(owed).toBeGreaterThan(20_000.01)
    const { positions, gaps, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    expect(positions).toHaveLength(1)
    expect(positions[0]?.instrument).toMatchObject({
      kind: 'loan',
      terms: {
        collateral: [
          { asset: 'WETH', quantity: 10, liquidationThreshold: 0.83 },
          { asset: 'WBTC', quantity: 0.12345678, liquidationThreshold: 0.77 },
        ],
        debt: [{ asset: 'USDC', quantity: owed }],
      },
    })
  })

  it('comes with how its market does, as the market itself tells it', async () => {
    await chain.send(asset('USDC').address, mintableToken.abi, 'mint', [comet, 80_000_000000n])
    const whole = async (name: string, decimals = 6) => toDecimal((await view(name)) as bigint, decimals)
    const { telemetry, gaps, roundTrips } = await read()
    expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 2 })
    const [base, weth, wbtc] = telemetry
    expect(base).toMatchObject({
      id: `compound-v3:${comet}:USDC`,
      supplied: await whole('totalSupply'),
      borrowed: await whole('totalBorrow'),
      reserves: await whole('getReserves'),
      utilisation: await whole('getUtilization', 18),
      available: 80_000,
      frozen: false,
      paused: false,
    })
    expect(weth).toMatchObject({ asset: 'WETH', supplied: 10, supplyCap: 1e12 })
    expect(wbtc).toMatchObject({ asset: 'WBTC', supplied: 0.12345678 })
  })

  it('owes interest at the stated rate', async () => {
    await send('accrue', [])
    const before = await debtOf()
    await chain.warp(3_600)
    const after = await debtOf()
    const growth = (Math.log(after.quantity / before.quantity) / (after.at - before.at)) * year
    // Rates and balances are whole numbers: an hour of interest is known to a millionth of a dollar.
    expect(Math.abs(growth / (before.rate ?? 0) - 1)).toBeLessThan(1e-4)
  })

  it('that lends earns, and its supply secures nothing', async () => {
    const supplied = toDecimal((await view('balanceOf', [lender])) as bigint, 6)
    const { positions, gaps } = await read(lender)
    expect(gaps).toEqual([])
    const leg = { asset: 'USDC', quantity: supplied, liquidationThreshold: 0, rate: expect.any(Number) }
    expect(positions[0]?.instrument.terms).toEqual({ collateral: [leg], debt: [] })
  })

  it('without anything is no position and no gap', async () => {
    expect(await read(`0x${'a2'.repeat(20)}`)).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })

  it('can be liquidated exactly when its health factor is below 1', async () => {
    for (const [price, liquidatable] of [
      [1_800, false],
      [1_730, false],
      [1_725, true],
    ] as const) {
      await setPrice('WETH', price)
      expect(await view('isLiquidatable', [chain.account])).toBe(liquidatable)
      const { positions, gaps } = await read()
      expect(gaps).toEqual([])
      const health = healthOf(positions[0]?.instrument, { ETH: price })
      expect(health < 1).toBe(liquidatable)
    }
    await setPrice('WETH', 3_000)
  })

  it('whose oracle has failed stands, with a gap', async () => {
    await setPrice('WBTC', 0)
    const { positions, gaps } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'reverted', touches: { positionId: `compound-v3:${comet}` } }])
    await setPrice('WBTC', 60_000)
  })

  it('that strangers give a token which is not configured is not degraded', async () => {
    await send('supplyTo', [chain.account, asset('XYZ').address, 1n])
    const { positions, gaps, roundTrips } = await read()
    expect(positions).toHaveLength(1)
    expect(roundTrips).toBe(2)
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches: { kind: 'context' } }])
    expect(gaps[0]?.reason.toLowerCase()).toContain(asset('XYZ').address)
  })
})

async function debtOf() {
  const at = await chain.blockTime()
  const { positions } = await read()
  const terms = positions[0]?.instrument.terms as {
    readonly debt: readonly { readonly quantity: number; readonly rate?: number }[]
  }
  const [debt] = terms.debt
  if (debt === undefined) throw new Error('there is no debt')
  return { ...debt, at }
}

async function setPrice(symbol: string, usd: number): Promise<void> {
  await chain.send(feeds[symbol] ?? '0x', priceFeed.abi, 'push', [BigInt(usd) * 10n ** 8n, 0n])
}

function healthOf(instrument: Parameters<typeof detailsOf>[0] | undefined, { ETH }: { readonly ETH: number }): number {
  if (instrument === undefined) throw new Error('there is no position')
  const rate = (underlying: string) => ({ underlying, rate: 1 })
  const exchangeRates = { USDC: rate('USDC'), WETH: rate('ETH'), WBTC: rate('BTC') }
  const market = { at: 0, spot: { USDC: 1, ETH, BTC: 60_000 }, exchangeRates }
  return detailsOf(instrument, market).healthFactor ?? Number.POSITIVE_INFINITY
}
