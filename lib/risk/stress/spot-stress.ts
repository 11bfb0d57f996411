// What a sudden move of spot prices does to net asset value and health, by revaluing everything.

import type { Ratio, Usd } from '../../base/units.ts'
import type { PositionTerms } from '../../instruments/index.ts'
import { type Market, rateOf, withSpot } from '../../instruments/market.ts'
import { assetsOf, value } from '../../instruments/value.ts'
import type { Underlying } from '../../model/identity.ts'
import type { StressRow } from '../../model/report.ts'
import { healthFactorOf, type LoanTerms } from '../solvency/health.ts'

const spotShocks = [-0.5, -0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3] as const

/** An underlying within this of 1 USD is taken for a stablecoin and not shocked; a depeg is a stress of its own. */
const stableBand: Ratio = 0.03

export interface StressedAccount {
  readonly terms: LoanTerms
  /** Stays as it is whatever the market does. */
  readonly unexplainedDebtUsd: Usd
}

/**
 * Each risky underlying alone, then all together, under every shock. Both lenses move together: the protocol's oracle is taken to follow the market.
 * @param params.positions those that can be valued in `market`
 * @param params.accounts loans that can be priced through `lens`
 */
export function spotStress(params: {
  readonly positions: readonly PositionTerms[]
  readonly accounts: readonly StressedAccount[]
  readonly market: Market
  readonly lens: Market
}): readonly StressRow[] {
  const { positions, accounts, market, lens } = params
  const held = [
    ...positions.flatMap((one) => assetsOf(one).map((asset) => rateOf(market, asset).underlying)),
    ...accounts.flatMap(({ terms }) =>
      assetsOf({ kind: 'loan', terms }).map((asset) => rateOf(lens, asset).underlying),
    ),
  ]
  const risky = [...new Set(held)].filter((underlying) => !isStable(market, lens, underlying)).toSorted()
  const navUsd = nav(positions, market)
  const row = (name: string, moved: readonly Underlying[], shock: Ratio): StressRow => {
    const shockedNav = nav(positions, shocked(market, moved, shock))
    const healthFactor = lowestHealth(accounts, shocked(lens, moved, shock))
    return {
      scenario: `${name} ${shock > 0 ? '+' : '-'}${Math.round(Math.abs(shock) * 100)} %`,
      navUsd: shockedNav,
      changeUsd: shockedNav - navUsd,
      ...(healthFactor === undefined ? {} : { healthFactor }),
    }
  }
  const groups = [
    ...risky.map((underlying) => ({ name: underlying, moved: [underlying] })),
    ...(risky.length > 1 ? [{ name: 'all', moved: risky }] : []),
  ]
  return groups.flatMap(({ name, moved }) => spotShocks.map((shock) => row(name, moved, shock)))
}

function isStable(market: Market, lens: Market, underlying: Underlying): boolean {
  const spot = market.spot[underlying] ?? lens.spot[underlying]
  return spot !== undefined && Math.abs(spot - 1) <= stableBand
}

function nav(positions: readonly PositionTerms[], market: Market): number {
  return positions.reduce((sum, one) => sum + value(one, market), 0)
}

function lowestHealth(accounts: readonly StressedAccount[], lens: Market) {
  const factors = accounts.flatMap((one) => healthFactorOf(one.terms, lens, one.unexplainedDebtUsd) ?? [])
  return factors.length === 0 ? undefined : Math.min(...factors)
}

function shocked(market: Market, moved: readonly Underlying[], shock: Ratio): Market {
  return moved.reduce((next, underlying) => {
    const spot = next.spot[underlying]
    return spot === undefined ? next : withSpot(next, underlying, spot * (1 + shock))
  }, market)
}
