import { existsSync, readFileSync } from 'node:fs'
import type { BigNumber } from 'mathjs'
import { describe, expect, it } from 'vitest'
import {
  concentrated,
  concentratedExactInput,
  concentratedImpermanentLoss,
} from '../../../lib/quant/amm/concentrated.ts'
import { concentratedGreeks, concentratedValues } from '../../../lib/quant/amm/concentrated-batch.ts'
import { constantProduct, constantProductImpermanentLoss } from '../../../lib/quant/amm/constant-product.ts'
import { pairLossVersusRebalancing } from '../../../lib/quant/amm/loss-versus-rebalancing.ts'
import { big, errorOf, exactly, uniform } from './big.ts'

/** Adams et al. (2021), eqs. 6.29 and 6.30, to 64 digits. */
function reference(L: number, P: number, a: number, b: number) {
  const [liquidity, price, lower, upper] = [L, P, a, b].map(exactly) as [BigNumber, BigNumber, BigNumber, BigNumber]
  const inside = price.lt(lower) ? lower : price.gt(upper) ? upper : price
  const one = big.bignumber(1)
  const amount0 = liquidity.times(one.div(inside.sqrt()).minus(one.div(upper.sqrt())))
  const amount1 = liquidity.times(inside.sqrt().minus(lower.sqrt()))
  const gamma = price.gt(lower) && price.lt(upper) ? liquidity.div(price.times(price.sqrt())).div(-2) : big.bignumber(0)
  return { value: amount0.times(price).plus(amount1), amount0, amount1, gamma }
}

const random = uniform(20_261_124)
const positions = Array.from({ length: 10_000 }, () => {
  const L = 10 ** (random() * 9 - 2)
  const a = 10 ** (random() * 9 - 4)
  const b = a * 10 ** (0.001 + 2 * random() ** 2)
  return { L, a, b, P: a * (b / a) ** (random() * 2 - 0.5) }
})
const distance = ({ P, a, b }: { P: number; a: number; b: number }) => Math.min(Math.abs(P - a), Math.abs(P - b))

