// From ticks around a pool's price to its depth within two per cent, in whole tokens of base and quote.

import { toDecimal } from '../../base/amount.ts'
import type { PoolTelemetry } from '../../model/telemetry.ts'
import { type LiquiditySpan, priceDepth } from '../../quant/amm/price-depth.ts'
import { sqrtPriceAtTick } from '../../quant/amm/tick-price.ts'

/** What depth is told for: base 2 % cheaper and 2 % dearer. */
const factors = { down: 0.98, up: 1.02 } as const
/** Ticks that the price passes at most on the way to either, with one to spare: ln(1 / 0.98) / ln(1.0001) = 202.03. */
const reach = 204
const lastTick = 887_272

/** A pool at one moment; `net` is what liquidity gains at each initialised tick when the price rises through it. */
export interface TickedPool {
  readonly sqrtPriceX96: bigint
  readonly tick: number
  readonly liquidity: bigint
  readonly net: ReadonlyMap<number, bigint>
}

/** Every tick that may be initialised on the way to 2 % up and down. */
export function ticksWithinReach(tick: number, spacing: number): readonly number[] {
  const first = Math.ceil(Math.max(tick - reach, -lastTick) / spacing)
  const last = Math.floor(Math.min(tick + reach, lastTick) / spacing)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * spacing)
}

/** Liquidity from the price outwards, both ways; undefined if it would be negative: such ticks are of no pool. */
export function spansOf({ sqrtPriceX96, tick, liquidity, net }: TickedPool): readonly LiquiditySpan[] | undefined {
  const s = rootOf(sqrtPriceX96)
  const edges = [...net.keys()].toSorted((a, b) => a - b)
  const spans: LiquiditySpan[] = []
  const walk = (ticks: readonly number[], sign: 1n | -1n, end: number): boolean => {
    let here = s
    let rest = liquidity
    for (const at of [...ticks, undefined]) {
      const next = at === undefined ? end : sqrtPriceAtTick(at)
      const [from, to] = sign === 1n ? [here, next] : [next, here]
      if (rest < 0n) return false
      // A price that stands on a tick has nothing between both.
      if (from < to) spans.push({ from, to, L: toDecimal(rest, 0) })
      here = next
      if (at !== undefined) rest += sign * (net.get(at) ?? 0n)
    }
    return true
  }
  const above = edges.filter((edge) => edge > tick)
  const below = edges.filter((edge) => edge <= tick).toReversed()
  const isWhole = walk(above, 1n, Number.POSITIVE_INFINITY) && walk(below, -1n, 0)
  return isWhole ? spans : undefined
}

/** Of a pool whose liquidity is known at least as far as 2 % away. `fee` is a fraction of what goes in. */
export function depthWithin2pct(pool: {
  readonly s: number
  readonly spans: readonly LiquiditySpan[]
  readonly fee: number
  readonly baseIsToken0: boolean
  readonly decimals: { readonly base: number; readonly quote: number }
}): NonNullable<PoolTelemetry['depth']> {
  const { s, spans, fee, baseIsToken0, decimals } = pool
  const to = (factor: number) =>
    priceDepth({ s, spans, fee, target: baseIsToken0 ? s * Math.sqrt(factor) : s / Math.sqrt(factor) })
  const base = (units: number) => units / 10 ** decimals.base
  const quote = (units: number) => units / 10 ** decimals.quote
  const [down, up] = [to(factors.down), to(factors.up)]
  return {
    down: { base: base(down.amountIn), quote: quote(down.amountOut) },
    up: { base: base(up.amountOut), quote: quote(up.amountIn) },
  }
}

/** The square root of the raw price, from Q64.96. */
export function rootOf(sqrtPriceX96: bigint): number {
  return Number(sqrtPriceX96) / 2 ** 96
}
