// The bivariate normal likelihood of two residual series under DCC: the loop that a fit runs for each pair and each trial.

export interface PairPath {
  /** Residuals in order, mean square 1; NaN is a gap. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** Their correlation over the whole history: the target. */
  readonly rho: number
}

/**
 * Log density of the pair up to what does not depend on a and b: -1/2 sum of log(1 - r^2) + (x^2 - 2 r x y + y^2) / (1 - r^2).
 * Dates that lack one of both add nothing.
 */
export function pairDensity({ x, y, rho }: PairPath, a: number, b: number): number {
  const rest = 1 - a - b
  const target = rest * rho
  let [qx, qy, qxy] = [1, 1, rho]
  let [product, logs, sum, known] = [1, 0, 0, 0]
  for (let t = 0; t < x.length; t += 1) {
    const u = x[t] as number
    const v = y[t] as number
    const uu = Number.isNaN(u) ? qx : u * u
    const vv = Number.isNaN(v) ? qy : v * v
    const uv = u * v
    if (!Number.isNaN(uv)) {
      const square = qx * qy
      const root = Math.sqrt(square)
      const left = Math.max(1e-12, 1 - (qxy * qxy) / square)
      sum += (uu + vv - (2 * qxy * uv) / root) / left
      product *= left
      known += 1
      if ((known & 7) === 0) {
        logs += Math.log(product)
        product = 1
      }
      qxy = target + a * uv + b * qxy
    } else qxy = target + (a + b) * qxy
    qx = rest + a * uu + b * qx
    qy = rest + a * vv + b * qy
  }
  return -0.5 * (logs + Math.log(product) + sum)
}
