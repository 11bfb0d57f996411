// Shares of Uniswap v2 pairs: what is held and what the protocol will take of it, and every call that fails.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import type { Address } from '../../lib/model/identity.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import {
  protocolFee,
  uniswapV2,
  uniswapV2FactoryAbi,
  uniswapV2PairAbi,
} from '../../lib/sources/protocols/uniswap-v2.ts'
import { readWith } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const pair: Address = `0x${'a1'.repeat(20)}`
const factory: Address = `0x${'a2'.repeat(20)}`
const treasurer: Address = `0x${'a3'.repeat(20)}`
const zero: Address = `0x${'0'.repeat(40)}`
const one = 10n ** 18n

const say = (functionName: string, result: unknown, args: readonly unknown[] = []): ScriptedCall => [
  pair,
  uniswapV2PairAbi,
  functionName,
  args,
  result,
]
const balance = (units: bigint) => say('balanceOf', units, [account])
const calls: readonly ScriptedCall[] = [
  balance(one / 100n),
  say('totalSupply', one),
  say('getReserves', [1_000n * one, 3_000_000_000000n, 0]),
  say('token0', weth),
  say('token1', usdc),
  say('kLast', 900n * one * 2_700_000_000000n),
  say('factory', factory),
  [pair, decimalsAbi, 'decimals', [], 18],
  [weth, decimalsAbi, 'decimals', [], 18],
  [usdc, decimalsAbi, 'decimals', [], 6],
  [factory, uniswapV2FactoryAbi, 'feeTo', [], zero],
]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, calls)
})
afterEach(() => chain.stop())

const id = `uniswap-v2:${pair}`
const settings = { pairs: [{ address: pair, assets: ['USDC', 'WETH'] }] }
const read = () => readWith(chain, { name: uniswapV2.name, settings })
const touches = { kind: 'position', positionId: id }

describe('a pair', () => {
  it('is held as its share of the reserves, in two round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const terms = { reserve0: 1_000, reserve1: 3_000_000, lpTokens: 0.01, totalSupply: 1 }
    expect(positions).toEqual([
      {
        id,
        label: 'Uniswap v2 WETH/USDC',
        instrument: { kind: 'uniswap-v2-pool', terms: { asset0: 'WETH', asset1: 'USDC', ...terms } },
        needs: ['WETH', 'USDC'],
      },
    ])
  })

  it('that pays a protocol fee has the LP tokens that are due in circulation already', async () => {
    sayAll(chain, [[factory, uniswapV2FactoryAbi, 'feeTo', [], treasurer]])
    const [position] = (await read()).positions
    // The root of the product grew from 0.9 to 1: a sixth of it, (1 - 0.9) / (5 x 1 + 0.9) of what is there.
    expect(position?.instrument).toMatchObject({ terms: { totalSupply: expect.closeTo(1 + 0.1 / 5.9, 12) } })
  })

  it('without a fee takes one round trip', async () => {
    sayAll(chain, [say('kLast', 0n)])
    expect(await read()).toMatchObject({ gaps: [], roundTrips: 1, positions: [{ id }] })
  })

  it('of which nothing is held is no position and no gap, also where its state fails', async () => {
    sayAll(chain, [balance(0n)])
    const state = ['totalSupply', 'getReserves', 'kLast', 'factory', 'feeTo']
    for (const call of calls.filter(([, , name]) => state.includes(name))) takeBack(chain, call)
    expect(await read()).toMatchObject({ positions: [], gaps: [] })
  })

  it('of which nothing is held is a gap where it is not as configured', async () => {
    sayAll(chain, [balance(0n), say('token1', treasurer)])
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'not-as-configured', touches }] })
  })

  it.each(calls.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  it.each([
    [
      'a token has other decimals',
      [usdc, decimalsAbi, 'decimals', [], 18],
      /decimals of USDC is 18 .* configured is 6/,
    ],
    ['its LP token has', [pair, decimalsAbi, 'decimals', [], 6], /decimals of its LP token is 6 .* configured is 18/],
    ['it has another token', say('token1', treasurer), new RegExp(`token 1 is ${treasurer} .* configured is ${usdc}`)],
  ] as const)('is a gap that names both where %s', async (_, call, words) => {
    sayAll(chain, [call])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches, reason: expect.stringMatching(words) }])
  })

  it.each([
    ['more is held than there is', balance(2n * one), /at most totalSupply/],
    ['it is drained', say('getReserves', [0n, 0n, 0]), /reserve0: must be above 0/],
  ] as const)('is a gap where %s', async (_, call, words) => {
    sayAll(chain, [call])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'impossible-terms', touches, reason: expect.stringMatching(words) }])
  })

  it('that is an asset of the chain is counted as that', async () => {
    const asAsset = { pairs: [{ address: weth, assets: ['USDC', 'WETH'] }] }
    const { positions, gaps } = await readWith(chain, { name: uniswapV2.name, settings: asAsset })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'counted-as-asset', touches: { kind: 'context' } }])
  })

  it('of a token that is not configured is a gap of its own', async () => {
    const unknown = { pairs: [{ address: pair, assets: ['DOGE', 'WETH'] }] }
    const { gaps } = await readWith(chain, { name: uniswapV2.name, settings: unknown })
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches, reason: expect.stringContaining('DOGE') }])
  })
})

