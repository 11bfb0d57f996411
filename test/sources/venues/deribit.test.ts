// Deribit as a server of ours speaks it: what an account holds, what is quoted, and every way in which an answer can be wrong. (Fixture: no recording of the venue.)

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../../lib/base/redacted.ts'
import { greeksOf } from '../../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../../lib/instruments/index.ts'
import type { Market } from '../../../lib/instruments/market/market.ts'
import { withMarketData } from '../../../lib/instruments/market/parse-market.ts'
import { surfaceVolatility } from '../../../lib/instruments/market/volatility-surface.ts'
import { value } from '../../../lib/instruments/value.ts'
import { venueKinds } from '../../../lib/model/configuration.ts'
import type { VenueReading } from '../../../lib/model/venue-reading.ts'
import { deribit } from '../../../lib/sources/venues/deribit.ts'
import { venues } from '../../../lib/sources/venues/index.ts'
import {
  clientId,
  clientSecret,
  type DeribitCall,
  type DeribitServer,
  type Misbehaviour,
  type SmileOfExpiry,
  seedAccount,
  seedMarket,
  startDeribitServer,
  tickerOf,
  token,
} from './fixture/deribit-server.ts'

const at = Date.UTC(2024, 7, 5) / 1_000
const btc = 54_000
const eth = 2_400
const secretName = 'homeostat/venue/deribit'

let server: DeribitServer
let smiles: readonly SmileOfExpiry[]
beforeEach(async () => {
  server = await startDeribitServer(at)
  smiles = seedMarket(server, 'BTC', { at, index: btc })
  seedMarket(server, 'ETH', { at, index: eth })
  seedAccount(server, { btc, eth })
})
afterEach(() => server.stop())

interface Given {
  readonly key?: string
  readonly secret?: string
  readonly underlyings?: readonly string[]
  readonly url?: string
  readonly at?: number
  readonly requestMs?: number
}

async function read(given: Given = {}): Promise<VenueReading> {
  const { key = `${clientId}:${clientSecret}`, underlyings = ['BTC', 'ETH'], url = server.url } = given
  const deps = { secret: async () => new Redacted(key), requestMs: given.requestMs ?? 5_000, deadlineMs: 10_000 }
  const secret = 'secret' in given ? given.secret : secretName
  const venue = {
    id: 'deribit',
    kind: 'deribit',
    url,
    underlyings,
    ...(secret === undefined ? {} : { secret }),
  } as const
  return await deribit.read(deps, { venue, at: given.at ?? at })
}

const onMethod = (method: string, bent: Misbehaviour) => (call: DeribitCall) =>
  call.method === method ? bent : undefined
const idsOf = ({ positions }: VenueReading) => positions.map(({ id }) => id)
const termsOf = ({ positions }: VenueReading, id: string) => positions.find((one) => one.id === id)?.instrument
const change = (key: string, by: Readonly<Record<string, unknown>>, place = 0) => {
  const list = server.results.get(key) as readonly object[]
  server.results.set(
    key,
    list.map((one, index) => (index === place ? { ...one, ...by } : one)),
  )
}

function marketOf({ indices, marketData }: VenueReading): Market {
  const spot = Object.fromEntries([...indices.map(({ underlying, usd }) => [underlying, usd]), ['USDC', 1]])
  const exchangeRates = Object.fromEntries(Object.keys(spot).map((name) => [name, { underlying: name, rate: 1 }]))
  return withMarketData({ at, spot, exchangeRates }, marketData)
}

