// Shares of a vault: their worth, every call that fails, and every way in which vault and settings differ.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { erc4626, erc4626Abi } from '../../lib/sources/protocols/erc4626.ts'
import { vaultTelemetryAbi } from '../../lib/sources/protocols/erc4626-telemetry.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const vault: Address = `0x${'b1'.repeat(20)}`
const one = 10n ** 18n
const say = (functionName: string, result: unknown, args: readonly unknown[] = []): ScriptedCall => [
  vault,
  erc4626Abi,
  functionName,
  args,
  result,
]
const holding = say('balanceOf', 900n * one, [account])
const worth = say('convertToAssets', 974_700000n, [900n * one])
const limit = say('maxWithdraw', 433_200000n, [account])
const ofAsset = say('asset', usdc)
const decimals: ScriptedCall = [vault, decimalsAbi, 'decimals', [], 18]
const assetDecimals: ScriptedCall = [usdc, decimalsAbi, 'decimals', [], 6]
const tell = (functionName: string, result: unknown, args: readonly unknown[] = []): ScriptedCall => [
  vault,
  vaultTelemetryAbi,
  functionName,
  args,
  result,
]
const managed = tell('totalAssets', 5_000_000_000000n)
const room = tell('maxDeposit', 1_000_000_000000n, [account])
const unit = say('convertToAssets', 1_083000n, [one])

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [holding, worth, limit, ofAsset, decimals, assetDecimals, unit, managed, room])
})
afterEach(() => chain.stop())

const id = `erc4626:${vault}`
const touches = { kind: 'position', positionId: id }
const settings = { vaults: [{ address: vault, symbol: 'yvUSDC', asset: 'USDC', decimals: 18 }] }
const read = (given: unknown = settings) => readWith(chain, { name: erc4626.name, settings: given })

describe('vault shares', () => {
  it('are worth what the vault says, and can leave as fast as it lets them, in two round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const terms = { asset: 'USDC', shares: 900, sharePrice: 1.083, sharePriceAsOf: at - 5, maxRedeem: 400 }
    const instrument = { kind: 'vault-share', terms }
    expect(positions).toEqual([{ id, label: 'yvUSDC shares (USDC)', instrument, needs: ['USDC'] }])
  })

  it('are FRESH with the price of the asset', async () => {
    const portfolio = settingsOfChain(chain.url, erc4626.name, settings)
    const { positions, dataState } = assemble({ reading: await read(), settings: portfolio })
    expect(positions.find((position) => position.id === id)?.dataState).toEqual({ kind: 'FRESH' })
    expect(dataState).toEqual({ kind: 'FRESH' })
  })

  it.each([2n ** 256n - 1n, 974_700000n])('of which %s can be withdrawn have no limit', async (assets) => {
    sayAll(chain, [say('maxWithdraw', assets, [account])])
    expect((await read()).positions[0]?.instrument.terms).toMatchObject({ maxRedeem: 900 })
  })

  it('that cannot be withdrawn at all are held with a limit of zero', async () => {
    sayAll(chain, [say('maxWithdraw', 0n, [account])])
    expect((await read()).positions[0]?.instrument.terms).toMatchObject({ maxRedeem: 0 })
  })

  it('whose limit cannot be read are held without one, and a gap says so', async () => {
    takeBack(chain, limit)
    const { gaps, positions } = await read()
    expect(gaps).toMatchObject([{ code: 'reverted', touches }])
    expect(positions[0]?.instrument.terms).not.toHaveProperty('maxRedeem')
  })

  it.each([holding, worth, ofAsset, decimals, assetDecimals].map((call) => [nameOfCall(call), call] as const))(
    'are a gap where %s fails',
    async (_, call) => {
      takeBack(chain, call)
      const { gaps, positions, balances } = await read()
      expect(positions).toEqual([])
      expect(gaps).toMatchObject([{ code: 'reverted', touches }])
      expect(balances).toHaveLength(2)
    },
  )

  it('as dust that is worth less than the smallest unit are priced by a whole share', async () => {
    sayAll(chain, [say('balanceOf', 5n, [account]), say('convertToAssets', 0n, [5n])])
    expect((await read()).positions[0]?.instrument.terms).toMatchObject({ shares: 5e-18, sharePrice: 1.083 })
    takeBack(chain, unit)
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'reverted', touches }] })
  })

  it('of an emptied vault are a gap that says so', async () => {
    sayAll(chain, [say('convertToAssets', 0n, [900n * one]), say('convertToAssets', 0n, [one])])
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'share-worth-nothing', touches }] })
  })

  it.each([
    ['another asset', [say('asset', weth)], /asset is 0x1{40} on the chain, configured is 0x2{40}/],
    ['other decimals', [[vault, decimalsAbi, 'decimals', [], 6]], /decimals of its shares is 6 .* configured is 18/],
    ['an asset of other decimals', [[usdc, decimalsAbi, 'decimals', [], 18]], /decimals of USDC is 18 .* is 6/],
  ] as const)('of a vault with %s are a gap that names both', async (_, calls, reason) => {
    sayAll(chain, calls as readonly ScriptedCall[])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches, reason: expect.stringMatching(reason) }])
  })

  it('of which none are held are no position and no gap, unless the vault is not the one that is meant', async () => {
    sayAll(chain, [say('balanceOf', 0n, [account])])
    expect(await read()).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
    sayAll(chain, [say('asset', weth)])
    expect((await read()).gaps).toMatchObject([{ code: 'not-as-configured', touches }])
  })

  it('of an asset that is not configured are a gap', async () => {
    const { gaps } = await read({ vaults: [{ address: vault, asset: 'DAI', decimals: 18 }] })
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches }])
  })

  it('that are configured as an asset, too, are not counted twice', async () => {
    const { gaps, positions } = await read({ vaults: [{ address: weth, asset: 'USDC', decimals: 18 }] })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'counted-as-asset', touches: { kind: 'context' } }])
  })
})

it.each([
  ['no vaults', { vaults: [] }, /must name a vault/],
  ['a vault twice', { vaults: [settings.vaults[0], settings.vaults[0]] }, /must name each once/],
  ['half a decimal', { vaults: [{ ...settings.vaults[0], decimals: 1.5 }] }, /whole number/],
  ['an unknown key', { vaults: [{ ...settings.vaults[0], asets: 'USDC' }] }, /asets/],
])('settings with %s are refused', (_, given, words) => {
  expect(() => settingsOfChain('http://127.0.0.1', erc4626.name, given)).toThrow(words)
})

describe('the vault of shares', () => {
  const market = { kind: 'market', id: `${id}:USDC`, asset: 'USDC', label: 'yvUSDC shares (USDC)' }

  it('tells what it manages, and how much more it takes from the account', async () => {
    expect((await read()).telemetry).toMatchObject([{ ...market, supplied: 5_000_000, supplyCap: 6_000_000 }])
    sayAll(chain, [tell('maxDeposit', 2n ** 256n - 1n, [account])])
    const [open] = (await read()).telemetry ?? []
    expect(open).not.toHaveProperty('supplyCap')
    expect(open).not.toHaveProperty('unread')
  })

  it.each([
    ['what it manages', managed, ['supplied', 'supplyCap']],
    ['how much more it takes', room, ['supplyCap']],
  ] as const)('that does not say %s says so, which degrades nothing', async (_, call, unread) => {
    takeBack(chain, call)
    const { telemetry, gaps, positions } = await read()
    expect(positions).toMatchObject([{ id }])
    expect(telemetry).toMatchObject([{ ...market, unread }])
    expect(gaps).toMatchObject([{ code: 'reverted', touches: { kind: 'context' } }])
  })
})
