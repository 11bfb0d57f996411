// Which messages that a portfolio is due need no snapshot any more, and which have to come back because the snapshot was too early.

import type { UnixSeconds } from '../base/units.ts'
import type { PinnedBlock } from '../model/identity.ts'
import { identityOf, type MessageOf } from '../model/messages.ts'
import type { Sending, WatchStore } from '../model/ports.ts'
import type { PortfolioMemory } from '../model/verdict.ts'

type Due = MessageOf<'portfolio-due'>

/**
 * True if the portfolio has been seen since the message was made: a second delivery, or a backlog that need not be replayed.
 * For an event that is not enough: the snapshot must also hold the event's block, for it may have come from providers that were behind.
 * After a reorg a number alone would not be enough: only a snapshot of that very block, or one that was begun afterwards, is of the new fork.
 */
export async function isSuperseded(
  deps: { readonly watch: WatchStore },
  params: { readonly message: Due; readonly memory: PortfolioMemory | undefined },
): Promise<boolean> {
  const { message, memory } = params
  const { seen, slot } = message
  if (memory?.lastAt === undefined) return false
  if (seen === undefined) return memory.lastAt > slot
  if (memory.lastSnapshotId === undefined) return false
  const last = await deps.watch.snapshot(message.portfolioId, memory.lastSnapshotId)
  if (last === undefined) return false
  return isOf(last.blocks, seen) || (memory.lastAt > slot && holds(last.blocks, seen))
}

/** As often a message comes back; then the next scheduled snapshot has to do. */
const mostRounds = 5
const waitSeconds = 2

/** The message once more if the chain was read, but not up to the event's block; undefined if there is nothing to wait for. */
export function comeBack(
  message: Due,
  params: { readonly blocks: readonly PinnedBlock[]; readonly at: UnixSeconds },
): Sending | undefined {
  const { seen, round = 0 } = message
  const { blocks, at } = params
  // A chain that could not be read at all is BLIND, which is news enough.
  const isRead = seen !== undefined && blocks.some(({ chainId }) => chainId === seen.chainId)
  if (!isRead || holds(blocks, seen) || round >= mostRounds) return undefined
  const again = { ...message, slot: at, round: round + 1 }
  return { message: again, deduplicationId: identityOf(again), delaySeconds: waitSeconds }
}

function holds(blocks: readonly PinnedBlock[], { chainId, block }: NonNullable<Due['seen']>): boolean {
  return blocks.some((one) => one.chainId === chainId && one.number >= block)
}

/** Of that very block: whenever it was taken, it has seen what was said there. */
function isOf(blocks: readonly PinnedBlock[], { chainId, block, hash }: NonNullable<Due['seen']>): boolean {
  return blocks.some((one) => one.chainId === chainId && one.number === block && one.hash === hash)
}
