// A watch store in memory that holds what a desk has after a fall of the market.

import type { WatchStore } from '../../lib/model/ports.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { watchStore } from '../../lib/store/watch-store.ts'
import { alertAt, receiptAt, reportAt, snapshotAt } from './desk.ts'

export async function stockedWatchStore(at: number): Promise<WatchStore> {
  const store = watchStore(memoryTable())
  await store.putReport(reportAt(at - 60, { navUsd: 163_000, healthFactor: 1.41 }))
  await store.putSnapshot(snapshotAt(at))
  await store.putReport(reportAt(at))
  await store.putAlert(alertAt(at))
  await store.putReceipt(receiptAt(at, { kind: 'accepted', reference: 'msg-1' }, 'desk'))
  await store.putReceipt(
    receiptAt(at, { kind: 'failed', code: 'throttled', reason: 'SMS quota is used up', retry: 'later' }, 'phone'),
  )
  return store
}
