// Greeks for any value function, so that a new instrument needs nothing but a value.

import type { Usd } from '../base/units.ts'
import type { Greeks } from './define-instrument.ts'
import { type Market, priceOf, rateOf, withSpot } from './market.ts'

/** Relative steps: the best trade between truncation (h^2) and rounding (1/h, 1/h^2) in doubles. */
const deltaStep = 1e-5
const gammaStep = 1e-3

/**
 * Central differences, each underlying alone. Delta is right to about 1e-9 of V/S on smooth values, gamma to about 1e-6;
 * across a kink they are the mean of both sides.
 * @param params.assets the assets that the value reads
 * @throws HomeostatError `no-price`
 */
export function bumpGreeks(params: {
  readonly value: (market: Market) => Usd
  readonly assets: readonly string[]
  readonly market: Market
}): Greeks {
  const { value, assets, market } = params
  const delta: Record<string, number> = {}
  const gamma: Record<string, number> = {}
  const middle = value(market)
  for (const underlying of new Set(assets.map((asset) => rateOf(market, asset).underlying))) {
    const reference = assets.find((asset) => rateOf(market, asset).underlying === underlying) ?? underlying
    const spot = priceOf(market, reference) / rateOf(market, reference).rate
    const at = (move: number) => value(withSpot(market, underlying, spot * (1 + move)))
    delta[underlying] = (at(deltaStep) - at(-deltaStep)) / (2 * deltaStep * spot)
    gamma[underlying] = (at(gammaStep) - 2 * middle + at(-gammaStep)) / (gammaStep * spot) ** 2
  }
  return { delta, gamma }
}
