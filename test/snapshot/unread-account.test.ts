// A loan that could not be read, beside one that could: it must not pass for an account without debt.

import { expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Gap } from '../../lib/model/data-state.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { at, healthy, settings as plain } from './fixture.ts'

const settings: PortfolioSettings = {
  ...plain,
  portfolio: {
    ...plain.portfolio,
    rules: [{ id: 'health', when: 'healthFactor < 1.3', severity: 'critical', deadBand: 0.03, calmSamples: 3 }],
  },
}
const gap = (touches: Gap['touches']): Gap => ({
  subject: 'position compound-v3:USDC',
  code: 'reverted',
  reason: 'position compound-v3:USDC: the call reverted.',
  touches,
})
const told = (touches: Gap['touches'], lending = healthy.lending) => {
  const snapshot = assemble({ reading: { ...healthy, lending, gaps: [gap(touches)] }, settings })
  const { alerts, memory } = decide({
    report: assess({ snapshot }),
    memory: emptyMemory('treasury'),
    settings,
    at,
  })
  return {
    state: snapshot.dataState.kind,
    rule: memory.rules.health?.state,
    alerts: alerts.map((one) => `${one.severity} ${one.ruleId}`),
  }
}
const owes = { kind: 'position', positionId: 'compound-v3:USDC', mayOwe: true } as const
const owns = { kind: 'position', positionId: 'erc4626:sDAI' } as const

it('a rule on the health factor says that it does not know', () => {
  expect(told(owes)).toEqual({
    state: 'DEGRADED',
    rule: 'error',
    alerts: ['critical health', 'critical _sight:compound-v3:USDC'],
  })
})

it('a health factor that is too low without it still raises', () => {
  const [loan] = healthy.lending
  if (loan === undefined) throw new Error('the fixture has an account')
  expect(told(owes, [{ ...loan, reported: { ...loan.reported, healthFactor: 1.1 } }]).rule).toBe('breached')
})

it('what cannot owe leaves the health factor known', () => {
  expect(told(owns)).toEqual({ state: 'DEGRADED', rule: 'quiet', alerts: ['warning _sight:erc4626:sDAI'] })
})
