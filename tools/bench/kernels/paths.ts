// Lookbacks, Asians and the exchange of two assets in closed form, next to QuantLib's analytic engines.

import { kemnaVorstAsian, turnbullWakemanAsian } from '../../../lib/quant/options/asian.ts'
import { type ExchangeParams, exchangeGreeks, exchangeValue } from '../../../lib/quant/options/exchange.ts'
import { fixedLookbackValue, floatingLookbackValue } from '../../../lib/quant/options/lookback.ts'
import { partialFloatingLookbackValue } from '../../../lib/quant/options/partial-lookback.ts'
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

/** An option whose price has been lower (a call) or higher (a put) than it is. */
function drawLookback(rng: Random) {
  const option = drawOption(rng)
  const sofar = option.volatility * Math.sqrt(option.time) * between(rng, 0, 1)
  return { ...option, extremum: option.spot * Math.exp(option.kind === 'call' ? -sofar : sofar) }
}
type Lookback = ReturnType<typeof drawLookback>

const notBeyond = ({ kind, extremum }: Lookback, spot: number) =>
  kind === 'call' ? Math.max(spot, extremum) : Math.min(spot, extremum)

export const floatingLookbackBench = defineBench({
  name: 'lookback-floating',
  unit: 'the value of one lookback option with floating strike',
  peer: { ...quantLib, script: 'paths', variant: 'lookback-floating' },
  prepare: () => {
    const rows = repriced({ seed: 15, instruments, spots, draw: drawLookback, spotOf: notBeyond })
    const market = { spot: 120, rate: 0.1, carry: 0.04, volatility: 0.3, time: 0.5 }
    const got = floatingLookbackValue({ ...market, kind: 'call', extremum: 100 })
    const known = { got, expected: 25.3533, tolerance: 1e-4, source: 'Haug (1998), p. 61' }
    return eachRow({ rows, price: floatingLookbackValue, known, columns: columnsOf(rows, instruments) })
  },
})

export const fixedLookbackBench = defineBench({
  name: 'lookback-fixed',
  unit: 'the value of one lookback option with fixed strike',
  peer: { ...quantLib, script: 'paths', variant: 'lookback-fixed' },
  prepare: () => {
    const draw = (rng: Random) => {
      const { kind, extremum, ...rest } = drawLookback(rng)
      // What counts for a call with fixed strike is the highest price so far, for a put the lowest.
      return { ...rest, kind: kind === 'call' ? ('put' as const) : ('call' as const), extremum }
    }
    const spotOf = (one: Lookback, spot: number) =>
      one.kind === 'call' ? Math.min(spot, one.extremum) : Math.max(spot, one.extremum)
    const rows = repriced({ seed: 16, instruments, spots, draw, spotOf })
    const market = { spot: 100, rate: 0.1, carry: 0.1, volatility: 0.2, time: 0.5 }
    const got = fixedLookbackValue({ ...market, kind: 'call', strike: 95, extremum: 100 })
    const known = { got, expected: 18.9263, tolerance: 1e-4, source: 'Haug (1998), p. 63' }
    return eachRow({ rows, price: fixedLookbackValue, known, columns: columnsOf(rows, instruments) })
  },
})

export const partialLookbackBench = defineBench({
  name: 'lookback-partial',
  unit: 'the value of one lookback option with floating strike that looks back on a first part of its life',
  peer: { ...quantLib, script: 'paths', variant: 'lookback-partial' },
  prepare: () => {
    const draw = (rng: Random) => {
      const option = drawLookback(rng)
      const days = Math.max(2, Math.round(option.time * 365))
      const lookbackTime = Math.max(1, Math.round(days * between(rng, 0.1, 0.9))) / 365
      return { ...option, time: days / 365, lookbackTime, multiple: 1 }
    }
    const rows = repriced({ seed: 17, instruments, spots, draw, spotOf: notBeyond })
    const market = { spot: 90, rate: 0.06, carry: 0.06, volatility: 0.1, time: 1 }
    const terms = { ...market, kind: 'call', extremum: 90, multiple: 1, lookbackTime: 0.25 } as const
    const got = partialFloatingLookbackValue(terms)
    const known = { got, expected: 8.6524, tolerance: 1e-4, source: 'Haug (2006), p. 146' }
    return eachRow({ rows, price: partialFloatingLookbackValue, known, columns: columnsOf(rows, instruments) })
  },
})

