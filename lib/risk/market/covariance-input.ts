// What a way to estimate a covariance is given, and what it owes.

export interface CovarianceInput {
  /** dates x assets, each of which has moved; gaps are `undefined`. */
  readonly rows: readonly (readonly (number | undefined)[])[]
  readonly assets: readonly string[]
  /** In bars. */
  readonly halfLife: { readonly variance: number; readonly correlation: number }
}

export interface RawCovariance {
  /** n, per bar. */
  readonly variance: Float64Array
  /** n x n by rows, ones on the diagonal; of a pair without common dates whatever the method assumes. */
  readonly correlation: Float64Array
  /** Ledoit-Wolf, 0..1; 0 where nothing is shrunk. */
  readonly shrinkage: number
  /** The method's own parameters, where it fitted some. */
  readonly parameters?: Readonly<Record<string, number>>
  /** What the method itself had to say, in sentences. */
  readonly remarks?: readonly string[]
}

export type CovarianceEstimator = (input: CovarianceInput) => RawCovariance
