// What the rule language cannot refuse, and a desk did not mean: limits in another unit, targets inside the breach, series that nobody tells.

import { type BooleanExpression, nameOf, readsOf } from '../../decisions/rules/expression.ts'
import { unmeantLimits } from '../../decisions/rules/unmeant-limits.ts'
import { termOf } from '../../decisions/rules/vocabulary.ts'
import { defaults } from './defaults.ts'
import { healthVerdict } from './health-verdict.ts'
import type { Place, Sheet } from './sheet.ts'

/** What `unmeantLimits` finds. */
export function refuseUnmeantLimits(sheet: Sheet, when: Place, expression: BooleanExpression): void {
  for (const { reason, suggestion } of unmeantLimits(expression)) sheet.report(when, { reason, suggestion })
}

/** `beta.SPX` where no line of `macro` names a series: it is always an error, and told as one each time. */
export function warnOfNoMacro(sheet: Sheet, when: Place, expression: BooleanExpression): void {
  for (const reference of readsOf(expression))
    if (termOf(reference.term)?.keys === 'series') {
      const name = nameOf(reference)
      sheet.warn(when, {
        reason: `${name} cannot be evaluated: the file has no \`macro\` that says where ${reference.key} comes from`,
      })
    }
}

/** Back at its target the account must be out of the breach, dead band included; else the rule would never be calm again. */
export function requireUsefulTarget(sheet: Sheet, rulePlace: Place, expression: BooleanExpression): void {
  const plan = valueAt(sheet, rulePlace, 'plan')
  const place = plan && valueAt(sheet, plan, 'target')
  const target = place && sheet.scalar(place)?.value
  if (place === undefined || typeof target !== 'number' || target <= 1) return
  const given = valueAt(sheet, rulePlace, 'deadBand')
  const band = given === undefined ? defaults.rule.deadBand : sheet.scalar(given)?.value
  const deadBand = typeof band === 'number' && band >= 0 && band < 1 ? band : 0
  const breachAt = (healthFactor: number, by: number) =>
    healthVerdict(expression, { healthFactor, deadBand: by }) === true
  if (breachAt(target * (1 - hair), 0)) {
    const limit = endOfBreach(target, (at) => breachAt(at, 0))
    const reason =
      limit === undefined
        ? `\`target\` ${target} is itself a breach of the rule`
        : `\`target\` ${target} is not above the rule's own limit ${limit}: the plan would end in the breach that it answers`
    sheet.report(place, { reason })
  } else if (breachAt(target * (1 + hair), deadBand)) {
    const calm = endOfBreach(target, (at) => breachAt(at, deadBand))
    const reason = `\`target\` ${target} is within the dead band of ${deadBand}${calm === undefined ? '' : `: the rule is calm from ${calm}`}`
    sheet.report(place, { reason, suggestion: calm === undefined ? undefined : String(calm) })
  }
}

/** Two numbers that differ by less were meant to be the same. */
const hair = 1e-9
const highest = 1_000

/** Where the breach that holds just below `from` ends, to six digits; undefined if it has no end. */
function endOfBreach(from: number, isBreach: (healthFactor: number) => boolean): number | undefined {
  let low = from * (1 - hair)
  let high = highest
  if (isBreach(high)) return undefined
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (isBreach(middle)) low = middle
    else high = middle
  }
  return rounded(high)
}

function valueAt(sheet: Sheet, place: Place, key: string): Place | undefined {
  return sheet.entries(place)?.find((entry) => entry.key === key)?.value
}

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
