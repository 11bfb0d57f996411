// Uniswap v4 positions: what their key, ticks and fees become, whose they are, and every call that fails.

import { encodeErrorResult } from 'viem'
import { numberToHex, parseAbi } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import type { Address } from '../../lib/model/identity.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import {
  poolIdOf,
  uniswapV4,
  uniswapV4PositionsAbi,
  uniswapV4StateAbi,
} from '../../lib/sources/protocols/uniswap-v4.ts'
import { readWith } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const positionManager: Address = `0x${'b1'.repeat(20)}`
const stateView: Address = `0x${'b2'.repeat(20)}`
const poolManager: Address = `0x${'b3'.repeat(20)}`
const stranger: Address = `0x${'b4'.repeat(20)}`
const zero: Address = `0x${'0'.repeat(40)}`
const hooks: Address = `0x${'0'.repeat(36)}0080`

const tokenId = 7n
const liquidity = 10n ** 15n
const [tickLower, tickUpper] = [-200_000, -190_000]
const q128 = 2n ** 128n
/** USDC per WETH of 3,000. */
const sqrtPriceX96 = BigInt(Math.round(Math.sqrt(3_000e6 / 1e18) * 2 ** 96))

const infoOf = (poolId: string, lower = tickLower, upper = tickUpper) =>
  ((BigInt(poolId) >> 56n) << 56n) |
  (BigInt.asUintN(24, BigInt(upper)) << 32n) |
  (BigInt.asUintN(24, BigInt(lower)) << 8n)

interface Script {
  readonly currency0?: Address
  readonly currency1?: Address
  readonly fee?: number
}

/** Fees of half a unit and of two units of growth, the second across the wrap at 2^256. */
function callsOf({ currency0 = weth, currency1 = usdc, fee = 500 }: Script = {}): readonly ScriptedCall[] {
  const poolId = poolIdOf({ currency0, currency1, fee, tickSpacing: 10, hooks })
  const ofManager = (name: string, args: readonly unknown[], result: unknown): ScriptedCall => [
    positionManager,
    uniswapV4PositionsAbi,
    name,
    args,
    result,
  ]
  const ofView = (name: string, args: readonly unknown[], result: unknown): ScriptedCall => [
    stateView,
    uniswapV4StateAbi,
    name,
    args,
    result,
  ]
  const salt = numberToHex(tokenId, { size: 32 })
  const last1 = 2n ** 256n - q128
  return [
    ofManager('ownerOf', [tokenId], account),
    ofManager('getPoolAndPositionInfo', [tokenId], [currency0, currency1, fee, 10, hooks, infoOf(poolId)]),
    ofManager('getPositionLiquidity', [tokenId], liquidity),
    ofManager('poolManager', [], poolManager),
    ofView('poolManager', [], poolManager),
    ofView('getSlot0', [poolId], [sqrtPriceX96, -196_256, 0, 500]),
    ofView('getFeeGrowthInside', [poolId, tickLower, tickUpper], [q128 + q128 / 2n, q128]),
    ofView('getPositionInfo', [poolId, positionManager, tickLower, tickUpper, salt], [liquidity, q128, last1]),
    [weth, decimalsAbi, 'decimals', [], 18],
    [usdc, decimalsAbi, 'decimals', [], 6],
    ofManager('balanceOf', [account], 1n),
  ]
}
const calls = callsOf()
const needed = calls.slice(0, -1)
const held = (count: bigint): ScriptedCall => [positionManager, uniswapV4PositionsAbi, 'balanceOf', [account], count]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, calls)
})
afterEach(() => chain.stop())

const id = 'uniswap-v4:7'
const touches = { kind: 'position', positionId: id }
const settings = { positionManager, stateView, tokenIds: [7] }
const read = (more: object = {}) => readWith(chain, { name: uniswapV4.name, settings: { ...settings, ...more } })

