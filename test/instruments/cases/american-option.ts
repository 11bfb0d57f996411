import { carryTo, interestTo } from '../../../lib/instruments/market/forwards.ts'
import { type Market, priceOf, rateOf } from '../../../lib/instruments/market/market.ts'
import { detailsOf } from '../../../lib/instruments/value.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { europeanTerms, isWideEnough, optionGross, refusedOptions, wildEuropeanTerms } from './vanilla-option.ts'

/** More than twice the step of the rates. */
const step = 0.005

/**
 * Early exercise begins to pay where a put's rate or a call's yield crosses 0: a kink in the rates. Where both are below 0 there are two exercise boundaries,
 * and a lattice, from where they are equal.
 */
function hasSteadyExercise({ type, asset, expiry }: TermsOf<'american-option'>, market: Market): boolean {
  const [rate, carry] = [interestTo(market, expiry), carryTo(market, rateOf(market, asset).underlying, expiry)]
  const earned = type === 'put' ? rate : rate - carry
  const paid = type === 'put' ? rate - carry : rate
  return earned > step || (earned < -step && paid > earned + step)
}

/** Gamma, vega and theta jump where it is exercised, and bumps of the volatility move that boundary by up to some percent. */
function isOffTheBoundary(terms: TermsOf<'american-option'>, market: Market): boolean {
  const { exerciseBoundaryUsd } = detailsOf({ kind: 'american-option', terms }, market)
  return exerciseBoundaryUsd === undefined || Math.abs(priceOf(market, terms.asset) / exerciseBoundaryUsd - 1) > 0.03
}

export const americanOptionCase: InstrumentCase<'american-option'> = {
  terms: europeanTerms,
  wild: wildEuropeanTerms,
  gross: optionGross,
  isSmooth: (terms, market) =>
    isWideEnough(terms) && hasSteadyExercise(terms, market) && isOffTheBoundary(terms, market),
  refused: refusedOptions,
}
