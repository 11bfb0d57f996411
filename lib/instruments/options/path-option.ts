// What options on the path of a price share: one volatility with what it leaves out, and Greeks by differences.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import type { LognormalMarket } from '../../quant/options/lognormal.ts'
import type { Edges } from '../define-instrument.ts'
import { bumpGreeks } from '../greeks/bump-greeks.ts'
import { type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import type { Market } from '../market/market.ts'
import { assetVolatility } from '../market/volatility.ts'
import type { VolatilitySurface } from '../market/volatility-surface.ts'
import { isPast } from '../market/years-to.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import type { OptionTerms } from './option-terms.ts'

/** The kernels' arguments. */
export function lognormalAt({ spot, time, rate, carry, volatility }: OptionMarket): LognormalMarket {
  return { spot, time, rate, carry, volatility }
}

/** Greeks by bump and revalue. An expired option asks for no volatility and does not decay; `isSure` leaves out vega where a model has none; `turns`: instants at which decay may change at once, which steps in time do not reach. */
export function pathGreeks(params: {
  readonly terms: Pick<OptionTerms, 'asset' | 'expiry' | 'quantity'>
  readonly value: (market: Market) => Usd
  readonly edges: Edges
  readonly isSure?: boolean
  readonly turns?: readonly UnixSeconds[]
  readonly market: Market
}): Greeks {
  const { terms, value, edges, isSure = false, turns = [], market } = params
  const { asset, expiry, quantity } = terms
  if (quantity === 0) return noGreeks
  const isExpired = isPast(market, expiry)
  const optionality = isExpired || isSure ? [] : [expiry, ...turns].map((instant) => ({ asset, expiry: instant }))
  const greeks = bumpGreeks({ value, assets: [asset], optionality, edges, market })
  return isExpired ? { ...greeks, theta: noTheta } : greeks
}

/** Below this deviation of the log price differences keep to the price itself and end at its edges. */
const NARROW = 1e-5

/**
 * Whether Greeks are differences of the formula of the side of a barrier or extremum on which the spot is, which goes on smoothly across it, so that
 * they are right at any distance from it; else of the price, with steps that end before its edges.
 */
export function hasSides({ isExpired, volatility, time }: OptionMarket): boolean {
  return !isExpired && volatility * Math.sqrt(time) > NARROW
}

/**
 * All that limits the steps of such differences: where the drift is many deviations, formulas with a reflection change with the spot by exp(2 m ln S / s), m
 * being the drift in deviations. An edge so near that a step is a fraction of that.
 */
export function sideEdges({ underlying, assetRate, spot, carry, volatility, time }: OptionMarket): Edges {
  const s = volatility * Math.sqrt(time)
  const m = Math.abs(carry * time) / s + s / 2
  return m > 1 ? { [underlying]: [(spot * (1 + s / (64 * m))) / assetRate] } : {}
}

/** What a surface says beyond one number: nothing, the dates' volatilities, or the strikes'. */
function shapeOf(surface: VolatilitySurface): 'flat' | 'term' | 'smile' {
  switch (surface.kind) {
    case 'flat':
      return 'flat'
    case 'term':
      return surface.points.every(({ volatility }) => volatility === surface.points[0]?.volatility) ? 'flat' : 'term'
    case 'svi':
      return surface.slices.every(({ parameters }) => parameters.b === 0) ? 'term' : 'smile'
  }
}

export interface OneVolatility {
  /** Where the smile would matter: `between strike and barrier`. */
  readonly reach: string
  /** The model takes a volatility for each date, so that a term structure is priced. */
  readonly byDate?: boolean
}

/** What one volatility leaves out, where the surface says more. @throws HomeostatError `no-volatility`, `no-price` */
export function oneVolatilityWarnings(
  { underlying }: OptionMarket,
  market: Market,
  { reach, byDate = false }: OneVolatility,
): readonly string[] {
  const shape = shapeOf(assetVolatility(market, underlying).surface)
  const said = 'one volatility for a path-dependent payoff'
  if (shape === 'smile') return [`${said}: the smile ${reach} is not priced`]
  return shape === 'term' && !byDate ? [`${said}: its term structure until expiry is not priced`] : []
}

/** Expired, outside of the expiries that are quoted, or without volatility. */
export function settlementWarnings(terms: OptionTerms, market: Market): readonly string[] {
  if (isPast(market, terms.expiry))
    return [
      terms.settlementPrice === undefined
        ? 'expired: settled on the spot, for want of a settlement price'
        : 'expired: settled at its settlement price',
    ]
  const { smile } = optionMarket(market, terms)
  return [
    ...(smile.isExtrapolated ? ['the volatility is that of the nearest quoted expiry'] : []),
    ...(smile.volatility === 0 ? ['volatility is 0: valued as if the price moved on its forward'] : []),
  ]
}

/** Details that are numbers: over thousands of years a forward may be beyond what a number can hold, and is then left out. */
export function finiteFigures(figures: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  )
}
