// Indices of venues: prices of what no configured asset has, and a further view of what one has.

import type { Ratio, UnixSeconds } from '../base/units.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Gap } from '../model/data-state.ts'
import type { AssetPrice } from '../model/snapshot.ts'
import type { VenueReading } from '../model/venue-reading.ts'

/** An index is told anew every second; a reading takes a few. */
const heartbeatSeconds = 120
/** A venue's index and what we value with may differ by so much before it is told. */
const indexDisagreement: Ratio = 0.02

/** Of underlyings that no configured asset has: the venue's index, or why there is none. */
export function indexPrices(
  readings: readonly VenueReading[],
  params: { readonly settings: PortfolioSettings; readonly prices: readonly AssetPrice[]; readonly at: UnixSeconds },
): readonly AssetPrice[] {
  const { settings, prices, at } = params
  const priced = new Set(prices.map(({ underlying }) => underlying))
  const wanted = new Set((settings.venues ?? []).flatMap(({ underlyings }) => underlyings))
  return [...wanted]
    .filter((underlying) => !priced.has(underlying))
    .map((underlying): AssetPrice => {
      const index = readings.flatMap(({ indices }) => indices).find((one) => one.underlying === underlying)
      const named = { asset: underlying, underlying, heartbeatSeconds }
      if (index === undefined)
        return { ...named, dataState: { kind: 'BLIND', reasons: [`${underlying}: no venue gave its index.`] } }
      const ageSeconds = Math.max(0, at - index.at)
      return { ...named, usd: index.usd, updatedAt: Math.min(at, index.at), ageSeconds, dataState: { kind: 'FRESH' } }
    })
}

/** Where a venue's index has left what we value with: one of them is wrong, or late. */
export function indexGaps(readings: readonly VenueReading[], prices: readonly AssetPrice[]): readonly Gap[] {
  return readings.flatMap(({ venue, indices }) =>
    indices.flatMap(({ underlying, usd }) => {
      const held = prices.find(({ asset }) => asset === underlying || asset === `W${underlying}`)
      if (held?.usd === undefined || Math.abs(usd / held.usd - 1) <= indexDisagreement) return []
      const reason = `${held.asset}: valued at ${held.usd} USD, the index of ${venue} is ${usd} USD.`
      return [{ subject: `index ${underlying}`, code: 'index-gap', reason, touches: { kind: 'context' } }]
    }),
  )
}
