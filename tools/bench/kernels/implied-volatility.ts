// From prices of out-of-the-money options back to volatility, a batch and one at a time.

import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import {
  impliedVolatility,
  impliedVolatilityBatch,
  type PricedOption,
} from '../../../lib/quant/options/implied-volatility.ts'
import type { VanillaParams } from '../../../lib/quant/options/lognormal.ts'
import { random } from '../../../lib/quant/random.ts'
import { defineBench, type KnownResult } from '../define-bench.ts'
import { columnsOf, drawOption } from '../draw-options.ts'
import { eachRow, endsOf } from '../each-row.ts'

const n = 2_000

/** Options on the side that is out of the money, which is the one that is quoted, with their prices. */
function drawPriced(seed: number): readonly (VanillaParams & PricedOption)[] {
  const rng = random(seed)
  return Array.from({ length: n }, () => {
    const drawn = drawOption(rng)
    const kind = drawn.strike > drawn.spot * Math.exp(drawn.carry * drawn.time) ? 'call' : 'put'
    return { ...drawn, kind, price: blackScholesPrice({ ...drawn, kind }) }
  })
}

function known(): KnownResult {
  const option = { kind: 'call', spot: 60, strike: 65, time: 0.25, rate: 0.08, carry: 0.08 } as const
  const volatility = 0.3
  return {
    got: impliedVolatility({ ...option, price: blackScholesPrice({ ...option, volatility }) }),
    expected: volatility,
    tolerance: 1e-15,
    source: 'there and back',
  }
}

const shared = {
  targetNs: 350,
  peer: {
    name: 'py_lets_be_rational',
    script: 'implied-volatility',
    agreement: { absolute: 0, relative: 1e-11 },
  },
} as const

export const impliedVolatilityBench = defineBench({
  name: 'implied-volatility',
  unit: 'one impliedVolatility of one price',
  ...shared,
  prepare: () => {
    const rows = drawPriced(5)
    return eachRow({ rows, price: impliedVolatility, known: known(), columns: columnsOf(rows) })
  },
})

export const impliedVolatilityBatchBench = defineBench({
  name: 'implied-volatility-batch',
  unit: 'one price in a batch',
  ...shared,
  prepare: () => {
    const rows = drawPriced(5)
    const { spot, strike, time, rate, carry, price, ...rest } = columnsOf(rows) as Readonly<
      Record<'spot' | 'strike' | 'time' | 'rate' | 'carry' | 'price' | 'kind', Float64Array>
    >
    const options = { kind: Int8Array.from(rest.kind), spot, strike, time, rate, carry, price }
    const out = new Float64Array(n)
    const status = new Uint8Array(n)
    const pass = () => impliedVolatilityBatch(options, out, status) + endsOf(out)
    return { n, pass, results: () => out, known: known(), columns: { ...options, kind: rest.kind } }
  },
})
