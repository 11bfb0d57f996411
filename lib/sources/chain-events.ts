// Room 1, the other half: what the contracts that portfolios rely on said since the last look, and whom it touches.

import { setTimeout as pause } from 'node:timers/promises'
import { isHomeostatError } from '../base/homeostat-error.ts'
import type { Redacted } from '../base/redacted.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ChainCursor, ChainEvent, SeenBlock, Touched } from '../model/chain-cursor.ts'
import type { ChainSettings } from '../model/chain-settings.ts'
import type { Hash, PinnedBlock } from '../model/identity.ts'
import type { ChainEvents, Followed } from '../model/ports.ts'
import type { Jury } from './chain/agree-on-logs.ts'
import { chainFault } from './chain/chain-fault.ts'
import { type ChainSession, openSession } from './chain/chain-session.ts'
import { connectProviders } from './chain/connect-providers.ts'
import { type Advance, advance, hasNews, newCursor } from './chain/log-cursor.ts'
import { type OutcomeBook, outcomeBook } from './chain/outcome-book.ts'
import type { Provider } from './chain/provider.ts'
import { codeChanges } from './code-watch.ts'
import { type Hearing, openHearing, type Understood } from './events/hearing.ts'

export interface ChainEventsDeps {
  /** The value of a secret by its name: the URL of a provider. */
  readonly secret: (name: string) => Promise<Redacted>
  /** Timeout of one HTTP request; it is repeated once. Default 2,500. */
  readonly requestMs?: number
  /** Hard end of one run. Default 20,000. */
  readonly deadlineMs?: number
  /** Default 1,000. */
  readonly blocksPerRun?: number
  /** How long a block that was announced is waited for. Default 1,500. */
  readonly announcedMs?: number
}

type FollowParams = Parameters<ChainEvents['follow']>[0]

const daySeconds = 86_400
/** Events that are kept for people, at most. */
const keptEvents = 200
/** Where a provider is first asked for a range. */
const firstRange = 64
const longestRange = 2_000
const defaultReorgDepth = 64
const defaultPoolMoveBps = 50
/** Who speaks for whom (the aggregator behind a feed) is asked again after so long. */
const hearingSeconds = 300
/** An announcement of a block further ahead than this is a mistake or a lie. */
const believedAhead = 16
const announcedPauseMs = 100

/** Followers of chains over JSON-RPC. Keeps who is listened to for five minutes, by chain and version. */
export function chainEvents(deps: ChainEventsDeps): ChainEvents {
  const hearings = new Map<string, { readonly hearing: Hearing; readonly until: UnixSeconds }>()
  const hearingOf = async (session: ChainSession, { settings, at }: FollowParams): Promise<Hearing> => {
    const { chain, portfolios, version } = settings
    const key = `${chain.chainId} ${version}`
    const kept = hearings.get(key)
    if (kept !== undefined && kept.until > at) return kept.hearing
    const hearing = await openHearing(session, { chain, portfolios })
    hearings.set(key, { hearing, until: at + hearingSeconds })
    return hearing
  }
  return {
    async follow(params) {
      const { deadlineMs = 20_000 } = deps
      const book = outcomeBook(params.settings.chain.rpc)
      const ending = new AbortController()
      const began = performance.now()
      const timer = setTimeout(() => ending.abort(), deadlineMs)
      const hasTime = () => performance.now() - began < deadlineMs / 2
      try {
        return await run({ ...deps, hearingOf }, { ...params, book, hasTime, signal: ending.signal })
      } catch (error) {
        const fault = isHomeostatError(error) ? error : chainFault('unexpected', `Following failed: ${nameOf(error)}.`)
        const reason = `${params.settings.chain.id}: ${fault.message}`
        return { kind: 'unread', code: fault.code, reason, providers: book.outcomes() }
      } finally {
        clearTimeout(timer)
        ending.abort()
      }
    },
  }
}

/** Only its kind: messages of foreign errors print URLs. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

type RunDeps = ChainEventsDeps & {
  readonly hearingOf: (session: ChainSession, params: FollowParams) => Promise<Hearing>
}
type RunParams = FollowParams & {
  readonly book: OutcomeBook
  readonly hasTime: () => boolean
  readonly signal: AbortSignal
}

async function run(deps: RunDeps, params: RunParams): Promise<Followed> {
  const { settings, book, signal } = params
  const { requestMs = 2_500 } = deps
  const providers = await connectProviders({ ...deps, requestMs }, { chain: settings.chain, book, signal })
  // A second time, because blocks near the head are replaced and some nodes have a block before they have its logs.
  try {
    return await once(deps, { ...params, providers })
  } catch (error) {
    const mayPass = isHomeostatError(error) && (error.code === 'reorged' || error.code === 'logs-disagree')
    if (!mayPass || signal.aborted) throw error
    await pause(requestMs / 5, undefined, { signal })
    return await once(deps, { ...params, providers })
  }
}

async function once(deps: RunDeps, params: RunParams & { readonly providers: readonly Provider[] }): Promise<Followed> {
  const { settings, cursor, book, at } = params
  const { chain } = settings
  const session = await sessionAtLeast(deps, params)
  const head = session.block
  if (cursor === undefined) {
    return followed(newCursor(head, { at, rangeBlocks: firstRange }), { isNew: true, book })
  }
  if (!hasNews(cursor, head)) return followed(cursor, { isNew: false, book })
  const jury: Jury = { chain, book, alive: new Set(session.trusted()) }
  const hearing = await deps.hearingOf(session, params)
  const pace = {
    reorgDepth: chain.events?.reorgDepth ?? defaultReorgDepth,
    blocksPerRun: deps.blocksPerRun ?? 1_000,
    longestRange,
    hasTime: params.hasTime,
  }
  const step = await advance(jury, { cursor, head, filters: hearing.filters, pace })
  if (step === undefined) return followed(cursor, { isNew: false, book })
  if (!(await session.stillThere())) throw chainFault('reorged', 'The head was replaced while its logs were read.')
  const codes = await codeChanges(jury, { settings, cursor, head, at })
  return heard(params, { step, hearing, head, codes })
}

/** At the newest agreed block; an announced one is waited for, if it can be true. */
async function sessionAtLeast(
  deps: RunDeps,
  { settings, at, atLeast, book, providers }: RunParams & { readonly providers: readonly Provider[] },
): Promise<ChainSession> {
  const until = performance.now() + (deps.announcedMs ?? 1_500)
  for (;;) {
    const session = await openSession({ providers, book }, { chain: settings.chain, at })
    const missing = (atLeast ?? 0) - session.block.number
    if (missing <= 0 || missing > believedAhead || performance.now() > until) return session
    await pause(announcedPauseMs)
  }
}

