// The normal distribution in double precision to its far tails, for whatever prices, tests or simulates with it.
import { outOfDomain } from './out-of-domain.ts'

const SQRT_HALF = Math.SQRT1_2
const INV_SQRT_2_PI = 0.3989422804014327
const INV_SQRT_PI = 0.5641895835477563
const TWO_POW_64 = 2 ** 64
const LN_TWO_POW_64_HI = 44.3614195558365
const LN_TWO_POW_64_LO = 1.4841899608616317e-15

/**
 * exp(-x^2 / 2) to 1 ulp or so: the rounding of x^2, which the exponential would amplify, is carried along. abs(x) <
 * 1e19.
 */
function expMinusHalfSquare(x: number): number {
  const high = Math.fround(x)
  const low = x - high
  const square = x * x
  const residue = high * high - square + 2 * high * low + low * low
  return Math.exp(-0.5 * square) * (1 - 0.5 * residue)
}

/** The same times 2^64, for results that would come out subnormal on the way. */
function expMinusHalfSquareTimesTwoPow64(x: number): number {
  const high = Math.fround(x)
  const low = x - high
  const square = x * x
  const residue = high * high - square + 2 * high * low + low * low
  const exponent = LN_TWO_POW_64_HI - 0.5 * square
  const lost = LN_TWO_POW_64_HI - (exponent + 0.5 * square) + LN_TWO_POW_64_LO
  return Math.exp(exponent) * (1 - 0.5 * residue + lost)
}

/** erf(x) for abs(x) <= 0.46875 (Cody 1969, eq. for the first interval). */
function erfCentral(x: number): number {
  const z = x * x
  const p =
    (((0.18577770618460315 * z + 3.1611237438705655) * z + 113.86415415105016) * z + 377.485237685302) * z +
    3209.3775891384694
  const q = (((z + 23.601290952344122) * z + 244.02463793444417) * z + 1282.6165260773723) * z + 2844.236833439171
  return (x * p) / q
}

/** exp(x^2) erfc(x) for 0.46875 <= x <= 4 (Cody 1969). */
function erfcxMiddle(x: number): number {
  const p =
    (((((((2.1531153547440383e-8 * x + 0.5641884969886701) * x + 8.883149794388377) * x + 66.11919063714163) * x +
      298.6351381974001) *
      x +
      881.952221241769) *
      x +
      1712.0476126340707) *
      x +
      2051.0783778260716) *
      x +
    1230.3393547979972
  const q =
    (((((((x + 15.744926110709835) * x + 117.6939508913125) * x + 537.1811018620099) * x + 1621.3895745666903) * x +
      3290.7992357334597) *
      x +
      4362.619090143247) *
      x +
      3439.3676741437216) *
      x +
    1230.3393548037495
  return p / q
}

/** exp(x^2) erfc(x) for x >= 4 (Cody 1969). */
function erfcxTail(x: number): number {
  const z = 1 / (x * x)
  const p =
    ((((0.016315387137302097 * z + 0.30532663496123236) * z + 0.36034489994980445) * z + 0.12578172611122926) * z +
      0.016083785148742275) *
      z +
    0.0006587491615298378
  const q =
    ((((z + 2.568520192289822) * z + 1.8729528499234673) * z + 0.5279051029514285) * z + 0.06051834131244132) * z +
    0.0023352049762686918
  return (INV_SQRT_PI - (z * p) / q) / x
}

/** exp(x^2) erfc(x) for x >= 0.46875. */
function erfcxPositive(x: number): number {
  return x <= 4 ? erfcxMiddle(x) : erfcxTail(x)
}

/**
 * Scaled complementary error function exp(x^2) erfc(x), without unit; 1e-15 relative. Infinity below -26.64, 0 at
 * infinity. Throws `out-of-domain` for NaN. Cody (1969), "Rational Chebyshev approximations for the error function".
 */
export function erfcx(x: number): number {
  if (x >= 0.46875) return erfcxPositive(x)
  if (x >= -0.46875) return Math.exp(x * x) * (1 - erfCentral(x))
  if (x >= -27) {
    const high = Math.fround(x)
    const low = x - high
    const square = x * x
    const residue = high * high - square + 2 * high * low + low * low
    return 2 * Math.exp(square) * (1 + residue) - erfcxPositive(-x)
  }
  if (x < -27) return Number.POSITIVE_INFINITY
  throw outOfDomain('erfcx', 'x has to be a number.', { x })
}

/**
 * Complementary error function 1 - erf(x), in 0..2; 1e-15 relative down to x = 26.5. Throws `out-of-domain` for NaN.
 * Cody (1969).
 */
export function erfc(x: number): number {
  if (x >= -0.46875 && x <= 0.46875) return 1 - erfCentral(x)
  if (x > 0) {
    if (x > 28) return 0
    const high = Math.fround(x)
    const low = x - high
    const square = x * x
    const residue = high * high - square + 2 * high * low + low * low
    return Math.exp(-square) * (1 - residue) * erfcxPositive(x)
  }
  if (x < 0) return 2 - erfc(-x)
  throw outOfDomain('erfc', 'x has to be a number.', { x })
}

/** Standard normal density at x, per unit of x; 1e-15 relative to x = +-37. Throws `out-of-domain` for NaN. */
export function normalPdf(x: number): number {
  const size = Math.abs(x)
  if (size < 37) return INV_SQRT_2_PI * expMinusHalfSquare(x)
  if (size < 39) return (INV_SQRT_2_PI * expMinusHalfSquareTimesTwoPow64(x)) / TWO_POW_64
  if (size >= 39) return 0
  throw outOfDomain('normalPdf', 'x has to be a number.', { x })
}

/**
 * Standard normal distribution function P(X <= x); 1e-15 relative down to x = -37, gradual underflow to -38.5. Throws
 * `out-of-domain` for NaN. Cody (1969), through erfcx, so that the argument is not rounded inside of the exponential.
 */
export function normalCdf(x: number): number {
  const y = x * SQRT_HALF
  if (y < -0.46875) {
    if (x >= -37) return 0.5 * expMinusHalfSquare(x) * erfcxPositive(-y)
    if (x > -39) return (0.5 * expMinusHalfSquareTimesTwoPow64(x) * erfcxPositive(-y)) / TWO_POW_64
    return 0
  }
  if (y <= 0.46875) return 0.5 + 0.5 * erfCentral(y)
  if (x < 9) return 1 - 0.5 * expMinusHalfSquare(x) * erfcxPositive(y)
  if (x >= 9) return 1
  throw outOfDomain('normalCdf', 'x has to be a number.', { x })
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
