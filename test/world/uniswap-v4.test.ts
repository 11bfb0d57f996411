// Positions of real Uniswap v4 pools, against what collecting and leaving pays.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Abi, type Address, encodeAbiParameters, encodeFunctionData, type Hex, parseAbi, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import type { Artifact } from '../../lib/local/world/artifact.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const fromHere = createRequire(import.meta.url)
const packageName = '@uniswap/v4-periphery'

/** Foundry's artifacts have their bytecode one level deeper. */
function artifactOf(contractName: string, profile = ''): Artifact {
  const file = `${packageName}/foundry-out/${contractName}.sol/${contractName}${profile}.json`
  const { abi, bytecode } = JSON.parse(readFileSync(fromHere.resolve(file), 'utf8')) as {
    readonly abi: Abi
    readonly bytecode: { readonly object: string }
  }
  return { contractName, abi, bytecode: bytecode.object }
}

const tokenAbi = parseAbi([
  'function mint(address to, uint256 value)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
])

/** Of v4-periphery's library Actions. */
const action = { decrease: '01', mint: '02', settle: '0b', takePair: '11' } as const
const keyType = {
  type: 'tuple',
  components: ['address', 'address', 'uint24', 'int24', 'address'].map((type, index) => ({ type, name: `k${index}` })),
} as const
type Key = readonly [currency0: Address, currency1: Address, fee: number, tickSpacing: number, hooks: Address]
const keyObject = ([currency0, currency1, fee, tickSpacing, hooks]: Key) => {
  return { currency0, currency1, fee, tickSpacing, hooks }
}

/** Its lowest 14 bits are zero: a hook that is never called, and that may set the fee. */
const feeSetter: Address = `0x${'c0'.repeat(18)}4000`
const priceOne = 2n ** 96n
const maxUint128 = 2n ** 128n - 1n
const [tickLower, tickUpper] = [-1_200, 600]
const liquidity = 10n ** 18n

let chain: ProtocolChain
let manager: Artifact & { readonly address: Address }
let positions: Artifact & { readonly address: Address }
let swapper: Artifact & { readonly address: Address }
let stateView: Address
let assets: readonly AssetConfig[]

async function deploy(artifact: Artifact, args: readonly unknown[]) {
  return { ...artifact, address: await chain.deploy(artifact, args) }
}

async function setUp(): Promise<void> {
  chain = await startProtocolChain()
  manager = await deploy(artifactOf('PoolManager', '.default'), [chain.account])
  const unused = [zeroAddress, 300_000n, zeroAddress, zeroAddress]
  positions = await deploy(artifactOf('PositionManager'), [manager.address, ...unused])
  stateView = (await deploy(artifactOf('StateView'), [manager.address])).address
  swapper = await deploy(artifactOf('PoolSwapTest', '.default'), [manager.address])
  const tokens = [await chain.token('WETH', 18, 'ETH'), await chain.token('DAI', 18)]
  assets = tokens.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
  for (const { address } of assets) {
    for (const to of [chain.account, positions.address]) await chain.send(address, tokenAbi, 'mint', [to, 10n ** 24n])
    await chain.send(address, tokenAbi, 'approve', [swapper.address, 2n ** 255n])
  }
}

async function act(actions: readonly (readonly [code: string, params: Hex])[], value = 0n): Promise<void> {
  const codes: Hex = `0x${actions.map(([code]) => code).join('')}`
  const params = actions.map(([, encoded]) => encoded)
  const data = encodeAbiParameters([{ type: 'bytes' }, { type: 'bytes[]' }], [codes, params])
  await chain.send(positions.address, positions.abi, 'modifyLiquidities', [data, 2n ** 64n], value)
}

const types = (...names: readonly string[]) => names.map((type) => ({ type }))

/** Opens the pool at a price of one, and a position in it for the account. */
async function open(key: Key): Promise<bigint> {
  await chain.send(manager.address, manager.abi, 'initialize', [keyObject(key), priceOne])
  const tokenId = (await chain.view(positions.address, positions.abi, 'nextTokenId')) as bigint
  const [currency0, currency1] = key
  const terms = [key, tickLower, tickUpper, liquidity, maxUint128, maxUint128, chain.account, '0x']
  const shape = [keyType, ...types('int24', 'int24', 'uint256', 'uint128', 'uint128', 'address', 'bytes')]
  // From the manager's own pocket: zero is all that is owed.
  const settle = (currency: Address) => encodeAbiParameters(types('address', 'uint256', 'bool'), [currency, 0n, false])
  const mint = encodeAbiParameters(shape, [
    Object.fromEntries(key.map((part, i) => [`k${i}`, part])),
    ...terms.slice(1),
  ])
  const value = currency0 === zeroAddress ? 10n ** 18n : 0n
  await act(
    [
      [action.mint, mint],
      [action.settle, settle(currency0)],
      [action.settle, settle(currency1)],
    ],
    value,
  )
  return tokenId
}

async function swap(key: Key, zeroForOne: boolean, units: bigint): Promise<void> {
  const limit = zeroForOne ? 4_295_128_740n : 2n ** 159n
  const how = { zeroForOne, amountSpecified: -units, sqrtPriceLimitX96: limit }
  const settings = { takeClaims: false, settleUsingBurn: false }
  const value = zeroForOne && key[0] === zeroAddress ? units : 0n
  await chain.send(swapper.address, swapper.abi, 'swap', [keyObject(key), how, settings, '0x'], value)
}