describe('an account at Deribit', () => {
  it('is told position by position, with its balances, without a gap, in three requests and three an underlying', async () => {
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.outcome).toMatchObject({ name: 'deribit', host: server.url, ok: true })
    expect(reading.account).toBe('read')
    expect(idsOf(reading)).toEqual([
      'deribit:BTC-PERPETUAL',
      'deribit:ETH-27DEC24',
      'deribit:ETH_USDC-PERPETUAL',
      'deribit:BTC-27SEP24-70000-C',
      'deribit:ETH_USDC-27DEC24-2500-P',
      'deribit:balance:BTC',
      'deribit:balance:ETH',
      'deribit:balance:USDC',
    ])
    expect(server.calls).toHaveLength(9)
    const call = { asset: 'BTC', type: 'call', strike: 70_000, quantity: -5, expiry: Date.UTC(2024, 8, 27, 8) / 1_000 }
    expect(termsOf(reading, 'deribit:BTC-27SEP24-70000-C')).toEqual({ kind: 'inverse-option', terms: call })
    expect(termsOf(reading, 'deribit:ETH_USDC-27DEC24-2500-P')).toMatchObject({
      kind: 'vanilla-option',
      terms: { asset: 'ETH', type: 'put', strike: 2_500, quantity: 20 },
    })
    expect(termsOf(reading, 'deribit:balance:BTC')).toEqual({ kind: 'spot', terms: { asset: 'BTC', quantity: 11.97 } })
    expect(reading.accounts[0]).toMatchObject({
      venue: 'deribit',
      currency: 'BTC',
      marginBalance: 11.97,
      maintenanceMargin: 0.9,
    })
  })

  it('has contracts that add to the balance what the session has not paid yet, not the profit of all time', async () => {
    const reading = await read()
    const market = marketOf(reading)
    const worth = (id: string) => value(termsOf(reading, id) as PositionTerms, market)
    expect(worth('deribit:BTC-PERPETUAL')).toBeCloseTo(0.05 * btc, 6)
    expect(worth('deribit:ETH_USDC-PERPETUAL')).toBeCloseTo(120, 6)
  })

  it('has inverse dated futures whose value and delta are those of coins, wherever the spot goes', async () => {
    const reading = await read()
    const terms = termsOf(reading, 'deribit:ETH-27DEC24') as PositionTerms
    const basis = 1.02
    const mark = eth * basis
    // The chain's forward is that of the fixture's smile, 3 %: here the future's own mark counts.
    const market: Market = { ...marketOf(reading), carry: { ETH: [{ at, rate: carryOf(basis) }] } }
    expect(value(terms, market)).toBeCloseTo(-0.2 * eth, 5)
    const entry = 1 / (1 / mark + -0.2 / -60_000)
    expect(greeksOf(terms, market).delta.ETH).toBeCloseTo(-60_000 / entry, 6)
    for (const spot of [1_500, 4_000]) {
      const coins = -60_000 * (1 / entry - 1 / (spot * basis))
      expect(value(terms, { ...market, spot: { ...market.spot, ETH: spot } })).toBeCloseTo(coins * spot, 4)
    }
  })

  it('asks for no scope of its own, and shows neither key nor token in anything', async () => {
    const reading = await read()
    const [auth] = server.calls.filter(({ method }) => method === 'public/auth')
    expect(auth?.params).not.toHaveProperty('scope')
    const told = JSON.stringify(reading)
    for (const hidden of [clientSecret, clientId, token]) expect(told).not.toContain(hidden)
  })

  it.each([
    ['trade:read_write', 'account:read trade:read_write wallet:none'],
    ['wallet:read_write', 'account:read trade:read wallet:read_write connection'],
    ['account:read_write', 'account:read_write trade:read'],
    ['block_trade:read_trade', 'account:read trade:read block_trade:read_trade'],
    ['withdraw', 'account:read trade:read withdraw'],
  ])('whose key has %s is not read, by the name of the right', async (right, scope) => {
    server.scope = scope
    const reading = await read()
    expect(reading.positions).toEqual([])
    expect(reading.gaps).toMatchObject([
      { code: 'venue-key-not-read-only', touches: { positionId: 'deribit:account' } },
    ])
    expect(reading.gaps[0]?.reason).toContain(right)
    expect(server.calls.some(({ method }) => method.startsWith('private/'))).toBe(false)
    expect(reading.marketData.volatility).toHaveProperty('BTC')
  })

  it.each([
    ['lacks a right', 'trade:read', undefined, 'venue-key-unusable', /lacks account:read/],
    ['is not of the form', undefined, 'not a key', 'venue-key-unusable', /CLIENT_ID:CLIENT_SECRET/],
    ['is refused', undefined, `${clientId}:another-secret-of-length`, 'venue-error', /invalid_credentials \(13004\)/],
  ])('whose key %s is a gap, and the market stands', async (_, scope, key, code, reason) => {
    if (scope !== undefined) server.scope = scope
    const reading = await read(key === undefined ? {} : { key })
    expect(reading.gaps).toMatchObject([{ code, reason: expect.stringMatching(reason) }])
    expect(reading.indices).toHaveLength(2)
    expect(JSON.stringify(reading.gaps)).not.toContain('another-secret')
  })

  it('has no secret in a gap where the venue says it back', async () => {
    const message = `invalid client_secret ${clientSecret} of ${clientId}`
    server.misbehave = onMethod('public/auth', { kind: 'error', code: 13_004, message })
    const { gaps } = await read()
    expect(gaps[0]?.reason).toContain('invalid client_secret [redacted] of [redacted]')
  })

  it('is a gap where its secret cannot be read', async () => {
    const secret = () => Promise.reject(new Error(`no ${clientSecret}`))
    const venue = { id: 'deribit', kind: 'deribit', url: server.url, secret: secretName, underlyings: [] } as const
    const { gaps } = await deribit.read({ secret }, { venue, at })
    expect(gaps).toMatchObject([{ code: 'secret-unavailable' }])
    expect(JSON.stringify(gaps)).not.toContain(clientSecret)
  })

  it('is not asked for without a secret', async () => {
    const reading = await read({ secret: undefined as never })
    expect(reading).toMatchObject({ positions: [], gaps: [], accounts: [], account: 'not-asked' })
    expect(server.calls.every(({ method }) => method.startsWith('public/'))).toBe(true)
  })

  it.each([
    [
      'a combination',
      { instrument_name: 'BTC-FS-27DEC24_PERP', kind: 'future_combo' },
      'unknown-instrument',
      'BTC-FS-27DEC24_PERP',
    ],
    ['a kind that contradicts its name', { kind: 'option' }, 'unknown-instrument', 'BTC-PERPETUAL'],
    ['a month that does not exist', { instrument_name: 'BTC-31FOO24' }, 'unknown-instrument', 'BTC-31FOO24'],
    ['a day that does not exist', { instrument_name: 'BTC-31SEP24' }, 'unknown-instrument', 'BTC-31SEP24'],
    ['bought and below zero', { size: -250_000 }, 'size-contradicts', 'BTC-PERPETUAL'],
    ['two sizes that differ', { size_currency: 250 }, 'size-contradicts', 'BTC-PERPETUAL'],
    ['no mark', { mark_price: 0 }, 'mark-not-positive', 'BTC-PERPETUAL'],
    ['a profit that no entry explains', { floating_profit_loss: -1e6 }, 'profit-contradicts', 'BTC-PERPETUAL'],
    ['expired', { instrument_name: 'BTC-2AUG24' }, 'settlement-pending', 'BTC-2AUG24'],
    [
      'listed twice',
      { instrument_name: 'ETH_USDC-27DEC24-2500-P', kind: 'option', size: 1 },
      'listed-twice',
      'ETH_USDC-27DEC24-2500-P',
    ],
    ['without a size', { size: null }, 'venue-malformed', 'unread-0'],
  ])('with a position that is %s has a gap in its place, and all others', async (_, by, code, name) => {
    change('private/get_positions', by)
    const reading = await read()
    const positionId = `deribit:${name}`
    expect(reading.gaps.find((gap) => gap.code === code)).toMatchObject({ touches: { kind: 'position', positionId } })
    expect(idsOf(reading)).not.toContain(positionId)
    expect(idsOf(reading)).toContain('deribit:BTC-27SEP24-70000-C')
  })

  it('on an underlying that is not read beside it is told by name: nothing here values it', async () => {
    const { gaps, positions } = await read({ underlyings: ['ETH'] })
    expect(positions).toHaveLength(8)
    expect(gaps.map(({ code, touches }) => [code, touches])).toEqual([
      ['no-premium', { kind: 'position', positionId: 'deribit:BTC-PERPETUAL' }],
      ['no-volatility', { kind: 'position', positionId: 'deribit:BTC-27SEP24-70000-C' }],
    ])
    expect(gaps[0]?.reason).toContain('BTC is not among its underlyings')
  })

  it('with two balances of one currency is no account', async () => {
    const { summaries } = server.results.get('private/get_account_summaries') as {
      readonly summaries: readonly object[]
    }
    server.results.set('private/get_account_summaries', { summaries: [...summaries, summaries[0]] })
    expect(await read()).toMatchObject({ positions: [], gaps: [{ code: 'venue-malformed' }] })
  })

  it('whose equity its positions do not explain is told with both', async () => {
    const all = server.results.get('private/get_positions') as readonly unknown[]
    server.results.set('private/get_positions', all.slice(0, 4))
    const { gaps } = await read()
    expect(gaps).toMatchObject([{ code: 'account-not-explained', touches: { positionId: 'deribit:balance:USDC' } }])
    expect(gaps[0]?.reason).toMatch(/equity is 53720 USDC, .* add up to 50120/)
  })

  it.each(['private/get_positions', 'private/get_account_summaries'])('is one gap where %s fails', async (method) => {
    server.misbehave = onMethod(method, { kind: 'error', code: 10_028, message: 'too_many_requests', status: 429 })
    const reading = await read()
    expect(reading).toMatchObject({ positions: [], account: 'unread' })
    expect(reading.gaps).toMatchObject([{ code: 'venue-error', touches: { positionId: 'deribit:account' } }])
    expect(reading.outcome).toMatchObject({ ok: false, code: 'venue-error' })
  })
})

