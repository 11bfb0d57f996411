// Positions on Morpho Blue: interest to the block, rounding against the account, every call that fails, and settings that differ.

import * as fc from 'fast-check'
import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { morphoAbi, morphoBlue, morphoIrmAbi } from '../../lib/sources/protocols/morpho-blue.ts'
import {
  accruedTo,
  borrowedAssets,
  type MarketTotals,
  suppliedAssets,
} from '../../lib/sources/protocols/morpho-blue-interest.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const morpho: Address = `0x${'e1'.repeat(20)}`
const irm: Address = `0x${'e2'.repeat(20)}`
const oracle: Address = `0x${'e3'.repeat(20)}`
const wad = 10n ** 18n
const year = 365 * 86_400

type Terms = readonly [Address, Address, Address, Address, bigint]
const terms: Terms = [usdc, weth, oracle, irm, (86n * wad) / 100n]
const idOf = (of: Terms) =>
  keccak256(encodeAbiParameters(parseAbiParameters('address, address, address, address, uint256'), of))
const market = idOf(terms)
const say = (functionName: string, result: unknown, args: readonly unknown[] = [market]): ScriptedCall => [
  morpho,
  morphoAbi,
  functionName,
  args,
  result,
]
/** A day before the head, at half utilization, without a fee. */
const state = [200_000_000000n, 200_000_000000n * 10n ** 6n, 100_000_000000n, 100_000_000000n * 10n ** 6n] as const
const since = BigInt(at - 5 - 86_400)
const position = (lent: bigint, owed: bigint, secured: bigint) =>
  say('position', [lent, owed, secured], [market, account])
const marketParams = { loanToken: usdc, collateralToken: weth, oracle, irm, lltv: terms[4] }
const asked = {
  totalSupplyAssets: state[0],
  totalSupplyShares: state[1],
  totalBorrowAssets: state[2],
  totalBorrowShares: state[3],
  lastUpdate: since,
  fee: wad / 10n,
}
/** 10 % a year. */
const perSecond = wad / 10n / BigInt(year)
const calls: readonly ScriptedCall[] = [
  position(0n, 20_000_000000n * 10n ** 6n, 10n * wad),
  say('market', [...state, since, wad / 10n]),
  [usdc, decimalsAbi, 'decimals', [], 6],
  [weth, decimalsAbi, 'decimals', [], 18],
  [irm, morphoIrmAbi, 'borrowRateView', [marketParams, asked], perSecond],
]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, calls)
})
afterEach(() => chain.stop())

const id = `morpho-blue:${market}`
const touches = { kind: 'position', positionId: id }
const setting = { loan: 'USDC', collateral: 'WETH', oracle, irm, lltv: 0.86 }
const settings = { address: morpho, markets: [setting] }
const read = (change: object = {}) =>
  readWith(chain, { name: morphoBlue.name, settings: { ...settings, markets: [{ ...setting, ...change }] } })

describe('a position', () => {
  it('owes interest since the last touch of its market, in two round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const collateral = [{ asset: 'WETH', quantity: 10, liquidationThreshold: 0.86, rate: 0 }]
    const owed = expect.closeTo(20_000 * Math.exp(0.1 / 365), 4)
    const debt = [{ asset: 'USDC', quantity: owed, rate: expect.closeTo(0.1, 9) }]
    const instrument = { kind: 'loan', terms: { collateral, debt } }
    expect(positions).toEqual([{ id, label: 'Morpho Blue WETH/USDC at 86 %', instrument, needs: ['WETH', 'USDC'] }])
    const portfolio = settingsOfChain(chain.url, morphoBlue.name, settings)
    const snapshot = assemble({ reading: await read(), settings: portfolio })
    expect(snapshot.positions.find((one) => one.id === id)?.dataState).toEqual({ kind: 'FRESH' })
  })

  it('that lends earns what borrowers pay, less the fee, on the part that is lent out', async () => {
    sayAll(chain, [position(10_000_000000n * 10n ** 6n, 0n, 0n)])
    const { positions } = await read()
    const quantity = expect.closeTo(10_000 * (1 + (0.9 * 0.5 * 0.1) / 365), 2)
    const rate = expect.closeTo(0.1 * 0.5 * 0.9, 4)
    const leg = { asset: 'USDC', quantity, liquidationThreshold: 0, rate }
    expect(positions[0]?.instrument.terms).toEqual({ collateral: [leg], debt: [] })
  })

  it.each(calls.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'reverted', touches }])
  })

  it('on a market that nobody has created is a gap: what is meant is elsewhere', async () => {
    const elsewhere = idOf([usdc, weth, oracle, irm, (77n * wad) / 100n])
    sayAll(chain, [
      say('position', [0n, 0n, 0n], [elsewhere, account]),
      say('market', [0n, 0n, 0n, 0n, 0n, 0n], [elsewhere]),
    ])
    const { gaps, positions } = await read({ lltv: 0.77 })
    expect(positions).toEqual([])
    const positionId = `morpho-blue:${elsewhere}`
    expect(gaps).toMatchObject([{ code: 'no-market', touches: { kind: 'position', positionId } }])
  })

  it('with a token of other decimals is a gap that names both', async () => {
    sayAll(chain, [[usdc, decimalsAbi, 'decimals', [], 18]])
    expect((await read()).gaps).toMatchObject([{ code: 'not-as-configured', touches }])
  })

  it('that does not exist is no position and no gap', async () => {
    sayAll(chain, [position(0n, 0n, 0n)])
    expect(await read()).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })

  it('in an asset that is not configured is a gap', async () => {
    const inDai = { kind: 'position', positionId: 'morpho-blue:WETH/DAI' }
    expect((await read({ loan: 'DAI' })).gaps).toMatchObject([{ code: 'unknown-asset', touches: inDai }])
  })
})

