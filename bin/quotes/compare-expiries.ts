// After the last slice of `homeostat surface fit`: what the expiries of a surface give away between them.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { UnixSeconds, Years } from '../../lib/base/units.ts'
import { refitSvi } from '../../lib/quant/surface/refit-svi.ts'
import { type SmileQuotes, sviErrors } from '../../lib/quant/surface/smile-quotes.ts'
import { type SviParameters, sviTotalVariance } from '../../lib/quant/surface/svi.ts'
import { calendarReport } from '../../lib/quant/surface/svi-arbitrage.ts'
import { refusal } from '../json-record.ts'
import { type LineError, lineError } from '../line-outcome.ts'
import { areOutside, placeInWords, type StrikeRange, strikeRanges, worstPoint } from './arbitrage-figures.ts'
import { type ArbitrageMode, type FittedSlice, notRepairable, quotedRange, type SliceFit } from './fit-slice.ts'

/** How a slice is called: its id, or else its line. */
type Name = string | number

/** Two neighbouring expiries of which the later has less total variance somewhere. Strikes are those of the later. */
export interface CalendarViolation {
  readonly earlier: Name
  readonly later: Name
  /** Least w(later) - w(earlier) and where; absent where a wing is to blame. */
  readonly least?: number
  readonly leastAt?: number
  readonly leastAtStrike?: number
  /** The wing that is flatter in the later expiry, so that total variance falls without bound. */
  readonly wing?: 'put' | 'call'
  readonly violated: readonly StrikeRange[]
  /** True if all of that lies outside of the strikes quoted for either. */
  readonly isOutsideQuotes: boolean
}

export interface CalendarLine {
  readonly calendar: {
    readonly surface?: string
    readonly at?: UnixSeconds
    readonly expiries: number
    /** Before any repair. */
    readonly free: boolean
    readonly violations: readonly CalendarViolation[]
    /** Slices that take the place of those above, fitted again to the same quotes. */
    readonly repaired: readonly {
      readonly slice: Name
      readonly parameters: SviParameters
      /** Root mean square error in volatility points, before and now. */
      readonly rmsePointsBefore: number
      readonly rmsePoints: number
    }[]
    /** At the money, by time; a forward volatility is of the time since the expiry before, absent where variance falls. */
    readonly term: readonly {
      readonly slice: Name
      readonly time: Years
      readonly volatility: number
      readonly forwardVolatility?: number
    }[]
  }
  readonly error?: LineError
}

export interface NamedSlice {
  readonly name: Name
  readonly fit: SliceFit
  /** As fitted, or as repaired. */
  readonly parameters: SviParameters
  readonly quotes: SmileQuotes
}

/** The expiries of one surface at one instant, times ascending, and the line about them. */
export interface ComparedSurface {
  readonly surface?: string
  readonly at?: UnixSeconds
  readonly slices: readonly NamedSlice[]
  readonly line: CalendarLine
}

/** Collects the slices of a batch with their quotes: some 30 bytes a quote. */
export function expiryCollection(mode: ArbitrageMode) {
  const surfaces = new Map<string, { surface?: string; at?: UnixSeconds; slices: Map<Years, NamedSlice> }>()
  return {
    /** Throws `duplicate-expiry` where the surface has a slice of that time. */
    add({ fit, quotes }: FittedSlice, name: Name): void {
      const { surface, at, time, parameters } = fit
      const key = JSON.stringify([surface, at])
      const held = surfaces.get(key) ?? { ...named({ surface, at }), slices: new Map<Years, NamedSlice>() }
      const other = held.slices.get(time)
      if (other !== undefined)
        throw refusal('duplicate-expiry', {
          message: `${other.name} has the same expiry in the same surface.`,
          field: 'time',
          rule: 'must be of one line for each surface',
          hint: 'Put all quotes of an expiry on one line; tell surfaces apart by `surface` or `at`.',
        })
      held.slices.set(time, { name, fit, parameters, quotes })
      surfaces.set(key, held)
    },
    /** Each surface, in the order of their first slices. */
    compared(): readonly ComparedSurface[] {
      return [...surfaces.values()].map(({ slices, surface, at }) => {
        const ascending = [...slices.values()].sort((one, other) => one.fit.time - other.fit.time)
        const { error, final, ...found } = compareExpiries(ascending, mode)
        const line = { calendar: { ...named({ surface, at }), ...found }, ...(error === undefined ? {} : { error }) }
        return { ...named({ surface, at }), slices: final, line }
      })
    },
  }
}

