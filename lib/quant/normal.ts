// The normal distribution in double precision to its far tails, for whatever prices, tests or simulates with it.
import { cdfByCody, erfcx, expMinusHalfSquare, expMinusHalfSquareTimesTwoPow64, TWO_POW_64 } from './error-function.ts'
import { outOfDomain } from './out-of-domain.ts'

const SQRT_HALF = Math.SQRT1_2
const INV_SQRT_2_PI = 0.3989422804014327

/** Nodes a unit of x: a power of 2, so that a node and the distance to it are exact. */
const PER_UNIT = 64
const FIRST = -5
const NODES = 14 * PER_UNIT
const COEFFICIENTS = 7

/**
 * Taylor's series of the distribution function about each node of -5..9 in r = x - node, abs(r) <= 1/128: its
 * derivatives are density x Hermite polynomials, He(n + 1) = x He(n) - n He(n - 1). The term r^7 is spread over the
 * lower ones as Chebyshev's polynomial has it: T7(z) = 64 z^7 - 112 z^5 + 56 z^3 - 7 z with z = 128 r.
 */
function cdfSeries(): Float64Array {
  const table = new Float64Array(COEFFICIENTS * NODES)
  for (let k = 0; k < NODES; k += 1) {
    const node = FIRST + k / PER_UNIT
    const series = [cdfByCody(node)]
    let scale = INV_SQRT_2_PI * expMinusHalfSquare(node)
    let before = 0
    let hermite = 1
    for (let n = 0; n < COEFFICIENTS; n += 1) {
      scale /= n + 1
      series.push((n % 2 === 0 ? scale : -scale) * hermite)
      const next = node * hermite - n * before
      before = hermite
      hermite = next
    }
    const [a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0] = series
    const h2 = (0.5 / PER_UNIT) ** 2
    const spread = [a1 + (7 / 64) * a7 * h2 ** 3, a2, a3 - (7 / 8) * a7 * h2 ** 2, a4, a5 + (7 / 4) * a7 * h2, a6]
    table.set([a0, ...spread], COEFFICIENTS * k)
  }
  return table
}
const CDF = cdfSeries()

/** The density at the nodes of 0..8. */
const PDF = Float64Array.from({ length: 8 * PER_UNIT + 1 }, (_, k) => INV_SQRT_2_PI * expMinusHalfSquare(k / PER_UNIT))

/** Standard normal density at x, per unit of x; 1e-15 relative to x = +-37. Throws `out-of-domain` for NaN. */
export function normalPdf(x: number): number {
  const size = Math.abs(x)
  if (size < 8) {
    // exp(-x^2 / 2) / exp(-node^2 / 2) = exp(t), and abs(t) is at most 1/16.
    const k = (size * PER_UNIT + 0.5) | 0
    const node = k * (1 / PER_UNIT)
    const t = 0.5 * (node - size) * (node + size)
    const a4 = 1 / 24 + t * (1 / 120 + t * (1 / 720 + t * (1 / 5040 + t * (1 / 40320))))
    return (PDF[k] as number) * (1 + t * (1 + t * (0.5 + t * (1 / 6 + t * a4))))
  }
  if (size < 37) return INV_SQRT_2_PI * expMinusHalfSquare(x)
  if (size < 39) return (INV_SQRT_2_PI * expMinusHalfSquareTimesTwoPow64(x)) / TWO_POW_64
  if (size >= 39) return 0
  throw outOfDomain('normalPdf', 'x has to be a number.', { x })
}

/**
 * Standard normal distribution function P(X <= x); 1e-15 relative down to x = -37, gradual underflow to -38.5. Throws
 * `out-of-domain` for NaN. Where it matters by a table of Taylor's series, beyond by Cody (1969).
 */
export function normalCdf(x: number): number {
  if (!(x > -5 && x < 8.5)) return cdfByCody(x)
  const k = (x * PER_UNIT + (0.5 - FIRST * PER_UNIT)) | 0
  const r = x - (k * (1 / PER_UNIT) + FIRST)
  const j = COEFFICIENTS * k
  const a5 = (CDF[j + 5] as number) + r * (CDF[j + 6] as number)
  const a3 = (CDF[j + 3] as number) + r * ((CDF[j + 4] as number) + r * a5)
  const a1 = (CDF[j + 1] as number) + r * ((CDF[j + 2] as number) + r * a3)
  return (CDF[j] as number) + r * a1
}

/**
 * Natural logarithm of the standard normal distribution function, finite for every finite x above -1e154. Throws
 * `out-of-domain` for NaN.
 */
export function normalLogCdf(x: number): number {
  if (x < -1) return x === Number.NEGATIVE_INFINITY ? x : Math.log(0.5 * erfcx(-x * SQRT_HALF)) - 0.5 * x * x
  return Math.log1p(-normalCdf(-x))
}

/** AS241 in the centre, abs(q) <= 0.425, q = p - 1/2. */
function quantileCentral(q: number): number {
  const r = 0.180625 - q * q
  const a =
    ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r + 45921.95393154987) * r +
      13731.69376550946) *
      r +
      1971.5909503065513) *
      r +
      133.14166789178438) *
      r +
    3.3871328727963665
  const b =
    ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r + 21213.794301586597) * r +
      5394.196021424751) *
      r +
      687.1870074920579) *
      r +
      42.31333070160091) *
      r +
    1
  return (q * a) / b
}

/** AS241 in a tail: minus the quantile of the smaller tail probability p, down to the least positive double. */
function quantileTail(p: number): number {
  const s = Math.sqrt(-Math.log(p))
  if (s <= 5) {
    const r = s - 1.6
    const c =
      ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r + 1.2704582524523684) * r +
        3.6478483247632045) *
        r +
        5.769497221460691) *
        r +
        4.630337846156546) *
        r +
      1.4234371107496835
    const d =
      ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r + 0.14810397642748008) *
        r +
        0.6897673349851) *
        r +
        1.6763848301838038) *
        r +
        2.053191626637759) *
        r +
      1
    return c / d
  }
  const r = s - 5
  const e =
    ((((((2.0103343992922881e-7 * r + 0.000027115555687434876) * r + 0.0012426609473880784) * r +
      0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103
  const f =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 0.000018463183175100548) * r +
      0.0007868691311456133) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1
  return e / f
}

/**
 * Standard normal quantile of 1/2 + q for abs(q) <= 0.425, which keeps the digits of a q near 0. Throws `out-of-domain`
 * beyond. Wichura (1988).
 */
export function normalQuantileFromMedian(q: number): number {
  if (Math.abs(q) <= 0.425) return quantileCentral(q)
  throw outOfDomain('normalQuantileFromMedian', 'q has to be within 0.425 of 0.', { q })
}

/**
 * Standard normal quantile of p in 0..1 (-Infinity and Infinity at the ends); about 1e-15 relative of z and of the
 * lower tail. For an upper-tail probability q use -normalQuantile(q): 1 - q would lose it. Throws `out-of-domain`
 * outside of 0..1. Wichura (1988), Algorithm AS 241, routine PPND16.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) return quantileCentral(q)
  if (p > 0 && p < 1) return q < 0 ? -quantileTail(p) : quantileTail(1 - p)
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  throw outOfDomain('normalQuantile', 'p has to be a probability, 0 <= p <= 1.', { p })
}
