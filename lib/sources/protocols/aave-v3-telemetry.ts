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

const rayDecimals = 27
const ray = 10n ** BigInt(rayDecimals)

export function askCaps(reader: ChainReader, { dataProvider }: AaveV3Config, { address }: AssetConfig) {
  return reader.ask({ to: dataProvider, abi: aaveCapsAbi, functionName: 'getReserveCaps', args: [address] })
}

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
}

/**
 * Utilisation is debt / (cash + debt), by which Aave sets its rates. What the protocol has earned and not yet taken is of the reserve's last
 * touch; it counts towards the supply cap (Aave v3.0.2, ValidationLogic.validateSupply).
 */
export function reserveTelemetry(facts: ReserveFacts): ReadingPart {
  const { asset, state, cash, reserveFactor, frozen, paused, caps } = facts
  const [, accruedScaled, supplied, stableDebt, variableDebt, , variableRate, , averageStableRate, index] = state
  const whole = (units: bigint) => toDecimal(units, asset.decimals)
  const rate = (rays: bigint) => toDecimal(rays, rayDecimals)
  const [borrowed, available] = [whole(stableDebt + variableDebt), whole(cash)]
  const interest = whole(variableDebt) * rate(variableRate) + whole(stableDebt) * rate(averageStableRate)
  const factor = toDecimal(reserveFactor, 4)
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
    ...(caps.ok ? capsOf(caps.value) : { unread: ['supplyCap', 'borrowCap'] }),
    accruedToTreasury: whole((accruedScaled * index) / ray),
    reserveFactor: factor,
    revenuePerYear: interest * factor,
    frozen,
    paused,
  }
  const place = { subject: `aave-v3 caps of ${asset.symbol}`, touches: { kind: 'context' } } as const
  return { telemetry: [telemetry], gaps: caps.ok ? [] : [gapOf(caps, place)] }
}

function capsOf([borrowCap, supplyCap]: readonly [bigint, bigint]) {
  return {
    ...(supplyCap === 0n ? {} : { supplyCap: toDecimal(supplyCap, 0) }),
    ...(borrowCap === 0n ? {} : { borrowCap: toDecimal(borrowCap, 0) }),
  }
}
