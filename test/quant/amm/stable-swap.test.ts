import type { BigNumber } from 'mathjs'
import { describe, expect, it } from 'vitest'
import { lossVersusRebalancing } from '../../../lib/quant/amm/loss-versus-rebalancing.ts'
import { stableSwap, stableSwapImpermanentLoss } from '../../../lib/quant/amm/stable-swap.ts'
import {
  stableSwapExactInput,
  stableSwapInvariant,
  stableSwapMarginalPrice,
} from '../../../lib/quant/amm/stable-swap-invariant.ts'
import { big, errorOf, exactly, uniform } from './big.ts'

const bn = (x: number | string) => big.bignumber(x)
const sum = (xs: readonly BigNumber[]) => xs.reduce((total, x) => total.plus(x), bn(0))

/** Bisection in 64 digits on the invariant as Egorov (2019) prints it, with A n^n -> A n of the contracts. */
function bigInvariant(A: number, x: readonly BigNumber[]): BigNumber {
  const n = x.length
  const K = bn(A * n)
  const f = (D: BigNumber) =>
    x
      .reduce((power, one) => power.times(D).div(one.times(n)), D)
      .plus(K.minus(1).times(D))
      .minus(K.times(sum(x)))
  let [low, high] = [bn(0), sum(x)]
  for (let i = 0; i < 210; i += 1) {
    const middle = low.plus(high).div(2)
    if (f(middle).gt(0)) high = middle
    else low = middle
  }
  return low
}

/** Gauss with column pivots. */
function solved(matrix: readonly (readonly BigNumber[])[], right: readonly BigNumber[]): BigNumber[] {
  const rows = matrix.map((row, i) => [...row, right[i] as BigNumber])
  const n = rows.length
  const at = (i: number, j: number) => rows[i]?.[j] as BigNumber
  for (let k = 0; k < n; k += 1) {
    const best = rows.slice(k).reduce(
      (top, _, i) =>
        at(k + i, k)
          .abs()
          .gt(at(top, k).abs())
          ? k + i
          : top,
      k,
    )
    ;[rows[k], rows[best]] = [rows[best] as BigNumber[], rows[k] as BigNumber[]]
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue
      const factor = at(i, k).div(at(k, k))
      rows[i] = (rows[i] as BigNumber[]).map((one, j) => one.minus(factor.times(at(k, j))))
    }
  }
  return rows.map((row, i) => (row[n] as BigNumber).div(row[i] as BigNumber))
}

/** Minimises p'x on the unit curve by Newton's method on its first-order conditions in 64 digits, from the doubles given. */
function bigAmounts(A: number, p: readonly BigNumber[], start: readonly number[]): BigNumber[] {
  const n = p.length
  const K = bn(A * n)
  let x = start.map(exactly)
  const share = (all: readonly BigNumber[]) => all.reduce((q, one) => q.div(one.times(n)), bn(1))
  let multiplier = (p[0] as BigNumber).div(K.plus(share(x).div(x[0] as BigNumber)))
  for (let steps = 0; steps < 8; steps += 1) {
    const q = share(x)
    const slope = x.map((one) => K.plus(q.div(one)))
    const rows = x.map((xi, i) => [
      ...x.map((xj, j) =>
        multiplier
          .times(q)
          .div(xi.times(xj))
          .times(i === j ? -2 : -1),
      ),
      slope[i] as BigNumber,
    ])
    const residual = p.map((price, i) => price.minus(multiplier.times(slope[i] as BigNumber)))
    rows.push([...slope, bn(0)])
    residual.push(
      q
        .plus(K)
        .minus(1)
        .minus(K.times(sum(x))),
    )
    const move = solved(rows, residual)
    x = x.map((one, i) => one.plus(move[i] as BigNumber))
    multiplier = multiplier.plus(move[n] as BigNumber)
    if (move.every((one) => one.abs().lt('1e-50'))) return x
  }
  throw new Error('Newton did not arrive')
}

