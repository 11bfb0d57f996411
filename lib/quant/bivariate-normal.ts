// The distribution function of two correlated normal variables, for payoffs that look at a price twice.
import { expMinus } from './exp-minus.ts'
import { gaussLegendre, type QuadratureRule } from './gauss-legendre.ts'
import { normalCdf } from './normal.ts'
import { outOfDomain } from './out-of-domain.ts'

const SQRT_2_PI = Math.sqrt(2 * Math.PI)
const WEAK = gaussLegendre(6)
const MIDDLE = gaussLegendre(12)
const STRONG = gaussLegendre(20)

/** Powers of z = theta^2 in sin(theta) / theta, the highest first: the series of Taylor to theta^19. */
const SINE = Float64Array.from({ length: 10 }, (_, i) => {
  let term = 1
  for (let k = 1; k <= 9 - i; k += 1) term /= -2 * k * (2 * k + 1)
  return term
})

/** sin(theta) for abs(theta) <= 1.2, to 2e-16. */
function sine(theta: number): number {
  const z = theta * theta
  let sum = SINE[0] as number
  for (let i = 1; i < 10; i += 1) sum = sum * z + (SINE[i] as number)
  return theta * sum
}

/** What of Plackett's integral only the size of the correlation decides. */
interface Plackett {
  size: number
  rule: QuadratureRule
  /** asin(size) / 2. */
  half: number
  readonly sines: Float64Array
  /** 1 / (1 - sine^2). */
  readonly inverses: Float64Array
}

function uncorrelated(): Plackett {
  return { size: 0, rule: WEAK, half: 0, sines: new Float64Array(20), inverses: new Float64Array(20).fill(1) }
}

/** The last two sizes, because one formula asks for many pairs of the same one or two. No result depends on them. */
let latest = uncorrelated()
let earlier = uncorrelated()

function plackett(size: number): Plackett {
  if (latest.size === size) return latest
  const taken = earlier
  earlier = latest
  latest = taken
  if (taken.size === size) return taken
  taken.size = size
  taken.rule = size < 0.3 ? WEAK : size < 0.75 ? MIDDLE : STRONG
  taken.half = Math.asin(size) / 2
  const { nodes } = taken.rule
  for (let i = 0; i < nodes.length; i += 1) {
    const sn = sine(taken.half * (1 + (nodes[i] as number)))
    taken.sines[i] = sn
    taken.inverses[i] = 1 / ((1 - sn) * (1 + sn))
  }
  return taken
}

/**
 * Plackett's identity, with the correlation as a sine (Drezner & Wesolowsky 1990, as refined by Genz 2004, section 2).
 */
function upperModerate(h: number, k: number, r: number): number {
  const { rule, half, sines, inverses } = plackett(Math.abs(r))
  const { nodes, weights } = rule
  const sign = r < 0 ? -1 : 1
  const hk = sign * h * k
  const hs = (h * h + k * k) / 2
  let sum = 0
  for (let i = 0; i < nodes.length; i += 1) {
    // Never below 0: (h^2 + k^2) / 2 >= abs(h k), and no sine is above 0.925.
    const y = (hs - (sines[i] as number) * hk) * (inverses[i] as number)
    if (y < 700) sum += (weights[i] as number) * expMinus(y)
  }
  return (sign * sum * half) / (2 * Math.PI) + normalCdf(-h) * normalCdf(-k)
}

/** What is missing to full correlation: a series whose remainder is integrated (Genz 2004, section 2.4), for r > 0. */
function shortOfFullCorrelation(h: number, k: number, r: number): number {
  const hk = h * k
  const as = (1 - r) * (1 + r)
  const bs = (h - k) * (h - k)
  const c = (4 - hk) / 8
  const d = (12 - hk) / 16
  const a = Math.sqrt(as)
  const exponent = -(bs / as + hk) / 2
  let missing = 0
  if (exponent > -745)
    missing = a * Math.exp(exponent) * (1 - (c * (bs - as) * (1 - (d * bs) / 5)) / 3 + (c * d * as * as) / 5)
  if (hk > -200) {
    const b = Math.sqrt(bs)
    missing -= Math.exp(-hk / 2) * SQRT_2_PI * normalCdf(-b / a) * b * (1 - (c * bs * (1 - (d * bs) / 5)) / 3)
  }
  for (let i = 0; i < STRONG.nodes.length; i += 1) {
    const root = (a / 2) * (1 + (STRONG.nodes[i] ?? 0))
    const xs = root * root
    const rs = Math.sqrt(1 - xs)
    const kernel = -(bs / xs + hk) / 2
    if (kernel > -745)
      missing +=
        (a / 2) *
        (STRONG.weights[i] ?? 0) *
        Math.exp(kernel) *
        (Math.exp((-hk * xs) / (2 * (1 + rs) * (1 + rs))) / rs - (1 + c * xs * (1 + d * xs)))
  }
  return missing / (2 * Math.PI)
}

/** P(X > h, Y > k). */
function upper(h: number, k: number, r: number): number {
  if (Math.abs(r) < 0.925) return upperModerate(h, k, r)
  if (r > 0) {
    const full = normalCdf(-Math.max(h, k))
    return r < 1 ? full - shortOfFullCorrelation(h, k, r) : full
  }
  const full = -k > h ? normalCdf(-h) - normalCdf(k) : 0
  return r > -1 ? full + shortOfFullCorrelation(h, -k, -r) : full
}

/**
 * P(X <= x, Y <= y) of two standard normal variables with correlation rho; absolute error below 1e-15, limits included
 * (x, y infinite; rho = -1, 1). Throws `out-of-domain` for NaN and abs(rho) > 1.
 * Genz (2004), "Numerical computation of rectangular bivariate and trivariate normal and t probabilities".
 */
export function bivariateNormalCdf(x: number, y: number, rho: number): number {
  if (!(rho >= -1 && rho <= 1) || Number.isNaN(x) || Number.isNaN(y))
    throw outOfDomain('bivariateNormalCdf', 'x and y have to be numbers, -1 <= rho <= 1.', { x, y, rho })
  if (x < -40 || y < -40) return 0
  if (x > 40) return normalCdf(y)
  if (y > 40) return normalCdf(x)
  return Math.max(0, Math.min(1, upper(-x, -y, rho)))
}
