// Staking tokens: what they are worth of what was staked, how old that is, and every call that fails.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { feedAbi } from '../../lib/sources/prices/chainlink-feed.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { erc20Abi } from '../../lib/sources/protocols/erc20.ts'
import { rateAbi, rateWrapper, reportAbi } from '../../lib/sources/protocols/rate-wrapper.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, weth } from './fixture/treasury.ts'

const wsteth: Address = `0x${'c1'.repeat(20)}`
const oracle: Address = `0x${'c2'.repeat(20)}`
const one = 10n ** 18n

const balance = (units: bigint): ScriptedCall => [wsteth, erc20Abi, 'balanceOf', [account], units]
const rateIs = (rate: bigint): ScriptedCall => [wsteth, rateAbi, 'stEthPerToken', [], rate]
const decimals: ScriptedCall = [wsteth, decimalsAbi, 'decimals', [], 18]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [balance(250n * one), rateIs(1_230000000000000000n), decimals])
})
afterEach(() => chain.stop())

const id = `rate-wrapper:${wsteth}`
const touches = { kind: 'position', positionId: id }
const token = {
  address: wsteth,
  symbol: 'wstETH',
  underlying: 'ETH',
  decimals: 18,
  rate: { call: 'stEthPerToken' } as object,
}
const read = (change: object = {}) =>
  readWith(chain, { name: rateWrapper.name, settings: { tokens: [{ ...token, ...change }] } })

describe('a staking token', () => {
  it('is held as what it is worth of what was staked, in the one round trip of everything else', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(1)
    const terms = { asset: 'ETH', quantity: 307.5 }
    const instrument = { kind: 'liquid-staking', terms }
    expect(positions).toEqual([{ id, label: 'wstETH as ETH', instrument, needs: ['ETH'] }])
  })

  it('is FRESH with the price of its underlying', async () => {
    const portfolio = settingsOfChain(chain.url, rateWrapper.name, { tokens: [token] })
    const { positions } = assemble({ reading: await read(), settings: portfolio })
    expect(positions.find((position) => position.id === id)?.dataState).toEqual({ kind: 'FRESH' })
  })

  it.each(['getExchangeRate', 'getRate', 'exchangeRate', 'pricePerShare'])('may tell its rate by %s', async (call) => {
    sayAll(chain, [[oracle, rateAbi, call, [], 1_100000n]])
    const { positions } = await read({ rate: { call, address: oracle, decimals: 6 } })
    expect(positions[0]?.instrument.terms).toMatchObject({ quantity: expect.closeTo(275, 9) })
  })

  it.each([balance(1n), rateIs(1n), decimals].map((call) => [nameOfCall(call), call] as const))(
    'is a gap where %s fails',
    async (_, call) => {
      takeBack(chain, call)
      expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
    },
  )

  it('of other decimals is a gap that names both', async () => {
    sayAll(chain, [[wsteth, decimalsAbi, 'decimals', [], 6]])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches, reason: expect.stringMatching(/ 6 .* 18/) }])
  })

  it.each([
    ['zero', 0n, {}, 'rate-not-positive'],
    ['below its bounds', one / 10n, { min: 1 }, 'rate-out-of-bounds'],
    ['above its bounds', 10n * one, { max: 2 }, 'rate-out-of-bounds'],
  ] as const)('with a rate of %s is a gap', async (_, rate, bounds, code) => {
    sayAll(chain, [rateIs(rate)])
    const reading = await read({ rate: { call: 'stEthPerToken', ...bounds } })
    expect(reading).toMatchObject({ positions: [], gaps: [{ code, touches }] })
  })

  it('of which nothing is held is no position and no gap, whatever its rate', async () => {
    sayAll(chain, [balance(0n), rateIs(0n)])
    expect(await read()).toMatchObject({ positions: [], gaps: [] })
  })

  it('that is configured as an asset, too, is not counted twice', async () => {
    const { gaps, positions } = await read({ address: weth })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'counted-as-asset', touches: { kind: 'context' } }])
  })
})

describe('the age of a rate', () => {
  const day = 86_400
  const reported = (seconds: bigint) => sayAll(chain, [[oracle, reportAbi, 'getBalancesTimestamp', [], seconds]])
  const withReport = { report: { call: 'getBalancesTimestamp', address: oracle } }

  it('within its limit is no doubt, beyond it the position stands with the gap rate-stale', async () => {
    reported(BigInt(at - 1.5 * day))
    expect((await read(withReport)).gaps).toEqual([])
    reported(BigInt(at - 1.5 * day - 1))
    const { gaps, positions } = await read(withReport)
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'rate-stale', touches }])
  })

  it('counts slots of the beacon chain on Ethereum', async () => {
    const slot = (at - 1_606_824_023 - 3 * day) / 12
    sayAll(chain, [[oracle, reportAbi, 'getLastProcessingRefSlot', [], BigInt(Math.floor(slot))]])
    const { gaps } = await read({ report: { call: 'getLastProcessingRefSlot', address: oracle } })
    expect(gaps).toMatchObject([{ code: 'rate-stale', reason: expect.stringContaining('3 d old') }])
  })

  it('that lies in the future leaves no position', async () => {
    reported(BigInt(at + 61))
    expect(await read(withReport)).toMatchObject({ positions: [], gaps: [{ code: 'rate-in-future', touches }] })
  })

  it('that cannot be read is a gap beside the position', async () => {
    const { gaps, positions } = await read(withReport)
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'reverted', touches }])
  })
})

describe('a rate feed', () => {
  const rate = { call: 'latestRoundData', address: oracle, decimals: 8 }
  const say = (round: readonly unknown[], feedDecimals = 8) => {
    sayAll(chain, [
      [oracle, feedAbi, 'latestRoundData', [], round],
      [oracle, feedAbi, 'decimals', [], feedDecimals],
    ])
  }
  const now = BigInt(at - 60)

  it('tells the rate and its age', async () => {
    say([9n, 1_20000000n, now, now, 9n])
    const { gaps, positions } = await read({ rate })
    expect(gaps).toEqual([])
    expect(positions[0]?.instrument.terms).toEqual({ asset: 'ETH', quantity: 300 })
    say([9n, 1_20000000n, 1n, BigInt(at - 200_000), 9n])
    expect((await read({ rate })).gaps).toMatchObject([{ code: 'rate-stale', touches }])
  })

  it.each([
    ['carries an old round over', [9n, 1n, now, now, 8n], 8, 'round-incomplete'],
    ['was never updated', [9n, 1n, 0n, 0n, 9n], 8, 'round-incomplete'],
    ['is negative', [9n, -1n, now, now, 9n], 8, 'rate-not-positive'],
    ['has other decimals', [9n, 1_20000000n, now, now, 9n], 18, 'not-as-configured'],
  ] as const)('that %s leaves no position', async (_, round, feedDecimals, code) => {
    say(round, feedDecimals)
    expect(await read({ rate })).toMatchObject({ positions: [], gaps: [{ code, touches }] })
  })
})

it('settings with an unknown getter are refused', () => {
  const given = { tokens: [{ ...token, rate: { call: 'getRates' } }] }
  expect(() => settingsOfChain('http://127.0.0.1', rateWrapper.name, given)).toThrow(/must be stEthPerToken or/)
})
