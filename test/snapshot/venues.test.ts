// Venues in a snapshot: their positions beside those of the chains, their market before what is declared, and one that fails takes nothing else along.

import { describe, expect, it } from 'vitest'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Gap } from '../../lib/model/data-state.ts'
import type { VenueReading } from '../../lib/model/venue-reading.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { at, healthy, settings } from './fixture.ts'

const day = 86_400
const expiry = at + 50 * day
const option = { asset: 'ETH', type: 'put', strike: 2_500, expiry, quantity: 10 } as const
const venueSettings: PortfolioSettings = {
  ...settings,
  venues: [
    {
      id: 'deribit',
      kind: 'deribit',
      url: 'https://venue.example',
      secret: 'homeostat/venue/x',
      underlyings: ['ETH', 'SOL'],
    },
  ],
}

const reading = (change: Partial<VenueReading> = {}): VenueReading => ({
  venue: 'deribit',
  kind: 'deribit',
  at,
  account: 'read',
  positions: [
    {
      id: 'deribit:ETH-24SEP24-2500-P',
      label: 'ETH-24SEP24-2500-P at deribit',
      instrument: { kind: 'inverse-option', terms: option },
      needs: ['ETH'],
    },
    {
      id: 'deribit:balance:SOL',
      label: 'SOL at deribit',
      instrument: { kind: 'spot', terms: { asset: 'SOL', quantity: 100 } },
      needs: ['SOL'],
    },
  ],
  accounts: [
    { venue: 'deribit', currency: 'ETH', equity: 9, marginBalance: 8, initialMargin: 3, maintenanceMargin: 2 },
  ],
  indices: [
    { underlying: 'ETH', usd: 3_001, at: at + 0.5 },
    { underlying: 'SOL', usd: 150, at: at + 0.5 },
  ],
  marketData: {
    asOf: at,
    forward: { ETH: [{ expiry, price: 3_030 }] },
    volatility: { ETH: { term: [{ expiry, volatility: 0.6 }], asOf: at, anchor: 3_001 } },
    funding: { ETH: 0.11 },
    perpetualPremium: { ETH: 0.001 },
  },
  gaps: [],
  outcome: { name: 'deribit', host: 'https://venue.example', ok: true, milliseconds: 90 },
  ...change,
})
const failed = (): VenueReading => {
  const touches = { kind: 'position', positionId: 'deribit:account' } as const
  const gap: Gap = {
    subject: 'account at deribit',
    code: 'venue-timeout',
    reason: 'account at deribit: no answer',
    touches,
  }
  return reading({ account: 'unread', positions: [], indices: [], marketData: { asOf: at }, gaps: [gap] })
}

const snapshotOf = (venue: VenueReading, more: Partial<Parameters<typeof assemble>[0]> = {}) =>
  assemble({ reading: healthy, settings: venueSettings, venues: [venue], ...more })
const healthySnapshot = snapshotOf(reading())
const stateOf = (snapshot: typeof healthySnapshot, id: string) =>
  snapshot.positions.find((one) => one.id === id)?.dataState

describe('a venue', () => {
  it('adds its positions, valued in its own market, FRESH beside those of the chain', () => {
    expect(healthySnapshot.dataState).toEqual({ kind: 'FRESH' })
    expect(healthySnapshot.positions.map(({ id }) => id)).toContain('deribit:ETH-24SEP24-2500-P')
    expect(healthySnapshot.providers.map(({ name }) => name)).toEqual(['alpha', 'deribit'])
    const report = assess({ snapshot: healthySnapshot })
    const put = report.positions.find(({ positionId }) => positionId === 'deribit:ETH-24SEP24-2500-P')
    expect(put?.valueUsd).toBeGreaterThan(0)
    expect(report.venueAccounts).toEqual(reading().accounts)
    expect(report.marketSources).toContainEqual({ underlying: 'ETH', part: 'volatility', source: 'deribit', asOf: at })
    const without = assess({ snapshot: assemble({ reading: healthy, settings }) })
    expect(report.navUsd - without.navUsd).toBeCloseTo((put?.valueUsd ?? 0) + 100 * 150, 6)
  })

  it('prices by its index what no chain prices, and nothing else', () => {
    expect(healthySnapshot.prices.map(({ asset, usd }) => [asset, usd])).toEqual([
      ['WETH', 3_000],
      ['WBTC', 60_000],
      ['USDC', 1],
      ['SOL', 150],
    ])
  })

  it('whose index is not there leaves what needs it out, by name', () => {
    const snapshot = snapshotOf(reading({ indices: [] }))
    expect(stateOf(snapshot, 'deribit:balance:SOL')).toEqual({
      kind: 'DEGRADED',
      reasons: ['SOL: no venue gave its index.'],
    })
    const report = assess({ snapshot })
    expect(report.dataState.kind).toBe('DEGRADED')
    expect(report.positions.find(({ positionId }) => positionId === 'deribit:balance:SOL')?.dataState.kind).toBe(
      'BLIND',
    )
  })

  it('whose index has left what we value with is told', () => {
    const { gaps, dataState } = snapshotOf(
      reading({
        indices: [
          { underlying: 'ETH', usd: 3_100, at },
          { underlying: 'SOL', usd: 150, at },
        ],
      }),
    )
    expect(gaps).toMatchObject([{ code: 'index-gap', touches: { kind: 'context' } }])
    expect(gaps[0]?.reason).toBe('WETH: valued at 3000 USD, the index of deribit is 3100 USD.')
    expect(dataState).toEqual({ kind: 'FRESH' })
  })

  it('that could not be read degrades the portfolio by its own positions, which are named as long as they are not seen', () => {
    const first = snapshotOf(failed(), { previous: healthySnapshot })
    const second = snapshotOf(failed(), { previous: first })
    for (const snapshot of [first, second]) {
      const named = snapshot.gaps.flatMap(({ touches }) => (touches.kind === 'position' ? [touches.positionId] : []))
      expect(named.toSorted()).toEqual(['deribit:ETH-24SEP24-2500-P', 'deribit:account', 'deribit:balance:SOL'])
      expect(snapshot.dataState.kind).toBe('DEGRADED')
      expect(stateOf(snapshot, 'aave-v3')).toEqual({ kind: 'FRESH' })
      const report = assess({ snapshot })
      expect(report.positions.find(({ label }) => label === 'SOL at deribit')).toMatchObject({
        valueUsd: 0,
        dataState: { kind: 'BLIND' },
      })
      expect(report.navUsd).toBeCloseTo(assess({ snapshot: assemble({ reading: healthy, settings }) }).navUsd, 6)
    }
    expect(snapshotOf(reading(), { previous: second }).dataState).toEqual({ kind: 'FRESH' })
  })

  it('whose account is not asked for leaves nothing out', () => {
    const snapshot = snapshotOf(reading({ account: 'not-asked', positions: [] }), { previous: healthySnapshot })
    expect(snapshot.dataState).toEqual({ kind: 'FRESH' })
  })
})

