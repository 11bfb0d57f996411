// Shares of Balancer pools on the scripted chain: weighted, stable with their own LP tokens among the coins, and every call that fails.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import type { Address } from '../../lib/model/identity.ts'
import { weightedExactInput } from '../../lib/quant/amm/weighted.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { balancer, balancerPoolAbi, balancerVaultAbi } from '../../lib/sources/protocols/balancer.ts'
import { poolTokensAbi } from '../../lib/sources/protocols/pool-tokens.ts'
import { readWith } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const vault: Address = `0x${'d1'.repeat(20)}`
const pool: Address = `0x${'d2'.repeat(20)}`
const gauge: Address = `0x${'d3'.repeat(20)}`
const stranger: Address = `0x${'d4'.repeat(20)}`
const poolId = `${pool}${'0'.repeat(23)}1` as const
const one = 10n ** 18n

const ofPool = (name: string, args: readonly unknown[], result: unknown): ScriptedCall => [
  pool,
  balancerPoolAbi,
  name,
  args,
  result,
]
const lp = (to: Address, name: string, args: readonly unknown[], result: unknown): ScriptedCall => [
  to,
  poolTokensAbi,
  name,
  args,
  result,
]
const tokens = (...listed: readonly (readonly [Address, bigint])[]): ScriptedCall => {
  const result = [listed.map(([token]) => token), listed.map(([, balance]) => balance), 7n]
  return [vault, balancerVaultAbi, 'getPoolTokens', [poolId], result]
}
const common: readonly ScriptedCall[] = [
  lp(pool, 'balanceOf', [account], 10n * one),
  lp(gauge, 'balanceOf', [account], 30n * one),
  lp(gauge, 'lp_token', [], pool),
  ofPool('getPoolId', [], poolId),
  ofPool('getActualSupply', [], 1_600n * one),
  [pool, decimalsAbi, 'decimals', [], 18],
  [weth, decimalsAbi, 'decimals', [], 18],
  [usdc, decimalsAbi, 'decimals', [], 6],
]
const weightedCalls: readonly ScriptedCall[] = [
  ...common,
  tokens([weth, 1_000n * one], [usdc, 750_000_000000n]),
  ofPool('getNormalizedWeights', [], [(8n * one) / 10n, (2n * one) / 10n]),
]
/** A tenth of a per cent. */
const swapFee = ofPool('getSwapFeePercentage', [], one / 1_000n)
const stableCalls: readonly ScriptedCall[] = [
  ...common,
  tokens([weth, 1_000n * one], [pool, 2n ** 111n], [usdc, 500_000000n]),
  ofPool('getAmplificationParameter', [], [200_500n, true, 1_000n]),
  ofPool('getScalingFactors', [], [(11n * one) / 10n, one, 10n ** 30n * 2n]),
]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [swapFee])
})
afterEach(() => chain.stop())

const id = `balancer:${pool}`
const touches = { kind: 'position', positionId: id }
const settings = { address: pool, gauge, coins: ['WETH', 'USDC'], kind: 'weighted' }
const read = (more: object = {}) =>
  readWith(chain, { name: balancer.name, settings: { vault, pools: [{ ...settings, ...more }] } })
const kinds = [
  ['weighted', weightedCalls],
  ['stable', stableCalls],
] as const

describe('a weighted pool', () => {
  beforeEach(() => sayAll(chain, weightedCalls))

  it('is held with what is staked, in two round trips', async () => {
    const { positions, gaps, roundTrips } = await read()
    expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 2 })
    const coins = [
      { asset: 'WETH', balance: 1_000, weight: 0.8 },
      { asset: 'USDC', balance: 750_000, weight: 0.2 },
    ]
    const instrument = { kind: 'weighted-pool', terms: { coins, lpTokens: 40, totalSupply: 1_600 } }
    expect(positions).toEqual([{ id, label: 'Balancer WETH/USDC', instrument, needs: ['WETH', 'USDC'] }])
  })

  it('is as deep as its own curve pays until the price has moved by 2 %, with its fee', async () => {
    const [found] = (await read()).telemetry ?? []
    expect(found).toMatchObject({ kind: 'pool', base: 'WETH', quote: 'USDC', price: expect.closeTo(3_000, 9) })
    if (found?.kind !== 'pool' || found.depth === undefined) throw new Error('There is no depth.')
    const { base, quote } = found.depth.down
    const sides = { balanceIn: 1_000, weightIn: 0.8, balanceOut: 750_000, weightOut: 0.2, fee: 0.001 }
    expect(weightedExactInput({ ...sides, amountIn: base }).amountOut / quote).toBeCloseTo(1, 12)
    const after = (750_000 - quote) / 0.2 / ((1_000 + base * 0.999) / 0.8)
    expect(after).toBeCloseTo(3_000 * 0.98, 8)
  })

  it.each([
    ['fails', () => takeBack(chain, swapFee), 'reverted'],
    ['is all that goes in', () => sayAll(chain, [ofPool('getSwapFeePercentage', [], one)]), 'malformed-return'],
  ] as const)('whose fee %s has no depth, and is held as it is', async (_, bend, code) => {
    bend()
    const { telemetry, gaps, positions } = await read()
    expect(telemetry).toMatchObject([{ unread: ['depth'] }])
    expect(gaps).toMatchObject([{ code, touches: { kind: 'context' } }])
    expect(positions).toHaveLength(1)
  })

  it('older than its actual supply is counted by its total supply where the settings say so', async () => {
    takeBack(chain, ofPool('getActualSupply', [], 0n))
    sayAll(chain, [lp(pool, 'totalSupply', [], 800n * one)])
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
    const { positions } = await read({ supply: 'total' })
    expect(positions).toMatchObject([{ instrument: { terms: { totalSupply: 800 } } }])
  })

  it('whose weights are not one in sum is a gap', async () => {
    sayAll(chain, [ofPool('getNormalizedWeights', [], [one, one])])
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'impossible-terms', touches }] })
  })
})

