// How deep a weighted pool of Balancer is, in closed form from balances and weights that are read anyway, and its fee.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { PoolTelemetry } from '../../model/telemetry.ts'
import { weightedPriceDepth } from '../../quant/amm/price-depth.ts'
import type { Answer } from '../chain/contract-call.ts'
import { baseAndQuote } from '../prices/base-and-quote.ts'
import { type Refusal, refusal } from './as-configured.ts'
import { gapOf, type ReadingPart } from './define-protocol.ts'

const feeDecimals = 18

interface WeightedCoin {
  readonly asset: string
  readonly balance: number
  readonly weight: number
}

/** One entry for each two coins that are assets of the chain. */
export function weightedTelemetry(pool: {
  readonly chain: ChainConfig
  readonly address: Address
  readonly coins: readonly WeightedCoin[]
  /** A fraction of what goes in, 18 decimals. */
  readonly swapFee: Answer<bigint>
}): ReadingPart {
  const { chain, address, coins } = pool
  const swapFee = possibleFee(pool.swapFee)
  const assets = coins.flatMap((coin) => {
    const config = chain.assets.find(({ symbol }) => symbol === coin.asset)
    return config === undefined || coin.balance <= 0 || coin.weight <= 0 ? [] : [{ coin, config }]
  })
  const pairs = assets.flatMap((one, index) => assets.slice(index + 1).map((other) => [one, other] as const))
  const telemetry = pairs.map(([one, other]): PoolTelemetry => {
    const { base, quote } = baseAndQuote(one.config, other.config)
    const [inBase, inQuote] = base === one.config ? [one.coin, other.coin] : [other.coin, one.coin]
    const names = namesOf(address, base, quote)
    const price = inQuote.balance / inQuote.weight / (inBase.balance / inBase.weight)
    if (!swapFee.ok) return { ...names, price, unread: ['depth'] }
    return { ...names, price, depth: depthOf(inBase, inQuote, toDecimal(swapFee.value, feeDecimals)) }
  })
  if (swapFee.ok || telemetry.length === 0) return { telemetry }
  const place = { subject: `depth of Balancer pool ${address}`, touches: { kind: 'context' } } as const
  return { telemetry, gaps: [gapOf(swapFee, place)] }
}

/** A pool may answer what no fee can be. */
function possibleFee(fee: Answer<bigint>): Answer<bigint> | Refusal {
  if (!fee.ok || fee.value < 10n ** BigInt(feeDecimals)) return fee
  return refusal('malformed-return', 'its fee is all that goes in, or more')
}

function namesOf(address: Address, base: AssetConfig, quote: AssetConfig) {
  return {
    kind: 'pool',
    id: `balancer:${address}:${base.symbol}/${quote.symbol}`,
    venue: 'balancer',
    label: 'Balancer',
    base: base.symbol,
    quote: quote.symbol,
  } as const
}

function depthOf(base: WeightedCoin, quote: WeightedCoin, fee: number): NonNullable<PoolTelemetry['depth']> {
  const sold = weightedPriceDepth({ ...sides(base, quote), factor: 1 / 0.98, fee })
  const bought = weightedPriceDepth({ ...sides(quote, base), factor: 1.02, fee })
  return {
    down: { base: sold.amountIn, quote: sold.amountOut },
    up: { base: bought.amountOut, quote: bought.amountIn },
  }
}

function sides(goesIn: WeightedCoin, goesOut: WeightedCoin) {
  return {
    balanceIn: goesIn.balance,
    weightIn: goesIn.weight,
    balanceOut: goesOut.balance,
    weightOut: goesOut.weight,
  }
}
