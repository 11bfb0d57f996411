// What pools earned between two readings, from counters that mean nothing by themselves.

import { toDecimal } from '../base/amount.ts'
import type { PoolFees, PoolRevenue, PoolTelemetry } from './telemetry.ts'

/**
 * Growth of fees for a unit of liquidity, times the liquidity that is in range at the second reading: exact while that stays the same in between.
 * A pool that either reading lacks has none. The protocol's part is what more waits for it; absent if it has collected in between.
 * Adams et al. (2021), v3 whitepaper, section 6.2.1.
 */
export function poolRevenue(before: readonly PoolTelemetry[], after: readonly PoolTelemetry[]): readonly PoolRevenue[] {
  const earlier = new Map(before.map((pool) => [pool.id, pool.fees]))
  return after.flatMap(({ id, fees }) => {
    const first = earlier.get(id)
    if (fees === undefined || first === undefined) return []
    const protocol = {
      base: fees.protocolBase - first.protocolBase,
      quote: fees.protocolQuote - first.protocolQuote,
    }
    const earned = {
      base: grown(first.growthBase, fees.growthBase, fees.liquidity, fees.decimalsBase),
      quote: grown(first.growthQuote, fees.growthQuote, fees.liquidity, fees.decimalsQuote),
    }
    return [{ id, earned, ...(protocol.base < 0 || protocol.quote < 0 ? {} : { protocol }) }]
  })
}

/** Counters wrap around at 2^256 by design. */
function grown(from: string, to: string, liquidity: PoolFees['liquidity'], decimals: number): number {
  const growth = BigInt.asUintN(256, BigInt(to) - BigInt(from))
  return toDecimal((growth * BigInt(liquidity)) >> 128n, decimals)
}