describe('a range of concentrated liquidity', () => {
  it('has value, amounts and gamma to 1e-14 of 64 digits, next to an edge too', () => {
    const nearEdge = positions.slice(0, 150).flatMap((one) => [
      { ...one, P: one.a * (1 + 1e-9) },
      { ...one, P: one.b * (1 - 1e-9) },
      { ...one, P: one.a },
      { ...one, P: one.b },
    ])
    for (const { L, P, a, b } of [...positions.slice(0, 400), ...nearEdge]) {
      const got = concentrated({ L, P, a, b })
      const exact = reference(L, P, a, b)
      for (const key of ['value', 'amount0', 'amount1', 'gamma'] as const) {
        expect(errorOf(got[key], exact[key]), `${key} of ${JSON.stringify({ L, P, a, b })}`).toBeLessThan(1e-14)
      }
    }
  })

  it('has a delta equal to differences of value and a gamma equal to differences of delta, to 1e-6, on 10,000 positions', () => {
    const clear = positions.filter((one) => distance(one) > 1e-4 * one.P)
    expect(clear.length).toBeGreaterThan(9_900)
    const worst = clear.reduce(
      (most, one) => {
        const step = 1e-5 * Math.min(one.P, distance(one))
        const [up, down, here] = [one.P + step, one.P - step, one.P].map((P) => concentrated({ ...one, P }))
        if (up === undefined || down === undefined || here === undefined) throw new Error('three prices, three states')
        const delta = Math.abs((up.value - down.value) / (2 * step) - here.amount0) / (one.L / Math.sqrt(one.P))
        const gamma = Math.abs((up.amount0 - down.amount0) / (2 * step) - here.gamma) / (one.L / one.P ** 1.5)
        return { delta: Math.max(most.delta, delta), gamma: Math.max(most.gamma, gamma) }
      },
      { delta: 0, gamma: 0 },
    )
    expect(worst.delta).toBeLessThanOrEqual(1e-6)
    expect(worst.gamma).toBeLessThanOrEqual(1e-6)
  })

  it('has value and delta that are continuous at both edges', () => {
    for (const { L, a, b } of positions.slice(0, 2_000)) {
      for (const edge of [a, b]) {
        const [below, above] = [edge * (1 - 1e-12), edge * (1 + 1e-12)].map((P) => concentrated({ L, P, a, b }))
        const scale = L * Math.sqrt(edge)
        expect(Math.abs((above?.value ?? 0) - (below?.value ?? 1)) / scale).toBeLessThan(1e-11)
        expect((Math.abs((above?.amount0 ?? 0) - (below?.amount0 ?? 1)) * edge) / scale).toBeLessThan(1e-11)
      }
    }
  })

  it('is the constant-product curve from 0 to infinity', () => {
    const range = concentrated({ L: 7, P: 3_000, a: 0, b: Number.POSITIVE_INFINITY })
    const whole = constantProduct({ L: 7, P: 3_000 })
    for (const key of ['value', 'amount0', 'amount1', 'gamma'] as const) {
      expect(range[key] / whole[key]).toBeCloseTo(1, 14)
    }
    const [P0, P] = [2_000, 3_500]
    expect(concentratedImpermanentLoss({ P, P0, a: 0, b: Number.POSITIVE_INFINITY })).toBeCloseTo(
      constantProductImpermanentLoss({ r: P / P0 }),
      15,
    )
  })

  it('loses against holding what 64 digits say, to 1e-13, and nothing for no move', () => {
    for (const { P, a, b } of positions.slice(0, 200)) {
      for (const P0 of [P * 1.000001, P * 1.3, P / 2, P * 40]) {
        const [then, now] = [reference(1, P0, a, b), reference(1, P, a, b)]
        const held = then.amount0.times(exactly(P)).plus(then.amount1)
        const got = concentratedImpermanentLoss({ P, P0, a, b })
        const exact = now.value.minus(held).div(held)
        expect(exact.isZero() ? got : errorOf(got, exact)).toBeLessThan(1e-13)
        expect(got).toBeLessThanOrEqual(0)
        expect(got).toBeGreaterThanOrEqual(-1)
      }
      expect(concentratedImpermanentLoss({ P, P0: P, a, b })).toBe(0)
    }
  })

  it('works for huge and tiny magnitudes', () => {
    for (const L of [1e-18, 1e18]) {
      for (const [P, a, b] of [
        [1e-18, 5e-19, 2e-18],
        [1e18, 5e17, 2e18],
        [1e18, 1e-18, 1e18 + 1e6],
        [1e-18, 1e-18, 1e18],
      ] as const) {
        const got = concentrated({ L, P, a, b })
        expect(errorOf(got.value, reference(L, P, a, b).value)).toBeLessThan(1e-14)
      }
    }
  })

  it('refuses what it is not defined for, by name', () => {
    const good = { L: 1, P: 1, a: 0.5, b: 2 }
    for (const bad of [
      { L: -1 },
      { L: Number.NaN },
      { P: -1 },
      { P: Number.NaN },
      { a: 2 },
      { b: Number.NaN },
      { a: -1 },
      { P: Number.POSITIVE_INFINITY },
    ]) {
      expect(() => concentrated({ ...good, ...bad })).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    }
    expect(concentrated({ ...good, L: 0 })).toEqual({ value: 0, amount0: 0, amount1: 0, gamma: 0 })
  })
})

