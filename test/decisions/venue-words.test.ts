// A rule on the margin at exchanges: the worst account counts, and one that was not read is never taken for calm.

import { expect, it } from 'vitest'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import type { Report } from '../../lib/model/report.ts'
import type { VenueAccount } from '../../lib/model/venue-reading.ts'
import { aReport } from './a-report.ts'

const account = (currency: string, marginBalance: number, maintenanceMargin: number): VenueAccount => ({
  venue: 'deribit',
  currency,
  equity: marginBalance,
  marginBalance,
  initialMargin: maintenanceMargin * 1.3,
  maintenanceMargin,
})
const rule = (report: Report) => compileRule('venueMarginUse > 0.7').evaluate(report)
const withAccounts = (...venueAccounts: readonly VenueAccount[]) => aReport({ change: { venueAccounts } })

it.each([
  ['the worst of several', [account('BTC', 10, 2), account('ETH', 10, 8)], { kind: 'holds', value: 0.8 }],
  ['calm', [account('BTC', 10, 2)], { kind: 'calm', value: 0.2 }],
  ['a margin of nothing', [account('BTC', 0, 2)], { kind: 'holds', value: 1_000 }],
  ['a margin below nothing', [account('BTC', -1, 2)], { kind: 'holds', value: 1_000 }],
  ['no position', [account('BTC', 10, 0)], { kind: 'not-applicable' }],
  ['no account', [], { kind: 'not-applicable' }],
] as const)('is asked of %s', (_, accounts, outcome) => {
  const { kind, ...figures } = outcome
  const found = rule(withAccounts(...accounts))
  expect(found).toMatchObject(figures)
  if (kind !== 'calm') expect(found.kind).toBe(kind)
  else expect(found.kind).not.toBe('holds')
})

it('is in error while an account cannot be read', () => {
  const report = withAccounts(account('BTC', 10, 2))
  const dataState = { kind: 'BLIND', reasons: ['account at deribit is left out'] } as const
  const unread = { positionId: 'deribit:account', label: 'account at deribit', kind: 'unread', valueUsd: 0, dataState }
  const found = rule({ ...report, positions: [...report.positions, unread] })
  expect(found).toMatchObject({
    kind: 'error',
    reason: expect.stringContaining('account at deribit could not be read'),
  })
})

it('is not asked of a portfolio without venues', () => {
  expect(rule(aReport({})).kind).toBe('not-applicable')
})
