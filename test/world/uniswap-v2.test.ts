// Shares of real Uniswap v2 pairs, against what burning them pays.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Address, zeroAddress } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toDecimal, toUnits } from '../../lib/base/amount.ts'
import type { Artifact } from '../../lib/local/world/artifact.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const fromHere = createRequire(import.meta.url)

/** This package has its bytecode without 0x. */
function artifactOf(contractName: string): Artifact {
  const file = fromHere.resolve(`@uniswap/v2-core/build/${contractName}.json`)
  const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8')) as Artifact
  return { contractName, abi, bytecode: `0x${bytecode}` }
}

const factoryArtifact = artifactOf('UniswapV2Factory')
const { abi: pairAbi } = artifactOf('UniswapV2Pair')
const tokenAbi = artifactOf('ERC20').abi
const someone: Address = '0x00000000000000000000000000000000000a11ce'

let chain: ProtocolChain
let factory: Address
let assets: readonly AssetConfig[]
let pair: Address
beforeAll(async () => {
  chain = await startProtocolChain()
  factory = await chain.deploy(factoryArtifact, [chain.account])
  assets = [await chain.token('WETH', 18, 'ETH'), await chain.token('USDC', 6)]
  const tokens = assets.map(({ address }) => address)
  await chain.send(factory, factoryArtifact.abi, 'createPair', tokens)
  pair = ((await chain.view(factory, factoryArtifact.abi, 'getPair', tokens)) as string).toLowerCase() as Address
  await give([10n ** 21n, 3_000_000_000000n])
  await chain.send(pair, pairAbi, 'mint', [someone])
})
afterAll(() => chain?.stop())

const mintAbi = [
  {
    type: 'function',
    name: 'mint',
    stateMutability: 'nonpayable',
    inputs: [{ type: 'address' }, { type: 'uint256' }],
    outputs: [],
  },
]

/** To the pair, in the order of `assets`. */
async function give(units: readonly bigint[]): Promise<void> {
  for (const [index, { address }] of assets.entries()) await chain.send(address, mintAbi, 'mint', [pair, units[index]])
}

/** Somebody buys the other token for so much WETH, a little worse than the pair would give. */
async function swap(wei: bigint): Promise<void> {
  const [weth] = assets
  const [reserve0, reserve1] = (await chain.view(pair, pairAbi, 'getReserves')) as readonly [bigint, bigint]
  const isToken0 = String(await chain.view(pair, pairAbi, 'token0')).toLowerCase() === weth?.address
  const [reserveIn, reserveOut] = isToken0 ? [reserve0, reserve1] : [reserve1, reserve0]
  await give([wei, 0n])
  const out = (reserveOut * wei * 996n) / (reserveIn * 1_000n + wei * 996n)
  await chain.send(pair, pairAbi, 'swap', [isToken0 ? 0n : out, isToken0 ? out : 0n, someone, '0x'])
}

const read = () =>
  chain.read('uniswap-v2', { settings: { pairs: [{ address: pair, assets: ['WETH', 'USDC'] }] }, assets })

/** What the account gets for all that it holds. */
async function burned(heir: Address): Promise<Readonly<Record<string, number>>> {
  const held = await chain.view(pair, pairAbi, 'balanceOf', [chain.account])
  await chain.send(pair, pairAbi, 'transfer', [pair, held])
  await chain.send(pair, pairAbi, 'burn', [heir])
  const got = assets.map(async ({ symbol, address, decimals }) => {
    return [symbol, toDecimal((await chain.view(address, tokenAbi, 'balanceOf', [heir])) as bigint, decimals)] as const
  })
  return Object.fromEntries(await Promise.all(got))
}

it.each([
  ['without a protocol fee', zeroAddress, 1, '0x00000000000000000000000000000000000b0b01'],
  ['with a protocol fee that is due', someone, 2, '0x00000000000000000000000000000000000b0b02'],
] as const)('a share %s is what burning it pays', async (_, feeTo, roundTrips, heir) => {
  await chain.send(factory, factoryArtifact.abi, 'setFeeTo', [feeTo])
  // The fee begins with the next that enter.
  await give([10n ** 19n, 30_000_000000n])
  await chain.send(pair, pairAbi, 'mint', [chain.account])
  for (const ether of [40n, 70n, 20n]) await swap(ether * 10n ** 18n)
  const part = await read()
  expect(part).toMatchObject({ gaps: [], roundTrips, positions: [{ id: `uniswap-v2:${pair}` }] })
  const found = await chain.discovered('uniswap-v2', assets)
  expect(found).toEqual([{ pairs: [{ address: pair, assets: expect.arrayContaining(['WETH', 'USDC']) }] }])
  const [position] = part.positions
  if (position?.instrument.kind !== 'uniswap-v2-pool') throw new Error('There is no share of the pair.')
  const { asset0, asset1, reserve0, reserve1, lpTokens, totalSupply } = position.instrument.terms
  const pays = await burned(heir)
  const share = lpTokens / totalSupply
  expect(Math.abs((share * reserve0) / (pays[asset0] ?? 0) - 1)).toBeLessThan(1e-9)
  expect(Math.abs((share * reserve1) / (pays[asset1] ?? 0) - 1)).toBeLessThan(1e-9)
})

it('a pair is as deep as it pays: so much and no more, and then its price is 2 % lower', async () => {
  await give([10n ** 20n, 300_000_000000n])
  await chain.send(pair, pairAbi, 'mint', [chain.account])
  const [pool] = (await read()).telemetry
  if (pool?.kind !== 'pool' || pool.depth === undefined) throw new Error('There is no depth.')
  const [weth, usdc] = assets
  const isToken0 = String(await chain.view(pair, pairAbi, 'token0')).toLowerCase() === weth?.address
  const reserves = async () => {
    const [one, other] = (await chain.view(pair, pairAbi, 'getReserves')) as readonly [bigint, bigint]
    return isToken0 ? ([one, other] as const) : ([other, one] as const)
  }
  const [x, y] = await reserves()
  const { base, quote } = pool.depth.down
  const out = toUnits(quote, usdc?.decimals ?? 0)
  const swapOut = (units: bigint) =>
    chain.send(pair, pairAbi, 'swap', [isToken0 ? 0n : units, isToken0 ? units : 0n, someone, '0x'])
  await give([toUnits(base, 18), 0n])
  await expect(swapOut(out + 2n)).rejects.toThrow('K')
  await swapOut(out - 1n)
  const after = await reserves()
  // What goes in stays whole in the reserves, the fee too.
  const price = Number(after[1]) / (Number(x) + base * 1e18 * 0.997) / (Number(y) / Number(x))
  expect(price).toBeCloseTo(0.98, 9)
})