function named({ surface, at }: { readonly surface: string | undefined; readonly at: UnixSeconds | undefined }) {
  return { ...(surface === undefined ? {} : { surface }), ...(at === undefined ? {} : { at }) }
}

/** Neighbours in time compared; repaired from the first to the last, each later one against the earlier as repaired. */
function compareExpiries(slices: readonly NamedSlice[], mode: ArbitrageMode) {
  const violations = slices.slice(1).flatMap((later, i) => violationOf(slices[i] ?? later, later))
  let error: LineError | undefined
  const final = [...slices]
  if (mode === 'refuse' && violations.length > 0) error = refused(violations)
  if (mode === 'repair')
    for (let i = 1; i < final.length; i += 1) {
      const [earlier, later] = [final[i - 1], final[i]]
      if (earlier === undefined || later === undefined) continue
      try {
        final[i] = { ...later, parameters: above(earlier, later) }
      } catch (thrown) {
        if (!isHomeostatError(thrown)) throw thrown
        const { rule, ...told } = lineError(notRepairable(thrown))
        error ??= {
          ...told,
          field: 'calendar',
          rule: `${earlier.name} and ${later.name} must not cross: the quotes of ${later.name} ${rule}`,
        }
      }
    }
  const repaired = final.flatMap(({ name, parameters, quotes }, i) => {
    const before = slices[i]?.parameters ?? parameters
    const [rmsePointsBefore, rmsePoints] = [before, parameters].map((svi) => 100 * sviErrors(svi, quotes).rmse) as [
      number,
      number,
    ]
    return before === parameters ? [] : [{ slice: name, parameters, rmsePointsBefore, rmsePoints }]
  })
  return {
    expiries: slices.length,
    free: violations.length === 0,
    violations,
    repaired,
    term: termOf(final),
    final,
    ...(error === undefined ? {} : { error }),
  }
}

/** The later slice as it is, or fitted again where it falls below the earlier one. */
function above(earlier: NamedSlice, later: NamedSlice): SviParameters {
  if (calendarReport(earlier.parameters, later.parameters).free) return later.parameters
  return refitSvi(later.quotes, { best: later.parameters, floor: earlier.parameters }).parameters
}

function violationOf(earlier: NamedSlice, later: NamedSlice): readonly CalendarViolation[] {
  const report = calendarReport(earlier.parameters, later.parameters)
  if (report.free) return []
  const { forward } = later.fit
  const [one, other] = [quotedRange(earlier.quotes), quotedRange(later.quotes)]
  return [
    {
      earlier: earlier.name,
      later: later.name,
      ...(report.least > -Infinity ? worstPoint(report, forward) : { wing: report.leastAt < 0 ? 'put' : 'call' }),
      violated: strikeRanges(report.intervals, forward),
      isOutsideQuotes: areOutside(report.intervals, [Math.min(one[0], other[0]), Math.max(one[1], other[1])]),
    },
  ]
}

/** `b has less total variance than a at strikes below 900 (k below -0.8), outside of those quoted`. */
export function violationInWords({ earlier, later, violated, isOutsideQuotes }: CalendarViolation): string {
  return `${later} has less total variance than ${earlier} ${placeInWords(violated, isOutsideQuotes)}`
}

function refused(violations: readonly CalendarViolation[]): LineError {
  return {
    code: 'calendar-arbitrage',
    message: `${violations.map(violationInWords).join('; ')}.`,
    field: 'calendar',
    rule: 'must not fall from one expiry to the next',
    hint: 'Ask for --repair, or look for stale quotes in the two expiries.',
  }
}

function termOf(slices: readonly NamedSlice[]): CalendarLine['calendar']['term'] {
  let before = { time: 0, variance: 0 }
  return slices.map(({ name, fit: { time }, parameters }) => {
    // A smile whose least variance is 0 may miss it by a rounding error.
    const variance = Math.max(0, sviTotalVariance(parameters, 0))
    const forward = (variance - before.variance) / (time - before.time)
    before = { time, variance }
    const volatility = Math.sqrt(variance / time)
    return { slice: name, time, volatility, ...(forward >= 0 ? { forwardVolatility: Math.sqrt(forward) } : {}) }
  })
}
