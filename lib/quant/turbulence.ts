// How unusual one date's returns are, given how assets usually move and move together.
import { cholesky, squaredNorm } from './cholesky.ts'
import { outOfDomain } from './out-of-domain.ts'

export interface TurbulenceParams {
  /** One return per asset; `undefined` is a gap: the assets without are left out of that date. */
  readonly observation: ArrayLike<number | undefined>
  /** Per asset; zero where absent. */
  readonly mean?: ArrayLike<number>
  /** n x n by rows, of dates before this one, else it is measured against itself. */
  readonly covariance: ArrayLike<number>
}

export interface Turbulence {
  /** d = (y - mu)' S^-1 (y - mu); its mean is `assets` under that covariance. */
  readonly distance: number
  /** Those with a return and a variance. */
  readonly assets: number
}

/** Diagonals are lifted by these shares, one after another, until the matrix has a root: copies of one asset leave none. */
const ridges = [0, 1e-10, 1e-8, 1e-6, 1e-4] as const

/**
 * Turbulence of Kritzman & Li (2010, Financial Analysts Journal 66(5), eq. 1). An asset of zero variance has no say.
 * @returns undefined where nobody has a return and a variance
 * @throws HomeostatError `out-of-domain` for lengths that do not fit, a return that is not finite, or a covariance that is none
 */
export function turbulence({ observation, mean, covariance }: TurbulenceParams): Turbulence | undefined {
  const n = observation.length
  if (n < 1 || covariance.length !== n * n || (mean !== undefined && mean.length !== n))
    throw outOfDomain('turbulence', 'n returns, n means, n x n covariances.', { n, entries: covariance.length })
  const seen: number[] = []
  for (let i = 0; i < n; i += 1) {
    const y = observation[i]
    if (y === undefined) continue
    if (!Number.isFinite(y)) throw outOfDomain('turbulence', 'A return is finite, or a gap.', { asset: i, value: y })
    if ((covariance[i * n + i] as number) > 0) seen.push(i)
  }
  const m = seen.length
  if (m === 0) return undefined
  const away = Float64Array.from(seen, (i) => (observation[i] as number) - (mean?.[i] ?? 0))
  const matrix = new Float64Array(m * m)
  for (let p = 0; p < m; p += 1)
    for (let q = 0; q < m; q += 1)
      matrix[p * m + q] = covariance[(seen[p] as number) * n + (seen[q] as number)] as number
  for (const ridge of ridges) {
    for (const [p, i] of seen.entries()) matrix[p * m + p] = (1 + ridge) * (covariance[i * n + i] as number)
    const root = cholesky({ matrix, size: m })
    if (root !== undefined) return { distance: squaredNorm(root, away), assets: m }
  }
  throw outOfDomain('turbulence', 'A covariance is positive semidefinite.', { n, assets: m })
}
