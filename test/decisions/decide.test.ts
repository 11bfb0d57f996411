import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { RuleConfig } from '../../lib/model/configuration.ts'
import type { Report } from '../../lib/model/report.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import { emptyMemory, type PortfolioMemory, type Verdict } from '../../lib/model/verdict.ts'
import { aPrice } from '../risk/a-snapshot.ts'
import { aBlindReport, aReport, aReportAtHealth, aRule, theSettings } from './a-report.ts'

/** Plays reports through the reducer, each as the memory of the next. */
function play(rules: readonly RuleConfig[], reports: readonly Report[], memory = emptyMemory('treasury')) {
  const settings = theSettings(rules)
  const verdicts: Verdict[] = []
  let previous: Report | undefined
  for (const report of reports) {
    const verdict = decide({
      report,
      memory: verdicts.at(-1)?.memory ?? memory,
      settings,
      at: report.at + 5,
      ...(previous === undefined ? {} : { previousReport: previous }),
    })
    verdicts.push(verdict)
    previous = report
  }
  const last = verdicts.at(-1)?.memory ?? memory
  return {
    verdicts,
    memory: last,
    alerts: verdicts.flatMap((one) => one.alerts),
    plans: verdicts.flatMap((one) => one.plans),
  }
}

const minutes = (healthFactors: readonly number[], start = 0) =>
  healthFactors.map((health, index) => aReportAtHealth(health, { at: 1_000 + 60 * (start + index) }))
const states = (alerts: readonly { readonly state: string }[]) => alerts.map((alert) => alert.state)

describe('a rule', () => {
  it('enters at once, and leaves after calm samples in a row past the dead band', () => {
    // 1.3 and 3 %: calm from 1.339.
    const { verdicts, alerts } = play([aRule()], minutes([1.5, 1.29, 1.31, 1.35, 1.33, 1.34, 1.36]))
    expect(verdicts.map((one) => states(one.alerts))).toEqual([[], ['raised'], [], [], [], [], ['recovered']])
    expect(alerts[0]).toMatchObject({
      id: 'treasury~health~1~raised',
      ruleId: 'health',
      severity: 'critical',
      at: 1_065,
      value: expect.closeTo(1.29, 9),
      limit: 1.3,
      dataAgeSeconds: 10,
      dataState: { kind: 'FRESH' },
      title: 'healthFactor < 1.3 (1.29 against a limit of 1.3)',
    })
    expect(alerts[1]).toMatchObject({ id: 'treasury~health~1~recovered', durationSeconds: 300, todo: 'Nothing to do.' })
    expect(alerts[1]?.why).toBe('It was 1.29 when told; it is 1.36 now.')
  })

  it('does not flap on noise inside the dead band', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1.2701, max: 1.3389, noNaN: true }), { minLength: 5, maxLength: 40 }),
        (noise) => {
          const { alerts } = play([aRule()], minutes([1.29, ...noise]))
          expect(states(alerts).filter((state) => state === 'raised')).toHaveLength(1)
          expect(states(alerts)).not.toContain('recovered')
        },
      ),
      { numRuns: 50 },
    )
  })

  it('tells a worsening only by steps of 5 % of the limit beyond what was told', () => {
    // Steps of 0.065 from the worst that was told.
    const { verdicts, alerts } = play([aRule()], minutes([1.29, 1.24, 1.226, 1.22, 1.28, 1.226, 1.15, 1.1]))
    expect(verdicts.map((one) => states(one.alerts))).toEqual([
      ['raised'],
      [],
      [],
      ['worsened'],
      [],
      [],
      ['worsened'],
      [],
    ])
    expect(alerts.map((one) => one.id)).toEqual([
      'treasury~health~1~raised',
      'treasury~health~1~worsened~1',
      'treasury~health~1~worsened~2',
    ])
  })

  it('worsens upwards where its limit is an upper one', () => {
    const rule = aRule({ when: 'price.ETH > 3000' })
    const reports = [3_010, 3_100, 3_170, 2_980, 2_900, 2_890].map((eth, index) => aReport({ eth, at: 1_000 + index }))
    expect(states(play([rule], reports).alerts)).toEqual(['raised', 'worsened', 'recovered'])
  })

  it('counts episodes, so that a new breach is a new alert', () => {
    const { alerts } = play([aRule()], minutes([1.29, 1.4, 1.4, 1.29, 1.4, 1.4, 1.2]))
    expect(alerts.map((one) => one.id)).toEqual([
      'treasury~health~1~raised',
      'treasury~health~1~recovered',
      'treasury~health~2~raised',
      'treasury~health~2~recovered',
      'treasury~health~3~raised',
    ])
  })

  it('without two sides to compare has a dead band too', () => {
    const rule = aRule({ when: 'healthFactor < 1.3 and nav > 0', calmSamples: 1 })
    const { verdicts, alerts } = play([rule], minutes([1.29, 1.2, 1.31, 1.33, 1.35]))
    expect(verdicts.map((one) => states(one.alerts))).toEqual([['raised'], [], [], [], ['recovered']])
    expect(alerts[0]).not.toHaveProperty('value')
  })

  it('recovers when there is no debt any more', () => {
    const { alerts } = play(
      [aRule()],
      [...minutes([1.29]), ...[2, 3].map((m) => aReport({ usdc: 0, at: 1_000 + 60 * m }))],
    )
    expect(states(alerts)).toEqual(['raised', 'recovered'])
    expect(alerts[1]?.title).toContain('there is no debt')
  })

  it('uses its own message as its title', () => {
    const { alerts } = play([aRule({ message: 'Too near to liquidation' })], minutes([1.29]))
    expect(alerts[0]?.title).toBe('Too near to liquidation (1.29 against a limit of 1.3)')
  })
})

