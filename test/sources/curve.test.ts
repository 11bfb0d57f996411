// Shares of Curve pools on the scripted chain: pools of both kinds, rates, gauges, and every call that fails.

import { parseAbi } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import type { Address } from '../../lib/model/identity.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { curve, curveNativeAddress, curveOldPoolAbi, curvePoolAbi } from '../../lib/sources/protocols/curve.ts'
import { poolTokensAbi } from '../../lib/sources/protocols/pool-tokens.ts'
import { readWith } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const pool: Address = `0x${'c1'.repeat(20)}`
const lpToken: Address = `0x${'c2'.repeat(20)}`
const gauge: Address = `0x${'c3'.repeat(20)}`
const stranger: Address = `0x${'c4'.repeat(20)}`
const one = 10n ** 18n

const ofPool = (name: string, args: readonly unknown[], result: unknown): ScriptedCall => [
  pool,
  curvePoolAbi,
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

/** A balanced pool, so that its invariant is the sum of what it counts: 1,000 WETH at 1, 500 USDC at 2. One LP token is 1.25. */
const calls: readonly ScriptedCall[] = [
  lp(lpToken, 'balanceOf', [account], 10n * one),
  lp(gauge, 'balanceOf', [account], 30n * one),
  lp(gauge, 'lp_token', [], lpToken),
  lp(lpToken, 'totalSupply', [], 1_600n * one),
  ofPool('coins', [0n], weth),
  ofPool('coins', [1n], usdc),
  ofPool('balances', [0n], 1_000n * one),
  ofPool('balances', [1n], 500_000000n),
  ofPool('A_precise', [], 20_050n),
  ofPool('get_virtual_price', [], (one * 5n) / 4n),
  ofPool('stored_rates', [], [one, 2n * 10n ** 30n]),
  [lpToken, decimalsAbi, 'decimals', [], 18],
  [weth, decimalsAbi, 'decimals', [], 18],
  [usdc, decimalsAbi, 'decimals', [], 6],
]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, calls)
})
afterEach(() => chain.stop())

const id = `curve:${pool}`
const touches = { kind: 'position', positionId: id }
const settings = { address: pool, lpToken, gauge, coins: ['WETH', 'USDC'], rates: 'stored' }
const read = (more: object = {}, native?: string) => {
  const own = { pools: [{ ...settings, ...more }], ...(native === undefined ? {} : { native }) }
  return readWith(chain, { name: curve.name, settings: own })
}
const terms = {
  coins: [
    { asset: 'WETH', balance: 1_000, rate: 1 },
    { asset: 'USDC', balance: 500, rate: 2 },
  ],
  amplification: 200.5,
  lpTokens: 40,
  totalSupply: 1_600,
}

