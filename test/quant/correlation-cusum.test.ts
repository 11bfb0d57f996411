// The evidence that correlation has risen: blind to size, and quick.

import { describe, expect, it } from 'vitest'
import {
  alignment,
  type CusumState,
  startCusum,
  updateCusum,
  varianceFactor,
} from '../../lib/quant/correlation-cusum.ts'
import { random } from '../../lib/quant/random.ts'

const settings = { shift: 1.6, memory: 250, largestStep: 4, ceiling: 100 }

function run(rows: readonly (readonly number[])[], begin: CusumState = startCusum): readonly CusumState[] {
  let state = begin
  return rows.flatMap((row) => {
    const seen = alignment(row)
    if (seen === undefined) return []
    state = updateCusum(state, seen, settings)
    return [state]
  })
}

function planted(seed: number, dates: number, correlation: number, scale: (t: number) => number) {
  const rng = random(seed)
  return Array.from({ length: dates }, (_, t) => {
    const common = rng.normal()
    return Array.from(
      { length: 10 },
      () => scale(t) * (Math.sqrt(correlation) * common + Math.sqrt(1 - correlation) * rng.normal()),
    )
  })
}

describe('correlation CUSUM', () => {
  it('does not change when whole dates are scaled', () => {
    const calm = run(planted(1, 200, 0.3, () => 1))
    const burst = run(planted(1, 200, 0.3, (t) => (t > 150 ? 2 ** 20 : 1)))
    expect(burst).toEqual(calm)
  })

  it.each([0.1, 0.3, 0.6, 0.8])('finds a reference of %d by itself', (correlation) => {
    const { reference } = run(planted(2, 2_000, correlation, () => 1)).at(-1) ?? startCusum
    expect(reference).toBeGreaterThan(correlation - 0.1)
    expect(reference).toBeLessThan(correlation + 0.1)
  })

  it('climbs within days when correlation jumps from .3 to .8, and comes down after', () => {
    const before = run(planted(3, 600, 0.3, () => 1)).at(-1) ?? startCusum
    const after = run(
      planted(4, 12, 0.8, () => 1),
      before,
    )
    expect(after.at(-1)?.evidence).toBeGreaterThan(before.evidence + 4)
    const back = run(
      planted(5, 60, 0.3, () => 1),
      after.at(-1),
    )
    expect(back.at(-1)?.evidence).toBeLessThan(4)
  })

  it('adds a bounded step however alike one date is', () => {
    const before = run(planted(3, 600, 0.3, () => 1)).at(-1) ?? startCusum
    const after = updateCusum(before, { share: 1, assets: 10 }, settings)
    expect(after.evidence - before.evidence).toBeLessThanOrEqual(4)
  })

  it('knows that a rise from a high correlation changes little', () => {
    expect(varianceFactor({ ...startCusum, reference: 0.3 }, 10, settings)).toBeCloseTo(2, 1)
    expect(varianceFactor({ ...startCusum, reference: 0.85 }, 10, settings)).toBeLessThan(1.15)
  })

  it('has nothing to say of one asset or of no movement, and refuses what is no alignment', () => {
    expect(alignment([1, undefined])).toBeUndefined()
    expect(alignment([0, 0, 0])).toBeUndefined()
    expect(alignment([2, 2, undefined])).toEqual({ share: 1, assets: 2 })
    expect(() => updateCusum(startCusum, { share: Number.NaN, assets: 3 }, settings)).toThrow(/updateCusum/)
  })
})
