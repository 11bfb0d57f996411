// Options that a touch brings to life, ends or pays, in closed form, next to QuantLib's analytic engines.

import { type BarrierParams, barrierValue } from '../../../lib/quant/options/barrier.ts'
import { cashOrNothingValue, oneTouchAtHitValue } from '../../../lib/quant/options/digital.ts'
import { type DoubleBarrierParams, doubleBarrierValue } from '../../../lib/quant/options/double-barrier.ts'
import type { VanillaParams } from '../../../lib/quant/options/lognormal.ts'
import type { Random } from '../../../lib/quant/random.ts'
import { defineBench } from '../define-bench.ts'
import { between, columnsOf, drawOption, repriced } from '../draw-options.ts'
import { eachRow } from '../each-row.ts'

const instruments = 32
const spots = 32

const quantLib = {
  name: 'QuantLib',
  target: 0.1,
  agreement: { absolute: 1e-6, relative: 1e-8 },
} as const

const spread = ({ volatility, time }: VanillaParams) => volatility * Math.sqrt(time)

function drawBarrier(rng: Random): BarrierParams {
  const option = drawOption(rng)
  const direction = rng.uniform() < 0.5 ? 'down' : 'up'
  const away = spread(option) * between(rng, 0.3, 1.5)
  const barrier = option.spot * Math.exp(direction === 'up' ? away : -away)
  return { ...option, direction, knock: rng.uniform() < 0.5 ? 'in' : 'out', barrier, rebate: between(rng, 0, 60) }
}

/** A spot that has not touched the barrier. */
const before = ({ direction, barrier }: Pick<BarrierParams, 'direction' | 'barrier'>, spot: number) =>
  direction === 'down' ? Math.max(spot, barrier * 1.002) : Math.min(spot, barrier / 1.002)

const haug = { spot: 100, rate: 0.08, carry: 0.04, volatility: 0.25, time: 0.5 } as const

export const barrierBench = defineBench({
  name: 'barrier',
  unit: 'the value of one option with one barrier and a rebate, of all eight kinds',
  peer: { ...quantLib, script: 'barriers', variant: 'barrier' },
  prepare: () => {
    const rows = repriced({ seed: 11, instruments, spots, draw: drawBarrier, spotOf: before })
    const terms = {
      ...haug,
      kind: 'call',
      direction: 'down',
      knock: 'out',
      strike: 90,
      barrier: 95,
      rebate: 3,
    } as const
    const known = { got: barrierValue(terms), expected: 9.0246, tolerance: 5e-5, source: 'Haug (1998), p. 72' }
    return eachRow({ rows, price: barrierValue, known, columns: columnsOf(rows, instruments) })
  },
})

export const doubleBarrierBench = defineBench({
  name: 'double-barrier',
  unit: 'the value of one option with two barriers',
  peer: { ...quantLib, script: 'barriers', variant: 'double-barrier' },
  prepare: () => {
    const draw = (rng: Random): DoubleBarrierParams => {
      const option = drawOption(rng)
      const [down, up] = [spread(option) * between(rng, 0.8, 2), spread(option) * between(rng, 0.8, 2)]
      const strike = option.spot * Math.exp(between(rng, -0.7 * down, 0.7 * up))
      const corridor = { lower: option.spot * Math.exp(-down), upper: option.spot * Math.exp(up) }
      return { ...option, strike, ...corridor, knock: rng.uniform() < 0.5 ? 'in' : 'out' }
    }
    const spotOf = ({ lower, upper }: DoubleBarrierParams, spot: number) =>
      Math.min(Math.max(spot, lower * 1.002), upper / 1.002)
    const rows = repriced({ seed: 12, instruments, spots, draw, spotOf })
    const market = { spot: 100, rate: 0.1, carry: 0.1, volatility: 0.15, time: 0.25 }
    const terms = { ...market, kind: 'call', knock: 'out', strike: 100, lower: 50, upper: 150 } as const
    const known = { got: doubleBarrierValue(terms), expected: 4.3515, tolerance: 5e-5, source: 'Haug (2006), p. 156' }
    return eachRow({ rows, price: doubleBarrierValue, known, columns: columnsOf(rows, instruments) })
  },
})

export const digitalBench = defineBench({
  name: 'digital',
  unit: 'the value of one cash-or-nothing option; the peer adds Greeks',
  peer: { ...quantLib, script: 'barriers', variant: 'digital' },
  prepare: () => {
    const draw = (rng: Random) => ({ ...drawOption(rng), cash: between(rng, 1, 1_000) })
    const rows = repriced({ seed: 13, instruments, spots, draw })
    const market = { spot: 100, rate: 0.06, carry: 0, volatility: 0.35, time: 0.75 }
    const terms = { ...market, kind: 'put', strike: 80, cash: 10 } as const
    const known = { got: cashOrNothingValue(terms), expected: 2.671, tolerance: 1e-4, source: 'Haug (1998), p. 88' }
    return eachRow({ rows, price: cashOrNothingValue, known, columns: columnsOf(rows, instruments) })
  },
})

export const oneTouchBench = defineBench({
  name: 'one-touch',
  unit: 'the value of cash paid when a barrier is touched; the peer adds Greeks',
  peer: { ...quantLib, script: 'barriers', variant: 'one-touch' },
  prepare: () => {
    const draw = (rng: Random) => {
      const { spot, rate, carry, volatility, time, direction, barrier } = drawBarrier(rng)
      const pays = { in: 'cash', amount: between(rng, 1, 1_000) } as const
      return { spot, rate, carry, volatility, time, direction, barrier, pays }
    }
    const rows = repriced({ seed: 14, instruments, spots, draw, spotOf: before })
    const market = { spot: 105, rate: 0.1, carry: 0.1, volatility: 0.2, time: 0.5 }
    const terms = { ...market, direction: 'down', barrier: 100, pays: { in: 'cash', amount: 15 } } as const
    const known = { got: oneTouchAtHitValue(terms), expected: 9.7264, tolerance: 5e-5, source: 'Haug (1998), p. 95' }
    const flat = rows.map(({ pays, ...rest }) => ({ ...rest, cash: pays.amount }))
    return eachRow({ rows, price: oneTouchAtHitValue, known, columns: columnsOf(flat, instruments) })
  },
})
