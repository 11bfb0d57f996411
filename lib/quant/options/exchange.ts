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

function requireExchange(kernel: string, params: ExchangeParams): void {
  for (const field of ['spot1', 'spot2', 'quantity1', 'quantity2'] as const)
    requirePositive(kernel, field, params[field])
  for (const field of ['dividendYield1', 'dividendYield2'] as const) requireFinite(kernel, field, params[field])
  for (const field of ['vol1', 'vol2', 'time'] as const) requireNotNegative(kernel, field, params[field])
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

/** Of the volatility of the ratio in those of its assets: sigma_i = (vol_i - rho vol_j) / sigma, by the chain rule. */
function volatilityGreeks(params: ExchangeParams, { sigma, d1, d2 }: Terms, density: number) {
  const { spot1, spot2, vol1, vol2, correlation, time } = params
  const root = Math.sqrt(time)
  const s = sigma * root
  // Without deviation (or without density) all of these are 0.
  const vega = density === 0 ? 0 : density * root
  const [one, two] = vega === 0 ? [0, 0] : [(vol1 - correlation * vol2) / sigma, (vol2 - correlation * vol1) / sigma]
  const volga = vega === 0 ? 0 : (vega * d1 * d2) / sigma
  const curvature = vega === 0 ? 0 : vega / sigma
  const [vanna1, vanna2] = vega === 0 ? [0, 0] : [(-vega * d2) / (spot1 * s), (vega * d1) / (spot2 * s)]
  return {
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
  }
}

/** Closed-form Greeks of `exchangeValue`, its limit without deviation included (second derivatives are 0 there). Throws `out-of-domain`. */
export function exchangeGreeks(params: ExchangeParams): ExchangeGreeks {
  requireExchange('exchangeGreeks', params)
  const { spot1, spot2, dividendYield1, dividendYield2, time } = params
  const terms = termsOf(params)
  const { sigma, d1, d2, leg1, leg2 } = terms
  const root = Math.sqrt(time)
  const s = sigma * root
  const density = s < NO_DEVIATION ? 0 : leg1 * normalPdf(d1)
  const curvature = s < NO_DEVIATION ? 0 : density / s
  return {
    delta1: (leg1 * normalCdf(d1)) / spot1,
    delta2: (-leg2 * normalCdf(d2)) / spot2,
    gamma1: curvature / (spot1 * spot1),
    gamma2: curvature / (spot2 * spot2),
    crossGamma: -curvature / (spot1 * spot2),
    ...volatilityGreeks(params, terms, density),
    theta:
      dividendYield1 * leg1 * normalCdf(d1) -
      dividendYield2 * leg2 * normalCdf(d2) -
      (time === 0 ? 0 : (density * sigma) / (2 * root)),
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
