// Plays a market's past on the local chain at the pace of the wall clock.

import { setTimeout as pause } from 'node:timers/promises'
import type { WorldDrive } from './drive-world.ts'
import type { MarketRow } from './market-csv.ts'

export interface PlayMarketDeps {
  readonly drive: Pick<WorldDrive, 'setPrices'>
  /** Called when a row's prices are on the chain; the next row waits for it. */
  readonly onRow: (row: MarketRow, index: number) => void | Promise<void>
}

export interface PlayMarketParams {
  readonly rows: readonly MarketRow[]
  readonly rowSeconds: number
  /** Ends the playing between two rows. */
  readonly signal?: AbortSignal
}

export interface Played {
  readonly rows: number
  readonly aborted: boolean
}

/**
 * Each row begins `rowSeconds` after the one before it began, or as soon as that one is on the chain if this takes longer; none is left out.
 * @throws HomeostatError `world-*` when the chain cannot be driven, and whatever `onRow` throws
 */
export async function playMarket(deps: PlayMarketDeps, params: PlayMarketParams): Promise<Played> {
  const { rows, rowSeconds, signal } = params
  for (const [index, row] of rows.entries()) {
    if (signal?.aborted === true) return { rows: index, aborted: true }
    const began = performance.now()
    await deps.drive.setPrices(row.prices)
    await deps.onRow(row, index)
    if (index === rows.length - 1) break
    const rest = rowSeconds * 1_000 - (performance.now() - began)
    if (rest > 0 && !(await waited(rest, signal))) return { rows: index + 1, aborted: true }
  }
  return { rows: rows.length, aborted: false }
}

/** False if it was cut short. */
async function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await pause(milliseconds, undefined, signal === undefined ? {} : { signal })
    return true
  } catch (error) {
    if (signal?.aborted === true) return false
    throw error
  }
}
