// Perpetual futures on a power of the price, whose premium is what convexity is worth between fundings.
import { outOfDomain } from './out-of-domain.ts'

/**
 * How mark - index is paid: `discrete`, in full once per `f` years (weights 1/2, 1/4, ... of everlasting options), or
 * `continuous` at the rate (mark - index)/f. The same f doubles the premium, to first order, under `discrete`: it is a
 * field, never a default.
 */
type FundingConvention = 'discrete' | 'continuous'

export interface PowerPerpetualState {
  /** S^p. */
  readonly index: number
  /** Quote per unit of the contract. */
  readonly mark: number
  /** mark / index - 1. */
  readonly premium: number
  /** Per unit of the price: p mark / S; the second: p (p-1) mark / S^2. */
  readonly delta: number
  readonly gamma: number
  /** Per 1.00 of vol. */
  readonly vega: number
  /**
   * A year, of a long holder: - (mark - index) / f, the funding paid (above 0: long pays); the mark itself does not
   * age.
   */
  readonly theta: number
  /** Per 1.00 of vol, twice. */
  readonly volga: number
  /** Per 1.00 of the rate: the carry moves along unless it is given. */
  readonly rho: number
  /** Per 1.00 of the carry alone. */
  readonly carryRho: number
  /** Growth of the discounted index a year, y: the continuous funding rate as a fraction of the mark. */
  readonly growth: number
}

/**
 * Mark and Greeks of a power perpetual on S^p whose underlying's forward grows at b (absent: at r, no yield):
 * y = p b - r + p (p-1) sigma^2 / 2, which is (p-1)(r + p sigma^2 / 2) for b = r; discrete: mark = S^p / (2 e^{-y f} - 1)
 * for y f < ln 2; continuous: mark = S^p / (1 - f y) for f y < 1. Domain: S above 0, sigma 0 or above, f 0 or above (0:
 * the index, funding then has no finite rate and theta is its limit, -index y, twice that if discrete), S^p a finite
 * number, y f below its bound; else `out-of-domain`. Relative error about eps (1 + abs(p log S)) / (1 - y f / bound).
 * White, Robinson, Koticha et al. (2021), "Power perpetuals" (Paradigm).
 */
export function powerPerpetual(params: {
  readonly S: number
  readonly p: number
  readonly sigma: number
  readonly r: number
  readonly b?: number
  readonly f: number
  readonly funding: FundingConvention
}): PowerPerpetualState {
  const { S, p, sigma, r, b = r, f, funding } = params
  const index = S ** p
  const y = p * (b - r) + (p - 1) * (r + 0.5 * p * sigma * sigma)
  // mark = index / share, and d log mark / dy.
  const share = funding === 'continuous' ? 1 - f * y : 1 + 2 * Math.expm1(-y * f)
  const slope = (funding === 'continuous' ? f : 2 * f * Math.exp(-y * f)) / share
  // d2 mark / dy2 over d mark / dy: the continuous 1/(1 - f y) grows by 2 slope, the discrete one by f less.
  const bend = funding === 'continuous' ? 2 * slope : 2 * slope - f
  const mark = index / share
  if (!(S > 0 && sigma >= 0 && f >= 0 && index > 0 && share > 0 && Number.isFinite(mark * slope))) {
    throw outOfDomain(
      'powerPerpetual',
      'S above 0, sigma and f 0 or above, S^p finite, and y f below 1 (discrete: below ln 2).',
      {
        ...params,
        y,
      },
    )
  }
  const bySigma = p * (p - 1) * sigma
  const premium = (funding === 'continuous' ? f * y : -2 * Math.expm1(-y * f)) / share
  return {
    index,
    mark,
    premium,
    delta: (p * mark) / S,
    gamma: (p * (p - 1) * mark) / S / S,
    vega: mark * slope * bySigma,
    volga: mark * slope * (bend * bySigma * bySigma + p * (p - 1)),
    theta: f === 0 ? -index * y * (funding === 'continuous' ? 1 : 2) : (-index * premium) / f,
    rho: mark * slope * (params.b === undefined ? p - 1 : -1),
    carryRho: mark * slope * p,
    growth: y,
  }
}
