// The market beside prices from two kinds of sources: venues that were read, and what a person has declared.

import { isoDate } from '../base/calendar.ts'
import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { MarketData } from '../instruments/market/market-schema.ts'
import type { DeclaredMarket, PortfolioSettings } from '../model/configuration.ts'
import type { Gap } from '../model/data-state.ts'
import type { MarketPart, MarketSource, Snapshot } from '../model/snapshot.ts'
import type { VenueReading } from '../model/venue-reading.ts'

/** Market data of a venue that is older is not of this snapshot. */
const freshSeconds = 120

const parts = ['forward', 'volatility', 'funding', 'perpetualPremium'] as const satisfies readonly MarketPart[]

/** The market beside prices: a venue's where it is fresh, else what is declared; and which it is, by underlying and part. */
export function marketOfVenues(
  readings: readonly VenueReading[],
  params: { readonly declared: DeclaredMarket | undefined; readonly at: UnixSeconds },
): Pick<Snapshot, 'marketData' | 'marketSources'> {
  const { declared, at } = params
  const fresh = readings.filter(({ marketData }) => Math.abs(at - marketData.asOf) <= freshSeconds)
  const { goodForSeconds: _, asOf: declaredAt, ...stated } = declared ?? { goodForSeconds: 0, asOf: undefined }
  const sources: MarketSource[] = []
  const joined = Object.fromEntries(
    parts.flatMap((part) => {
      const own = Object.entries((stated as MarketData)[part] ?? {}).map(([underlying, value]) => {
        return { underlying, value, source: 'declared', asOf: declaredAt ?? at }
      })
      const theirs = fresh.flatMap(({ venue, marketData }) =>
        Object.entries(marketData[part] ?? {}).map(([underlying, value]) => {
          return { underlying, value, source: venue, asOf: marketData.asOf }
        }),
      )
      // The first venue that tells it counts, and any venue before what is declared.
      const chosen = new Map([...own, ...theirs.toReversed()].map((one) => [one.underlying, one]))
      if (chosen.size === 0) return []
      for (const { underlying, source, asOf } of chosen.values()) sources.push({ underlying, part, source, asOf })
      return [[part, Object.fromEntries([...chosen.values()].map(({ underlying, value }) => [underlying, value]))]]
    }),
  ) as MarketData
  if (declared === undefined && sources.length === 0) return {}
  const asOf = declaredAt ?? Math.min(...sources.map((one) => one.asOf))
  const { carry, ...rest } = stated as MarketData
  const kept = withoutForwards(carry, joined)
  const marketData = { ...rest, ...(kept === undefined ? {} : { carry: kept }), ...joined, asOf }
  return { marketData, ...(sources.length === 0 ? {} : { marketSources: sources }) }
}

/** A declared carry gives way to forwards of the same underlying: both would contradict each other. */
function withoutForwards(carry: MarketData['carry'], { forward = {} }: MarketData): MarketData['carry'] {
  if (carry === undefined) return undefined
  return Object.fromEntries(Object.entries(carry).filter(([underlying]) => !Object.hasOwn(forward, underlying)))
}

/**
 * True unless venues tell all that is declared for these underlyings: then the age of the declaration counts for what reads it. The dollar rate moves
 * slowly and does not count.
 */
export function readsDeclared(
  declared: DeclaredMarket,
  { underlyings, sources }: { readonly underlyings: readonly string[]; readonly sources: readonly MarketSource[] },
): boolean {
  const told = sources.filter(({ source, underlying }) => source !== 'declared' && underlyings.includes(underlying))
  if (told.length === 0) return true
  const isTold = (underlying: string, part: MarketPart) =>
    told.some((one) => one.underlying === underlying && one.part === part)
  const isStated = (underlying: string, key: 'carry' | MarketPart) => Object.hasOwn(declared[key] ?? {}, underlying)
  const pairs = Object.keys(declared.correlation ?? {}).map((pair) => pair.split('/'))
  return (
    pairs.some((pair) => pair.every((one) => underlyings.includes(one))) ||
    underlyings.some(
      (one) =>
        (isStated(one, 'carry') && !isTold(one, 'forward')) ||
        parts.some((part) => isStated(one, part) && !isTold(one, part)),
    )
  )
}

/** Declared data that stand in for a venue which is configured for it, told with their age. */
export function standInGaps(
  sources: readonly MarketSource[],
  { settings, at }: { readonly settings: PortfolioSettings; readonly at: UnixSeconds },
): readonly Gap[] {
  const expected = new Set((settings.venues ?? []).flatMap(({ underlyings }) => underlyings))
  return sources
    .filter(({ source, underlying }) => source === 'declared' && expected.has(underlying))
    .map(({ underlying, part, asOf }) => {
      const reason = `${part} of ${underlying}: no venue tells it, what was declared on ${isoDate(asOf)} (${describeSpan(Math.max(0, at - asOf))} ago) stands in.`
      return { subject: `market ${underlying}`, code: 'declared-stands-in', reason, touches: { kind: 'context' } }
    })
}
