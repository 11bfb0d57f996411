// From a model's derivatives at one volatility to those in a market with a smile: the chain rule that every option on one strike shares.

import type { UnixSeconds } from '../../base/units.ts'
import { expiryBucket } from '../greeks/expiry-bucket.ts'
import { type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import type { Market } from '../market/market.ts'
import type { OptionMarket } from './option-market.ts'

/** Derivatives of a model's value per option, in USD and units of the asset, everything but the named input held. */
export interface ModelGreeks {
  readonly delta: number
  readonly gamma: number
  readonly vega: number
  readonly vanna: number
  readonly volga: number
  /** dV/dt at a held volatility, per year. */
  readonly theta: number
  /** dV/dr at a held yield: the carry moves with the rate. */
  readonly rho: number
  /** dV/dr at a held carry. */
  readonly discountRho: number
  /** dV/db at a held rate. */
  readonly carryRho: number
}

/**
 * The market's volatility depends on k = ln(K / F): under sticky delta k moves with the spot (k_S = -1/S), under sticky strike it does not; it moves with the
 * carry (k_b = -T) and with time (k_t = b) in either. Total derivatives from the model's partial ones.
 */
export function smileGreeks(params: {
  readonly quantity: number
  /** Absent: it has none. */
  readonly expiry?: UnixSeconds
  readonly at: OptionMarket
  readonly model: ModelGreeks
  readonly market: Market
}): Greeks {
  const { quantity: q, at, model, market } = params
  const { underlying, assetRate, spot: S, time: T, carry: b, smile } = at
  const isSticky = market.volatility?.[underlying]?.dynamics === 'sticky-strike'
  const slopeS = isSticky ? 0 : -smile.slope / S
  const bendS = isSticky ? 0 : (smile.bend + smile.slope) / (S * S)
  const { vega, vanna, volga } = model
  const byCarry = vega * smile.slope * T
  const unit = q * assetRate
  const gamma = model.gamma + 2 * vanna * slopeS + volga * slopeS * slopeS + vega * bendS
  return {
    ...noGreeks,
    delta: { [underlying]: unit * (model.delta + vega * slopeS) },
    gamma: { [underlying]: unit * assetRate * gamma },
    vega: { [underlying]: { [expiryBucket(params.expiry)]: q * vega } },
    vanna: { [underlying]: unit * (vanna + volga * slopeS) },
    volga: { [underlying]: q * volga },
    rho: q * (at.carryFollowsRate ? model.rho - byCarry : model.discountRho),
    carryRho: { [underlying]: q * (model.carryRho - byCarry) },
    theta: { ...noTheta, decay: q * (model.theta + vega * smile.slope * b) },
  }
}
