// What the votes look at, followed one date at a time: every figure of a date rests on that date and those before it.

import { absorptionRatio, absorptionShift } from '../../../quant/absorption-ratio.ts'
import {
  alignment,
  type CusumState,
  startCusum,
  updateCusum,
  varianceFactor,
} from '../../../quant/correlation-cusum.ts'
import { ewmaCovariance } from '../../../quant/covariance/ewma-covariance.ts'
import { type EwmaState, startEwma, updateEwma } from '../../../quant/covariance/ewma-moments.ts'
import { percentileRank } from '../../../quant/percentile-rank.ts'
import { turbulence } from '../../../quant/turbulence.ts'
import type { RegimeSettings } from './regime-settings.ts'
import { type SlowCorrelation, slowMatrix, startSlowCorrelation, updateSlowCorrelation } from './slow-correlation.ts'

/** Returns of one date in the order of the universe; `undefined` is a gap. */
export type ReturnRow = readonly (number | undefined)[]

/** A mean over dates that forgets; `weight` is what its weights sum to, so that it is right from the first date on. */
interface FadingMean {
  readonly sum: number
  readonly weight: number
}

const nothing: FadingMean = { sum: 0, weight: 0 }

function faded({ sum, weight }: FadingMean, value: number, halfLife: number): FadingMean {
  const kept = 0.5 ** (1 / halfLife)
  return { sum: kept * sum + value, weight: kept * weight + 1 }
}

export interface IndicatorState {
  readonly assets: number
  readonly ewma: EwmaState
  readonly slow: SlowCorrelation
  readonly turbulence: FadingMean
  readonly jointFalls: FadingMean
  /** Of products and of squares of standardised returns. */
  readonly products: FadingMean
  readonly squares: FadingMean
  /** Mean correlations of the dates before, at most a rank's window of them. */
  readonly correlations: readonly number[]
  readonly cusum: CusumState
  /** Absorption ratios, the last year of them. */
  readonly absorption: readonly number[]
  /** Returns of the equal-weight index on the last five dates. */
  readonly index: readonly number[]
}

/** What one date says; what is absent has too little history. */
export interface Indicators {
  /** d / N of the date alone. */
  readonly turbulence?: number
  /** Half-life 5. */
  readonly turbulenceMean?: number
  /** Of that mean, the part that came on dates on which the market fell, as far as they were joint. */
  readonly jointFallShare?: number
  /** Half-life 10. */
  readonly meanCorrelation?: number
  /** Among those of the year before, 0..1. */
  readonly correlationRank?: number
  readonly evidence?: number
  readonly referenceCorrelation?: number
  /** What a rise of correlation from the reference would do to the variance of an equal-weight book. */
  readonly varianceFactor?: number
  readonly absorptionRatio?: number
  readonly absorptionShift?: number
  /** What the hidden Markov model is told: ln of the absolute 5-day return of the index, Fisher's z of the mean correlation. */
  readonly features?: readonly [number, number]
}

export function startIndicators(assets: number): IndicatorState {
  return {
    assets,
    ewma: startEwma({ assets }),
    slow: startSlowCorrelation(assets),
    turbulence: nothing,
    jointFalls: nothing,
    products: nothing,
    squares: nothing,
    correlations: [],
    cusum: startCusum,
    absorption: [],
    index: [],
  }
}

/** Returns of an asset that count for its own volatility, before it is known. */
const leastReturns = 10
/** A larger return in its own deviations counts as this: an asset that dies must not blind the volatility of the rest of its life. */
const largestDeviations = 8
const turbulenceHalfLife = 5
const correlationHalfLife = 10
/** A return of the index below it is as good as none. */
const leastIndexReturn = 1e-4

/** `memory`: without turbulence and absorption ratio, which cost the most and remember least; for dates long before those that are looked at. */
export type Depth = 'whole' | 'memory'

export function updateIndicators(
  state: IndicatorState,
  returns: ReturnRow,
  settings: RegimeSettings,
  depth: Depth = 'whole',
): { readonly state: IndicatorState; readonly seen: Indicators } {
  const z = standardised(state.ewma, returns)
  const isWarm = state.ewma.dates >= settings.warmUp
  const isWhole = isWarm && depth === 'whole'
  const moved = movement(state, z, settings)
  const shock = isWhole ? shockOf(state, returns, z, settings) : undefined
  const kept = returns.map((value, i) => limited(value, z[i]))
  const slow = updateSlowCorrelation(state.slow, z, settings.absorption.halfLife)
  const ratio = isWhole ? absorptionOf(slow) : undefined
  const absorption =
    ratio === undefined ? state.absorption : lastOf([...state.absorption, ratio], settings.absorption.long)
  const index = lastOf([...state.index, meanOf(returns) ?? 0], 5)
  return {
    state: {
      assets: state.assets,
      ewma: updateEwma(state.ewma, [kept]),
      slow,
      turbulence: shock?.turbulence ?? state.turbulence,
      jointFalls: shock?.jointFalls ?? state.jointFalls,
      products: moved.products,
      squares: moved.squares,
      correlations: moved.correlations,
      cusum: isWarm ? moved.cusum : { ...moved.cusum, evidence: 0 },
      absorption,
      index,
    },
    seen: isWarm
      ? {
          ...moved.seen,
          ...shock?.seen,
          ...absorptionSeen(absorption, ratio, settings),
          ...featuresOf(index, moved.seen),
        }
      : {},
  }
}

