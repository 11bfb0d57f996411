// Options as a crypto book holds them, drawn from a seed: inputs of the benchmarks, as objects and as the columns that a peer reads.

import type { EuropeanBatch } from '../../lib/quant/options/black-batch.ts'
import type { VanillaParams } from '../../lib/quant/options/lognormal.ts'
import { type Random, random } from '../../lib/quant/random.ts'
import type { Columns } from './define-bench.ts'

const DAYS_PER_YEAR = 365

export const between = (rng: Random, from: number, to: number): number => from + (to - from) * rng.uniform()

/**
 * A call or a put on something worth about 3,000, 1 day to 2 years from expiry (whole days, which is what a calendar of
 * QuantLib can say), volatility 25% to 120%, struck within about three deviations of the spot.
 */
export function drawOption(rng: Random): VanillaParams {
  const days = Math.round(Math.exp(between(rng, 0, Math.log(2 * DAYS_PER_YEAR))))
  const time = days / DAYS_PER_YEAR
  const volatility = between(rng, 0.25, 1.2)
  const rate = between(rng, 0.005, 0.08)
  const spot = 3_000 * Math.exp(0.2 * rng.normal())
  return {
    kind: rng.uniform() < 0.5 ? 'call' : 'put',
    spot,
    strike: spot * Math.exp(volatility * Math.sqrt(time) * between(rng, -2.5, 2.5)),
    time,
    volatility,
    rate,
    carry: rate - between(rng, 0, 0.06),
  }
}

/**
 * What repricing looks like: op i is instrument i modulo their number, seen at a new spot within a tenth or so of its
 * own, so that a peer holds the instruments, moves a quote and asks again. `spotOf` keeps a spot where the instrument is
 * alive, as inside of its barriers.
 */
export function repriced<T extends { readonly spot: number }>(params: {
  readonly seed: number
  readonly instruments: number
  readonly spots: number
  readonly draw: (rng: Random) => T
  readonly spotOf?: (instrument: T, spot: number) => number
}): readonly T[] {
  const { seed, instruments, spots, draw, spotOf = (_, spot) => spot } = params
  const rng = random(seed)
  const drawn = Array.from({ length: instruments }, () => draw(rng))
  return Array.from({ length: spots }, () =>
    drawn.map((one) => ({ ...one, spot: spotOf(one, one.spot * Math.exp(0.08 * rng.normal())) })),
  ).flat()
}

/** How words travel to a peer. */
const codes: Readonly<Record<string, number>> = { call: 1, put: -1, up: 1, down: -1, in: 1, out: -1 }

/** Each numeric or coded field of the rows as a column; `instruments` goes along for a peer that holds them. */
export function columnsOf(rows: readonly object[], instruments?: number): Columns {
  const fields = Object.keys(rows[0] ?? {})
  const columns = fields.map((field): readonly [string, Float64Array] => {
    const values = rows.map((row) => (row as Readonly<Record<string, unknown>>)[field])
    return [
      field,
      Float64Array.from(values, (value) => (typeof value === 'string' ? codes[value] : Number(value)) ?? Number.NaN),
    ]
  })
  return {
    ...Object.fromEntries(columns),
    ...(instruments === undefined ? {} : { instruments: Float64Array.of(instruments) }),
  }
}

/** n options as the columns of a batch. */
export function drawBatch(n: number, seed: number): EuropeanBatch {
  const rng = random(seed)
  const rows = Array.from({ length: n }, () => drawOption(rng))
  const column = (field: 'spot' | 'strike' | 'time' | 'volatility' | 'rate' | 'carry') =>
    Float64Array.from(rows, (row) => row[field])
  return {
    kind: Int8Array.from(rows, ({ kind }) => (kind === 'call' ? 1 : -1)),
    spot: column('spot'),
    strike: column('strike'),
    time: column('time'),
    volatility: column('volatility'),
    rate: column('rate'),
    carry: column('carry'),
  }
}

/** The columns of a batch as a peer reads them. */
export const batchColumns = (batch: EuropeanBatch | Omit<EuropeanBatch, 'volatility'>): Columns =>
  Object.fromEntries(Object.entries(batch).map(([name, values]) => [name, Float64Array.from(values)]))