describe('a rule that cannot be evaluated', () => {
  const navRule = aRule({ id: 'nav', when: 'nav < 1000000', severity: 'warning' })
  const gap = (at: number, usdc?: number) =>
    aReport({
      at,
      ...(usdc === undefined ? {} : { usdc }),
      change: { prices: [aPrice('WETH', 2_914), aPrice('WBTC', undefined), aPrice('USDC', 1)] },
    })

  it('is told once an episode, and again only after it could be evaluated calmly', () => {
    const reports = [gap(1), gap(2), gap(3), aReport({ at: 4 }), gap(5), aReport({ at: 6 }), aReport({ at: 7 }), gap(8)]
    const { verdicts, alerts } = play([navRule], reports)
    expect(verdicts.map((one) => states(one.alerts))).toEqual([['error'], [], [], [], [], [], ['recovered'], ['error']])
    expect(alerts[0]).toMatchObject({
      id: 'treasury~nav~1~error',
      severity: 'warning',
      dataState: { kind: 'DEGRADED' },
    })
    expect(alerts[0]?.title).toContain('cannot be evaluated')
    expect(alerts[0]?.todo).toContain('protects nothing')
    expect(alerts[2]?.id).toBe('treasury~nav~2~error')
  })

  it('keeps its breach open meanwhile: neither recovered nor raised anew', () => {
    const low = { usdc: 2_600_000 }
    const reports = [
      aReport({ at: 1, ...low }),
      gap(2),
      gap(3),
      aReport({ at: 4, ...low }),
      aReport({ at: 5 }),
      aReport({ at: 6 }),
    ]
    const { verdicts, alerts } = play([navRule], reports)
    expect(verdicts.map((one) => states(one.alerts))).toEqual([['raised'], ['error'], [], [], [], ['recovered']])
    expect(alerts[2]?.durationSeconds).toBe(5)
  })

  it('enters a breach straight from the error', () => {
    const { alerts } = play([navRule], [gap(1), aReport({ at: 2, usdc: 2_600_000 })])
    expect(alerts.map((one) => one.id)).toEqual(['treasury~nav~1~error', 'treasury~nav~1~raised'])
  })

  it('because it should never have been configured does not stop the others', () => {
    const { alerts } = play([aRule({ id: 'bad', when: 'hf = 99' }), aRule()], minutes([1.29, 1.29]))
    expect(alerts.map((one) => one.id)).toEqual(['treasury~bad~1~error', 'treasury~health~1~raised'])
  })

  it('by division of nothing by nothing is an error, not quiet', () => {
    expect(states(play([aRule({ when: '(debt - debt) / (nav - nav) > 1' })], [aReport()]).alerts)).toEqual(['error'])
  })
})

