// Kernels of a moment for the tests of the benchmarks: one that is fine, and one for each way to fail.

import { defineBench, type PreparedBench } from '../../tools/bench/define-bench.ts'

const x = Float64Array.of(0.5, 1, 1.5, 2)
const out = new Float64Array(x.length)

const fine: PreparedBench = {
  n: x.length,
  pass: () => {
    for (let i = 0; i < x.length; i += 1) out[i] = Math.exp(x[i] ?? 0)
    return out[0] ?? 0
  },
  results: () => out,
  known: { got: Math.exp(0), expected: 1, tolerance: 0, source: 'exp(0)' },
  columns: { x },
}

const peer = { name: 'scipy', script: 'normal', variant: 'cdf', agreement: { absolute: 1e-9, relative: 0 } } as const
const unit = 'one exp'

export const benches = [
  defineBench({ name: 'plain', unit, targetNs: 1e9, prepare: () => fine }),
  defineBench({
    name: 'wrong',
    unit,
    prepare: () => ({ ...fine, known: { got: 1.1, expected: 1, tolerance: 0.05, source: 'a table' } }),
  }),
  defineBench({
    name: 'not-finite',
    unit,
    prepare: () => ({ ...fine, results: () => Float64Array.of(1, Number.NaN) }),
  }),
  defineBench({
    name: 'throws',
    unit,
    prepare: () => {
      throw new Error('no inputs today')
    },
  }),
  defineBench({ name: 'dies', unit, prepare: () => process.exit(3) }),
  defineBench({ name: 'compared', unit, peer, prepare: () => fine }),
  defineBench({ name: 'last', unit, prepare: () => fine }),
]
