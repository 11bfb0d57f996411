// A first guess of the exercise boundary, good to a few parts in a thousand, from which the fixed-point iteration starts.
import { normalCdf } from '../normal.ts'

const INV_SQRT_2_PI = 0.3989422804014327

/** Where high volatility and hardly any interest put the boundary lower than this, it matters no more. */
export const LOWEST_BOUNDARY = 1e-250

interface QdPlusTask {
  readonly r: number
  readonly q: number
  readonly volatility: number
  readonly tau: number
  /** The boundary just before expiry, its upper bound. */
  readonly X: number
  /** Where the search starts, e.g. the boundary at a slightly shorter time. */
  readonly start: number
}

/**
 * The boundary S* of a put with strike 1 and time tau > 0: the root of
 * (1 - e^{-q tau} N(-d+)) S* + (lambda + c0)(1 - S* - p(S*)) = 0, Li (2010), "Analytical approximations of the critical stock
 * prices of American options", QD+; c0's pole is multiplied out and r = 0 taken as a limit. Newton's method kept inside a bracket.
 */
export function qdPlusBoundary({ r, q, volatility, tau, X, start }: QdPlusTask): number {
  const b = r - q
  const variance = volatility * volatility
  const sd = volatility * Math.sqrt(tau)
  const discount = Math.exp(-r * tau)
  const Dq = Math.exp(-q * tau)
  const omega = (2 * b) / variance
  const R = r === 0 ? 1 / tau : r / -Math.expm1(-r * tau)
  const root = Math.sqrt((omega - 1) ** 2 + (8 * R) / variance)
  const lambda = -(omega - 1 + root) / 2
  const A = discount / root
  const scale = (2 * R) / variance
  const c1 = lambda + A * scale * (1 - scale / (root * root))
  const c2 = 2 / (variance * root)
  let low = 0
  let high = X
  let S = start < X ? start : X * Math.exp(-Math.min(1, sd))
  for (let step = 0; step < 60; step += 1) {
    const plus = (Math.log(S) + b * tau) / sd + sd / 2
    const Np = normalCdf(-plus)
    const p = discount * normalCdf(sd - plus) - S * Dq * Np
    const delta = -Dq * Np
    const gamma = (Dq * INV_SQRT_2_PI * Math.exp(-0.5 * plus * plus)) / (S * sd)
    const theta = r * p - b * S * delta - 0.5 * variance * S * S * gamma
    const f = (1 + delta) * S + c1 * (1 - S - p) - c2 * theta
    if (f > 0) high = S
    else low = S
    const thetaS = (r - b) * delta - b * S * gamma - 0.5 * variance * S * gamma * (1 - plus / sd)
    const slope = 1 + delta + S * gamma - c1 * (1 + delta) - c2 * thetaS
    const newton = S - f / slope
    const next = newton > low && newton < high ? newton : low > 0 ? Math.sqrt(low * high) : high / 2
    if (next < LOWEST_BOUNDARY) return LOWEST_BOUNDARY
    if (Math.abs(next - S) <= 1e-11 * S) return next
    S = next
  }
  return S
}
