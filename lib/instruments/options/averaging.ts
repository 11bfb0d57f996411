// Which part of an average is known at an instant and which is to come: from dates to the arguments of the kernels.

import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Usd, Years } from '../../base/units.ts'
import { choiceTerm, instantTerm, listTerm, optionalTerm, priceTerm } from '../term-schemas.ts'

/** Fresh schemas. */
export function averagingTerms() {
  return {
    average: choiceTerm(['arithmetic', 'geometric'], 'which mean of the prices is paid on'),
    averagingStart: optionalTerm(
      instantTerm('when averaging begins; from there to the expiry all prices count. Instead of fixings'),
    ),
    fixings: optionalTerm(listTerm(instantTerm('fixing'), 'instants whose prices are averaged, ascending')),
    averageSoFar: optionalTerm(
      priceTerm('average of the prices up to `averagedUntil`, geometric if the option is; later ones follow the spot'),
    ),
    averagedUntil: optionalTerm(instantTerm('up to when `averageSoFar` counts, the instant included')),
  }
}

export interface AveragingTerms {
  readonly average: 'arithmetic' | 'geometric'
  readonly expiry: UnixSeconds
  readonly averagingStart?: UnixSeconds | undefined
  readonly fixings?: readonly UnixSeconds[] | undefined
  readonly averageSoFar?: Usd | undefined
  readonly averagedUntil?: UnixSeconds | undefined
}

const MOST_FIXINGS = 10_000

function areFixings(fixings: readonly UnixSeconds[], expiry: UnixSeconds): boolean {
  const ascend = fixings.every((date, i) => i === 0 || date > (fixings[i - 1] ?? date))
  return ascend && fixings.length > 0 && fixings.length <= MOST_FIXINGS && (fixings.at(-1) ?? expiry) <= expiry
}

/** Rules between the terms. */
export const averagingRules = [
  z.refine<AveragingTerms>(
    ({ averagingStart, fixings }) => (averagingStart === undefined) !== (fixings === undefined),
    {
      path: ['averagingStart'],
      message: 'must be stated, or fixings instead of it, not both',
    },
  ),
  z.refine<AveragingTerms>(({ averagingStart, expiry }) => averagingStart === undefined || averagingStart < expiry, {
    path: ['averagingStart'],
    message: 'must be before the expiry',
  }),
  z.refine<AveragingTerms>(({ fixings, expiry }) => fixings === undefined || areFixings(fixings, expiry), {
    path: ['fixings'],
    message: 'must be 1 to 10,000 instants that ascend and do not pass the expiry',
  }),
  z.refine<AveragingTerms>((terms) => (terms.averageSoFar === undefined) === (terms.averagedUntil === undefined), {
    path: ['averagedUntil'],
    message: 'must be stated with averageSoFar, and only with it',
  }),
  z.refine<AveragingTerms>(
    ({ averagedUntil: until, averagingStart, fixings, expiry }) =>
      until === undefined || (until >= (averagingStart ?? fixings?.[0] ?? until) && until <= expiry),
    { path: ['averagedUntil'], message: 'must be from averagingStart, or the first fixing, to the expiry' },
  ),
] as const

type Mean = AveragingTerms['average']

/** Weighted mean; a weight above 1 takes back what was counted too early. */
function mixed(mean: Mean, one: Usd, weight: number, other: Usd): Usd {
  const mix =
    mean === 'arithmetic' ? weight * one + (1 - weight) * other : one * Math.exp((1 - weight) * Math.log(other / one))
  return mix > 0 && mix < Number.POSITIVE_INFINITY ? mix : one
}

export interface AverageSoFar {
  readonly average: Usd
  /** How much of it is taken at the spot of now, for want of the prices. */
  readonly shareOfSpot: number
}

/**
 * The average from `start` to now, or to the expiry once that is past; undefined before averaging begins. From `averagedUntil` on the spot is taken, so that
 * time passes smoothly.
 */
export function averageSince(
  terms: AveragingTerms & { readonly averagingStart: UnixSeconds },
  at: UnixSeconds,
  spot: Usd,
): AverageSoFar | undefined {
  const { averagingStart: start, expiry, averageSoFar = spot, averagedUntil = start } = terms
  const now = Math.min(at, expiry)
  if (now <= start) return undefined
  const weight = (averagedUntil - start) / (now - start)
  return { average: mixed(terms.average, averageSoFar, weight, spot), shareOfSpot: Math.max(0, 1 - weight) }
}

export interface FixingsSoFar {
  /** Absent: none is past. */
  readonly past?: AverageSoFar & { readonly count: number }
  /** Instants to come. */
  readonly coming: readonly UnixSeconds[]
  /** Past ones that are no part of the average so far. */
  readonly missing: number
}

/** Fixings by whether they are known; those of the past that are not in `averageSoFar` are taken at the spot. */
export function fixingsSince(
  terms: AveragingTerms & { readonly fixings: readonly UnixSeconds[] },
  at: UnixSeconds,
  spot: Usd,
): FixingsSoFar {
  const { fixings, average, averageSoFar = spot, averagedUntil = Number.NEGATIVE_INFINITY } = terms
  const counted = fixings.filter((fixing) => fixing <= averagedUntil).length
  const count = fixings.filter((fixing) => fixing <= averagedUntil || fixing <= at).length
  const missing = fixings.filter((fixing) => fixing > averagedUntil && fixing < at).length
  const coming = fixings.slice(count)
  if (count === 0) return { coming, missing }
  const weight = counted / count
  return {
    past: { count, average: mixed(average, averageSoFar, weight, spot), shareOfSpot: 1 - weight },
    coming,
    missing,
  }
}

/** Years from an instant to dates after it. */
export function yearsFrom(at: UnixSeconds, dates: readonly UnixSeconds[]): readonly Years[] {
  return dates.map((date) => (date - at) / secondsPerYear)
}
