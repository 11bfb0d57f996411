// Whether value at risk and expected shortfall held where they had not seen the days: a promise is worth what its backtest says.

import type { Ratio, UnixSeconds } from '../../base/units.ts'
import { barSeconds } from '../../model/history.ts'
import { random } from '../../quant/random.ts'
import { acerbiSzekely, type ShortfallTest } from '../../quant/tail/acerbi-szekely.ts'
import {
  christoffersenTest,
  type IndependenceTest,
  kupiecTest,
  type LikelihoodRatio,
} from '../../quant/tail/coverage-tests.ts'
import { holm } from '../../quant/tail/holm.ts'
import { crisisAt } from './known-crises.ts'
import { type BookForecasts, type ForecastParams, rollingForecasts } from './rolling-forecasts.ts'

export interface Breach {
  readonly at: UnixSeconds
  readonly loss: Ratio
  readonly valueAtRisk: Ratio
  readonly expectedShortfall: Ratio
  /** Name of the crisis it lies in. */
  readonly crisis?: string
}

/**
 * `fails`: rejected by Holm's adjustment at 5 %. `doubtful`: a p-value below 0.01 by itself, which among many tests may be chance. `holds`: neither.
 * `too-few`: less than one breach was to be expected. `no-move`: it never moved, and nothing was promised.
 */
export type BacktestVerdict = 'holds' | 'doubtful' | 'fails' | 'too-few' | 'no-move'

export interface LevelBacktest {
  readonly level: Ratio
  readonly observations: number
  readonly expected: number
  readonly breaches: readonly Breach[]
  /** Kupiec: as many breaches as promised. Absent without observations, as are the others. */
  readonly unconditional?: LikelihoodRatio
  /** Christoffersen; absent over several bars. */
  readonly independence?: IndependenceTest
  readonly conditional?: LikelihoodRatio
  /** Acerbi & Szekely's Z1 (sizes) and Z2 (sizes and frequency); absent over several bars, and where an expected shortfall is not above 0. */
  readonly sizes?: ShortfallTest
  readonly shortfall?: ShortfallTest
  /** True: the book neither moved nor was said to. */
  readonly isStill?: true
  /** Least p-value of the family's tests of this row, after Holm's adjustment over all rows. */
  readonly adjusted?: number
  readonly verdict: BacktestVerdict
}

export interface BookBacktest extends BookForecasts {
  readonly levels: readonly LevelBacktest[]
}

export interface Backtest {
  readonly books: readonly BookBacktest[]
  /** Tests that Holm's adjustment is over: Kupiec, Christoffersen's two and Z2 of each book and level. */
  readonly tests: number
  readonly simulations: number
}

/** Simulations of a p-value: its own standard error is 0.2 % at 0.5 %. */
const simulations = 1_000

type Row = Omit<LevelBacktest, 'verdict' | 'adjusted'>

/**
 * One forecast a bar (or one each `horizon` bars, which do not overlap), out of sample: residuals, tails and floors from the bars before the last fit,
 * volatilities from the bars before; the law of volatilities has no estimated parameter. Breaches are losses beyond value at risk.
 */
export function* backtest(params: ForecastParams): Generator<{ readonly done: number; readonly of: number }, Backtest> {
  const forecasts = yield* rollingForecasts(params)
  const rows = forecasts.map((one) => params.levels.map((level, index) => rowOf(one, { params, level, index })))
  const family = rows.flatMap((levels) => levels.map(pValuesOf))
  const adjusted = holm(family.flat())
  let at = 0
  const books = forecasts.map((one, index) => ({
    ...one,
    levels: (rows[index] ?? []).map((row): LevelBacktest => {
      const own = pValuesOf(row)
      const least = Math.min(...adjusted.slice(at, at + own.length))
      at += own.length
      const verdict = verdictOf(row, own, least)
      return own.length === 0 ? { ...row, verdict } : { ...row, adjusted: least, verdict }
    }),
  }))
  return { books, tests: adjusted.length, simulations }
}

function pValuesOf({ unconditional, independence, conditional, shortfall }: Row): readonly number[] {
  return [unconditional, independence, conditional, shortfall].flatMap((test) => test?.pValue ?? [])
}

function verdictOf({ expected, isStill }: Row, own: readonly number[], adjusted: number): BacktestVerdict {
  if (isStill) return 'no-move'
  if (adjusted < 0.05) return 'fails'
  if (expected < 1) return 'too-few'
  return Math.min(...own) < 0.01 ? 'doubtful' : 'holds'
}

function rowOf(
  { forecasts }: BookForecasts,
  { params, level, index }: { readonly params: ForecastParams; readonly level: Ratio; readonly index: number },
): Row {
  const { horizon, panel, seed } = params
  const seconds = horizon * barSeconds[panel.interval]
  const tailOf = (one: BookForecasts['forecasts'][number]) => one.tails[index]
  const hits = Uint8Array.from(forecasts, (one) => (one.loss > (tailOf(one)?.valueAtRisk ?? 0) ? 1 : 0))
  const breaches = forecasts.flatMap((one, t): Breach[] => {
    const tail = tailOf(one)
    if (hits[t] !== 1 || tail === undefined) return []
    const { valueAtRisk, expectedShortfall } = tail
    const crisis = crisisAt(one.at, seconds)
    return [{ at: one.at, loss: one.loss, valueAtRisk, expectedShortfall, ...(crisis === undefined ? {} : { crisis }) }]
  })
  const row = { level, observations: forecasts.length, expected: forecasts.length * (1 - level), breaches }
  if (forecasts.length < 2) return row
  if (forecasts.every((one) => one.loss === 0 && tailOf(one)?.valueAtRisk === 0)) return { ...row, isStill: true }
  const coverage = { observations: forecasts.length, exceedances: breaches.length, probability: 1 - level }
  if (horizon > 1) return { ...row, unconditional: kupiecTest(coverage) }
  const tails = forecasts.flatMap((one) => tailOf(one) ?? [])
  const losses = Float64Array.from(forecasts, ({ loss }) => loss)
  const priced = tails.every(({ expectedShortfall }) => expectedShortfall > 0)
  const tested = priced
    ? acerbiSzekely({ losses, forecasts: tails, level, simulations, random: random(seed) })
    : undefined
  return {
    ...row,
    ...christoffersenTest(hits, 1 - level),
    ...(tested === undefined ? {} : { sizes: tested.z1, shortfall: tested.z2 }),
  }
}
