// How each coin answers to equities, the dollar, rates and volatility: betas that forget slowly, over spans that both markets share.

import { isoDate } from '../../../base/calendar.ts'
import type { UnixSeconds } from '../../../base/units.ts'
import { barSeconds } from '../../../model/history.ts'
import type { MacroSeries } from '../../../model/macro.ts'
import type { MacroBeta } from '../../../model/market-model.ts'
import {
  absorbObservation,
  combineRegressors,
  decayRegression,
  type Regression,
  type RegressionSums,
  solveRegression,
  startRegression,
} from '../../../quant/ewma-regression.ts'
import type { ReturnPanel } from '../return-panel.ts'
import { type MacroSpan, type MacroSpans, macroSpans, spanReturns } from './macro-spans.ts'

export interface MacroBetaParams {
  /** Daily bars, or hourly ones; others have no beta worth its noise. */
  readonly panel: ReturnPanel
  readonly macro: readonly MacroSeries[]
  /** Of the panel; all where absent. */
  readonly assets?: readonly string[]
  /** Of the weights, in closes of the series. 250, a trading year, where absent. */
  readonly halfLife?: number
  /** Spans that a beta needs. 60 where absent. */
  readonly least?: number
  /** Nothing that was known later counts. The end of the panel's last bar where absent. */
  readonly at?: UnixSeconds
}

export interface MacroBetas {
  /** By asset and then by series, in the order given; pairs without enough in common are not here. */
  readonly betas: readonly MacroBeta[]
  /** What was left out and why, in sentences. */
  readonly notes: readonly string[]
}

const defaults = { halfLife: 250, least: 60 }
/** A coin without a return over so many of the last spans has no beta any more. */
const patience = 10
const secondsPerDay = 86_400
/** A series without a close for longer is not one of today any more: holidays are shorter. */
const longestSilence = 14 * secondsPerDay

/**
 * Betas as of the last close: weighted least squares with a constant (so demeaned) of the coin's log return on the series' move over the same span, weights
 * halving every `halfLife` closes and in inverse proportion to the days of the span, for a coin trades over the weekend too. `beta` is per unit of the
 * series' move: of a log return it is a ratio, of a yield per percentage point. `joint` holds the others still (all series together on the days they share).
 * `rSquared` and `standardError` are of the weighted fit, which assumes that spans are independent.
 */
export function macroBetas(params: MacroBetaParams): MacroBetas {
  const { panel, macro, assets = panel.assets, least = defaults.least } = params
  const notes: string[] = []
  const at = params.at ?? endOf(panel)
  const alone = macro.map((one) => macroSpans({ panel, series: [one], at }))
  notes.push(...alone.flatMap((spans) => spans.notes))
  const together = macro.length > 1 ? macroSpans({ panel, series: macro, at }) : undefined
  const without = new Map<string, readonly string[]>()
  const betas = assets.flatMap((asset) => {
    const fitted = alone.map((spans) => lastFit({ ...params, asset, spans, at, solve: bounded }))
    const joint = together && lastFit({ ...params, asset, spans: together, at, solve: held(together.columns) })
    return macro.flatMap(({ series }, index): readonly MacroBeta[] => {
      const fit = fitted[index] ?? 'there is none'
      if (typeof fit === 'string') {
        const why = `beta to ${series}: ${fit}.`
        without.set(why, [...(without.get(why) ?? []), asset])
        return []
      }
      const others = joint === undefined || typeof joint === 'string' ? {} : { joint: coefficientOf(joint, index) }
      return [{ ...betaOf({ asset, series, fit }), ...others }]
    })
  })
  for (const [why, ones] of without) notes.push(`${ones.join(', ')} ${ones.length === 1 ? 'has' : 'have'} no ${why}`)
  if (together !== undefined && together.spans.length < least && alone.every(({ spans }) => spans.length >= least))
    notes.push(`The series share ${together.spans.length} spans: too few for betas that hold the others still.`)
  return { betas, notes }
}

/**
 * The same betas as they were known at the end of each bar of the panel, without `joint`: by the start of the bar, from the first that has one on. A date knows
 * nothing of closes after it.
 */
export function macroBetasByDate(params: MacroBetaParams): ReadonlyMap<UnixSeconds, readonly MacroBeta[]> {
  const { panel, macro, assets = panel.assets } = params
  const length = barSeconds[panel.interval]
  const alone = macro.map((one) => macroSpans({ panel, series: [one], at: params.at ?? endOf(panel) }))
  const tracks = assets.flatMap((asset) =>
    alone.map((spans, index) => ({
      asset,
      series: macro[index]?.series ?? '',
      steps: fits({ ...params, asset, spans, solve: bounded }),
    })),
  )
  const running = tracks.map(({ steps }) => ({ steps, next: steps.next() }))
  const current: ({ readonly known: UnixSeconds; readonly beta: MacroBeta } | undefined)[] = tracks.map(() => undefined)
  const byDate = new Map<UnixSeconds, readonly MacroBeta[]>()
  for (const start of panel.starts) {
    for (const [index, run] of running.entries()) {
      const track = tracks[index]
      while (track !== undefined && run.next.done !== true && run.next.value.known <= start + length) {
        const { known } = run.next.value
        const fit = run.next.value.fit()
        current[index] = typeof fit === 'string' ? undefined : { known, beta: betaOf({ ...track, fit }) }
        run.next = run.steps.next()
      }
    }
    const betas = current.flatMap((one) =>
      one === undefined || start + length - one.known > longestSilence ? [] : [one.beta],
    )
    if (betas.length > 0) byDate.set(start, betas)
  }
  return byDate
}

