// One portfolio, one pinned block a chain: read, judge, store, and say that a snapshot was taken.

import type { BarStore } from '../model/history.ts'
import type { MessageOf } from '../model/messages.ts'
import { identityOf } from '../model/messages.ts'
import type { Bus, Clock, ConfigStore, Log, Sources, VenueSources, WatchStore } from '../model/ports.ts'
import type { VenueReading } from '../model/venue-reading.ts'
import { assemble } from '../snapshot/assemble.ts'
import { currentSettings } from './current-settings.ts'
import { recordBars } from './record-bars.ts'
import { comeBack, isSuperseded } from './superseded.ts'

export interface TakeSnapshotDeps {
  readonly config: ConfigStore
  readonly sources: Sources
  readonly venueSources: VenueSources
  readonly watch: WatchStore
  readonly history: BarStore
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
  if (await isSuperseded(deps, { message, memory })) {
    deps.log.line('take-snapshot.superseded', { portfolioId, slot: message.slot, lastAt: memory?.lastAt })
    return
  }
  const moment = { settings, at: deps.clock.now() }
  const [reading, venues] = await Promise.all([deps.sources.read(moment), deps.venueSources.read(moment)])
  const previous = await lastKnown(deps, { portfolioId, venues, snapshotId: memory?.lastSnapshotId })
  const snapshot = assemble({
    reading,
    settings,
    chains: memory?.chains,
    priceMemory: memory?.prices,
    venues,
    previous,
  })
  await deps.watch.putSnapshot(snapshot)
  const taken = { kind: 'snapshot-taken', portfolioId, snapshotId: snapshot.id } as const
  const again = comeBack(message, { blocks: snapshot.blocks, at: moment.at })
  await deps.bus.send([{ message: taken, deduplicationId: identityOf(taken) }, ...(again === undefined ? [] : [again])])
  // Last: history never keeps a snapshot waiting.
  await recordBars(deps, snapshot)
  deps.log.line('take-snapshot', {
    portfolioId,
    snapshotId: snapshot.id,
    dataState: snapshot.dataState.kind,
    gaps: snapshot.gaps.length,
    chains: snapshot.chains?.map(({ chainId, mode }) => `${chainId} ${mode}`),
    cause: message.cause,
    ...(again === undefined ? {} : { isTooEarly: true }),
  })
}

/** The snapshot that was assessed last, if it has to name what a venue held whose account cannot be read now. */
async function lastKnown(
  { watch }: Pick<TakeSnapshotDeps, 'watch'>,
  params: {
    readonly portfolioId: string
    readonly venues: readonly VenueReading[]
    readonly snapshotId: string | undefined
  },
) {
  const { portfolioId, venues, snapshotId } = params
  const isUnread = venues.some(({ account }) => account === 'unread')
  return isUnread && snapshotId !== undefined ? await watch.snapshot(portfolioId, snapshotId) : undefined
}
