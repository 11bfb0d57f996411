// Lookback options whose extremum counts over the first or the last part of their life only.
import { bivariateNormalCdf } from '../bivariate-normal.ts'
import { gaussLegendre } from '../gauss-legendre.ts'
import { normalCdf, normalLogCdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import type { Continuation } from './continuation.ts'
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
/** Carries below this, in the unit of `carryUnit`, are averaged across: see `perCarry`. */
const SMALL_CARRY = 0.01
const INV_SQRT_2_PI = 0.3989422804014327

/**
 * exp(e) M(x, y; rho). Where the exponential would blow up the rounding of the bivariate distribution, Drezner's single integral over the
 * first variable is taken with the exponential inside, about its peak.
 */
function scaledBivariate(e: number, x: number, y: number, rho: number): number {
  if (rho === 0)
    return e < 3 ? Math.exp(e) * normalCdf(x) * normalCdf(y) : Math.exp(e + normalLogCdf(x) + normalLogCdf(y))
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

/** sign exp(growth b) M(x + dx b, y + dy b; rho) as a function of the carry b. */
interface Term {
  readonly sign: 1 | -1
  readonly growth: number
  readonly x: number
  readonly dx: number
  readonly y: number
  readonly dy: number
  readonly rho: number
  /** sqrt(1 - rho^2). */
  readonly width: number
}

function termAt({ sign, growth, x, dx, y, dy, rho }: Term, b: number): number {
  return sign * scaledBivariate(growth * b, x + dx * b, y + dy * b, rho)
}

/** exp(e) density(x) P(Y <= y | X = x); where that is certain by a hair, of full correlation, one half. */
function edge(e: number, x: number, y: number, { rho, width }: Term): number {
  const density = INV_SQRT_2_PI * Math.exp(e - 0.5 * x * x)
  if (density === 0) return 0
  const rest = y - rho * x
  return density * (rest === 0 ? 0.5 : normalCdf(rest / width))
}

function slopeAt(term: Term, b: number): number {
  const { sign, growth, dx, dy } = term
  const [e, x, y] = [growth * b, term.x + dx * b, term.y + dy * b]
  return growth * termAt(term, b) + sign * (dx * edge(e, x, y, term) + dy * edge(e, y, x, term))
}

/**
 * The sum of terms that together vanish at carry 0, over the carry. Near 0, where that is a quotient of nothings, it is
 * the mean slope between 0 and the carry, by Gauss-Legendre's rule of three points: 1e-16 at the carries it is for.
 */
function perCarry(terms: readonly Term[], carry: number, unit: number): number {
  let sum = 0
  if (Math.abs(carry) >= SMALL_CARRY * unit) {
    for (const term of terms) sum += termAt(term, carry)
    return sum / carry
  }
  const off = Math.sqrt(0.15) * carry
  for (const term of terms)
    sum += 5 * (slopeAt(term, carry / 2 - off) + slopeAt(term, carry / 2 + off)) + 8 * slopeAt(term, carry / 2)
  return sum / 18
}

/** The carry at which the drift is one deviation of the log price or, if that is less, doubles the price or so. */
function carryUnit({ volatility, time }: LognormalMarket): number {
  const s = volatility * Math.sqrt(time)
  return s / (2 * time * Math.max(1, s / 2))
}

/**
 * Heynen & Kat's d, e, f at carry 0 for the ratio S / K of spot and reference price, what they gain per carry, and the
 * correlations.
 */
function heynenKat({ spot, volatility, time: T }: LognormalMarket, t1: number, K: number) {
  const log = Math.log(spot / K)
  const left = T - t1
  const [deviation, early, late] = [volatility * Math.sqrt(T), Math.sqrt(t1 / T), Math.sqrt(left / T)]
  return {
    d: log / deviation + deviation / 2,
    e: (volatility * Math.sqrt(left)) / 2,
    f: log / (volatility * Math.sqrt(t1)) + (volatility * Math.sqrt(t1)) / 2,
    dd: Math.sqrt(T) / volatility,
    de: Math.sqrt(left) / volatility,
    df: Math.sqrt(t1) / volatility,
    early,
    late,
    /** Of the reflected path: exp(reflection carry). */
    reflection: (-2 * log) / (volatility * volatility),
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

export interface PartialFloatingLookbackParams extends LognormalMarket, Continuation {
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
  const reached = kind === 'call' ? Math.min(params.extremum, spot) : Math.max(params.extremum, spot)
  const M0 = params.isContinued === true ? params.extremum : reached
  if (volatility * Math.sqrt(T) < NO_DEVIATION || volatility * Math.sqrt(t1) < NO_DEVIATION) {
    const then = spot * Math.exp(carry * t1)
    const strike = multiple * (kind === 'call' ? Math.min(M0, then) : Math.max(M0, then))
    return representable(kernel, vanilla({ kind, spot, strike, rate, carry, volatility, time: T }))
  }
  requireCarry(kernel, carry, volatility, Math.log(spot / M0))
  return representable(kernel, Math.max(0, partialFloating(params, M0, phi)))
}

function partialFloating(params: PartialFloatingLookbackParams, M0: number, phi: 1 | -1): number {
  const { spot: S, rate: r, carry: b, volatility, time: T, lookbackTime: t1, multiple: lambda } = params
  const { d, e, f, dd, de, df, early, late, reflection } = heynenKat(params, t1, M0)
  const g = Math.log(lambda)
  const g1 = g / (volatility * Math.sqrt(T))
  const g2 = g === 0 ? 0 : g / (volatility * Math.sqrt(T - t1))
  const [d1, e1, f1] = [d + dd * b, e + de * b, f + df * b]
  const [d2, e2, f2] = [d1 - volatility * Math.sqrt(T), e1 - 2 * e, f1 - volatility * Math.sqrt(t1)]
  const asset = S * Math.exp((b - r) * T)
  const strike = lambda * M0 * Math.exp(-r * T)
  const variance = volatility * volatility
  const reflected = { x: -phi * f, dx: phi * df, y: -phi * (d + g1), dy: phi * dd, rho: early, width: late }
  const grown = { x: -phi * (d + g1), dx: -phi * dd, y: phi * (e + g2), dy: phi * de, rho: -late, width: early }
  const apart = { x: -phi * (e + g2), dx: phi * de, y: -phi * f, dy: -phi * df, rho: 0, width: 1 }
  const terms: readonly Term[] = [
    { sign: 1, growth: reflection, ...reflected },
    { sign: -1, growth: T + (2 * g) / variance, ...grown },
    { sign: -1, growth: t1, ...apart },
  ]
  return (
    phi *
    (asset * normalCdf(phi * (d1 - g1)) -
      strike * normalCdf(phi * (d2 - g1)) +
      lambda * S * Math.exp(-r * T) * (variance / 2) * perCarry(terms, b, carryUnit(params)) +
      asset * bivariateNormalCdf(phi * (g1 - d1), phi * (e1 - g2), -late) +
      strike * bivariateNormalCdf(phi * -f2, phi * (d2 - g1), -early) -
      lambda * S * Math.exp(b * t1 - r * T) * normalCdf(phi * (e2 - g2)) * normalCdf(phi * -f1))
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
  return representable(kernel, Math.max(0, partialFixed(params, phi)))
}

function partialFixed(params: PartialFixedLookbackParams, phi: 1 | -1): number {
  const { spot: S, strike: X, rate: r, carry: b, volatility, time: T, lookbackTime: t1 } = params
  const { d, e, f, dd, de, df, early, late, reflection } = heynenKat(params, t1, X)
  const [d1, e1, f1] = [d + dd * b, e + de * b, f + df * b]
  const [d2, e2, f2] = [d1 - volatility * Math.sqrt(T), e1 - 2 * e, f1 - volatility * Math.sqrt(t1)]
  const asset = S * Math.exp((b - r) * T)
  const strike = X * Math.exp(-r * T)
  const grown = { x: phi * e, dx: phi * de, y: phi * d, dy: phi * dd, rho: late, width: early }
  const reflected = { x: phi * d, dx: -phi * dd, y: -phi * f, dy: phi * df, rho: -early, width: late }
  const apart = { x: phi * f, dx: phi * df, y: phi * e, dy: -phi * de, rho: 0, width: 1 }
  const terms: readonly Term[] = [
    { sign: 1, growth: T, ...grown },
    { sign: -1, growth: reflection, ...reflected },
    { sign: -1, growth: t1, ...apart },
  ]
  return (
    phi *
    (asset * normalCdf(phi * d1) -
      strike * normalCdf(phi * d2) +
      S * Math.exp(-r * T) * ((volatility * volatility) / 2) * perCarry(terms, b, carryUnit(params)) -
      asset * bivariateNormalCdf(phi * -e1, phi * d1, -late) -
      strike * bivariateNormalCdf(phi * f2, phi * -d2, -early) +
      S * Math.exp(b * t1 - r * T) * normalCdf(phi * f1) * normalCdf(phi * -e2))
  )
}
