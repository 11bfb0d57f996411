// One chain: what its contracts said since the cursor, and each portfolio that it touches queued once; then the cursor moves.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { Touched } from '../model/chain-cursor.ts'
import { identityOf, type MessageOf } from '../model/messages.ts'
import type { Bus, ChainEvents, ChainStore, Clock, ConfigStore, Followed, Log, Sending } from '../model/ports.ts'
import { chainDue } from './chain-due.ts'

export interface WatchChainDeps {
  readonly config: ConfigStore
  readonly chains: ChainStore
  readonly events: ChainEvents
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/**
 * What was heard is handed on before the cursor moves past it: a run that dies in between is run again and hands on the same once more,
 * which costs a snapshot and loses nothing. What could not be read stays before the cursor, for the next run.
 * @throws HomeostatError `cursor-contended`, or of the store or the bus
 */
export async function watchChain(deps: WatchChainDeps, message: MessageOf<'chain-due'>): Promise<void> {
  const { chainId, cause, block } = message
  const pointer = await deps.config.pointer()
  const settings = pointer && (await deps.config.chain(pointer.version, chainId))
  if (settings === undefined) {
    deps.log.line('watch-chain.not-configured', { chainId })
    return
  }
  const cursor = await deps.chains.cursor(chainId)
  const at = deps.clock.now()
  const followed = await deps.events.follow({
    settings,
    cursor,
    at,
    ...(block === undefined ? {} : { atLeast: block }),
  })
  if (followed.kind === 'unread') {
    const { code, reason, providers } = followed
    deps.log.line('watch-chain.unread', {
      chainId,
      cause,
      code,
      reason,
      providers,
      from: cursor?.blocks.at(-1)?.number,
    })
    return
  }
  if (!followed.isNew) return
  // The moment after reading: a snapshot that begins later and holds the block has seen all that was heard.
  await deps.bus.send(sendingsOf(followed, { chainId, slot: deps.clock.now(), cause }))
  if ((await deps.chains.saveCursor(followed.cursor)) === 'conflict') throw contended(chainId)
  logRun(deps.log, followed, cause)
}

function sendingsOf(
  { touched, cursor }: Extract<Followed, { kind: 'followed' }>,
  { chainId, slot, cause }: { readonly chainId: number; readonly slot: UnixSeconds; readonly cause: string },
): readonly Sending[] {
  const ofPortfolios = touched.map((one) => portfolioDue(one, { chainId, slot }))
  // What is left is not left for the next minute; but Lambda takes a door that calls itself for ever for a mistake, and stops it.
  const round = Number(/^lag-(\d+)/.exec(cause)?.[1] ?? 0) + 1
  const goesOn = cursor.lagBlocks > 0 && round <= mostRounds
  const tip = cursor.blocks.at(-1)?.number
  const rest = goesOn ? [chainDue({ chainId, slot, cause: `lag-${round}-from-${tip}` })] : []
  return [...ofPortfolios, ...rest]
}

/** Runs in a row over a backlog; the next minute begins another row. */
const mostRounds = 10

function portfolioDue(
  { portfolioId, block, hash, causes }: Touched,
  { chainId, slot }: { readonly chainId: number; readonly slot: UnixSeconds },
): Sending {
  const cause = `event:${causes.join('+')}`.slice(0, 200)
  const message = { kind: 'portfolio-due', portfolioId, slot, cause, seen: { chainId, block, hash } } as const
  return { message, deduplicationId: identityOf(message) }
}

function logRun(log: Log, followed: Extract<Followed, { kind: 'followed' }>, cause: string): void {
  const { cursor, touched, heard, orphaned, events, providers } = followed
  const { chainId, lagBlocks, rangeBlocks } = cursor
  const tip = cursor.blocks.at(-1)?.number
  log.line('watch-chain', {
    chainId,
    cause,
    tip,
    heard,
    touched: touched.length,
    ...(orphaned > 0 ? { orphaned } : {}),
    ...(events.length > 0 ? { events: events.slice(0, 10).map(({ says }) => says) } : {}),
    ...(providers.every(({ ok }) => ok) ? {} : { providers: providers.filter(({ ok }) => !ok) }),
  })
  if (lagBlocks > 0) log.line('watch-chain.lagging', { chainId, tip, lagBlocks, rangeBlocks })
}

function contended(chainId: number): HomeostatError {
  return new HomeostatError('cursor-contended', {
    message: `The cursor of chain ${chainId} was moved by another run meanwhile.`,
    retry: 'later',
    facts: { chainId },
    hint: 'The message is delivered again and goes on from where the other run ended.',
  })
}
