// An account on Compound v3: every call that fails, settings that differ, and a verdict that its legs do not explain.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { cometAbi, compoundV3 } from '../../lib/sources/protocols/compound-v3.ts'
import { cometTelemetryAbi } from '../../lib/sources/protocols/compound-v3-telemetry.ts'
import { erc20Abi } from '../../lib/sources/protocols/erc20.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const comet: Address = `0x${'d1'.repeat(20)}`
const usdcFeed: Address = `0x${'d2'.repeat(20)}`
const ethFeed: Address = `0x${'d3'.repeat(20)}`
const stranger: Address = `0x${'d4'.repeat(20)}`
const one = 10n ** 18n

const say = (functionName: string, result: unknown, args: readonly unknown[] = []): ScriptedCall => [
  comet,
  cometAbi,
  functionName,
  args,
  result,
]
const basics = (principal: bigint, assetsIn: number, reserved = 0) =>
  say('userBasic', [principal, 0n, 0n, assetsIn, reserved], [account])
const infoOf = (asset: Address, feed: Address, scale = one) => [
  0,
  asset,
  feed,
  scale,
  0n,
  (83n * one) / 100n,
  0n,
  1_000n * one,
]
const verdict = (liquidatable: boolean) => say('isLiquidatable', liquidatable, [account])
const owed = (units: bigint) => say('borrowBalanceOf', units, [account])
const price = (feed: Address, usd: bigint) => say('getPrice', usd * 10n ** 8n, [feed])

/** Ten WETH secure 20,000 USDC. */
const needed: readonly ScriptedCall[] = [
  basics(-19_000_000000n, 1),
  say('baseToken', usdc),
  say('baseScale', 10n ** 6n),
  say('balanceOf', 0n, [account]),
  owed(20_000_000000n),
  say('userCollateral', [10n * one, 0n], [account, weth]),
  say('getAssetInfoByAddress', infoOf(weth, ethFeed), [weth]),
]
const beside: readonly ScriptedCall[] = [
  say('baseTokenPriceFeed', usdcFeed),
  say('getUtilization', one / 2n),
  verdict(false),
  say('getSupplyRate', 1_000_000_000n, [one / 2n]),
  say('getBorrowRate', 1_585_489_599n, [one / 2n]),
  price(usdcFeed, 1n),
  price(ethFeed, 3_000n),
]

const tell = (functionName: string, result: unknown, args: readonly unknown[] = []): ScriptedCall => [
  comet,
  cometTelemetryAbi,
  functionName,
  args,
  result,
]
/** How the market does: half of 80,000 USDC is lent out, a fifth of the cap on WETH is used. */
const told: readonly ScriptedCall[] = [
  tell('totalSupply', 80_000_000000n),
  tell('totalBorrow', 40_000_000000n),
  tell('getReserves', 1_000_000000n),
  tell('isSupplyPaused', false),
  tell('isWithdrawPaused', true),
  tell('totalsCollateral', [200n * one, 0n], [weth]),
  [usdc, erc20Abi, 'balanceOf', [comet], 41_000_000000n],
]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [...needed, ...beside, ...told])
})
afterEach(() => chain.stop())

const id = `compound-v3:${comet}`
const touches = { kind: 'position', positionId: id }
const settings = { comets: [{ address: comet, base: 'USDC' }] }
const read = (given: unknown = settings) => readWith(chain, { name: compoundV3.name, settings: given })

