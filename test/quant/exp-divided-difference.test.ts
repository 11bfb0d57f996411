import { all, type BigNumber, create } from 'mathjs'
import { describe, expect, it } from 'vitest'
import { expDividedDifference } from '../../lib/quant/exp-divided-difference.ts'
import { exactly, relativeError } from './big-normal.ts'

const big = create(all ?? {}, { number: 'BigNumber', precision: 130 })

/** Newton's table in 130 digits; equal points are moved apart by 1e-30, which changes the result by no more. */
function reference(points: readonly number[]): BigNumber {
  const spread = points
    .toSorted((a, b) => a - b)
    .map((x, i) => big.bignumber(exactly(x).toString()).plus(big.bignumber('1e-30').times(i)))
  let table = spread.map((x) => x.exp())
  for (let order = 1; order < points.length; order += 1)
    table = table
      .slice(1)
      .map((value, i) => value.minus(table[i] ?? value).div((spread[i + order] ?? value).minus(spread[i] ?? value)))
  return table[0] ?? big.bignumber(0)
}

describe('the divided difference of the exponential', () => {
  it('holds to 1e-14 for points far apart, close together and equal, up to four of them', () => {
    const values = [-30, -1, -1e-9, 0, 0.1, 2, 3.9, 40]
    for (const a of values)
      for (const b of values) {
        for (const points of [
          [a, b],
          [0, a, b],
          [a, a, b],
          [0, a, b, a + b],
          [a, a, a, b],
        ])
          expect(relativeError(expDividedDifference(points), reference(points)), points.join()).toBeLessThan(1e-14)
      }
  })

  it('is the integral over a simplex: one half at three zeros, one sixth at four', () => {
    expect(expDividedDifference([0])).toBe(1)
    expect(expDividedDifference([0, 0])).toBe(1)
    expect(expDividedDifference([0, 0, 0])).toBe(0.5)
    expect(expDividedDifference([0, 0, 0, 0])).toBe(1 / 6)
  })

  it('refuses what is no point', () => {
    expect(() => expDividedDifference([])).toThrow('not defined')
    expect(() => expDividedDifference([0, Number.NaN])).toThrow('not defined')
    expect(() => expDividedDifference([701])).toThrow('not defined')
  })
})
