// Whether assets have begun to move together more than they used to: a likelihood ratio that looks at directions and not at sizes.
import { outOfDomain } from './out-of-domain.ts'

/** How much of one date's movement was common. */
export interface Alignment {
  /** q = (sum z)^2 / (m sum z^2), 0..1: the share of the squared length that lies along (1, 1, .. 1). */
  readonly share: number
  /** Assets that have a say. */
  readonly assets: number
}

/**
 * Of standardised returns. Multiplying all of them changes nothing, so neither a burst of volatility nor a common fat tail
 * (a multivariate t) does.
 * @returns undefined with fewer than two assets, or where nothing moved
 */
export function alignment(z: ArrayLike<number | undefined>): Alignment | undefined {
  let sum = 0
  let squares = 0
  let assets = 0
  for (let i = 0; i < z.length; i += 1) {
    const value = z[i]
    if (value === undefined) continue
    sum += value
    squares += value * value
    assets += 1
  }
  if (assets < 2 || !(squares > 0)) return undefined
  return { share: Math.min(1, (sum * sum) / (assets * squares)), assets }
}

/** theta = ln of the first eigenvalue over the others, of m assets with equal correlations. */
function thetaOf(correlation: number, assets: number): number {
  return Math.log((1 + (assets - 1) * correlation) / (1 - correlation))
}

function correlationOf(theta: number, assets: number): number {
  return Math.expm1(theta) / (Math.exp(theta) + assets - 1)
}

/**
 * Log density of a direction with the share q under equal correlations, up to a constant: -theta/2 - m/2 ln(q e^-theta + 1 - q),
 * the angular central Gaussian (Tyler 1987, Biometrika 74, eq. 1) in theta.
 */
function logDensity({ share, assets }: Alignment, theta: number): number {
  return -theta / 2 - (assets / 2) * Math.log(share * Math.exp(-theta) + 1 - share)
}

export interface CusumSettings {
  /** Rise of theta that it looks for; 1.5 is a correlation of .3 that becomes .7, for ten assets. */
  readonly shift: number
  /** Observations over which the reference follows. */
  readonly memory: number
  /** One date adds this at most: a single common jump is no change of correlation. */
  readonly largestStep: number
  /** It climbs no higher, so that it comes down when it is over. */
  readonly ceiling: number
}

/** Plain data. */
export interface CusumState {
  /** Equal correlation that stands for what is usual. */
  readonly reference: number
  /** Variance of the score over what the law of directions says, 1 and above: correlations that differ and tails of their own make evidence worth less. */
  readonly dispersion: number
  /** Dates seen, up to `memory`. */
  readonly dates: number
  /** W = max(0, W + log-likelihood ratio): evidence that correlation has risen since some date. */
  readonly evidence: number
}

export const startCusum: CusumState = { reference: 0.5, dispersion: 1, dates: 0, evidence: 0 }

const leastReference = 0
const mostReference = 0.97

/**
 * One date further (Page 1954): the ratio is of correlations with theta = reference + shift against the reference, which itself
 * follows by the score of the same likelihood, over the last `memory` dates or so. Divided by the dispersion (a quasi-likelihood,
 * McCullagh & Nelder 1989, section 9.2).
 * @throws HomeostatError `out-of-domain` for an alignment that is none
 */
export function updateCusum(state: CusumState, seen: Alignment, settings: CusumSettings): CusumState {
  const { share, assets } = seen
  if (!(share >= 0 && share <= 1 && assets >= 2))
    throw outOfDomain('updateCusum', 'A share within 0..1 of two assets or more.', { share, assets })
  const usual = thetaOf(state.reference, assets)
  const ratio = logDensity(seen, usual + settings.shift) - logDensity(seen, usual)
  const dates = Math.min(settings.memory, state.dates + 1)
  // Fisher's information of theta in one direction; the step of the reference is that of Newton, averaged over the dates.
  const information = (assets - 1) / (2 * (assets + 2))
  const tilted = share * Math.exp(-usual)
  const score = -0.5 + ((assets / 2) * tilted) / (tilted + 1 - share)
  const theta = usual + score / (information * Math.min(settings.memory, dates + learning))
  const dispersion = Math.min(largestDispersion, (score * score) / information)
  const step = Math.min(settings.largestStep, ratio) / Math.max(1, state.dispersion)
  return {
    reference: Math.min(mostReference, Math.max(leastReference, correlationOf(theta, assets))),
    dispersion: state.dispersion + (dispersion - state.dispersion) / Math.min(settings.memory, dates + 5 * learning),
    dates,
    evidence: Math.min(settings.ceiling, Math.max(0, state.evidence + step)),
  }
}

/** The first dates count as if so many had gone before. */
const learning = 10
/** Of a single date. */
const largestDispersion = 20

/**
 * By how much the variance of an equal-weight book would grow, at unchanged volatilities, if correlation rose by the shift that is looked for: 2 from .3, 1.1
 * from .85. Where assets move together anyway, a rise may be certain and yet mean little.
 */
export function varianceFactor(state: CusumState, assets: number, { shift }: Pick<CusumSettings, 'shift'>): number {
  const risen = correlationOf(thetaOf(state.reference, assets) + shift, assets)
  return (1 + (assets - 1) * risen) / (1 + (assets - 1) * state.reference)
}
