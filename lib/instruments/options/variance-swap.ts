// A swap of the variance that a price realises against a fixed one: volatility without a strike.

import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Usd, Years } from '../../base/units.ts'
import { logRatio } from '../../quant/options/black.ts'
import { smileVariance } from '../../quant/options/variance-strip.ts'
import { defineInstrument } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { interestTo } from '../market/forwards.ts'
import { type Market, rateOf, spotOf } from '../market/market.ts'
import { assetVolatility } from '../market/volatility.ts'
import { surfaceVolatility } from '../market/volatility-surface.ts'
import { isPast, yearsTo } from '../market/years-to.ts'
import { assetTerm, instantTerm, quantityTerm, signedTerm } from '../term-schemas.ts'
import { finiteFigures, pathGreeks } from './path-option.ts'

const swapTerms = z
  .strictObject({
    asset: assetTerm('the asset whose variance is swapped'),
    varianceNotional: signedTerm(
      'what a realised variance higher by 1.00 pays; below 0 variance is sold. A vega notional is 2 x strikeVolatility x this',
      'USD per 1.00 of annual variance',
    ),
    strikeVolatility: quantityTerm(
      'the fixed leg: its square is swapped for what is realised',
      'per year, 0.6 is 60 %',
    ),
    start: instantTerm('when variance begins to count'),
    expiry: instantTerm('when it ends'),
    accruedVariance: quantityTerm(
      'sum of squared log returns since the start, not annualised; 0 before it',
      'variance, a number',
    ),
  })
  .check(z.refine(({ start, expiry }) => start < expiry, { path: ['start'], message: 'must be before the expiry' }))

type SwapTerms = z.output<typeof swapTerms>

/**
 * Total variance that the smile of a date prices from now until then, by the options that replicate it; the square of the volatility where strikes do not
 * differ. @throws HomeostatError `no-volatility`; `out-of-domain` where the wings leave no finite variance
 */
function totalVarianceTo(market: Market, asset: string, date: UnixSeconds): number {
  const years = yearsTo(market, date)
  if (years === 0) return 0
  const { underlying } = rateOf(market, asset)
  const held = assetVolatility(market, underlying)
  const moved = held.dynamics === 'sticky-strike' ? logRatio(spotOf(market, underlying, asset), held.anchor) : 0
  const volatility = (k: number) => Math.max(surfaceVolatility(held, k + moved, date).volatility + held.shift, 0)
  const variance = held.surface.kind === 'svi' ? smileVariance({ time: years, volatility }) : volatility(0) ** 2
  return variance * years
}

interface Swap {
  /** Years of the whole swap, and those still to come. */
  readonly length: Years
  readonly left: Years
  /** Total variance that is still expected. */
  readonly expected: number
  readonly discount: number
}

/** `isRunning`: whether it has started, which a bump back in time must not undo. */
function swapAt({ asset, start, expiry }: SwapTerms, market: Market, isRunning = isPast(market, start)): Swap {
  // Read even where it is settled: what the market does not know is not valued.
  spotOf(market, rateOf(market, asset).underlying, asset)
  const length = (expiry - start) / secondsPerYear
  const before = isRunning ? 0 : totalVarianceTo(market, asset, start)
  return {
    length,
    left: yearsTo(market, expiry) - yearsTo(market, start),
    expected: totalVarianceTo(market, asset, expiry) - before,
    discount: Math.exp(-interestTo(market, expiry) * yearsTo(market, expiry)),
  }
}

function swapValue(terms: SwapTerms, market: Market, isRunning = isPast(market, terms.start)): Usd {
  if (terms.varianceNotional === 0) return 0
  const { length, expected, discount } = swapAt(terms, market, isRunning)
  const variance = (terms.accruedVariance + expected) / length
  return terms.varianceNotional * discount * (variance - terms.strikeVolatility * terms.strikeVolatility)
}

function swapGreeks(terms: SwapTerms, market: Market): Greeks {
  const { asset, expiry, varianceNotional } = terms
  if (varianceNotional === 0) return noGreeks
  const isRunning = isPast(market, terms.start)
  return pathGreeks({
    terms: { asset, expiry, quantity: varianceNotional },
    value: (bumped) => swapValue(terms, bumped, isRunning),
    edges: {},
    market,
  })
}

function swapDetails(terms: SwapTerms, market: Market): Readonly<Record<string, number>> {
  if (terms.varianceNotional === 0) return {}
  const { length, left, expected } = swapAt(terms, market)
  const { accruedVariance, strikeVolatility, varianceNotional } = terms
  const gone = length - left
  const fair = left > 0 ? Math.max(expected / left, 0) : undefined
  return finiteFigures({
    fairVariance: fair,
    fairVolatility: fair === undefined ? undefined : Math.sqrt(fair),
    realisedVolatility: gone > 0 ? Math.sqrt(accruedVariance / gone) : undefined,
    breakEvenVolatility: Math.sqrt(Math.max((accruedVariance + expected) / length, 0)),
    vegaNotionalUsd: 2 * strikeVolatility * varianceNotional,
    years: left,
  })
}

function isExtrapolated({ asset, expiry }: SwapTerms, market: Market): boolean {
  return surfaceVolatility(assetVolatility(market, rateOf(market, asset).underlying), 0, expiry).isExtrapolated
}

function swapWarnings(terms: SwapTerms, market: Market): readonly string[] {
  if (terms.varianceNotional === 0) return []
  if (isPast(market, terms.expiry)) return ['expired: valued at the variance accrued']
  const isStarted = isPast(market, terms.start)
  return [
    ...(isExtrapolated(terms, market) ? ['the volatility is that of the nearest quoted expiry'] : []),
    ...(isStarted && terms.accruedVariance === 0 ? ['it has started, but no variance is stated to have accrued'] : []),
    ...(!isStarted && terms.accruedVariance > 0 ? ['variance is stated to have accrued before the start'] : []),
  ]
}

export const varianceSwap = defineInstrument({
  kind: 'variance-swap',
  family: 'option',
  title: 'Variance swap, with what has accrued',
  method: 'Carr & Madan 1998 (eq. 18): the strip of options of the whole smile; accrued variance as stated',
  terms: swapTerms,
  example: {
    asset: 'ETH',
    varianceNotional: 50_000,
    strikeVolatility: 0.62,
    start: '2026-09-25T08:00:00Z',
    expiry: '2027-03-26T08:00:00Z',
    accruedVariance: 0.058,
  },
  assets: ({ asset, varianceNotional }) => (varianceNotional === 0 ? [] : [asset]),
  scaled: (terms, factor) => ({ ...terms, varianceNotional: terms.varianceNotional * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  value: (terms, market) => swapValue(terms, market),
  greeks: swapGreeks,
  details: swapDetails,
  warnings: swapWarnings,
})
