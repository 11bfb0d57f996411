// Derivatives from values at four neighbours, for a function that gives several figures at once.

/** Where to evaluate, in steps of h from the middle. */
export const neighbours = [-2, -1, 1, 2] as const

/** f' from f at the {@link neighbours}; error h^4 f^(5) / 30. */
export function fivePointSlope([a = 0, b = 0, c = 0, d = 0]: readonly number[], h: number): number {
  return (8 * (c - b) - (d - a)) / (12 * h)
}

/** f'' from f at the {@link neighbours} and in the middle; error h^4 f^(6) / 90. */
export function fivePointBend([a = 0, b = 0, c = 0, d = 0]: readonly number[], middle: number, h: number): number {
  return (16 * (b - middle + (c - middle)) - (a - middle + (d - middle))) / (12 * h * h)
}
