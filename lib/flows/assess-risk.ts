// From a snapshot to a report and a verdict; what the verdict says is stored with the portfolio's memory in one write, then sent.

import { HomeostatError } from '../base/homeostat-error.ts'
import { decide } from '../decisions/decide.ts'
import type { MarketModel } from '../model/market-model.ts'
import type { MarketModelStore } from '../model/market-ports.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Bus, ChainStore, Clock, ConfigStore, HolderStore, Log, WatchStore } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import { emptyMemory } from '../model/verdict.ts'
import { type AssessParams, assess } from '../risk/assess.ts'
import { eventsOf } from './events-of.ts'
import { heldBy, withHolders } from './held-by.ts'
import { modelInForce } from './model-in-force.ts'
import { drainMemoryOutbox } from './outbox.ts'

export interface AssessRiskDeps {
  readonly config: ConfigStore
  readonly watch: WatchStore
  readonly holders: HolderStore
  readonly chains: ChainStore
  readonly models: MarketModelStore
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** Two assessments of one portfolio at once: the second sees a conflict and thinks again with the newer memory. */
const maxAttempts = 5

export async function assessRisk(deps: AssessRiskDeps, message: MessageOf<'snapshot-taken'>): Promise<void> {
  const { portfolioId, snapshotId } = message
  const snapshot = await deps.watch.snapshot(portfolioId, snapshotId)
  if (snapshot === undefined) throw lost('snapshot', snapshotId)
  const settings = await deps.config.settings(snapshot.configVersion, portfolioId)
  if (settings === undefined) throw lost('configuration', snapshot.configVersion)
  const [holders, events, history] = await Promise.all([
    heldBy(deps, settings),
    eventsOf(deps, settings),
    modelInForce(deps),
  ])
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const memory = (await deps.watch.memory(portfolioId)) ?? emptyMemory(portfolioId)
    if (memory.lastSnapshotId === snapshotId) {
      await drainMemoryOutbox(deps, memory)
      return
    }
    const previousReport =
      memory.lastReportId === undefined ? undefined : await deps.watch.report(portfolioId, memory.lastReportId)
    const previous = previousReport && (await assessedBefore(deps, { report: previousReport, model: history.model }))
    const report = withHolders(
      assess({ snapshot, ...history, ...(previous === undefined ? {} : { previous }) }),
      holders,
    )
    const verdict = decide({
      report,
      memory,
      settings,
      events,
      at: deps.clock.now(),
      ...(previousReport === undefined ? {} : { previousReport }),
    })
    // Bodies first: an outbox entry must never name what cannot be read.
    await Promise.all([
      deps.watch.putReport(report),
      ...verdict.alerts.map((alert) => deps.watch.putAlert(alert)),
      ...verdict.plans.map((plan) => deps.watch.putPlan(plan)),
    ])
    if ((await deps.watch.saveMemory(verdict.memory)) === 'conflict') continue
    await drainMemoryOutbox(deps, verdict.memory)
    deps.log.line('assess-risk', {
      portfolioId,
      snapshotId,
      navUsd: Math.round(report.navUsd),
      healthFactor: report.healthFactor,
      dataState: report.dataState.kind,
      marketModelId: report.marketModelId,
      regime: report.regime?.regime,
      alerts: verdict.alerts.map((alert) => alert.id),
      plans: verdict.plans.map((plan) => plan.id),
    })
    return
  }
  throw new HomeostatError('memory-contended', {
    message: `The memory of ${portfolioId} changed ${maxAttempts} times while it was being written.`,
    retry: 'later',
    facts: { portfolioId, snapshotId },
    hint: 'The message is delivered again; if this repeats, fewer snapshots should be assessed at once.',
  })
}

/** What the report of before stood on, so that a change can be split; without its snapshot nothing is split, without its model less. */
async function assessedBefore(
  deps: AssessRiskDeps,
  { report, model }: { readonly report: Report; readonly model: MarketModel | undefined },
): Promise<AssessParams['previous']> {
  const snapshot = await deps.watch.snapshot(report.portfolioId, report.snapshotId)
  if (snapshot === undefined) return undefined
  const id = report.marketModelId
  const own = id === undefined || id === model?.id ? model : await deps.models.model(id).catch(() => undefined)
  return { snapshot, report, ...(id === undefined || own === undefined ? {} : { model: own }) }
}

function lost(what: string, id: string): HomeostatError {
  return new HomeostatError('not-found', {
    message: `The ${what} ${id} is not in the store.`,
    retry: 'later',
    facts: { what, id },
    hint: 'It may have expired, or the message outlived a table.',
  })
}
