// One portfolio, one pinned block a chain: read, judge, store, and say that a snapshot was taken.

import type { MessageOf } from '../model/messages.ts'
import { identityOf } from '../model/messages.ts'
import type { Bus, Clock, ConfigStore, Log, Sources, WatchStore } from '../model/ports.ts'
import { assemble } from '../snapshot/assemble.ts'
import { currentSettings } from './current-settings.ts'

export interface TakeSnapshotDeps {
  readonly config: ConfigStore
  readonly sources: Sources
  readonly watch: WatchStore
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** Stores the snapshot before it is announced, so that whoever hears of it can read it. */
export async function takeSnapshot(deps: TakeSnapshotDeps, message: MessageOf<'portfolio-due'>): Promise<void> {
  const { portfolioId } = message
  const settings = await currentSettings(deps.config, portfolioId)
  if (settings === undefined) {
    deps.log.line('take-snapshot.not-configured', { portfolioId })
    return
  }
  const memory = await deps.watch.memory(portfolioId)
  if (memory?.lastAt !== undefined && memory.lastAt > message.slot) {
    // The portfolio has been seen since this message was made: a second delivery, or a backlog that need not be replayed.
    deps.log.line('take-snapshot.superseded', { portfolioId, slot: message.slot, lastAt: memory.lastAt })
    return
  }
  const reading = await deps.sources.read({ settings, at: deps.clock.now() })
  const snapshot = assemble({ reading, settings, chains: memory?.chains })
  await deps.watch.putSnapshot(snapshot)
  const taken = { kind: 'snapshot-taken', portfolioId, snapshotId: snapshot.id } as const
  await deps.bus.send([{ message: taken, deduplicationId: identityOf(taken) }])
  deps.log.line('take-snapshot', {
    portfolioId,
    snapshotId: snapshot.id,
    dataState: snapshot.dataState.kind,
    gaps: snapshot.gaps.length,
    chains: snapshot.chains?.map(({ chainId, mode }) => `${chainId} ${mode}`),
    cause: message.cause,
  })
}
