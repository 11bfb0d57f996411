// The yield part of a split yield: all that one unit of an asset earns until maturity.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf } from '../market/market.ts'
import { optionalTerm, quantityTerm, rateTerm } from '../term-schemas.ts'
import { datesPrice, type FixedYieldTerms, fixedYieldAt, fixedYieldTerms, statesYield } from './fixed-yield-terms.ts'

interface YieldTerms extends FixedYieldTerms {
  readonly variableYield?: number | undefined
  readonly accruedYield?: number | undefined
}

const isEmpty = ({ quantity, accruedYield = 0 }: YieldTerms) => quantity === 0 && accruedYield === 0

/** 1 - exp(-y T) of the asset for each token, so that a principal and a yield token are together one asset; and what is accrued. */
function holdingOf(terms: YieldTerms, market: Market) {
  const { y, years, isMatured } = fixedYieldAt(terms, market)
  const each = isMatured ? 0 : -Math.expm1(-y * years)
  return { asset: terms.asset, quantity: terms.quantity * each + (terms.accruedYield ?? 0) }
}

/** Received at the variable yield, less what is left to receive: dV/dt = -y exp(-y T), which is the principal's pull to par. USD per year. */
function interestOf(terms: YieldTerms, market: Market): number {
  const { y, isMatured, principal } = fixedYieldAt(terms, market)
  if (isMatured) return 0
  return terms.quantity * priceOf(market, terms.asset) * ((terms.variableYield ?? 0) - y * principal)
}

function yieldGreeks(terms: YieldTerms, market: Market): Greeks {
  const held = heldGreeks([holdingOf(terms, market)], market)
  return { ...held, theta: { ...held.theta, interest: held.theta.interest + interestOf(terms, market) } }
}

export const yieldToken = defineInstrument({
  kind: 'yield-token',
  family: 'fixed yield',
  title: 'Yield token (YT)',
  method: 'quantity x (1 - exp(-implied yield x years)) x price of the asset, so that PT + YT = asset exactly',
  terms: z
    .strictObject({
      ...fixedYieldTerms(),
      variableYield: optionalTerm(rateTerm('what the asset earns at present and the holder receives')),
      accruedYield: optionalTerm(quantityTerm('yield received and not yet claimed')),
    })
    .check(statesYield, datesPrice),
  example: {
    asset: 'ETH',
    quantity: 300,
    maturity: '2027-06-24T00:00:00Z',
    impliedYield: 0.034,
    variableYield: 0.029,
    accruedYield: 0.7,
  },
  assets: (terms) => (isEmpty(terms) ? [] : [terms.asset]),
  scaled: (terms, factor) => ({
    ...terms,
    quantity: terms.quantity * factor,
    ...(terms.accruedYield === undefined ? {} : { accruedYield: terms.accruedYield * factor }),
  }),
  value: (terms, market) => {
    if (isEmpty(terms)) return 0
    const { asset, quantity } = holdingOf(terms, market)
    return quantity * priceOf(market, asset)
  },
  legs: (terms, market) => (isEmpty(terms) ? [] : [{ kind: 'holding', ...holdingOf(terms, market) }]),
  ageing: 'interest',
  greeks: (terms, market) => (isEmpty(terms) ? noGreeks : yieldGreeks(terms, market)),
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { y, years, principal } = fixedYieldAt(terms, market)
    const each = -Math.expm1(-y * years)
    const parUsd = terms.quantity * priceOf(market, terms.asset)
    const exposure = 1 / each
    return {
      yieldPriceAsset: each,
      impliedYieldPerYear: y,
      impliedApyRatio: Math.expm1(y),
      years,
      // Assets whose yield is received for each one that the token costs.
      ...(Number.isFinite(exposure) ? { yieldExposureRatio: exposure } : {}),
      // dV/dy per 1.00 of yield.
      impliedYieldRhoUsd: years === 0 ? 0 : parUsd * years * principal,
    }
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const { y, isMatured } = fixedYieldAt(terms, market)
    if (isMatured) return ['expired: it earns no more yield, and only what is not yet claimed has a value']
    return [
      ...(y < 0 ? ['its price is below 0: the yield that is fixed until maturity is negative'] : []),
      ...(terms.variableYield === undefined
        ? ['the variable yield is not known: theta.interest has only the decline of what is left to receive']
        : []),
    ]
  },
})
