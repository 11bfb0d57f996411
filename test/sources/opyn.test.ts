// Options of Opyn Gamma: held and written, before and after expiry, every call that fails, and series that are not what is meant.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { opyn } from '../../lib/sources/protocols/opyn.ts'
import { gammaControllerAbi, otokenAbi } from '../../lib/sources/protocols/opyn-series.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const controller: Address = `0x${'c0'.repeat(20)}`
const put: Address = `0x${'b1'.repeat(20)}`
const call: Address = `0x${'b2'.repeat(20)}`
const none: Address = `0x${'00'.repeat(20)}`
const stranger: Address = `0x${'77'.repeat(20)}`
const expiry = at + 86_400 * 30

const ofOtoken = (otoken: Address, name: string, result: unknown, args: readonly unknown[] = []): ScriptedCall => [
  otoken,
  otokenAbi,
  name,
  args,
  result,
]
const ofController = (name: string, args: readonly unknown[], result: unknown): ScriptedCall => [
  controller,
  gammaControllerAbi,
  name,
  args,
  result,
]
const detailsOf = (
  otoken: Address,
  given: { readonly expiry?: number; readonly underlying?: Address; readonly strike?: Address } = {},
) => {
  const isPut = otoken === put
  const strikePrice = isPut ? 2_800_00000000n : 3_500_00000000n
  const when = BigInt(given.expiry ?? expiry)
  const words = [isPut ? usdc : weth, given.underlying ?? weth, given.strike ?? usdc, strikePrice, when, isPut]
  return ofOtoken(otoken, 'getOtokenDetails', words)
}
const series = (otoken: Address, settled = false) => [
  detailsOf(otoken),
  ofController('isSettlementAllowed', [otoken], settled),
]
const vaultOf = (vault: object, type = 0n) =>
  ofController(
    'getVaultWithDetails',
    [account, 1n],
    [
      {
        shortOtokens: [],
        longOtokens: [],
        collateralAssets: [],
        shortAmounts: [],
        longAmounts: [],
        collateralAmounts: [],
        ...vault,
      },
      type,
      BigInt(at - 500),
    ],
  )

const held = ofOtoken(put, 'balanceOf', 12_50000000n, [account])
const counter = ofController('getAccountVaultCounter', [account], 1n)
const covered = {
  shortOtokens: [call],
  shortAmounts: [5_00000000n],
  collateralAssets: [weth],
  collateralAmounts: [5n * 10n ** 18n],
}
const vault = vaultOf(covered)
const pins: readonly ScriptedCall[] = [ofOtoken(put, 'controller', controller), [put, decimalsAbi, 'decimals', [], 8]]
const proceed = ofController('getProceed', [account, 1n], 0n)

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [held, ...pins, ...series(put), ...series(call), counter, vault, proceed])
})
afterEach(() => chain.stop())

const settings = { controller, otokens: [{ address: put, underlying: 'WETH' }] }
const read = (given: unknown = settings) => readWith(chain, { name: opyn.name, settings: given })
const id = `opyn:${put}`
const touches = { kind: 'position', positionId: id }
const ofVault = { kind: 'position', positionId: 'opyn:vault:1' }
const none1 = { shortOtokens: [none], shortAmounts: [0n], collateralAssets: [none], collateralAmounts: [0n] }
const idsOf = ({ positions }: { readonly positions: readonly { readonly id: string }[] }) =>
  positions.map((one) => one.id)

