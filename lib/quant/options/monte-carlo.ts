// Barrier options by simulation, where the dates on which the barrier is watched leave no closed form.
import { normalQuantile } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { type BarrierParams, barrierValue, requireBarrier } from './barrier.ts'
import { continuityCorrectedBarrier } from './discrete-monitoring.ts'
import { NO_DEVIATION, vanilla } from './lognormal.ts'

export interface MonteCarloBarrierParams extends BarrierParams {
  /** `dates`: the barrier is watched on the dates only. `always`: in between as well, by the Brownian bridge's crossing probability. */
  readonly watched: 'dates' | 'always'
  /** Years from now, ascending, above 0, the last one equal to `time`. */
  readonly dates: readonly number[]
  /** Paths, from 2. */
  readonly paths: number
  /** Numbers uniform on the open interval (0, 1), one for each date of each path; the same numbers give the same result. */
  readonly uniform: () => number
}

export interface MonteCarloEstimate {
  /** In quote units. */
  readonly value: number
  /** One standard error of the value, in quote units. */
  readonly standardError: number
  /** Standard error without the control variate over the one with it. */
  readonly reduction: number
}

interface Steps {
  readonly drift: Float64Array
  readonly deviation: Float64Array
  readonly discount: Float64Array
  /** Discount to the middle of the step, when a touch within it pays. */
  readonly within: Float64Array
}

function stepsOf({ dates, carry, volatility, rate }: MonteCarloBarrierParams): Steps {
  const n = dates.length
  const steps = {
    drift: new Float64Array(n),
    deviation: new Float64Array(n),
    discount: new Float64Array(n),
    within: new Float64Array(n),
  }
  let before = 0
  dates.forEach((date, i) => {
    steps.drift[i] = (carry - (volatility * volatility) / 2) * (date - before)
    steps.deviation[i] = volatility * Math.sqrt(date - before)
    steps.discount[i] = Math.exp(-rate * date)
    steps.within[i] = Math.exp((-rate * (date + before)) / 2)
    before = date
  })
  return steps
}

function requireSimulation(kernel: string, params: MonteCarloBarrierParams): void {
  requireBarrier(kernel, params)
  const { dates, time, paths } = params
  if (!(Number.isInteger(paths) && paths >= 2))
    throw outOfDomain(kernel, 'paths has to be a whole number from 2.', { field: 'paths', paths })
  const ascending = dates.every((date, i) => date > (i === 0 ? 0 : (dates[i - 1] ?? 0)))
  if (!(ascending && dates.length > 0 && dates.at(-1) === time))
    throw outOfDomain(kernel, 'dates have to ascend from above 0 to time.', {
      field: 'dates',
      dates: dates.length,
      time,
    })
}

/** P(a bridge between two points on the living side, x and y above 0 in the direction of life, touches 0). */
function crossing(x: number, y: number, deviation: number): number {
  if (x <= 0 || y <= 0) return 1
  return Math.exp((-2 * x * y) / (deviation * deviation))
}

/**
 * Price in quote units of a European barrier option by Monte Carlo with a control variate: the same path's payoff with a continuity-
 * corrected barrier watched always (`dates`), or the vanilla payoff (`always`), whose means have closed forms. Rebates as in `barrierValue`;
 * watched always, an `out` rebate is paid in the middle of the step of the touch. A spot beyond the barrier now counts as touched only if
 * watched always. The coefficient of the control is estimated from the same paths (bias of order 1 / paths).
 * Bridge: Beaglehole, Dybvig & Zhou (1997); control variates: Glasserman (2004), section 4.1. Throws `out-of-domain`.
 */
export function monteCarloBarrierValue(params: MonteCarloBarrierParams): MonteCarloEstimate {
  requireSimulation('monteCarloBarrierValue', params)
  const { direction, barrier, volatility, time, dates, watched, paths } = params
  const steps = stepsOf(params)
  const atDates = watched === 'dates' && volatility * Math.sqrt(time) >= NO_DEVIATION
  const shifted = continuityCorrectedBarrier({ barrier, direction, volatility, interval: time / dates.length })
  const controlMean = atDates ? barrierValue({ ...params, barrier: shifted, rebate: 0 }) : vanilla(params)
  let [sumY, sumC, sumYY, sumCC, sumYC] = [0, 0, 0, 0, 0]
  const path = { y: 0, c: 0 }
  for (let i = 0; i < paths; i += 1) {
    walk(params, steps, atDates ? shifted : undefined, path)
    const y = path.y - controlMean
    const c = path.c - controlMean
    sumY += y
    sumC += c
    sumYY += y * y
    sumCC += c * c
    sumYC += y * c
  }
  const varY = Math.max(0, sumYY / paths - (sumY / paths) ** 2)
  const varC = Math.max(0, sumCC / paths - (sumC / paths) ** 2)
  const cov = sumYC / paths - (sumY / paths) * (sumC / paths)
  const coefficient = varC > 0 ? cov / varC : 0
  const left = Math.max(0, varY - coefficient * cov)
  return {
    value: controlMean + sumY / paths - (coefficient * sumC) / paths,
    standardError: Math.sqrt(left / (paths - 1)),
    reduction: left > 0 ? Math.sqrt(varY / left) : 1,
  }
}

/** One path: the discounted payoff into `path.y`, the control's into `path.c` (`shifted` absent: the vanilla payoff). */
function walk(
  params: MonteCarloBarrierParams,
  steps: Steps,
  shifted: number | undefined,
  path: { y: number; c: number },
): void {
  const { kind, knock, direction, spot, strike, barrier, rebate, watched, uniform } = params
  const { drift, deviation, discount, within } = steps
  const side = direction === 'down' ? 1 : -1
  const last = drift.length - 1
  const further = shifted === undefined ? 0 : side * Math.log(barrier / shifted)
  let x = side * Math.log(spot / barrier)
  let alive = watched === 'always' && x <= 0 ? 0 : 1
  let controlAlive = x + further <= 0 ? 0 : 1
  let atTouch = alive === 0 ? rebate : 0
  for (let i = 0; i <= last; i += 1) {
    const s = deviation[i] ?? 0
    const next = x + side * ((drift[i] ?? 0) + s * normalQuantile(uniform()))
    const touched = watched === 'always' ? crossing(x, next, s) : next <= 0 ? 1 : 0
    atTouch += alive * touched * rebate * ((watched === 'always' ? within[i] : discount[i]) ?? 0)
    alive *= 1 - touched
    if (shifted !== undefined && controlAlive > 0) controlAlive *= 1 - crossing(x + further, next + further, s)
    x = next
  }
  const end = discount[last] ?? 0
  const phi = kind === 'call' ? 1 : -1
  const payoff = end * Math.max(0, phi * (barrier * Math.exp(side * x) - strike))
  path.y = knock === 'out' ? alive * payoff + atTouch : (1 - alive) * payoff + alive * rebate * end
  path.c = shifted === undefined ? payoff : (knock === 'out' ? controlAlive : 1 - controlAlive) * payoff
}
