// The last lines of `homeostat surface fit`: what the expiries of a surface give away between them.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { UnixSeconds, Years } from '../../lib/base/units.ts'
import { type SviParameters, sviTotalVariance } from '../../lib/quant/surface/svi.ts'
import { calendarReport, repairCalendar } from '../../lib/quant/surface/svi-arbitrage.ts'
import { refusal } from '../json-record.ts'
import { type LineError, lineError } from '../line-outcome.ts'
import { type ArbitrageMode, type SliceFit, short } from './fit-slice.ts'

/** How a slice is called: its id, or else its line. */
type Name = string | number

/** Two neighbouring expiries of which the later has less total variance somewhere. */
export interface CalendarViolation {
  readonly earlier: Name
  readonly later: Name
  /** Least w(later) - w(earlier) and at which k = ln(strike / forward); absent where a wing is to blame. */
  readonly least?: number
  readonly leastAt?: number
  /** The wing that is flatter in the later expiry, so that total variance falls without bound. */
  readonly wing?: 'put' | 'call'
}

export interface CalendarLine {
  readonly calendar: {
    readonly surface?: string
    readonly at?: UnixSeconds
    readonly expiries: number
    /** Before any repair. */
    readonly free: boolean
    readonly violations: readonly CalendarViolation[]
    /** Slices that take the place of those above, lifted by as much total variance. */
    readonly repaired: readonly { readonly slice: Name; readonly lift: number; readonly parameters: SviParameters }[]
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

interface NamedSlice {
  readonly name: Name
  readonly time: Years
  readonly parameters: SviParameters
}

/** Collects the slices of a batch: some 200 bytes each. */
export function expiryCollection(mode: ArbitrageMode) {
  const surfaces = new Map<string, { surface?: string; at?: UnixSeconds; slices: Map<Years, NamedSlice> }>()
  return {
    /** Throws `duplicate-expiry` where the surface has a slice of that time. */
    add({ surface, at, time, parameters }: SliceFit, name: Name): void {
      const key = JSON.stringify([surface, at])
      const held = surfaces.get(key) ?? {
        ...(surface === undefined ? {} : { surface }),
        ...(at === undefined ? {} : { at }),
        slices: new Map<Years, NamedSlice>(),
      }
      const other = held.slices.get(time)
      if (other !== undefined)
        throw refusal('duplicate-expiry', {
          message: `${other.name} has the same expiry in the same surface.`,
          field: 'time',
          rule: 'must be of one line for each surface',
          hint: 'Put all quotes of an expiry on one line; tell surfaces apart by `surface` or `at`.',
        })
      held.slices.set(time, { name, time, parameters })
      surfaces.set(key, held)
    },
    /** One line for each surface, in the order of their first slices. */
    lines(): readonly CalendarLine[] {
      return [...surfaces.values()].map(({ slices, ...named }) => {
        const ascending = [...slices.values()].sort((one, other) => one.time - other.time)
        const { error, ...found } = compareExpiries(ascending, mode)
        return { calendar: { ...named, ...found }, ...(error === undefined ? {} : { error }) }
      })
    },
  }
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
        final[i] = { ...later, parameters: repairCalendar(earlier.parameters, later.parameters) }
      } catch (thrown) {
        if (!isHomeostatError(thrown)) throw thrown
        error ??= { ...lineError(thrown), field: 'calendar', rule: `${earlier.name} and ${later.name} must not cross` }
      }
    }
  const repaired = final.flatMap(({ name, parameters }, i) => {
    const lift = parameters.a - (slices[i]?.parameters.a ?? parameters.a)
    return lift === 0 ? [] : [{ slice: name, lift, parameters }]
  })
  return {
    expiries: slices.length,
    free: violations.length === 0,
    violations,
    repaired,
    term: termOf(final),
    ...(error === undefined ? {} : { error }),
  }
}

function violationOf(earlier: NamedSlice, later: NamedSlice): readonly CalendarViolation[] {
  const { free, least, leastAt } = calendarReport(earlier.parameters, later.parameters)
  if (free) return []
  const names = { earlier: earlier.name, later: later.name }
  return [least > -Infinity ? { ...names, least, leastAt } : { ...names, wing: leastAt < 0 ? 'put' : 'call' }]
}

function refused(violations: readonly CalendarViolation[]): LineError {
  const [first] = violations
  const where = first?.wing === undefined ? `at k ${short(first?.leastAt ?? 0)}` : `in the ${first.wing} wing`
  return {
    code: 'calendar-arbitrage',
    message: `${first?.later} has less total variance than ${first?.earlier} ${where}.`,
    field: 'calendar',
    rule: 'must not fall from one expiry to the next',
    hint: 'Ask for --repair, or look for stale quotes in the two expiries.',
  }
}

function termOf(slices: readonly NamedSlice[]): CalendarLine['calendar']['term'] {
  let before = { time: 0, variance: 0 }
  return slices.map(({ name, time, parameters }) => {
    // A smile whose least variance is 0 may miss it by a rounding error.
    const variance = Math.max(0, sviTotalVariance(parameters, 0))
    const forward = (variance - before.variance) / (time - before.time)
    before = { time, variance }
    const volatility = Math.sqrt(variance / time)
    return { slice: name, time, volatility, ...(forward >= 0 ? { forwardVolatility: Math.sqrt(forward) } : {}) }
  })
}