const carryOf = (basis: number) => (Math.log(basis) / (Date.UTC(2024, 11, 27, 8) / 1_000 - at)) * 365 * 86_400

describe("Deribit's market", () => {
  it('is a smile for each expiry, its forwards, the index and the perpetual', async () => {
    const { marketData, indices } = await read({ secret: undefined as never })
    expect(indices).toEqual([
      { underlying: 'BTC', usd: btc, at: at + 471e-6 },
      { underlying: 'ETH', usd: eth, at: at + 471e-6 },
    ])
    expect(marketData.funding).toEqual({ BTC: 0.1095, ETH: 0.1095 })
    expect(marketData.perpetualPremium?.BTC).toBeCloseTo(0.001, 12)
    expect(marketData.forward?.BTC?.map(({ price }) => price)).toEqual([btc * 1.01, btc * 1.03, btc * 1.05])
    const { volatility } = marketOf(await read())
    const surface = volatility?.BTC
    if (surface === undefined) throw new Error('there is no surface')
    for (const { expiry, forward, svi, strikes } of smiles) {
      for (const strike of strikes) {
        const k = Math.log(strike / forward)
        const truth = Math.sqrt(
          (svi.a + svi.b * (svi.rho * (k - svi.m) + Math.hypot(k - svi.m, svi.sigma))) / ((expiry - at) / 86_400 / 365),
        )
        expect(surfaceVolatility(surface, k, expiry).volatility).toBeCloseTo(truth, 3)
      }
    }
  })

  it.each([
    ['crossed', { bid_price: 0.06, ask_price: 0.05 }, /1 crossed \(bid above ask\), such as BTC-27SEP24-27000-C/],
    ['stale', { creation_timestamp: (at - 90) * 1_000 }, /older than 60 s/],
    ['of a time to come', { creation_timestamp: (at + 900) * 1_000 }, /time to come/],
    ['without a volatility', { mark_iv: null }, /without a volatility/],
    ['of a volatility in another unit', { mark_iv: 55_000 }, /without a volatility that can be/],
    ['of another forward', { underlying_price: 1 }, /far from the index/],
    ['no quote at all', { creation_timestamp: 'now' }, /not of the documented form, such as number 0/],
  ])('leaves out a quote that is %s, and says so', async (_, by, reason) => {
    const before = await read()
    change('public/get_book_summary_by_currency BTC', by)
    const after = await read()
    expect(after.gaps).toMatchObject([
      { code: 'quotes-left-out', touches: { kind: 'context' }, reason: expect.stringMatching(reason) },
    ])
    expect(marketOf(after).volatility?.BTC?.surface.kind).toBe('svi')
    expect(after.marketData.forward).toEqual(before.marketData.forward)
  })

  it('all of whose quotes are stale has no volatility, and the options on it are told by name', async () => {
    const key = 'public/get_book_summary_by_currency BTC'
    const list = server.results.get(key) as readonly object[]
    server.results.set(
      key,
      list.map((one) => ({ ...one, creation_timestamp: (at - 3_600) * 1_000 })),
    )
    const { gaps, marketData } = await read()
    expect(marketData.volatility).not.toHaveProperty('BTC')
    expect(gaps.map(({ code }) => code)).toEqual(['quotes-left-out', 'no-volatility', 'no-volatility'])
    expect(gaps[2]).toMatchObject({ touches: { kind: 'position', positionId: 'deribit:BTC-27SEP24-70000-C' } })
  })

  it('with too few quotes for a smile is a term structure, and says so', async () => {
    const key = 'public/get_book_summary_by_currency BTC'
    const list = server.results.get(key) as readonly { readonly instrument_name: string }[]
    server.results.set(
      key,
      list.filter((one) => /-(54000|59400)-/.test(one.instrument_name)),
    )
    const reading = await read()
    expect(marketOf(reading).volatility?.BTC?.surface).toMatchObject({ kind: 'term', points: [{}, {}] })
    expect(reading.gaps.map(({ code }) => code)).toContain('smile-in-doubt')
  })

  it.each([
    ['of another instrument', { instrument_name: 'ETH-PERPETUAL' }, /about ETH-PERPETUAL/],
    ['closed', { state: 'settlement' }, /is settlement/],
    ['stale', { timestamp: (at - 300) * 1_000 }, /300 s old/],
    ['crossed', { best_bid_price: btc + 5, best_ask_price: btc }, /crossed/],
    ['on another index', { index_price: btc * 1.1 }, /the index is 54000/],
    ['far from the index', { mark_price: btc * 2 }, /far from the index/],
    ['of a funding that cannot be', { funding_8h: 0.02 }, /cannot be/],
  ])('with a perpetual that is %s gives no funding of it', async (_, by, reason) => {
    server.results.set('public/ticker BTC-PERPETUAL', { ...tickerOf('BTC', { at, index: btc }), ...by })
    const { gaps, marketData } = await read()
    expect(gaps[0]).toMatchObject({
      code: 'perpetual-in-doubt',
      reason: expect.stringMatching(reason),
      touches: { kind: 'context' },
    })
    expect(marketData.funding).toEqual({ ETH: 0.1095 })
    const ofPosition = { code: 'no-premium', touches: { positionId: 'deribit:BTC-PERPETUAL' } }
    expect(gaps.slice(1)).toMatchObject('funding_8h' in by ? [] : [ofPosition])
  })

  it('of a coin whose contracts are paid in USDC is read from their list', async () => {
    const summaries = server.results.get('public/get_book_summary_by_currency BTC') as readonly {
      readonly instrument_name: string
    }[]
    const linear = summaries.map((one) => ({
      ...one,
      instrument_name: one.instrument_name.replace('BTC-', 'SOL_USDC-'),
    }))
    server.results.set('public/get_book_summary_by_currency USDC', linear)
    server.results.set('public/get_index_price sol_usdc', { index_price: btc })
    server.results.set('public/ticker SOL_USDC-PERPETUAL', { ...tickerOf('SOL_USDC', { at, index: btc }) })
    const { marketData, gaps } = await read({ underlyings: ['SOL', 'XRP'], secret: undefined as never })
    expect(gaps.every(({ subject }) => subject === 'market XRP at deribit')).toBe(true)
    const lists = server.calls.filter(({ method }) => method === 'public/get_book_summary_by_currency')
    expect(lists).toHaveLength(1)
    expect(Object.keys(marketData.volatility ?? {})).toEqual(['SOL'])
    expect(marketData.funding).toHaveProperty('SOL')
  })
})