describe('ranges at many prices', () => {
  const m = 200
  const [L, a, b] = (['L', 'a', 'b'] as const).map((key) =>
    Float64Array.from(positions.slice(0, m), (one) => one[key]),
  ) as [Float64Array, Float64Array, Float64Array]
  const P = Float64Array.from({ length: 300 }, () => 10 ** (random() * 12 - 5))

  it('are what each is at each, to 4 eps of L sqrt P', () => {
    const [out, delta, gamma] = [1, 2, 3].map(() => new Float64Array(m * P.length)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    concentratedValues(L, a, b, P, out)
    concentratedGreeks(L, a, b, P, delta, gamma)
    for (let i = 0; i < m; i += 1) {
      for (const [j, price] of P.entries()) {
        const one = { L: L[i] ?? 0, P: price, a: a[i] ?? 0, b: b[i] ?? 0 }
        const exact = concentrated(one)
        const scale = one.L * Math.sqrt(price)
        expect(Math.abs((out[i * P.length + j] ?? 0) - exact.value)).toBeLessThanOrEqual(
          9e-16 * scale + 1e-15 * exact.value,
        )
        expect(Math.abs((delta[i * P.length + j] ?? 0) - exact.amount0)).toBeLessThanOrEqual(
          (9e-16 * scale) / price + 1e-15 * exact.amount0,
        )
        expect(Math.abs((gamma[i * P.length + j] ?? 1) - exact.gamma)).toBeLessThanOrEqual(
          1e-15 * Math.abs(exact.gamma),
        )
      }
    }
  })

  it('take open ends', () => {
    const out = new Float64Array(2)
    concentratedValues(
      Float64Array.of(2),
      Float64Array.of(0),
      Float64Array.of(Number.POSITIVE_INFINITY),
      Float64Array.of(9, 1e-18),
      out,
    )
    expect(out[0]).toBeCloseTo(12, 12)
    expect((out[1] ?? 0) / 4e-9).toBeCloseTo(1, 12)
  })

  it('refuse a bad line or price before anything is written, and say which', () => {
    const out = new Float64Array(2)
    const values = (lower: number, price: number) => () =>
      concentratedValues(
        Float64Array.of(1, 1),
        Float64Array.of(1, lower),
        Float64Array.of(2, 2),
        Float64Array.of(price),
        out,
      )
    expect(values(3, 1)).toThrow(
      expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ index: 1 }) }),
    )
    expect(values(1, Number.NaN)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    expect(() => concentratedValues(L, a, b, P, out)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    expect([...out]).toEqual([0, 0])
  })
})

