// E-mode: while an account is in a category, the category's thresholds replace those of its assets.

import { toDecimal } from '../../base/amount.ts'
import type { AaveV3Config, AssetConfig } from '../../model/configuration.ts'
import type { Gap } from '../../model/data-state.ts'
import type { Address } from '../../model/identity.ts'
import type { LendingLegReading } from '../../model/reading.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { aaveDataProviderAbi, aavePoolAbi } from './aave-v3-abi.ts'
import { gapOf } from './define-protocol.ts'

export interface EMode {
  readonly gaps: readonly Gap[]
  readonly adjust: (leg: LendingLegReading) => LendingLegReading
}

const place = { subject: 'aave-v3 e-mode', touches: { kind: 'position', positionId: 'aave-v3' } } as const

/**
 * Reads categories as Aave v3.0 and v3.1 keep them. Where they are kept elsewhere (v3.2), the thresholds stay the reserves'
 * own, which understates the account, and a gap says so.
 */
export async function readEMode(
  reader: ChainReader,
  params: { readonly contracts: AaveV3Config; readonly account: Address; readonly assets: readonly AssetConfig[] },
): Promise<EMode> {
  const { contracts, account, assets } = params
  const none: EMode = { gaps: [], adjust: (leg) => leg }
  const pool = { to: contracts.pool, abi: aavePoolAbi } as const
  const category = await reader.ask({ ...pool, functionName: 'getUserEMode', args: [account] })
  if (!category.ok) return { ...none, gaps: [gapOf(category, place)] }
  if (category.value === 0n) return none
  const [terms, members] = await Promise.all([
    reader.ask({ ...pool, functionName: 'getEModeCategoryData', args: [Number(category.value)] }),
    Promise.all(assets.map(async (asset) => ({ asset, of: await categoryOf(reader, contracts, asset) }))),
  ])
  if (!terms.ok) return { ...none, gaps: [gapOf(terms, place)] }
  const { ltv, liquidationThreshold, liquidationBonus } = terms.value
  const replaced = {
    loanToValue: toDecimal(BigInt(ltv), 4),
    liquidationThreshold: toDecimal(BigInt(liquidationThreshold), 4),
    liquidationBonus: excessOf(BigInt(liquidationBonus)),
  }
  const inside = members.filter(({ of }) => of.ok && of.value === category.value).map(({ asset }) => asset.symbol)
  const gaps = members.flatMap(({ of }) => (of.ok ? [] : [gapOf(of, place)]))
  return { gaps: gaps.slice(0, 1), adjust: (leg) => (inside.includes(leg.asset) ? { ...leg, ...replaced } : leg) }
}

function categoryOf(reader: ChainReader, { dataProvider }: AaveV3Config, { address }: AssetConfig) {
  const call = { abi: aaveDataProviderAbi, functionName: 'getReserveEModeCategory', args: [address] } as const
  return reader.ask({ to: dataProvider, ...call })
}

/** Aave writes a bonus of 5 % as 10500, and 0 for what cannot be collateral. */
export function excessOf(bonus: bigint): number {
  return bonus > 10_000n ? toDecimal(bonus - 10_000n, 4) : 0
}
