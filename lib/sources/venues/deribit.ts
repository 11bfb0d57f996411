// Deribit: indices, the option chain and the perpetual of each underlying, and with a read-only key what the account holds.

import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { hostOf } from '../../base/redacted.ts'
import * as z from '../../base/schema.ts'
import type { MarketData } from '../../instruments/market/market-schema.ts'
import type { Gap } from '../../model/data-state.ts'
import type { VenueReading } from '../../model/venue-reading.ts'
import { joinParts } from '../protocols/define-protocol.ts'
import { defineVenueSource, type VenueDeps, type VenueParams } from './define-venue-source.ts'
import { readOnlyToken } from './deribit-key.ts'
import { quoteLists, readMarket, type UnderlyingMarket } from './deribit-market.ts'
import { type DeribitHoldings, deribitHoldings, deribitSummaries } from './deribit-positions.ts'
import { askDeribit, type DeribitConnection } from './deribit-rpc.ts'
import { venueFault } from './venue-fault.ts'

const testHost = 'test.deribit.com'
/** No account has more. */
const mostPositions = 5_000
const positionList = z.array(z.unknown()).check(z.maxLength(mostPositions))

export const deribit = defineVenueSource({
  kind: 'deribit',
  title: 'Deribit: indices, option chains and perpetuals; positions and balances by a read-only key',
  evidence: 'fixture',
  read: async (deps, params) => {
    const started = performance.now()
    const { requestMs = 2_500, deadlineMs = 8_000 } = deps
    const { venue, at } = params
    const signal = AbortSignal.timeout(deadlineMs)
    const url = venue.url.replace(/\/+$/, '')
    const isTest = URL.parse(url)?.hostname === testHost
    const connection: DeribitConnection = { url, isTest, requestMs, signal, at }
    const [markets, account] = await Promise.all([
      readMarkets(connection, venue.underlyings),
      venue.secret === undefined ? undefined : readAccount(deps, { ...params, connection, secret: venue.secret }),
    ])
    const faults = [...(isHomeostatError(account) ? [account] : []), ...markets.flatMap((one) => one.faults)]
    const [first] = faults
    const outcome = { name: venue.id, host: hostOf(url), milliseconds: Math.round(performance.now() - started) }
    return {
      ...readingOf(params, markets, account),
      outcome: first === undefined ? { ...outcome, ok: true } : { ...outcome, ok: false, code: first.code },
    }
  },
})

/** One list serves all underlyings that it holds. */
async function readMarkets(
  connection: DeribitConnection,
  underlyings: readonly string[],
): Promise<readonly UnderlyingMarket[]> {
  const lists = quoteLists(connection)
  const markets = underlyings.map(async (underlying): Promise<UnderlyingMarket> => {
    try {
      return await readMarket(connection, { underlying, lists })
    } catch (error) {
      const fault = unexpected(`Reading the market of ${underlying}`, error)
      return { underlying, data: {}, doubts: [{ code: fault.code, reason: fault.message }], faults: [fault] }
    }
  })
  return await Promise.all(markets)
}

/** Only its kind: a foreign error may print what it was given. */
function unexpected(what: string, error: unknown): HomeostatError {
  return venueFault('unexpected', `${what} failed (${error instanceof Error ? error.name : typeof error}).`)
}

/** What the key shows, or why nothing. */
async function readAccount(
  deps: VenueDeps,
  { connection, venue, secret }: VenueParams & { readonly connection: DeribitConnection; readonly secret: string },
): Promise<DeribitHoldings | HomeostatError> {
  try {
    const token = await readOnlyToken(connection, await keyOf(deps, secret))
    const [positions, summaries] = await Promise.all([
      askDeribit(connection, {
        method: 'private/get_positions',
        params: { currency: 'any' },
        result: positionList,
        token,
      }),
      askDeribit(connection, { method: 'private/get_account_summaries', params: {}, result: deribitSummaries, token }),
    ])
    return deribitHoldings({
      venue: venue.id,
      positions: positions.value,
      summaries: summaries.value.summaries,
      at: positions.at,
    })
  } catch (error) {
    if (isHomeostatError(error)) return error
    return unexpected('Reading the account', error)
  }
}