describe('a stable pool', () => {
  beforeEach(() => sayAll(chain, stableCalls))

  it('is held without its own LP tokens, at the rates in its scaling factors', async () => {
    const { positions, gaps, roundTrips } = await read({ kind: 'stable' })
    expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 2 })
    const coins = [
      { asset: 'WETH', balance: 1_000, rate: 1.1 },
      { asset: 'USDC', balance: 500, rate: 2 },
    ]
    const terms = { coins, amplification: 200.5, lpTokens: 40, totalSupply: 1_600 }
    expect(positions).toMatchObject([{ id, instrument: { kind: 'stable-pool', terms } }])
  })

  it('is never counted by a total supply that holds its own LP tokens', async () => {
    sayAll(chain, [lp(pool, 'totalSupply', [], 2n ** 111n)])
    const { positions, gaps } = await read({ kind: 'stable', supply: 'total' })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches }])
  })

  it('configured as weighted is a gap', async () => {
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  it.each([
    ['amplification without precision', ofPool('getAmplificationParameter', [], [1n, false, 0n]), /precision of 0/],
    ['a scaling factor too few', ofPool('getScalingFactors', [], [one, one]), /2 scaling factors for 3 tokens/],
  ] as const)('with %s is a gap', async (_, call, words) => {
    sayAll(chain, [call])
    const { positions, gaps } = await read({ kind: 'stable' })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ touches, reason: expect.stringMatching(words) }])
  })
})

describe.each(kinds)('a %s pool', (kind, calls) => {
  beforeEach(() => sayAll(chain, calls))

  it.each(calls.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    expect(await read({ kind })).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  const nothing = [lp(pool, 'balanceOf', [account], 0n), lp(gauge, 'balanceOf', [account], 0n)]
  it('of which nothing is held is no position and no gap, also where its state fails', async () => {
    sayAll(chain, nothing)
    const state = ['getActualSupply', 'getNormalizedWeights', 'getAmplificationParameter', 'getScalingFactors']
    for (const call of calls.filter(([, , name]) => state.includes(name))) takeBack(chain, call)
    expect(await read({ kind })).toMatchObject({ positions: [], gaps: [] })
  })

  it('of which nothing is held is a gap where it is not as configured', async () => {
    sayAll(chain, [...nothing, tokens([weth, one], [stranger, one])])
    expect(await read({ kind })).toMatchObject({ positions: [], gaps: [{ code: 'not-as-configured', touches }] })
  })

  it.each([
    ['a coin has other decimals', [usdc, decimalsAbi, 'decimals', [], 18], /decimals of USDC is 18 .* configured is 6/],
    ['it is another pool', ofPool('getPoolId', [], `0x${'e'.repeat(64)}`), new RegExp(`pool 0xeee.* is ${pool}`)],
    ['it has another coin', tokens([weth, one], [stranger, one]), new RegExp(`coin 1 is ${stranger} .* is ${usdc}`)],
    ['it has a coin more', tokens([weth, one], [usdc, one], [stranger, one]), /3 coins .* configured are 2/],
    ['its gauge stakes another token', lp(gauge, 'lp_token', [], stranger), new RegExp(`${stranger} .* is ${pool}`)],
  ] as const)('is a gap that says so where %s', async (_, call, words) => {
    sayAll(chain, [call])
    const { positions, gaps } = await read({ kind })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ touches, reason: expect.stringMatching(words) }])
  })
})

it.each([
  ['an id instead of an address', { address: poolId }, /must be an address/],
  ['another kind', { kind: 'linear' }, /weighted or stable/],
  ['a coin twice', { coins: ['WETH', 'WETH'] }, /each coin once/],
])('settings with %s are refused', (_, more, words) => {
  const result = z.safeParse(balancer.settings ?? z.never(), { vault, pools: [{ ...settings, ...more }] })
  expect((result.error?.issues ?? []).map(({ message }) => message).join()).toMatch(words)
})
