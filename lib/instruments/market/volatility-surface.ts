// Implied volatility by expiry and moneyness, as it was fitted.

import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type SviParameters, sviBend, sviSlope, sviTotalVariance } from '../../quant/surface/svi.ts'

export interface VolatilityPoint {
  readonly expiry: UnixSeconds
  /** Per square root of a year, 1.00 is 100 %. */
  readonly volatility: number
}

export interface SviExpiry {
  readonly expiry: UnixSeconds
  /** Raw SVI of total variance in k = ln(strike / forward). */
  readonly parameters: SviParameters
}

/** `flat`: one number. `term`: by expiry, the same for all strikes. `svi`: a smile for each expiry. Expiries ascend. */
export type VolatilitySurface =
  | { readonly kind: 'flat'; readonly volatility: number }
  | { readonly kind: 'term'; readonly points: readonly VolatilityPoint[] }
  | { readonly kind: 'svi'; readonly slices: readonly SviExpiry[] }

/**
 * What a strike's volatility does when the spot moves. `sticky-strike`: it stays; `sticky-delta`: the smile moves along, a strike takes the volatility of
 * its new moneyness ln(K / F) (and so, nearly, of its delta). Forwards follow the spot in either.
 */
export type VolatilityDynamics = 'sticky-strike' | 'sticky-delta'

/** An underlying's surface as it was fitted. As time passes, each expiry keeps its volatilities. */
export interface AssetVolatility {
  readonly surface: VolatilitySurface
  readonly dynamics: VolatilityDynamics
  /** When and at which spot it was fitted. */
  readonly asOf: UnixSeconds
  readonly anchor: Usd
  /** Added to every volatility; the result is never below 0. A bump. */
  readonly shift: number
  /** Before the shift every volatility is multiplied by this; absent: by 1. A stress. */
  readonly scale?: TermScale
}

/** A relative shock of volatilities that is larger the nearer the expiry, as venues' margin models have it. */
export interface TermScale {
  /** A volatility of 30 days is multiplied by this: 1.45 is 45 % higher. */
  readonly at30Days: number
  /** When it strikes: days to an expiry count from here. */
  readonly from: UnixSeconds
}

const [secondsPerDay, scalePower] = [86_400, 0.3]

/**
 * 1 + (at30Days - 1) (30 / days to the expiry)^0.3, never below 0; an expiry nearer than a day counts as a day away, so that a fall to 70 % leaves 17 %.
 */
export function scaleAt({ at30Days, from }: TermScale, expiry: UnixSeconds): number {
  const days = Math.max((expiry - from) / secondsPerDay, 1)
  return Math.max(1 + (at30Days - 1) * (30 / days) ** scalePower, 0)
}

/** A strike's volatility and its derivatives in moneyness k = ln(K / F), the smile held: d vol / dk and d2 vol / dk2. */
export interface StrikeVolatility {
  readonly volatility: number
  readonly slope: number
  readonly bend: number
  /** Outside of the expiries that were quoted: it is the nearest expiry's. */
  readonly isExtrapolated: boolean
}

/**
 * Volatility at moneyness k and an expiry, with the scale and without the shift. Between two expiries total variance is linear in time at each k
 * (Gatheral & Jacquier 2014, lemma 5.1); outside of them volatility is level.
 */
export function surfaceVolatility(
  held: Pick<AssetVolatility, 'surface' | 'asOf' | 'scale'>,
  k: number,
  expiry: UnixSeconds,
): StrikeVolatility {
  const { scale } = held
  const fitted = fittedVolatility(held, k, expiry)
  if (scale === undefined) return fitted
  const factor = scaleAt(scale, expiry)
  const { volatility, slope, bend, isExtrapolated } = fitted
  return { volatility: factor * volatility, slope: factor * slope, bend: factor * bend, isExtrapolated }
}

function fittedVolatility(
  { surface, asOf }: Pick<AssetVolatility, 'surface' | 'asOf'>,
  k: number,
  expiry: UnixSeconds,
): StrikeVolatility {
  switch (surface.kind) {
    case 'flat':
      return { volatility: surface.volatility, slope: 0, bend: 0, isExtrapolated: false }
    case 'term':
      return between(surface.points, expiry, asOf, ({ volatility }, years) => ({
        variance: volatility * volatility * years,
        slope: 0,
        bend: 0,
      }))
    case 'svi':
      return between(surface.slices, expiry, asOf, ({ parameters }) => ({
        variance: sviTotalVariance(parameters, k),
        slope: sviSlope(parameters, k),
        bend: sviBend(parameters, k),
      }))
  }
}

interface Variance {
  /** Total variance w and its derivatives in k. */
  readonly variance: number
  readonly slope: number
  readonly bend: number
}

function between<Point extends { readonly expiry: UnixSeconds }>(
  points: readonly Point[],
  expiry: UnixSeconds,
  asOf: UnixSeconds,
  varianceOf: (point: Point, years: number) => Variance,
): StrikeVolatility {
  const after = points.find((point) => point.expiry >= expiry)
  const before = points.findLast((point) => point.expiry <= expiry)
  const at = (point: Point) => {
    const years = (point.expiry - asOf) / secondsPerYear
    return { years, ...varianceOf(point, years) }
  }
  const isExtrapolated = after === undefined || before === undefined
  const nearest = after ?? before
  if (nearest === undefined) return { volatility: 0, slope: 0, bend: 0, isExtrapolated: true }
  if (isExtrapolated || after.expiry === before.expiry) return { ...asVolatility(at(nearest)), isExtrapolated }
  const [one, two] = [at(before), at(after)]
  const part = (expiry - before.expiry) / (after.expiry - before.expiry)
  const mix = (a: number, b: number) => a + part * (b - a)
  return {
    ...asVolatility({
      years: mix(one.years, two.years),
      variance: mix(one.variance, two.variance),
      slope: mix(one.slope, two.slope),
      bend: mix(one.bend, two.bend),
    }),
    isExtrapolated,
  }
}

/** sigma = sqrt(w / T), and by the chain rule its derivatives. */
function asVolatility({ years, variance, slope, bend }: Variance & { readonly years: number }) {
  if (!(variance > 0 && years > 0)) return { volatility: 0, slope: 0, bend: 0 }
  const volatility = Math.sqrt(variance / years)
  const first = slope / (2 * volatility * years)
  return { volatility, slope: first, bend: bend / (2 * volatility * years) - (first * first) / volatility }
}
