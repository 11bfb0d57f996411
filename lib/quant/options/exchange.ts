// The right to give one asset for another.
import { normalCdf, normalPdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { NO_DEVIATION, representable, requireFinite, requireNotNegative, requirePositive } from './lognormal.ts'

export interface ExchangeParams {
  /** S1, S2 in quote units, above 0. The holder receives asset 1 and delivers asset 2. */
  readonly spot1: number
  readonly spot2: number
  /** Q1, Q2: units of each, above 0. */
  readonly quantity1: number
  readonly quantity2: number
  /** What each asset yields to its owner, continuous, per year. The interest rate does not matter. */
  readonly dividendYield1: number
  readonly dividendYield2: number
  /** Per square root of a year, 0 or above. */
  readonly vol1: number
  readonly vol2: number
  /** rho, -1..1. */
  readonly correlation: number
  /** T in years, 0 or above. */
  readonly time: number
}

/** Field by field and not in a loop over names: that took as long as the price. */
function requireExchange(kernel: string, params: ExchangeParams): void {
  requirePositive(kernel, 'spot1', params.spot1)
  requirePositive(kernel, 'spot2', params.spot2)
  requirePositive(kernel, 'quantity1', params.quantity1)
  requirePositive(kernel, 'quantity2', params.quantity2)
  requireFinite(kernel, 'dividendYield1', params.dividendYield1)
  requireFinite(kernel, 'dividendYield2', params.dividendYield2)
  requireNotNegative(kernel, 'vol1', params.vol1)
  requireNotNegative(kernel, 'vol2', params.vol2)
  requireNotNegative(kernel, 'time', params.time)
  const { correlation } = params
  if (!(correlation >= -1 && correlation <= 1))
    throw outOfDomain(kernel, 'correlation has to be from -1 to 1.', { field: 'correlation', value: correlation })
}

/** Volatility of S1 / S2 per square root of a year, without cancellation for like assets. */
function ratioVol({ vol1, vol2, correlation }: Pick<ExchangeParams, 'vol1' | 'vol2' | 'correlation'>): number {
  return Math.sqrt((vol1 - vol2) * (vol1 - vol2) + 2 * (1 - correlation) * vol1 * vol2)
}

interface Terms {
  readonly sigma: number
  readonly d1: number
  readonly d2: number
  /** Q S exp(-q T). */
  readonly leg1: number
  readonly leg2: number
}

function termsOf(params: ExchangeParams): Terms {
  const { spot1, spot2, quantity1, quantity2, dividendYield1, dividendYield2, time } = params
  const sigma = ratioVol(params)
  const s = sigma * Math.sqrt(time)
  const leg1 = quantity1 * spot1 * Math.exp(-dividendYield1 * time)
  const leg2 = quantity2 * spot2 * Math.exp(-dividendYield2 * time)
  const log = Math.log(spot1 / spot2) + Math.log(quantity1 / quantity2) + (dividendYield2 - dividendYield1) * time
  if (s < NO_DEVIATION) {
    const sure = log === 0 ? 0 : log * Number.POSITIVE_INFINITY
    return { sigma, d1: sure, d2: sure, leg1, leg2 }
  }
  return { sigma, d1: log / s + s / 2, d2: log / s - s / 2, leg1, leg2 }
}

/**
 * Price in quote units of max(0, Q1 S1 - Q2 S2) at expiry. Smooth while the deviation of the ratio is above 0; without it the forward
 * intrinsic value. Margrabe (1978), "The value of an option to exchange one asset for another". Throws `out-of-domain`.
 */
export function exchangeValue(params: ExchangeParams): number {
  requireExchange('exchangeValue', params)
  const { d1, d2, leg1, leg2 } = termsOf(params)
  return representable('exchangeValue', Math.max(0, leg1 * normalCdf(d1) - leg2 * normalCdf(d2)))
}

/** Per unit of spot, of volatility (1.00), of correlation (1.00), and per year. */
export interface ExchangeGreeks {
  readonly delta1: number
  readonly delta2: number
  readonly gamma1: number
  readonly gamma2: number
  readonly crossGamma: number
  readonly vega1: number
  readonly vega2: number
  readonly correlationSensitivity: number
  /** d2V / dS dvol: `vanna12` in spot 1 and volatility 2. */
  readonly vanna11: number
  readonly vanna12: number
  readonly vanna21: number
  readonly vanna22: number
  /** d2V / dvol2, and in both volatilities. */
  readonly volga1: number
  readonly volga2: number
  readonly crossVolga: number
  /** Change per year of passing time. */
  readonly theta: number
}

/** By the volatility of the ratio, whose slopes in those of its assets are one and two: sigma_i = (vol_i - rho vol_j) / sigma. */
interface RatioGreeks {
  readonly vega: number
  readonly volga: number
  /** Vega over sigma: what the slopes' own slopes are multiplied with. */
  readonly curvature: number
  readonly vanna1: number
  readonly vanna2: number
  readonly one: number
  readonly two: number
}

const NO_RATIO_GREEKS: RatioGreeks = { vega: 0, volga: 0, curvature: 0, vanna1: 0, vanna2: 0, one: 0, two: 0 }

function ratioGreeks(params: ExchangeParams, { sigma, d1, d2 }: Terms, density: number): RatioGreeks {
  const { spot1, spot2, vol1, vol2, correlation, time } = params
  const root = Math.sqrt(time)
  const vega = density * root
  // Without deviation (or without density) all of these are 0.
  if (vega === 0) return NO_RATIO_GREEKS
  const s = sigma * root
  return {
    vega,
    volga: (vega * d1 * d2) / sigma,
    curvature: vega / sigma,
    vanna1: (-vega * d2) / (spot1 * s),
    vanna2: (vega * d1) / (spot2 * s),
    one: (vol1 - correlation * vol2) / sigma,
    two: (vol2 - correlation * vol1) / sigma,
  }
}

/** Closed-form Greeks of `exchangeValue`, its limit without deviation included (second derivatives are 0 there). Throws `out-of-domain`. */
export function exchangeGreeks(params: ExchangeParams): ExchangeGreeks {
  requireExchange('exchangeGreeks', params)
  const { spot1, spot2, dividendYield1, dividendYield2, vol1, vol2, correlation, time } = params
  const terms = termsOf(params)
  const { sigma, d1, d2 } = terms
  const root = Math.sqrt(time)
  const s = sigma * root
  const density = s < NO_DEVIATION ? 0 : terms.leg1 * normalPdf(d1)
  const gamma = s < NO_DEVIATION ? 0 : density / s
  const held1 = terms.leg1 * normalCdf(d1)
  const held2 = terms.leg2 * normalCdf(d2)
  const { vega, volga, curvature, vanna1, vanna2, one, two } = ratioGreeks(params, terms, density)
  return {
    delta1: held1 / spot1,
    delta2: -held2 / spot2,
    gamma1: gamma / (spot1 * spot1),
    gamma2: gamma / (spot2 * spot2),
    crossGamma: -gamma / (spot1 * spot2),
    vega1: vega * one,
    vega2: vega * two,
    correlationSensitivity: -curvature * vol1 * vol2,
    vanna11: vanna1 * one,
    vanna12: vanna1 * two,
    vanna21: vanna2 * one,
    vanna22: vanna2 * two,
    volga1: volga * one * one + curvature * (1 - one * one),
    volga2: volga * two * two + curvature * (1 - two * two),
    crossVolga: volga * one * two - curvature * (correlation + one * two),
    theta: dividendYield1 * held1 - dividendYield2 * held2 - (time === 0 ? 0 : (density * sigma) / (2 * root)),
  }
}

/**
 * The call on one asset that is worth as much as the exchange, with asset 2 as the money: any American pricer prices the American
 * exchange by it (Bjerksund & Stensland 1993, "American exchange options and a put-call transformation"). Throws `out-of-domain`.
 */
export function exchangeAsCall(params: ExchangeParams): {
  readonly kind: 'call'
  readonly spot: number
  readonly strike: number
  readonly rate: number
  readonly carry: number
  readonly volatility: number
  readonly time: number
} {
  requireExchange('exchangeAsCall', params)
  const { spot1, spot2, quantity1, quantity2, dividendYield1, dividendYield2, time } = params
  return {
    kind: 'call',
    spot: quantity1 * spot1,
    strike: quantity2 * spot2,
    rate: dividendYield2,
    carry: dividendYield2 - dividendYield1,
    volatility: ratioVol(params),
    time,
  }
}
