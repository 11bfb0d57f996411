// What formulas with a barrier or an extremum share where derivatives close to it are wanted.

/**
 * An option's value has a kink where the price touches a level, and a difference across it is no derivative. The formula of the living side has none: beyond
 * the level it is no price, but goes on smoothly, so that differences of it are the derivatives of that side at any distance from the level.
 */
export interface Continuation {
  /** True: that formula whatever the spot, to be relied on some hundredths of a deviation beyond the level. Absent: the price. Without deviation: no difference. */
  readonly isContinued?: boolean | undefined
}
