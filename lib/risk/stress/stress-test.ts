// The whole stress of a book behind one door: grid, crises, lagging oracles, the smallest breach, and who is to blame.

import type { Ratio } from '../../base/units.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { StressRow } from '../../model/report.ts'
import type { Crisis, CrisisRow, ExplainedHealth, ExplainedLoss, StressGrid, StressTest } from '../../model/stress.ts'
import { crises as known } from './crises.ts'
import { crisisMove } from './crisis-move.ts'
import { crisisRows } from './crisis-rows.ts'
import { explainedHealth, explainedLoss } from './explain-move.ts'
import { groupMove, positionTables } from './group-values.ts'
import type { MarketMove } from './market-move.ts'
import { oracleLag } from './oracle-lag.ts'
import { rateStress } from './rate-stress.ts'
import { reverseStress } from './reverse-stress.ts'
import { spotStress } from './spot-stress.ts'
import { type StressBook, type StressBookParams, stressBook } from './stress-book.ts'
import { stressGrid } from './stress-grid.ts'

export interface StressTestParams extends StressBookParams {
  /** Absent: stated figures stand in for its covariance and betas. */
  readonly model?: MarketModel
  /** Share of today's net asset value that a breach falls below; absent: a half. */
  readonly floor?: Ratio
  readonly seed?: number
  /** Beside those of the registry: `crisisFromHistory` makes them. */
  readonly crises?: readonly Crisis[]
}

/** `rows`: each underlying alone and all together from -50 % to +30 %, and rates of staked assets, as rules and tables read them. @throws what the valuation of a position as it is throws */
export function stressTest(params: StressTestParams): {
  readonly rows: readonly StressRow[]
  readonly test: StressTest
} {
  const { model, floor = 0.5, seed = 1, crises = [] } = params
  const book = stressBook(params)
  const tables = positionTables(book)
  const estimate = model?.conditional ?? model?.covariance
  const told = { book, crises: [...known, ...crises], ...(estimate === undefined ? {} : { covariance: estimate }) }
  const grid = stressGrid(book, tables)
  const rows = crisisRows(told)
  return {
    rows: [
      ...spotStress(book, tables),
      ...rateStress({ ...params, positions: params.positions.map(({ instrument }) => instrument) }),
    ],
    test: {
      grid,
      crises: rows,
      lags: oracleLag(book, tables),
      reverse: reverseStress({ book, tables, floor, seed, ...(model === undefined ? {} : { model }) }),
      ...worstOf({ ...told, grid, rows }),
    },
  }
}

interface Scenario {
  readonly name: string
  readonly market: MarketMove
  readonly lens: MarketMove
}

/** The largest loss and the lowest health factor of the grid and the crises. */
function worstOf(params: {
  readonly book: StressBook
  readonly crises: readonly Crisis[]
  readonly covariance?: NonNullable<MarketModel['covariance']>
  readonly grid: StressGrid
  readonly rows: readonly CrisisRow[]
}): { readonly worst?: ExplainedLoss; readonly worstHealth?: ExplainedHealth } {
  const { book, grid, rows, crises, covariance } = params
  const { spots, volatilities, accounts, groups } = grid
  const inCrisis = (row: CrisisRow) => (): Scenario | undefined => {
    const crisis = crises.find(({ id }) => id === row.id)
    if (crisis === undefined) return undefined
    return { name: row.name, ...crisisMove({ crisis, book, ...(covariance === undefined ? {} : { covariance }) }) }
  }
  const inGrid = (name: string, spot: number, volatility: number) => (): Scenario => {
    const move = groupMove(name === 'all' ? book.risky : [name], spot, volatility)
    return { name: cellInWords(name, spot, volatility), market: move, lens: move }
  }
  const losses = [
    ...groups.flatMap(({ name, changeUsd }) =>
      changeUsd.map((figure, cell) => ({
        figure,
        // On an equal loss the one with fewer moves is told.
        scenario: inGrid(
          name,
          spots[Math.floor(cell / volatilities.length)] ?? 1,
          volatilities[cell % volatilities.length] ?? 1,
        ),
        isPlain: (volatilities[cell % volatilities.length] ?? 1) === 1,
      })),
    ),
    ...rows.map((row) => ({ figure: row.changeUsd, scenario: inCrisis(row), isPlain: true })),
  ]
  const healths = [
    ...groups.flatMap(({ name, healthFactor }) =>
      healthFactor.map((figure, cell) => ({
        figure,
        positionId: accounts[Math.floor(cell / spots.length)],
        scenario: inGrid(name, spots[cell % spots.length] ?? 1, 1),
      })),
    ),
    ...rows.flatMap((row) =>
      row.accounts.map(({ positionId, healthFactor }) => ({
        figure: healthFactor,
        positionId,
        scenario: inCrisis(row),
      })),
    ),
  ]
  const loss = losses
    .filter(({ figure }) => figure < 0)
    .reduce<(typeof losses)[number] | undefined>(
      (best, one) =>
        best === undefined || one.figure < best.figure || (one.figure === best.figure && one.isPlain && !best.isPlain)
          ? one
          : best,
      undefined,
    )
  const health = healths.reduce<(typeof healths)[number] | undefined>(
    (best, one) => (best === undefined || one.figure < best.figure ? one : best),
    undefined,
  )
  const [lossIn, healthIn] = [loss?.scenario(), health?.scenario()]
  const account = book.accounts.find(({ positionId }) => positionId === health?.positionId)
  const worstHealth =
    healthIn === undefined || account === undefined ? undefined : explainedHealth(account, healthIn.lens, healthIn.name)
  return {
    ...(lossIn === undefined ? {} : { worst: explainedLoss(book, lossIn.market, lossIn.name) }),
    ...(worstHealth === undefined ? {} : { worstHealth }),
  }
}

function cellInWords(name: string, spot: number, volatility: number): string {
  const moved = (factor: number) => `${factor < 1 ? '-' : '+'}${Math.round(Math.abs(100 * (factor - 1)))} %`
  const parts = [
    ...(spot === 1 ? [] : [`${name} ${moved(spot)}`]),
    ...(volatility === 1 ? [] : [`implied volatility${spot === 1 ? ` of ${name}` : ''} ${moved(volatility)}`]),
  ]
  return parts.length === 0 ? 'nothing moves' : parts.join(', ')
}
