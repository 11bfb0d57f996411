// How a reserve of Aave v3 does: how much of it is lent out, what can be taken out, how far its caps are, what the protocol earns.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import type { AaveV3Config, AssetConfig } from '../../model/configuration.ts'
import type { MarketTelemetry } from '../../model/telemetry.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer, ReturnOf } from '../chain/contract-call.ts'
import type { aaveDataProviderAbi } from './aave-v3-abi.ts'
import { gapOf, type ReadingPart } from './define-protocol.ts'

/** Caps are in whole tokens; 0 is none. */
export const aaveCapsAbi = parseAbi([
  'function getReserveCaps(address asset) view returns (uint256 borrowCap, uint256 supplyCap)',
])

/** What may be borrowed in all against an isolated collateral, and what is, in cents of a dollar; a ceiling of 0 is no isolation. */
export const aaveIsolationAbi = parseAbi([
  'function getDebtCeiling(address asset) view returns (uint256)',
  'struct ReserveData { uint256 configuration; uint128 liquidityIndex; uint128 currentLiquidityRate; uint128 variableBorrowIndex; uint128 currentVariableBorrowRate; uint128 currentStableBorrowRate; uint40 lastUpdateTimestamp; uint16 id; address aToken; address stableDebtToken; address variableDebtToken; address interestRateStrategy; uint128 accruedToTreasury; uint128 unbacked; uint128 isolationModeTotalDebt; }',
  'function getReserveData(address asset) view returns (ReserveData)',
])
const ceilingDecimals = 2

const rayDecimals = 27
const context = { kind: 'context' } as const
const ray = 10n ** BigInt(rayDecimals)

export function askCaps(reader: ChainReader, { dataProvider }: AaveV3Config, { address }: AssetConfig) {
  return reader.ask({ to: dataProvider, abi: aaveCapsAbi, functionName: 'getReserveCaps', args: [address] })
}

/** The ceiling and the debt under it; undefined for what is not isolated. */
export async function readIsolation(
  reader: ChainReader,
  { dataProvider, pool }: AaveV3Config,
  { address }: AssetConfig,
): Promise<Answer<Isolation | undefined>> {
  const at = { abi: aaveIsolationAbi, args: [address] } as const
  const ceiling = await reader.ask({ ...at, to: dataProvider, functionName: 'getDebtCeiling' })
  if (!ceiling.ok) return ceiling
  if (ceiling.value === 0n) return { ok: true, value: undefined }
  const reserve = await reader.ask({ ...at, to: pool, functionName: 'getReserveData' })
  if (!reserve.ok) return reserve
  return {
    ok: true,
    value: {
      debtCeilingUsd: toDecimal(ceiling.value, ceilingDecimals),
      isolatedDebtUsd: toDecimal(reserve.value.isolationModeTotalDebt, ceilingDecimals),
    },
  }
}

type Isolation = Required<Pick<MarketTelemetry, 'debtCeilingUsd' | 'isolatedDebtUsd'>>

interface ReserveFacts {
  readonly asset: AssetConfig
  readonly state: ReturnOf<typeof aaveDataProviderAbi, 'getReserveData'>
  /** Of the underlying, in the aToken. */
  readonly cash: bigint
  /** Basis points. */
  readonly reserveFactor: bigint
  readonly frozen: boolean
  readonly paused: boolean
  readonly caps: Answer<readonly [borrowCap: bigint, supplyCap: bigint]>
  readonly isolation: Answer<Isolation | undefined>
}

/**
 * Utilisation is debt / (cash + debt), by which Aave sets its rates. What the protocol has earned and not yet taken is of the reserve's last
 * touch; it counts towards the supply cap (Aave v3.0.2, ValidationLogic.validateSupply).
 */
export function reserveTelemetry(facts: ReserveFacts): ReadingPart {
  const { asset, state, cash, reserveFactor, frozen, paused, caps, isolation } = facts
  const [, accruedScaled, supplied, stableDebt, variableDebt, , variableRate, , averageStableRate, index] = state
  const whole = (units: bigint) => toDecimal(units, asset.decimals)
  const rate = (rays: bigint) => toDecimal(rays, rayDecimals)
  const [borrowed, available] = [whole(stableDebt + variableDebt), whole(cash)]
  const interest = whole(variableDebt) * rate(variableRate) + whole(stableDebt) * rate(averageStableRate)
  const factor = toDecimal(reserveFactor, 4)
  const unread = [
    ...(caps.ok ? [] : (['supplyCap', 'borrowCap'] as const)),
    ...(isolation.ok ? [] : (['debtCeilingUsd'] as const)),
  ]
  const telemetry: MarketTelemetry = {
    kind: 'market',
    id: `aave-v3:${asset.symbol}`,
    protocol: 'aave-v3',
    label: 'Aave v3',
    asset: asset.symbol,
    supplied: whole(supplied),
    borrowed,
    available,
    ...(borrowed + available > 0 ? { utilisation: borrowed / (borrowed + available) } : {}),
    ...(caps.ok ? capsOf(caps.value) : {}),
    ...(isolation.ok ? isolation.value : {}),
    ...(unread.length === 0 ? {} : { unread }),
    accruedToTreasury: whole((accruedScaled * index) / ray),
    reserveFactor: factor,
    revenuePerYear: interest * factor,
    frozen,
    paused,
  }
  const gaps = [
    ...(caps.ok ? [] : [gapOf(caps, { subject: `aave-v3 caps of ${asset.symbol}`, touches: context })]),
    ...(isolation.ok
      ? []
      : [gapOf(isolation, { subject: `aave-v3 debt ceiling of ${asset.symbol}`, touches: context })]),
  ]
  return { telemetry: [telemetry], gaps }
}

function capsOf([borrowCap, supplyCap]: readonly [bigint, bigint]) {
  return {
    ...(supplyCap === 0n ? {} : { supplyCap: toDecimal(supplyCap, 0) }),
    ...(borrowCap === 0n ? {} : { borrowCap: toDecimal(borrowCap, 0) }),
  }
}