describe('a v4 position', () => {
  it('is the terms of its range with what it is owed, in two round trips', async () => {
    const { positions, gaps, roundTrips } = await read()
    expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 2 })
    expect(positions).toMatchObject([{ id, label: 'Uniswap v4 WETH/USDC #7', needs: ['WETH', 'USDC'] }])
    expect(positions[0]?.instrument).toEqual({
      kind: 'uniswap-v4-range',
      terms: {
        asset0: 'WETH',
        asset1: 'USDC',
        liquidity: expect.closeTo(1_000, 9),
        lowerPrice: expect.closeTo(1.0001 ** tickLower * 1e12, 5),
        upperPrice: expect.closeTo(1.0001 ** tickUpper * 1e12, 5),
        owed0: 0.0005,
        owed1: 2_000_000_000,
        poolPrice: expect.closeTo(3_000, 6),
        hooks,
        fee: 'static',
      },
    })
  })

  it('of the native coin is of its underlying, and may have a fee that its hook sets', async () => {
    sayAll(chain, callsOf({ currency0: zero, fee: 0x800000 }))
    const { positions, gaps } = await read({ native: 'ETH' })
    expect(gaps).toEqual([])
    expect(positions).toMatchObject([
      { needs: ['ETH', 'USDC'], instrument: { terms: { asset0: 'ETH', fee: 'dynamic', owed0: 0.0005 } } },
    ])
  })

  it('of a token that is not configured is a gap of its own', async () => {
    sayAll(chain, callsOf({ currency0: zero }))
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'unknown-asset', touches }] })
    sayAll(chain, callsOf({ currency1: stranger }))
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'unknown-asset', touches }] })
  })

  it.each(needed.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  it.each([
    ['a token has other decimals', [usdc, decimalsAbi, 'decimals', [], 8], /decimals of USDC is 8 .* configured is 6/],
    [
      'StateView looks at another PoolManager',
      [stateView, uniswapV4StateAbi, 'poolManager', [], stranger],
      new RegExp(`of PoolManager ${poolManager}, StateView of ${stranger}`, 'i'),
    ],
    [
      'its liquidity is told in two ways',
      [positionManager, uniswapV4PositionsAbi, 'getPositionLiquidity', [tokenId], 5n],
      /5 at PositionManager and 1000000000000000 at StateView/,
    ],
    [
      'its info is of another pool than its key',
      [
        positionManager,
        uniswapV4PositionsAbi,
        'getPoolAndPositionInfo',
        [tokenId],
        [weth, usdc, 500, 10, hooks, infoOf(numberToHex(1n << 200n, { size: 32 }))],
      ],
      /its key is of pool/,
    ],
  ] as const)('is a gap that names both where %s', async (_, call, words) => {
    sayAll(chain, [call as ScriptedCall])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ touches, reason: expect.stringMatching(words) }])
  })

  it('without liquidity is nothing', async () => {
    sayAll(chain, [[positionManager, uniswapV4PositionsAbi, 'getPositionLiquidity', [tokenId], 0n]])
    expect(await read()).toMatchObject({ positions: [], gaps: [] })
  })
})

describe('whose a position is', () => {
  it('is told where it is another account, and degrades nothing', async () => {
    sayAll(chain, [[positionManager, uniswapV4PositionsAbi, 'ownerOf', [tokenId], stranger], held(0n)])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-held', touches: { kind: 'context' } }])
  })

  it('is nobody after it was burned', async () => {
    takeBack(chain, [positionManager, uniswapV4PositionsAbi, 'ownerOf', [tokenId], undefined])
    sayAll(chain, [held(0n)])
    const errors = parseAbi(['error Error(string)'])
    chain.revertReasons.set(
      positionManager,
      encodeErrorResult({ abi: errors, errorName: 'Error', args: ['NOT_MINTED'] }),
    )
    const { gaps } = await read()
    expect(gaps).toMatchObject([{ code: 'not-held', touches: { kind: 'context' } }])
  })

  it('is told of those that are not listed, and degrades nothing', async () => {
    sayAll(chain, [held(3n)])
    const { positions, gaps } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'unlisted-positions', touches: { kind: 'context' } }])
    expect(gaps[0]?.reason).toContain('holds 3, of which 1')
  })

  it('without any listed costs one round trip', async () => {
    sayAll(chain, [held(0n)])
    expect(await read({ tokenIds: [] })).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })
})

it('settings can be stored', () => {
  const stated = { ...settings, tokenIds: [7, '115792089237316195423570985008687907853269984665640564039457'] }
  const parsed = z.safeParse(uniswapV4.settings ?? z.never(), stated).data
  expect(JSON.parse(JSON.stringify(parsed))).toEqual({ ...stated, tokenIds: ['7', stated.tokenIds[1]] })
})

it.each([
  ['a token id of zero', { tokenIds: [0] }, /token id/],
  ['a token id in words', { tokenIds: ['seven'] }, /token id/],
  ['a position twice', { tokenIds: [7, '7'] }, /each position once/],
  ['no StateView', { stateView: undefined }, /address/],
])('settings with %s are refused', (_, more, words) => {
  const result = z.safeParse(uniswapV4.settings ?? z.never(), { ...settings, ...more })
  expect((result.error?.issues ?? []).map(({ message }) => message).join()).toMatch(words)
})
