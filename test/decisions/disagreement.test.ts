import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import { weighHealth } from '../../lib/decisions/plans/restore-health.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { assess } from '../../lib/risk/assess.ts'
import { accountState } from '../../lib/snapshot/quality.ts'
import { aHolding, aLendingReading, aLoan, aPosition, aSnapshot } from '../risk/a-snapshot.ts'
import { aRule, limits, theSettings } from './a-report.ts'

const rule = aRule({ plan: { kind: 'restore-health', target: 1.5 } })
const report = (stated: number | undefined, loan = aLoan()) =>
  assess({ snapshot: aSnapshot({ positions: [loan, aHolding('USDC', 900_000)], lending: [aLendingReading(stated)] }) })
const verdictOn = (stated: number) =>
  decide({ report: report(stated), memory: emptyMemory('treasury'), settings: theSettings([rule]), at: 1_005 })

describe('a protocol that states a lower health factor than the model', () => {
  it('is believed: its factor is the account’s and the portfolio’s, and both stay visible', () => {
    const { healthFactor, accounts } = report(1.05)
    expect(healthFactor).toBe(1.05)
    expect(accounts[0]).toMatchObject({
      healthFactor: 1.05,
      modelHealthFactor: expect.closeTo(1.5, 4),
      protocolHealthFactor: 1.05,
      disagreement: [expect.stringContaining('states a health factor of 1.05')],
    })
    expect(accounts[0]?.unexplainedDebtUsd).toBeCloseTo((740 * 2_914 * 0.825) / 1.05 - 1_186_000, 6)
  })

  it('breaches the rule and is planned for, sized so that the protocol’s factor reaches the target, in words', () => {
    const { alerts, plans } = verdictOn(1.05)
    expect(alerts[0]).toMatchObject({ id: 'treasury~health~1~raised', value: 1.05 })
    expect(alerts[0]?.todo).toMatch(/Note: aave-v3 states a health factor of 1\.05, as if .* USD more were owed/)
    const repay = plans[0]?.candidates.find((one) => one.kind === 'repay-from-spare')
    const [step] = repay?.intents ?? []
    if (step?.kind !== 'repay') throw new Error('a repayment')
    const power = 740 * 2_914 * 0.825
    expect(power / (power / 1.05 - step.quantity)).toBeCloseTo(1.5, 9)
    expect(repay).toMatchObject({ reachesTarget: true, predictedHealthFactor: expect.closeTo(1.5, 9) })
  })

  it('is believed where the model sees no debt at all', () => {
    const loan = aLoan({ usdc: 0 })
    expect(report(1.05, loan).healthFactor).toBe(1.05)
    const { whyNone } = weighHealth({ report: report(1.05, loan), positionId: 'aave-v3', target: 1.5, limits })
    expect(whyNone).toMatch(/nothing spare .* states a health factor of 1\.05/)
  })

  it('is stressed and given liquidation prices with what is unexplained', () => {
    const { accounts, stress } = report(1.05)
    expect(accounts[0]?.liquidationPrices.filter((one) => one.underlying !== 'USDC')).toEqual([
      expect.objectContaining({ underlying: 'ETH', distance: expect.closeTo(1 / 1.05 - 1, 9) }),
    ])
    expect(stress.find((row) => row.scenario === 'ETH -10 %')?.healthFactor).toBeCloseTo(1.05 * 0.9, 9)
  })
})

it('a protocol that states a higher factor leaves the model’s, and nothing is sold on the disagreement', () => {
  const found = report(2, aLoan({ usdc: 1_500_000 }))
  expect(found.healthFactor).toBeCloseTo((740 * 2_914 * 0.825) / 1_500_000, 12)
  const { whyNone } = weighHealth({ report: found, positionId: 'aave-v3', target: 1.5, limits })
  expect(whyNone).toContain('not fresh: aave-v3: the protocol states a health factor of 2')
})

it('what the snapshot says of legs that do not add up does not stand against the plan, anything else does', () => {
  const reading = {
    ...aLendingReading(1.05),
    reported: { collateralUsd: 1, debtUsd: 9, liquidationThreshold: 0.8, healthFactor: 1.05 },
  }
  const dataState = accountState(reading, [])
  const weigh = (reasons: readonly string[]) => {
    const loan = aPosition('aave-v3', aLoan().instrument, { dataState: { kind: 'DEGRADED', reasons } })
    return weighHealth({ report: report(1.05, loan), positionId: 'aave-v3', target: 1.5, limits })
  }
  const complaints = dataState.kind === 'FRESH' ? [] : dataState.reasons
  expect(complaints.length).toBeGreaterThan(1)
  expect(weigh(complaints).candidates).not.toEqual([])
  expect(weigh([...complaints, 'leg WBTC reverted']).whyNone).toBe('its data is not fresh: leg WBTC reverted')
})
