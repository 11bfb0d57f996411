// Exponentially weighted moments of returns that take one date at a time, so that a covariance follows each snapshot without its history.
import { outOfDomain } from '../out-of-domain.ts'
import { checkObservation, noMoments, type Observation, pairs, type SampleMoments } from './sample-moments.ts'

/** In observations (days, where returns are daily). */
export interface EwmaSettings {
  readonly varianceHalfLife: number
  readonly correlationHalfLife: number
  /** The first so many observations of an asset or a pair have equal weight: their mean starts the recursion. */
  readonly start: number
}

/** RiskMetrics-like memory: variance follows within weeks, correlation within months. */
export const ewmaDefaults: EwmaSettings = { varianceHalfLife: 23, correlationHalfLife: 60, start: 60 }

/** Plain data: may be stored and resumed. Never changed in place. */
export interface EwmaState {
  readonly settings: EwmaSettings
  readonly assets: number
  /** Dates taken in, those with gaps too. */
  readonly dates: number
  /** E[x^2] of each asset, with the half-life of variance. */
  readonly variance: Float64Array
  /** Dates with both assets of a pair; packed as in `SampleMoments`. */
  readonly joint: Float64Array
  /** With the half-life of correlation; `effective` is that of `joint`. */
  readonly moments: SampleMoments
}

/** The state before any date. Throws `out-of-domain` for no assets, a half-life not above 0 or a start below 1. */
export function startEwma(params: { readonly assets: number; readonly settings?: EwmaSettings }): EwmaState {
  const { assets, settings = ewmaDefaults } = params
  const { varianceHalfLife, correlationHalfLife, start } = settings
  if (!(Number.isInteger(assets) && assets > 0)) throw outOfDomain('startEwma', 'At least one asset.', { assets })
  if (!(varianceHalfLife > 0 && correlationHalfLife > 0 && Number.isInteger(start) && start >= 1))
    throw outOfDomain('startEwma', 'Half-lives above 0, a whole start of 1 or above.', { ...settings })
  return {
    settings,
    assets,
    dates: 0,
    variance: new Float64Array(assets),
    joint: new Float64Array(pairs(assets)),
    moments: noMoments(assets),
  }
}

/** Sum of squared weights after one more date that has the weight `fresh`. */
function effectiveAfter(effective: number, fresh: number): number {
  const kept = 1 - fresh
  return 1 / ((effective === 0 ? 0 : (kept * kept) / effective) + fresh * fresh)
}

/** A pair's moments take in x_i = a and x_j = b. */
function absorbPair(m: SampleMoments, k: number, fresh: number, a: number, b: number): void {
  const product = a * b
  const aa = a * a
  const bb = b * b
  m.effective[k] = effectiveAfter(m.effective[k] as number, fresh)
  m.cross[k] = (m.cross[k] as number) + fresh * (product - (m.cross[k] as number))
  m.squareI[k] = (m.squareI[k] as number) + fresh * (aa - (m.squareI[k] as number))
  m.squareJ[k] = (m.squareJ[k] as number) + fresh * (bb - (m.squareJ[k] as number))
  m.m22[k] = (m.m22[k] as number) + fresh * (aa * bb - (m.m22[k] as number))
  m.m31[k] = (m.m31[k] as number) + fresh * (aa * product - (m.m31[k] as number))
  m.m13[k] = (m.m13[k] as number) + fresh * (bb * product - (m.m13[k] as number))
}

/** In place, on a state that nobody else holds. */
function absorb(state: EwmaState, observation: Observation): void {
  const { assets, settings, variance, joint, moments } = state
  const freshVariance = 1 - 0.5 ** (1 / settings.varianceHalfLife)
  const freshCorrelation = 1 - 0.5 ** (1 / settings.correlationHalfLife)
  let k = 0
  for (let i = 0; i < assets; i += 1) {
    const a = observation[i]
    if (a === undefined) {
      k += assets - i
      continue
    }
    const seen = (joint[k] as number) + 1
    const fresh = seen <= settings.start ? 1 / seen : freshVariance
    variance[i] = (variance[i] as number) + fresh * (a * a - (variance[i] as number))
    for (let j = i; j < assets; j += 1, k += 1) {
      const b = observation[j]
      if (b === undefined) continue
      const count = (joint[k] as number) + 1
      joint[k] = count
      absorbPair(moments, k, count <= settings.start ? 1 / count : freshCorrelation, a, b)
    }
  }
}

