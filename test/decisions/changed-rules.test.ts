import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { RuleConfig } from '../../lib/model/configuration.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { aReportAtHealth, aRule, theSettings } from './a-report.ts'

/** Each minute's health factor under the rules that are configured by then. */
function play(minutes: readonly { readonly health: number; readonly rules: readonly RuleConfig[] }[]) {
  let memory = emptyMemory('treasury')
  const alerts = minutes.map(({ health, rules }, index) => {
    const report = aReportAtHealth(health, { at: 1_000 + 60 * index })
    const verdict = decide({ report, memory, settings: theSettings(rules), at: report.at + 5 })
    memory = JSON.parse(JSON.stringify(verdict.memory))
    return verdict.alerts.map((one) => one.id.replace('treasury~', ''))
  })
  return { alerts, memory }
}

describe('a rule whose text is changed while it is in breach', () => {
  it('tells the breach of its new text, under the next episode', () => {
    const changed = [aRule({ when: 'nav < 100000000' })]
    const { alerts, memory } = play([
      { health: 1.2, rules: [aRule()] },
      { health: 1.2, rules: changed },
      { health: 1.2, rules: changed },
    ])
    expect(alerts).toEqual([['health~1~raised'], ['health~2~raised'], []])
    expect(memory.rules.health?.when).toBe('nav < 100000000')
  })

  it('does not recover from a breach that it never told', () => {
    const calm = [aRule({ when: 'healthFactor < 1.1' })]
    const { alerts } = play([{ health: 1.2, rules: [aRule()] }, ...[1, 2, 3].map(() => ({ health: 1.2, rules: calm }))])
    expect(alerts).toEqual([['health~1~raised'], [], [], []])
  })

  it('goes on as before where only its severity or dead band changed, and after a memory without its text', () => {
    const { alerts, memory } = play([
      { health: 1.2, rules: [aRule()] },
      { health: 1.2, rules: [aRule({ severity: 'info', deadBand: 0.1 })] },
    ])
    expect(alerts).toEqual([['health~1~raised'], []])
    const { when: _text, ...old } = memory.rules.health ?? {}
    const stored = JSON.parse(JSON.stringify({ ...memory, rules: { health: old } }))
    const report = aReportAtHealth(1.2, { at: 5_000 })
    expect(decide({ report, memory: stored, settings: theSettings([aRule()]), at: 5_005 }).alerts).toEqual([])
  })
})

it('a rule that was taken out in breach and comes back is told anew, and never under an old id', () => {
  const other = [aRule({ id: 'other', when: 'nav < 1' })]
  const { alerts, memory } = play([
    { health: 1.2, rules: [aRule()] },
    { health: 1.2, rules: other },
    { health: 1.6, rules: other },
    { health: 1.19, rules: [aRule()] },
    { health: 1.19, rules: other },
    { health: 1.19, rules: [aRule()] },
  ])
  expect(alerts).toEqual([['health~1~raised'], [], [], ['health~2~raised'], [], ['health~3~raised']])
  expect(Object.keys(memory.rules)).toEqual(['health'])
})
