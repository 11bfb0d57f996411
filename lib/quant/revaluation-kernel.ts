// What values many lines in many scenarios at once, whatever they are.

/** Where a line bends in the logarithm of its spot. */
export interface Bend {
  /** Logarithm of the spot in the middle of it. */
  readonly at: number
  /** Deviation of the bell that its curvature is, in log spot: sigma sqrt(T) of an option; 0 for a kink or jump. */
  readonly width: number
  /** How far from `at` it can be felt, at least; absent: 9 widths. */
  readonly reach?: number
}

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
   * Of a kernel that can be netted: all bends that lines of either sign could hide between two knots, by cancelling at
   * them. Where knots are not much closer than the narrowest of them, the kernel is not netted.
   */
  readonly bends?: readonly Bend[]
  /**
   * Logarithms of spots at which its values have kinks that do not cancel among its lines, or are suspect for other
   * reasons: a net is tested at each of them, next to it, and between it and the next.
   */
  readonly kinks?: readonly number[]
  /**
   * Writes the value of each line for each of the n entries of its rows: out[line n + j]. Called with any n and any
   * spots within the scenarios' range.
   */
  readonly values: (rows: readonly Float64Array[], out: Float64Array) => void
  /** Adds the sum of its lines for each of the n entries to `out` (n), where it can do so faster than by `values`. */
  readonly addSum?: (rows: readonly Float64Array[], out: Float64Array) => void
}
