// What is wrong with a configuration file, where, and what was probably meant.

export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** `chains[0].assets[1].feed.heartbeatSeconds`; empty for the file itself. */
  readonly path: string
  readonly reason: string
  /** What was probably meant, ready to be typed. */
  readonly suggestion?: string
  /** A value of the example, where a desk must put its own. */
  readonly isPlaceholder?: true
}