describe('a list of Deribit that was made to hurt', () => {
  const key = 'public/get_book_summary_by_currency BTC'
  const template = () => (server.results.get(key) as readonly object[])[0] as object

  it.each([
    [
      'twenty thousand nothings',
      () => Array.from({ length: 20_000 }, () => ({})),
      [/20000 not of the documented form/],
    ],
    [
      'an expiry a day for seven years',
      () =>
        Array.from({ length: 2_500 }, (_, day) => ({
          ...template(),
          instrument_name: `BTC-${nameOfDay(day)}-54000-C`,
        })),
      [/of an expiry in years/, /beyond 60 expiries/],
    ],
  ])('with %s is read, and told', async (_, list, reasons) => {
    server.results.set(key, list())
    const reading = await read()
    const told = reading.gaps.map((gap) => gap.reason).join('\n')
    for (const reason of reasons) expect(told).toMatch(reason)
    expect(reading.outcome.ok).toBe(true)
  })

  it('with more positions than an account can have is no account', async () => {
    const [one] = server.results.get('private/get_positions') as readonly object[]
    server.results.set(
      'private/get_positions',
      Array.from({ length: 5_001 }, () => one),
    )
    expect(await read()).toMatchObject({ account: 'unread', gaps: [{ code: 'venue-malformed' }] })
  })
})