describe('options of Opyn Gamma', () => {
  it('are held as options, written ones in their vault with the collateral, in three round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(3)
    expect(positions).toMatchObject([
      {
        id,
        label: 'WETH 2800 put of 2024-09-04',
        instrument: {
          kind: 'vanilla-option',
          terms: { asset: 'WETH', type: 'put', strike: 2_800, expiry, quantity: 12.5 },
        },
        needs: ['WETH', 'USDC'],
      },
      { id: 'opyn:vault:1:collateral:WETH', instrument: { kind: 'spot', terms: { asset: 'WETH', quantity: 5 } } },
      {
        id: `opyn:vault:1:short:${call}`,
        label: 'WETH 3500 call of 2024-09-04, short in Opyn vault 1',
        instrument: { kind: 'inverse-option', terms: { type: 'call', strike: 3_500, quantity: -5 } },
      },
    ])
  })

  it('take two round trips where the vaults hold what the settings name', async () => {
    sayAll(chain, [
      vaultOf({ longOtokens: [put], longAmounts: [1_00000000n], ...none1 }),
      ofOtoken(put, 'balanceOf', 0n, [account]),
    ])
    const reading = await read()
    expect(reading.roundTrips).toBe(2)
    expect(idsOf(reading)).toEqual([`opyn:vault:1:long:${put}`])
  })

  it('that have settled are what they pay, in what they pay in', async () => {
    sayAll(chain, [detailsOf(put, { expiry: at - 50 }), ofController('isSettlementAllowed', [put], true)])
    sayAll(chain, [detailsOf(call, { expiry: at - 50 }), ofController('isSettlementAllowed', [call], true)])
    sayAll(chain, [
      ofController('getPayout', [put, 12_50000000n], 1_234_567890n),
      ofController('getProceed', [account, 1n], 4n * 10n ** 18n),
    ])
    const { positions, gaps } = await read()
    expect(gaps).toEqual([])
    expect(positions).toMatchObject([
      {
        id,
        label: 'Payout of WETH 2800 put of 2024-08-04',
        instrument: { kind: 'spot', terms: { asset: 'USDC', quantity: 1_234.56789 } },
      },
      { id: 'opyn:vault:1', instrument: { kind: 'spot', terms: { asset: 'WETH', quantity: 4 } } },
    ])
  })

  it('that expired worthless are no position and no gap', async () => {
    sayAll(chain, [detailsOf(put, { expiry: at - 50 }), ofController('isSettlementAllowed', [put], true)])
    sayAll(chain, [ofController('getPayout', [put, 12_50000000n], 0n), counter, vaultOf(none1)])
    expect(await read()).toMatchObject({ positions: [], gaps: [] })
  })

  it('whose settlement price is not final are a gap, held or written, not a value', async () => {
    for (const otoken of [put, call]) sayAll(chain, [detailsOf(otoken, { expiry: at - 50 })])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([
      { code: 'settlement-pending', touches },
      { code: 'settlement-pending', touches: ofVault },
    ])
  })

  it.each([held, ...pins, ...series(put).slice(0, 1)].map((one) => [nameOfCall(one), one] as const))(
    'that are held are a gap where %s fails, and the vault stands',
    async (_, one) => {
      takeBack(chain, one)
      const reading = await read()
      expect(reading.gaps).toMatchObject([{ code: 'reverted', touches }])
      expect(idsOf(reading)).toEqual(['opyn:vault:1:collateral:WETH', `opyn:vault:1:short:${call}`])
    },
  )

  it.each([vault, ...series(call).slice(0, 1)].map((one) => [nameOfCall(one), one] as const))(
    'that are written are one gap where %s fails: without its debt a vault is no value',
    async (_, one) => {
      takeBack(chain, one)
      const reading = await read()
      expect(reading.gaps).toMatchObject([{ code: 'reverted', touches: ofVault }])
      expect(idsOf(reading)).toEqual([id])
    },
  )

  it('are a gap where nobody knows how many vaults there are, or what expired ones pay', async () => {
    takeBack(chain, counter)
    sayAll(chain, [detailsOf(put, { expiry: at - 50 }), ofController('isSettlementAllowed', [put], true)])
    expect(await read()).toMatchObject({
      positions: [],
      gaps: [
        { code: 'reverted', touches },
        { code: 'reverted', touches: { positionId: 'opyn:vaults' } },
      ],
    })
  })

  it.each([
    [
      'another underlying',
      detailsOf(put, { underlying: usdc }),
      'not-as-configured',
      /underlying is 0x2{40} .* configured is 0x1{40}/,
    ],
    ['another controller', ofOtoken(put, 'controller', stranger), 'not-as-configured', /controller is 0x7{40}/],
    ['other decimals', [put, decimalsAbi, 'decimals', [], 18], 'not-as-configured', /decimals of the oToken is 18/],
    ['a strike in something else', detailsOf(put, { strike: weth }), 'strike-not-in-dollars', /strike is in WETH/],
    ['a strike in a stranger', detailsOf(put, { strike: stranger }), 'unknown-asset', /0x7{40}/],
    ['no expiry', detailsOf(put, { expiry: 0 }), 'impossible-terms', /no time/],
  ] as const)('with %s are a gap that says so', async (_, one, code, reason) => {
    sayAll(chain, [one as ScriptedCall])
    const { gaps, positions } = await read()
    expect(gaps).toMatchObject([{ code, touches, reason: expect.stringMatching(reason) }])
    expect(positions.map((position) => position.id)).not.toContain(id)
  })

  it('in more vaults than are read are the newest ones and a gap', async () => {
    sayAll(chain, [ofController('getAccountVaultCounter', [account], 2n ** 255n)])
    const { gaps } = await read()
    expect(gaps.filter(({ code }) => code === 'too-many-vaults')).toMatchObject([
      { touches: { positionId: 'opyn:vaults' } },
    ])
  })

  it('of a vault whose lists do not fit are a gap', async () => {
    sayAll(chain, [vaultOf({ shortOtokens: [call], shortAmounts: [] })])
    expect((await read()).gaps).toMatchObject([{ code: 'malformed-return', touches: ofVault }])
  })

  it('that are configured as an asset, too, are not counted twice', async () => {
    const { gaps } = await read({ controller, otokens: [{ address: weth, underlying: 'WETH' }] })
    expect(gaps).toMatchObject([{ code: 'counted-as-asset', touches: { kind: 'context' } }])
  })
})

it.each([
  ['an oToken twice', { controller, otokens: [settings.otokens[0], settings.otokens[0]] }, /must name each once/],
  ['no controller', { otokens: [] }, /controller/],
  ['no strike asset', { controller, strikeAssets: [] }, /must name one/],
])('settings with %s are refused', (_, given, words) => {
  expect(() => settingsOfChain('http://127.0.0.1', opyn.name, given)).toThrow(words)
})
