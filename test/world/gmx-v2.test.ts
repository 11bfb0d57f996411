// Markets with the interface of GMX v2.2, of our own making, against their own sums: what a position leaves, where it is liquidated, what a share is redeemed at.

import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { detailsOf, value } from '../../lib/instruments/value.ts'
import { compileOwnContracts } from '../../lib/local/world/compile.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import type { PositionReading } from '../../lib/model/reading.ts'
import {
  claimableFundingKey,
  gmxReaderAbi,
  liquidationImpactKey,
  positionKey,
  profitsAtWithdrawal,
} from '../../lib/sources/protocols/gmx-v2-abi.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { GmxMarkets: artifact } = compileFixture('gmx-markets.sol')
const { priceFeed, mintableToken } = compileOwnContracts()
const indexToken: Address = '0x00000000000000000000000000000000000e7400'
const referralStorage: Address = `0x${'b1'.repeat(20)}`
const zero = '0x0000000000000000000000000000000000000000'
const usd = 10n ** 30n
const ether = 10n ** 18n
const day = 86_400
const none = 2n ** 256n - 1n

let chain: ProtocolChain
let gmx: Address
let weth: AssetConfig
let usdc: AssetConfig
let market: Address

const send = (name: string, args: readonly unknown[]) => chain.send(gmx, artifact?.abi ?? [], name, args)

async function asset(symbol: string, decimals: number, underlying: string, price: number): Promise<AssetConfig> {
  const found = await chain.token(symbol, decimals, underlying)
  return {
    ...found,
    feed: {
      heartbeatSeconds: 3_600,
      graceSeconds: 60,
      decimals: 8,
      address: await chain.deploy(priceFeed, [8, symbol, BigInt(price) * 10n ** 8n]),
    },
  }
}

interface Opening {
  readonly collateral: AssetConfig
  readonly isLong: boolean
  readonly size: bigint
  readonly tokens: bigint
  readonly amount: bigint
  readonly impact?: bigint
}
const open = ({ collateral, isLong, size, tokens, amount, impact = 0n }: Opening) =>
  send('open', [[chain.account, market, collateral.address], isLong, size * usd, tokens, amount, impact])

beforeAll(async () => {
  if (artifact === undefined) throw new Error('GmxMarkets did not compile')
  chain = await startProtocolChain()
  weth = await asset('WETH', 18, 'ETH', 3_000)
  usdc = await asset('USDC', 6, 'USDC', 1)
  market = (await chain.token('GM', 18)).address
  gmx = await chain.deploy(artifact)
  const pool = [5_000n * ether, 12_000_000_000000n, 7_500n * usd, 30n * ether, 4n * ether]
  await send('list', [[market, indexToken, weth.address, usdc.address], pool])
  await chain.send(market, mintableToken.abi, 'mint', [
    '0x00000000000000000000000000000000000a11ce',
    20_000_000n * ether,
  ])
  await chain.send(market, mintableToken.abi, 'mint', [chain.account, 1_500n * ether])
  await send('setUint', [liquidationImpactKey(market), 10n ** 27n])
  await send('setUint', [claimableFundingKey(market, usdc.address, chain.account), 12_345678n])
  // Ten ether at 2,950 on 3,000 USDC; three at 3,050 on one ether; short twenty at 3,000.
  await open({ collateral: usdc, isLong: true, size: 29_500n, tokens: 10n * ether, amount: 3_000_000000n })
  await open({
    collateral: weth,
    isLong: true,
    size: 9_150n,
    tokens: 3n * ether,
    amount: ether,
    impact: -(ether / 1_000n),
  })
  await open({
    collateral: usdc,
    isLong: false,
    size: 60_000n,
    tokens: 20n * ether,
    amount: 9_000_000000n,
    impact: ether / 100n,
  })
  await chain.warp(30 * day)
}, 60_000)
afterAll(() => chain?.stop())

const read = (change: { readonly account?: Address; readonly markets?: readonly object[] } = {}) =>
  chain.read('gmx-v2', {
    settings: {
      reader: gmx,
      dataStore: gmx,
      referralStorage,
      markets: change.markets ?? [
        { address: market, underlying: 'ETH', indexToken, indexDecimals: 18, long: 'WETH', short: 'USDC' },
      ],
    },
    assets: [weth, usdc],
    ...(change.account === undefined ? {} : { account: change.account }),
  })