describe('blindness', () => {
  it('is told once an episode, silences the rules, and ends with its duration', () => {
    const reports = [
      ...minutes([1.29]),
      aBlindReport(1_060),
      aBlindReport(1_120),
      aBlindReport(1_180),
      aReportAtHealth(1.31, { at: 1_240 }),
      aReportAtHealth(1.4, { at: 1_300 }),
      aReportAtHealth(1.4, { at: 1_360 }),
      aBlindReport(1_420),
    ]
    const { verdicts, alerts, memory } = play([aRule(), aRule({ id: 'w', severity: 'warning' })], reports)
    expect(verdicts.map((one) => states(one.alerts))).toEqual([
      ['raised', 'raised'],
      ['blind'],
      [],
      [],
      ['recovered'],
      [],
      ['recovered', 'recovered'],
      ['blind'],
    ])
    expect(alerts[2]).toMatchObject({
      id: 'treasury~_blind~1~blind',
      severity: 'critical',
      dataAgeSeconds: 70,
      title: expect.stringContaining('rpc-timeout'),
    })
    expect(alerts[3]).toMatchObject({ id: 'treasury~_blind~1~recovered', durationSeconds: 180 })
    expect(memory).toMatchObject({ blindSince: 1_420, blindEpisode: 2 })
  })

  it('never makes a plan and leaves the rules’ memory as it was', () => {
    const rule = aRule({ plan: { kind: 'restore-health', target: 1.5 } })
    const before = play([rule], minutes([1.29])).memory
    const { verdicts } = play([rule], [aBlindReport(9_000)], before)
    expect(verdicts[0]?.plans).toEqual([])
    expect(verdicts[0]?.memory.rules).toEqual(before.rules)
  })

  it('is at least a warning, even where all rules are for information', () => {
    expect(play([aRule({ severity: 'info' })], [aBlindReport(1)]).alerts[0]?.severity).toBe('warning')
    expect(play([], [aBlindReport(1)]).alerts[0]?.severity).toBe('warning')
  })
})

