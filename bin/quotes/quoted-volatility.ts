// From a quoted option price, in dollars or in coin, to its volatility, or to the reason why there is none.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Years } from '../../lib/base/units.ts'
import { blackScholes, logRatio, type OptionKind } from '../../lib/quant/options/black.ts'
import { IMPLIED_VOLATILITY_REFUSALS, impliedVolatility } from '../../lib/quant/options/implied-volatility.ts'
import { refusal } from '../json-record.ts'

export interface OptionQuote {
  readonly kind: OptionKind
  /** Above 0, in the unit that `priceIn` says. */
  readonly price: number
  readonly priceIn: 'usd' | 'coin'
  /** Either: spot, in USD, or the forward to the option's expiry, spot exp(carry time). */
  readonly under: { readonly spot: number } | { readonly forward: number }
  readonly strike: number
  /** Above 0. */
  readonly time: Years
  /** Continuous, per year. */
  readonly rate: number
  /** Continuous, per year; with a forward it only turns a price in coin into dollars. */
  readonly carry: number
}

export interface QuotedVolatility {
  /** Per square root of a year, 1.00 is 100 %. */
  readonly volatility: number
  readonly time: Years
  /** USD. */
  readonly forward: number
  /** ln(strike / forward). */
  readonly moneyness: number
  readonly priceUsd: number
  /** USD per 1.00 of volatility. */
  readonly vega: number
  readonly warnings: readonly string[]
}

/**
 * The implied volatility of a quote. A price in coin is times the spot; where the forward is given, that is forward
 * exp(-carry time). Throws a code of {@link IMPLIED_VOLATILITY_REFUSALS}, with the field and the rule in the quote's own
 * unit.
 */
export function quotedVolatility(quote: OptionQuote): QuotedVolatility {
  const { kind, price, priceIn, under, strike, time, rate } = quote
  const carry = 'spot' in under ? quote.carry : 0
  const spot = 'spot' in under ? under.spot : under.forward
  const coin = 'spot' in under ? under.spot : under.forward * Math.exp(-quote.carry * time)
  const priceUsd = priceIn === 'coin' ? price * coin : price
  if (!(priceUsd < Infinity))
    throw refusal('out-of-domain', {
      message: 'The price in USD is too large.',
      field: 'price',
      rule: 'must be finite in USD, times the spot',
    })
  const option = { kind, spot, strike, time, rate, carry, price: priceUsd }
  const volatility = impliedOrRefusal(option, priceIn === 'coin' ? coin : 1, priceIn)
  const forward = spot * Math.exp(carry * time)
  const { vega } = blackScholes({ ...option, volatility })
  const moneyness = -(logRatio(spot, strike) + carry * time)
  const warnings = warningsOf({ volatility, time, rate, condition: priceUsd / (volatility * vega) })
  return { volatility, time, forward, moneyness, priceUsd, vega, warnings }
}

type PricedOption = Parameters<typeof impliedVolatility>[0]

function impliedOrRefusal(option: PricedOption, unit: number, priceIn: 'usd' | 'coin'): number {
  try {
    return impliedVolatility(option)
  } catch (error) {
    const code = isHomeostatError(error) ? IMPLIED_VOLATILITY_REFUSALS.find((one) => one === error.code) : undefined
    if (code === undefined) throw error
    throw refusal(
      code,
      reasonOf(code, option, (usd) => `${Number((usd / unit).toPrecision(9))} ${inWords[priceIn]}`),
    )
  }
}

const inWords = { usd: 'USD', coin: 'coins' } as const

/** Why there is no volatility, in the terms of the quote. */
function reasonOf(
  code: (typeof IMPLIED_VOLATILITY_REFUSALS)[number],
  { kind, spot, strike, time, rate, carry }: PricedOption,
  shown: (usd: number) => string,
) {
  const [forward, discount] = [spot * Math.exp(carry * time), Math.exp(-rate * time)]
  const intrinsic = discount * Math.max(0, kind === 'call' ? forward - strike : strike - forward)
  switch (code) {
    case 'price-below-intrinsic':
      return {
        message: 'The price is below what the option is worth without any volatility.',
        field: 'price',
        rule: `must be above the discounted intrinsic value, ${shown(intrinsic)}`,
        hint: 'Look for a stale quote, or a wrong forward, rate or unit of price.',
      }
    case 'price-above-maximum':
      return {
        message: `No volatility is high enough for this price.`,
        field: 'price',
        rule: `must be below the discounted ${kind === 'call' ? 'forward' : 'strike'}, ${shown(discount * (kind === 'call' ? forward : strike))}`,
        hint: 'Look for a wrong unit of price: priceIn says usd or coin.',
      }
    case 'time-value-lost':
      return {
        message: 'The time value is lost in the digits of the price.',
        field: 'price',
        rule: `must exceed the discounted intrinsic value, ${shown(intrinsic)}, by more than its last digit`,
        hint: 'Quote the out-of-the-money side.',
      }
    case 'moneyness-out-of-range':
      return {
        message: 'The strike is too far from the forward.',
        field: 'strike',
        rule: 'must be within a factor of exp(8), some 3,000, of the forward',
      }
    case 'out-of-domain':
      return Math.abs(rate * time) <= 700
        ? {
            message: 'The carry is too large for this time.',
            field: 'carry',
            rule: 'must be within 700 / time, of either sign',
          }
        : {
            message: 'The rate is too large for this time.',
            field: 'rate',
            rule: 'must be within 700 / time, of either sign',
          }
  }
}

/** What is computed, and probably not meant. */
function warningsOf(found: {
  readonly volatility: number
  readonly time: Years
  readonly rate: number
  /** Relative change of the price over that of the volatility, inverted: how errors of the price grow. */
  readonly condition: number
}): readonly string[] {
  const digits = Math.floor(-Math.log10(Number.EPSILON * Math.max(1, found.condition)))
  return [
    ...(digits < 8
      ? [
          `the price holds no more than ${Math.max(0, digits)} digits of the volatility: quote the out-of-the-money side`,
        ]
      : []),
    ...(found.volatility > 5 || found.volatility < 0.01
      ? [
          `a volatility of ${Number((100 * found.volatility).toPrecision(3))} % is rare: are price, time and strike in their units?`,
        ]
      : []),
    ...(found.time > 10 ? [`${Number(found.time.toPrecision(3))} years is a long time: time is in years`] : []),
    ...(Math.abs(found.rate) > 1 ? ['the rate is above 100 % a year: 0.05 is 5 %'] : []),
  ]
}
