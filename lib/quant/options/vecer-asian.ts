// Arithmetic Asian options to six digits and more, with delta and gamma, where matched moments are not good enough.
import { outOfDomain } from '../out-of-domain.ts'
import {
  type AverageLaw,
  arithmeticLaw,
  type ContinuousAsian,
  type DiscreteAsian,
  discreteArithmeticLaw,
  fixingVariances,
  requireContinuous,
  requireRisingVariance,
  windowOf,
} from './asian.ts'
import { blackScholes } from './black.ts'
import type { VanillaParams } from './lognormal.ts'

export interface AsianValue {
  readonly price: number
  readonly delta: number
  readonly gamma: number
}

export interface AsianResolution {
  /** Space intervals of the coarser of the two grids, even, 16..4000; absent: 240. Time steps are half as many. The error falls as its 4th power. */
  readonly intervals?: number | undefined
}

/** Share kappa of the average still unknown at each time step, going back from expiry, with the variance sigma^2 dt of the step. */
interface Steps {
  readonly kappa: Float64Array
  readonly variance: Float64Array
}

interface Grid {
  readonly y: Float64Array
  readonly x: Float64Array
  readonly v: Float64Array
}

/** One step back in time: (1 - w L) v_new = (1 + (variance - w) L) v, L = (y - kappa)^2 / 2 d2/dy2; Thomas's algorithm. */
function stepBack(grid: Grid, kappa: number, variance: number, implicit: number, work: Float64Array): void {
  const { y, v } = grid
  const last = y.length - 1
  const explicit = variance - implicit
  let ratio = 0
  let value = v[0] ?? 0
  work[0] = 0
  let before = v[0] ?? 0
  for (let i = 1; i < last; i += 1) {
    const here = y[i] ?? 0
    const down = here - (y[i - 1] ?? 0)
    const up = (y[i + 1] ?? 0) - here
    const distance = here - kappa
    const scale = distance < 0 ? (distance * distance) / (down + up) : 0
    const a = scale / down
    const c = scale / up
    const own = v[i] ?? 0
    const right = own + explicit * (a * (before - own) + c * ((v[i + 1] ?? 0) - own))
    before = own
    const pivot = 1 + implicit * (a + c - a * ratio)
    ratio = (implicit * c) / pivot
    value = (right + implicit * a * value) / pivot
    work[i] = ratio
    v[i] = value
  }
  for (let i = last - 1; i >= 1; i -= 1) v[i] = (v[i] ?? 0) + (work[i] ?? 0) * (v[i + 1] ?? 0)
}

/** v(0, y) on a grid with y = 0 as a node: v_t + sigma^2 (y - kappa)^2 v_yy / 2 = 0, v(T, y) = max(y, 0). */
function solve(steps: Steps, low: number, high: number, intervals: number): Grid {
  const h = (high - low) / intervals
  const below = Math.ceil(-low / h)
  const above = Math.ceil(high / h)
  const x = Float64Array.from({ length: below + above + 1 }, (_, i) => (above - i) * h)
  const y = x.map((point) => -Math.expm1(point))
  const v = y.map((point) => Math.max(0, point))
  const work = new Float64Array(y.length)
  const { kappa, variance } = steps
  for (let step = 0; step < kappa.length; step += 1) {
    const share = kappa[step] ?? 0
    const whole = variance[step] ?? 0
    if (step > 1) stepBack({ x, y, v }, share, whole, whole / 2, work)
    else for (let half = 0; half < 2; half += 1) stepBack({ x, y, v }, share, whole / 2, whole / 2, work)
  }
  return { x, y, v }
}

/** Value and first two derivatives in x of the polynomial through six nodes around x (Newton's form, differentiated by Horner). */
function interpolate({ x, v }: Grid, at: number): readonly [number, number, number] {
  const h = (x[0] ?? 0) - (x[1] ?? 0)
  const middle = Math.floor(((x[0] ?? 0) - at) / h)
  const first = Math.max(0, Math.min(x.length - 6, middle - 2))
  const c = Array.from({ length: 6 }, (_, i) => v[first + i] ?? 0)
  for (let order = 1; order < 6; order += 1)
    for (let i = 5; i >= order; i -= 1) c[i] = ((c[i] ?? 0) - (c[i - 1] ?? 0)) / (-order * h)
  let value = 0
  let slope = 0
  let bend = 0
  for (let i = 5; i >= 0; i -= 1) {
    const gap = at - (x[first + i] ?? 0)
    bend = bend * gap + 2 * slope
    slope = slope * gap + value
    value = value * gap + (c[i] ?? 0)
  }
  return [value, slope, bend]
}

