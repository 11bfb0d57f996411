// The reducer: from a report and a memory to alerts, plans and the next memory; everything that is news waits in the memory's outbox.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ChainEvent } from '../model/chain-cursor.ts'
import { type PortfolioSettings, type RuleConfig, type Severity, severities } from '../model/configuration.ts'
import { type OutboxEntry, outboxEntry, withEntries } from '../model/outbox.ts'
import type { Report } from '../model/report.ts'
import type { Alert, Plan, PortfolioMemory, RuleMemory, Verdict } from '../model/verdict.ts'
import { titleOf, todoOf, whyOf, whyRecovered } from './alert-in-words.ts'
import { makePlan } from './make-plan.ts'
import { postureTodo } from './market-in-words.ts'
import type { Evaluation } from './rules/compile-expression.ts'
import type { Reference } from './rules/expression.ts'
import { compileRule } from './rules/language.ts'
import { type EventNews, tellEvents } from './tell-events.ts'
import { trackRule } from './track-rule.ts'
import { type PartNews, watchParts } from './watch-parts.ts'

export interface DecideParams {
  readonly report: Report
  /** The report that `memory` was left by, to say what moved. */
  readonly previousReport?: Report
  readonly memory: PortfolioMemory
  readonly settings: PortfolioSettings
  /** What the chains said of late that touches the portfolio; absent: nobody has listened. */
  readonly events?: readonly ChainEvent[]
  /** Now; spans and episodes count by the reports' own time. */
  readonly at: UnixSeconds
}

/** Stands for the portfolio's sight among the rules; no configured id begins with an underscore. */
const sightId = '_blind'

/**
 * Pure and idempotent: a report that is older than the memory, or of the snapshot that it saw last, changes nothing. `memory.version` is passed through.
 * BLIND: one alert an episode, and no rule is evaluated, so none can be raised, recovered or planned for.
 * The outbox only grows here; it is emptied by whoever sends. (A digest above 100 entries is not built yet: nothing is dropped.)
 */
export function decide(params: DecideParams): Verdict {
  const { report, memory } = params
  if (isOld(report, memory)) return { alerts: [], plans: [], memory }
  const sight = report.dataState.kind === 'BLIND' ? whileBlind(params) : whileSeeing(params)
  const heard = params.events && tellEvents({ events: params.events, told: memory.toldEvents, at: report.at })
  const alerts = [...(heard?.news ?? []).map((one) => eventAlert(one, params)), ...sight.alerts]
  const outbox = withNews(memory.outbox, { ...sight, alerts }, params.at)
  const { blindSince: _since, ...rest } = memory
  return {
    alerts,
    plans: sight.plans,
    memory: {
      ...rest,
      lastAt: report.at,
      lastSnapshotId: report.snapshotId,
      lastReportId: report.id,
      ...(report.chains === undefined ? {} : { chains: report.chains }),
      ...(report.priceMemory === undefined ? {} : { prices: report.priceMemory }),
      ...sight.remembered,
      ...(heard === undefined ? {} : { toldEvents: heard.told }),
      blindEpisode: sight.blindEpisode,
      ...(sight.blindSince === undefined ? {} : { blindSince: sight.blindSince }),
      outbox,
    },
  }
}

function isOld(report: Report, memory: PortfolioMemory): boolean {
  if (memory.lastAt === undefined) return false
  return report.at < memory.lastAt || report.snapshotId === memory.lastSnapshotId
}

interface Findings {
  readonly alerts: readonly Alert[]
  readonly plans: readonly Plan[]
  readonly remembered: Pick<PortfolioMemory, 'rules' | 'retiredEpisodes' | 'parts'>
  readonly blindSince?: UnixSeconds
  readonly blindEpisode: number
}

