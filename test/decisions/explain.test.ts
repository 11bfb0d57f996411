import { describe, expect, it } from 'vitest'
import { explainRule } from '../../lib/decisions/rules/explain.ts'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import { aReport, aReportAtHealth } from './a-report.ts'

const explain = (text: string, deadBand = 0.03) =>
  explainRule({ rule: compileRule(text), report: aReportAtHealth(1.4), deadBand })

describe('an explanation', () => {
  it.each([
    ['healthFactor < 1.3', 'in breach when healthFactor is below 1.3; it ends at 1.339'],
    ['1.3 > healthFactor', 'in breach when healthFactor is below 1.3; it ends at 1.339'],
    ['price.ETH >= 3000', 'in breach when price.ETH is at least 3000; it ends at 2,910'],
    [
      'abs(netDelta.ETH) * price.ETH > 0.25 * nav',
      'in breach when (the size of netDelta.ETH) * price.ETH is above 0.25 * nav; it ends once every limit is cleared by 3 %',
    ],
    [
      'not (nav > 1) or min(debt, nav) != -2 and collateral <= 1',
      'in breach when (it is not so that (nav is above 1)) or ((the least of debt and nav differs from -2) and (collateral is at most 1)); it ends once every limit is cleared by 3 %',
    ],
  ])('of %s', (text, says) => {
    expect(explain(text).says).toBe(says)
  })

  it('gives meaning, unit and present value of each word', () => {
    expect(explain('healthFactor < 1.3').reads).toEqual([
      'healthFactor: the lowest health factor of all lending accounts; below 1 an account can be liquidated [ratio]; now 1.4',
    ])
  })

  it('says how far it is from its limit', () => {
    expect(explain('healthFactor < 1.3').now).toBe('not in breach: 1.4 against 1.3 (7.692 % above)')
    expect(explain('healthFactor < 1.5').now).toBe('in breach: 1.4 against 1.5 (6.667 % below)')
    expect(explain('healthFactor < 1.3 or nav < 0').now).toBe('not in breach')
  })

  it('says why it cannot be evaluated, or does not apply', () => {
    expect(explain('netDelta.DOGE > 1').now).toMatch(/cannot be evaluated \(unknown-key\)/)
    const free = explainRule({ rule: compileRule('healthFactor < 1.3'), report: aReport({ usdc: 0 }) })
    expect(free.now).toBe('does not apply: healthFactor: there is no debt')
    expect(free.reads[0]).toContain('now none: there is no debt')
  })

  it('needs no report', () => {
    expect(explainRule({ rule: compileRule('nav < 1') })).toEqual({
      says: 'in breach when nav is below 1',
      reads: ['nav: net asset value: everything held less everything owed, at feed prices [USD]'],
    })
  })
})
