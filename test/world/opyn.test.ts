// Options with the ABI of Opyn Gamma, of our own making, against the controller's own views of vaults, payouts and proceeds.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { GammaController: controllerArtifact, GammaOtoken: otokenArtifact } = compileFixture('gamma-options.sol')

let chain: ProtocolChain
let controller: Address
let expiry: number
let assets: { readonly WETH: AssetConfig; readonly USDC: AssetConfig }
let series: { readonly put: Address; readonly call: Address; readonly high: Address }

const send = (name: string, args: readonly unknown[]) =>
  chain.send(controller, controllerArtifact?.abi ?? [], name, args)
const view = (name: string, args: readonly unknown[]) =>
  chain.view(controller, controllerArtifact?.abi ?? [], name, args) as Promise<bigint>

beforeAll(async () => {
  if (controllerArtifact === undefined || otokenArtifact === undefined) throw new Error('The fixture did not compile')
  const { deploy, token, ...rest } = await startProtocolChain()
  chain = { deploy, token, ...rest }
  controller = await deploy(controllerArtifact)
  assets = { WETH: await token('WETH', 18, 'ETH'), USDC: await token('USDC', 6) }
  expiry = (await chain.blockTime()) + 30 * 86_400
  const { WETH, USDC } = assets
  const of = (collateral: AssetConfig, strike: number, isPut: boolean) => {
    const price = BigInt(strike) * 10n ** 8n
    return deploy(otokenArtifact, [controller, WETH.address, USDC.address, collateral.address, price, expiry, isPut])
  }
  series = { put: await of(USDC, 2_800, true), call: await of(WETH, 3_100, false), high: await of(WETH, 3_500, false) }
  await send('setStablePrice', [USDC.address, 10n ** 8n])
  const elsewhere: Address = `0x${'e1'.repeat(20)}`
  // A put is written and kept; a call spread is written to somebody else; a third vault has been emptied.
  await send('write', [series.put, 7_12345678n, 30_000_000000n, chain.account])
  await send('write', [series.call, 5_00000000n, 4n * 10n ** 18n, elsewhere])
  await send('depositLong', [series.high, 5_00000000n])
  await send('write', [series.put, 1n, 1n, elsewhere])
  await send('empty', [3n])
}, 60_000)
afterAll(() => chain?.stop())

const read = () =>
  chain.read('opyn', {
    settings: { controller, otokens: [{ address: series.put, underlying: 'WETH' }] },
    assets: [assets.WETH, assets.USDC],
  })
const termsOf = ({ positions }: Awaited<ReturnType<typeof read>>) =>
  new Map(positions.map(({ id, instrument }) => [id, instrument.terms as { readonly quantity: number }]))

describe('options of Opyn Gamma', () => {
  it('are read as the protocol holds them, before they expire', async () => {
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.roundTrips).toBeLessThanOrEqual(3)
    const quantities = [...termsOf(reading)].map(([id, { quantity }]) => [id, quantity])
    expect(Object.fromEntries(quantities)).toEqual({
      [`opyn:${series.put}`]: 7.12345678,
      'opyn:vault:1:collateral:USDC': 30_000,
      [`opyn:vault:1:short:${series.put}`]: -7.12345678,
      'opyn:vault:2:collateral:WETH': 4,
      [`opyn:vault:2:short:${series.call}`]: -5,
      [`opyn:vault:2:long:${series.high}`]: 5,
    })
  })

  it('are no value between expiry and the final settlement price', async () => {
    await chain.warp(30 * 86_400 + 60)
    await send('setExpiryPrice', [assets.WETH.address, expiry, 2_345_67000000n, false])
    const { positions, gaps } = await read()
    expect(positions).toEqual([])
    expect(gaps.map(({ code }) => code)).toEqual(['settlement-pending', 'settlement-pending', 'settlement-pending'])
  })

  it.each([
    ['a put that pays', 2_345_67000000n],
    ['a call spread that pays', 3_333_33000000n],
  ])('are what the protocol pays, of %s', async (_, price) => {
    await send('setExpiryPrice', [assets.WETH.address, expiry, price, true])
    const reading = await read()
    expect(reading.gaps).toEqual([])
    const terms = termsOf(reading)
    const payout = await view('getPayout', [series.put, 7_12345678n])
    expect(terms.get(`opyn:${series.put}`)?.quantity ?? 0).toBe(toDecimal(payout, 6))
    for (const [number, decimals] of [
      [1n, 6],
      [2n, 18],
    ] as const) {
      const proceeds = await view('getProceed', [chain.account, number])
      expect(terms.get(`opyn:vault:${number}`)?.quantity).toBe(toDecimal(proceeds, decimals))
    }
  })
})
