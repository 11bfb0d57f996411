// What the chains said is told once each, in the order of what it may cost, seen portfolio or not.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import { tellEvents } from '../../lib/decisions/tell-events.ts'
import type { ChainEvent } from '../../lib/model/chain-cursor.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { aBlindReport, aReport, theSettings } from './a-report.ts'

const at = 100_000
const hash = `0x${'ab'.repeat(32)}` as const
const event = (id: string, change: Partial<ChainEvent> = {}): ChainEvent => ({
  id,
  kind: 'upgrade',
  chainId: 1,
  block: 7,
  blockHash: hash,
  transactionHash: hash,
  at,
  address: `0x${'11'.repeat(20)}`,
  subject: 'aaveV3.pool',
  severity: 'warning',
  says: `aaveV3.pool was upgraded (${id})`,
  portfolios: ['treasury'],
  ...change,
})

describe('events of the chains', () => {
  it('are told once, also when they are heard again, and forgotten with the chain', () => {
    const first = tellEvents({ events: [event('a')], told: [], at })
    const second = tellEvents({ events: [event('a'), event('b')], told: first.told, at })
    const third = tellEvents({ events: [event('b')], told: second.told, at })
    expect([first, second, third].map(({ news }) => news.map(({ key }) => key))).toEqual([['a'], ['b'], []])
    expect(third.told).toEqual(['b'])
  })

  it('of one kind are one piece of news, led by the most severe', () => {
    const events = [event('a'), event('b', { severity: 'critical' }), event('c', { kind: 'pause' })]
    const { news } = tellEvents({ events, told: [], at })
    expect(news.map(({ ruleId, severity, title }) => [ruleId, severity, title])).toEqual([
      ['_event:upgrade', 'critical', 'aaveV3.pool was upgraded (b), and 1 more of this kind'],
      ['_event:pause', 'warning', 'aaveV3.pool was upgraded (c)'],
    ])
    expect(news[0]?.why).toContain(`block 7 of chain 1, transaction ${hash}`)
  })

  it('have ids that fit into a line: of the block’s hash only the beginning', () => {
    const { news } = tellEvents({ events: [event(`31337:${hash}:5`)], told: [], at })
    expect(news.map(({ key }) => key)).toEqual(['31337:ababababab:5'])
  })

  it('that only wake a snapshot are not told, nor what is history at the first look', () => {
    const events = [event('a', { severity: 'info' }), event('b', { at: at - 3_601 }), event('c', { at: at - 60 })]
    const { news, told } = tellEvents({ events, told: undefined, at })
    expect(news.map(({ key }) => key)).toEqual(['c'])
    expect(told).toEqual(['b', 'c'])
  })

  it('whatever comes in whatever order, each is told by exactly one piece of news', () => {
    const some = fc.array(fc.nat(20), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 8 }), (looks) => {
        let told: readonly string[] = []
        let heard: readonly ChainEvent[] = []
        const counted = new Map<string, number>()
        for (const look of looks) {
          const fresh = [...new Set(look)].map((n) => event(String(n), { kind: `kind-${n % 3}` }))
          heard = [...new Map([...heard, ...fresh].map((one) => [one.id, one])).values()]
          const outcome = tellEvents({ events: heard, told, at })
          const untold = heard.filter(({ id }) => !told.includes(id))
          for (const { id } of untold) counted.set(id, (counted.get(id) ?? 0) + 1)
          expect(new Set(outcome.news.map(({ ruleId }) => ruleId)).size).toBe(outcome.news.length)
          expect(new Set(untold.map(({ kind }) => kind)).size).toBe(outcome.news.length)
          told = outcome.told
        }
        expect([...counted.values()].every((times) => times === 1)).toBe(true)
      }),
    )
  })
})

describe('a verdict', () => {
  const liquidated = event('x', { kind: 'liquidation', severity: 'critical', says: 'aaveV3.pool liquidated treasury' })
  const settings = theSettings([])

  it.each([
    ['that sees', aReport()],
    ['that is blind', aBlindReport(1_000)],
  ])('%s tells of a liquidation first, and once', (_, report) => {
    const events = [{ ...liquidated, at: report.at }]
    const first = decide({ report, memory: emptyMemory('treasury'), settings, events, at: report.at })
    expect(first.alerts[0]).toMatchObject({
      id: 'treasury~_event:liquidation~x~raised',
      severity: 'critical',
      title: 'aaveV3.pool liquidated treasury',
    })
    expect(first.memory.outbox[0]).toMatchObject({ severity: 'critical' })
    const later = { ...report, at: report.at + 60, snapshotId: 'later', id: 'later~v1' }
    const second = decide({ report: later, memory: first.memory, settings, events, at: later.at })
    expect(second.alerts.filter(({ ruleId }) => ruleId.startsWith('_event'))).toEqual([])
  })
})