function standardised({ assets, variance, joint }: EwmaState, returns: ReturnRow): readonly (number | undefined)[] {
  let own = 0
  return returns.map((value, i) => {
    const [dates, scale] = [joint[own] ?? 0, Math.sqrt(variance[i] ?? 0)]
    own += assets - i
    return value === undefined || dates < leastReturns || !(scale > 0) ? undefined : value / scale
  })
}

function limited(value: number | undefined, z: number | undefined): number | undefined {
  if (value === undefined || z === undefined || Math.abs(z) <= largestDeviations) return value
  return (value / Math.abs(z)) * largestDeviations
}

/** Mean correlation and the evidence of its rise. A date weighs less the more violent it was, so that one of them is not all there is. */
function movement(state: IndicatorState, z: readonly (number | undefined)[], settings: RegimeSettings) {
  const common = alignment(z)
  const { correlations, cusum, products, squares } = state
  if (common === undefined) return { products, squares, correlations, cusum, seen: {} }
  const n = common.assets
  const mean = z.reduce<number>((total, value) => total + (value ?? 0) ** 2, 0) / n
  const weight = 1 / (1 + mean)
  const next = {
    products: faded(products, (weight * mean * (n * common.share - 1)) / (n - 1), correlationHalfLife),
    squares: faded(squares, weight * mean, correlationHalfLife),
  }
  const meanCorrelation = next.products.sum / next.squares.sum
  const updated = updateCusum(cusum, common, {
    ...settings.cusum,
    ceiling: settings.cusum.threshold + settings.cusum.headroom,
  })
  const rank = correlations.length < settings.rankLeast ? undefined : percentileRank(correlations, meanCorrelation)
  return {
    ...next,
    correlations: lastOf([...correlations, meanCorrelation], settings.rankWindow),
    cusum: updated,
    seen: {
      meanCorrelation,
      evidence: updated.evidence,
      referenceCorrelation: updated.reference,
      varianceFactor: varianceFactor(updated, n, settings.cusum),
      ...(rank === undefined ? {} : { correlationRank: rank }),
    },
  }
}

/** Turbulence under the covariance of the dates before. */
function shockOf(
  state: IndicatorState,
  returns: ReturnRow,
  z: readonly (number | undefined)[],
  settings: RegimeSettings,
) {
  const known = knownPart(state.ewma, returns)
  if (known === undefined) return undefined
  const { covariance } = ewmaCovariance({ state: known.ewma, target: 'constant-correlation' })
  const found = turbulence({ observation: known.returns, covariance })
  if (found === undefined) return undefined
  const own = found.distance / found.assets
  const counted = Math.min(settings.turbulence.largest, own)
  const total = z.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const fall = total < 0 ? counted * (alignment(z)?.share ?? 0) : 0
  const mean = faded(state.turbulence, counted, turbulenceHalfLife)
  const jointFalls = faded(state.jointFalls, fall, turbulenceHalfLife)
  return {
    turbulence: mean,
    jointFalls,
    seen: {
      turbulence: own,
      turbulenceMean: mean.sum / mean.weight,
      ...(mean.sum > 0 ? { jointFallShare: jointFalls.sum / mean.sum } : {}),
    },
  }
}

/** What the covariance needs: assets of a recomputed history that began later are left out until they have been seen often enough. */
function knownPart(ewma: EwmaState, returns: ReturnRow) {
  const { assets, joint } = ewma
  const at = (i: number, j: number) => i * assets - (i * (i - 1)) / 2 + (j - i)
  const known = returns.flatMap((_, i) => ((joint[at(i, i)] ?? 0) >= leastReturns ? [i] : []))
  if (known.length === assets) return { ewma, returns }
  if (known.length === 0) return undefined
  const pick = (packed: Float64Array) =>
    Float64Array.from(known.flatMap((i, p) => known.slice(p).map((j) => packed[at(i, j)] ?? 0)))
  const { effective, cross, squareI, squareJ, m22, m31, m13 } = ewma.moments
  const moments = {
    assets: known.length,
    effective: pick(effective),
    cross: pick(cross),
    squareI: pick(squareI),
    squareJ: pick(squareJ),
    m22: pick(m22),
    m31: pick(m31),
    m13: pick(m13),
  }
  const variance = Float64Array.from(known, (i) => ewma.variance[i] ?? 0)
  return {
    ewma: { ...ewma, assets: known.length, joint: pick(joint), variance, moments },
    returns: known.map((i) => returns[i]),
  }
}

function absorptionOf(slow: SlowCorrelation): number | undefined {
  const matrix = slowMatrix(slow)
  return matrix === undefined ? undefined : absorptionRatio({ matrix, size: slow.assets })
}

function absorptionSeen(ratios: readonly number[], ratio: number | undefined, { absorption }: RegimeSettings) {
  if (ratio === undefined) return {}
  const { short, long } = absorption
  const shift = absorptionShift({ ratios: ratios.slice(-long), short, long }).at(-1)
  return { absorptionRatio: ratio, ...(shift === undefined ? {} : { absorptionShift: shift }) }
}

function featuresOf(index: readonly number[], { meanCorrelation }: Pick<Indicators, 'meanCorrelation'>) {
  if (index.length < 5 || meanCorrelation === undefined) return {}
  const move = Math.abs(index.reduce((sum, value) => sum + value, 0))
  const correlation = Math.min(0.999, Math.max(-0.999, meanCorrelation))
  return { features: [Math.log(Math.max(leastIndexReturn, move)), Math.atanh(correlation)] as const }
}

function meanOf(returns: ReturnRow): number | undefined {
  const known = returns.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

function lastOf(values: readonly number[], count: number): readonly number[] {
  return values.length > count ? values.slice(-count) : values
}
