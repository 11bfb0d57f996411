// The words of an alert: what happened and how much, why, what to do and what it costs.

import { describeSpan } from '../base/time.ts'
import type { RuleConfig } from '../model/configuration.ts'
import type { Report } from '../model/report.ts'
import type { Plan } from '../model/verdict.ts'
import { attributeHealth } from './attribute-health.ts'
import { marketWhy } from './market-in-words.ts'
import { displayStep, inWords, levelOr, signedInWords } from './number-in-words.ts'
import type { Evaluation } from './rules/compile-expression.ts'
import type { Reference } from './rules/expression.ts'
import type { Edge } from './track-rule.ts'

/** What, how much, against which limit. */
export function titleOf(rule: RuleConfig, edge: Edge, evaluation: Evaluation): string {
  const subject = rule.message ?? rule.when
  if (evaluation.kind === 'error') return `rule ${rule.id} cannot be evaluated: ${evaluation.reason}`
  const amounts =
    evaluation.kind === 'not-applicable'
      ? ` (${evaluation.reason})`
      : evaluation.value === undefined || evaluation.limit === undefined
        ? ''
        : evaluation.levels === undefined
          ? ` (${inWords(evaluation.value)} against a limit of ${inWords(evaluation.limit)})`
          : levelInTitle(subject, levelOr(evaluation.value, evaluation.levels))
  const prefix = { raised: '', worsened: 'worse: ', recovered: 'recovered: ', error: '' }[edge]
  return `${prefix}${subject}${amounts}`
}

/** A message that says the word itself needs no repetition. */
function levelInTitle(message: string, level: string): string {
  return message.includes(level) && !message.includes('"') ? '' : ` (now ${level})`
}

/** Terms that follow the lending account; everything else is explained by the positions. */
const solvencyTerms = ['healthFactor', 'liquidationDistance', 'debt', 'collateral']

/** What moved since the previous report: for solvency an exact split, for net asset value the positions, else nothing. */
export function whyOf(params: {
  readonly reads: readonly Reference[]
  readonly report: Report
  readonly previousReport: Report | undefined
}): string {
  const { reads, report, previousReport } = params
  if (previousReport === undefined)
    return marketWhy(params) ?? 'This is the first look; there is nothing to compare with.'
  const market = marketWhy(params)
  if (market !== undefined) return market
  const since = `in ${describeSpan(report.at - previousReport.at)}`
  if (reads.some(({ term }) => solvencyTerms.includes(term))) return healthWhy(report, previousReport, since)
  return navWhy(report, previousReport, since)
}

/** Against what was told, not against the report just before: that one may already hold what made it recover. */
export function whyRecovered(toldValue: number | undefined, evaluation: Evaluation): string {
  if (toldValue === undefined) return 'The rule can be evaluated again.'
  if (evaluation.kind === 'not-applicable') return `The rule does not apply any more: ${evaluation.reason}.`
  if (evaluation.kind === 'error' || evaluation.value === undefined) return 'It does not hold any more.'
  const { levels, value } = evaluation
  return `It was ${levelOr(toldValue, levels)} when told; it is ${levelOr(value, levels)} now.`
}

function healthWhy(report: Report, previousReport: Report, since: string): string {
  const account = weakestAccount(report.accounts)
  const split =
    account === undefined
      ? undefined
      : attributeHealth({ previous: previousReport, current: report, positionId: account.positionId })
  if (split === undefined)
    return 'The change of the health factor cannot be split: there was none before, or is none now.'
  const change = `Health factor ${inWords(split.from)} -> ${inWords(split.to)} ${since}`
  return withParts(change, split.parts, Math.max(split.from, split.to))
}

function navWhy(report: Report, previousReport: Report, since: string): string {
  const before = new Map(previousReport.positions.map((one) => [one.positionId, one]))
  const after = new Map(report.positions.map((one) => [one.positionId, one]))
  const parts = [...new Set([...before.keys(), ...after.keys()])].map((id) => ({
    cause: after.get(id)?.label ?? before.get(id)?.label ?? id,
    change: (after.get(id)?.valueUsd ?? 0) - (before.get(id)?.valueUsd ?? 0),
  }))
  const change = `Net asset value ${inWords(previousReport.navUsd)} -> ${inWords(report.navUsd)} USD ${since}`
  return withParts(change, parts, Math.max(Math.abs(previousReport.navUsd), Math.abs(report.navUsd)))
}

/** Parts that the digits of the whole cannot show are no reason. */
function withParts(
  change: string,
  parts: readonly { readonly cause: string; readonly change: number }[],
  whole: number,
): string {
  const largest = parts.reduce((most, part) => Math.max(most, Math.abs(part.change)), 0)
  const shown = parts
    .filter((part) => Math.abs(part.change) > Math.max(1e-3 * largest, displayStep(whole) / 2))
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
  if (shown.length === 0) return `${change}: nothing moved.`
  return `${change}: ${shown.map((part) => `${part.cause} ${signedInWords(part.change)}`).join(', ')}.`
}

/** What to do, and what it costs. */
export function todoOf(params: {
  readonly rule: RuleConfig
  readonly edge: Edge
  readonly evaluation: Evaluation
  readonly plan: Plan | undefined
  readonly notes: readonly string[]
  readonly whyNoPlan: string | undefined
  /** What the market asks of the desk, where the rule is about that. */
  readonly posture: string | undefined
}): string {
  const { rule, edge, evaluation, plan, notes, whyNoPlan, posture } = params
  if (edge === 'recovered') return 'Nothing to do.'
  if (evaluation.kind === 'error')
    return `The rule protects nothing until this is mended: see the gaps of the snapshot, or correct "${rule.when}".`
  const [chosen, ...others] = plan?.candidates ?? []
  if (chosen === undefined)
    return whyNoPlan === undefined
      ? (posture ?? 'No plan is configured for this rule: decide by hand.')
      : `No plan: ${whyNoPlan}.`
  const alternatives = others.length === 0 ? '' : ` Other ways: ${others.map((one) => one.summary).join('; ')}.`
  const refused = whyNoPlan === undefined ? '' : ` Not offered: ${whyNoPlan}.`
  const noted = notes.map((note) => ` Note: ${note}.`).join('')
  const reach = chosen.reachesTarget ? '' : `, short of the target of ${plan?.targetHealthFactor}`
  return `Proposed: ${chosen.summary}. Health factor then ${inWords(chosen.predictedHealthFactor)}${reach}; at most about ${inWords(chosen.costUsd)} USD before simulation, plus gas. Approve the order that follows; it is sized and costed anew when it is quoted.${alternatives}${refused}${noted}`
}

/** The account with the lowest health factor; undefined if none has debt. */
export function weakestAccount(accounts: Report['accounts']): Report['accounts'][number] | undefined {
  return accounts
    .filter((one) => one.healthFactor !== undefined)
    .toSorted((a, b) => (a.healthFactor ?? 0) - (b.healthFactor ?? 0))[0]
}
