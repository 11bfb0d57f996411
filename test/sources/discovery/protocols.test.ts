// Each protocol finds its own holdings, and what it finds is read by the same protocol as it stands in the draft.

import { encodeAbiParameters, keccak256, parseAbi, parseAbiParameters } from 'viem/utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Address } from '../../../lib/model/identity.ts'
import { lookAt, readDraft, sayFeed, seedAccount } from '../fixture/looked-at.ts'
import { namingLog, sayToken, serveLogs, transferLog } from '../fixture/met-tokens.ts'
import { multicall3, type ScriptedChain, startScriptedChain } from '../fixture/scripted-chain.ts'
import { account, at, usdc, weth } from '../fixture/treasury.ts'

const address = (byte: string): Address => `0x${byte.repeat(20)}`
const lp = address('a1')
const wad = 10n ** 18n

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedAccount(chain)
  sayToken(chain, lp, { account, symbol: 'LP' })
  serveLogs(chain, [transferLog({ token: lp, to: account })])
})
afterEach(() => chain.stop())

/** `function NAME(...) view returns (...)`, its arguments, its answer. */
function say(to: Address, signature: string, args: readonly unknown[], result: unknown): void {
  const abi = parseAbi([`function ${signature}`] as readonly string[])
  chain.say(to, abi, signature.slice(0, signature.indexOf('(')), args, result)
}

const drafted = async (known = {}) => readDraft(await lookAt(chain, { protocols: known })).chain.protocols

it('a Uniswap v2 pair is vouched for by its factory', async () => {
  const factory: Address = '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f'
  say(lp, 'token0() view returns (address)', [], usdc)
  say(lp, 'token1() view returns (address)', [], weth)
  say(lp, 'getReserves() view returns (uint112, uint112, uint32)', [], [1n, 1n, 0])
  say(lp, 'factory() view returns (address)', [], factory)
  say(factory, 'getPair(address, address) view returns (address)', [usdc, weth], address('77'))
  expect(await drafted()).toBeUndefined()
  say(factory, 'getPair(address, address) view returns (address)', [usdc, weth], lp)
  expect(await drafted()).toEqual({ 'uniswap-v2': { pairs: [{ address: lp, assets: ['USDC', 'WETH'] }] } })
})

it('a Balancer pool is vouched for by the Vault, and its kind is told by what it answers', async () => {
  const vault: Address = '0xba12222222228d8ba445958a75a0704d566bf2c8'
  const id = `0x${'12'.repeat(32)}`
  say(lp, 'getPoolId() view returns (bytes32)', [], id)
  say(lp, 'getVault() view returns (address)', [], vault)
  say(lp, 'getNormalizedWeights() view returns (uint256[])', [], [wad / 2n, wad / 2n])
  say(vault, 'getPool(bytes32) view returns (address, uint8)', [id], [lp, 2])
  say(vault, 'getPoolTokens(bytes32) view returns (address[], uint256[], uint256)', [id], [[usdc, weth], [1n, 1n], 1n])
  const pool = { address: lp, kind: 'weighted', coins: ['USDC', 'WETH'], supply: 'total' }
  expect(await drafted()).toEqual({ balancer: { vault, pools: [pool] } })
})

it('a Curve pool has its coins in order, and one of another curve is none', async () => {
  const pool = address('a2')
  say(lp, 'minter() view returns (address)', [], pool)
  say(pool, 'get_virtual_price() view returns (uint256)', [], wad)
  say(pool, 'A() view returns (uint256)', [], 100n)
  say(pool, 'coins(int128) view returns (address)', [0n], usdc)
  say(pool, 'coins(int128) view returns (address)', [1n], weth)
  const funded = transferLog({ token: usdc, from: account, to: pool, value: 9n })
  serveLogs(chain, [transferLog({ token: lp, to: account }), funded])
  const details = { lpToken: lp, amplification: 'A', index: 'int128' }
  expect(await drafted()).toEqual({ curve: { pools: [{ address: pool, coins: ['USDC', 'WETH'], ...details }] } })
  say(pool, 'gamma() view returns (uint256)', [], 1n)
  expect(await drafted()).toBeUndefined()
})

