// A snapshot's prices become part of the stored bars: only those that are FRESH, and never at the cost of the snapshot.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { BarStore, PriceObservation } from '../model/history.ts'
import { isPrice } from '../model/history.ts'
import type { Log } from '../model/ports.ts'
import type { Snapshot } from '../model/snapshot.ts'

export interface RecordBarsDeps {
  readonly history: BarStore
  readonly log: Log
}

/** Runs after the snapshot was announced, and throws nothing: history that cannot be written is a line in the log and a gap, which the bars show by themselves. */
export async function recordBars(
  deps: RecordBarsDeps,
  snapshot: Pick<Snapshot, 'at' | 'prices' | 'portfolioId'>,
): Promise<void> {
  const observations = observationsOf(snapshot)
  if (observations.length === 0) return
  try {
    const { contended } = await deps.history.observe(observations)
    if (contended > 0) deps.log.line('record-bars.contended', { portfolioId: snapshot.portfolioId, contended })
  } catch (error) {
    const code = isHomeostatError(error) ? error.code : 'unexpected'
    deps.log.line('record-bars.degraded', { portfolioId: snapshot.portfolioId, code })
  }
}

/**
 * What a snapshot says of prices that can be relied on. WETH stands for ETH; wstETH, whose price is another, keeps its name. What stands on several
 * chains counts once, as on the first of them.
 */
export function observationsOf({ at, prices }: Pick<Snapshot, 'at' | 'prices'>): readonly PriceObservation[] {
  const found = new Map<string, PriceObservation>()
  for (const { asset, underlying, usd, dataState } of prices) {
    if (dataState.kind !== 'FRESH' || usd === undefined || !isPrice(usd)) continue
    const [symbol = asset] = asset.split('@')
    const name = symbol === `W${underlying}` ? underlying : symbol
    if (!found.has(name)) found.set(name, { asset: name, at, usd })
  }
  return [...found.values()]
}
