// One line of `homeostat surface fit`: an expiry's quotes in, its smile out, with how well it fits and what it gives away.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { UnixSeconds, Years } from '../../lib/base/units.ts'
import { calibrateSvi, type SviFit } from '../../lib/quant/surface/calibrate-svi.ts'
import { deltaSkew } from '../../lib/quant/surface/smile-measures.ts'
import { type SviParameters, sviTotalVariance } from '../../lib/quant/surface/svi.ts'
import { type ButterflyReport, butterflyReport, repairButterfly } from '../../lib/quant/surface/svi-arbitrage.ts'
import { sviSmile } from '../../lib/quant/surface/svi-surface.ts'
import { type JsonRecord, readRecord, refusal } from '../json-record.ts'
import { timeOf } from './quote-fields.ts'
import { type LeftOut, sliceQuotes, sliceSchema, type UsableQuote } from './slice-quotes.ts'

/** What becomes of arbitrage: reported, taken out where that is possible and refused where not, or refused. */
export type ArbitrageMode = 'report' | 'repair' | 'refuse'

export interface FitError {
  /** Root mean square, in volatility points (0.01 of volatility). */
  readonly rmsePoints: number
  readonly worst: {
    readonly quote: number
    readonly strike: number
    readonly volatility: number
    readonly fitted: number
    /** Fitted less quoted. */
    readonly errorPoints: number
  }
}

/** Moneyness k is ln(strike / forward). Figures that are not defined are absent. */
export interface ButterflyFigures {
  readonly free: boolean
  /** Least g (Gatheral & Jacquier 2014, eq. 2.1) and where. */
  readonly least?: number
  readonly leastAt?: number
  /** Where g < 0, in k and, if they are numbers, strikes. */
  readonly violated: readonly {
    readonly from: number
    readonly to: number
    readonly strikes?: readonly [number, number]
  }[]
  readonly leastVariance: number
  readonly steepestWing: number
}

export interface SliceFit {
  readonly surface?: string
  readonly at?: UnixSeconds
  readonly expiry?: UnixSeconds
  readonly time: Years
  readonly forward: number
  /** Raw SVI of total variance. */
  readonly parameters: SviParameters
  readonly quotes: number
  readonly fit: FitError
  readonly butterfly: ButterflyFigures
  readonly repaired: boolean
  /** The best fit before it was repaired. */
  readonly before?: { readonly parameters: SviParameters; readonly fit: FitError; readonly butterfly: ButterflyFigures }
  readonly atTheMoneyVolatility: number
  readonly skew25Delta?: {
    /** Call less put volatility at an absolute forward delta of 0.25. */
    readonly riskReversal: number
    readonly butterfly: number
    readonly callStrike: number
    readonly putStrike: number
    readonly callVolatility: number
    readonly putVolatility: number
  }
  readonly leftOut: readonly LeftOut[]
  readonly warnings: readonly string[]
}

/**
 * Fits a raw SVI slice by least squares in volatility. Throws `invalid-input`, `expired`, `too-few-quotes`;
 * `butterfly-arbitrage` when it is to be refused, `butterfly-not-repairable` when it is to be repaired and cannot be.
 */
export function fitSlice(record: JsonRecord, mode: ArbitrageMode): SliceFit {
  const stated = readRecord(sliceSchema, record)
  const { surface, at, expiry, forward } = stated
  const time = timeOf(stated)
  const { usable, leftOut } = sliceQuotes(stated, time)
  const found = bestFit(usable, time)
  const reported = (parameters: SviParameters, butterfly: ButterflyReport) => ({
    parameters,
    fit: fitError(parameters, usable, time),
    butterfly: butterflyFigures(butterfly, forward),
  })
  const first = reported(found.parameters, found.butterfly)
  const isKept = found.butterfly.free || mode === 'report'
  const parameters = isKept ? found.parameters : withoutButterfly(found.parameters, first.butterfly, time, mode)
  const last = isKept ? first : reported(parameters, butterflyReport(parameters))
  const measures = smileFigures(parameters, forward, time)
  return {
    ...(surface === undefined ? {} : { surface }),
    ...(at === undefined ? {} : { at }),
    ...(expiry === undefined ? {} : { expiry }),
    time,
    forward,
    quotes: usable.length,
    ...last,
    repaired: !isKept,
    ...(isKept ? {} : { before: first }),
    ...measures,
    leftOut,
    warnings: warningsOf({ ...last, ...measures, leftOut }, usable, stated.quotes.length),
  }
}

function bestFit(usable: readonly UsableQuote[], time: Years): SviFit {
  const quotes = {
    time,
    logMoneyness: Float64Array.from(usable, ({ moneyness }) => moneyness),
    volatility: Float64Array.from(usable, ({ volatility }) => volatility),
    weight: Float64Array.from(usable, ({ weight }) => weight),
  }
  try {
    return calibrateSvi(quotes, 'report')
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    throw refusal(error.code, {
      message: 'No smile can be fitted to these numbers.',
      field: 'quotes',
      rule: 'must be of a size that sums of their squares can hold',
      hint: 'Look for a time, volatility or weight in a wrong unit.',
    })
  }
}