async function keyOf({ secret }: VenueDeps, name: string) {
  try {
    return await secret(name)
  } catch {
    throw venueFault('secret-unavailable', `The secret ${name} with the venue's key could not be read.`)
  }
}

function readingOf(
  { venue, at }: VenueParams,
  markets: readonly UnderlyingMarket[],
  account: DeribitHoldings | HomeostatError | undefined,
): Omit<VenueReading, 'outcome'> {
  const held = isHomeostatError(account) ? undefined : account
  const indices = markets.flatMap(({ index }) => (index === undefined ? [] : [index]))
  const { positions, gaps } = joinParts(held === undefined ? [] : [held.part])
  return {
    venue: venue.id,
    kind: 'deribit',
    at,
    account: account === undefined ? 'not-asked' : held === undefined ? 'unread' : 'read',
    positions,
    accounts: held?.accounts ?? [],
    indices,
    marketData: { ...joined(markets.map(({ data }) => data)), asOf: Math.min(at, ...indices.map((index) => index.at)) },
    gaps: [
      ...(isHomeostatError(account) ? [unreadAccount(venue.id, account)] : []),
      ...gaps,
      ...markets.flatMap((market) => marketGaps(venue.id, market)),
      ...withoutMarket(held, markets),
    ],
  }
}

/** The account as a whole, because nobody knows what it holds. */
function unreadAccount(venue: string, { code, message }: HomeostatError): Gap {
  const touches = { kind: 'position', positionId: `${venue}:account` } as const
  return { subject: `account at ${venue}`, code, reason: `account at ${venue}: ${message}`, touches }
}

/** Context: what needs a volatility and has none is touched by name. */
function marketGaps(venue: string, { underlying, doubts }: UnderlyingMarket): readonly Gap[] {
  const subject = `market ${underlying} at ${venue}`
  return doubts.map(({ code, reason }) => ({
    subject,
    code,
    reason: `${subject}: ${reason}`,
    touches: { kind: 'context' },
  }))
}

/** What each kind of contract is valued in beside the spot. */
const valuedIn = {
  option: { key: 'volatility', code: 'no-volatility', words: 'a volatility' },
  future: { key: 'forward', code: 'no-forward', words: 'a forward' },
  perpetual: { key: 'perpetualPremium', code: 'no-premium', words: 'a mark' },
} as const

/** Contracts whose market is not told here; what is declared, or the spot, is no more than a stand-in for it. */
function withoutMarket(held: DeribitHoldings | undefined, markets: readonly UnderlyingMarket[]): readonly Gap[] {
  return [...(held?.contracts ?? [])].flatMap(([id, { kind, base }]) => {
    const { key, code, words } = valuedIn[kind]
    const market = markets.find(({ underlying }) => underlying === base)
    if (market?.data[key] !== undefined) return []
    const why =
      market === undefined
        ? `${base} is not among its underlyings`
        : `the venue gives no ${words.slice(2)} of ${base} that can be used`
    const touches = { kind: 'position', positionId: id } as const
    return [
      { subject: `position ${id}`, code, reason: `position ${id}: it is valued in ${words}, and ${why}`, touches },
    ]
  })
}

/** Each part holds another underlying. */
function joined(parts: readonly MarketData[]): MarketData {
  const of = (key: 'forward' | 'volatility' | 'funding' | 'perpetualPremium') => {
    const entries = parts.flatMap((part) => Object.entries(part[key] ?? {}))
    return entries.length === 0 ? {} : { [key]: Object.fromEntries(entries) }
  }
  return { ...of('forward'), ...of('volatility'), ...of('funding'), ...of('perpetualPremium') }
}
