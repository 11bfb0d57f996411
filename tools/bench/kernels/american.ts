// American options: the exact method and two approximations, next to QuantLib's engines for the same.

import { andersenLake } from '../../../lib/quant/options/andersen-lake.ts'
import { baroneAdesiWhaley } from '../../../lib/quant/options/barone-adesi-whaley.ts'
import { bjerksundStensland } from '../../../lib/quant/options/bjerksund-stensland.ts'
import { defineBench } from '../define-bench.ts'
import { columnsOf, drawOption, repriced } from '../draw-options.ts'
import { eachRow } from '../each-row.ts'

const instruments = 16
const spots = 16
const drawn = () => repriced({ seed: 21, instruments, spots, draw: drawOption })
const quantLib = { name: 'QuantLib', script: 'american', target: 1 } as const

export const andersenLakeBench = defineBench({
  name: 'american-andersen-lake',
  unit: 'price and Greeks of one American option, by the standard scheme; the peer gives the price, by its default scheme',
  peer: { ...quantLib, variant: 'andersen-lake', agreement: { absolute: 0.05, relative: 0 } },
  prepare: () => {
    const rows = drawn()
    const market = { spot: 100, rate: 0.05, carry: 0, volatility: 0.25, time: 1 }
    const got = andersenLake({ ...market, kind: 'put', strike: 100 }).earlyExercisePremium
    const known = { got, expected: 0.106952703, tolerance: 1e-6, source: 'Andersen, Lake & Offengenden (2016)' }
    const price = (row: (typeof rows)[number]) => andersenLake(row).price
    return eachRow({ rows, price, known, columns: columnsOf(rows, instruments) })
  },
})

export const baroneAdesiWhaleyBench = defineBench({
  name: 'american-barone-adesi-whaley',
  unit: 'the price of one American option by the quadratic approximation; the peer stops its search earlier',
  peer: { ...quantLib, variant: 'barone-adesi-whaley', agreement: { absolute: 1e-2, relative: 1e-4 } },
  prepare: () => {
    const rows = drawn()
    const market = { spot: 100, rate: 0.1, carry: 0, volatility: 0.15, time: 0.1 }
    const got = baroneAdesiWhaley({ ...market, kind: 'call', strike: 100 })
    const known = { got, expected: 1.8771, tolerance: 5e-4, source: 'Haug (1998), p. 24' }
    return eachRow({ rows, price: baroneAdesiWhaley, known, columns: columnsOf(rows, instruments) })
  },
})

function bjerksundStenslandOf(version: '1993' | '2002') {
  const rows = drawn()
  const market = { spot: 42, rate: 0.04, carry: -0.04, volatility: 0.35, time: 0.75 }
  const got = bjerksundStensland({ ...market, kind: 'call', strike: 40, version: '1993' })
  const known = { got, expected: 5.2704, tolerance: 1e-4, source: 'Haug (1998), p. 27, by the rule of 1993' }
  const columns = columnsOf(rows, instruments)
  return eachRow({ rows: rows.map((row) => ({ ...row, version })), price: bjerksundStensland, known, columns })
}

export const bjerksundStensland1993Bench = defineBench({
  name: 'american-bjerksund-stensland-1993',
  unit: 'the price of one American option by one flat boundary',
  peer: { ...quantLib, variant: 'bjerksund-stensland', agreement: { absolute: 1e-6, relative: 1e-9 } },
  prepare: () => bjerksundStenslandOf('1993'),
})

export const bjerksundStensland2002Bench = defineBench({
  name: 'american-bjerksund-stensland-2002',
  unit: 'the price of one American option by a boundary with one step, which QuantLib does not have',
  prepare: () => bjerksundStenslandOf('2002'),
})
