// The generalised Pareto distribution fitted to what exceeds a threshold, so that a tail reaches beyond the worst day seen.
import { brentRoot } from '../brent.ts'
import { outOfDomain } from '../out-of-domain.ts'

export interface ParetoFit {
  /** xi, within the bounds of the fit. Above 0: a power tail of index 1 / xi. */
  readonly shape: number
  /** beta > 0, in the unit of the excesses. */
  readonly scale: number
  readonly excesses: number
  /** The likelihood still rises at a bound of the shape: what is reported is the best within the bounds. */
  readonly atBound: 'none' | 'lower' | 'upper'
  /** Asymptotic standard error of the shape, (1 + xi) / sqrt(n) (Smith 1987); of no meaning at a bound. */
  readonly shapeError: number
  /** Natural logarithm of the likelihood, in units of the excesses. */
  readonly logLikelihood: number
}

/** Below -1/2 maximum likelihood is not regular (Smith 1985), above 1/2 the variance is not finite. */
const [LEAST_SHAPE, MOST_SHAPE] = [-0.5, 0.5]
/** Steps of the shape in which the profile's slope is looked at for changes of sign. */
const STEP = 0.05

/** (log(1 + u) - u) / u^2, smooth through u = 0. */
function bend(u: number): number {
  if (Math.abs(u) > 0.06) return (Math.log1p(u) - u) / (u * u)
  let sum = 0
  for (let k = 13; k >= 2; k -= 1) sum = (k % 2 === 0 ? -1 : 1) / k + u * sum
  return sum
}

/** The scale with the greatest likelihood for one shape; `y` has mean 1. It solves (1 + xi) mean(y / (beta + xi y)) = 1. */
function scaleFor(y: Float64Array, most: number, shape: number): number {
  if (shape === 0) return 1
  const excess = (scale: number) => {
    let sum = 0
    for (let i = 0; i < y.length; i += 1) sum += (y[i] as number) / (scale + shape * (y[i] as number))
    return ((1 + shape) * sum) / y.length - 1
  }
  // The left side falls in beta. By Jensen beta <= 1 for xi > 0, beta >= 1 for xi < 0, where its support also asks for
  // beta > -xi max y.
  const [from, to] = shape > 0 ? [0, 1] : [-shape * most, 1 + shape - shape * most]
  return brentRoot(excess, { from, to: to * (1 + 1e-9), tolerance: 1e-15 })
}

/** Slope of the profile likelihood of the shape, per observation: free of cancellation at shape 0. */
function profileSlope(y: Float64Array, shape: number, scale: number): number {
  let sum = 0
  for (let i = 0; i < y.length; i += 1) {
    const z = (y[i] as number) / scale
    sum += z * z * (1 / (1 + shape * z) + bend(shape * z))
  }
  return sum / y.length - 1 / (1 + shape)
}

/** Log-likelihood per observation. */
function likelihood(y: Float64Array, shape: number, scale: number): number {
  let sum = 0
  for (let i = 0; i < y.length; i += 1) {
    const z = (y[i] as number) / scale
    sum += z + shape * z * z * bend(shape * z)
  }
  return -Math.log(scale) - ((1 + shape) * sum) / y.length
}

/** The excesses over their mean, with that mean. Throws `out-of-domain`. */
function normalised(excesses: Float64Array): { y: Float64Array; mean: number; most: number } {
  const n = excesses.length
  const bad = excesses.findIndex((x) => !(x > 0 && x < Infinity))
  if (n < 2 || bad >= 0)
    throw outOfDomain('paretoFit', 'At least two excesses, each above 0 and finite.', {
      n,
      bad,
      value: excesses[bad] ?? 0,
    })
  const largest = excesses.reduce((a, b) => Math.max(a, b))
  const mean = largest * (excesses.reduce((sum, x) => sum + x / largest, 0) / n)
  const y = excesses.map((x) => x / mean)
  if (!(mean > 0 && y.every(Number.isFinite)))
    throw outOfDomain('paretoFit', 'The excesses have a mean that a double can hold.', { n, largest, mean })
  return { y, mean, most: largest / mean }
}

/**
 * Maximum likelihood of P(Y > y) = (1 + xi y / beta)^(-1 / xi), y > 0 (Pickands 1975), for n excesses over a threshold
 * in any order: for each shape the scale has one maximum, which leaves the profile over the shape (after Grimshaw 1993,
 * who leaves one over xi / beta); every local maximum within [`leastShape`, `mostShape`] is compared. Bounds default to
 * -1/2 and 1/2, and lie within (-1, 1). Multiplying the excesses multiplies the scale and leaves the shape.
 * Excesses all alike have no spread to fit: the shape ends at the lower bound and says so.
 * Throws `out-of-domain` for fewer than two excesses, or one that is not finite and above 0.
 */
export function paretoFit(
  excesses: Float64Array,
  bounds: { readonly leastShape?: number; readonly mostShape?: number } = {},
): ParetoFit {
  const { leastShape = LEAST_SHAPE, mostShape = MOST_SHAPE } = bounds
  if (!(leastShape > -1 && leastShape < mostShape && mostShape < 1))
    throw outOfDomain('paretoFit', '-1 < leastShape < mostShape < 1.', { leastShape, mostShape })
  const { y, mean, most } = normalised(excesses)
  const slope = (shape: number) => profileSlope(y, shape, scaleFor(y, most, shape))
  const steps = Math.ceil((mostShape - leastShape) / STEP)
  const candidates: { shape: number; atBound: ParetoFit['atBound'] }[] = []
  let [from, before] = [leastShape, slope(leastShape)]
  if (before <= 0) candidates.push({ shape: leastShape, atBound: 'lower' })
  for (let i = 1; i <= steps; i += 1) {
    const to = i === steps ? mostShape : leastShape + i * STEP
    const after = slope(to)
    if (before > 0 && after <= 0)
      candidates.push({ shape: brentRoot(slope, { from, to, tolerance: 1e-13 }), atBound: 'none' })
    ;[from, before] = [to, after]
  }
  if (before > 0) candidates.push({ shape: mostShape, atBound: 'upper' })
  const fits = candidates.map(({ shape, atBound }) => {
    const scale = scaleFor(y, most, shape)
    return { shape, atBound, scale, value: likelihood(y, shape, scale) }
  })
  const [best] = fits.sort((a, b) => b.value - a.value)
  if (best === undefined || !Number.isFinite(best.value))
    throw outOfDomain('paretoFit', 'The likelihood is finite somewhere within the bounds.', { n: y.length, mean })
  return {
    shape: best.shape,
    scale: best.scale * mean,
    excesses: y.length,
    atBound: best.atBound,
    shapeError: (1 + best.shape) / Math.sqrt(y.length),
    logLikelihood: y.length * (best.value - Math.log(mean)),
  }
}