function whileBlind(params: DecideParams): Findings {
  const { report, memory } = params
  const nothing = { plans: [], remembered: { rules: memory.rules } }
  if (memory.blindSince !== undefined)
    return { ...nothing, alerts: [], blindSince: memory.blindSince, blindEpisode: memory.blindEpisode }
  const blindEpisode = memory.blindEpisode + 1
  const reasons = report.dataState.kind === 'FRESH' ? [] : report.dataState.reasons
  const alert: Alert = {
    ...stamp(params, { ruleId: sightId, edge: 'blind', episode: blindEpisode }),
    state: 'blind',
    severity: sightSeverity(params.settings),
    title: `cannot see the portfolio: ${reasons[0] ?? 'no reason was recorded'}`,
    why: reasons.join('; '),
    todo: 'Mend the source that is named. Until then no rule is evaluated and no order is made.',
    dataAgeSeconds: ageWhenBlind(params),
  }
  return { ...nothing, alerts: [alert], blindSince: report.at, blindEpisode }
}

/** When blind, what was last seen is as old as the last report that could see. */
function ageWhenBlind({ report, previousReport }: DecideParams): number {
  if (previousReport === undefined || previousReport.dataState.kind === 'BLIND') return report.dataAgeSeconds
  return report.at - previousReport.at + previousReport.dataAgeSeconds
}

function whileSeeing(params: DecideParams): Findings {
  const { memory, settings } = params
  const judged = settings.portfolio.rules.map((rule) => judgeRule(rule, params))
  const { news, parts } = watchParts({
    report: params.report,
    parts: memory.parts ?? {},
    ruleSeverity: sightSeverity(settings),
    settings,
  })
  const known = Object.keys(parts).length === 0 ? {} : { parts }
  return {
    alerts: [
      ...sightRegained(params),
      ...judged.flatMap((one) => one.alerts),
      ...news.map((one) => partAlert(one, params)),
    ],
    plans: judged.flatMap((one) => one.plans),
    remembered: { ...rememberedRules(memory, judged), ...known },
    blindEpisode: memory.blindEpisode,
  }
}

/** Only configured rules keep a state: what was breached a year ago under a rule that is gone says nothing of one that comes back. */
function rememberedRules(memory: PortfolioMemory, judged: readonly Judgement[]): Findings['remembered'] {
  const rules = Object.fromEntries(judged.map((one) => [one.ruleId, one.memory]))
  const gone = Object.entries(memory.rules).flatMap(([id, { episode }]) =>
    id in rules || episode === 0 ? [] : [[id, episode] as const],
  )
  const retiredEpisodes = { ...memory.retiredEpisodes, ...Object.fromEntries(gone) }
  return Object.keys(retiredEpisodes).length === 0 ? { rules } : { rules, retiredEpisodes }
}

function partAlert({ ruleId, edge, episode, ...words }: PartNews, params: DecideParams): Alert {
  return { ...stamp(params, { ruleId, edge, episode }), state: edge, ...words }
}

function eventAlert({ ruleId, key, ...words }: EventNews, params: DecideParams): Alert {
  const { report, at } = params
  const { portfolioId, snapshotId, id: reportId, dataState, dataAgeSeconds } = report
  const id = `${portfolioId}~${ruleId}~${key}~raised`
  return { id, portfolioId, ruleId, at, snapshotId, reportId, dataState, dataAgeSeconds, state: 'raised', ...words }
}

function sightRegained(params: DecideParams): readonly Alert[] {
  const { report, memory, settings } = params
  if (memory.blindSince === undefined) return []
  return [
    {
      ...stamp(params, { ruleId: sightId, edge: 'recovered', episode: memory.blindEpisode }),
      state: 'recovered',
      severity: sightSeverity(settings),
      title: 'the portfolio can be seen again',
      why: 'The sources answer again.',
      todo: 'Nothing to do.',
      durationSeconds: report.at - memory.blindSince,
    },
  ]
}

/** Blindness hides the most severe of the rules, so it is as severe; never less than a warning. */
function sightSeverity({ portfolio }: PortfolioSettings): Severity {
  const ranks = portfolio.rules.map((rule) => severities.indexOf(rule.severity))
  return severities[Math.max(severities.indexOf('warning'), ...ranks)] ?? 'critical'
}

interface Judgement {
  readonly ruleId: string
  readonly memory: RuleMemory
  readonly alerts: readonly Alert[]
  readonly plans: readonly Plan[]
}

