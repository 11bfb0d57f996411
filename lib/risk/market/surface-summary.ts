// What options say, in a few figures by expiry: the level at the money, the skew, and what they cost over the volatility that is expected.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import { toYears } from '../../base/time.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { type AssetVolatility, surfaceVolatility } from '../../instruments/market/volatility-surface.ts'
import type { SurfaceSlice, SurfaceSummary, VolatilityForecast } from '../../model/market-model.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { deltaSkew, fairTotalVariance, varianceRiskPremium } from '../../quant/surface/smile-measures.ts'
import { smileAt, sviSmile, sviSurface } from '../../quant/surface/svi-surface.ts'
import { marketThrough } from '../price-lens.ts'

type Seen = Pick<Snapshot, 'at' | 'prices' | 'marketData' | 'marketSources'>

/** The span over which implied and expected variance are compared. */
const premiumDays = 30

/**
 * One an underlying that any snapshot has expiries of, from the newest snapshot that does. A flat volatility is no surface. Expiries that are over are left
 * out. A variance is compared over 30 days where expiries reach so far: of SVI its fair variance (a variance swap's), of a term that at the money.
 */
export function surfaceSummaries(params: {
  readonly snapshots: readonly Seen[]
  readonly forecasts: readonly VolatilityForecast[]
  readonly at: UnixSeconds
}): { readonly surfaces: readonly SurfaceSummary[]; readonly notes: readonly string[] } {
  const { forecasts, at } = params
  const found = new Map<string, SurfaceSummary>()
  const notes: string[] = []
  for (const snapshot of params.snapshots.toSorted((a, b) => b.at - a.at)) {
    for (const [underlying, held] of Object.entries(marketThrough('feed', snapshot).volatility ?? {})) {
      if (found.has(underlying) || held.surface.kind === 'flat') continue
      try {
        const summary = summaryOf({ underlying, held, snapshot, forecasts, at })
        if (summary !== undefined) found.set(underlying, summary)
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        notes.push(`the surface of ${underlying} has no summary: ${error.message}`)
      }
    }
  }
  return { surfaces: [...found.values()].sort((a, b) => (a.underlying < b.underlying ? -1 : 1)), notes }
}

function summaryOf(params: {
  readonly underlying: string
  readonly held: AssetVolatility
  readonly snapshot: Seen
  readonly forecasts: readonly VolatilityForecast[]
  readonly at: UnixSeconds
}): SurfaceSummary | undefined {
  const { underlying, held, snapshot, at } = params
  const slices = slicesOf(held, at)
  if (slices.length === 0) return undefined
  const told = snapshot.marketSources?.find((one) => one.underlying === underlying && one.part === 'volatility')
  const implied = impliedVariance(held, at)
  const forecast = params.forecasts.find(({ asset }) => asset === underlying)
  return {
    underlying,
    source: told?.source ?? 'declared',
    asOf: told?.asOf ?? held.asOf,
    slices,
    ...(implied === undefined || forecast === undefined
      ? {}
      : { varianceRiskPremium: varianceRiskPremium(implied, forecast.volatility ** 2).variance }),
  }
}

function slicesOf({ surface }: AssetVolatility, at: UnixSeconds): readonly SurfaceSlice[] {
  if (surface.kind === 'flat') return []
  if (surface.kind === 'term')
    return surface.points
      .filter(({ expiry }) => expiry > at)
      .map(({ expiry, volatility }) => ({ expiry, atTheMoney: volatility }))
  return surface.slices
    .filter(({ expiry }) => expiry > at)
    .map(({ expiry, parameters }) => {
      const [smile, time] = [sviSmile(parameters), toYears(expiry - at)]
      return { expiry, atTheMoney: Math.sqrt(smile.totalVariance(0) / time), ...skewOf(smile, time) }
    })
}

/** Absent where no strike has that delta, as in a smile that was fitted to a few strikes. */
function skewOf(
  smile: ReturnType<typeof sviSmile>,
  time: number,
): Pick<SurfaceSlice, 'riskReversal25' | 'butterfly25'> {
  try {
    const { riskReversal, butterfly } = deltaSkew(smile, time, 0.25)
    return { riskReversal25: riskReversal, butterfly25: butterfly }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return {}
  }
}

/** Per year, over 30 days; undefined where the expiries end before, so that nothing is extrapolated by more than half of the span. */
function impliedVariance(held: AssetVolatility, at: UnixSeconds): number | undefined {
  const { surface } = held
  if (surface.kind === 'flat') return undefined
  const expiries = (surface.kind === 'term' ? surface.points : surface.slices).map(({ expiry }) => expiry)
  const horizon = at + premiumDays * 86_400
  const [first = Number.POSITIVE_INFINITY, last = 0] = [expiries.find((one) => one > at), expiries.at(-1)]
  if (last < at + (premiumDays / 2) * 86_400 || first > at + 2 * premiumDays * 86_400) return undefined
  if (surface.kind === 'term') return surfaceVolatility(held, 0, horizon).volatility ** 2
  const time = toYears(horizon - at)
  const live = surface.slices.filter(({ expiry }) => expiry > at)
  const fitted = sviSurface(live.map(({ expiry, parameters }) => ({ time: toYears(expiry - at), parameters })))
  return fairTotalVariance(smileAt(fitted, time)) / time
}
