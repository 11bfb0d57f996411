// What a day's intraday returns say of its variance, and how much of it came in jumps.
import { outOfDomain } from './out-of-domain.ts'

export interface RealisedVariance {
  /** Sum of squared returns: of the whole day, in the squared unit of the returns. */
  readonly variance: number
  /** What it would be without jumps (bipower variation). */
  readonly bipower: number
  /** Ratio statistic of the jumps: standard normal if there is none; 0 where nothing can be said. */
  readonly z: number
  /** max(variance - bipower, 0) if z exceeds the level, else 0. */
  readonly jump: number
  /** Known returns. */
  readonly returns: number
}

/** E|z| of a standard normal, and E|z|^(4/3) = 2^(2/3) Gamma(7/6) / Gamma(1/2). */
const MU1 = Math.sqrt(2 / Math.PI)
const MU43 = 0.8308609239895858
/** Variance of the ratio: mu1^-4 + 2 mu1^-2 - 5 (Huang & Tauchen 2005, eq. 12). */
const SPREAD = MU1 ** -4 + 2 * MU1 ** -2 - 5
/** Quantile of 99.9 %: about one false jump in three years of days. */
const LEVEL = 3.090232306167813

/**
 * Realised and bipower variation (Barndorff-Nielsen & Shephard 2004) with the ratio test of Huang & Tauchen (2005) on tripower
 * quarticity. `returns` are those of one day in order, a gap is `undefined`: sums are scaled up by the share that is known, and
 * products only take neighbours. Undefined where no return is known. Throws `out-of-domain` for what is not finite.
 */
export function realisedVariance(returns: ArrayLike<number | undefined>): RealisedVariance | undefined {
  const n = returns.length
  let [squares, known, twos, pairs, threes, triples] = [0, 0, 0, 0, 0, 0]
  for (let t = 0; t < n; t += 1) {
    const r = returns[t]
    if (r === undefined) continue
    if (!(Math.abs(r) < 1e100))
      throw outOfDomain('realisedVariance', 'A return is finite, or undefined where there is none.', {
        at: t,
        value: r,
      })
    squares += r * r
    known += 1
    const before = t > 0 ? returns[t - 1] : undefined
    if (before === undefined) continue
    twos += Math.abs(r * before)
    pairs += 1
    const earlier = t > 1 ? returns[t - 2] : undefined
    if (earlier === undefined) continue
    threes += Math.abs(r * before * earlier) ** (4 / 3)
    triples += 1
  }
  if (known === 0) return undefined
  const variance = (squares * n) / known
  if (pairs === 0) return { variance, bipower: variance, z: 0, jump: 0, returns: known }
  const bipower = (MU1 ** -2 * twos * n) / pairs
  const quarticity = triples === 0 ? 0 : (MU43 ** -3 * threes * n * n) / triples
  const ratio = variance > 0 ? (variance - bipower) / variance : 0
  const noise = Math.sqrt((SPREAD / known) * Math.max(1, bipower > 0 ? quarticity / bipower / bipower : 1))
  const z = ratio / noise
  return { variance, bipower, z, jump: z > LEVEL ? Math.max(0, variance - bipower) : 0, returns: known }
}

/** Patton (2011): realised / forecast - log(realised / forecast) - 1; 0 if they are equal. Throws `out-of-domain` unless both are above 0. */
export function qlike(realised: number, forecast: number): number {
  if (!(realised > 0 && forecast > 0 && realised < Infinity && forecast < Infinity))
    throw outOfDomain('qlike', 'Variances above 0.', { realised, forecast })
  const ratio = realised / forecast
  return ratio - Math.log(ratio) - 1
}
