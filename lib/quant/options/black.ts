// European options under Black's model: every other option kernel is checked against these prices and Greeks.
import type { HomeostatError } from '../../base/homeostat-error.ts'
import { normalCdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { normalisedBlack, normalisedVega } from './normalised-black.ts'

export type OptionKind = 'call' | 'put'

/** A European option in the generalised Black-Scholes model (Black & Scholes 1973; Merton 1973; Haug 1998, 1.1.6). */
export interface EuropeanOption {
  readonly kind: OptionKind
  /** S > 0, in currency. */
  readonly spot: number
  /** K > 0, in currency. */
  readonly strike: number
  /** T >= 0, in years. */
  readonly time: number
  /** sigma >= 0, per square root of a year, 1.00 = 100%. */
  readonly volatility: number
  /** r, continuous, per year; abs(r T) <= 700. */
  readonly rate: number
  /** b, cost of carry, continuous, per year: r - q for a yield q, 0 for a future; abs(b T) <= 700. */
  readonly carry: number
}

/** Price in currency and its derivatives, per unit: of volatility 1.00, of a year, of a rate of 1.00. */
export interface EuropeanGreeks {
  readonly price: number
  /** dV/dS. */
  readonly delta: number
  /** d2V/dS2. */
  readonly gamma: number
  /** dV/dsigma. */
  readonly vega: number
  /** -dV/dT: what the passing of a year is worth, the rest unchanged. */
  readonly theta: number
  /** dV/dr at a held yield r - b: the carry moves with the rate. */
  readonly rho: number
  /** dV/db at a held rate; minus this is the derivative in the yield. */
  readonly carryRho: number
  /** d2V/dS dsigma. */
  readonly vanna: number
  /** d2V/dsigma2. */
  readonly volga: number
}

/** ln(a / b) for positive a, b, exact also where they are close. */
export function logRatio(a: number, b: number): number {
  const ratio = a / b
  return ratio > 0.5 && ratio < 2 ? Math.log1p((a - b) / b) : Math.log(ratio)
}

function checked(p: EuropeanOption, kernel: string): void {
  const known = p.kind === 'call' || p.kind === 'put'
  const terms = p.spot > 0 && p.spot < Infinity && p.strike > 0 && p.strike < Infinity
  const state = p.time >= 0 && p.time < Infinity && p.volatility >= 0 && p.volatility < Infinity
  const growth = Math.abs(p.rate * p.time) <= 700 && Math.abs(p.carry * p.time) <= 700
  if (known && terms && state && growth && Math.abs(p.rate) < Infinity && Math.abs(p.carry) < Infinity) return
  throw refusal(kernel, p)
}

/** Names the first argument that is out of its range. */
function refusal(kernel: string, p: EuropeanOption): HomeostatError {
  const { kind, spot, strike, time, volatility, rate, carry } = p
  const isNot = (field: string, rule: string) =>
    outOfDomain(kernel, `${field} has to be ${rule}.`, { field, kind, spot, strike, time, volatility, rate, carry })
  for (const [field, value] of Object.entries({ spot, strike }))
    if (!(value > 0 && value < Infinity)) return isNot(field, 'above 0 and finite')
  for (const [field, value] of Object.entries({ time, volatility }))
    if (!(value >= 0 && value < Infinity)) return isNot(field, '0 or above and finite')
  for (const [field, value] of Object.entries({ rate, carry })) {
    if (!Number.isFinite(value)) return isNot(field, 'finite')
    if (!(Math.abs(value * time) <= 700)) return isNot('time', `so short that abs(${field} time) is at most 700`)
  }
  return isNot('kind', 'call or put')
}

/** w (S e1 - K e2), by the moneyness x = ln(S e1 / K e2), which does not cancel. */
function parity(S: number, K: number, e1: number, e2: number, x: number): number {
  return Math.abs(x) < 0.5 ? K * e2 * Math.expm1(x) : S * e1 - K * e2
}

/**
 * Price of a European option, in the currency of spot and strike. Zero time or volatility gives the discounted
 * intrinsic value. The out-of-the-money side is computed, the other follows by put-call parity. Throws `out-of-domain`.
 */
export function blackScholesPrice(p: EuropeanOption): number {
  checked(p, 'blackScholesPrice')
  const { spot: S, strike: K, time: T, rate: r, carry: b } = p
  const w = p.kind === 'call' ? 1 : -1
  const x = logRatio(S, K) + b * T
  const s = p.volatility * Math.sqrt(T)
  const otm = Math.sqrt(S) * Math.sqrt(K) * Math.exp((0.5 * b - r) * T) * normalisedBlack(-Math.abs(x), s)
  return w * x <= 0 ? otm : otm + w * parity(S, K, Math.exp((b - r) * T), Math.exp(-r * T), x)
}

/** The limit of vanishing total volatility: intrinsic value; at the money delta is half and gamma infinite. */
function withoutVolatility(p: EuropeanOption, x: number): EuropeanGreeks {
  const { spot: S, strike: K, time: T, rate: r, carry: b, volatility: sigma } = p
  const w = p.kind === 'call' ? 1 : -1
  const e1 = Math.exp((b - r) * T)
  const e2 = Math.exp(-r * T)
  const n = w * x > 0 ? 1 : x === 0 ? 0.5 : 0
  const density = x === 0 ? S * e1 * normalisedVega(0, 0.5) * Math.exp(1 / 32) : 0
  const decay = x === 0 && sigma > 0 ? -Infinity : 0
  return {
    price: n === 1 ? w * parity(S, K, e1, e2, x) : 0,
    delta: w * e1 * n,
    gamma: x === 0 ? Infinity : 0,
    vega: density * Math.sqrt(T),
    theta: decay - w * n * ((b - r) * S * e1 + r * K * e2),
    rho: w * T * K * e2 * n,
    carryRho: w * T * S * e1 * n,
    vanna: (density * Math.sqrt(T)) / (2 * S),
    volga: 0,
  }
}

/**
 * Price and Greeks of a European option (units at {@link EuropeanGreeks}); domain and limits as {@link
 * blackScholesPrice}. Out of the money price, delta, gamma and vega hold to 3e-13 max(1, d1^2 / 100) relative. Throws
 * `out-of-domain`. Haug (1998), chapter 1.
 */
export function blackScholes(p: EuropeanOption): EuropeanGreeks {
  checked(p, 'blackScholes')
  const { spot: S, strike: K, time: T, volatility: sigma, rate: r, carry: b } = p
  const w = p.kind === 'call' ? 1 : -1
  const x = logRatio(S, K) + b * T
  const sqrtT = Math.sqrt(T)
  const s = sigma * sqrtT
  const t = 0.5 * s
  if (s === 0 || t - Math.abs(x) / s < -39) return withoutVolatility(p, x)
  const d1 = x / s + t
  const d2 = x / s - t
  const e1 = Math.exp((b - r) * T)
  const e2 = Math.exp(-r * T)
  const scale = Math.sqrt(S) * Math.sqrt(K) * Math.exp((0.5 * b - r) * T)
  const density = scale * normalisedVega(x, s)
  const asset = w * S * e1 * normalCdf(w * d1)
  const cash = w * K * e2 * normalCdf(w * d2)
  const otm = scale * normalisedBlack(-Math.abs(x), s)
  return {
    price: w * x <= 0 ? otm : otm + w * parity(S, K, e1, e2, x),
    delta: asset / S,
    gamma: density / S / S / s,
    vega: density * sqrtT,
    theta: -(density * sigma) / (2 * sqrtT) - (b - r) * asset - r * cash,
    rho: T * cash,
    carryRho: T * asset,
    vanna: -((density / S) * d2) / sigma,
    volga: density * sqrtT * d1 * (d2 / sigma),
  }
}

/** A European option on a forward or future: F for S, no carry. */
export type ForwardOption = Omit<EuropeanOption, 'spot' | 'carry'> & { readonly forward: number }

/**
 * Black (1976): price and Greeks with the forward in the place of the spot; delta and gamma per unit of forward. Here
 * rho is dV/dr at a held forward, -T V. Throws `out-of-domain`.
 */
export function black76(p: ForwardOption): EuropeanGreeks {
  const { forward, ...terms } = p
  const greeks = blackScholes({ ...terms, spot: forward, carry: 0 })
  return { ...greeks, rho: -p.time * greeks.price }
}
