// A book of 500 options in 10,000 scenarios, valued directly and netted, next to numpy valuing it directly.

import { addScenarioPrices } from '../../../lib/quant/options/black-scenarios.ts'
import { random } from '../../../lib/quant/random.ts'
import { revalue } from '../../../lib/quant/revaluation.ts'
import type { RevaluationKernel } from '../../../lib/quant/revaluation-kernel.ts'
import { type Columns, defineBench } from '../define-bench.ts'
import { between, columnsOf, drawOption } from '../draw-options.ts'
import { endsOf } from '../each-row.ts'

const lines = 500
const scenarios = 10_000
const spotNow = 3_000

/** 500 long and short options on one asset, 7 days to 2 years, and spots a month ahead. */
function drawBook() {
  const rng = random(10)
  const options = Array.from({ length: lines }, () => {
    const option = drawOption(rng)
    const time = Math.max(option.time, 7 / 365)
    const reach = option.volatility * Math.sqrt(time)
    return { ...option, time, strike: spotNow * Math.exp(reach * between(rng, -2, 2)), quantity: 20 * rng.normal() }
  })
  const spots = Float64Array.from({ length: scenarios }, () => spotNow * Math.exp(0.2 * rng.normal()))
  return { options, spots }
}

type Book = ReturnType<typeof drawBook>

function kernelOf(options: Book['options']): RevaluationKernel {
  return {
    lines: options.length,
    factors: [0],
    netting: 'log-spot',
    values: ([spots = new Float64Array()], out) => {
      const n = spots.length
      const logs = spots.map(Math.log)
      const volatilities = new Float64Array(n)
      out.fill(0)
      for (const [i, option] of options.entries()) {
        volatilities.fill(option.volatility)
        addScenarioPrices(option, option.quantity, spots, logs, volatilities, out.subarray(i * n, (i + 1) * n))
      }
    },
  }
}

function bookColumns({ options, spots }: Book): Columns {
  return { ...columnsOf(options.map(({ spot: _, ...terms }) => terms)), spots, spotNow: Float64Array.of(spotNow) }
}

function prepare(netting: 'log-spot' | 'none', n: number) {
  const book = drawBook()
  const kernels = [kernelOf(book.options)]
  const base = Float64Array.of(spotNow)
  const revalued = (spots: Float64Array) => revalue({ kernels, scenarios: spots, base, netting })
  let pnl: Float64Array = new Float64Array()
  const pass = () => {
    const got = revalued(book.spots)
    if (netting === 'log-spot' && got.path !== 'netted') throw new Error(`Not netted: ${JSON.stringify(got.parts)}`)
    pnl = got.pnl
    return endsOf(pnl)
  }
  // No scenario moves the spot: nothing is gained or lost. The peer checks the rest.
  const got = revalue({ kernels, scenarios: base, base, netting: 'none' }).pnl[0] ?? Number.NaN
  const known = { got, expected: 0, tolerance: 1e-9, source: 'the value at the base less itself' }
  return { n, pass, results: () => pnl, known, columns: bookColumns(book) }
}

export const revaluationDirectBench = defineBench({
  name: 'revaluation-direct',
  unit: `one option in one scenario, of ${lines} options in ${scenarios} scenarios`,
  peer: {
    name: 'numpy',
    script: 'revaluation',
    variant: 'options in scenarios',
    target: 1,
    agreement: { absolute: 1e-6, relative: 1e-9 },
  },
  prepare: () => prepare('none', lines * scenarios),
})

export const revaluationNettedBench = defineBench({
  name: 'revaluation-netted',
  unit: `a book of ${lines} options in ${scenarios} scenarios, next to numpy valuing it directly`,
  targetNs: 10e6,
  peer: {
    name: 'numpy',
    script: 'revaluation',
    variant: 'books',
    // What netting may be off by: 1e-6 of gross, which is some 3 million here.
    agreement: { absolute: 3, relative: 0 },
  },
  prepare: () => prepare('log-spot', 1),
})