it('a debtor of a Comet is found though it has nothing of its token, with its collateral', async () => {
  const comet: Address = '0xc3d688b66703497daa19211eedff47f25384cdc3'
  const info = 'getAssetInfo(uint8) view returns (uint8, address, address, uint64, uint64, uint64, uint64, uint128)'
  say(comet, 'baseToken() view returns (address)', [], usdc)
  say(comet, 'baseTokenPriceFeed() view returns (address)', [], address('f1'))
  say(comet, 'numAssets() view returns (uint8)', [], 1)
  say(comet, 'balanceOf(address) view returns (uint256)', [account], 0n)
  say(comet, 'borrowBalanceOf(address) view returns (uint256)', [account], 5n)
  say(comet, info, [0], [0, weth, address('f2'), 1n, 1n, 1n, 1n, 1n])
  say(comet, 'userCollateral(address, address) view returns (uint128, uint128)', [account, weth], [7n, 0n])
  expect(await drafted()).toEqual({ 'compound-v3': { comets: [{ address: comet, base: 'USDC' }] } })
})

it('a Comet that lends a coin counts in that coin: what it believes of its base is no price in dollars', async () => {
  const comet: Address = '0xc3d688b66703497daa19211eedff47f25384cdc3'
  const coin = address('a3')
  say(comet, 'baseToken() view returns (address)', [], coin)
  say(comet, 'baseTokenPriceFeed() view returns (address)', [], address('f1'))
  say(comet, 'numAssets() view returns (uint8)', [], 0)
  say(comet, 'balanceOf(address) view returns (uint256)', [account], 5n)
  say(comet, 'borrowBalanceOf(address) view returns (uint256)', [account], 0n)
  sayToken(chain, coin, { account, symbol: 'COIN' })
  for (const [description, hasFeed] of [
    ['Constant price feed', false],
    ['COIN / USD', true],
  ] as const) {
    sayFeed(chain, address('f1'), description)
    const { assets } = await lookAt(chain)
    const price = assets.find(({ address: one }) => one === coin)?.price
    expect(price !== undefined && 'heartbeatSeconds' in price).toBe(hasFeed)
  }
})

it('a position on Morpho Blue is found by the logs of Morpho, and its market is told by its parameters', async () => {
  const morpho: Address = '0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb'
  const [oracle, irm, lltv] = [address('c1'), address('c2'), 860000000000000000n]
  const types = parseAbiParameters('address, address, address, address, uint256')
  const id = keccak256(encodeAbiParameters(types, [usdc, weth, oracle, irm, lltv]))
  const params = 'idToMarketParams(bytes32) view returns (address, address, address, address, uint256)'
  say(morpho, params, [id], [usdc, weth, oracle, irm, lltv])
  say(morpho, 'position(bytes32, address) view returns (uint256, uint128, uint128)', [id, account], [0n, 3n, 4n])
  serveLogs(chain, [namingLog(morpho, [id], account)])
  const market = { loan: 'USDC', collateral: 'WETH', oracle, irm, lltv: 0.86 }
  expect(await drafted()).toEqual({ 'morpho-blue': { address: morpho, markets: [market] } })
})

it('a staking token of the book is worth its rate in the coin that an exchange wraps', async () => {
  const wstEth: Address = '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0'
  const positions: Address = '0xc36442b4a4522e871399cd717abdd847ab11fe88'
  sayToken(chain, wstEth, { account, symbol: 'wstETH' })
  say(wstEth, 'stEthPerToken() view returns (uint256)', [], (wad * 12n) / 10n)
  say(positions, 'WETH9() view returns (address)', [], weth)
  say(multicall3, 'getEthBalance(address) view returns (uint256)', [account], wad)
  const token = { address: wstEth, symbol: 'wstETH', underlying: 'ETH', decimals: 18 }
  expect(await drafted()).toMatchObject({
    native: { underlying: 'ETH' },
    'rate-wrapper': { tokens: [{ ...token, rate: { call: 'stEthPerToken' } }] },
  })
})
