// How deep a Uniswap v2 pair is, in closed form from the reserves that are read anyway.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { PoolTelemetry } from '../../model/telemetry.ts'
import { baseAndQuote } from '../prices/base-and-quote.ts'
import { depthWithin2pct } from '../prices/tick-depth.ts'

/** Of every pair, in what is sold. */
const fee = 0.003

/** Undefined for a pair that is empty: it has no price. Assets and reserves in the pair's order, reserves in the smallest unit. */
export function pairTelemetry(
  pair: Address,
  assets: readonly [AssetConfig, AssetConfig],
  reserves: readonly [bigint, bigint],
): PoolTelemetry | undefined {
  const [x, y] = [toDecimal(reserves[0], 0), toDecimal(reserves[1], 0)]
  if (x === 0 || y === 0) return undefined
  const { base, quote } = baseAndQuote(assets[0], assets[1])
  const baseIsToken0 = base === assets[0]
  const price0 = (y / x) * 10 ** (assets[0].decimals - assets[1].decimals)
  const depth = depthWithin2pct({
    s: Math.sqrt(y / x),
    spans: [{ from: 0, to: Number.POSITIVE_INFINITY, L: Math.sqrt(x) * Math.sqrt(y) }],
    fee,
    baseIsToken0,
    decimals: { base: base.decimals, quote: quote.decimals },
  })
  return {
    kind: 'pool',
    id: `uniswap-v2:${pair}`,
    venue: 'uniswap-v2',
    label: 'Uniswap v2',
    base: base.symbol,
    quote: quote.symbol,
    price: baseIsToken0 ? price0 : 1 / price0,
    depth,
  }
}
