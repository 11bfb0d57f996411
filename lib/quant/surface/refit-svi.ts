// The slice closest to an expiry's quotes among those that give nothing away.
import { HomeostatError } from '../../base/homeostat-error.ts'
import { freeSliceSolver } from './free-slice.ts'
import { searchVertex } from './search-vertex.ts'
import { type SmileQuotes, type WeightedVariance, weightedVariance } from './smile-quotes.ts'
import { type SviParameters, sviTotalVariance } from './svi.ts'
import { butterflyReport, calendarReport } from './svi-arbitrage.ts'

export interface SviRefit {
  readonly parameters: SviParameters
  readonly evaluations: number
}

export interface RefitTerms {
  /** The least-squares fit to these quotes, whatever it gives away. */
  readonly best: SviParameters
  /** A slice of an earlier expiry, free of butterfly arbitrage, that total variance must not fall below anywhere. */
  readonly floor?: SviParameters
}

/** Nodes of g while searching, and for the last solution. */
const [COARSE, DENSE] = [121, 1_201]

/**
 * Least squares as in `calibrateSvi`, subject to no butterfly arbitrage (g >= 0 at every k, wings below 2, variance
 * above 0) and, with a floor, no calendar arbitrage either. For each vertex m and width sigma the level and the wings
 * are solved for by an interior-point method; m and sigma are searched where those of the calibration are. Throws
 * `out-of-domain`, `too-few-quotes`, and `butterfly-not-repairable` or `calendar-not-repairable` (with a floor) unless
 * the weighted root mean square error is within 0.05 of volatility (5 points), a tenth of the quotes' level or 1.25 times
 * the error of `best`, whichever is most.
 */
export function refitSvi(quotes: SmileQuotes, { best, floor }: RefitTerms): SviRefit {
  const data = weightedVariance(quotes)
  const least = Math.sqrt(meanSquare(data, best))
  const shared = {
    quotes: data,
    precision: 1e-3 * Math.max(least, 1e-5) ** 2,
    ...(floor === undefined ? {} : { floor }),
  }
  const coarse = freeSliceSolver({ ...shared, nodes: COARSE })
  const { m, sigma, evaluations } = searchVertex({
    k: data.k,
    cost: (vertex, width) => coarse.closest(vertex, width)?.cost ?? Infinity,
    tolerance: 1e-3,
    maxEvaluations: 120,
  })
  const dense = freeSliceSolver({ ...shared, nodes: DENSE })
  const closest = dense.closest(m, sigma)?.parameters
  const parameters = closest && firstFree(closest, dense.inner(m, sigma) ?? closest, floor)
  const level = Math.sqrt(quotes.volatility.reduce((sum, vol) => sum + vol * vol, 0) / quotes.volatility.length)
  const farthest = Math.max(0.05, 0.1 * level, 1.25 * least)
  const error = parameters === undefined ? Infinity : Math.sqrt(meanSquare(data, parameters))
  if (parameters !== undefined && error <= farthest) return { parameters, evaluations }
  throw new HomeostatError(floor === undefined ? 'butterfly-not-repairable' : 'calendar-not-repairable', {
    message:
      floor === undefined
        ? 'No smile without butterfly arbitrage is close to these quotes.'
        : 'No smile that is nowhere below the earlier one is close to these quotes.',
    retry: 'later',
    facts: { time: quotes.time, error, farthest, errorOfBest: least },
    hint: 'Look for wrong quotes: wings or skew too steep for this expiry, or a volatility below that of an earlier one.',
  })
}

/** Weighted mean squared error of volatility, to first order. */
function meanSquare({ k, w, weight }: WeightedVariance, svi: SviParameters): number {
  let sum = 0
  for (let i = 0; i < k.length; i += 1)
    sum += (weight[i] as number) * (sviTotalVariance(svi, k[i] as number) - (w[i] as number)) ** 2
  return sum
}

/**
 * Between two nodes the closest slice may still be off by a hair: as little as needed of the way to a slice well inside,
 * of the same vertex and width. Undefined where that one is not free either.
 */
function firstFree(closest: SviParameters, inner: SviParameters, floor: SviParameters | undefined) {
  for (const part of [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]) {
    const mix = (from: number, to: number) => from + part * (to - from)
    const b = mix(closest.b, inner.b)
    const rho = mix(closest.b * closest.rho, inner.b * inner.rho) / b
    const slice = { ...closest, a: mix(closest.a, inner.a), b, rho: Math.max(-1 + 1e-9, Math.min(1 - 1e-9, rho)) }
    const { free, least } = butterflyReport(slice)
    if (free && least >= 0 && (floor === undefined || calendarReport(floor, slice).free)) return slice
  }
  return undefined
}