export const turnbullWakemanBench = defineBench({
  name: 'asian-turnbull-wakeman',
  unit: 'the value of one option on the arithmetic average of 10 to 59 fixings',
  peer: { ...quantLib, script: 'paths', variant: 'asian-turnbull-wakeman' },
  prepare: () => {
    const draw = (rng: Random) => {
      const [count, step] = [10 + rng.below(50), 1 + rng.below(7)]
      const option = { ...drawOption(rng), time: (count * step) / 365 }
      const strike = option.spot * Math.exp(option.volatility * Math.sqrt(option.time) * between(rng, -1, 1))
      return { ...option, strike, step, fixings: Array.from({ length: count }, (_, i) => ((i + 1) * step) / 365) }
    }
    const rows = repriced({ seed: 18, instruments, spots, draw })
    const fixings = Array.from({ length: 26 }, (_, i) => (i + 1) / 52)
    const market = { spot: 100, rate: 0.05, carry: 0, volatility: 0.2, time: 0.5 }
    const got = turnbullWakemanAsian({ ...market, kind: 'call', strike: 80, fixings })
    const known = { got, expected: 19.5152, tolerance: 2.5e-3, source: 'Haug (2006), table 4-28' }
    const columns = columnsOf(
      rows.map(({ fixings, ...rest }) => ({ ...rest, count: fixings.length })),
      instruments,
    )
    return eachRow({ rows, price: turnbullWakemanAsian, known, columns })
  },
})

export const kemnaVorstBench = defineBench({
  name: 'asian-kemna-vorst',
  unit: 'the value of one option on the geometric average over its whole life; the peer adds Greeks',
  peer: { ...quantLib, script: 'paths', variant: 'asian-kemna-vorst' },
  prepare: () => {
    const draw = (rng: Random) => {
      const option = drawOption(rng)
      return { ...option, averagingPeriod: option.time }
    }
    const rows = repriced({ seed: 19, instruments, spots, draw })
    const market = { spot: 80, rate: 0.05, carry: 0.08, volatility: 0.2, time: 0.25 }
    const got = kemnaVorstAsian({ ...market, kind: 'put', strike: 85, averagingPeriod: 0.25 })
    const known = { got, expected: 4.6922, tolerance: 1e-4, source: 'Haug (1998), p. 96' }
    return eachRow({ rows, price: kemnaVorstAsian, known, columns: columnsOf(rows, instruments) })
  },
})

/** ETH against BTC, say: 1 to 10 units of each side. */
function drawExchange(rng: Random): ExchangeParams & { readonly spot: number } {
  const { spot, volatility, time } = drawOption(rng)
  const [quantity1, quantity2] = [1 + rng.below(10), 1 + rng.below(10)]
  const spot2 = ((spot * quantity1) / quantity2) * Math.exp(volatility * Math.sqrt(time) * between(rng, -1.5, 1.5))
  const yields = { dividendYield1: between(rng, 0, 0.06), dividendYield2: between(rng, 0, 0.06) }
  const vols = { vol1: volatility, vol2: between(rng, 0.25, 1.2), correlation: between(rng, -0.3, 0.9) }
  return { spot, spot1: spot, spot2, quantity1, quantity2, ...yields, ...vols, time }
}

function drawnExchanges() {
  const drawn = repriced({ seed: 20, instruments, spots, draw: drawExchange })
  return drawn.map((row) => ({ ...row, spot1: row.spot }))
}

function knownExchange() {
  const terms = { spot1: 22, spot2: 20, quantity1: 1, quantity2: 1, dividendYield1: 0.06, dividendYield2: 0.04 }
  const got = exchangeValue({ ...terms, vol1: 0.2, vol2: 0.15, correlation: -0.5, time: 0.1 })
  return { got, expected: 2.125, tolerance: 1e-3, source: 'Haug (1998), p. 52' }
}

export const margrabeBench = defineBench({
  name: 'margrabe',
  unit: 'the value of one option to exchange two assets; the peer adds Greeks',
  peer: { ...quantLib, script: 'paths', variant: 'margrabe' },
  prepare: () => {
    const rows = drawnExchanges()
    return eachRow({ rows, price: exchangeValue, known: knownExchange(), columns: columnsOf(rows, instruments) })
  },
})

export const margrabeGreeksBench = defineBench({
  name: 'margrabe-greeks',
  unit: 'value and Greeks of one option to exchange two assets, and so does the peer',
  peer: { ...quantLib, script: 'paths', variant: 'margrabe' },
  prepare: () => {
    const rows = drawnExchanges()
    const values = new Float64Array(rows.length)
    const pass = () => {
      let sum = 0
      for (let i = 0; i < rows.length; i += 1) {
        const row = rows[i] as (typeof rows)[number]
        const value = exchangeValue(row)
        const { delta1, delta2, gamma1, gamma2, crossGamma, vega1, vega2, theta } = exchangeGreeks(row)
        values[i] = value
        sum += value + delta1 + delta2 + gamma1 + gamma2 + crossGamma + vega1 + vega2 + theta
      }
      return sum
    }
    return {
      n: rows.length,
      pass,
      results: () => values,
      known: knownExchange(),
      columns: columnsOf(rows, instruments),
    }
  },
})
