// What the chains of a portfolio said that touches it, of the last day.

import type { ChainEvent } from '../model/chain-cursor.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { placesOf } from '../model/place.ts'
import type { ChainStore } from '../model/ports.ts'

/** Oldest first on each chain. */
export async function eventsOf(
  { chains }: { readonly chains: ChainStore },
  settings: PortfolioSettings,
): Promise<readonly ChainEvent[]> {
  const cursors = await Promise.all(placesOf(settings).map(({ chain }) => chains.cursor(chain.chainId)))
  const all = cursors.flatMap((cursor) => cursor?.events ?? [])
  return all.filter(({ portfolios }) => portfolios.includes(settings.portfolio.id))
}