describe('the fee of the protocol', () => {
  it('is nothing while the product has not grown', () => {
    expect(protocolFee({ supply: one, product: 400n, productLast: 400n })).toBe(0n)
    expect(protocolFee({ supply: one, product: 399n, productLast: 400n })).toBe(0n)
  })

  it('is a sixth of the growth', () => {
    expect(protocolFee({ supply: 600n, product: 4n * one, productLast: one })).toBe(600n / 11n)
  })
})

it.each([
  ['no pair', { pairs: [] }, /name a pool/],
  ['one pair twice', { pairs: [...settings.pairs, ...settings.pairs] }, /each pool once/],
  ['one token twice', { pairs: [{ address: pair, assets: ['WETH', 'WETH'] }] }, /two different tokens/],
  ['three tokens', { pairs: [{ address: pair, assets: ['WETH', 'USDC', 'WBTC'] }] }, /two tokens/],
])('settings with %s are refused', (_, refused, words) => {
  const issues = z.safeParse(uniswapV2.settings ?? z.never(), refused).error?.issues ?? []
  expect(issues.map(({ message }) => message).join()).toMatch(words)
})

it('its depth is what the pair pays until its price has moved by 2 %, with the fee', async () => {
  const [pool] = (await read()).telemetry ?? []
  expect(pool).toMatchObject({ kind: 'pool', id, base: 'WETH', quote: 'USDC', price: expect.closeTo(3_000, 9) })
  if (pool?.kind !== 'pool' || pool.depth === undefined) throw new Error('There is no depth.')
  const { down, up } = pool.depth
  // The pair's own arithmetic: out = y dx 0.997 / (x + dx 0.997).
  const paid = (x: number, y: number, dx: number) => (y * dx * 0.997) / (x + dx * 0.997)
  expect(down.quote).toBeCloseTo(paid(1_000, 3_000_000, down.base), 6)
  expect((3_000_000 - down.quote) / (1_000 + down.base * 0.997)).toBeCloseTo(3_000 * 0.98, 8)
  expect(up.base).toBeCloseTo(paid(3_000_000, 1_000, up.quote), 9)
  expect((3_000_000 + up.quote * 0.997) / (1_000 - up.base)).toBeCloseTo(3_000 * 1.02, 8)
})

it('an empty pair is as deep as nothing: it has no price', async () => {
  sayAll(chain, [say('getReserves', [0n, 0n, 0])])
  expect((await read()).telemetry ?? []).toEqual([])
})
