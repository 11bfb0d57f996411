// The normal distribution and its quantile, number by number, next to scipy's, which works through a whole array in C.

import { normalCdf, normalQuantile } from '../../../lib/quant/normal.ts'
import { random } from '../../../lib/quant/random.ts'
import { defineBench } from '../define-bench.ts'
import { endsOf } from '../each-row.ts'

const n = 10_000

export const normalCdfBench = defineBench({
  name: 'normal-cdf',
  unit: 'one normalCdf of a normal deviate of deviation 2',
  peer: {
    name: 'scipy',
    script: 'normal',
    variant: 'cdf',
    target: 1,
    agreement: { absolute: 0, relative: 1e-12 },
  },
  prepare: () => {
    const rng = random(1)
    const x = Float64Array.from({ length: n }, () => 2 * rng.normal())
    const out = new Float64Array(n)
    // Called by its name: handed over as a value, it is inlined by luck.
    const pass = () => {
      for (let i = 0; i < n; i += 1) out[i] = normalCdf(x[i] as number)
      return endsOf(out)
    }
    return {
      n,
      pass,
      results: () => out,
      columns: { x },
      known: { got: normalCdf(1), expected: 0.8413447460685429, tolerance: 2e-16, source: 'cdf(1) in 50 digits' },
    }
  },
})

export const normalQuantileBench = defineBench({
  name: 'normal-quantile',
  unit: 'one normalQuantile of a uniform number',
  peer: {
    name: 'scipy',
    script: 'normal',
    variant: 'quantile',
    target: 1,
    agreement: { absolute: 1e-14, relative: 1e-12 },
  },
  prepare: () => {
    const rng = random(2)
    const x = Float64Array.from({ length: n }, () => rng.uniform())
    const out = new Float64Array(n)
    const pass = () => {
      for (let i = 0; i < n; i += 1) out[i] = normalQuantile(x[i] as number)
      return endsOf(out)
    }
    return {
      n,
      pass,
      results: () => out,
      columns: { x },
      known: {
        got: normalQuantile(0.975),
        expected: 1.959963984540054,
        tolerance: 2e-15,
        source: 'the quantile of 0.975 in 50 digits',
      },
    }
  },
})
