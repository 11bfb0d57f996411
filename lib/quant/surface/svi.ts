// One expiry's smile as five numbers: Gatheral's raw SVI, its derivatives, and the jump-wing figures that traders read.
import { outOfDomain } from '../out-of-domain.ts'

/**
 * Raw SVI (Gatheral 2004): w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), total implied variance at k =
 * ln(strike / forward).
 */
export interface SviParameters {
  readonly a: number
  /** b >= 0. */
  readonly b: number
  /** abs(rho) < 1. */
  readonly rho: number
  readonly m: number
  /** sigma > 0. */
  readonly sigma: number
}

/**
 * SVI jump wings at time t: all but `psi` are independent of the level of time (Gatheral & Jacquier 2014, definition
 * 3.3).
 */
export interface SviJumpWings {
  /** At-the-money variance per year. */
  readonly v: number
  /** At-the-money skew: d vol / dk times sqrt(t). */
  readonly psi: number
  /** Slope of the put wing over sqrt(w at the money). */
  readonly p: number
  /** Slope of the call wing, likewise. */
  readonly c: number
  /** Least variance per year. */
  readonly vTilde: number
}

/** Throws `out-of-domain` unless b >= 0, abs(rho) < 1, sigma > 0 and all five are finite. */
export function checkSvi(svi: SviParameters, kernel: string): void {
  const { a, b, rho, m, sigma } = svi
  const finite = Math.abs(a) < Infinity && b < Infinity && Math.abs(m) < Infinity && sigma < Infinity
  if (finite && b >= 0 && rho > -1 && rho < 1 && sigma > 0) return
  throw outOfDomain(kernel, 'b >= 0, abs(rho) < 1, sigma > 0, all finite.', { a, b, rho, m, sigma })
}

/** Total variance w(k), without unit; k = ln(strike / forward). */
export function sviTotalVariance(svi: SviParameters, k: number): number {
  const y = k - svi.m
  return svi.a + svi.b * (svi.rho * y + Math.sqrt(y * y + svi.sigma * svi.sigma))
}

/** dw/dk. */
export function sviSlope(svi: SviParameters, k: number): number {
  const y = k - svi.m
  return svi.b * (svi.rho + y / Math.sqrt(y * y + svi.sigma * svi.sigma))
}

/** d2w/dk2. */
export function sviBend(svi: SviParameters, k: number): number {
  const root = Math.hypot(k - svi.m, svi.sigma)
  return (svi.b * (svi.sigma / root) ** 2) / root
}

/** Least total variance over all k, a + b sigma sqrt(1 - rho^2). */
export function sviMinimum(svi: SviParameters): number {
  return svi.a + svi.b * svi.sigma * Math.sqrt((1 - svi.rho) * (1 + svi.rho))
}

/**
 * Durrleman's g(k) = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2: the density of the price implied at k is g times a
 * positive factor, so that g < 0 is a butterfly that costs less than nothing. NaN where w(k) <= 0. Gatheral & Jacquier
 * (2014), eq. 2.1.
 */
export function sviDensityFactor(svi: SviParameters, k: number): number {
  const y = k - svi.m
  const root = Math.sqrt(y * y + svi.sigma * svi.sigma)
  const w = svi.a + svi.b * (svi.rho * y + root)
  const slope = svi.b * (svi.rho + y / root)
  const bend = (svi.b * svi.sigma * svi.sigma) / (root * root * root)
  const first = 1 - (k * slope) / (2 * w)
  const g = first * first - 0.25 * slope * slope * (1 / w + 0.25) + 0.5 * bend
  return w > 0 ? g : Number.NaN
}

/**
 * The jump wings of a slice at time t > 0. Throws `out-of-domain`, also where the total variance at the money is not
 * positive.
 */
export function sviJumpWings(svi: SviParameters, t: number): SviJumpWings {
  checkSvi(svi, 'sviJumpWings')
  const w = sviTotalVariance(svi, 0)
  if (!(t > 0 && t < Infinity && w > 0)) throw outOfDomain('sviJumpWings', 't > 0, w(0) > 0.', { t, w })
  const root = Math.sqrt(w)
  const psi = sviSlope(svi, 0) / (2 * root)
  return {
    v: w / t,
    psi,
    p: (svi.b * (1 - svi.rho)) / root,
    c: (svi.b * (1 + svi.rho)) / root,
    vTilde: sviMinimum(svi) / t,
  }
}

/**
 * The raw parameters of jump wings at time t > 0. Throws `out-of-domain` where no slice has them: v > 0, p and c >= 0
 * and not both 0, -p <= 2 psi <= c, vTilde <= v. Gatheral & Jacquier (2014), lemma 3.2.
 */
export function sviFromJumpWings(wings: SviJumpWings, t: number): SviParameters {
  const { v, psi, p, c, vTilde } = wings
  const w = v * t
  const root = Math.sqrt(w)
  const b = (root / 2) * (p + c)
  const rho = 1 - (p * root) / b
  const beta = rho - (2 * psi * root) / b
  if (!(w > 0 && w < Infinity && p > 0 && c > 0 && b > 0 && Math.abs(beta) <= 1 && vTilde <= v))
    throw outOfDomain('sviFromJumpWings', 'v > 0, p > 0, c > 0, -p <= 2 psi <= c, vTilde <= v.', {
      v,
      psi,
      p,
      c,
      vTilde,
      t,
    })
  const across = Math.sqrt((1 - rho) * (1 + rho))
  const alpha = Math.sqrt(1 / (beta * beta) - 1)
  const curve = beta < 0 ? -1 : 1
  // m / sigma = 1 / alpha; a vertex at the money, m = 0, has its own limit.
  const m = beta === 0 ? 0 : (w - vTilde * t) / (b * (curve * (Math.sqrt(1 + alpha * alpha) - alpha * across) - rho))
  const sigma = beta === 0 ? (w - vTilde * t) / (b * (1 - across)) : curve * alpha * m
  if (!(sigma > 0 && sigma < Infinity))
    throw outOfDomain('sviFromJumpWings', 'The wings determine the curvature: vTilde < v, psi not 0.', {
      v,
      psi,
      p,
      c,
      vTilde,
      t,
    })
  return { a: vTilde * t - b * sigma * across, b, rho, m, sigma }
}
