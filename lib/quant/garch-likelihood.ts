// The likelihood of a GARCH path: the one loop that a fit runs hundreds of times.

export type InnovationLaw = { readonly kind: 'normal' } | { readonly kind: 'student'; readonly degrees: number }

export interface GarchPath {
  /** Squared returns in order; below 0: a gap. */
  readonly squares: Float64Array
  readonly omega: number
  readonly alpha: number
  readonly beta: number
  /** Variance of the first. */
  readonly first: number
  readonly law: InnovationLaw
}

const LOG_TWO_PI = 1.8378770664093456

/** log Gamma(x) for x > 0: Stirling's series beyond 12, reached by the recurrence; 1e-14 relative. */
function logGamma(x: number): number {
  let shift = 1
  let z = x
  while (z < 12) {
    shift *= z
    z += 1
  }
  const w = 1 / (z * z)
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z
  return (z - 0.5) * Math.log(z) - z + 0.5 * LOG_TWO_PI + series - Math.log(shift)
}

/**
 * Sum of the natural log densities of the known returns. Student innovations have variance 1 (Bollerslev 1987, eq. 1).
 * A gap has none, and the variance goes to its forecast.
 */
export function logDensityOf(path: GarchPath): number {
  return path.law.kind === 'normal' ? normalDensity(path) : studentDensity(path, path.law.degrees)
}

// Logarithms are taken of products of eight variances: of returns with mean square 1 these stay far within the range.
function normalDensity({ squares, omega, alpha, beta, first }: GarchPath): number {
  let h = Math.max(first, omega)
  let [product, logs, sum, known] = [1, 0, 0, 0]
  for (let t = 0; t < squares.length; t += 1) {
    const square = squares[t] as number
    if (square < 0) {
      h = omega + (alpha + beta) * h
      continue
    }
    sum += square / h
    product *= h
    known += 1
    if ((known & 7) === 0) {
      logs += Math.log(product)
      product = 1
    }
    h = omega + beta * h + alpha * square
  }
  return -0.5 * (known * LOG_TWO_PI + logs + Math.log(product) + sum)
}

function studentDensity({ squares, omega, alpha, beta, first }: GarchPath, degrees: number): number {
  let h = Math.max(first, omega)
  let [scales, tails, logs, logTails, known] = [1, 1, 0, 0, 0]
  const width = 1 / (degrees - 2)
  for (let t = 0; t < squares.length; t += 1) {
    const square = squares[t] as number
    if (square < 0) {
      h = omega + (alpha + beta) * h
      continue
    }
    scales *= h
    tails *= 1 + (width * square) / h
    known += 1
    if ((known & 7) === 0) {
      logs += Math.log(scales)
      logTails += Math.log(tails)
      scales = 1
      tails = 1
    }
    h = omega + beta * h + alpha * square
  }
  const constant = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * Math.log((degrees - 2) * Math.PI)
  return known * constant - 0.5 * (logs + Math.log(scales)) - 0.5 * (degrees + 1) * (logTails + Math.log(tails))
}
