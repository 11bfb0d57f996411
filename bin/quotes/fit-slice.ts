// One expiry of `homeostat surface fit`: its quotes in, its smile out, with how well it fits and what it gives away.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { UnixSeconds, Years } from '../../lib/base/units.ts'
import { calibrateSvi, type SviFit } from '../../lib/quant/surface/calibrate-svi.ts'
import { refitSvi } from '../../lib/quant/surface/refit-svi.ts'
import { deltaSkew } from '../../lib/quant/surface/smile-measures.ts'
import type { SmileQuotes } from '../../lib/quant/surface/smile-quotes.ts'
import { type SviParameters, sviTotalVariance } from '../../lib/quant/surface/svi.ts'
import { type ButterflyReport, butterflyReport } from '../../lib/quant/surface/svi-arbitrage.ts'
import { sviSmile } from '../../lib/quant/surface/svi-surface.ts'
import { type JsonRecord, readRecord, refusal } from '../json-record.ts'
import { type ButterflyFigures, butterflyFigures, placeInWords, type QuotedRange, short } from './arbitrage-figures.ts'
import { timeOf } from './quote-fields.ts'
import { type LeftOut, type StatedSlice, sliceQuotes, sliceSchema, type UsableQuote } from './slice-quotes.ts'

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

export interface SliceFit {
  readonly surface?: string
  readonly at?: UnixSeconds
  readonly expiry?: UnixSeconds
  readonly time: Years
  readonly spot?: number
  readonly forward: number
  /** Raw SVI of total variance in k = ln(strike / forward). */
  readonly parameters: SviParameters
  readonly quotes: number
  readonly quotedStrikes: { readonly lowest: number; readonly highest: number }
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

/** A smile with the quotes that it was fitted to: a later repair fits them again. */
export interface FittedSlice {
  readonly fit: SliceFit
  readonly quotes: SmileQuotes
}

/** The smile of a line that holds all quotes of an expiry; see {@link fitSlice}. */
export function fitSliceLine(record: JsonRecord, mode: ArbitrageMode): FittedSlice {
  return fitSlice(readRecord(sliceSchema, record), mode)
}

/**
 * Fits a raw SVI slice by least squares in volatility. Throws `invalid-input`, `expired`, `too-few-quotes`;
 * `butterfly-arbitrage` when it is to be refused, `butterfly-not-repairable` when it is to be repaired and cannot be.
 */
export function fitSlice(stated: StatedSlice, mode: ArbitrageMode): FittedSlice {
  const { surface, at, expiry, spot, forward } = stated
  const time = timeOf(stated)
  const { usable, leftOut } = sliceQuotes(stated, time)
  const quotes: SmileQuotes = {
    time,
    logMoneyness: Float64Array.from(usable, ({ moneyness }) => moneyness),
    volatility: Float64Array.from(usable, ({ volatility }) => volatility),
    weight: Float64Array.from(usable, ({ weight }) => weight),
  }
  const found = bestFit(quotes)
  const range = quotedRange(quotes)
  const reported = (parameters: SviParameters, butterfly: ButterflyReport) => ({
    parameters,
    fit: fitError(parameters, usable, time),
    butterfly: butterflyFigures(butterfly, forward, range),
  })
  const first = reported(found.parameters, found.butterfly)
  const isKept = found.butterfly.free || mode === 'report'
  const parameters = isKept ? found.parameters : withoutButterfly(found.parameters, first.butterfly, quotes, mode)
  const last = isKept ? first : reported(parameters, butterflyReport(parameters))
  const before = isKept ? {} : { before: first }
  const measures = smileFigures(parameters, forward, time)
  const quotedStrikes = {
    lowest: usable.reduce((least, { strike }) => Math.min(least, strike), Infinity),
    highest: usable.reduce((most, { strike }) => Math.max(most, strike), 0),
  }
  const fit: SliceFit = {
    ...(surface === undefined ? {} : { surface }),
    ...(at === undefined ? {} : { at }),
    ...(expiry === undefined ? {} : { expiry }),
    time,
    ...(spot === undefined ? {} : { spot }),
    forward,
    quotes: usable.length,
    quotedStrikes,
    ...last,
    repaired: !isKept,
    ...before,
    ...measures,
    leftOut,
    warnings: warningsOf({ ...last, ...before, ...measures, quotedStrikes, leftOut }, usable, stated.quotes.length),
  }
  return { fit, quotes }
}

export function quotedRange({ logMoneyness }: SmileQuotes): QuotedRange {
  return [
    logMoneyness.reduce((a, b) => Math.min(a, b), Infinity),
    logMoneyness.reduce((a, b) => Math.max(a, b), -Infinity),
  ]
}

function bestFit(quotes: SmileQuotes): SviFit {
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
  best: SviParameters,
  { least, leastAt, leastAtStrike, violated, isOutsideQuotes }: ButterflyFigures,
  quotes: SmileQuotes,
  mode: ArbitrageMode,
): SviParameters {
  if (mode === 'refuse') {
    const depth =
      least === undefined
        ? ''
        : `g is ${short(least)} at strike ${short(leastAtStrike ?? 0)} (k ${short(leastAt ?? 0)}), below 0 `
    const where =
      violated.length === 0
        ? 'its variance or its wings are out of bounds'
        : `${depth}${placeInWords(violated, isOutsideQuotes === true)}`
    throw refusal('butterfly-arbitrage', {
      message: 'The best fit to these quotes allows a butterfly arbitrage.',
      field: 'quotes',
      rule: `must allow a fit without butterfly arbitrage: ${where}`,
      hint:
        isOutsideQuotes === true
          ? 'Ask for --repair: the quotes themselves need not be wrong.'
          : 'Ask for --repair, or look for a stale quote near that strike.',
    })
  }
  try {
    return refitSvi(quotes, { best }).parameters
  } catch (error) {
    throw notRepairable(error)
  }
}

/** The refusal of a repair, with how far off it would be. */
export function notRepairable(error: unknown): unknown {
  if (!isHomeostatError(error) || typeof error.facts.farthest !== 'number') return error
  const { code, message, facts, hint } = error
  const points = (fact: unknown) => (typeof fact === 'number' && fact < Infinity ? short(100 * fact) : 'any number of')
  return refusal(code, {
    message,
    field: 'quotes',
    rule: `must be within ${points(facts.farthest)} volatility points (root mean square) of a smile without arbitrage; the closest is ${points(facts.error)} points off, the best fit with it ${points(facts.errorOfBest)}`,
    ...(hint === undefined ? {} : { hint }),
  })
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

/** Above this a volatility is rarer than one that was meant in per cent. */
const highVolatility = 3

function warningsOf(
  found: Pick<SliceFit, 'fit' | 'before' | 'butterfly' | 'skew25Delta' | 'quotedStrikes' | 'leftOut'>,
  usable: readonly UsableQuote[],
  stated: number,
): readonly string[] {
  const { fit, before, butterfly, skew25Delta, quotedStrikes, leftOut } = found
  const { rmsePoints, worst } = fit
  const { lowest, highest } = quotedStrikes
  const high = usable.filter(({ volatility }) => volatility > highVolatility)
  const [rare] = high
  const where = placeInWords(butterfly.violated, butterfly.isOutsideQuotes === true)
  return [
    ...(leftOut.length > 0 ? [`${leftOut.length} of ${stated} quotes are left out`] : []),
    ...(rare === undefined
      ? []
      : [
          `${high.length} of ${stated} volatilities are above 300 %, ${short(100 * rare.volatility)} % at strike ${rare.strike}: 0.6 is 60 %`,
        ]),
    ...(rmsePoints > 1 ? [`a poor fit: ${short(worst.errorPoints)} points off at strike ${worst.strike}`] : []),
    ...(butterfly.free ? [] : [`the smile allows a butterfly arbitrage${where === '' ? '' : ` ${where}`}`]),
    ...(before === undefined
      ? []
      : [
          `fitted again without butterfly arbitrage: ${short(rmsePoints)} points off the quotes (root mean square), ${short(before.fit.rmsePoints)} before`,
        ]),
    ...(skew25Delta === undefined ? ['the smile has no options of 25 delta'] : []),
    ...(skew25Delta !== undefined && skew25Delta.putStrike < lowest
      ? ['the 25-delta put lies below all strikes quoted: its volatility is extrapolated']
      : []),
    ...(skew25Delta !== undefined && skew25Delta.callStrike > highest
      ? ['the 25-delta call lies above all strikes quoted: its volatility is extrapolated']
      : []),
  ]
}
