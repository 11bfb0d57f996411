// An aggregate with an outbox as one item: its version is the item's, its oldest unsent entry puts it into the pending index.

import type { OutboxEntry } from '../model/outbox.ts'
import type { Item, ItemKey, Table } from '../model/ports.ts'

interface Versioned {
  readonly version: number
  readonly outbox?: readonly OutboxEntry[]
}

/** Reads an aggregate; its `version` is that of the stored item. */
export async function readState<State extends Versioned>(table: Table, key: ItemKey): Promise<State | undefined> {
  const item = await table.get(key)
  return item && stateOf<State>(item)
}

/** The aggregate that an item holds. */
export function stateOf<State extends Versioned>(item: Item): State {
  return { ...(item.body as Omit<State, 'version'>), version: item.version } as State
}

/** Writes an aggregate over the version that it was read at; version 0 has not been stored yet. */
export async function writeState(table: Table, key: ItemKey, state: Versioned): Promise<'saved' | 'conflict'> {
  if (state.version === 0) return (await createState(table, key, state)) === 'created' ? 'saved' : 'conflict'
  return (await table.replace(itemOf(key, state), state.version)) === 'replaced' ? 'saved' : 'conflict'
}

/** Writes an aggregate that must not exist yet, whatever version it names. */
export function createState(table: Table, key: ItemKey, state: Versioned): Promise<'created' | 'exists'> {
  return table.create(itemOf(key, state))
}

function itemOf(key: ItemKey, state: Versioned): Omit<Item, 'version'> {
  const { version: _, ...body } = state
  const since = (state.outbox ?? []).map((entry) => entry.since)
  return { ...key, body, ...(since.length === 0 ? {} : { pendingSince: Math.min(...since) }) }
}
