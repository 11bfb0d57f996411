// Interpolation between two points with given slopes that keeps a monotone or convex function so.

/** Two ends of an interval with value y and slope d. */
export interface CubicEnds {
  readonly xLeft: number
  readonly xRight: number
  readonly yLeft: number
  readonly yRight: number
  readonly dLeft: number
  readonly dRight: number
}

/** The least control parameter that keeps the shape the data have. */
function shapeParameter(slope: number, dLeft: number, dRight: number): number {
  const monotone = dLeft * slope >= 0 && dRight * slope >= 0
  const bent = (dLeft <= slope && slope <= dRight) || (dLeft >= slope && slope >= dRight)
  let least = -1 + 1e-8
  if (monotone && slope !== 0) least = Math.max(least, (dLeft + dRight) / slope)
  if (bent && slope !== dLeft && slope !== dRight)
    least = Math.max(least, Math.abs((dRight - dLeft) / (dRight - slope)), Math.abs((dRight - dLeft) / (slope - dLeft)))
  return least
}

/**
 * The rational cubic through both ends, at x between them. The control parameter fits the second derivative `bend` at
 * the side named, as far as the shape allows. Delbourgo & Gregory (1985), "Shape preserving piecewise rational
 * interpolation", eqs. 2.4 and 3.5.
 */
export function rationalCubic(ends: CubicEnds, bend: number, side: 'left' | 'right', x: number): number {
  const { xLeft, xRight, yLeft, yRight, dLeft, dRight } = ends
  const h = xRight - xLeft
  if (!(h > 0)) return 0.5 * (yLeft + yRight)
  const slope = (yRight - yLeft) / h
  const fitted = (0.5 * h * bend + dRight - dLeft) / (side === 'left' ? slope - dLeft : dRight - slope)
  const least = shapeParameter(slope, dLeft, dRight)
  const r = fitted > least ? Math.min(fitted, 1e8) : least
  const t = (x - xLeft) / h
  const u = 1 - t
  const ends2 = (r * yRight - h * dRight) * t + (r * yLeft + h * dLeft) * u
  return (yRight * t * t * t + ends2 * t * u + yLeft * u * u * u) / (1 + (r - 3) * t * u)
}