interface Heard {
  readonly step: Advance
  readonly hearing: Hearing
  readonly head: PinnedBlock
  readonly codes: Awaited<ReturnType<typeof codeChanges>>
}

function heard(params: RunParams, { step, hearing, head, codes }: Heard): Followed {
  const { settings, at, book } = params
  const cursor = params.cursor as ChainCursor
  const understood = step.logs.flatMap((log) => hearing.understand(log, log.timestamp ?? at) ?? [])
  const { number: tip, hash } = step.blocks.at(-1) ?? head
  const { events: said, ticks } = farEnough(understood, {
    // What was handed on of blocks that are gone was taken back: a price that comes again on their successors is news again.
    ticks: step.orphaned.length > 0 ? {} : cursor.ticks,
    least: settings.chain.events?.poolMoveBps ?? defaultPoolMoveBps,
  })
  const events = [...said, ...(codes?.events ?? [])]
  const touched = touchedBy(events, { orphaned: step.orphaned, tip, hash, settings, isTooDeep: step.isTooDeep })
  const kept = events.filter(({ severity }) => severity !== 'info')
  const gone = new Set(step.orphaned.map(({ hash }) => hash))
  const before = cursor.events.filter((event) => event.at > at - daySeconds && !gone.has(event.blockHash))
  const next: ChainCursor = {
    ...cursor,
    at,
    blocks: step.blocks.map((block) => withPortfolios(block, events)),
    rangeBlocks: step.rangeBlocks,
    lagBlocks: head.number - tip,
    ticks,
    ...(codes === undefined ? {} : { codes: codes.codes }),
    events: [...before, ...kept].slice(-keptEvents),
  }
  const counts = { heard: events.length, orphaned: step.orphaned.length }
  return followed(next, { isNew: true, book, touched, events: kept, ...counts })
}

/** Without the prices that are still near where they were last handed on: in a busy pool they change with every block. */
function farEnough(
  understood: readonly Understood[],
  params: { readonly ticks: Readonly<Record<string, number>>; readonly least: number },
): { readonly events: readonly ChainEvent[]; readonly ticks: Readonly<Record<string, number>> } {
  const ticks = { ...params.ticks }
  const events = understood.flatMap(({ event, tick }) => {
    if (tick === undefined) return [event]
    const before = ticks[tick.of]
    if (before !== undefined && Math.abs(tick.value - before) < params.least) return []
    ticks[tick.of] = tick.value
    return [event]
  })
  return { events, ticks }
}

function withPortfolios(block: SeenBlock, events: readonly ChainEvent[]): SeenBlock {
  const own = events.filter(({ blockHash }) => blockHash === block.hash).flatMap(({ portfolios }) => portfolios)
  return own.length === 0 ? block : { ...block, portfolios: [...new Set([...block.portfolios, ...own])] }
}

/** Once a portfolio, at the newest block that touched it: whoever reads that block has read what came before. */
function touchedBy(
  events: readonly ChainEvent[],
  params: {
    readonly orphaned: readonly SeenBlock[]
    readonly tip: number
    readonly hash: Hash
    readonly settings: ChainSettings
    readonly isTooDeep: boolean
  },
): readonly Touched[] {
  const { orphaned, tip, hash, settings, isTooDeep } = params
  const found = new Map<string, { at: Pick<Touched, 'block' | 'hash'>; readonly causes: Set<string> }>()
  const touch = (portfolioId: string, at: Pick<Touched, 'block' | 'hash'>, cause: string) => {
    const one = found.get(portfolioId) ?? { at, causes: new Set() }
    if (at.block > one.at.block) one.at = at
    one.causes.add(cause)
    found.set(portfolioId, one)
  }
  for (const { portfolios, block, blockHash, kind } of events)
    for (const id of portfolios) touch(id, { block, hash: blockHash }, kind)
  const unsettled = isTooDeep ? settings.portfolios.map(({ id }) => id) : orphaned.flatMap((block) => block.portfolios)
  for (const id of unsettled) touch(id, { block: tip, hash }, 'reorg')
  return [...found].map(([portfolioId, { at, causes }]) => ({ portfolioId, ...at, causes: [...causes] }))
}

function followed(
  cursor: ChainCursor,
  params: { readonly isNew: boolean; readonly book: OutcomeBook } & Partial<
    Pick<Extract<Followed, { kind: 'followed' }>, 'touched' | 'events' | 'heard' | 'orphaned'>
  >,
): Followed {
  const { isNew, book, touched = [], events = [], heard: count = 0, orphaned = 0 } = params
  return { kind: 'followed', cursor, isNew, touched, events, heard: count, orphaned, providers: book.outcomes() }
}
