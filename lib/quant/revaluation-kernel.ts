// What values many lines in many scenarios at once, whatever they are.

/** The lines of one kind that share their factors, valued together. */
export interface RevaluationKernel {
  /** How many lines it values, 1 or more. */
  readonly lines: number
  /** The rows of the scenarios that it reads, in its order. */
  readonly factors: readonly number[]
  /**
   * `log-spot`: its values are functions of its one factor alone, a spot above 0 (vol may move with it). `none`: always
   * valued directly.
   */
  readonly netting: 'log-spot' | 'none'
  /**
   * Writes the value of each line for each of the n entries of its rows: out[line n + j]. Called with any n and any
   * spots within the scenarios' range.
   */
  readonly values: (rows: readonly Float64Array[], out: Float64Array) => void
  /** Adds the sum of its lines for each of the n entries to `out` (n), where it can do so faster than by `values`. */
  readonly addSum?: (rows: readonly Float64Array[], out: Float64Array) => void
}