describe('an account', () => {
  it('is a loan at continuous rates, in two round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const collateral = [{ asset: 'WETH', quantity: 10, liquidationThreshold: 0.83, rate: 0 }]
    // 5 % a year, added every second.
    const debt = [{ asset: 'USDC', quantity: 20_000, rate: expect.closeTo(0.05, 8) }]
    const instrument = { kind: 'loan', terms: { collateral, debt } }
    expect(positions).toEqual([{ id, label: 'Compound v3 USDC account', instrument, needs: ['WETH', 'USDC'] }])
    const portfolio = settingsOfChain(chain.url, compoundV3.name, settings)
    const snapshot = assemble({ reading: await read(), settings: portfolio })
    expect(snapshot.positions.find((position) => position.id === id)?.dataState).toEqual({ kind: 'FRESH' })
  })

  it.each(needed.map((call) => [nameOfCall(call), call] as const))('is a gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  it.each(beside.map((call) => [nameOfCall(call), call] as const))(
    'stands with a gap where %s fails',
    async (_, call) => {
      takeBack(chain, call)
      expect(await read()).toMatchObject({ positions: [{ id }], gaps: [{ code: 'reverted', touches }] })
    },
  )

  it.each([
    ['another base token', say('baseToken', weth), /base token is 0x1{40} .* configured is 0x2{40}/],
    ['another base scale', say('baseScale', one), /base scale is 10{18} .* configured is 10{6}$/],
    ['another scale of a collateral', say('getAssetInfoByAddress', infoOf(weth, ethFeed, 10n ** 8n), [weth]), /WETH/],
    ['the terms of another token', say('getAssetInfoByAddress', infoOf(stranger, ethFeed), [weth]), /address of WETH/],
  ])('of a market with %s is a gap that names both', async (_, call, reason) => {
    sayAll(chain, [call])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches, reason: expect.stringMatching(reason) }])
  })

  it('that does not exist is no position and no gap, unless the market is not the one that is meant', async () => {
    sayAll(chain, [basics(0n, 0), owed(0n)])
    expect(await read()).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
    sayAll(chain, [say('baseToken', weth)])
    expect((await read()).gaps).toMatchObject([{ code: 'not-as-configured', touches }])
  })

  it('whose safety the protocol sees otherwise is doubted', async () => {
    sayAll(chain, [verdict(true)])
    expect(await read()).toMatchObject({ positions: [{ id }], gaps: [{ code: 'liquidatable-differs', touches }] })
    sayAll(chain, [verdict(false), price(ethFeed, 2_400n)])
    expect(await read()).toMatchObject({ positions: [{ id }], gaps: [{ code: 'liquidatable-differs', touches }] })
    sayAll(chain, [verdict(true)])
    expect((await read()).gaps).toEqual([])
  })

  it.each([
    [1, 'in assetsIn', basics(-1n, 0b11)],
    [20, 'among the reserved bits', basics(-1n, 1, 1 << 4)],
  ])('with strange collateral number %i, %s, says so and degrades nothing', async (offset, _, bits) => {
    sayAll(chain, [bits, say('getAssetInfo', infoOf(stranger, ethFeed), [offset])])
    const { gaps, positions } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches: { kind: 'context' } }])
    expect(gaps[0]?.reason.toLowerCase()).toContain(stranger)
  })

  it('that is safe only by strange collateral is not doubted', async () => {
    sayAll(chain, [basics(-1n, 0b11), price(ethFeed, 2_400n)])
    expect((await read()).gaps.map(({ code }) => code)).toEqual(['unknown-asset'])
  })

  it('of a base that is not configured is a gap', async () => {
    const { gaps } = await read({ comets: [{ address: comet, base: 'USDT' }] })
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches }])
  })
})

describe('the market of an account', () => {
  const names = { kind: 'market', protocol: 'compound-v3', label: 'Compound v3 USDC' }

  it('is told with the account: what is lent out, what is there, what the protocol earns, how far the cap is', async () => {
    expect((await read()).telemetry).toMatchObject([
      {
        ...names,
        id: `${id}:USDC`,
        asset: 'USDC',
        supplied: 80_000,
        borrowed: 40_000,
        available: 41_000,
        utilisation: 0.5,
        reserves: 1_000,
        // Borrowers pay 5 %, lenders are paid 3.15 % (10^9 a second) on twice as much.
        revenuePerYear: expect.closeTo(40_000 * 0.05 - 80_000 * 0.031536, 2),
        frozen: false,
        paused: true,
      },
      { ...names, id: `${id}:WETH`, asset: 'WETH', supplied: 200, supplyCap: 1_000, frozen: false, paused: true },
    ])
  })

  it.each(told.map((call) => [nameOfCall(call), call] as const))(
    'lacks what %s would have told, which degrades nothing',
    async (_, call) => {
      takeBack(chain, call)
      const reading = await read()
      expect(reading).toMatchObject({ positions: [{ id }], gaps: [{ code: 'reverted', touches: { kind: 'context' } }] })
      const [market] = reading.telemetry ?? []
      expect(market).toMatchObject({ id: `${id}:USDC` })
      const snapshot = assemble({ reading, settings: settingsOfChain(chain.url, compoundV3.name, settings) })
      expect(snapshot.dataState).toEqual({ kind: 'FRESH' })
    },
  )

  it('names what it could not read', async () => {
    for (const call of told) takeBack(chain, call)
    const [market, collateral] = (await read()).telemetry ?? []
    const flags = ['frozen', 'paused']
    expect(market).toMatchObject({ unread: ['supplied', 'borrowed', 'available', ...flags], utilisation: 0.5 })
    expect(collateral).toMatchObject({ unread: ['supplied', ...flags], supplyCap: 1_000 })
  })
})
