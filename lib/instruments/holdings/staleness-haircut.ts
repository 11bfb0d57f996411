// What is taken off a figure for its age: nothing while the next one is not yet due, then more by the day, up to a cap.

import * as z from '../../base/schema.ts'
import type { Ratio, UnixSeconds } from '../../base/units.ts'
import { fractionTerm, groupTerm, optionalTerm, quantityTerm } from '../term-schemas.ts'

const secondsPerDay = 86_400

export interface StalenessRule {
  /** Days after which the next figure is due: no haircut until then. */
  readonly expectedDays: number
  /** Haircut for each day beyond, pro rata. */
  readonly perDay: Ratio
  readonly cap: Ratio
}

export interface Staleness {
  /** 0 for a figure of now or, by clocks that differ, of later. */
  readonly ageDays: number
  readonly haircut: Ratio
  /** d haircut / dt, per year: 0 before it is due and at the cap. */
  readonly haircutPerYear: number
}

/** The optional term `staleness` of a figure; its meaning tells the rule that holds without it. */
export function stalenessTerm(figure: string, { expectedDays, perDay, cap }: StalenessRule) {
  const rule = `{ expectedDays: ${expectedDays}, perDay: ${perDay}, cap: ${cap} }`
  return optionalTerm(
    groupTerm(
      z.strictObject({
        expectedDays: quantityTerm('days after which the next figure is due; no haircut until then', 'days'),
        perDay: fractionTerm('haircut for each day beyond', 'fraction per day'),
        cap: fractionTerm('the largest haircut'),
      }),
      `the haircut min(cap, perDay x days past due) for the age of ${figure}; without it ${rule}`,
    ),
  )
}

/** haircut = min(cap, perDay x max(0, age - expectedDays)), with ages in days. */
export function stalenessOf(
  { expectedDays, perDay, cap }: StalenessRule,
  { asOf, at }: { readonly asOf: UnixSeconds; readonly at: UnixSeconds },
): Staleness {
  const ageDays = Math.max(0, (at - asOf) / secondsPerDay)
  const late = Math.max(0, ageDays - expectedDays)
  const isGrowing = late > 0 && perDay * late < cap
  return { ageDays, haircut: Math.min(cap, perDay * late), haircutPerYear: isGrowing ? perDay * 365 : 0 }
}
