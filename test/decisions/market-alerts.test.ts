import { expect, test } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { RuleConfig } from '../../lib/model/configuration.ts'
import type { Report } from '../../lib/model/report.ts'
import { emptyMemory, type PortfolioMemory } from '../../lib/model/verdict.ts'
import { aChance, aRegime, aTail, calm, marchCrash, usdcPeg, withMarket } from './a-market.ts'
import { aReport, aRule, theSettings } from './a-report.ts'

const at = marchCrash + 8 * 3_600
const reportAt = (time: number, change: Partial<Report>) => withMarket(aReport({ at: time }), change)
const onset = { since: marchCrash + 8 * 3_600 }

/** Alerts of the rule, report by report, without those of parts. */
function play(rule: Partial<RuleConfig>, reports: readonly Report[]) {
  const settings = theSettings([aRule({ id: 'market', severity: 'warning', calmSamples: 1, ...rule })])
  let memory: PortfolioMemory = emptyMemory('treasury')
  let previousReport: Report | undefined
  return reports.map((report) => {
    const previous = previousReport === undefined ? {} : { previousReport }
    const verdict = decide({ report, memory, settings, at: report.at, ...previous })
    memory = verdict.memory
    previousReport = report
    return verdict.alerts.find(({ ruleId }) => ruleId === 'market')
  })
}

test('a crisis is told with its votes, since when, what was before, and the posture; its end by both words', () => {
  const tense = aRegime({ regime: 'tense', probability: 0.4 })
  const [before, entered, still, left] = play({ when: 'regime == "crisis"', message: 'The market is in a crisis' }, [
    reportAt(at, { regime: tense }),
    reportAt(at + 60, { regime: aRegime(onset) }),
    reportAt(at + 120, { regime: aRegime(onset) }),
    reportAt(at + 180, { regime: calm }),
  ])
  expect(before).toBeUndefined()
  expect(entered).toMatchObject({
    state: 'raised',
    title: 'The market is in a crisis',
    why: 'Regime is crisis since 12 Mar 16:00 (was tense): assets move as one more than before by 1.4 sd (limit 1 sd), probability of a violent state 93 % (limit 70 %), moves of the day against the usual 7.1 x (limit 3 x), mean correlation 0.86, higher than on 97 % of the days of a year.',
    todo: 'Take new risk up to 50 % of the usual budget only. Have puts on at least 30 % of risky holdings. Nothing was traded: decide by hand.',
  })
  expect(still).toBeUndefined()
  expect(left).toMatchObject({ state: 'recovered', why: 'It was crisis when told; it is calm now.' })
})

test('an ordered rule is told again as worse when the next word is reached, and names the word where its message does not', () => {
  const tense = aRegime({ regime: 'tense' })
  const alerts = play({ when: 'regime >= "tense"' }, [
    reportAt(at, { regime: calm }),
    reportAt(at + 60, { regime: tense }),
    reportAt(at + 120, { regime: aRegime() }),
  ])
  expect(alerts.map((alert) => alert?.title)).toEqual([
    undefined,
    'regime >= "tense" (now tense)',
    'worse: regime >= "tense" (now crisis)',
  ])
})

test('few votes, a day that is not over, and votes that have fallen silent are said', () => {
  const silent = aRegime({ votes: calm.votes, isLowPower: true, universe: ['BTC', 'ETH'], isProvisional: true })
  const [alert] = play({ when: 'regime == "crisis"' }, [reportAt(at, { regime: silent })])
  expect(alert?.why).toBe(
    'Regime is crisis since 12 Mar 08:00: not yet relaxed. Only 2 assets vote: switches are found late. The day is not over.',
  )
})

test('an expected shortfall is told with its share of the value, what it was, and the parts that made it', () => {
  const larger = aTail().figures.map((one) => ({ ...one, expectedShortfallUsd: one.expectedShortfallUsd * 2 }))
  const navUsd = 2_000_000
  const [, alert] = play({ when: 'es99d1 > 0.1 * nav', message: 'A bad day costs too much' }, [
    reportAt(at, { navUsd }),
    reportAt(at + 60, { navUsd, tail: aTail({ figures: larger }) }),
  ])
  expect(alert).toMatchObject({
    title: 'A bad day costs too much (260,000 against a limit of 200,000)',
    why: 'The worst day in a hundred costs 260,000 USD on average (13 % of net asset value), 130,000 60 s before: Aave v3 loan adds 120,000, WBTC in the account adds 30,000, 100 ETH puts takes off 20,000.',
    todo: 'No plan is configured for this rule: decide by hand.',
  })
})

test('a change that was split is told with its causes, the largest first', () => {
  const parts = [
    { cause: 'quantity', change: 3_000 },
    { cause: 'volatility of ETH', change: 9_000 },
    { cause: 'time', change: 1 },
  ]
  const figures = [{ figure: 'valueAtRisk', from: 100_000, to: 112_001, parts, method: 'shapley' as const }]
  const changes = { sinceSnapshotId: 's', since: at - 60, figures }
  const [alert] = play({ when: 'es99d1 > 1000' }, [reportAt(at, { changes })])
  expect(alert?.why).toMatch(
    / Value at risk 100,000 -> 112,001 USD since the report before: volatility of ETH \+9,000, quantity \+3,000\.$/,
  )
})

test('odds of a liquidation are told with what they were, the horizon beyond, the cost, and the loan-to-value to go to', () => {
  const low = aTail({ liquidations: [aChance({ probability: 0.004 })] })
  const [, alert] = play({ when: 'liquidationProbability.aave > 0.01' }, [
    reportAt(at, { tail: low }),
    reportAt(at + 60, {}),
  ])
  expect(alert?.why).toBe(
    'aave-v3 is liquidated with 2.3 % within a day (was 0.4 %), 11 % within ten; expected cost 1,380 USD. Loan-to-value 55 %; it would be 5 % a day at 51 %.',
  )
})

test('a peg that breaks is told with its price and limit', () => {
  const broken = { ...usdcPeg, usd: 0.9621, deviation: -0.0379, isBroken: true }
  const [alert] = play({ when: 'brokenPegs > 0' }, [reportAt(at, { regime: { ...calm, pegs: [broken] } })])
  expect(alert?.why).toBe('USDC at 0.9621 USD, 3.79 % below its peg (limit 1 %).')
})

test('without a market model the rule is in error once, and says why; it is not calm', () => {
  const bare = (time: number) => ({ ...aReport({ at: time }), marketModelMissing: 'no market model has been made yet' })
  const [first, second, found] = play({ when: 'regime == "crisis"' }, [
    bare(at),
    bare(at + 60),
    reportAt(at + 120, { regime: calm }),
  ])
  expect(first).toMatchObject({
    state: 'error',
    title: 'rule market cannot be evaluated: regime: no market model has been made yet',
  })
  expect(second).toBeUndefined()
  expect(found).toMatchObject({ state: 'recovered' })
})
