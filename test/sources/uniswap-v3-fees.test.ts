// Tick prices against the protocol's own table ends, and fee growth that wraps around.

import { describe, expect, it } from 'vitest'
import { sqrtPriceToPrice } from '../../lib/sources/prices/uniswap-v3-pool.ts'
import { accruedFees, tickToPrice } from '../../lib/sources/protocols/uniswap-v3-fees.ts'

describe('the price at a tick', () => {
  // MIN_SQRT_RATIO and MAX_SQRT_RATIO of Uniswap v3's TickMath, for ticks -887272 and 887272.
  it.each([
    [887_272, 1461446703485210103287273052203988822378723970342n, 1e-12],
    [-887_272, 4295128739n, 1e-9],
  ])('at %i equals the root in TickMath', (tick, root, tolerance) => {
    expect(Math.abs(tickToPrice(tick, 0, 0) / sqrtPriceToPrice(root, 0, 0) - 1)).toBeLessThan(tolerance)
  })

  it('is one raw unit per raw unit at zero, whole tokens by decimals', () => {
    expect(tickToPrice(0, 18, 6)).toBeCloseTo(1e12, 0)
    expect(tickToPrice(0, 6, 18)).toBeCloseTo(1e-12, 24)
  })
})

describe('accrued fees', () => {
  const unit = 2n ** 128n
  const liquidity = 1_000n
  const range = { tickLower: -10, tickUpper: 10, liquidity }

  it.each([
    // Growth below the lower tick 2, above the upper tick 3, of 10 in all: 5 inside.
    ['inside the range', 0, { global: 10n, outsideLower: 2n, outsideUpper: 3n }, 5n],
    // Outside is always the other side of the price: below the range, the lower tick's outside holds what is above it.
    ['below the range', -20, { global: 10n, outsideLower: 8n, outsideUpper: 3n }, 5n],
    ['above the range', 20, { global: 10n, outsideLower: 2n, outsideUpper: 7n }, 5n],
  ])('%s are the growth inside times liquidity', (_, tick, growth, perUnit) => {
    const { global, outsideLower, outsideUpper } = growth
    const scaled = { global: global * unit, outsideLower: outsideLower * unit, outsideUpper: outsideUpper * unit }
    expect(accruedFees({ ...scaled, insideLast: 0n }, { ...range, tick })).toBe(perUnit * liquidity)
  })

  it('survive a counter that wrapped around 2^256 since the last touch', () => {
    const insideLast = 2n ** 256n - unit
    const growth = { global: unit, outsideLower: 0n, outsideUpper: 0n, insideLast }
    expect(accruedFees(growth, { ...range, tick: 0 })).toBe(2n * liquidity)
  })
})
