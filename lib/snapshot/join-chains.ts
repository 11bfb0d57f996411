// What several chains said as one list each, by the names that a snapshot has for things elsewhere.

import type { PositionTerms } from '../instruments/index.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Gap, GapReach } from '../model/data-state.ts'
import { assetAt, type Place, placesOf, positionAt } from '../model/place.ts'
import type { PriceQuote } from '../model/price-quote.ts'
import type { ChainReading, LendingReading, PositionReading, Reading } from '../model/reading.ts'
import type { Telemetry } from '../model/telemetry.ts'

type OfChain<T> = T & { readonly chainId: number }

export interface JoinedReading
  extends Pick<Reading, 'at' | 'feeds' | 'protocolPrices' | 'poolPrices' | 'balances' | 'gaps' | 'providers'> {
  readonly balances: readonly OfChain<Reading['balances'][number] & { readonly positionId: string }>[]
  readonly lending: readonly OfChain<LendingReading & { readonly positionId: string }>[]
  readonly ranges: readonly OfChain<Reading['ranges'][number] & { readonly positionId: string }>[]
  readonly positions: readonly OfChain<PositionReading>[]
  readonly telemetry: readonly Telemetry[]
  readonly quotes: readonly PriceQuote[]
}

/** The chains that were asked, each with its place: home first. */
export function chainsOf(reading: Reading, settings: PortfolioSettings) {
  const readings: readonly ChainReading[] = [reading, ...(reading.elsewhere ?? [])]
  return placesOf(settings).flatMap((place) => {
    const own = readings.find(({ chainId }) => chainId === place.chain.chainId)
    return own === undefined ? [] : [{ place, reading: own }]
  })
}

/** Names and ids of further chains become those of the snapshot; a chain that could not be read becomes a gap of that chain alone. */
export function joinChains(reading: Reading, settings: PortfolioSettings): JoinedReading {
  const chains = chainsOf(reading, settings)
  const isUnread = ({ reading: { gaps } }: (typeof chains)[number]) =>
    gaps.some(({ touches }) => touches.kind === 'everything')
  const keepsSight = chains.some((one) => !isUnread(one))
  const parts = chains.map(({ place, reading: own }) => joined(own, { place, keepsSight }))
  const all = <K extends keyof (typeof parts)[number]>(key: K) =>
    parts.flatMap((part) => part[key] as readonly never[]) as (typeof parts)[number][K]
  return {
    at: reading.at,
    providers: all('providers'),
    feeds: all('feeds'),
    protocolPrices: all('protocolPrices'),
    poolPrices: all('poolPrices'),
    balances: all('balances'),
    lending: all('lending'),
    ranges: all('ranges'),
    positions: all('positions'),
    telemetry: all('telemetry'),
    quotes: all('quotes'),
    gaps: all('gaps'),
  }
}

function joined(
  reading: ChainReading,
  { place, keepsSight }: { readonly place: Place; readonly keepsSight: boolean },
): Omit<JoinedReading, 'at'> {
  const { chainId } = reading
  const asset = (symbol: string) => assetAt(place, symbol)
  const id = (own: string) => positionAt(place, own)
  return {
    providers: reading.providers,
    feeds: reading.feeds.map((one) => ({ ...one, asset: asset(one.asset) })),
    protocolPrices: reading.protocolPrices.map((one) => ({ ...one, asset: asset(one.asset) })),
    poolPrices: reading.poolPrices.map((one) => ({ ...one, base: asset(one.base), quote: asset(one.quote) })),
    balances: reading.balances.map((one) => ({
      ...one,
      chainId,
      asset: asset(one.asset),
      positionId: id(`wallet:${one.asset}`),
    })),
    lending: reading.lending.map((one) => ({
      ...one,
      chainId,
      positionId: id(one.positionId ?? one.protocol),
      legs: one.legs.map((leg) => ({ ...leg, asset: asset(leg.asset) })),
    })),
    ranges: reading.ranges.map((one) => ({
      ...one,
      chainId,
      positionId: id(`${one.protocol}:${one.tokenId}`),
      asset0: asset(one.asset0),
      asset1: asset(one.asset1),
    })),
    positions: reading.positions.map((one) => ({
      ...one,
      chainId,
      id: id(one.id),
      instrument: termsAt(place, one.instrument),
      needs: one.needs.map((name) => nameAt(place, name)),
    })),
    telemetry: (reading.telemetry ?? []).map((one) => telemetryAt(place, one)),
    quotes: (reading.quotes ?? []).map(({ per, ...one }) => ({
      ...one,
      asset: asset(one.asset),
      ...(per === undefined ? {} : { per: asset(per) }),
    })),
    gaps: reading.gaps.map((gap) => gapAt(gap, { place, keepsSight })),
  }
}

/** The chain's assets by their names in the snapshot; underlyings are the same everywhere. */
function nameAt(place: Place, name: string): string {
  return place.chain.assets.some(({ symbol }) => symbol === name) ? assetAt(place, name) : name
}

/** Adapters write an instrument's terms with the symbols of their chain: wherever a term is one of them, it is renamed. */
function termsAt(place: Place, instrument: PositionTerms): PositionTerms {
  if (place.isHome) return instrument
  const renamed = (value: unknown): unknown => {
    if (typeof value === 'string') return nameAt(place, value)
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renamed(inner)]))
  }
  return { ...instrument, terms: renamed(instrument.terms) } as PositionTerms
}

function telemetryAt(place: Place, one: Telemetry): Telemetry {
  const id = positionAt(place, one.id)
  if (one.kind !== 'pool') return { ...one, id, asset: assetAt(place, one.asset) }
  return { ...one, id, base: assetAt(place, one.base), quote: assetAt(place, one.quote) }
}

function gapAt(gap: Gap, { place, keepsSight }: { readonly place: Place; readonly keepsSight: boolean }): Gap {
  const touches = reachAt(gap.touches, { place, keepsSight })
  if (place.isHome) return { ...gap, touches }
  const { id } = place.chain
  const reason = gap.reason.startsWith(`${id}: `) ? gap.reason : `${id}: ${gap.reason}`
  return { ...gap, subject: `${gap.subject} on ${id}`, reason, touches }
}

function reachAt(
  reach: GapReach,
  { place, keepsSight }: { readonly place: Place; readonly keepsSight: boolean },
): GapReach {
  switch (reach.kind) {
    case 'asset':
      return { kind: 'asset', asset: assetAt(place, reach.asset) }
    case 'position':
      return { ...reach, positionId: positionAt(place, reach.positionId) }
    case 'everything':
      return keepsSight ? { kind: 'chain', chain: place.chain.id } : reach
    case 'chain':
    case 'context':
      return reach
  }
}
