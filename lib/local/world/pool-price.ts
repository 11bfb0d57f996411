// Uniswap v3 keeps the square root of a raw token ratio; people say dollars per unit. This is the exact way between them.

import { toUnits } from '../../base/amount.ts'

/** The asset whose price is meant (base) and what it is paid in (quote). */
export interface PoolOrientation {
  readonly baseIsToken0: boolean
  readonly baseDecimals: number
  readonly quoteDecimals: number
}

const q192 = 1n << 192n
/** Digits kept of a price below its quote's smallest unit. */
const guard = 12

/** sqrtPriceX96 at which one base unit costs `price` quote units, to the last bit of the price given. */
export function sqrtPriceX96At(pool: PoolOrientation, price: number): bigint {
  const quote = toUnits(price, pool.quoteDecimals + guard)
  const base = 10n ** BigInt(pool.baseDecimals + guard)
  return pool.baseIsToken0 ? squareRoot((quote * q192) / base) : squareRoot((base * q192) / quote)
}

/** Quote units for one base unit at a pool's sqrtPriceX96. */
export function priceAt(pool: PoolOrientation, sqrtPriceX96: bigint): number {
  const root = Number(sqrtPriceX96) / 2 ** 96
  const ratio =
    root *
    root *
    10 ** (pool.baseIsToken0 ? pool.baseDecimals - pool.quoteDecimals : pool.quoteDecimals - pool.baseDecimals)
  return pool.baseIsToken0 ? ratio : 1 / ratio
}

/** The two ends of a range from `price / down` to `price * up`, in ticks that the pool's spacing allows, lower first. */
export function tickRange(
  pool: PoolOrientation,
  range: { readonly price: number; readonly down: number; readonly up: number; readonly spacing: number },
): readonly [number, number] {
  const ends = [range.price / range.down, range.price * range.up].map((price) =>
    nearestTick(pool, price, range.spacing),
  )
  return [Math.min(...ends), Math.max(...ends)]
}

/** The lowest and the highest tick of a pool with this spacing. */
export function fullRange(spacing: number): readonly [number, number] {
  const end = Math.floor(887_272 / spacing) * spacing
  return [-end, end]
}

function nearestTick(pool: PoolOrientation, price: number, spacing: number): number {
  const raw = price * 10 ** (pool.quoteDecimals - pool.baseDecimals)
  const tick = Math.log(pool.baseIsToken0 ? raw : 1 / raw) / Math.log(1.0001)
  return Math.round(tick / spacing) * spacing
}

/** Integer square root, rounded down (Newton). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
