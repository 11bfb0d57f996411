// Options that are quoted, margined and settled in the coin they are written on: one claim, reported in currency and in
// coin.
import { blackScholes, type EuropeanOption } from './black.ts'

/**
 * An inverse option pays max(w (S_T - K), 0) / S_T coins: the currency payoff of a European option, delivered at the
 * settlement price. Its currency value is therefore Black's, and its coin value that over the spot. Figures per option
 * on one coin.
 */
export interface InverseOptionGreeks {
  /** Value in currency. */
  readonly price: number
  /** Value in coin, price / S: what venues quote. */
  readonly priceCoin: number
  /**
   * d price / dS, in coins: what venues show, and the hedge of a holder who counts in currency with the premium in
   * currency.
   */
  readonly deltaBlack: number
  /**
   * S d priceCoin / dS = deltaBlack - priceCoin, in coins: the hedge of a holder who counts in coin, or who holds the
   * premium in coin.
   */
  readonly deltaPremiumAdjusted: number
  /** d2 price / dS2. */
  readonly gammaBlack: number
  /** d2 priceCoin / dS2. */
  readonly gammaCoin: number
  /** d price / dsigma, per 1.00. */
  readonly vega: number
  /** d priceCoin / dsigma, per 1.00. */
  readonly vegaCoin: number
  /** -d price / dT, per year. */
  readonly theta: number
  /** -d priceCoin / dT, per year. */
  readonly thetaCoin: number
  /** d price / dr at a held yield, per 1.00. */
  readonly rho: number
  /** d priceCoin / dr at a held yield, per 1.00. */
  readonly rhoCoin: number
  /** d2 price / dS dsigma. */
  readonly vanna: number
  /** d deltaPremiumAdjusted / dsigma = vanna - vegaCoin. */
  readonly vannaPremiumAdjusted: number
  /** d2 price / dsigma2. */
  readonly volga: number
  /** d2 priceCoin / dsigma2. */
  readonly volgaCoin: number
}

/**
 * Price and Greeks of an inverse option; domain, limits and errors as blackScholes (`out-of-domain`). Black's delta
 * plus the coins paid for the option make the exposure in currency of a book funded in coin: deltaBlack =
 * deltaPremiumAdjusted + priceCoin. Alexander & Imeraj (2021), "Inverse options in a Black-Scholes world".
 */
export function inverseOption(p: EuropeanOption): InverseOptionGreeks {
  const v = blackScholes(p)
  const S = p.spot
  const priceCoin = v.price / S
  const deltaPremiumAdjusted = v.delta - priceCoin
  return {
    price: v.price,
    priceCoin,
    deltaBlack: v.delta,
    deltaPremiumAdjusted,
    gammaBlack: v.gamma,
    gammaCoin: (v.gamma - (2 * deltaPremiumAdjusted) / S) / S,
    vega: v.vega,
    vegaCoin: v.vega / S,
    theta: v.theta,
    thetaCoin: v.theta / S,
    rho: v.rho,
    rhoCoin: v.rho / S,
    vanna: v.vanna,
    vannaPremiumAdjusted: v.vanna - v.vega / S,
    volga: v.volga,
    volgaCoin: v.volga / S,
  }
}
