// European options with their Greeks, a batch and one at a time, next to the same formulas vectorised in numpy.

import { blackScholes } from '../../../lib/quant/options/black.ts'
import { blackScholesBatch, europeanBatchGreeks } from '../../../lib/quant/options/black-batch.ts'
import { random } from '../../../lib/quant/random.ts'
import { defineBench, type KnownResult, type PreparedBench } from '../define-bench.ts'
import { batchColumns, drawBatch, drawOption } from '../draw-options.ts'
import { eachRow, endsOf } from '../each-row.ts'

const n = 10_000
const five = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const
const all = [...five, 'carryRho', 'vanna', 'volga'] as const

const known = (): KnownResult => ({
  got: blackScholes({ kind: 'call', spot: 60, strike: 65, time: 0.25, volatility: 0.3, rate: 0.08, carry: 0.08 }).price,
  expected: 2.1334,
  tolerance: 5e-5,
  source: 'Haug (1998), p. 2',
})

function batch(columns: readonly (keyof ReturnType<typeof blackScholes>)[]): PreparedBench {
  const options = drawBatch(n, 3)
  const out = europeanBatchGreeks(n)
  const pass = () => {
    const refused = blackScholesBatch(options, out)
    return refused + endsOf(...all.map((name) => out[name]))
  }
  const results = () => Float64Array.from(columns.flatMap((name) => [...out[name]]))
  return { n, pass, results, known: known(), columns: batchColumns(options) }
}

const unit = 'one option in a batch: price and all eight Greeks'
const peer = { name: 'numpy', script: 'european', agreement: { absolute: 1e-9, relative: 1e-9 } } as const

export const europeanBatchBench = defineBench({
  name: 'european-batch',
  unit: `${unit}, next to a peer that computes five`,
  peer: { ...peer, variant: 'five', target: 0.8 },
  prepare: () => batch(five),
})

export const europeanBatchAllBench = defineBench({
  name: 'european-batch-all',
  unit: `${unit}, and so does the peer`,
  peer: { ...peer, variant: 'all' },
  prepare: () => batch(all),
})

export const europeanSingleBench = defineBench({
  name: 'european-single',
  unit: 'one blackScholes: price and all eight Greeks of one option',
  prepare: () => {
    const rng = random(4)
    const price = (option: ReturnType<typeof drawOption>) => {
      const { price, delta, gamma, vega, theta, rho, carryRho, vanna, volga } = blackScholes(option)
      return price + delta + gamma + vega + theta + rho + carryRho + vanna + volga
    }
    return eachRow({ rows: Array.from({ length: n }, () => drawOption(rng)), price, known: known() })
  },
})
