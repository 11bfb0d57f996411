// Ticks and square-root prices in double precision; the exact Q64.96 integers stay where a chain is read.
import { outOfDomain } from '../out-of-domain.ts'

// ln(1.0001) / 2 in two parts; the first has 32 bits, so that its product with any tick (20 bits) is exact.
const HALF_LN_BASE_HI = 0.00004999750015599602
const HALF_LN_BASE_LO = 1.0658145735523681e-14
/** The range of ticks whose square-root price fits Q64.96. */
const MAX_TICK = 887_272

/**
 * sqrt(1.0001^tick), token units (smallest) 1 per 0; relative error below 4e-16 against the real number (the contracts'
 * own Q64.96 rounding is coarser below tick -500,000). Domain: whole ticks within +-887,272; else `out-of-domain`.
 * Adams et al. (2021), v3 whitepaper, eq. 6.2.
 */
export function sqrtPriceAtTick(tick: number): number {
  if (!(Number.isInteger(tick) && Math.abs(tick) <= MAX_TICK)) {
    throw outOfDomain('sqrtPriceAtTick', 'A tick is a whole number within +-887272.', { tick })
  }
  return Math.exp(tick * HALF_LN_BASE_HI) * (1 + tick * HALF_LN_BASE_LO)
}

/**
 * The greatest tick whose square-root price is not above `sqrtPrice`: what a pool's slot0 calls its tick. Exact unless
 * the square-root price lies within 1e-15 (relative) of a tick's. Domain: from the lowest to the highest tick's
 * square-root price; else `out-of-domain`. Eq. 6.8 ibid.
 */
export function tickAtSqrtPrice(sqrtPrice: number): number {
  const guess = Math.floor(Math.log(sqrtPrice) / HALF_LN_BASE_HI)
  if (!(guess >= -MAX_TICK - 1 && guess <= MAX_TICK + 1)) {
    throw outOfDomain('tickAtSqrtPrice', 'The square-root price has to lie between the lowest and the highest tick.', {
      sqrtPrice,
    })
  }
  let tick = Math.min(Math.max(guess, -MAX_TICK), MAX_TICK)
  if (tick < MAX_TICK && sqrtPriceAtTick(tick + 1) <= sqrtPrice) tick += 1
  else if (sqrtPriceAtTick(tick) > sqrtPrice) tick -= 1
  if (tick < -MAX_TICK) throw outOfDomain('tickAtSqrtPrice', 'Below the lowest tick.', { sqrtPrice })
  return tick
}
