// What is known of each portfolio: its memory, what was seen, what followed, and what was told. Written by take-snapshot, assess-risk and notify.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ItemKey, Table, WatchStore } from '../model/ports.ts'
import type { DeliveryReceipt } from '../model/receipt.ts'
import type { Report } from '../model/report.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Alert, Plan, PortfolioMemory } from '../model/verdict.ts'
import { momentSort, momentSortOf, paddedInstant, portfolioOf, portfolioPartition } from './portfolio-key.ts'
import { readState, writeState } from './stored-state.ts'

const daySeconds = 86_400
/** Snapshots and reports are kept this long. */
const seenRetentionSeconds = 90 * daySeconds
/** Alerts, plans and receipts are kept this long. */
const toldRetentionSeconds = 365 * daySeconds
/** As many portfolios as one run of `deliver` looks at. */
const pendingLimit = 500

/** The watch store on a table; the layout of its keys is in the room's README. */
export function watchStore(table: Table): WatchStore {
  return {
    memory: (portfolioId) => readState<PortfolioMemory>(table, keyOf(portfolioId, 'memory')),
    saveMemory: (memory) => writeState(table, keyOf(memory.portfolioId, 'memory'), memory),
    async pendingPortfolios(before) {
      const keys = await table.pending({ before, limit: pendingLimit })
      return keys.flatMap((key) => (key.sort === 'memory' ? (portfolioOf(key.partition) ?? []) : []))
    },
    ...seenOf(table),
    ...toldOf(table),
  }
}

type Seen = 'putSnapshot' | 'snapshot' | 'latestSnapshots' | 'putReport' | 'report' | 'latestReports'

function seenOf(table: Table): Pick<WatchStore, Seen> {
  const read = async <Body>(kind: 'snapshot' | 'report', portfolioId: string, id: string) => {
    const sort = momentSort(kind, portfolioId, id)
    return sort === undefined ? undefined : bodyOf<Body>(table, keyOf(portfolioId, sort))
  }
  return {
    async putSnapshot(snapshot) {
      const key = keyOf(snapshot.portfolioId, momentSortOf('snapshot', snapshot.portfolioId, snapshot.id))
      const stored = await putOnce<Snapshot>(table, key, snapshot, snapshot.at + seenRetentionSeconds)
      requireSame(
        key,
        [stored.at, stored.blocks.map(({ hash }) => hash)],
        [snapshot.at, snapshot.blocks.map(({ hash }) => hash)],
      )
    },
    snapshot: (portfolioId, id) => read<Snapshot>('snapshot', portfolioId, id),
    latestSnapshots: (portfolioId, limit) => latest<Snapshot>(table, portfolioId, 'snapshot#', limit),
    async putReport(report) {
      const key = keyOf(report.portfolioId, momentSortOf('report', report.portfolioId, report.id))
      const stored = await putOnce<Report>(table, key, report, report.at + seenRetentionSeconds)
      requireSame(key, [stored.at, stored.snapshotId], [report.at, report.snapshotId])
    },
    report: (portfolioId, id) => read<Report>('report', portfolioId, id),
    latestReports: (portfolioId, limit) => latest<Report>(table, portfolioId, 'report#', limit),
  }
}

type Told = 'putAlert' | 'alert' | 'latestAlerts' | 'putPlan' | 'plan' | 'receipt' | 'putReceipt' | 'latestReceipts'

function toldOf(table: Table): Pick<WatchStore, Told> {
  return {
    async putAlert(alert) {
      const stored = await putOnce<Alert>(
        table,
        keyOf(alert.portfolioId, `alert#${alert.id}`),
        alert,
        alert.at + toldRetentionSeconds,
      )
      // The same edge computed again later has the same id: its place in time is that of the first.
      const sort = `alert-by-time#${paddedInstant(stored.at)}#${stored.id}`
      await table.create({
        ...keyOf(alert.portfolioId, sort),
        body: stored,
        expiresAt: stored.at + toldRetentionSeconds,
      })
    },
    alert: (portfolioId, id) => bodyOf<Alert>(table, keyOf(portfolioId, `alert#${id}`)),
    latestAlerts: (portfolioId, limit) => latest<Alert>(table, portfolioId, 'alert-by-time#', limit),
    async putPlan(plan) {
      await putOnce<Plan>(table, keyOf(plan.portfolioId, `plan#${plan.id}`), plan, plan.at + toldRetentionSeconds)
    },
    plan: (portfolioId, id) => bodyOf<Plan>(table, keyOf(portfolioId, `plan#${id}`)),
    receipt: (portfolioId, noticeId, notifierId) =>
      bodyOf<DeliveryReceipt>(table, keyOf(portfolioId, `receipt#${noticeId}#${notifierId}`)),
    putReceipt: (receipt) => putReceipt(table, receipt),
    latestReceipts: (portfolioId, limit) => latest<DeliveryReceipt>(table, portfolioId, 'receipt-by-time#', limit),
  }
}

/** Every attempt is kept in order of time; under its id lies the latest, and an accepted one stays. */
async function putReceipt(table: Table, receipt: DeliveryReceipt): Promise<void> {
  const { portfolioId, noticeId, notifierId, at, delivery } = receipt
  const expiresAt = at + toldRetentionSeconds
  const sort = `receipt-by-time#${paddedInstant(at)}#${noticeId}#${notifierId}#${delivery.kind}`
  await table.create({ ...keyOf(portfolioId, sort), body: receipt, expiresAt })
  const key = keyOf(portfolioId, `receipt#${noticeId}#${notifierId}`)
  const item = { ...key, body: receipt, expiresAt }
  for (let attempt = 0; attempt < 5; attempt++) {
    const stored = await table.get(key)
    if (stored === undefined) {
      if ((await table.create(item)) === 'created') return
      continue
    }
    const before = stored.body as DeliveryReceipt
    if (before.delivery.kind === 'accepted' && delivery.kind !== 'accepted') return
    if ((await table.replace(item, stored.version)) === 'replaced') return
  }
  throw new HomeostatError('receipt-contended', {
    message: `The receipt of ${noticeId} for ${notifierId} keeps changing.`,
    retry: 'later',
    facts: { noticeId, notifierId },
  })
}

function keyOf(portfolioId: string, sort: string): ItemKey {
  return { partition: portfolioPartition(portfolioId), sort }
}

async function bodyOf<Body>(table: Table, key: ItemKey): Promise<Body | undefined> {
  return (await table.get(key))?.body as Body | undefined
}

async function latest<Body>(table: Table, portfolioId: string, prefix: string, limit: number) {
  const partition = portfolioPartition(portfolioId)
  const items = await table.list({ partition, prefix, newestFirst: true, limit })
  return items.map((item) => item.body as Body)
}

/** Writes what never changes; the first write stays. Returns what is stored. */
async function putOnce<Body>(table: Table, key: ItemKey, body: Body, expiresAt: UnixSeconds): Promise<Body> {
  if ((await table.create({ ...key, body, expiresAt })) === 'created') return body
  return (await bodyOf<Body>(table, key)) ?? body
}

/**
 * The second delivery of a message may see other response times, but never other blocks under the same id.
 * @throws HomeostatError `immutable-changed`
 */
function requireSame(key: ItemKey, stored: unknown, given: unknown): void {
  if (JSON.stringify(stored) === JSON.stringify(given)) return
  throw new HomeostatError('immutable-changed', {
    message: `${key.sort} of ${key.partition} is stored with other content and never changes.`,
    retry: 'never',
    facts: { partition: key.partition, sort: key.sort },
    hint: 'This is a defect where the id was made: it must cover what differs.',
  })
}
