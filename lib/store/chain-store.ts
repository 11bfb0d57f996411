// How far each chain has been followed: one item a chain in the watch table, moved by conditional writes.

import type { ChainCursor } from '../model/chain-cursor.ts'
import type { ChainStore, ItemKey, Table } from '../model/ports.ts'
import { readState, writeState } from './stored-state.ts'

/** The chain store on a table. */
export function chainStore(table: Table): ChainStore {
  return {
    async cursor(chainId) {
      const stored = await readState<StoredCursor>(table, keyOf(chainId))
      return stored && unpacked(stored)
    },
    saveCursor: (cursor) => writeState(table, keyOf(cursor.chainId), packed(cursor)),
  }
}

function keyOf(chainId: number): ItemKey {
  return { partition: `chain#${chainId}`, sort: 'cursor' }
}

type Grouped<T extends { readonly portfolios: readonly string[] }> = Omit<T, 'portfolios'> & {
  /** Index in `groups`. */
  readonly group: number
}

interface StoredCursor extends Omit<ChainCursor, 'blocks' | 'events'> {
  /**
   * Sorted ids. Most events touch everybody: to name thousands of portfolios in each of hundreds of events and blocks, no item is large enough,
   * and compression does not look back far enough to help.
   */
  readonly groups: readonly (readonly string[])[]
  readonly blocks: readonly Grouped<ChainCursor['blocks'][number]>[]
  readonly events: readonly Grouped<ChainCursor['events'][number]>[]
}

function packed(cursor: ChainCursor): StoredCursor {
  const groups = new Map<string, { readonly index: number; readonly ids: readonly string[] }>()
  const grouped = <T extends { readonly portfolios: readonly string[] }>({ portfolios, ...rest }: T): Grouped<T> => {
    const ids = portfolios.toSorted()
    const key = JSON.stringify(ids)
    const { index } = groups.get(key) ?? { index: groups.size }
    groups.set(key, { index, ids })
    return { ...rest, group: index }
  }
  const lists = { blocks: cursor.blocks.map((one) => grouped(one)), events: cursor.events.map((one) => grouped(one)) }
  return { ...cursor, ...lists, groups: [...groups.values()].map(({ ids }) => ids) }
}

function unpacked({ groups, blocks, events, ...rest }: StoredCursor): ChainCursor {
  const idsOf = (group: number) => groups[group] ?? []
  return {
    ...rest,
    blocks: blocks.map(({ group, ...block }) => ({ ...block, portfolios: idsOf(group) })),
    events: events.map(({ group, ...event }) => ({ ...event, portfolios: idsOf(group) })),
  }
}
