// How a caller may ask for nets: splines over log spot in place of direct values.

export interface Netting {
  /** `none`: everything directly. Absent: `log-spot`. */
  readonly netting?: 'log-spot' | 'none'
  /** Knots of the first spline that is tried, 8 or more; absent: 129. 4 and 16 times as many are tried next. */
  readonly nodes?: number
  /** Greatest error of a net as a fraction of its gross; absent: 1e-6. */
  readonly tolerance?: number
}
