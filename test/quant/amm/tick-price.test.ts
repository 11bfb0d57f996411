import { describe, expect, it } from 'vitest'
import { sqrtPriceAtTick, tickAtSqrtPrice } from '../../../lib/quant/amm/tick-price.ts'
import { big, errorOf } from './big.ts'

const ticks = [...Array.from({ length: 400 }, (_, i) => -887_272 + i * 4_435), -1, 0, 1, 887_271, 887_272]

describe('ticks and square-root prices', () => {
  it('agree with 1.0001^(tick/2) in 64 digits to 4e-16', () => {
    const root = big.bignumber('1.0001').sqrt()
    for (const tick of ticks) expect(errorOf(sqrtPriceAtTick(tick), root.pow(tick)), `tick ${tick}`).toBeLessThan(4e-16)
  })

  it('lead back from each tick, from within it, and from just below it', () => {
    for (const tick of ticks) {
      const root = sqrtPriceAtTick(tick)
      expect(tickAtSqrtPrice(root)).toBe(tick)
      if (tick < 887_272) expect(tickAtSqrtPrice(root * 1.00002)).toBe(tick)
      if (tick > -887_272) expect(tickAtSqrtPrice(root * (1 - 1e-13))).toBe(tick - 1)
    }
  })

  it('meet the contracts’ bounds 4295128739 and 1461446703485210103287273052203988822378723970342 (Q64.96) to their own rounding', () => {
    expect(sqrtPriceAtTick(-887_272) * 2 ** 96).toBeCloseTo(4_295_128_739, -1)
    const highest = Number(1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n) / 2 ** 96
    expect(sqrtPriceAtTick(887_272) / highest).toBeCloseTo(1, 14)
  })

  it('refuse ticks and prices that no pool has', () => {
    for (const tick of [0.5, 887_273, Number.NaN]) {
      expect(() => sqrtPriceAtTick(tick)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    }
    for (const root of [0, -1, Number.NaN, 1e30, 1e-30, Number.POSITIVE_INFINITY]) {
      expect(() => tickAtSqrtPrice(root)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    }
  })
})