interface MacroFit {
  readonly regression: Regression
  /** The overhang's coefficient over the beta, 0..1. 0 is a market that moves only while it trades, 1 one that never rests. */
  readonly restless: number
}

interface FitParams extends MacroBetaParams {
  readonly asset: string
  readonly spans: MacroSpans
  readonly solve: (sums: RegressionSums) => MacroFit | undefined
}

/** After each span, until the next is asked for: the fit, or in words why there is none. */
function* fits(
  params: FitParams,
): Generator<{ readonly known: UnixSeconds; readonly fit: () => MacroFit | string }, undefined> {
  const { panel, asset, halfLife = defaults.halfLife, least = defaults.least, solve } = params
  const { spans, columns } = params.spans
  const returnOver = spanReturns(panel, asset)
  const sums = startRegression(columns.flat().length)
  const decay = 0.5 ** (1 / halfLife)
  let unseen = 0
  let hasMoved = false
  for (const span of spans) {
    const value = returnOver(span)
    decayRegression(sums, decay)
    unseen = value === undefined ? unseen + 1 : 0
    if (value !== undefined) absorb(sums, span, value)
    hasMoved ||= value !== undefined && value !== 0
    yield { known: span.known, fit: () => whyNot({ sums, unseen, hasMoved, least }) ?? solve(sums) ?? dependent }
  }
}

function absorb(sums: RegressionSums, { from, to, moves }: MacroSpan, value: number): void {
  absorbObservation(sums, [...moves, value], (to - from) / secondsPerDay)
}

const dependent = 'the series never moved, or one follows from the others'

function whyNot(params: {
  readonly sums: RegressionSums
  readonly unseen: number
  readonly hasMoved: boolean
  readonly least: number
}): string | undefined {
  const { sums, unseen, hasMoved, least } = params
  if (sums.count < least) return `they have ${sums.count} spans in common, ${least} are needed`
  if (!hasMoved) return 'its price never moved'
  return unseen >= patience ? `it has had no return over the last ${unseen} spans` : undefined
}

/**
 * Of one series: the overhang's coefficient is held between 0 and the beta, its bounds by construction; free, it would cost the beta half of its precision. On a
 * bound the error is that of the bounded fit.
 */
function bounded(sums: RegressionSums): MacroFit | undefined {
  const free = solveRegression(sums)
  if (sums.regressors === 1) return free && { regression: free, restless: 0 }
  const [beta = 0, overhang = 0] = free?.coefficients ?? []
  if (free !== undefined && overhang * beta >= 0 && Math.abs(overhang) <= Math.abs(beta))
    return { regression: free, restless: beta === 0 ? 0 : overhang / beta }
  const [still, restless] = [0, 1].map((weight) => solveRegression(combineRegressors(sums, [[1, weight]])))
  if (restless !== undefined && restless.rSquared > (still?.rSquared ?? -1))
    return { regression: restless, restless: 1 }
  return still && { regression: still, restless: 0 }
}

/** Of several series: each overhang is as large a part of its move as it is with that series by itself. Errors take that as given. */
function held(columns: MacroSpans['columns']): FitParams['solve'] {
  const places = columns.flat().length
  const only = (place: number) => Array.from({ length: places }, (_, k) => (k === place ? 1 : 0))
  return (sums) => {
    const weights = columns.map((pair) => {
      const { restless = 0 } = bounded(combineRegressors(sums, pair.map(only))) ?? {}
      return Array.from({ length: places }, (_, k) => (k === pair[0] ? 1 : k === pair[1] ? restless : 0))
    })
    const regression = solveRegression(combineRegressors(sums, weights))
    return regression && { regression, restless: 0 }
  }
}

function lastFit(params: FitParams & { readonly at: UnixSeconds }): MacroFit | string {
  const { at } = params
  const known = params.spans.spans.at(-1)?.known
  if (known === undefined) return 'there is no span of the series within the history'
  if (at - known > longestSilence)
    return `its closes end on ${isoDate(known)}, ${Math.floor((at - known) / secondsPerDay)} days before ${isoDate(at)}`
  let last: (() => MacroFit | string) | undefined
  for (const { fit } of fits(params)) last = fit
  return last?.() ?? 'there is no span'
}

/** End of the last bar. */
function endOf(panel: ReturnPanel): UnixSeconds {
  return (panel.starts.at(-1) ?? 0) + barSeconds[panel.interval]
}

function betaOf(params: { readonly asset: string; readonly series: string; readonly fit: MacroFit }): MacroBeta {
  const { asset, series, fit } = params
  const { rSquared, observations } = fit.regression
  return { asset, series, ...coefficientOf(fit, 0), rSquared, observations }
}

/** The coefficient of a series' move, and its error. */
function coefficientOf({ regression: { coefficients, covariance } }: MacroFit, series: number) {
  const p = coefficients.length
  return {
    beta: coefficients[series] ?? 0,
    standardError: Math.sqrt(Math.max(0, covariance[series * p + series] ?? 0)),
  }
}
