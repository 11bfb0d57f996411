// An option that pays all or nothing at expiry, by where the price then stands.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { unreachable } from '../../base/unreachable.ts'
import { normalPdf } from '../../quant/normal.ts'
import { assetOrNothingValue, cashOrNothingValue, gapValue } from '../../quant/options/digital.ts'
import { NO_DEVIATION, type VanillaParams } from '../../quant/options/lognormal.ts'
import { defineInstrument, type Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { forwardOf } from '../market/forwards.ts'
import type { Market } from '../market/market.ts'
import { choiceTerm, optionalTerm, priceTerm } from '../term-schemas.ts'
import type { EuropeanTerms } from './european.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import { optionAssets, optionTerms } from './option-terms.ts'
import { finiteFigures, lognormalAt, pathGreeks, settlementWarnings } from './path-option.ts'

const payoffs = ['cash-or-nothing', 'asset-or-nothing', 'gap'] as const

interface DigitalTerms extends EuropeanTerms {
  readonly payoff: (typeof payoffs)[number]
  readonly cash?: Usd | undefined
  readonly payoffStrike?: Usd | undefined
}

/** `field` stands if, and only if, the payoff is `payoff`. */
const onlyFor = (field: 'cash' | 'payoffStrike', payoff: DigitalTerms['payoff']) =>
  z.refine<Pick<DigitalTerms, 'payoff' | 'cash' | 'payoffStrike'>>(
    (terms) => (terms[field] !== undefined) === (terms.payoff === payoff),
    {
      path: [field],
      message: `must be stated for ${payoff}, and for nothing else`,
    },
  )

/** What it pays per option at a final price; at the strike itself nothing. */
function paid({ payoff, type, strike, cash = 0, payoffStrike = 0 }: DigitalTerms, price: Usd): Usd {
  if (type === 'call' ? price <= strike : price >= strike) return 0
  switch (payoff) {
    case 'cash-or-nothing':
      return cash
    case 'asset-or-nothing':
      return price
    case 'gap':
      return type === 'call' ? price - payoffStrike : payoffStrike - price
    default:
      return unreachable(payoff)
  }
}

function kernelOption({ type, strike }: DigitalTerms, at: OptionMarket): VanillaParams {
  return { ...lognormalAt(at), kind: type, strike }
}

/** At one volatility, that of the strike (Reiner & Rubinstein 1991). USD per option. */
function withoutSkew(terms: DigitalTerms, at: OptionMarket): Usd {
  const option = kernelOption(terms, at)
  const { payoff, cash = 0, payoffStrike = 0 } = terms
  switch (payoff) {
    case 'cash-or-nothing':
      return cashOrNothingValue({ ...option, cash })
    case 'asset-or-nothing':
      return assetOrNothingValue(option)
    case 'gap':
      return gapValue({ ...option, payoffStrike })
    default:
      return unreachable(payoff)
  }
}

/**
 * What the smile's slope adds, USD per option: a call spread of vanishing width is -dC/dK = N(d2) e^{-rT} - vega dsigma/dK (Breeden & Litzenberger 1978),
 * with vega dsigma/dK = e^{-rT} n(d2) sqrt(T) dsigma/dk. The asset is so many calls and strikes in cash, the gap their difference.
 */
function skewOf(terms: DigitalTerms, at: OptionMarket): Usd {
  const { spot, time, rate, carry, volatility, smile } = at
  const s = volatility * Math.sqrt(time)
  if (s < NO_DEVIATION || smile.slope === 0) return 0
  const { payoff, type, strike, cash = 0, payoffStrike = 0 } = terms
  const d2 = (Math.log(spot / strike) + carry * time) / s - s / 2
  const perCash = -Math.exp(-rate * time) * normalPdf(d2) * Math.sqrt(time) * smile.slope
  const sign = type === 'call' ? 1 : -1
  switch (payoff) {
    case 'cash-or-nothing':
      return sign * cash * perCash
    case 'asset-or-nothing':
      return sign * strike * perCash
    case 'gap':
      return (strike - payoffStrike) * perCash
    default:
      return unreachable(payoff)
  }
}

function digitalValue(terms: DigitalTerms, market: Market): Usd {
  if (terms.quantity === 0) return 0
  const at = optionMarket(market, terms)
  if (at.isExpired) return terms.quantity * paid(terms, terms.settlementPrice ?? at.spot)
  return terms.quantity * (withoutSkew(terms, at) + skewOf(terms, at))
}

/** The strike is a step once no time or volatility is left. */
function digitalEdges(terms: DigitalTerms, market: Market): Edges {
  const { underlying, assetRate, time, volatility, carry, isExpired } = optionMarket(market, terms)
  if (time * volatility !== 0 || (isExpired && terms.settlementPrice !== undefined)) return {}
  return { [underlying]: [(terms.strike * Math.exp(-carry * time)) / assetRate] }
}

function digitalGreeks(terms: DigitalTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const edges = digitalEdges(terms, market)
  return pathGreeks({ terms, value: (bumped) => digitalValue(terms, bumped), edges, market })
}

/** Risk-neutral, that it pays. */
function probabilityOf(terms: DigitalTerms, at: OptionMarket): number {
  const cash = { ...terms, payoff: 'cash-or-nothing', cash: 1 } as const
  return (withoutSkew(cash, at) + skewOf(cash, at)) * Math.exp(at.rate * at.time)
}

function digitalWarnings(terms: DigitalTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  const at = optionMarket(market, terms)
  const probability = at.isExpired ? 0 : probabilityOf(terms, at)
  const isArbitrage = probability < 0 || probability > 1
  return [
    ...settlementWarnings(terms, market),
    ...(isArbitrage
      ? ['the smile is so steep at the strike that it admits arbitrage: a probability beyond 0 and 1']
      : []),
  ]
}

export const digitalOption = defineInstrument({
  kind: 'digital-option',
  family: 'option',
  title: 'Digital option: cash, the asset, or a gap, all or nothing at expiry',
  method:
    'Reiner & Rubinstein 1991 with the slope of the smile (Breeden & Litzenberger 1978: the limit of a call spread)',
  terms: z
    .strictObject({
      ...optionTerms(),
      payoff: choiceTerm(
        payoffs,
        'what it pays beyond the strike: cash, one unit of the asset, or its price less payoffStrike',
      ),
      cash: optionalTerm(priceTerm('what cash-or-nothing pays', 'USD per option')),
      payoffStrike: optionalTerm(
        priceTerm('what gap subtracts from the price (a put: from which), instead of the strike'),
      ),
    })
    .check(onlyFor('cash', 'cash-or-nothing'), onlyFor('payoffStrike', 'gap')),
  example: {
    asset: 'ETH',
    type: 'call',
    strike: 3_500,
    expiry: '2027-03-26T08:00:00Z',
    quantity: 20,
    payoff: 'cash-or-nothing',
    cash: 1_000,
  },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: digitalEdges,
  value: digitalValue,
  greeks: digitalGreeks,
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const at = optionMarket(market, terms)
    return finiteFigures({
      forwardUsd: forwardOf(market, terms.asset, terms.expiry),
      volatility: at.volatility,
      years: at.time,
      riskNeutralProbability: at.isExpired ? undefined : probabilityOf(terms, at),
      skewUsd: at.isExpired ? undefined : terms.quantity * skewOf(terms, at),
    })
  },
  warnings: digitalWarnings,
})