/** Dates without a gap, taken into a state without one: the same numbers to the last bit, pair by pair, and much faster. */
function absorbWhole(state: EwmaState, rows: readonly Observation[]): void {
  const { assets: n, settings, variance, joint, moments } = state
  const dates = rows.length
  const columns = Array.from({ length: n }, (_, i) => Float64Array.from(rows, (row) => row[i] as number))
  const seen = joint[0] as number
  const freshOf = (halfLife: number) =>
    Float64Array.from({ length: dates }, (_, t) =>
      seen + t + 1 <= settings.start ? 1 / (seen + t + 1) : 1 - 0.5 ** (1 / halfLife),
    )
  const freshVariance = freshOf(settings.varianceHalfLife)
  const fresh = freshOf(settings.correlationHalfLife)
  let effective = moments.effective[0] as number
  for (let t = 0; t < dates; t += 1) effective = effectiveAfter(effective, fresh[t] as number)
  const squares = new Float64Array(n)
  let k = 0
  for (let i = 0; i < n; i += 1) {
    const x = columns[i] as Float64Array
    let [v, square] = [variance[i] as number, moments.squareI[k] as number]
    for (let t = 0; t < dates; t += 1) {
      const aa = (x[t] as number) * (x[t] as number)
      v += (freshVariance[t] as number) * (aa - v)
      square += (fresh[t] as number) * (aa - square)
    }
    variance[i] = v
    squares[i] = square
    for (let j = i; j < n; j += 1, k += 1) absorbColumns(moments, k, fresh, x, columns[j] as Float64Array)
  }
  k = 0
  for (let i = 0; i < n; i += 1)
    for (let j = i; j < n; j += 1, k += 1) {
      moments.squareI[k] = squares[i] as number
      moments.squareJ[k] = squares[j] as number
    }
  moments.effective.fill(effective)
  joint.fill(seen + dates)
}

/** All dates of one pair, its four moments in registers. */
function absorbColumns(m: SampleMoments, k: number, fresh: Float64Array, x: Float64Array, y: Float64Array): void {
  let cross = m.cross[k] as number
  let m22 = m.m22[k] as number
  let m31 = m.m31[k] as number
  let m13 = m.m13[k] as number
  for (let t = 0; t < fresh.length; t += 1) {
    const f = fresh[t] as number
    const a = x[t] as number
    const b = y[t] as number
    const aa = a * a
    const bb = b * b
    const product = a * b
    cross += f * (product - cross)
    m22 += f * (aa * bb - m22)
    m31 += f * (aa * product - m31)
    m13 += f * (bb * product - m13)
  }
  m.cross[k] = cross
  m.m22[k] = m22
  m.m31[k] = m31
  m.m13[k] = m13
}

function isWhole(row: Observation): boolean {
  for (let i = 0; i < row.length; i += 1) if (row[i] === undefined) return false
  return true
}

function copyOf(state: EwmaState): EwmaState {
  const { effective, cross, squareI, squareJ, m22, m31, m13 } = state.moments
  return {
    ...state,
    variance: state.variance.slice(),
    joint: state.joint.slice(),
    moments: {
      assets: state.assets,
      effective: effective.slice(),
      cross: cross.slice(),
      squareI: squareI.slice(),
      squareJ: squareJ.slice(),
      m22: m22.slice(),
      m31: m31.slice(),
      m13: m13.slice(),
    },
  }
}

/**
 * The state after further dates, in their order: m += w (x - m) with w = 1/n for the n-th of the first `start` dates of
 * the pair and 1 - 2^(-1/half-life) after. Mean zero. A gap (`undefined`) leaves its pairs as they were. The state
 * given stays as it is. Throws `out-of-domain`, with asset and date, for a number that is not finite or a row of
 * another length.
 */
export function updateEwma(state: EwmaState, observations: readonly Observation[]): EwmaState {
  for (const [t, row] of observations.entries()) checkObservation('updateEwma', row, state.assets, state.dates + t)
  const next = copyOf(state)
  const gap = next.joint.every((dates) => dates === state.dates) ? observations.findIndex((row) => !isWhole(row)) : 0
  const whole = gap < 0 ? observations.length : gap
  if (whole > 0) absorbWhole(next, observations.slice(0, whole))
  for (let t = whole; t < observations.length; t += 1) absorb(next, observations[t] as Observation)
  return { ...next, dates: state.dates + observations.length }
}
