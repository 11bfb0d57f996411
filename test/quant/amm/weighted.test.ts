import type { BigNumber } from 'mathjs'
import { describe, expect, it } from 'vitest'
import {
  constantProduct,
  constantProductExactInput,
  constantProductImpermanentLoss,
} from '../../../lib/quant/amm/constant-product.ts'
import {
  lossVersusRebalancing,
  pairLossVersusRebalancing,
  pairVariance,
} from '../../../lib/quant/amm/loss-versus-rebalancing.ts'
import { pairGreeks } from '../../../lib/quant/amm/pair-greeks.ts'
import {
  weighted,
  weightedExactInput,
  weightedImpermanentLoss,
  weightedInvariant,
} from '../../../lib/quant/amm/weighted.ts'
import { big, errorOf, exactly, uniform } from './big.ts'

const random = uniform(99)

describe('a weighted pool', () => {
  const pools = Array.from({ length: 100 }, () => {
    const raw = Array.from({ length: 2 + Math.floor(random() * 6) }, () => 0.05 + random())
    const total = raw.reduce((sum, one) => sum + one, 0)
    return {
      k: 10 ** (random() * 6),
      w: Float64Array.from(raw, (one) => one / total),
      prices: Float64Array.from(raw, () => 10 ** (random() * 8 - 4)),
    }
  })

  it('has value, amounts and gamma to 2e-14 of 64 digits', () => {
    for (const { k, w, prices } of pools) {
      const n = w.length
      const got = weighted({ k, w, prices })
      const [W, p] = [[...w].map(exactly), [...prices].map(exactly)]
      const value = W.reduce(
        (product, weight, i) => product.times((p[i] as BigNumber).div(weight).pow(weight)),
        exactly(k),
      )
      expect(errorOf(got.value, value)).toBeLessThan(2e-14)
      for (let i = 0; i < n; i += 1) {
        const amount = (W[i] as BigNumber).times(value).div(p[i] as BigNumber)
        expect(errorOf(got.amounts[i] ?? 0, amount)).toBeLessThan(2e-14)
        for (let j = 0; j < n; j += 1) {
          const second = amount.times((W[j] as BigNumber).minus(i === j ? 1 : 0)).div(p[j] as BigNumber)
          expect(errorOf(got.gamma[i * n + j] ?? 0, second)).toBeLessThan(2e-14)
        }
      }
    }
  })

  it('holds the balances that its invariant came from', () => {
    const [w, balances] = [Float64Array.of(0.8, 0.2), Float64Array.of(100, 75_000)]
    const k = weightedInvariant({ balances, w })
    const got = weighted({ k, w, prices: Float64Array.of(3_000, 1) })
    expect(got.amounts[0]).toBeCloseTo(100, 11)
    expect(got.amounts[1]).toBeCloseTo(75_000, 8)
  })

  it('is the constant-product pool at half and half, Greeks in USD and LVR included', () => {
    const [price0, price1] = [3_000, 1.7]
    const half = weighted({ k: 50, w: Float64Array.of(0.5, 0.5), prices: Float64Array.of(price0, price1) })
    const P = price0 / price1
    const curve = constantProduct({ L: 50, P })
    const pair = pairGreeks({ price0, price1, amount0: curve.amount0, amount1: curve.amount1, gamma: curve.gamma })
    expect(pair.value / half.value).toBeCloseTo(1, 13)
    const [gamma00, gamma01, gamma10, gamma11] = half.gamma
    expect(pair.gamma00 / (gamma00 ?? 0)).toBeCloseTo(1, 13)
    expect(pair.gamma01 / (gamma01 ?? 0)).toBeCloseTo(1, 13)
    expect(pair.gamma11 / (gamma11 ?? 0)).toBeCloseTo(1, 13)
    expect(gamma10 === undefined ? 0 : gamma10 / (gamma01 ?? 1)).toBeCloseTo(1, 14)
    const [s0, s1, rho] = [0.8, 0.5, 0.3]
    const covariance = Float64Array.of(s0 * s0, rho * s0 * s1, rho * s0 * s1, s1 * s1)
    const usd = lossVersusRebalancing({ prices: Float64Array.of(price0, price1), gamma: half.gamma, covariance })
    const variance = pairVariance({ s0, s1, rho })
    expect(variance).toBeCloseTo(0.64 + 0.25 - 2 * 0.3 * 0.8 * 0.5, 14)
    expect(usd / (price1 * pairLossVersusRebalancing({ variance, P, gamma: curve.gamma }))).toBeCloseTo(1, 13)
    // Milionis et al. (2022): sigma^2 / 8 of the value a year.
    expect(usd / half.value).toBeCloseTo(variance / 8, 14)
    expect(weightedImpermanentLoss({ w: Float64Array.of(0.5, 0.5), r: Float64Array.of(1.7, 0.4) })).toBeCloseTo(
      constantProductImpermanentLoss({ r: 1.7 / 0.4 }),
      14,
    )
  })

  it('has a variance of the ratio that is never below 0, and nothing to lose between equals', () => {
    expect(pairVariance({ s0: 0.1, s1: 0.1, rho: 1 })).toBe(0)
    expect(pairVariance({ s0: 0.7, s1: 0.1, rho: 1 })).toBeCloseTo(0.36, 15)
    expect(() => pairVariance({ s0: -1, s1: 1, rho: 0 })).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })

  it('loses against holding what 64 digits say, small moves included', () => {
    for (const { w } of pools) {
      for (const size of [1e-4, 0.1, 3]) {
        const r = w.map(() => Math.exp(size * (random() - 0.5)))
        const [W, R] = [[...w].map(exactly), [...r].map(exactly)]
        const total = W.reduce((sum, one) => sum.plus(one), big.bignumber(0))
        const hold = W.reduce((sum, one, i) => sum.plus(one.times(R[i] as BigNumber)), big.bignumber(0)).div(total)
        const kept = W.reduce(
          (product, one, i) => product.times((R[i] as BigNumber).pow(one.div(total))),
          big.bignumber(1),
        )
        const got = weightedImpermanentLoss({ w, r })
        expect(errorOf(got, kept.div(hold).minus(1))).toBeLessThan(size < 0.01 ? 1e-10 : 1e-13)
        expect(got).toBeLessThanOrEqual(0)
      }
      expect(weightedImpermanentLoss({ w, r: w.map(() => 1.5) })).toBeCloseTo(0, 15)
    }
  })

  it('refuses weights that do not sum to 1, and prices that are not above 0', () => {
    const prices = Float64Array.of(1, 1)
    for (const w of [
      Float64Array.of(0.5, 0.4),
      Float64Array.of(1),
      Float64Array.of(1.5, -0.5),
      Float64Array.of(0.5, Number.NaN),
    ]) {
      expect(() => weighted({ k: 1, w, prices })).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    }
    expect(() => weighted({ k: 1, w: Float64Array.of(0.5, 0.5), prices: Float64Array.of(1, 0) })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
    expect(() => weighted({ k: -1, w: Float64Array.of(0.5, 0.5), prices })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
    expect(weighted({ k: 0, w: Float64Array.of(0.5, 0.5), prices }).value).toBe(0)
  })
})

describe('an exchange along a weighted curve', () => {
  const trades = Array.from({ length: 150 }, () => ({
    balanceIn: 10 ** (random() * 8),
    weightIn: 0.02 + 0.9 * random(),
    balanceOut: 10 ** (random() * 8),
    weightOut: 0.02 + 0.9 * random(),
    size: 10 ** (random() * 12 - 10),
    fee: 0.003,
  }))

  it('gives amount, impact and cost to 1e-13 of 64 digits, for tiny amounts too', () => {
    for (const { size, ...one } of trades) {
      const amountIn = one.balanceIn * size
      const got = weightedExactInput({ ...one, amountIn })
      const [bi, wi, bo, wo, fee, dx] = [
        one.balanceIn,
        one.weightIn,
        one.balanceOut,
        one.weightOut,
        one.fee,
        amountIn,
      ].map(exactly) as [BigNumber, BigNumber, BigNumber, BigNumber, BigNumber, BigNumber]
      const net = dx.times(fee.neg().plus(1))
      const out = bo.times(bi.div(bi.plus(net)).pow(wi.div(wo)).neg().plus(1))
      const marginal = bo.div(wo).div(bi.div(wi))
      expect(errorOf(got.amountOut, out)).toBeLessThan(1e-13)
      expect(errorOf(got.priceImpact, out.div(marginal.times(net)).neg().plus(1))).toBeLessThan(1e-13)
      expect(errorOf(got.exitCost, marginal.times(dx).minus(out))).toBeLessThan(1e-13)
    }
  })

  it('is the constant-product exchange at equal weights', () => {
    const one = { amountIn: 12, fee: 0.003 }
    const even = weightedExactInput({ ...one, balanceIn: 100, weightIn: 0.5, balanceOut: 300, weightOut: 0.5 })
    const curve = constantProductExactInput({ ...one, reserveIn: 100, reserveOut: 300 })
    for (const key of ['amountOut', 'fee', 'priceImpact', 'exitCost'] as const)
      expect(even[key] / curve[key]).toBeCloseTo(1, 13)
    // By hand: 12 x 0.997 = 11.964 in, 300 x 11.964 / 111.964 out.
    expect(curve.amountOut).toBeCloseTo((300 * 11.964) / 111.964, 12)
    expect(curve.exitCost).toBeCloseTo(3 * 12 - (300 * 11.964) / 111.964, 12)
  })

  it('costs more than in proportion: exit costs are convex and rising in the amount', () => {
    for (const { size, ...one } of trades) {
      const curve = { reserveIn: one.balanceIn, reserveOut: one.balanceOut, fee: one.fee }
      for (const cost of [
        (amountIn: number) => weightedExactInput({ ...one, amountIn }).exitCost,
        (amountIn: number) => constantProductExactInput({ ...curve, amountIn }).exitCost,
      ]) {
        const [x, y, share] = [size * one.balanceIn, random() * one.balanceIn, random()]
        expect(cost(share * x + (1 - share) * y)).toBeLessThanOrEqual(
          (share * cost(x) + (1 - share) * cost(y)) * (1 + 1e-13),
        )
        expect(cost(x)).toBeLessThan(cost(x * 1.01))
      }
    }
  })

  it('refuses empty reserves, amounts below 0, and what is not a number', () => {
    const good = { reserveIn: 1, reserveOut: 1, amountIn: 1, fee: 0 }
    for (const bad of [
      { reserveIn: 0 },
      { amountIn: -1 },
      { fee: 1.1 },
      { amountIn: Number.NaN },
      { amountIn: Number.POSITIVE_INFINITY },
    ]) {
      expect(() => constantProductExactInput({ ...good, ...bad })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
    }
    const weights = { balanceIn: 1, weightIn: 0.5, balanceOut: 1, weightOut: 0.5, amountIn: 1, fee: 0 }
    for (const bad of [{ balanceIn: 0 }, { weightOut: 0 }, { amountIn: Number.NaN }]) {
      expect(() => weightedExactInput({ ...weights, ...bad })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
    }
  })
})
