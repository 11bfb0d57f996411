import { all, type BigNumber, create } from 'mathjs'
import { describe, expect, it } from 'vitest'
import { bivariateNormalCdf } from '../../lib/quant/bivariate-normal.ts'
import { gaussLegendre } from '../../lib/quant/gauss-legendre.ts'
import { normalCdf } from '../../lib/quant/normal.ts'
import { bigCdf, exactly } from './big-normal.ts'

const big = create(all ?? {}, { number: 'BigNumber', precision: 32 })
const pi = big.bignumber(-1).acos()

/**
 * Plackett (1954): the product plus the integral of the density over the correlation, by the tanh-sinh rule, to some 25
 * digits.
 */
function reference(x: number, y: number, rho: number): BigNumber {
  const [X, Y] = [big.bignumber(exactly(x).toString()), big.bignumber(exactly(y).toString())]
  const half = big.bignumber(exactly(rho).toString()).asin().div(2)
  const cross = X.times(Y).times(2)
  const squares = X.times(X).plus(Y.times(Y))
  let sum = big.bignumber(0)
  for (let i = -116; i <= 116; i += 1) {
    const u = big.bignumber(i).div(32)
    const v = u.sinh().times(pi).div(2)
    const theta = half.times(v.tanh().plus(1))
    const density = squares.minus(cross.times(theta.sin())).div(theta.cos().pow(2).times(-2)).exp()
    sum = sum.plus(density.times(u.cosh()).div(v.cosh().pow(2)))
  }
  const integral = sum.times(half).times(pi).div(64).div(pi.times(2))
  return bigCdf(exactly(x))
    .times(bigCdf(exactly(y)))
    .plus(integral)
}

describe('the bivariate normal distribution', () => {
  it('has its distribution function to 1e-15 absolute at any correlation', () => {
    const rhos = [-0.999, -0.95, -0.7, -0.2, 0.1, 0.5, 0.9, 0.93, 0.9999]
    const points = [
      [0.3, -0.2],
      [-1.1, -1.2],
      [2, 0.7],
      [-3, 1.5],
      [1.2345, 1.2346],
    ] as const
    for (const [i, rho] of rhos.entries())
      for (const [j, [x, y]] of points.entries()) {
        if ((i + j) % 3 !== 0) continue
        const error = exactly(bivariateNormalCdf(x, y, rho))
          .minus(reference(x, y, rho))
          .abs()
          .toNumber()
        expect(error, `${x} ${y} ${rho}`).toBeLessThan(1e-15)
      }
  })

  it('knows the orthant probability 1/4 + asin(rho) / 2 pi', () => {
    for (let rho = -1; rho <= 1; rho += 1 / 64)
      expect(Math.abs(bivariateNormalCdf(0, 0, rho) - 0.25 - Math.asin(rho) / (2 * Math.PI))).toBeLessThan(4e-16)
  })

  it('turns into one-dimensional probabilities at its limits', () => {
    expect(bivariateNormalCdf(Infinity, 0.4, 0.3)).toBe(normalCdf(0.4))
    expect(bivariateNormalCdf(0.4, -Infinity, -0.3)).toBe(0)
    expect(bivariateNormalCdf(0.4, 0.7, 1)).toBe(normalCdf(0.4))
    expect(bivariateNormalCdf(0.4, -0.7, -1)).toBe(0)
    expect(bivariateNormalCdf(0.4, 0.7, -1)).toBeCloseTo(normalCdf(0.4) + normalCdf(0.7) - 1, 15)
  })

  it('refuses a correlation beyond 1 and what is no number', () => {
    const refused = expect.objectContaining({ code: 'out-of-domain' })
    expect(() => bivariateNormalCdf(0, 0, 1.01)).toThrow(refused)
    expect(() => bivariateNormalCdf(Number.NaN, 0, 0)).toThrow(refused)
    expect(() => bivariateNormalCdf(0, 0, Number.NaN)).toThrow(refused)
  })
})

describe('a Gauss-Legendre rule', () => {
  it('integrates every polynomial up to degree 2n - 1', () => {
    for (const n of [1, 2, 5, 6, 12, 20, 64])
      for (let degree = 0; degree < 2 * n; degree += 1) {
        const { nodes, weights } = gaussLegendre(n)
        let sum = 0
        for (let i = 0; i < n; i += 1) sum += (weights[i] ?? 0) * (nodes[i] ?? 0) ** degree
        expect(Math.abs(sum - (degree % 2 === 0 ? 2 / (degree + 1) : 0)), `${n} ${degree}`).toBeLessThan(2e-15)
      }
  })

  it('refuses an order that is none', () => {
    for (const n of [0, 1.5, 1001])
      expect(() => gaussLegendre(n)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
