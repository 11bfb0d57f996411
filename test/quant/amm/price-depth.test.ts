import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concentratedExactInput } from '../../../lib/quant/amm/concentrated.ts'
import { constantProductExactInput } from '../../../lib/quant/amm/constant-product.ts'
import { priceDepth, weightedPriceDepth } from '../../../lib/quant/amm/price-depth.ts'
import { weightedExactInput } from '../../../lib/quant/amm/weighted.ts'

const everywhere = (L: number) => [{ from: 0, to: Number.POSITIVE_INFINITY, L }]
const rel = (a: number, b: number) => Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE)
const move = fc.double({ min: 0.5, max: 2, noNaN: true }).filter((factor) => Math.abs(factor - 1) > 1e-3)
const fee = fc.constantFrom(0, 0.0001, 0.003, 0.01)

describe('the depth of a pool', () => {
  it('is the exchange of x y = k that ends at the price', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        move,
        fee,
        (x, y, factor, part) => {
          const s = Math.sqrt(y / x)
          const target = s * Math.sqrt(factor)
          const depth = priceDepth({ s, target, spans: everywhere(Math.sqrt(x * y)), fee: part })
          const [reserveIn, reserveOut] = factor > 1 ? [y, x] : [x, y]
          const swap = constantProductExactInput({ reserveIn, reserveOut, amountIn: depth.amountIn, fee: part })
          expect(rel(swap.amountOut, depth.amountOut)).toBeLessThan(1e-11)
          const net = depth.amountIn * (1 - part)
          const after = (reserveIn + net) / (reserveOut - swap.amountOut)
          expect(rel(after, factor > 1 ? target * target : 1 / (target * target))).toBeLessThan(1e-11)
        },
      ),
    )
  })

  it('over one range is what the range itself says of that amount', () => {
    fc.assert(
      fc.property(move, fee, fc.double({ min: 1, max: 1e12, noNaN: true }), (factor, part, L) => {
        const [P, a, b] = [3_000, 1_000, 9_000]
        const depth = priceDepth({
          s: Math.sqrt(P),
          target: Math.sqrt(P * factor),
          spans: [{ from: Math.sqrt(a), to: Math.sqrt(b), L }],
          fee: part,
        })
        const sell = factor > 1 ? 'token1' : 'token0'
        const swap = concentratedExactInput({ L, P, a, b, amountIn: depth.amountIn, sell, fee: part })
        expect(rel(swap.amountOut, depth.amountOut)).toBeLessThan(1e-11)
        expect(rel(swap.priceAfter, P * factor)).toBeLessThan(1e-11)
      }),
    )
  })

  it('does not mind where spans are cut, nor their order, and grows with every one', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.6, max: 1.9, noNaN: true }), { maxLength: 6 }), move, (cuts, factor) => {
        const edges = [0.5, ...cuts.toSorted((one, other) => one - other), 2].filter((e, i, all) => e !== all[i - 1])
        const spans = edges.slice(1).map((to, index) => ({ from: edges[index] ?? 0, to, L: 7 }))
        const whole = priceDepth({ s: 1, target: factor, spans: [{ from: 0.5, to: 2, L: 7 }], fee: 0.003 })
        const cut = priceDepth({ s: 1, target: factor, spans: spans.toReversed(), fee: 0.003 })
        expect(rel(cut.amountIn, whole.amountIn)).toBeLessThan(1e-12)
        expect(rel(cut.amountOut, whole.amountOut)).toBeLessThan(1e-12)
        const more = priceDepth({ s: 1, target: factor, spans: [...spans, { from: 0, to: 9, L: 1 }], fee: 0.003 })
        expect(more.amountOut).toBeGreaterThan(cut.amountOut)
      }),
    )
  })

  it('of a weighted pool is what its curve pays, and that of x y = k where weights are equal', () => {
    const weight = fc.double({ min: 0.05, max: 0.95, noNaN: true })
    fc.assert(
      fc.property(weight, fc.double({ min: 1.001, max: 2, noNaN: true }), fee, (w, factor, part) => {
        const sides = { balanceIn: 700, weightIn: w, balanceOut: 3, weightOut: 1 - w }
        const depth = weightedPriceDepth({ ...sides, factor, fee: part })
        const swap = weightedExactInput({ ...sides, amountIn: depth.amountIn, fee: part })
        expect(rel(swap.amountOut, depth.amountOut)).toBeLessThan(1e-11)
        const price = (balanceIn: number, balanceOut: number) => balanceIn / w / (balanceOut / (1 - w))
        const after = price(700 + depth.amountIn * (1 - part), 3 - depth.amountOut)
        expect(rel(after / price(700, 3), factor)).toBeLessThan(1e-11)
        const even = weightedPriceDepth({ ...sides, weightIn: 0.5, weightOut: 0.5, factor, fee: part })
        const s = Math.sqrt(700 / 3)
        const spans = everywhere(Math.sqrt(700 * 3))
        const same = priceDepth({ s, target: s * Math.sqrt(factor), spans, fee: part })
        expect(rel(even.amountIn, same.amountIn)).toBeLessThan(1e-9)
      }),
    )
    const bad = { balanceIn: 1, weightIn: 0.5, balanceOut: 0, weightOut: 0.5, factor: 1.02, fee: 0 }
    expect(() => weightedPriceDepth(bad)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })

  it('is nothing where no liquidity lies on the way', () => {
    expect(priceDepth({ s: 1, target: 1.01, spans: [{ from: 0.2, to: 1, L: 5 }], fee: 0 })).toEqual({
      amountIn: 0,
      amountOut: 0,
    })
    expect(priceDepth({ s: 1, target: 1, spans: everywhere(5), fee: 0 })).toEqual({ amountIn: 0, amountOut: 0 })
  })

  it.each([
    [{ s: 0, target: 1, fee: 0 }],
    [{ s: 1, target: Number.NaN, fee: 0 }],
    [{ s: 1, target: Number.POSITIVE_INFINITY, fee: 0 }],
    [{ s: 1, target: 2, fee: 1 }],
    [{ s: 1, target: 2, fee: 0, spans: [{ from: 2, to: 1, L: 1 }] }],
    [{ s: 1, target: 2, fee: 0, spans: [{ from: 0, to: 1, L: -1 }] }],
    [{ s: 1, target: 2, fee: 0, spans: [{ from: 0, to: 1, L: Number.NaN }] }],
  ])('refuses %j', (params) => {
    expect(() => priceDepth({ spans: [], ...params })).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