function judgeRule(rule: RuleConfig, params: DecideParams): Judgement {
  const { report, previousReport, settings, at } = params
  const { evaluation, reads } = evaluate(rule, report)
  const before = params.memory.rules[rule.id]
  const retiredEpisode = params.memory.retiredEpisodes?.[rule.id]
  const tracked = trackRule({
    rule,
    memory: before,
    evaluation,
    at: report.at,
    ...(retiredEpisode === undefined ? {} : { retiredEpisode }),
  })
  const planned = makePlan({
    report,
    portfolio: settings.portfolio,
    chainId: settings.chain.chainId,
    rule,
    tracked,
    at,
  })
  const plans = planned.kind === 'made' ? [planned.plan] : []
  const { edge } = tracked
  const memory: RuleMemory =
    plans.length === 0
      ? tracked.memory
      : { ...tracked.memory, planCount: tracked.memory.planCount + 1, lastPlanAt: report.at }
  if (edge === undefined) return { ruleId: rule.id, memory, alerts: [], plans }
  const counted = edge === 'worsened' ? { count: memory.worsenedCount } : {}
  const alert: Alert = {
    ...stamp(params, { ruleId: rule.id, edge, episode: memory.episode, ...counted }),
    state: edge,
    severity: rule.severity,
    title: titleOf(rule, edge, evaluation),
    why:
      evaluation.kind === 'error'
        ? evaluation.reason
        : edge === 'recovered'
          ? whyRecovered(before?.toldValue, evaluation)
          : whyOf({ reads, report, previousReport }),
    todo: todoOf({
      rule,
      edge,
      evaluation,
      plan: plans[0],
      notes: planned.kind === 'made' ? planned.notes : [],
      whyNoPlan: planned.kind === 'none' ? planned.reason : planned.kind === 'made' ? planned.notOffered : undefined,
      posture: postureTodo(reads, report),
    }),
    ...sidesOf(evaluation),
    ...(edge === 'recovered' && before !== undefined ? { durationSeconds: report.at - before.since } : {}),
  }
  return { ruleId: rule.id, memory, alerts: [alert], plans }
}

function sidesOf(evaluation: Evaluation): { readonly value?: number; readonly limit?: number } {
  if (evaluation.kind !== 'holds' && evaluation.kind !== 'not') return {}
  const { value, limit } = evaluation
  return { ...(value === undefined ? {} : { value }), ...(limit === undefined ? {} : { limit }) }
}

/** A rule that slipped past the configuration's check is a rule in error, never a crash of the others. */
function evaluate(
  rule: RuleConfig,
  report: Report,
): { readonly evaluation: Evaluation; readonly reads: readonly Reference[] } {
  try {
    const compiled = compileRule(rule.when)
    return { evaluation: compiled.evaluate(report, rule.deadBand), reads: compiled.reads }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return { evaluation: { kind: 'error', code: error.code, reason: error.message }, reads: [] }
  }
}

/** What all alerts of a verdict share, with the id of the edge. */
function stamp(
  { report, at }: DecideParams,
  edge: { readonly ruleId: string; readonly edge: string; readonly episode: number; readonly count?: number },
) {
  const count = edge.count === undefined ? '' : `~${edge.count}`
  return {
    id: `${report.portfolioId}~${edge.ruleId}~${edge.episode}~${edge.edge}${count}`,
    portfolioId: report.portfolioId,
    ruleId: edge.ruleId,
    at,
    snapshotId: report.snapshotId,
    reportId: report.id,
    dataState: report.dataState,
    dataAgeSeconds: report.dataAgeSeconds,
  }
}

/** Alerts before plans, each once. */
function withNews(
  outbox: readonly OutboxEntry[],
  news: { readonly alerts: readonly Alert[]; readonly plans: readonly Plan[] },
  at: UnixSeconds,
): readonly OutboxEntry[] {
  const severityOf = new Map(news.alerts.map((alert) => [alert.ruleId, alert.severity]))
  return withEntries(outbox, [
    ...news.alerts.map(({ id, portfolioId, severity }) =>
      outboxEntry({ kind: 'alert-raised', portfolioId, alertId: id }, { severity, since: at }),
    ),
    ...news.plans.map(({ id, portfolioId, ruleId }) =>
      outboxEntry(
        { kind: 'plan-made', portfolioId, planId: id, requote: false },
        { severity: severityOf.get(ruleId) ?? 'critical', since: at },
      ),
    ),
  ])
}