const random = uniform(7)
const cases = [
  { A: 100, prices: [1, 1] },
  { A: 100, prices: [1, 0.9995] },
  { A: 2_000, prices: [1, 1.0001, 0.9999] },
  { A: 85, prices: [1, 0.62] },
  { A: 1, prices: [3_000, 1, 60_000] },
  { A: 1e6, prices: [1, 0.98, 1.01, 1] },
  { A: 200, prices: [1, 1e-4] },
  { A: 100, prices: [1e-12, 1] },
  { A: 2_000, prices: [1, 3e11, 1e6] },
  { A: 0.5, prices: [1, 1.7] },
  { A: 0.3, prices: [1, 40, 0.01] },
  { A: 0.6, prices: [1e-3, 1] },
  { A: 1 / 3, prices: [1, 1.000_1, 2] },
  { A: 1e-3, prices: [1, 1, 3, 0.2] },
  { A: 1e-9, prices: [1, 1e6] },
  ...Array.from({ length: 12 }, () => ({
    A: 10 ** (random() * 4),
    prices: Array.from({ length: 2 + Math.floor(random() * 4) }, () => 10 ** ((random() * 2 - 1) ** 3)),
  })),
]

describe('a StableSwap pool at given prices', () => {
  it.each(cases)(
    'with A $A and prices $prices has value to 1e-14, amounts to 1e-12, gamma to 1e-11',
    ({ A, prices }) => {
      const n = prices.length
      const got = stableSwap({ D: 5e6, A, prices: Float64Array.from(prices) })
      const p = prices.map(exactly)
      const start = [...got.amounts].map((amount) => amount / 5e6)
      const x = bigAmounts(A, p, start)
      expect(errorOf(got.value, sum(x.map((one, i) => one.times(p[i] as BigNumber))).times(5e6))).toBeLessThan(1e-14)
      const step = bn('1e-20')
      for (let i = 0; i < n; i += 1) {
        expect(errorOf(got.amounts[i] ?? 0, (x[i] as BigNumber).times(5e6)), `amount ${i}`).toBeLessThan(1e-12)
        const moved = (by: BigNumber) =>
          bigAmounts(
            A,
            p.map((price, k) => (k === i ? price.times(by.plus(1)) : price)),
            start,
          )
        const [up, down] = [moved(step), moved(step.neg())]
        // Differences of amounts by one price: row and column i of gamma, in units where all have the same size.
        const row = up.map((one, j) =>
          one
            .minus(down[j] as BigNumber)
            .times(5e6)
            .div(step.times(2))
            .div(p[i] as BigNumber),
        )
        for (let j = 0; j < n; j += 1) {
          const scale = (row[i] as BigNumber).times(p[i] as BigNumber).div(p[j] as BigNumber)
          const tolerance = j === i || n === 2 ? row[j] : scale
          expect(errorOf(got.gamma[j * n + i] ?? 0, row[j] as BigNumber, tolerance), `gamma ${j} ${i}`).toBeLessThan(
            1e-11,
          )
        }
      }
    },
  )

  it('is worth D and holds equal amounts at equal prices', () => {
    const got = stableSwap({ D: 300, A: 50, prices: Float64Array.of(2, 2, 2) })
    expect(got.value).toBeCloseTo(600, 11)
    for (const amount of got.amounts) expect(amount).toBeCloseTo(100, 11)
  })

  it('holds balances whose marginal prices and invariant are the ones asked for', () => {
    for (const { A, prices } of cases) {
      const { amounts } = stableSwap({ D: 1e18, A, prices: Float64Array.from(prices) })
      expect(stableSwapInvariant({ A, balances: amounts }) / 1e18).toBeCloseTo(1, 13)
      const marginal = stableSwapMarginalPrice({ A, balances: amounts, i: 0, j: 1 })
      expect(marginal / ((prices[0] ?? 0) / (prices[1] ?? 0))).toBeCloseTo(1, 11)
    }
  })

  it('takes prices that are twelve decades apart, and any unit', () => {
    const one = stableSwap({ D: 1e-18, A: 100, prices: Float64Array.of(1e-12, 1) })
    for (const unit of [1e-18, 1e18]) {
      const got = stableSwap({ D: 1e-18, A: 100, prices: Float64Array.of(1e-12 * unit, unit) })
      expect(got.value / unit / one.value).toBeCloseTo(1, 13)
      expect(((got.gamma[1] ?? 0) * unit) / (one.gamma[1] ?? 1)).toBeCloseTo(1, 11)
    }
    expect(stableSwap({ D: 0, A: 10, prices: Float64Array.of(1, 2) }).value).toBe(0)
  })

  it('never gains against holding, loses nothing for no move, and loses what LVR says for a small one', () => {
    const prices0 = Float64Array.of(1, 0.995, 1.002)
    expect(stableSwapImpermanentLoss({ A: 200, prices0, prices: prices0 })).toBe(0)
    for (let i = 0; i < 200; i += 1) {
      const prices = prices0.map((price) => price * (0.5 + random()))
      expect(stableSwapImpermanentLoss({ A: 200, prices0, prices })).toBeLessThanOrEqual(0)
    }
    const { gamma, value } = stableSwap({ D: 1, A: 200, prices: prices0 })
    const move = 1e-5
    const loss = stableSwapImpermanentLoss({
      A: 200,
      prices0,
      prices: prices0.map((p, i) => (i === 0 ? p * (1 + move) : p)),
    })
    const covariance = Float64Array.of(move ** 2, 0, 0, 0, 0, 0, 0, 0, 0)
    // The rate of a variance of move^2 a year is the loss of one move, to first order.
    expect((-loss * value) / lossVersusRebalancing({ prices: prices0, gamma, covariance })).toBeCloseTo(1, 2)
  })

  it('refuses what it is not defined for, by name', () => {
    const bad = [
      { D: 1, A: 0, prices: Float64Array.of(1, 1) },
      { D: -1, A: 10, prices: Float64Array.of(1, 1) },
      { D: 1, A: 10, prices: Float64Array.of(1) },
      { D: 1, A: 10, prices: Float64Array.of(1, Number.NaN) },
      { D: 1, A: 10, prices: Float64Array.of(1, 0) },
      { D: 1, A: 10, prices: Float64Array.of(1, 1e13) },
    ]
    for (const one of bad) expect(() => stableSwap(one)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})

describe('a StableSwap pool at given balances', () => {
  it('has its invariant to 1e-15 of 64 digits, however uneven', () => {
    for (const balances of [
      [1, 1],
      [1e6, 2e6, 3e6],
      [1e18, 1e-18],
      [1e-18, 1e-18, 1e18],
      [3, 1e9, 1e3, 7],
      [1e18, 1e18, 1e-18, 1, 1, 1, 1e9, 1],
    ]) {
      for (const A of [1e-9, 0.5, 1, 100, 1e6]) {
        const D = bigInvariant(A, balances.map(exactly))
        expect(
          errorOf(stableSwapInvariant({ A, balances: Float64Array.from(balances) }), D),
          `${A} ${balances}`,
        ).toBeLessThan(2e-15)
      }
    }
  })

  /** The contracts' own integer steps (Egorov 2019), with balances of 18 decimals. */
  function integerQuote(A: bigint, balances: readonly bigint[], i: number, j: number, dx: bigint): bigint {
    const n = BigInt(balances.length)
    const K = A * n
    const S = balances.reduce((total, x) => total + x, 0n)
    let D = S
    for (let previous = 0n, steps = 0; steps < 255 && D !== previous; steps += 1) {
      let DP = D
      for (const x of balances) DP = (DP * D) / (x * n)
      previous = D
      D = ((K * S + DP * n) * D) / ((K - 1n) * D + (n + 1n) * DP)
    }
    let c = D
    let others = 0n
    for (const [k, x] of balances.entries()) {
      if (k === j) continue
      const now = k === i ? x + dx : x
      others += now
      c = (c * D) / (now * n)
    }
    c = (c * D) / (K * n)
    const b = others + D / K
    let y = D
    for (let previous = 0n, steps = 0; steps < 255 && y !== previous; steps += 1) {
      previous = y
      y = (y * y + c) / (2n * y + b - D)
    }
    return (balances[j] as bigint) - y - 1n
  }

  it('quotes what the contracts quote, to 1e-12, for small and large amounts', () => {
    for (const balances of [
      [1e6, 1e6],
      [5e6, 1e6, 3e6],
      [2e6, 4e4],
    ]) {
      const integers = balances.map((x) => BigInt(x) * 10n ** 18n)
      for (const amount of [1, 1_000, 400_000]) {
        const quoted = Number(integerQuote(200n, integers, 0, 1, BigInt(amount) * 10n ** 18n)) / 1e18
        const { amountOut } = stableSwapExactInput({
          A: 200,
          balances: Float64Array.from(balances),
          i: 0,
          j: 1,
          amountIn: amount,
          fee: 0,
        })
        expect(Math.abs(amountOut / quoted - 1)).toBeLessThan(1e-12)
      }
    }
  })

  it('charges the fee on what comes out, and all of the exit cost is fee and impact', () => {
    const balances = Float64Array.of(2e6, 1e6)
    const one = { A: 100, balances, i: 0, j: 1, amountIn: 5e4 }
    const [free, paid] = [stableSwapExactInput({ ...one, fee: 0 }), stableSwapExactInput({ ...one, fee: 4e-4 })]
    expect(paid.fee / free.amountOut).toBeCloseTo(4e-4, 15)
    expect(paid.amountOut + paid.fee).toBeCloseTo(free.amountOut, 9)
    const marginal = stableSwapMarginalPrice({ A: 100, balances, i: 0, j: 1 })
    expect(paid.exitCost).toBeCloseTo(marginal * 5e4 - paid.amountOut, 7)
    expect(free.priceImpact).toBeCloseTo(1 - free.amountOut / (marginal * 5e4), 13)
  })

  it('has an impact that does not drown for an amount of a billionth: it is in proportion to the amount', () => {
    const one = { A: 100, balances: Float64Array.of(2e6, 1e6), i: 0, j: 1, fee: 0 }
    const [tiny, small] = [1e-3, 1].map((amountIn) => stableSwapExactInput({ ...one, amountIn }).priceImpact)
    expect((small ?? 0) / (tiny ?? 1) / 1_000).toBeCloseTo(1, 4)
  })

  it('costs more than in proportion: exit costs are convex and rising in the amount', () => {
    for (let i = 0; i < 500; i += 1) {
      const balances = Float64Array.from({ length: 2 + Math.floor(random() * 3) }, () => 10 ** (4 + 3 * random()))
      const A = 10 ** (random() * 4)
      const cost = (amountIn: number) => stableSwapExactInput({ A, balances, i: 0, j: 1, amountIn, fee: 3e-4 }).exitCost
      const [x, y, share] = [random() * 1e6, random() * 1e6, random()]
      expect(cost(share * x + (1 - share) * y)).toBeLessThanOrEqual(
        (share * cost(x) + (1 - share) * cost(y)) * (1 + 1e-12),
      )
      expect(cost(x)).toBeLessThanOrEqual(cost(x * 1.01))
    }
  })

  it('refuses what it is not defined for, by name', () => {
    const good = { A: 10, balances: Float64Array.of(1, 1), i: 0, j: 1, amountIn: 1, fee: 0 }
    for (const bad of [
      { j: 0 },
      { j: 2 },
      { A: 0 },
      { amountIn: -1 },
      { fee: 2 },
      { balances: Float64Array.of(1, 0) },
    ]) {
      expect(() => stableSwapExactInput({ ...good, ...bad })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
    }
  })
})
