// One row of a stress: everything revalued in a moved market.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio, Usd } from '../../base/units.ts'
import type { PositionTerms } from '../../instruments/index.ts'
import { type Market, rateOf } from '../../instruments/market/market.ts'
import { assetsOf, value } from '../../instruments/value.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { StressRow } from '../../model/report.ts'
import { healthFactorOf, type LoanTerms } from '../solvency/health.ts'

export interface StressedAccount {
  readonly terms: LoanTerms
  /** Stays as it is whatever the market does. */
  readonly unexplainedDebtUsd: Usd
}

export interface StressParams {
  /** Those that can be valued in `market`. */
  readonly positions: readonly PositionTerms[]
  /** Loans that can be priced through `lens`. */
  readonly accounts: readonly StressedAccount[]
  readonly market: Market
  readonly lens: Market
}

/**
 * Both lenses move together: the protocol's oracle is taken to follow the market. A position that no model can value in the moved market is left out of both
 * sides of the change, and the scenario says so: one position must not take the report with it.
 */
export function stressRow(
  { positions, accounts, market, lens }: StressParams,
  scenario: { readonly name: string; readonly shock: Ratio; readonly move: (market: Market) => Market },
): StressRow {
  const { name, shock, move } = scenario
  const there = move(market)
  const values = positions.map((one) => valueIn(one, there))
  const valued = positions.filter((_, index) => values[index] !== undefined)
  const lost = [...new Set(positions.filter((_, index) => values[index] === undefined).map(({ kind }) => kind))]
  const navUsd = values.reduce<Usd>((sum, one) => sum + (one ?? 0), 0)
  const moved = move(lens)
  const factors = accounts.flatMap((one) => healthFactorOf(one.terms, moved, one.unexplainedDebtUsd) ?? [])
  return {
    scenario: `${name} ${shock > 0 ? '+' : '-'}${Math.round(Math.abs(shock) * 100)} %${lost.length === 0 ? '' : `, without ${lost.join(', ')}`}`,
    navUsd,
    changeUsd: navUsd - nav(valued, market),
    ...(factors.length === 0 ? {} : { healthFactor: Math.min(...factors) }),
  }
}

/** Every asset that is held or owed, with its rate. */
export function heldRates({ positions, accounts, market, lens }: StressParams) {
  const read = (one: PositionTerms, through: Market): [AssetSymbol, { underlying: string; rate: number }][] =>
    assetsOf(one).map((asset) => [asset, rateOf(through, asset)])
  return new Map([
    ...accounts.flatMap(({ terms }) => read({ kind: 'loan', terms }, lens)),
    ...positions.flatMap((one) => read(one, market)),
  ])
}

/** Nothing for a position that no model can value there. */
function valueIn(position: PositionTerms, market: Market): Usd | undefined {
  try {
    return value(position, market)
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return undefined
  }
}

function nav(positions: readonly PositionTerms[], market: Market): Usd {
  return positions.reduce((sum, one) => sum + value(one, market), 0)
}