/** exp(-rT) M v(1 - K/M): price, delta and gamma of a call on an unknown part with mean M that grows with the spot. */
function callOnUnknown(
  steps: (count: number) => Steps,
  { mean, strike, spot, discount, deviation }: Record<'mean' | 'strike' | 'spot' | 'discount' | 'deviation', number>,
  intervals: number,
): AsianValue {
  const at = Math.log(strike / mean)
  const reach = 7 * deviation
  const low = Math.min(0, at) - reach
  const high = Math.max(0, at) + reach
  const [coarse, fine] = [intervals, 2 * intervals].map((n) => interpolate(solve(steps(n / 2), low, high, n), at))
  const [v, vx, vxx] = [0, 1, 2].map((i) => ((fine?.[i] ?? 0) * 4 - (coarse?.[i] ?? 0)) / 3)
  const scale = discount * mean
  return {
    price: Math.max(0, scale * (v ?? 0)),
    delta: (scale / spot) * ((v ?? 0) - (vx ?? 0)),
    gamma: (scale / spot / spot) * ((vxx ?? 0) - (vx ?? 0)),
  }
}

/** The put of the same average by parity; what the past already exceeds needs no grid. */
function asianValue(
  kernel: string,
  option: VanillaParams & AsianResolution,
  law: AverageLaw,
  deviation: number,
  steps: (count: number) => Steps,
): AsianValue {
  const { kind, spot, time, rate, intervals = 240 } = option
  if (!(Number.isInteger(intervals) && intervals >= 16 && intervals <= 4000 && intervals % 2 === 0))
    throw outOfDomain(kernel, 'intervals has to be even and whole, 16 to 4000.', { field: 'intervals', intervals })
  const discount = Math.exp(-rate * time)
  const strike = option.strike - law.known
  const forward = { price: discount * (law.mean - strike), delta: (discount * law.mean) / spot, gamma: 0 }
  const isSure = strike <= 0 || law.relativeVariance < 1e-24 || Math.abs(Math.log(strike / law.mean)) > 12 * deviation
  if (isSure) {
    const pays = kind === 'call' ? forward.price > 0 : forward.price < 0
    if (!pays) return { price: 0, delta: 0, gamma: 0 }
    return kind === 'call' ? forward : { price: -forward.price, delta: -forward.delta, gamma: 0 }
  }
  const task = { mean: law.mean, strike, spot, discount, deviation }
  const call = callOnUnknown(steps, task, intervals)
  if (kind === 'call') return call
  return { price: Math.max(0, call.price - forward.price), delta: call.delta - forward.delta, gamma: call.gamma }
}

/**
 * Continuous arithmetic average; error about 1e-7 of the price at the standard resolution for sigma sqrt(T) to 1, at about 1 ms.
 * The equation is driftless with the asset as numeraire and all of b, yields, averaging begun or yet to begin sit in kappa(t), the
 * share of the mean still unknown: Vecer (2002), "Unified Asian pricing", eq. 5, with y = z / q(0).
 * Crank-Nicolson on ln(1 - y), started implicitly (Rannacher 1984), extrapolated in both steps. Throws `out-of-domain` by field.
 */
export function vecerAsian(option: ContinuousAsian & AsianResolution): AsianValue {
  requireContinuous('vecerAsian', option)
  const { carry: b, volatility, time, averagingPeriod } = option
  if (averagingPeriod === 0) return blackScholes({ ...option, volatility })
  const { start, left } = windowOf(option)
  const growth = b === 0 ? left : Math.exp(b * start) * (Math.expm1(b * left) / b)
  const share = (t: number) => {
    const from = Math.max(start, t)
    return (b === 0 ? time - from : Math.exp(b * from) * (Math.expm1(b * (time - from)) / b)) / growth
  }
  const steps = (count: number): Steps => {
    const dt = time / count
    return {
      kappa: Float64Array.from({ length: count }, (_, i) => share(time - (i + 0.5) * dt)),
      variance: new Float64Array(count).fill(volatility * volatility * dt),
    }
  }
  return asianValue('vecerAsian', option, arithmeticLaw(option), volatility * Math.sqrt(time), steps)
}

/**
 * The same for a discrete arithmetic average with a term structure of volatility, steps ending at fixings; the error at the standard
 * resolution is about 1e-6 of the price. Cost grows with the number of fixings. Throws `out-of-domain` by field, also where total
 * variance falls from one fixing to the next.
 */
export function vecerDiscreteAsian(option: DiscreteAsian & AsianResolution): AsianValue {
  const variances = fixingVariances('vecerDiscreteAsian', option)
  requireRisingVariance('vecerDiscreteAsian', variances)
  const { fixings, carry, intervals = 240 } = option
  const forwards = fixings.map((t) => Math.exp(carry * t))
  const total = forwards.reduce((sum, forward) => sum + forward, 0)
  const last = variances.at(-1) ?? 0
  const steps = (count: number): Steps => {
    const kappa: number[] = []
    const variance: number[] = []
    let later = 0
    for (let j = fixings.length - 1; j >= 0; j -= 1) {
      later += forwards[j] ?? 0
      const whole = (variances[j] ?? 0) - (variances[j - 1] ?? 0)
      if (whole === 0) continue
      const parts = Math.max(1, Math.round(((intervals / 2) * whole) / last)) * ((2 * count) / intervals)
      for (let part = 0; part < parts; part += 1) {
        kappa.push(later / total)
        variance.push(whole / parts)
      }
    }
    return { kappa: Float64Array.from(kappa), variance: Float64Array.from(variance) }
  }
  return asianValue('vecerDiscreteAsian', option, discreteArithmeticLaw(option, variances), Math.sqrt(last), steps)
}