/** What taking out so much liquidity pays to somebody who had nothing; none of it: the fees. */
async function leave(tokenId: bigint, key: Key, units: bigint, heir: Address): Promise<readonly bigint[]> {
  const shape = types('uint256', 'uint256', 'uint128', 'uint128', 'bytes')
  const decrease = encodeAbiParameters(shape, [tokenId, units, 0n, 0n, '0x'])
  const take = encodeAbiParameters(types('address', 'address', 'address'), [key[0], key[1], heir])
  await act([
    [action.decrease, decrease],
    [action.takePair, take],
  ])
  return await Promise.all(key.slice(0, 2).map((currency) => balanceOf(currency as Address, heir)))
}

async function balanceOf(currency: Address, heir: Address): Promise<bigint> {
  if (currency !== zeroAddress) return (await chain.view(currency, tokenAbi, 'balanceOf', [heir])) as bigint
  return BigInt((await chain.rpc.request('eth_getBalance', [heir, 'latest'])) as string)
}

async function setFee(key: Key): Promise<void> {
  await chain.rpc.request('anvil_impersonateAccount', [feeSetter])
  await chain.rpc.request('anvil_setBalance', [feeSetter, '0xde0b6b3a7640000'])
  const call = { abi: manager.abi, functionName: 'updateDynamicLPFee', args: [keyObject(key), 5_000] }
  const transaction = { from: feeSetter, to: manager.address, data: encodeFunctionData(call) }
  await chain.rpc.request('eth_sendTransaction', [transaction])
  await chain.rpc.request('evm_mine')
}

const read = async (tokenIds: readonly bigint[], account?: Address) => {
  const places = { positionManager: positions.address, stateView, native: 'ETH' }
  const settings = { ...places, tokenIds: tokenIds.map(String) }
  return await chain.read('uniswap-v4', { settings, assets, ...(account === undefined ? {} : { account }) })
}

async function termsOf(tokenIds: readonly bigint[]) {
  const { positions: found, gaps, roundTrips } = await read(tokenIds)
  expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 2 })
  return found.map(({ instrument }) => {
    if (instrument.kind !== 'uniswap-v4-range') throw new Error('There is no range.')
    return instrument.terms
  })
}

describe('a position of a real v4 pool', () => {
  beforeAll(setUp)
  afterAll(() => chain?.stop())

  it('with a fee that is fixed, and one of the native coin with a hook that sets it, is what leaving pays', async () => {
    const [token0, token1] = assets.map(({ address }) => address) as [Address, Address]
    const fixed: Key = [token0, token1, 3_000, 60, zeroAddress]
    const hooked: Key = [zeroAddress, token1, 0x800000, 60, feeSetter]
    const keys = [fixed, hooked]
    const tokenIds = [await open(fixed), await open(hooked)]
    await setFee(hooked)
    for (const key of keys) {
      for (const [zeroForOne, units] of [
        [true, 3n],
        [false, 5n],
        [true, 1n],
      ] as const) {
        await swap(key, zeroForOne, units * 10n ** 15n + 12_345n)
      }
    }
    const terms = await termsOf(tokenIds)
    // The other has the native coin, and here no exchange tells what wraps it.
    const ids = await chain.discovered('uniswap-v4', assets)
    expect(ids).toEqual([
      expect.objectContaining({ positionManager: positions.address, tokenIds: [String(tokenIds[0])] }),
    ])
    const symbols = assets.map(({ symbol }) => symbol)
    expect(terms).toMatchObject([
      { asset0: symbols[0], asset1: symbols[1], fee: 'static', hooks: zeroAddress },
      { asset0: 'ETH', asset1: symbols[1], fee: 'dynamic', hooks: feeSetter },
    ])
    for (const [index, one] of terms.entries()) {
      const [tokenId, key] = [tokenIds[index] ?? 0n, keys[index] ?? fixed]
      const fees = await leave(tokenId, key, 0n, `0x${'e1'.repeat(19)}0${index}`)
      expect(fees.map((units) => units > 0n)).toEqual([true, true])
      expect([one.owed0, one.owed1]).toEqual(fees.map((units) => toDecimal(units, 18)))
      const principal = await leave(tokenId, key, liquidity, `0x${'e2'.repeat(19)}0${index}`)
      const root = Math.sqrt(one.poolPrice ?? 0)
      const amounts = [
        one.liquidity * (1 / root - 1 / Math.sqrt(one.upperPrice)),
        one.liquidity * (root - Math.sqrt(one.lowerPrice)),
      ]
      for (const [i, amount] of amounts.entries()) {
        expect(Math.abs(amount / toDecimal(principal[i] ?? 0n, 18) - 1)).toBeLessThan(1e-9)
      }
    }
    // Empty now, and still the account's.
    expect(await read(tokenIds)).toMatchObject({ positions: [], gaps: [] })
  })

  it('that another account holds is told and not valued', async () => {
    const { positions: found, gaps } = await read([1n, 99n], '0x00000000000000000000000000000000000a11ce')
    expect(found).toEqual([])
    expect(gaps.map(({ code, touches }) => [code, touches.kind])).toEqual([
      ['not-held', 'context'],
      ['not-held', 'context'],
    ])
  })

  it('that is not listed is told', async () => {
    expect(await read([1n])).toMatchObject({ gaps: [{ code: 'unlisted-positions', touches: { kind: 'context' } }] })
  })
})
