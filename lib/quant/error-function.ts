// The error function and its kin in double precision to their far tails, which the normal distribution stands on.
import { outOfDomain } from './out-of-domain.ts'

const SQRT_HALF = Math.SQRT1_2
const INV_SQRT_PI = 0.5641895835477563
export const TWO_POW_64 = 2 ** 64
const LN_TWO_POW_64_HI = 44.3614195558365
const LN_TWO_POW_64_LO = 1.4841899608616317e-15

/**
 * exp(-x^2 / 2) to 1 ulp or so: the rounding of x^2, which the exponential would amplify, is carried along. abs(x) <
 * 1e19.
 */
export function expMinusHalfSquare(x: number): number {
  const high = Math.fround(x)
  const low = x - high
  const square = x * x
  const residue = high * high - square + 2 * high * low + low * low
  return Math.exp(-0.5 * square) * (1 - 0.5 * residue)
}

/** The same times 2^64, for results that would come out subnormal on the way. */
export function expMinusHalfSquareTimesTwoPow64(x: number): number {
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

/**
 * Standard normal distribution function by Cody (1969), through erfcx, so that x is not rounded inside of the
 * exponential: 1e-15 relative. Throws `out-of-domain` for NaN.
 */
export function cdfByCody(x: number): number {
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
