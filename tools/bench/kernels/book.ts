// Whole books on two underlyings in 10,000 scenarios, from positions as people state them, next to numpy valuing them directly.

import type { PositionTerms } from '../../../lib/instruments/index.ts'
import type { MarketInput } from '../../../lib/instruments/market/market-schema.ts'
import { parseMarket } from '../../../lib/instruments/market/parse-market.ts'
import { revalueBook } from '../../../lib/instruments/revaluation/revalue-book.ts'
import { type Random, random } from '../../../lib/quant/random.ts'
import { type Bench, type Columns, defineBench } from '../define-bench.ts'
import { between } from '../draw-options.ts'
import { endsOf } from '../each-row.ts'

const lines = 500
const scenarios = 10_000
const names = ['ETH', 'BTC'] as const
const now = { ETH: 3_000, BTC: 90_000 }
const rates = { interest: 0.04, carry: 0.025 }
const day = 86_400
const at = 1_795_521_600

const flat = { ETH: 0.6, BTC: 0.45 }
const slices = [30, 365].map((days) => ({
  expiry: at + days * day,
  a: (0.2 * days) / 365,
  b: (0.12 * days) / 365,
  rho: -0.3,
  m: 0.02,
  sigma: 0.25,
}))
/** Every option's volatility follows its moneyness in each scenario. */
const smiles = {
  ETH: { svi: slices, dynamics: 'sticky-delta' },
  BTC: { svi: slices, dynamics: 'sticky-delta' },
} as const satisfies MarketInput['volatility']

type Name = (typeof names)[number]
type Line = readonly [kind: 0 | 1 | 2, ...terms: readonly number[]]

function drawOption(rng: Random, name: Name) {
  const expiry = at + Math.round(between(rng, 7, 730)) * day
  const reach = flat[name] * Math.sqrt((expiry - at) / (365 * day))
  const strike = now[name] * Math.exp(reach * between(rng, -2, 2))
  const terms = {
    asset: name,
    type: rng.uniform() < 0.5 ? 'call' : 'put',
    strike,
    expiry,
    quantity: 20 * rng.normal(),
  } as const
  const row: Line = [0, strike, terms.type === 'call' ? 1 : -1, (expiry - at) / (365 * day), terms.quantity]
  return { position: { kind: 'vanilla-option', terms } as PositionTerms, row }
}

function drawRange(rng: Random, name: Name) {
  const lowerPrice = now[name] * Math.exp(between(rng, -0.5, 0.2))
  const upperPrice = lowerPrice * Math.exp(between(rng, 0.1, 0.8))
  const liquidity = Math.exp(between(rng, 0, 5))
  const terms = { asset0: name, asset1: 'USDC', liquidity, lowerPrice, upperPrice, owed0: 0, owed1: 0 }
  const row: Line = [1, lowerPrice, upperPrice, liquidity, 0]
  return { position: { kind: 'uniswap-v3-range', terms } as PositionTerms, row }
}

function drawSpot(rng: Random, name: Name) {
  const quantity = 10 * rng.normal()
  const row: Line = [2, quantity, 0, 0, 0]
  return { position: { kind: 'spot', terms: { asset: name, quantity } } as PositionTerms, row }
}

/** `mixed`: 400 options, 50 ranges and 50 holdings. */
function drawBook(book: 'options' | 'mixed') {
  const rng = random(11)
  const drawn = Array.from({ length: lines }, (_, i) => {
    const draw = book === 'options' || i < 400 ? drawOption : i < 450 ? drawRange : drawSpot
    const underlying = i % 2
    const { position, row } = draw(rng, names[underlying] ?? 'ETH')
    return { position, row: [underlying, ...row] }
  })
  const spot = Object.fromEntries(
    names.map((name) => [
      name,
      Float64Array.from({ length: scenarios }, () => now[name] * Math.exp(0.2 * rng.normal())),
    ]),
  )
  return { positions: drawn.map(({ position }) => position), rows: drawn.map(({ row }) => row), spot }
}

function columnsOf({ rows, spot }: ReturnType<typeof drawBook>): Columns {
  const column = (k: number) => Float64Array.from(rows, (row) => row[k] ?? 0)
  return {
    ...Object.fromEntries(['underlying', 'kind', 'p', 'q', 'r', 'quantity'].map((name, k) => [name, column(k)])),
    ...Object.fromEntries(names.map((name, k) => [`spots${k}`, spot[name] ?? new Float64Array()])),
    now: Float64Array.from(names, (name) => now[name]),
    volatility: Float64Array.from(names, (name) => flat[name]),
    rates: Float64Array.of(rates.interest, rates.carry),
  }
}

function prepare(params: {
  readonly book: 'options' | 'mixed'
  readonly netting: 'log-spot' | 'none'
  readonly volatility: NonNullable<MarketInput['volatility']>
  readonly n: number
}) {
  const { book, netting, volatility, n } = params
  const drawn = drawBook(book)
  const { positions, spot } = drawn
  const market = parseMarket({
    at,
    spot: { ...now, USDC: 1 },
    interest: rates.interest,
    carry: { ETH: rates.carry, BTC: rates.carry },
    volatility,
  })
  const revalued = (moved: Readonly<Record<string, Float64Array>>, count: number) =>
    revalueBook({ positions, market, scenarios: { count, spot: moved }, netting })
  let pnl: Float64Array = new Float64Array()
  const pass = () => {
    const got = revalued(spot, scenarios)
    if (netting === 'log-spot' && got.path !== 'netted') throw new Error(`Not netted: ${JSON.stringify(got.parts)}`)
    pnl = got.pnl
    return endsOf(pnl)
  }
  // Both spots stay, in the first of two scenarios: nothing is gained or lost. The peer checks the rest.
  const still = Object.fromEntries(names.map((name) => [name, Float64Array.of(now[name], 2 * now[name])]))
  const got = revalued(still, 2).pnl[0] ?? Number.NaN
  const known = { got, expected: 0, tolerance: 1e-5, source: 'the value as the market is less itself' }
  return { n, pass, results: () => pnl, known, columns: columnsOf(drawn) }
}

const direct = `one position in one scenario, of ${lines} positions in ${scenarios} scenarios`
const whole = `a book of ${lines} positions in ${scenarios} scenarios`

function bookBenches(book: 'options' | 'mixed'): readonly Bench[] {
  const peer = { name: 'numpy', script: 'book' } as const
  return [
    defineBench({
      name: `book-${book}-direct`,
      unit: direct,
      peer: { ...peer, variant: 'positions', target: 1, agreement: { absolute: 1e-4, relative: 1e-9 } },
      prepare: () => prepare({ book, netting: 'none', volatility: flat, n: lines * scenarios }),
    }),
    defineBench({
      name: `book-${book}-netted`,
      unit: `${whole}, next to numpy valuing it directly`,
      targetNs: 10e6,
      // What netting may be off by: 1e-6 of gross, which is 91 and 106 million here.
      peer: { ...peer, variant: 'books', agreement: { absolute: 90, relative: 0 } },
      prepare: () => prepare({ book, netting: 'log-spot', volatility: flat, n: 1 }),
    }),
  ]
}

export const optionBookBenches = bookBenches('options')
export const mixedBookBenches = bookBenches('mixed')

export const smileBookBench = defineBench({
  name: 'book-smiles-direct',
  unit: `${direct}, all options, with a volatility by moneyness in each`,
  prepare: () => prepare({ book: 'options', netting: 'none', volatility: smiles, n: lines * scenarios }),
})
