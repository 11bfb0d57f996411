// How far each chain has been followed: one item a chain in the watch table, moved by conditional writes.

import type { ChainCursor } from '../model/chain-cursor.ts'
import type { ChainStore, ItemKey, Table } from '../model/ports.ts'
import { readState, writeState } from './stored-state.ts'

/** The chain store on a table. */
export function chainStore(table: Table): ChainStore {
  return {
    cursor: (chainId) => readState<ChainCursor>(table, keyOf(chainId)),
    saveCursor: (cursor) => writeState(table, keyOf(cursor.chainId), cursor),
  }
}

function keyOf(chainId: number): ItemKey {
  return { partition: `chain#${chainId}`, sort: 'cursor' }
}