const props = () => ({ marketToken: market, indexToken, longToken: weth.address, shortToken: usdc.address })
const price = (whole: number, decimals: number) => {
  const min = (BigInt(Math.round(whole * 1e8)) * 10n ** BigInt(30 - decimals)) / 10n ** 8n
  return { min, max: min }
}
const pricesAt = (eth: number) => ({
  indexTokenPrice: price(eth, 18),
  longTokenPrice: price(eth, 18),
  shortTokenPrice: price(1, 6),
})
const worldAt = (eth: number) => {
  const spot = { ETH: eth, USDC: 1 }
  const rate = (underlying: string) => ({ underlying, rate: 1 })
  return { at: 0, spot, exchangeRates: { ETH: rate('ETH'), WETH: rate('ETH'), USDC: rate('USDC') } }
}

const keyOf = (collateral: AssetConfig, isLong: boolean) =>
  positionKey([chain.account, market, collateral.address, isLong])
const ask = async (name: string, args: readonly unknown[]) => await chain.view(gmx, gmxReaderAbi, name, args)

async function verdictAt(collateral: AssetConfig, isLong: boolean, eth: number) {
  const args = [gmx, referralStorage, keyOf(collateral, isLong), props(), pricesAt(eth), true, true]
  const [liquidatable, , info] = (await ask('isPositionLiquidatable', args)) as readonly [
    boolean,
    string,
    { readonly remainingCollateralUsd: bigint },
  ]
  return { liquidatable, remaining: toDecimal(info.remainingCollateralUsd, 30) }
}

const named = (positions: readonly PositionReading[], id: string): PositionReading => {
  const found = positions.find((one) => one.id === id)
  if (found === undefined) throw new Error(`There is no ${id} among ${positions.map((one) => one.id).join(', ')}.`)
  return found
}