describe('a plan', () => {
  const rule = aRule({ plan: { kind: 'restore-health', target: 1.5 } })

  it('is made on entering, on worsening, and five minutes after the last', () => {
    const reports = [1.29, 1.28, 1.2, 1.2].map((health, index) => aReportAtHealth(health, { at: 1_000 + 60 * index }))
    const later = [1_400, 1_419, 1_420, 1_480, 1_720].map((at) => aReportAtHealth(1.2, { at }))
    const { verdicts, plans } = play([rule], [...reports, ...later])
    expect(verdicts.map((one) => one.plans.length)).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 1])
    expect(plans.map((one) => one.id)).toEqual([1, 2, 3, 4].map((n) => `treasury~restore-health~health~1~${n}`))
    expect(plans.map((one) => one.alertId)).toEqual([
      'treasury~health~1~raised',
      'treasury~health~1~worsened~1',
      'treasury~health~1~worsened~1',
      'treasury~health~1~worsened~1',
    ])
    expect(plans[0]).toMatchObject({
      purpose: 'restore-health',
      positionId: 'aave-v3',
      targetHealthFactor: 1.5,
      healthFactorBefore: expect.closeTo(1.29, 9),
      snapshotId: 'treasury#1000#d1',
    })
    expect(plans[0]?.candidates.map((one) => one.kind)).toEqual(['withdraw-swap-repay', 'repay-from-spare'])
  })

  it('is proposed in the alert with what it costs and the other ways', () => {
    const { alerts } = play([rule], minutes([1.3, 1.295]))
    expect(alerts[0]?.todo).toMatch(
      /^Proposed: withdraw .* WETH, swap in the 0\.05 % pool, repay .* USDC\. Health factor then 1\.5; at most about [\d,.]+ USD before simulation, plus gas\./,
    )
    expect(alerts[0]?.todo).toMatch(/Other ways: repay 50,000 USDC from the account/)
  })

  it('is not made on data that is not fresh, the alert says why, and it comes as soon as the data is fresh', () => {
    const late = { kind: 'DEGRADED', reasons: ['feed WETH is late'] } as const
    const prices = [aPrice('WETH', 2_914, { dataState: late }), aPrice('WBTC', 60_000), aPrice('USDC', 1)]
    const degraded = aReportAtHealth(1.29, { at: 1_000, change: { prices } })
    const { verdicts, alerts, plans } = play([rule], [degraded, aReportAtHealth(1.29, { at: 1_060 })])
    expect(alerts[0]?.todo).toBe('No plan: its data is not fresh: feed WETH is late.')
    expect(verdicts.map((one) => one.plans.length)).toEqual([0, 1])
    expect(plans[0]?.alertId).toBe('treasury~health~1~raised')
  })

  it('is not made while the home chain is FROZEN, and comes as soon as it is not; another chain, or fees alone, stop nothing', () => {
    const on = (chainId: number, mode: 'CONGESTED' | 'FROZEN') => ({
      chains: [
        { chainId, mode, at: 1_000, reasons: ['the sequencer has been down for 5 min'], causes: [], earlier: [] },
      ],
    })
    const at = (seconds: number, change: Pick<Snapshot, 'chains'>) => aReportAtHealth(1.29, { at: seconds, change })
    const { verdicts, alerts } = play([rule], [at(1_000, on(1, 'FROZEN')), at(1_060, on(1, 'CONGESTED'))])
    expect(alerts[0]?.todo).toBe(
      'No plan: chain 1 is FROZEN, and nothing is sent there until it is not: the sequencer has been down for 5 min.',
    )
    expect(verdicts.map((one) => one.plans.length)).toEqual([0, 1])
    expect(play([rule], [at(1_000, on(10, 'FROZEN'))]).plans).toHaveLength(1)
  })

  it('is not made in the dead band, nor after recovery', () => {
    const { verdicts } = play([rule], [...minutes([1.29]), ...minutes([1.31, 1.4, 1.4, 1.4], 100)])
    expect(verdicts.map((one) => one.plans.length)).toEqual([1, 0, 0, 0, 0])
  })

  it('says what is cut and what is not offered', () => {
    const settings = theSettings([rule], { ...theSettings([rule]).portfolio.limits, maxOrderUsd: 40_000 })
    const report = aReportAtHealth(1.29, { change: { pools: [] } })
    const { alerts } = decide({ report, memory: emptyMemory('treasury'), settings, at: 1 })
    expect(alerts[0]?.todo).toMatch(
      /^Proposed: repay 40,000 USDC .*, cut to the limit of 40,000 USD .*short of the target of 1\.5; .* Not offered: withdraw WETH.*no pool/,
    )
  })
})

describe('the outbox', () => {
  it('gains one entry for each alert and each plan, with ids only', () => {
    const rule = aRule({ plan: { kind: 'restore-health', target: 1.5 } })
    const { memory } = play([rule], minutes([1.29]))
    expect(memory.outbox).toEqual([
      {
        id: 'alert-raised:treasury~health~1~raised',
        severity: 'critical',
        since: 1_005,
        message: { kind: 'alert-raised', portfolioId: 'treasury', alertId: 'treasury~health~1~raised' },
      },
      {
        id: 'plan-made:treasury~restore-health~health~1~1:first',
        severity: 'critical',
        since: 1_005,
        message: {
          kind: 'plan-made',
          portfolioId: 'treasury',
          planId: 'treasury~restore-health~health~1~1',
          requote: false,
        },
      },
    ])
  })

  it('never drops what it already holds', () => {
    const held = Array.from({ length: 150 }, (_, index) => ({
      id: `alert-raised:${index}`,
      severity: 'info' as const,
      since: 1,
      message: { kind: 'alert-raised' as const, portfolioId: 'treasury', alertId: String(index) },
    }))
    const { memory } = play([aRule()], minutes([1.29]), { ...emptyMemory('treasury'), outbox: held })
    expect(memory.outbox).toHaveLength(151)
    expect(memory.outbox.slice(0, 150)).toEqual(held)
  })
})