/** `5AUG24`, the day after the fixture's and on. */
function nameOfDay(day: number): string {
  const date = new Date((at + (day + 1) * 86_400) * 1_000)
  const month = date.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' }).slice(0, 3).toUpperCase()
  return `${date.getUTCDate()}${month}${String(date.getUTCFullYear() % 100).padStart(2, '0')}`
}

describe('an answer of Deribit', () => {
  const page = '<html>maintenance</html>'
  it.each<readonly [string, string, Misbehaviour]>([
    ['never comes', 'venue-timeout', { kind: 'hang' }],
    ['breaks off', 'venue-unreachable', { kind: 'close' }],
    ['never ends', 'venue-too-large', { kind: 'endless' }],
    ['sends elsewhere', 'venue-unreachable', { kind: 'redirect', to: 'http://127.0.0.1:1/' }],
    ['is a page', 'venue-malformed', { kind: 'body', type: 'text/html', body: page }],
    ['is a page of a gateway', 'venue-http-status', { kind: 'body', status: 502, type: 'text/html', body: page }],
    ['is JSON of another type', 'venue-malformed', { kind: 'body', type: 'text/plain', body: '{}' }],
    ['is broken', 'venue-malformed', { kind: 'body', body: '{"jsonrpc":"2.0","id":' }],
    ['belongs to another request', 'venue-wrong-id', { kind: 'bend', by: { id: 999_999 } }],
    ['is of the test network', 'venue-wrong-network', { kind: 'bend', by: { testnet: true } }],
    ['does not say which network', 'venue-malformed', { kind: 'bend', by: { testnet: undefined } }],
    [
      'is of an hour ago',
      'venue-clock-skew',
      { kind: 'bend', by: { usIn: (at - 3_600) * 1e6, usOut: (at - 3_600) * 1e6 } },
    ],
    ['left before the question came', 'venue-clock-skew', { kind: 'bend', by: { usIn: (at + 9) * 1e6 } }],
    ['has no times', 'venue-malformed', { kind: 'bend', by: { usOut: undefined } }],
    ['has no result', 'venue-malformed', { kind: 'bend', by: { result: undefined } }],
    ['has a price of zero', 'venue-malformed', { kind: 'bend', by: { result: { index_price: 0 } } }],
    ['is a refusal', 'venue-error', { kind: 'error', code: 11_051, message: 'system_maintenance' }],
  ])('that %s leaves one index out, by name, and the account as it is', async (_, code, bent) => {
    server.misbehave = (call) => (call.params.index_name === 'btc_usd' ? bent : undefined)
    const reading = await read(bent.kind === 'hang' ? { requestMs: 1_000 } : {})
    expect(reading.indices.map(({ underlying }) => underlying)).toEqual(['ETH'])
    expect(reading.gaps[0]).toMatchObject({ code, touches: { kind: 'context' } })
    expect(reading.outcome).toMatchObject({ ok: false, code })
    expect(reading.positions).toHaveLength(8)
    const ofBtc = reading.gaps.filter(({ touches }) => touches.kind === 'position')
    expect(ofBtc).toMatchObject([
      { code: 'no-premium', touches: { positionId: 'deribit:BTC-PERPETUAL' } },
      { code: 'no-volatility', touches: { positionId: 'deribit:BTC-27SEP24-70000-C' } },
    ])
  })

  it('that fails once is asked for again', async () => {
    let failures = 0
    server.misbehave = ({ params }) => {
      if (params.index_name !== 'btc_usd' || failures > 0) return undefined
      failures += 1
      return { kind: 'close' }
    }
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.outcome.ok).toBe(true)
  })

  it('that hangs everywhere ends at the deadline, and nothing is thrown', async () => {
    server.misbehave = () => ({ kind: 'hang' })
    const reading = await read({ requestMs: 100 })
    expect(reading).toMatchObject({ positions: [], indices: [], accounts: [] })
    expect(reading.gaps.map(({ touches }) => touches.kind)).toContain('position')
    expect(new Set(reading.gaps.map(({ code }) => code))).toEqual(new Set(['venue-timeout']))
  })
})

it('the registry has one source for each kind that can be configured', () => {
  expect(venues.map(({ kind }) => kind)).toEqual(venueKinds)
})
