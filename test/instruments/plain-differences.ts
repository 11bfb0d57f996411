// The plainest differences there are, written apart from `bumpGreeks`: what Greeks that come by bumping are held against.

import { secondsPerYear } from '../../lib/base/time.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { instrumentOf } from '../../lib/instruments/instrument-of.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { assetsOf, value } from '../../lib/instruments/value.ts'

export interface PlainGreeks {
  /** dV/dS x S, by underlying, USD. */
  readonly deltaUsd: Readonly<Record<string, number>>
  /** d2V/dS2 x S^2, by underlying, USD. */
  readonly gammaUsd: Readonly<Record<string, number>>
  /** dV/dsigma, by underlying. */
  readonly vega: Readonly<Record<string, number>>
  readonly rho: number
  /** dV/dt per year. */
  readonly ageing: number
}

const [spotStep, bendStep, volatilityStep, rateStep, seconds] = [1e-5, 1e-3, 1e-4, 1e-5, 60]

/** Two- and three-point differences, each thing alone, markets changed by hand. */
export function plainDifferences(position: PositionTerms, market: Market): PlainGreeks {
  const now = value(position, market)
  const read = assetsOf(position).map((asset) => market.exchangeRates[asset]?.underlying ?? asset)
  const volatile = (instrumentOf(position.kind).optionality?.(position.terms as never) ?? []).map(
    ({ asset }) => market.exchangeRates[asset]?.underlying ?? asset,
  )
  const spotAt = (name: string, share: number) => {
    const spot = (market.spot[name] ?? Number.NaN) * share
    return value(position, { ...market, spot: { ...market.spot, [name]: spot } })
  }
  const volatilityAt = (name: string, shift: number) => {
    const held = market.volatility?.[name]
    if (held === undefined) throw new Error(`the market has no volatility of ${name}`)
    return value(position, { ...market, volatility: { ...market.volatility, [name]: { ...held, shift } } })
  }
  const rateAt = (shift: number) => {
    const curve = market.interest ?? [{ at: market.at, rate: 0 }]
    return value(position, { ...market, interest: curve.map(({ at, rate }) => ({ at, rate: rate + shift })) })
  }
  const timeAt = (shift: number) => value(position, { ...market, at: market.at + shift })
  const each = (names: readonly string[], figure: (name: string) => number) =>
    Object.fromEntries([...new Set(names)].map((name) => [name, figure(name)]))
  return {
    deltaUsd: each(read, (name) => (spotAt(name, 1 + spotStep) - spotAt(name, 1 - spotStep)) / (2 * spotStep)),
    gammaUsd: each(read, (name) => (spotAt(name, 1 + bendStep) - 2 * now + spotAt(name, 1 - bendStep)) / bendStep ** 2),
    vega: each(
      volatile,
      (name) => (volatilityAt(name, volatilityStep) - volatilityAt(name, -volatilityStep)) / (2 * volatilityStep),
    ),
    rho: (rateAt(rateStep) - rateAt(-rateStep)) / (2 * rateStep),
    ageing: ((timeAt(seconds) - timeAt(-seconds)) / (2 * seconds)) * secondsPerYear,
  }
}
