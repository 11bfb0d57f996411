// Shares of OpenZeppelin's own vault, compiled from its sources, against what redeeming them would pay.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { value } from '../../lib/instruments/value.ts'
import { compileOwnContracts } from '../../lib/local/world/compile.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { PlainVault: vaultArtifact } = compileFixture('plain-vault.sol')
const { mintableToken } = compileOwnContracts()

let chain: ProtocolChain
let usdc: AssetConfig
beforeAll(async () => {
  chain = await startProtocolChain()
  usdc = await chain.token('USDC', 6)
})
afterAll(() => chain?.stop())

/** A vault in which the account and somebody else have deposited, and which has earned, and lost, odd amounts since. */
async function vaultWith(offset: number, deposit: bigint): Promise<Address> {
  if (vaultArtifact === undefined) throw new Error('PlainVault did not compile')
  const vault = await chain.deploy(vaultArtifact, [usdc.address, offset])
  const stranger = '0x00000000000000000000000000000000000000a1'
  await chain.send(usdc.address, mintableToken.abi, 'mint', [chain.account, deposit + 77_777_777777n])
  await chain.send(usdc.address, mintableToken.abi, 'approve', [vault, 2n ** 256n - 1n])
  await chain.send(vault, vaultArtifact.abi, 'deposit', [deposit, chain.account])
  await chain.send(usdc.address, mintableToken.abi, 'mint', [vault, 1_234_567n])
  await chain.send(vault, vaultArtifact.abi, 'deposit', [77_777_777777n, stranger])
  await chain.send(usdc.address, mintableToken.abi, 'mint', [vault, 9_876_543211n])
  return vault
}

describe('shares of a real vault', () => {
  it.each([
    [0, 123_456_789123n],
    [12, 5_000_000001n],
  ])('with %i more decimals than its asset are worth what redeeming pays', async (offset, deposit) => {
    const vault = await vaultWith(offset, deposit)
    const view = (name: string, args: readonly unknown[]) =>
      chain.view(vault, vaultArtifact?.abi ?? [], name, args) as Promise<bigint>
    const shares = await view('balanceOf', [chain.account])
    const redeemed = toDecimal(await view('previewRedeem', [shares]), 6)
    const settings = { vaults: [{ address: vault, asset: 'USDC', decimals: 6 + offset }] }
    const { positions, gaps, roundTrips, telemetry } = await chain.read('erc4626', { settings, assets: [usdc] })
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const own = { address: vault, asset: 'USDC', decimals: 6 + offset }
    expect(await chain.discovered('erc4626', [usdc])).toContainEqual({ vaults: [expect.objectContaining(own)] })
    // OpenZeppelin's takes whatever comes: it has no cap.
    expect(telemetry).toMatchObject([{ supplied: toDecimal(await view('totalAssets', []), 6), asset: 'USDC' }])
    expect(telemetry[0]).not.toHaveProperty('supplyCap')
    const [position] = positions
    if (position === undefined) throw new Error('there is no position')
    const at = await chain.blockTime()
    const market = { at, spot: { USDC: 1 }, exchangeRates: { USDC: { underlying: 'USDC', rate: 1 } } }
    expect(Math.abs(value(position.instrument, market) / redeemed - 1)).toBeLessThan(1e-12)
    const held = toDecimal(shares, 6 + offset)
    expect(position.instrument.terms).toMatchObject({ shares: held, sharePriceAsOf: at })
    // All of it can leave: the vault's own limit rounds down to the smallest unit.
    expect(position.instrument.terms).toMatchObject({ maxRedeem: held })
  })

  it('that is configured with the decimals of its asset is a gap that names both', async () => {
    const vault = await vaultWith(12, 1_000000n)
    const settings = { vaults: [{ address: vault, asset: 'USDC', decimals: 6 }] }
    const { positions, gaps } = await chain.read('erc4626', { settings, assets: [usdc] })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', reason: expect.stringMatching(/18.*6/) }])
  })
})
