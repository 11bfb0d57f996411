// log(1 + e) - e, where it is the difference of two nearly equal numbers: the heart of a small divergence loss.

/**
 * log(1 + e) - e for e >= -1 to a few ulp (-infinity at -1). By its series for abs(e) < 0.02, where the difference
 * would cancel.
 */
export function log1pMinus(e: number): number {
  if (Math.abs(e) >= 0.02) return Math.log1p(e) - e
  let term = -e * e
  let sum = term / 2
  for (let k = 3; k <= 11; k += 1) {
    term *= -e
    sum += term / k
  }
  return sum
}