describe('a Curve pool', () => {
  it('is held with what is staked, at its stored rates, in one round trip', async () => {
    const { positions, gaps, roundTrips } = await read()
    expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 1 })
    const instrument = { kind: 'stable-pool', terms }
    expect(positions).toEqual([{ id, label: 'Curve WETH/USDC', instrument, needs: ['WETH', 'USDC'] }])
  })

  it('of the old kind is asked by its old names, with rates as so many words', async () => {
    const old = (name: string, index: bigint, result: unknown): ScriptedCall => [
      pool,
      curveOldPoolAbi,
      name,
      [index],
      result,
    ]
    for (const call of calls.filter(([, , name]) => name === 'coins' || name === 'balances')) takeBack(chain, call)
    sayAll(chain, [old('coins', 0n, weth), old('coins', 1n, usdc)])
    sayAll(chain, [old('balances', 0n, 1_000n * one), old('balances', 1n, 500_000000n)])
    const words = parseAbi(['function stored_rates() view returns (uint256[2])'])
    sayAll(chain, [[pool, words, 'stored_rates', [], [one, 2n * 10n ** 30n]]])
    takeBack(chain, ofPool('A_precise', [], 0n))
    expect(await read()).toMatchObject({ positions: [], gaps: [{ reason: expect.stringContaining('index: int128') }] })
    const inOld = { index: 'int128', amplification: 'A' }
    expect(await read(inOld)).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
    sayAll(chain, [ofPool('A', [], 200n)])
    const reading = await read(inOld)
    expect(reading).toMatchObject({ gaps: [], roundTrips: 1 })
    expect(reading.positions).toMatchObject([{ instrument: { terms: { ...terms, amplification: 200 } } }])
  })

  it('of the native coin is of its underlying', async () => {
    sayAll(chain, [ofPool('coins', [0n], curveNativeAddress)])
    const { positions, gaps } = await read({ coins: ['ETH', 'USDC'] }, 'ETH')
    expect(gaps).toEqual([])
    expect(positions).toMatchObject([
      { needs: ['ETH', 'USDC'], instrument: { terms: { coins: [{ asset: 'ETH' }, {}] } } },
    ])
  })

  it('is its own LP token where none is named', async () => {
    const { lpToken: _, gauge: __, ...own } = settings
    sayAll(chain, [lp(pool, 'balanceOf', [account], one), lp(pool, 'totalSupply', [], 1_600n * one)])
    sayAll(chain, [[pool, decimalsAbi, 'decimals', [], 18]])
    const reading = await readWith(chain, { name: curve.name, settings: { pools: [own] } })
    expect(reading).toMatchObject({ gaps: [], positions: [{ instrument: { terms: { lpTokens: 1 } } }] })
  })

  it('whose LP token is an asset of the chain is counted once: here only what is staked', async () => {
    const isAsset = { lpToken: usdc, coins: ['WETH', 'USDC'] }
    sayAll(chain, [lp(gauge, 'lp_token', [], usdc), lp(usdc, 'balanceOf', [account], 10n * one)])
    sayAll(chain, [lp(usdc, 'totalSupply', [], 1_600n * one)])
    const { gaps } = await read({ ...isAsset, gauge: undefined })
    expect(gaps).toMatchObject([{ code: 'counted-as-asset', touches: { kind: 'context' } }])
    // What is staked is read, as far as a token can have 18 and 6 decimals at once.
    expect((await read(isAsset)).gaps).toMatchObject([{ code: 'not-as-configured' }])
  })

  const nothing = [lp(lpToken, 'balanceOf', [account], 0n), lp(gauge, 'balanceOf', [account], 0n)]
  it('of which nothing is held is no position and no gap, also where its state fails', async () => {
    sayAll(chain, nothing)
    expect(await read()).toMatchObject({ positions: [], gaps: [] })
    const state = ['totalSupply', 'balances', 'A_precise', 'get_virtual_price', 'stored_rates']
    for (const call of calls.filter(([, , name]) => state.includes(name))) takeBack(chain, call)
    expect(await read()).toMatchObject({ positions: [], gaps: [] })
  })

  it.each([
    ['coins', ofPool('coins', [1n], stranger)],
    ['gauge', lp(gauge, 'lp_token', [], stranger)],
    ['LP token, by its virtual price', lp(lpToken, 'totalSupply', [], one)],
  ])('of which nothing is held is a gap where it has other %s', async (_, call) => {
    sayAll(chain, [...nothing, call])
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'not-as-configured', touches }] })
  })

  it.each(calls.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  it.each([
    ['a coin has other decimals', [usdc, decimalsAbi, 'decimals', [], 18], /decimals of USDC is 18 .* configured is 6/],
    ['its LP token has', [lpToken, decimalsAbi, 'decimals', [], 6], /its LP token is 6 .* configured is 18/],
    ['it has another coin', ofPool('coins', [1n], stranger), new RegExp(`coin 1 is ${stranger} .* is ${usdc}`)],
    ['its gauge stakes another token', lp(gauge, 'lp_token', [], stranger), new RegExp(`${stranger} .* is ${lpToken}`)],
    ['rates are others', ofPool('stored_rates', [], [one, 10n ** 30n]), /virtual price is 1.25 .* and 0.9/],
    ['it has a rate too many', ofPool('stored_rates', [], [one, one, one]), /3 rates/],
  ] as const)('is a gap that says so where %s', async (_, call, words) => {
    sayAll(chain, [call])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ touches, reason: expect.stringMatching(words) }])
  })

  it('that counts with rates is a gap where the settings have none', async () => {
    const { rates: _, ...own } = settings
    const reading = await readWith(chain, { name: curve.name, settings: { pools: [own] } })
    expect(reading).toMatchObject({ positions: [], gaps: [{ code: 'not-as-configured', touches }] })
  })

  it('that is drained is a gap', async () => {
    sayAll(chain, [ofPool('balances', [0n], 0n)])
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'impossible-terms', touches }] })
  })

  it('of a coin that is not configured is a gap of its own', async () => {
    const { positions, gaps } = await read({ coins: ['ETH', 'USDC'] })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches, reason: expect.stringContaining('ETH') }])
  })
})

it.each([
  ['a coin twice', { coins: ['WETH', 'WETH'] }, /each coin once/],
  ['one coin', { coins: ['WETH'] }, /2 to 8/],
  ['rates of another kind', { rates: 'oracle' }, /stored/],
])('settings with %s are refused', (_, more, words) => {
  const result = z.safeParse(curve.settings ?? z.never(), { pools: [{ ...settings, ...more }] })
  expect((result.error?.issues ?? []).map(({ message }) => message).join()).toMatch(words)
})
