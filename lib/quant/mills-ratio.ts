// Mills' ratio and its slope, the two functions that option prices are made of where the distribution function itself
// would cancel.
// The rational approximations are our own: weighted least squares on Chebyshev nodes in 60-digit arithmetic, iterated
// to
// near-minimax relative error (below 1e-16); z below 3, and w = 1 / z^2 above.
import { normalCdf, normalPdf } from './normal.ts'
import { outOfDomain } from './out-of-domain.ts'

/** (1 - cdf(z)) / density(z) for -0.75 <= z <= 0, in v = z + 0.75, so that all terms are positive. */
function ratioBelow(z: number): number {
  const v = z + 0.75
  const p =
    ((((0.0016503128283843545 * v + 0.025954369981529595) * v + 0.17950273684544846) * v + 0.7449503971239079) * v +
      1.6929906890169375) *
      v +
    2.5681717549665746
  const q =
    (((((0.0016585308770756064 * v + 0.024537224383670203) * v + 0.16368631821874438) * v + 0.6226376200015025) * v +
      1.412097181091832) *
      v +
      1.7986022532601154) *
      v +
    1.0
  return p / q
}

/** The same for 0 <= z <= 3. */
function ratioNear(z: number): number {
  const p =
    ((((((2.3480583603197807e-5 * z + 0.0006133468570142332) * z + 0.007353615840627705) * z + 0.05247792110098002) *
      z +
      0.2415019747179615) *
      z +
      0.7247136875208948) *
      z +
      1.3342207548557525) *
      z +
    1.2533141373155001
  const q =
    (((((((2.348098176110041e-5 * z + 0.000613330033153085) * z + 0.007377452687734102) * z + 0.053086237348125086) *
      z +
      0.248861666907967) *
      z +
      0.7755229511674514) *
      z +
      1.564248947887383) *
      z +
      1.8624387018050148) *
      z +
    1.0
  return p / q
}

/** The same for z >= 3. */
function ratioFar(z: number): number {
  const w = 1 / (z * z)
  const p =
    ((((((7469.531422642491 * w + 81018.47463068311) * w + 124150.90340410009) * w + 62911.827980702816) * w +
      13574.737476643953) *
      w +
      1358.6116206605966) *
      w +
      61.417139379990004) *
      w +
    1.0
  const q =
    ((((((33060.24167667849 * w + 149754.54250441332) * w + 169660.5024588833) * w + 74309.513621501) * w +
      14820.514818499149) *
      w +
      1418.0287600406805) *
      w +
      62.41713937998993) *
      w +
    1.0
  return p / (q * z)
}

/** 1 - z ratio(z) for 0 <= z <= 3. */
function slopeNear(z: number): number {
  const p =
    (((((5.779272043400266e-5 * z + 0.0012709457828684139) * z + 0.013067028900616312) * z + 0.08017132220535465) * z +
      0.3145492235660877) *
      z +
      0.7570818960604019) *
      z +
    1.0
  const q =
    (((((((5.7788045548805724e-5 * z + 0.001271152019946252) * z + 0.013235924173880852) * z + 0.08404789973509155) *
      z +
      0.35274144004961605) *
      z +
      0.9952699135743395) *
      z +
      1.8342069937994017) *
      z +
      2.010396033375894) *
      z +
    1.0
  return p / q
}

/** The same for z >= 3. */
function slopeFar(z: number): number {
  const w = 1 / (z * z)
  const p =
    ((((((4659.138088236722 * w + 150349.572506429) * w + 225989.59703617526) * w + 103500.9864955486) * w +
      19755.92881821278) *
      w +
      1740.3139327552676) *
      w +
      69.35346614064791) *
      w +
    0.9999999999999999
  const q =
    ((((((225781.2581725138 * w + 594877.4847185091) * w + 467395.81545099494) * w + 154825.73503888672) * w +
      24602.74981924403) *
      w +
      1942.3743311779688) *
      w +
      72.35346614064731) *
      w +
    1.0
  return (p * w) / q
}

/**
 * Mills' ratio M(z) = P(X > z) / density(z) of the standard normal distribution; some 3e-16 relative for z >= -0.75,
 * 1e-15 below; 1 / z for large z, infinite below -37.7. Throws `out-of-domain` for NaN. Mills (1926).
 */
export function millsRatio(z: number): number {
  if (z >= 3) return z < 1e150 ? ratioFar(z) : 1 / z
  if (z >= 0) return ratioNear(z)
  if (z >= -0.75) return ratioBelow(z)
  if (z < -0.75) return normalCdf(-z) / normalPdf(z)
  throw outOfDomain('millsRatio', 'z has to be a number.', { z })
}

/**
 * Minus the slope of Mills' ratio, -M'(z) = 1 - z M(z), for z >= 0; some 3e-16 relative. Throws `out-of-domain` for z <
 * 0 and NaN.
 */
export function millsSlope(z: number): number {
  if (z >= 3) return z < 1e150 ? slopeFar(z) : 0
  if (z >= 0) return slopeNear(z)
  throw outOfDomain('millsSlope', 'z has to be 0 or more.', { z })
}