describe('the market of a venue', () => {
  const declared = {
    asOf: at - 3 * day,
    goodForSeconds: day,
    interest: 0.04,
    carry: { ETH: 0.2, BTC: 0.01 },
    volatility: { ETH: 0.9, BTC: 0.5 },
    funding: { ETH: 0.5 },
  }
  const put = {
    id: 'put',
    label: 'Put on ETH',
    instrument: { kind: 'vanilla-option', terms: option },
    assets: ['WETH'],
    confirmedAt: at,
    goodForSeconds: day,
  } as const
  const both = (marketData: PortfolioSettings['portfolio']['marketData'] = declared): PortfolioSettings => ({
    ...venueSettings,
    portfolio: { ...settings.portfolio, positions: [put], ...(marketData === undefined ? {} : { marketData }) },
  })

  it('goes before what is declared of the same underlying, and leaves the rest as it was declared', () => {
    const { marketData, marketSources } = snapshotOf(reading(), { settings: both() })
    expect(marketData).toMatchObject({
      interest: 0.04,
      carry: { BTC: 0.01 },
      funding: { ETH: 0.11 },
      asOf: declared.asOf,
    })
    expect(marketData?.carry).not.toHaveProperty('ETH')
    expect(marketData?.volatility?.BTC).toBe(0.5)
    expect(marketSources?.map(({ underlying, part, source }) => `${underlying} ${part}: ${source}`).toSorted()).toEqual(
      [
        'BTC volatility: declared',
        'ETH forward: deribit',
        'ETH funding: deribit',
        'ETH perpetualPremium: deribit',
        'ETH volatility: deribit',
      ],
    )
  })

  it('makes the age of what is declared of no matter where it tells all that is valued in', () => {
    expect(stateOf(snapshotOf(reading(), { settings: both() }), 'declared:put')).toEqual({ kind: 'FRESH' })
    const { funding: _, ...rest } = reading().marketData
    const part = snapshotOf(reading({ marketData: rest }), { settings: both() })
    expect(stateOf(part, 'declared:put')?.kind).toBe('DEGRADED')
  })

  it.each([
    ['is older than two minutes', reading({ marketData: { ...reading().marketData, asOf: at - 121 } })],
    ['is not there', reading({ marketData: { asOf: at } })],
  ])('that %s leaves what is declared, which is told with its age', (_, venue) => {
    const snapshot = snapshotOf(venue, { settings: both() })
    expect(snapshot.marketData?.volatility?.ETH).toBe(0.9)
    expect(stateOf(snapshot, 'declared:put')?.kind).toBe('DEGRADED')
    const told = snapshot.gaps.filter(({ code }) => code === 'declared-stands-in').map(({ reason }) => reason)
    expect(told).toHaveLength(2)
    expect(told[0]).toMatch(
      /^volatility of ETH: no venue tells it, what was declared on 2024-08-02 \(3 d ago\) stands in\.$/,
    )
  })

  it('is a market by itself where nothing is declared', () => {
    const { marketData } = snapshotOf(reading(), { settings: { ...both(), portfolio: settings.portfolio } })
    expect(Object.keys(marketData ?? {}).toSorted()).toEqual([
      'asOf',
      'forward',
      'funding',
      'perpetualPremium',
      'volatility',
    ])
    expect(snapshotOf(reading({ marketData: { asOf: at } }))).not.toHaveProperty('marketData')
  })

  it('of two venues is that of the first that tells it', () => {
    const other = reading({ venue: 'other', marketData: { asOf: at, funding: { ETH: 0.9, BTC: 0.3 } } })
    const { marketData } = assemble({ reading: healthy, settings: venueSettings, venues: [reading(), other] })
    expect(marketData?.funding).toEqual({ ETH: 0.11, BTC: 0.3 })
  })
})
