// Finds a root inside of a bracket without derivatives: never slower than bisection by much, mostly superlinear.
import { outOfDomain } from './out-of-domain.ts'

const EPSILON = 2 ** -52
/**
 * Bisection alone needs about 1,100 halvings for any two doubles; Brent's bound is its square, reached by no known
 * function.
 */
const MOST_STEPS = 5_000

/**
 * A point within 2 eps abs(x) + `tolerance` of a change of sign of `f` between `from` and `to` (either order). f(from)
 * and f(to) must not have the same sign, else `out-of-domain`, as for a function that is not a number somewhere;
 * infinite values are fine. Brent (1973), "Algorithms for minimization without derivatives", chapter 4: inverse
 * quadratic interpolation or secant, else bisection.
 */
export function brentRoot(
  f: (x: number) => number,
  params: { readonly from: number; readonly to: number; readonly tolerance: number },
): number {
  const { from, to, tolerance } = params
  // b is the best point so far, a the one before it, c the other end of the bracket.
  let [a, b] = [from, to]
  let [fa, fb] = [f(a), f(b)]
  if (!(Number.isFinite(from) && Number.isFinite(to) && tolerance >= 0 && Math.sign(fa) * Math.sign(fb) <= 0)) {
    throw outOfDomain('brentRoot', 'The bracket has to be finite and the function to change its sign in it.', {
      from,
      to,
      fa,
      fb,
    })
  }
  let [c, fc] = [a, fa]
  let step = b - a
  let before = step
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    if (Math.abs(fc) < Math.abs(fb)) {
      ;[a, b, c] = [b, c, b]
      ;[fa, fb, fc] = [fb, fc, fb]
    }
    const near = 2 * EPSILON * Math.abs(b) + tolerance / 2
    const half = (c - b) / 2
    if (Math.abs(half) <= near || fb === 0) return b
    const next =
      Math.abs(before) >= near && Math.abs(fa) > Math.abs(fb) ? interpolated(a, b, c, fa, fb, fc) : Number.NaN
    // Interpolation is taken only inside of three quarters of the bracket and if it at least halves the step before the
    // last.
    if (next * half > 0 && Math.abs(next) < Math.min(1.5 * Math.abs(half) - near / 2, Math.abs(before) / 2)) {
      before = step
      step = next
    } else {
      before = half
      step = half
    }
    a = b
    fa = fb
    b += Math.abs(step) > near ? step : half > 0 ? near : -near
    fb = f(b)
    if (Number.isNaN(fb))
      throw outOfDomain('brentRoot', 'The function has to be a number everywhere in the bracket.', { x: b })
    if (fb > 0 === fc > 0) {
      c = a
      fc = fa
      step = b - a
      before = step
    }
  }
  return b
}

/** The step from b that the secant (a = c) or the inverse parabola through the three points asks for. */
function interpolated(a: number, b: number, c: number, fa: number, fb: number, fc: number): number {
  const s = fb / fa
  if (a === c) return (-(c - b) * s) / (1 - s)
  const q = fa / fc
  const r = fb / fc
  const p = s * ((c - b) * q * (q - r) - (b - a) * (r - 1))
  return -p / ((q - 1) * (r - 1) * (s - 1))
}