describe('an account', () => {
  it('has its positions, its shares and what it can claim, in two round trips', async () => {
    const { positions, gaps, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    expect(positions.map(({ id, label, needs }) => [id, label, needs])).toEqual([
      [`gmx-v2:claim:${market}:USDC`, 'GMX v2 ETH funding to claim in USDC', ['USDC']],
      [`gmx-v2:${market}:USDC:long`, 'GMX v2 ETH long in USDC', ['ETH', 'USDC']],
      [`gmx-v2:${market}:WETH:long`, 'GMX v2 ETH long in WETH', ['ETH', 'WETH']],
      [`gmx-v2:${market}:USDC:short`, 'GMX v2 ETH short in USDC', ['ETH', 'USDC', 'WETH']],
      [`gmx-v2:pool:${market}`, 'GMX v2 ETH pool of WETH and USDC', ['ETH', 'WETH', 'USDC']],
    ])
    expect(positions[0]?.instrument.terms).toEqual({ asset: 'USDC', quantity: 12.345678 })
  })

  it('without anything is no position and no gap', async () => {
    const account: Address = `0x${'a2'.repeat(20)}`
    expect(await read({ account })).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })

  it('in a market that is not configured is a gap, and only there', async () => {
    const other = (await chain.token('GM2', 18)).address
    await send('list', [
      [other, indexToken, weth.address, usdc.address],
      [0n, 0n, 0n, 0n, 0n],
    ])
    await send('open', [[chain.account, other, usdc.address], true, 3_000n * usd, ether, 1_000_000000n, 0n])
    const { positions, gaps } = await read()
    expect(positions).toHaveLength(5)
    expect(gaps).toMatchObject([{ code: 'unknown-market', touches: { positionId: `gmx-v2:${other}` } }])
  })
})

describe('a position', () => {
  it.each([
    ['USDC', true],
    ['WETH', true],
    ['USDC', false],
  ] as const)('in %s is worth what closing it leaves and costs, long: %s', async (symbol, isLong) => {
    const collateral = symbol === 'USDC' ? usdc : weth
    const { positions } = await read()
    const { instrument } = named(positions, `gmx-v2:${market}:${symbol}:${isLong ? 'long' : 'short'}`)
    const args = [gmx, referralStorage, keyOf(collateral, isLong), pricesAt(3_000), 0n, zero, true]
    const { fees } = (await ask('getPositionInfo', args)) as {
      readonly fees: {
        readonly positionFeeAmount: bigint
        readonly funding: { readonly claimableLongTokenAmount: bigint; readonly claimableShortTokenAmount: bigint }
      }
    }
    const { remaining } = await verdictAt(collateral, isLong, 3_000)
    const collateralUsd = (units: bigint) => toDecimal(units, collateral.decimals) * (symbol === 'USDC' ? 1 : 3_000)
    const { claimableLongTokenAmount, claimableShortTokenAmount } = fees.funding
    const claims = toDecimal(claimableLongTokenAmount, 18) * 3_000 + toDecimal(claimableShortTokenAmount, 6)
    // Its fee is paid for closing it, and what it can claim is no collateral.
    const expected = remaining + collateralUsd(fees.positionFeeAmount) + claims
    // Fees are cut to the smallest unit of their token.
    expect(Math.abs(value(instrument, worldAt(3_000)) - expected)).toBeLessThan(2e-6)
    expect(claims > 0).toBe(!isLong)
  })

  it.each([
    ['USDC', true],
    ['USDC', false],
  ] as const)('in %s is liquidated where its market does it, long: %s', async (symbol, isLong) => {
    const { positions } = await read()
    const { instrument } = named(positions, `gmx-v2:${market}:${symbol}:${isLong ? 'long' : 'short'}`)
    const { liquidationPriceUsd = 0 } = detailsOf(instrument, worldAt(3_000))
    const away = isLong ? 1 : -1
    const safe = await verdictAt(usdc, isLong, liquidationPriceUsd * (1 + away * 1e-6))
    const lost = await verdictAt(usdc, isLong, liquidationPriceUsd * (1 - away * 1e-6))
    expect([safe.liquidatable, lost.liquidatable]).toEqual([false, true])
  })

  it('whose collateral falls with it is liquidated where its market does it', async () => {
    const { positions } = await read()
    const { instrument } = named(positions, `gmx-v2:${market}:WETH:long`)
    const { liquidationPriceUsd = 0 } = detailsOf(instrument, worldAt(3_000))
    // Fees that are due in ether, and impact that is in tokens of the index, are worth less by then.
    const safe = await verdictAt(weth, true, liquidationPriceUsd * 1.001)
    const lost = await verdictAt(weth, true, liquidationPriceUsd * 0.999)
    expect([safe.liquidatable, lost.liquidatable]).toEqual([false, true])
  })

  it('does not count what its market has not booked yet as a difference', async () => {
    await send('setRules', [0n, none, true])
    expect((await read()).gaps.filter(({ code }) => code !== 'unknown-market')).toEqual([])
    await send('setRules', [0n, none, false])
  })

  it('is liquidated earlier where closing it moves the price, up to what the market takes then', async () => {
    const before = named((await read()).positions, `gmx-v2:${market}:USDC:long`).instrument
    await send('setRules', [10n ** 28n, none, false])
    const after = named((await read()).positions, `gmx-v2:${market}:USDC:long`).instrument
    const at = (instrument: typeof before) => detailsOf(instrument, worldAt(3_000)).liquidationPriceUsd ?? 0
    // A tenth of a per cent of 29,500 on ten ether, of the per cent that closing costs.
    expect(at(after) - at(before)).toBeCloseTo(2.95, 6)
    expect(value(after, worldAt(3_000))).toBeCloseTo(value(before, worldAt(3_000)), 2)
    await send('setRules', [0n, none, false])
  })

  it('whose profit its pool does not pay counts what it pays, with a gap', async () => {
    await send('setRules', [0n, 200n * usd, false])
    const { positions, gaps } = await read()
    const id = `gmx-v2:${market}:USDC:long`
    expect(gaps).toMatchObject([{ code: 'profit-capped', touches: { positionId: id } }, { code: 'unknown-market' }])
    const capped = value(named(positions, id).instrument, worldAt(3_000))
    await send('setRules', [0n, none, false])
    const whole = value(named((await read()).positions, id).instrument, worldAt(3_000))
    expect(whole - capped).toBeCloseTo(300, 2)
  })
})

describe('a share of a pool', () => {
  it.each([3_000, 3_300, 2_400])('is worth what it is redeemed at, with ether at %s', async (eth) => {
    const { positions } = await read()
    const { instrument } = named(positions, `gmx-v2:pool:${market}`)
    const { indexTokenPrice, longTokenPrice, shortTokenPrice } = pricesAt(eth)
    const args = [gmx, props(), indexTokenPrice, longTokenPrice, shortTokenPrice, profitsAtWithdrawal, false]
    const [share] = (await ask('getMarketTokenPrice', args)) as readonly [bigint, unknown]
    expect(Math.abs(value(instrument, worldAt(eth)) / (1_500 * toDecimal(share, 30)) - 1)).toBeLessThan(1e-9)
  })
})