describe('the reducer', () => {
  const rules = [aRule({ plan: { kind: 'restore-health', target: 1.5 } }), aRule({ id: 'nav', when: 'nav < 1500000' })]
  const reports = fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.double({ min: 1.03, max: 2, noNaN: true }) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      { minLength: 1, maxLength: 25 },
    )
    .map((levels) =>
      levels.map((health, i) =>
        health === undefined ? aBlindReport(1_000 + 60 * i) : aReportAtHealth(health, { at: 1_000 + 60 * i }),
      ),
    )

  it('changes nothing on a report that it has seen, nor on an older one', () => {
    fc.assert(
      fc.property(reports, fc.nat(), (played, pick) => {
        const { memory } = play(rules, played)
        const again = played[pick % played.length] as Report
        const verdict = decide({ report: again, memory, settings: theSettings(rules), at: 9_999_999 })
        expect(verdict).toEqual({ alerts: [], plans: [], memory })
      }),
      { numRuns: 60 },
    )
  })

  it('gives the same verdict on the same input, passes the version through, and changes no input', () => {
    const memory: PortfolioMemory = Object.freeze({ ...emptyMemory('treasury'), version: 7 })
    const report = aReportAtHealth(1.2)
    const before = JSON.stringify({ memory, report })
    const run = () => decide({ report, memory, settings: theSettings(rules), at: 1_005 })
    expect(run()).toEqual(run())
    expect(run().memory.version).toBe(7)
    expect(JSON.stringify({ memory, report })).toBe(before)
  })

  it('never gives two alerts or plans of one history the same id, but for an error told again in its episode', () => {
    fc.assert(
      fc.property(reports, (played) => {
        const { alerts, plans, memory } = play(rules, played)
        const ids = [...alerts.filter((one) => one.state !== 'error'), ...plans].map((one) => one.id)
        expect(new Set(ids).size).toBe(ids.length)
        expect(memory.outbox.map((entry) => entry.id)).toHaveLength(
          new Set([...alerts, ...plans].map((one) => one.id)).size,
        )
      }),
      { numRuns: 60 },
    )
  })

  it('raises at every entry: whenever a rule holds on a report that can see, its breach has been told and not recovered', () => {
    fc.assert(
      fc.property(reports, (played) => {
        const { verdicts } = play(rules, played)
        verdicts.forEach(({ memory }, index) => {
          const report = played[index]
          if (report?.dataState.kind === 'FRESH' && (report.healthFactor ?? 9) < 1.3)
            expect(memory.rules.health?.state).toBe('breached')
        })
      }),
      { numRuns: 60 },
    )
  })

  it('survives storage: a memory as JSON decides as before', () => {
    const { memory } = play(rules, minutes([1.5, 1.29, 1.2]))
    const stored: PortfolioMemory = JSON.parse(JSON.stringify(memory))
    const next = aReportAtHealth(1.1, { at: 5_000 })
    const with_ = (one: PortfolioMemory) =>
      decide({ report: next, memory: one, settings: theSettings(rules), at: 5_005 })
    expect(with_(stored)).toEqual(with_(memory))
  })

  it('takes a second snapshot of the same second', () => {
    const first = play([aRule()], minutes([1.5])).memory
    const second = aReportAtHealth(1.2, { at: 1_000, change: { id: 'treasury#1000#d2' } })
    expect(play([aRule()], [second], first).alerts).toHaveLength(1)
  })
})
