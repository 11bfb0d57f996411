// Positions that a person declares: valued like the others, trusted for a while.

import { describe, expect, it } from 'vitest'
import type { DeclaredPosition, PortfolioSettings } from '../../lib/model/configuration.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { at, gap, healthy, settings } from './fixture.ts'

const day = 86_400
const put: DeclaredPosition = {
  id: 'eth-puts',
  label: 'Puts on ETH',
  instrument: {
    kind: 'vanilla-option',
    terms: { asset: 'ETH', type: 'put', strike: 2_500, expiry: at + 90 * day, quantity: 10 },
  },
  assets: ['ETH'],
  confirmedAt: at - day,
  goodForSeconds: 7 * day,
}
const marketData = { asOf: at - 3_600, goodForSeconds: day, interest: 0.04, volatility: { ETH: 0.7 } }

function withDeclared(change: Partial<PortfolioSettings['portfolio']> = {}): PortfolioSettings {
  return { ...settings, portfolio: { ...settings.portfolio, positions: [put], marketData, ...change } }
}

const assessed = (change: Partial<PortfolioSettings['portfolio']> = {}, reading = healthy) => {
  const snapshot = assemble({ reading, settings: withDeclared(change) })
  const report = assess({ snapshot })
  return { snapshot, report, option: report.positions.find(({ positionId }) => positionId === 'declared:eth-puts') }
}

describe('a declared option', () => {
  it('counts in value, Greeks and stress like any position, and says that it is declared', () => {
    const without = assess({ snapshot: assemble({ reading: healthy, settings }) })
    const { report, option } = assessed()
    expect(option).toMatchObject({ label: 'Puts on ETH (declared)', dataState: { kind: 'FRESH' } })
    expect(report.navUsd - without.navUsd).toBeCloseTo(option?.valueUsd ?? Number.NaN, 6)
    expect(option?.greeks?.delta.ETH).toBeLessThan(0)
    const change = (report.netGreeks.delta.ETH ?? 0) - (without.netGreeks.delta.ETH ?? 0)
    expect(change).toBeCloseTo(option?.greeks?.delta.ETH ?? Number.NaN, 9)
    expect(Object.values(report.netGreeks.vega.ETH ?? {})).toHaveLength(1)
    expect(report.netGreeks.theta.decay).toBeLessThan(0)
    const crash = (rows: typeof report.stress) => rows.find(({ scenario }) => scenario === 'ETH -50 %')?.changeUsd ?? 0
    expect(crash(report.stress)).toBeGreaterThan(crash(without.stress) + 8_000)
  })

  it('degrades once nobody has confirmed it for longer than it is good for', () => {
    const { option, report } = assessed({ positions: [{ ...put, confirmedAt: at - 8 * day }] })
    expect(option?.dataState).toEqual({
      kind: 'DEGRADED',
      reasons: ['Puts on ETH: nobody has confirmed it for 8 d; it is good for 7 d.'],
    })
    expect(report.dataState.kind).toBe('DEGRADED')
  })

  it('degrades if it claims to be confirmed in the future', () => {
    const { option } = assessed({ positions: [{ ...put, confirmedAt: at + 365 * day }] })
    expect(option?.dataState).toEqual({ kind: 'DEGRADED', reasons: ['Puts on ETH: its date lies 365 d ahead.'] })
  })

  it('degrades once its market data is old', () => {
    const { option } = assessed({ marketData: { ...marketData, asOf: at - 2 * day } })
    expect(option?.dataState).toMatchObject({
      kind: 'DEGRADED',
      reasons: ['Puts on ETH: nobody has renewed the declared market data for 2 d; it is good for 24 h.'],
    })
  })

  it('is left out by name where the market has no volatility, and blinds nobody', () => {
    const { volatility: _, ...without } = marketData
    const { option, report } = assessed({ marketData: without })
    expect(option?.dataState).toMatchObject({
      kind: 'BLIND',
      reasons: ['Puts on ETH (declared) is left out: There is no volatility of ETH.'],
    })
    expect(report.dataState.kind).toBe('DEGRADED')
    expect(report.healthFactor).toBeDefined()
  })

  it('is no fresher than the price of its underlying', () => {
    const reading = { ...healthy, gaps: [gap({ kind: 'asset', asset: 'WETH' }, 'feed-stale')] }
    expect(assessed({}, reading).option?.dataState.kind).toBe('DEGRADED')
  })

  it('settles once it has expired, and says so', () => {
    const expired = { ...put, instrument: { ...put.instrument, terms: { ...put.instrument.terms, expiry: at - 1 } } }
    const { option } = assessed({ positions: [expired as DeclaredPosition] })
    expect(option?.warnings).toEqual(['expired: valued at intrinsic value on the spot, for want of a settlement price'])
  })
})
