// Shares of vaults by the standard of ERC-4626 that the settings name, at what the vault itself says that they are worth.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { assetTerm, listTerm } from '../../instruments/term-schemas.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, decimalsDiffer, firstRefusal, pinned, refusal } from './as-configured.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { decimalsSetting } from './decimals-setting.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { discoverErc4626 } from './erc4626-discovery.ts'
import { readVaultTelemetry } from './erc4626-telemetry.ts'
import { positionPart, refusedPart } from './position-part.ts'

export const erc4626Abi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function asset() view returns (address)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
  'function maxWithdraw(address owner) view returns (uint256)',
])

const vaultSetting = z.strictObject({
  address: addressSetting('the vault, which is its own share token'),
  symbol: z.optional(assetTerm('what people call its shares')),
  asset: assetTerm("the vault's asset, one of the chain's assets"),
  decimals: decimalsSetting('of the shares'),
})
type VaultSetting = z.output<typeof vaultSetting>

export const erc4626 = defineProtocol({
  name: 'erc4626',
  title: 'Vault shares (ERC-4626)',
  evidence: 'real contracts',
  discover: discoverErc4626,
  dependencies: async (_, { account, settings }) => ({
    nodes: settings.vaults.map(({ address, symbol }) => ({ address, kind: 'vault', label: symbol ?? 'vault' })),
    // What it wraps it is asked by its standard: asset().
    links: settings.vaults.map(({ address }) => {
      const evidence = 'configured protocols.erc4626'
      return { from: address, to: account, kind: 'holds', role: 'position', evidence }
    }),
    unseen: [],
  }),
  settings: z.strictObject({
    vaults: listTerm(vaultSetting, 'vaults to look in').check(
      z.minLength(1, 'must name a vault, or be left out with its protocol'),
      z.refine((vaults) => new Set(vaults.map(({ address }) => address)).size === vaults.length, 'must name each once'),
    ),
  }),
  read: async (reader, { chain, account, settings }) =>
    joinParts(await Promise.all(settings.vaults.map((vault) => readVault(reader, { chain, account, vault })))),
})

interface VaultParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly vault: VaultSetting
}

/** A vault that is not what the settings say is a gap even where nothing is held: what is meant may be elsewhere. */
async function readVault(reader: ChainReader, { chain, account, vault }: VaultParams): Promise<ReadingPart> {
  const id = `erc4626:${vault.address}`
  const counted = countedAsAsset(chain, vault.address, id)
  if (counted !== undefined) return counted
  const at = { to: vault.address, abi: erc4626Abi } as const
  const found = assetsBySymbol(chain, [vault.asset])
  const [asset] = found.ok ? found.value : []
  const tokens = [{ ...vault, symbol: 'its shares' }, ...(asset === undefined ? [] : [asset])]
  const [shares, ofAsset, withdrawable, unit, misfit] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [account] }),
    reader.ask({ ...at, functionName: 'asset', args: [] }),
    reader.ask({ ...at, functionName: 'maxWithdraw', args: [account] }),
    reader.ask({ ...at, functionName: 'convertToAssets', args: [10n ** BigInt(vault.decimals)] }),
    decimalsDiffer(reader, tokens),
  ])
  if (!shares.ok) return refusedPart(id, shares)
  const wrong = firstRefusal(found, pinned('asset', asset?.address ?? '', ofAsset), misfit)
  if (wrong !== undefined) return refusedPart(id, wrong)
  if (shares.value === 0n || asset === undefined) return {}
  const label = `${vault.symbol ?? `Vault ${vault.address.slice(0, 8)}`} shares (${asset.symbol})`
  const [worth, telemetry] = await Promise.all([
    reader.ask({ ...at, functionName: 'convertToAssets', args: [shares.value] }),
    readVaultTelemetry(reader, { vault: vault.address, label, asset, account }),
  ])
  if (!worth.ok) return refusedPart(id, worth)
  if (worth.value === 0n && !unit.ok) return refusedPart(id, unit)
  const ofUnit = unit.ok ? unit.value : 0n
  const sharePrice = sharePriceOf({ vault, asset, shares: shares.value, worth: worth.value, unit: ofUnit })
  if (sharePrice === 0) return refusedPart(id, refusal('share-worth-nothing', 'the vault says that a share is worth 0'))
  const terms = {
    asset: asset.symbol,
    shares: toDecimal(shares.value, vault.decimals),
    sharePrice,
    sharePriceAsOf: reader.block.timestamp,
  }
  const position = (maxRedeem?: number) =>
    positionPart({
      id,
      label,
      needs: [asset.symbol],
      instrument: { kind: 'vault-share', terms: maxRedeem === undefined ? terms : { ...terms, maxRedeem } },
    })
  if (!withdrawable.ok) return joinParts([position(), refusedPart(id, withdrawable), telemetry])
  // The limit is in assets; what is more than everything is no limit.
  const redeemable = toDecimal(withdrawable.value, asset.decimals) / sharePrice
  const most = withdrawable.value >= worth.value ? terms.shares : Math.min(terms.shares, redeemable)
  return joinParts([position(most), telemetry])
}

interface Held {
  readonly vault: VaultSetting
  readonly asset: AssetConfig
  readonly shares: bigint
  readonly worth: bigint
  /** Worth of one whole share. */
  readonly unit: bigint
}

/** From what is held, so that shares times price is what the vault says; of dust that rounds down to nothing, from a whole share. */
function sharePriceOf({ vault, asset, shares, worth, unit }: Held): number {
  if (worth === 0n) return toDecimal(unit, asset.decimals)
  return toDecimal(worth, asset.decimals) / toDecimal(shares, vault.decimals)
}
