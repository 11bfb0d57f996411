// European prices and Greeks of many options at once, structure of arrays: what a book or a chain of quotes is valued
// with.
import { millsRatio } from '../mills-ratio.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholes } from './black.ts'
import { millsDifference } from './normalised-black.ts'

const INV_SQRT_2_PI = 0.3989422804014327

/** n options; units and domain of each as in EuropeanOption. */
export interface EuropeanBatch {
  /** 1 a call, -1 a put. */
  readonly kind: Int8Array
  readonly spot: Float64Array
  readonly strike: Float64Array
  readonly time: Float64Array
  readonly volatility: Float64Array
  readonly rate: Float64Array
  readonly carry: Float64Array
}

/** n rows of results; units as in EuropeanGreeks. */
export interface EuropeanBatchGreeks {
  readonly price: Float64Array
  readonly delta: Float64Array
  readonly gamma: Float64Array
  readonly vega: Float64Array
  readonly theta: Float64Array
  readonly rho: Float64Array
  readonly carryRho: Float64Array
  readonly vanna: Float64Array
  readonly volga: Float64Array
  /** 0 computed, 1 refused: outside of the domain, and its row is NaN. */
  readonly status: Uint8Array
}

/** Room for the results of n options. */
export function europeanBatchGreeks(n: number): EuropeanBatchGreeks {
  const column = () => new Float64Array(n)
  const status = new Uint8Array(n)
  const second = { vanna: column(), volga: column(), status }
  const first = { delta: column(), gamma: column(), vega: column(), theta: column(), rho: column(), carryRho: column() }
  return { price: column(), ...first, ...second }
}

function checkLengths(options: EuropeanBatch, out: EuropeanBatchGreeks): void {
  const n = options.kind.length
  for (const column of [...Object.values(options), ...Object.values(out)])
    if (column.length !== n)
      throw outOfDomain('blackScholesBatch', 'All columns have one length.', { expected: n, found: column.length })
}

/** A row at a limit or outside of the domain, away from the loop that has to stay fast. Returns 1 if it is refused. */
function exceptionalRow(options: EuropeanBatch, i: number, out: EuropeanBatchGreeks): number {
  const at = (column: Float64Array) => column[i] ?? Number.NaN
  const [spot, strike, time, volatility] = [
    at(options.spot),
    at(options.strike),
    at(options.time),
    at(options.volatility),
  ]
  const [rate, carry] = [at(options.rate), at(options.carry)]
  const kind = options.kind[i] === 1 ? ('call' as const) : ('put' as const)
  const inside = Math.abs(options.kind[i] ?? 0) === 1 && spot > 0 && strike > 0 && time >= 0 && volatility >= 0
  const finite = spot + strike + time + volatility + Math.abs(rate) + Math.abs(carry) < Infinity
  if (inside && finite && Math.abs(rate * time) <= 700 && Math.abs(carry * time) <= 700) {
    const row = blackScholes({ kind, spot, strike, time, volatility, rate, carry })
    for (const [name, value] of Object.entries(row)) out[name as keyof typeof row][i] = value
    return 0
  }
  for (const column of Object.values(out)) column[i] = Number.NaN
  out.status[i] = 1
  return 1
}

/**
 * Prices and Greeks of n European options into given columns; exactness and limits as blackScholes. A row outside of
 * the domain becomes NaN with status 1; the number of such rows is returned. Throws `out-of-domain` only for columns of
 * different lengths. In terms of Mills' ratio M: S e1 cdf(d1) = S e1 density(d1) M(-d1), and S e1 density(d1) = K e2
 * density(d2).
 */
export function blackScholesBatch(options: EuropeanBatch, out: EuropeanBatchGreeks): number {
  checkLengths(options, out)
  const { kind, spot, strike, time, volatility, rate, carry } = options
  const { price, delta, gamma, vega, theta, rho, carryRho, vanna, volga, status } = out
  let refused = 0
  for (let i = 0; i < kind.length; i += 1) {
    const S = spot[i] as number
    const K = strike[i] as number
    const T = time[i] as number
    const sigma = volatility[i] as number
    const r = rate[i] as number
    const b = carry[i] as number
    const w = kind[i] as number
    const sqrtT = Math.sqrt(T)
    const s = sigma * sqrtT
    const t = 0.5 * s
    const ratio = S / K
    const x = (ratio > 0.5 && ratio < 2 ? Math.log1p((S - K) / K) : Math.log(ratio)) + b * T
    const moneyness = x / s
    const h = -Math.abs(moneyness)
    const growth = Math.abs(r * T) + Math.abs(b * T)
    if (!(h + t > -38 && s > 0 && t < 1e3 && S > 0 && K > 0 && T > 0 && growth < 600 && (w === 1 || w === -1))) {
      status[i] = 0
      refused += exceptionalRow(options, i, out)
      continue
    }
    const d1 = moneyness + t
    const d2 = moneyness - t
    const asset1 = S * Math.exp((b - r) * T)
    const cash1 = K * Math.exp(-r * T)
    const density = asset1 * INV_SQRT_2_PI * Math.exp(-0.5 * d1 * d1)
    const below = x <= 0
    // The upper and the lower of the two probabilities, times what they are paid on, and the upper's complement.
    const lower = density * millsRatio(t - h)
    let upper = 0
    let rest = 0
    let otm = 0
    if (h + t <= 0.5) {
      upper = density * millsRatio(-h - t)
      rest = (below ? asset1 : cash1) - upper
      otm = t < 0.002 * (1 - h) ? density * millsDifference(h, t) : upper - lower
    } else {
      rest = density * millsRatio(h + t)
      upper = (below ? asset1 : cash1) - rest
      otm = upper - lower
    }
    const call = w === 1
    const asset = call ? (below ? upper : asset1 - lower) : below ? -rest : -lower
    const cash = call ? (below ? lower : rest) : below ? lower - cash1 : -upper
    const perSigma = 1 / sigma
    const perSpot = 1 / S
    const densityTime = density * sqrtT
    status[i] = 0
    price[i] = call === below ? otm : otm + w * (asset1 - cash1)
    delta[i] = asset * perSpot
    gamma[i] = (density * perSpot * perSpot) / s
    vega[i] = densityTime
    theta[i] = (-0.5 * densityTime * sigma) / T - (b - r) * asset - r * cash
    rho[i] = T * cash
    carryRho[i] = T * asset
    vanna[i] = -density * perSpot * d2 * perSigma
    volga[i] = densityTime * d1 * d2 * perSigma
  }
  return refused
}
