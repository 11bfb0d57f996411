// How far the holders of each token have been counted: one item a token in the watch table, moved by conditional writes.

import type { HolderCount } from '../model/holder-count.ts'
import type { HolderStore, ItemKey, Table } from '../model/ports.ts'
import { readState, writeState } from './stored-state.ts'

/** The store of counts on a table. */
export function holderStore(table: Table): HolderStore {
  return {
    count: (chainId, asset) => readState<HolderCount>(table, keyOf(chainId, asset)),
    saveCount: (count) => writeState(table, keyOf(count.chainId, count.asset), count),
  }
}

function keyOf(chainId: number, asset: string): ItemKey {
  return { partition: `holders#${chainId}`, sort: asset }
}