function withoutButterfly(
  parameters: SviParameters,
  { least, leastAt }: ButterflyFigures,
  time: Years,
  mode: ArbitrageMode,
): SviParameters {
  const where =
    least === undefined ? 'its variance is not positive' : `g is ${short(least)} at k ${short(leastAt ?? 0)}`
  const rule = `must allow a fit without butterfly arbitrage: ${where}`
  if (mode === 'refuse')
    throw refusal('butterfly-arbitrage', {
      message: 'The best fit to these quotes allows a butterfly arbitrage.',
      field: 'quotes',
      rule,
      hint: 'Ask for --repair, or look for a stale quote near that strike, k = ln(strike / forward).',
    })
  try {
    return repairButterfly(parameters, time)
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    const { code, message, hint } = error
    throw refusal(code, { message, field: 'quotes', rule, ...(hint === undefined ? {} : { hint }) })
  }
}

function fitError(parameters: SviParameters, usable: readonly UsableQuote[], time: Years): FitError {
  let squares = 0
  let worst: FitError['worst'] | undefined
  for (const { quote, strike, moneyness, volatility } of usable) {
    const fitted = Math.sqrt(Math.max(0, sviTotalVariance(parameters, moneyness)) / time)
    const errorPoints = 100 * (fitted - volatility)
    squares += errorPoints * errorPoints
    if (worst === undefined || Math.abs(errorPoints) > Math.abs(worst.errorPoints))
      worst = { quote, strike, volatility, fitted, errorPoints }
  }
  if (worst === undefined) throw refusal('too-few-quotes', { message: 'There is no quote to fit to.', field: 'quotes' })
  return { rmsePoints: Math.sqrt(squares / usable.length), worst }
}

function butterflyFigures(report: ButterflyReport, forward: number): ButterflyFigures {
  const { free, least, leastAt, intervals, leastVariance, steepestWing } = report
  return {
    free,
    ...(Number.isFinite(least) ? { least, leastAt } : {}),
    violated: intervals.map(([from, to]) => {
      const strikes = [forward * Math.exp(from), forward * Math.exp(to)] as const
      return { from, to, ...(strikes[0] > 0 && strikes[1] < Infinity ? { strikes } : {}) }
    }),
    leastVariance,
    steepestWing,
  }
}

/** At-the-money volatility, and the skew if the smile has options of that delta. */
function smileFigures(
  parameters: SviParameters,
  forward: number,
  time: Years,
): Pick<SliceFit, 'atTheMoneyVolatility' | 'skew25Delta'> {
  const atTheMoneyVolatility = Math.sqrt(Math.max(0, sviTotalVariance(parameters, 0)) / time)
  try {
    const skew = deltaSkew(sviSmile(parameters), time, 0.25)
    const { riskReversal, butterfly, callVolatility, putVolatility } = skew
    const [callStrike, putStrike] = [forward * Math.exp(skew.callStrike), forward * Math.exp(skew.putStrike)]
    const skew25Delta = { riskReversal, butterfly, callStrike, putStrike, callVolatility, putVolatility }
    return { atTheMoneyVolatility, skew25Delta }
  } catch (error) {
    if (isHomeostatError(error)) return { atTheMoneyVolatility }
    throw error
  }
}

function warningsOf(
  fit: Pick<SliceFit, 'fit' | 'butterfly' | 'skew25Delta' | 'leftOut'>,
  usable: readonly UsableQuote[],
  stated: number,
): readonly string[] {
  const { leftOut, butterfly, skew25Delta } = fit
  const { rmsePoints, worst } = fit.fit
  const strikes = usable.map(({ strike }) => strike)
  const [lowest, highest] = [strikes.reduce((a, b) => Math.min(a, b)), strikes.reduce((a, b) => Math.max(a, b))]
  return [
    ...(leftOut.length > 0 ? [`${leftOut.length} of ${stated} quotes are left out`] : []),
    ...(rmsePoints > 1 ? [`a poor fit: ${short(worst.errorPoints)} points off at strike ${worst.strike}`] : []),
    ...(butterfly.free ? [] : ['the smile allows a butterfly arbitrage']),
    ...(skew25Delta === undefined ? ['the smile has no options of 25 delta'] : []),
    ...(skew25Delta !== undefined && skew25Delta.putStrike < lowest
      ? ['the 25-delta put lies below all strikes quoted: its volatility is extrapolated']
      : []),
    ...(skew25Delta !== undefined && skew25Delta.callStrike > highest
      ? ['the 25-delta call lies above all strikes quoted: its volatility is extrapolated']
      : []),
  ]
}

/** Four digits, for sentences. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
