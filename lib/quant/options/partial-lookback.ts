// Lookback options whose extremum counts over the first or the last part of their life only.
import { bivariateNormalCdf } from '../bivariate-normal.ts'
import { gaussLegendre } from '../gauss-legendre.ts'
import { normalCdf, normalLogCdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import {
  type LognormalMarket,
  NO_DEVIATION,
  representable,
  requireMarket,
  requirePositive,
  vanilla,
} from './lognormal.ts'
import { expectedExcess, requirePeriod } from './lookback.ts'

const RULE = gaussLegendre(20)
/** Panels of the rule between two edges of the integrand. */
const PANELS = 4
/** Carries below this, in the unit of `carryUnit`, are interpolated across carry 0. */
const SMALL_CARRY = 0.01
const CARRY_STEP = 0.04

/**
 * exp(e) M(x, y; rho). Where the exponential would blow up the rounding of the bivariate distribution, Drezner's single integral over the
 * first variable is taken with the exponential inside, about its peak.
 */
function scaledBivariate(e: number, x: number, y: number, rho: number): number {
  if (e < 3) return Math.exp(e) * bivariateNormalCdf(x, y, rho)
  const width = Math.max(1e-12, Math.sqrt((1 - rho) * (1 + rho)))
  const height = (u: number): number => e - 0.5 * u * u + normalLogCdf((y - rho * u) / width)
  const top = Math.min(x, 40 + Math.sqrt(2 * e))
  let low = -40 - Math.sqrt(2 * e)
  let high = top
  for (let i = 0; i < 200 && high - low > 1e-3; i += 1) {
    const third = (high - low) / 3
    if (height(low + third) < height(high - third)) low += third
    else high -= third
  }
  const peak = (low + high) / 2
  const last = Math.min(top, peak + 9)
  let first = peak - 9
  while (last - first > 1e-3 && height(first + (last - first) / 2) < height(peak) - 45) first += (last - first) / 2
  const cliff = y / rho
  const edges = [first, cliff - 9 * width, cliff, cliff + 9 * width, last].map((u) =>
    Math.max(first, Math.min(last, u)),
  )
  let sum = 0
  for (let edge = 1; edge < edges.length; edge += 1) {
    const start = edges[edge - 1] ?? first
    const half = ((edges[edge] ?? last) - start) / (2 * PANELS)
    if (half === 0) continue
    for (let panel = 0; panel < PANELS; panel += 1)
      for (let i = 0; i < 20; i += 1)
        sum += half * (RULE.weights[i] ?? 0) * Math.exp(height(start + half * (2 * panel + 1 + (RULE.nodes[i] ?? 0))))
  }
  return sum / Math.sqrt(2 * Math.PI)
}

/**
 * A function of the carry that is analytic but computed as a quotient 0 / 0 at carry 0: there by interpolation through ten values on
 * both sides (Lagrange). The change of method shows at 1e-13 of the spot.
 */
function acrossZeroCarry(carry: number, unit: number, value: (carry: number) => number): number {
  if (Math.abs(carry) >= SMALL_CARRY * unit) return value(carry)
  const nodes = Array.from({ length: 10 }, (_, i) => (i < 5 ? i - 5 : i - 4) * CARRY_STEP * unit)
  let sum = 0
  for (const node of nodes) {
    let weight = 1
    for (const other of nodes) if (other !== node) weight *= (carry - other) / (node - other)
    sum += weight * value(node)
  }
  return sum
}

/** The carry at which the drift is one deviation of the log price or, if that is less, doubles the price or so. */
function carryUnit({ volatility, time }: LognormalMarket): number {
  const s = volatility * Math.sqrt(time)
  return s / (2 * time * Math.max(1, s / 2))
}

/** Heynen & Kat's d, e, f and the correlations, for the ratio S / K of spot and reference price. */
function heynenKat(market: LognormalMarket, carry: number, t1: number, K: number) {
  const { spot, volatility, time: T } = market
  const log = Math.log(spot / K)
  const d1 = (log + (carry + (volatility * volatility) / 2) * T) / (volatility * Math.sqrt(T))
  const e1 = ((carry + (volatility * volatility) / 2) * Math.sqrt(T - t1)) / volatility
  const f1 = (log + (carry + (volatility * volatility) / 2) * t1) / (volatility * Math.sqrt(t1))
  return {
    d1,
    d2: d1 - volatility * Math.sqrt(T),
    e1,
    e2: e1 - volatility * Math.sqrt(T - t1),
    f1,
    f2: f1 - volatility * Math.sqrt(t1),
    /** 2 b sqrt(T) / sigma and 2 b sqrt(t1) / sigma. */
    ofT: (2 * carry * Math.sqrt(T)) / volatility,
    ofT1: (2 * carry * Math.sqrt(t1)) / volatility,
    early: Math.sqrt(t1 / T),
    late: Math.sqrt((T - t1) / T),
    exponent: (-2 * carry * log) / (volatility * volatility),
  }
}

function requireCarry(kernel: string, carry: number, volatility: number, log: number): void {
  if (Math.abs((2 * carry * log) / (volatility * volatility)) > 1e8)
    throw outOfDomain(kernel, '2 abs(carry ln(spot / reference)) / volatility^2 has to be at most 1e8.', {
      field: 'volatility',
      volatility,
      carry,
    })
}

export interface PartialFloatingLookbackParams extends LognormalMarket {
  readonly kind: 'call' | 'put'
  /** The lowest (call) or highest (put) price so far, in quote units. A spot beyond it is the new one. */
  readonly extremum: number
  /** t1: years until the extremum stops counting, 0..time. */
  readonly lookbackTime: number
  /** lambda: the strike is lambda x extremum; 1 or above for a call, 1 or below for a put. */
  readonly multiple: number
}

/**
 * Price in quote units of max(0, S_T - lambda min) (call) or max(0, lambda max - S_T) (put), the extremum counting until t1. Continuous at
 * t1 = 0 (vanilla at lambda x extremum) and t1 = T (lookback). Smooth but at spot = extremum. Carry 0 is no special case.
 * Heynen & Kat (1994), "Selective memory". Throws `out-of-domain`.
 */
export function partialFloatingLookbackValue(params: PartialFloatingLookbackParams): number {
  const kernel = 'partialFloatingLookbackValue'
  requireMarket(kernel, params)
  requirePositive(kernel, 'extremum', params.extremum)
  requirePeriod(kernel, params.lookbackTime, params.time)
  const { kind, spot, rate, carry, volatility, time: T, lookbackTime: t1, multiple } = params
  if (!(kind === 'call' ? multiple >= 1 && multiple < Number.POSITIVE_INFINITY : multiple > 0 && multiple <= 1))
    throw outOfDomain(kernel, 'multiple has to be 1 or above for a call, above 0 and at most 1 for a put.', {
      field: 'multiple',
      multiple,
    })
  const phi = kind === 'call' ? 1 : -1
  const M0 = kind === 'call' ? Math.min(params.extremum, spot) : Math.max(params.extremum, spot)
  if (volatility * Math.sqrt(T) < NO_DEVIATION || volatility * Math.sqrt(t1) < NO_DEVIATION) {
    const then = spot * Math.exp(carry * t1)
    const strike = multiple * (kind === 'call' ? Math.min(M0, then) : Math.max(M0, then))
    return representable(kernel, vanilla({ kind, spot, strike, rate, carry, volatility, time: T }))
  }
  requireCarry(kernel, carry, volatility, Math.log(spot / M0))
  const value = (b: number): number => partialFloating(params, b, M0, phi)
  return representable(kernel, Math.max(0, acrossZeroCarry(carry, carryUnit(params), value)))
}

function partialFloating(params: PartialFloatingLookbackParams, b: number, M0: number, phi: number): number {
  const { spot: S, rate: r, volatility, time: T, lookbackTime: t1, multiple: lambda } = params
  const { d1, d2, e1, e2, f1, f2, ofT, ofT1, early, late, exponent } = heynenKat(params, b, t1, M0)
  const g = Math.log(lambda)
  const g1 = g / (volatility * Math.sqrt(T))
  const g2 = g === 0 ? 0 : g / (volatility * Math.sqrt(T - t1))
  const asset = S * Math.exp((b - r) * T)
  const strike = lambda * M0 * Math.exp(-r * T)
  const ratio = (volatility * volatility) / (2 * b)
  const reflected = scaledBivariate(exponent, phi * (ofT1 - f1), phi * (ofT - d1 - g1), early)
  const growth = Math.exp(b * T) * scaledBivariate(g / ratio, phi * (-d1 - g1), phi * (e1 + g2), -late)
  return (
    phi *
    (asset * normalCdf(phi * (d1 - g1)) -
      strike * normalCdf(phi * (d2 - g1)) +
      lambda * S * Math.exp(-r * T) * ratio * (reflected - growth) +
      asset * bivariateNormalCdf(phi * (g1 - d1), phi * (e1 - g2), -late) +
      strike * bivariateNormalCdf(phi * -f2, phi * (d2 - g1), -early) -
      Math.exp(-b * (T - t1)) * (1 + ratio) * lambda * asset * normalCdf(phi * (e2 - g2)) * normalCdf(phi * -f1))
  )
}

export interface PartialFixedLookbackParams extends LognormalMarket {
  readonly kind: 'call' | 'put'
  /** X, above 0. */
  readonly strike: number
  /** t1: years until the extremum starts counting, 0..time. */
  readonly lookbackTime: number
}

/**
 * Price in quote units of max(0, max - X) (call) or max(0, X - min) (put), the extremum counting from t1. Continuous at t1 = 0 (lookback
 * that starts now) and t1 = T (vanilla); smooth in spot. Once t1 has passed use `fixedLookbackValue`. Carry 0 is no special case.
 * Heynen & Kat (1994), "Selective memory". Throws `out-of-domain`.
 */
export function partialFixedLookbackValue(params: PartialFixedLookbackParams): number {
  const kernel = 'partialFixedLookbackValue'
  requireMarket(kernel, params)
  requirePositive(kernel, 'strike', params.strike)
  requirePeriod(kernel, params.lookbackTime, params.time)
  const { kind, spot, strike, rate, carry, volatility, time: T, lookbackTime: t1 } = params
  const phi = kind === 'call' ? 1 : -1
  if (volatility * Math.sqrt(t1) < NO_DEVIATION) {
    const then = spot * Math.exp(carry * t1)
    const K = phi * Math.max(phi * strike, phi * then)
    const side = kind === 'call' ? 'up' : 'down'
    const excess = expectedExcess({ ...params, spot: then, time: T - t1 }, K, side, spot * Math.exp(carry * T))
    return representable(kernel, Math.exp(-rate * T) * (excess + Math.abs(K - strike)))
  }
  requireCarry(kernel, carry, volatility, Math.log(spot / strike))
  const value = (b: number): number => partialFixed(params, b, phi)
  return representable(kernel, Math.max(0, acrossZeroCarry(carry, carryUnit(params), value)))
}

function partialFixed(params: PartialFixedLookbackParams, b: number, phi: number): number {
  const { spot: S, strike: X, rate: r, volatility, time: T, lookbackTime: t1 } = params
  const { d1, d2, e1, e2, f1, f2, ofT, ofT1, early, late, exponent } = heynenKat(params, b, t1, X)
  const asset = S * Math.exp((b - r) * T)
  const strike = X * Math.exp(-r * T)
  const ratio = (volatility * volatility) / (2 * b)
  const reflected = scaledBivariate(exponent, phi * (d1 - ofT), phi * (ofT1 - f1), -early)
  const growth = Math.exp(b * T) * bivariateNormalCdf(phi * e1, phi * d1, late)
  return (
    phi *
    (asset * normalCdf(phi * d1) -
      strike * normalCdf(phi * d2) +
      S * Math.exp(-r * T) * ratio * (growth - reflected) -
      asset * bivariateNormalCdf(phi * -e1, phi * d1, -late) -
      strike * bivariateNormalCdf(phi * f2, phi * -d2, -early) +
      Math.exp(-b * (T - t1)) * (1 - ratio) * asset * normalCdf(phi * f1) * normalCdf(phi * -e2))
  )
}
