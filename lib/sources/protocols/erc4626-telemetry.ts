// How a vault does: what it manages and how much more it takes. What could be taken out is told for the account alone, by its position.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { MarketTelemetry } from '../../model/telemetry.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { gapOf, type ReadingPart } from './define-protocol.ts'

export const vaultTelemetryAbi = parseAbi([
  'function totalAssets() view returns (uint256)',
  'function maxDeposit(address receiver) view returns (uint256)',
])

/** So much or more means that there is no limit: the standard says 2^256 - 1, some vaults take a little off. */
const noLimit = 2n ** 128n

interface Vault {
  readonly vault: Address
  readonly label: string
  readonly asset: AssetConfig
  readonly account: Address
}

/** Both in one round. The cap is what is there and what still may come; some vaults cap each depositor apart. */
export async function readVaultTelemetry(reader: ChainReader, params: Vault): Promise<ReadingPart> {
  const { vault, label, asset, account } = params
  const at = { to: vault, abi: vaultTelemetryAbi } as const
  const [managed, room] = await Promise.all([
    reader.ask({ ...at, functionName: 'totalAssets', args: [] }),
    reader.ask({ ...at, functionName: 'maxDeposit', args: [account] }),
  ])
  const unread = [
    ...(managed.ok ? [] : ['supplied' as const]),
    ...(managed.ok && room.ok ? [] : ['supplyCap' as const]),
  ]
  const isCapped = managed.ok && room.ok && room.value < noLimit
  const telemetry: MarketTelemetry = {
    kind: 'market',
    id: `erc4626:${vault}:${asset.symbol}`,
    protocol: 'erc4626',
    label,
    asset: asset.symbol,
    ...(managed.ok ? { supplied: toDecimal(managed.value, asset.decimals) } : {}),
    ...(isCapped ? { supplyCap: toDecimal(managed.value + room.value, asset.decimals) } : {}),
    ...(unread.length === 0 ? {} : { unread }),
  }
  const place = { subject: `telemetry of ${label}`, touches: { kind: 'context' } } as const
  return { telemetry: [telemetry], gaps: [managed, room].flatMap((one) => (one.ok ? [] : [gapOf(one, place)])) }
}