describe('interest', () => {
  const units = fc.bigInt({ min: 1n, max: 10n ** 27n })
  const totals: fc.Arbitrary<MarketTotals> = fc
    .record({ borrowAssets: units, idle: units, fee: fc.bigInt({ min: 0n, max: wad / 4n }) })
    .map(({ borrowAssets, idle, fee }) => ({
      supplyAssets: borrowAssets + idle,
      supplyShares: (borrowAssets + idle) * 10n ** 6n,
      borrowAssets,
      borrowShares: borrowAssets * 10n ** 6n,
      lastUpdate: 1_000n,
      fee,
    }))
  const rate = fc.bigInt({ min: 0n, max: wad / BigInt(year) })
  const seconds = fc.bigInt({ min: 0n, max: 86_400n * 90n })

  it('is paid by borrowers to lenders, whose shares never lose by it', () => {
    fc.assert(
      fc.property(totals, rate, seconds, (before, perSecondRate, elapsed) => {
        const after = accruedTo(1_000n + elapsed, before, perSecondRate)
        const interest = after.borrowAssets - before.borrowAssets
        expect(interest).toBeGreaterThanOrEqual(0n)
        expect(after.supplyAssets - before.supplyAssets).toBe(interest)
        const shares = before.supplyShares / 3n
        expect(suppliedAssets(shares, after)).toBeGreaterThanOrEqual(suppliedAssets(shares, before))
      }),
    )
  })

  it('never lets all shares be worth more, or owe less, than there is', () => {
    fc.assert(
      fc.property(totals, rate, seconds, (before, perSecondRate, elapsed) => {
        const after = accruedTo(1_000n + elapsed, before, perSecondRate)
        expect(suppliedAssets(after.supplyShares, after)).toBeLessThanOrEqual(after.supplyAssets)
        const [some, rest] = [after.borrowShares / 3n, after.borrowShares - after.borrowShares / 3n]
        const apart = borrowedAssets(some, after) + borrowedAssets(rest, after)
        expect(apart).toBeGreaterThanOrEqual(borrowedAssets(after.borrowShares, after))
      }),
    )
  })

  it('of no time is none', () => {
    const [before] = fc.sample(totals, { numRuns: 1, seed: 1 })
    expect(before === undefined ? undefined : accruedTo(1_000n, before, wad)).toBe(before)
  })
})

it.each([
  ['an oracle that is too short', { oracle: oracle.slice(0, -2) }, /40 hexadecimal digits/],
  ['an lltv in per cent', { lltv: 86 }, /fraction, at most 1/],
])('settings with %s are refused', (_, change, words) => {
  const given = { ...settings, markets: [{ ...setting, ...change }] }
  expect(() => settingsOfChain('http://127.0.0.1', morphoBlue.name, given)).toThrow(words)
})

it('its market is told with it: what is lent out, what is left, what the protocol keeps', async () => {
  const { telemetry, roundTrips } = await read()
  expect(roundTrips).toBe(2)
  const [market] = telemetry ?? []
  const day = 1 / 365
  const debt = 100_000 * Math.exp(0.1 * day)
  const supplied = 200_000 + debt - 100_000
  expect(market).toMatchObject({
    kind: 'market',
    asset: 'USDC',
    label: 'Morpho Blue WETH/USDC at 86 %',
    supplied: expect.closeTo(supplied, 2),
    borrowed: expect.closeTo(debt, 2),
    available: expect.closeTo(100_000, 2),
    utilisation: expect.closeTo(debt / supplied, 9),
    reserveFactor: 0.1,
    revenuePerYear: expect.closeTo(debt * 0.1 * 0.1, 1),
  })
  expect(market).not.toHaveProperty('unread')
})
