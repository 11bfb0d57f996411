// Positions in pools: many ranges of concentrated liquidity at many prices, and pools of three tokens one at a time.

import { concentratedValues } from '../../../lib/quant/amm/concentrated-batch.ts'
import { stableSwap } from '../../../lib/quant/amm/stable-swap.ts'
import { weighted } from '../../../lib/quant/amm/weighted.ts'
import { random } from '../../../lib/quant/random.ts'
import { defineBench } from '../define-bench.ts'
import { between } from '../draw-options.ts'
import { eachRow, endsOf } from '../each-row.ts'

const ranges = 100
const prices = 10_000

export const concentratedBench = defineBench({
  name: 'uniswap-range-batch',
  unit: `the value of one range of liquidity at one price, of ${ranges} ranges at ${prices} prices`,
  targetNs: 2,
  peer: {
    name: 'numpy',
    script: 'concentrated',
    agreement: { absolute: 1e-6, relative: 1e-12 },
  },
  prepare: () => {
    const rng = random(7)
    const a = Float64Array.from({ length: ranges }, () => 3_000 * Math.exp(between(rng, -0.5, 0.2)))
    const b = a.map((lower) => lower * Math.exp(between(rng, 0.02, 0.6)))
    const L = a.map(() => Math.exp(between(rng, 0, 8)))
    const P = Float64Array.from({ length: prices }, () => 3_000 * Math.exp(0.25 * rng.normal()))
    const out = new Float64Array(ranges * prices)
    const one = new Float64Array(1)
    concentratedValues(Float64Array.of(2), Float64Array.of(900), Float64Array.of(1_600), Float64Array.of(1_225), one)
    const pass = () => {
      concentratedValues(L, a, b, P, out)
      return endsOf(out)
    }
    return {
      n: out.length,
      pass,
      results: () => out,
      // 2 (2 x 35 - 30 - 1225 / 40)
      known: {
        got: one[0] ?? Number.NaN,
        expected: 18.75,
        tolerance: 1e-12,
        source: 'L (2 sqrt P - sqrt a - P / sqrt b)',
      },
      columns: { L, a, b, P },
    }
  },
})

export const stableSwapBench = defineBench({
  name: 'stable-swap',
  unit: 'value, amounts and gamma of one pool of three stable tokens',
  prepare: () => {
    const rng = random(8)
    const rows = Array.from({ length: 1_000 }, () => ({
      D: Math.exp(between(rng, 10, 18)),
      A: between(rng, 50, 5_000),
      prices: Float64Array.from({ length: 3 }, () => 1 + 0.003 * rng.normal()),
    }))
    const atPeg = stableSwap({ D: 3_000, A: 100, prices: Float64Array.of(1, 1, 1) })
    return eachRow({
      rows,
      price: (row) => {
        const { value, amounts, gamma } = stableSwap(row)
        return value + endsOf(amounts, gamma)
      },
      known: { got: atPeg.value, expected: 3_000, tolerance: 1e-9, source: 'at the peg a pool is worth D' },
    })
  },
})

export const weightedBench = defineBench({
  name: 'weighted-pool',
  unit: 'value, amounts and gamma of one weighted pool of three tokens',
  prepare: () => {
    const rng = random(9)
    const rows = Array.from({ length: 2_000 }, () => {
      const raw = Float64Array.from({ length: 3 }, () => between(rng, 1, 4))
      return {
        k: Math.exp(between(rng, 0, 8)),
        w: raw.map((one) => one / raw.reduce((sum, other) => sum + other, 0)),
        prices: raw.map(() => Math.exp(between(rng, 0, 8))),
      }
    })
    const half = Float64Array.of(0.5, 0.5)
    return eachRow({
      rows,
      price: (row) => {
        const { value, amounts, gamma } = weighted(row)
        return value + endsOf(amounts, gamma)
      },
      known: {
        got: weighted({ k: 10, w: half, prices: Float64Array.of(4, 9) }).value,
        expected: 120,
        tolerance: 1e-12,
        source: 'of two equal weights, 2 k sqrt(p0 p1)',
      },
    })
  },
})