describe('an exchange within a range', () => {
  const sold = positions
    .slice(0, 400)
    .map((one) => ({ ...one, P: Math.min(Math.max(one.P, one.a), one.b), fee: 0.003 }))

  it('gives what the amounts before and after say, and ends at the edge', () => {
    for (const one of sold) {
      for (const sell of ['token0', 'token1'] as const) {
        const size = concentrated(one)
        const amountIn = (sell === 'token0' ? size.amount1 / one.P : size.amount0 * one.P) * 0.4 + one.L * 1e-4
        const got = concentratedExactInput({ ...one, sell, amountIn })
        const after = reference(one.L, got.priceAfter, one.a, one.b)
        const before = reference(one.L, one.P, one.a, one.b)
        const [soldKey, boughtKey] =
          sell === 'token0' ? (['amount0', 'amount1'] as const) : (['amount1', 'amount0'] as const)
        const scale = exactly(Math.max(one.L * Math.sqrt(one.b), one.L / Math.sqrt(one.a)))
        expect(errorOf(got.amountOut, before[boughtKey].minus(after[boughtKey]), scale)).toBeLessThan(1e-14)
        expect(errorOf(got.amountInUsed - got.fee, after[soldKey].minus(before[soldKey]), scale)).toBeLessThan(1e-14)
        expect(got.amountInUsed).toBeLessThanOrEqual(amountIn)
        if (got.amountInUsed < amountIn) expect([one.a, one.b]).toContain(got.priceAfter)
        const marginal = sell === 'token0' ? one.P : 1 / one.P
        expect(Math.abs(got.exitCost - (got.amountInUsed * marginal - got.amountOut))).toBeLessThan(
          1e-13 * (got.amountOut + 1e-300),
        )
        expect(got.priceImpact).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('costs more than in proportion: exit costs are convex in the amount', () => {
    for (const one of sold) {
      const cost = (amountIn: number) =>
        concentratedExactInput({ ...one, a: one.a / 1e6, sell: 'token0', amountIn }).exitCost
      const [x, y, share] = [random() * one.L, random() * one.L, random()]
      const chord = share * cost(x) + (1 - share) * cost(y)
      expect(cost(share * x + (1 - share) * y)).toBeLessThanOrEqual(chord * (1 + 1e-13))
    }
  })

  it('refuses a price outside of the range and a fee of everything', () => {
    const good = { L: 1, P: 1, a: 0.5, b: 2, sell: 'token0', amountIn: 1, fee: 0 } as const
    for (const bad of [{ P: 3 }, { fee: 1 }, { amountIn: -1 }, { amountIn: Number.NaN }, { L: 0 }]) {
      expect(() => concentratedExactInput({ ...good, ...bad })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
    }
  })
})

interface Table {
  readonly rows: readonly Record<
    'L' | 'P' | 'pa' | 'pb' | 'amount0' | 'amount1' | 'value' | 'delta' | 'gamma',
    number
  >[]
  readonly il_v2: readonly { readonly ratio: number; readonly il_v2: number }[]
  readonly il_v3: readonly {
    readonly ratio: number
    readonly pa: number
    readonly pb: number
    readonly il_v3: number
  }[]
}
const path = '../shared/tables/uniswap_v3_lp.json'

describe.skipIf(!existsSync(path))(`the published figures of ${path} (skipped where the folder is absent)`, () => {
  const table: Table = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { rows: [], il_v2: [], il_v3: [] }

  it('are met to 1e-12', () => {
    for (const { L, P, pa, pb, ...row } of table.rows) {
      const got = concentrated({ L, P, a: pa, b: pb })
      expect(Math.abs(got.value - row.value)).toBeLessThanOrEqual(1e-12 * Math.max(row.value, L * Math.sqrt(P)))
      expect(Math.abs(got.amount0 - row.delta)).toBeLessThanOrEqual((1e-12 * L) / Math.sqrt(P))
      expect(Math.abs(got.amount1 - row.amount1)).toBeLessThanOrEqual(1e-12 * L * Math.sqrt(P))
      expect(Math.abs(got.gamma - row.gamma)).toBeLessThanOrEqual(1e-12 * Math.abs(row.gamma))
    }
    for (const { ratio, il_v2 } of table.il_v2)
      expect(constantProductImpermanentLoss({ r: ratio })).toBeCloseTo(il_v2, 14)
    for (const { ratio, pa, pb, il_v3 } of table.il_v3) {
      expect(concentratedImpermanentLoss({ P0: 1, P: ratio, a: pa, b: pb })).toBeCloseTo(il_v3, 14)
    }
  })
})

it('meets the well-known losses of the constant product: 1.25x -0.6%, 2x -5.7%, 4x -20.0%, 5x -25.5%', () => {
  for (const [r, loss] of [
    [1.25, -0.006],
    [2, -0.057],
    [4, -0.2],
    [5, -0.255],
  ] as const) {
    expect(constantProductImpermanentLoss({ r })).toBeCloseTo(loss, 3)
    expect(constantProductImpermanentLoss({ r: 1 / r })).toBeCloseTo(loss, 3)
  }
  expect(constantProductImpermanentLoss({ r: 0 })).toBe(-1)
})

it('has the LVR rate L sigma^2 sqrt(P) / 4 inside of the range (Milionis et al. 2022) and none outside', () => {
  const [L, P, variance] = [1_000, 3_000, 0.64]
  const inside = concentrated({ L, P, a: 2_500, b: 3_500 })
  const rate = pairLossVersusRebalancing({ variance, P, gamma: inside.gamma })
  expect(rate / ((L * variance * Math.sqrt(P)) / 4)).toBeCloseTo(1, 14)
  expect(pairLossVersusRebalancing({ variance, P, gamma: concentrated({ L, P, a: 1, b: 2 }).gamma })).toBe(0)
})
