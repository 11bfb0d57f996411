// Discrete arithmetic Asian options by simulation, as a check on the other methods and for payoffs they will not take.
import { outOfDomain } from '../out-of-domain.ts'
import { random } from '../random.ts'
import { type DiscreteAsian, discreteGeometricAsian, fixingVariances, requireRisingVariance } from './asian.ts'

export interface AsianEstimate {
  readonly price: number
  /** One standard error of the price. */
  readonly standardError: number
  /** How much of the variance of a plain mean is left by the control variate, 0..1. */
  readonly varianceLeft: number
  readonly paths: number
}

/** Log price increments between fixings: drift and deviation of each. */
interface Walk {
  readonly drift: Float64Array
  readonly deviation: Float64Array
}

function walkOf({ fixings, carry }: DiscreteAsian, variances: Float64Array): Walk {
  const drift = new Float64Array(fixings.length)
  const deviation = new Float64Array(fixings.length)
  for (let i = 0; i < fixings.length; i += 1) {
    const variance = (variances[i] ?? 0) - (i > 0 ? (variances[i - 1] ?? 0) : 0)
    const dt = (fixings[i] ?? 0) - (i > 0 ? (fixings[i - 1] ?? 0) : 0)
    drift[i] = carry * dt - variance / 2
    deviation[i] = Math.sqrt(variance)
  }
  return { drift, deviation }
}

/** Sums of prices over spot and of log prices of one path and its mirror image, into out: [sum, log, mirrored sum, mirrored log]. */
function drawPair({ drift, deviation }: Walk, normals: Float64Array, out: Float64Array): void {
  let [log, mirrored, sum, logs, mirroredSum, mirroredLogs] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < drift.length; i += 1) {
    const d = drift[i] ?? 0
    const move = (deviation[i] ?? 0) * (normals[i] ?? 0)
    log += d + move
    mirrored += d - move
    logs += log
    mirroredLogs += mirrored
    sum += Math.exp(log)
    mirroredSum += Math.exp(mirrored)
  }
  out[0] = sum
  out[1] = logs
  out[2] = mirroredSum
  out[3] = mirroredLogs
}

/** Running means and second moments of a pair of variables (Welford 1962). */
function moments() {
  const m = { n: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 }
  return {
    m,
    add: (x: number, y: number) => {
      m.n += 1
      const dx = x - m.x
      const dy = y - m.y
      m.x += dx / m.n
      m.y += dy / m.n
      m.xx += dx * (x - m.x)
      m.xy += dx * (y - m.y)
      m.yy += dy * (y - m.y)
    },
  }
}

/**
 * Price and standard error from `paths` antithetic pairs (100..1e8) of the seed's stream: the same seed, the same price, and common
 * random numbers across bumped inputs. The geometric average of the same path, whose price is known, is the control variate, its
 * coefficient estimated from the same pairs (bias of order 1 / paths). Kemna & Vorst (1990), section 4.
 * Throws `out-of-domain` by field, also where total variance falls from one fixing to the next.
 */
export function monteCarloAsian(
  option: DiscreteAsian & { readonly paths: number; readonly seed: number },
): AsianEstimate {
  const kernel = 'monteCarloAsian'
  const variances = fixingVariances(kernel, option)
  requireRisingVariance(kernel, variances)
  const { kind, spot, strike, rate, time, past, paths, seed } = option
  if (!(Number.isInteger(paths) && paths >= 100 && paths <= 1e8))
    throw outOfDomain(kernel, 'paths has to be whole, 100 to 1e8.', { field: 'paths', paths })
  const rng = random(seed)
  const walk = walkOf(option, variances)
  const left = variances.length
  const n = left + (past?.count ?? 0)
  const known = ((past?.count ?? 0) * (past?.average ?? 0)) / n
  const scale = Math.exp(((past?.count ?? 0) * Math.log((past?.average ?? 1) / spot)) / n) * spot
  const phi = kind === 'call' ? 1 : -1
  const arithmetic = (sum: number) => Math.max(0, phi * (known + (spot * sum) / n - strike))
  const geometric = (log: number) => Math.max(0, phi * (scale * Math.exp(log / n) - strike))
  const normals = new Float64Array(left)
  const pair = new Float64Array(4)
  const { m, add } = moments()
  for (let path = 0; path < paths; path += 1) {
    rng.fillNormal(normals)
    drawPair(walk, normals, pair)
    const x = (geometric(pair[1] ?? 0) + geometric(pair[3] ?? 0)) / 2
    add(x, (arithmetic(pair[0] ?? 0) + arithmetic(pair[2] ?? 0)) / 2)
  }
  const discount = Math.exp(-rate * time)
  const beta = m.xx > 0 ? m.xy / m.xx : 0
  const left2 = Math.max(0, m.yy - beta * m.xy)
  return {
    price: Math.max(0, discount * (m.y - beta * m.x) + beta * discreteGeometricAsian(option)),
    standardError: discount * Math.sqrt(left2 / (paths - 2) / paths),
    varianceLeft: m.yy > 0 ? left2 / m.yy : 0,
    paths,
  }
}
