// Follows the logs of one chain from where the last run stopped: over reorgs, in ranges that providers take, each event once.

import type { ChainCursor, SeenBlock } from '../../model/chain-cursor.ts'
import type { PinnedBlock } from '../../model/identity.ts'
import { agreedHeaders, agreedLogs, type Jury } from './agree-on-logs.ts'
import { chainFault } from './chain-fault.ts'
import type { ChainLog, LogFilter } from './log-query.ts'

/** How a chain is followed. */
export interface Pace {
  /** Blocks of the chain within which a replaced one is noticed. */
  readonly reorgDepth: number
  /** Blocks that one run reads at most. */
  readonly blocksPerRun: number
  /** Blocks that one request spans at most. */
  readonly longestRange: number
  /** False once a run has no time for another range. */
  readonly hasTime: () => boolean
}

/** A log with the time of its block, where the block is young enough for its header to have been read. */
export interface PinnedLog extends ChainLog {
  readonly timestamp: number | undefined
}

export interface Advance {
  /** What of the cursor's blocks is still part of the chain, then those that are new. Their `portfolios` are for the caller to fill. */
  readonly blocks: readonly SeenBlock[]
  readonly orphaned: readonly SeenBlock[]
  /** The chain was replaced further back than is remembered. */
  readonly isTooDeep: boolean
  /** New ones, in the order of the chain. */
  readonly logs: readonly PinnedLog[]
  readonly rangeBlocks: number
}

/** Where a chain that was never followed begins: at its head, with nothing heard. */
export function newCursor(
  head: PinnedBlock,
  params: { readonly at: number; readonly rangeBlocks: number },
): ChainCursor {
  const { chainId, number, hash } = head
  const blocks = [{ number, hash, logs: [], portfolios: [] }]
  return { chainId, version: 0, lagBlocks: 0, ticks: {}, events: [], blocks, ...params }
}

/** False: the head is where the last run ended, or providers are behind what was read before. */
export function hasNews({ blocks }: ChainCursor, head: PinnedBlock): boolean {
  const tip = blocks.at(-1)
  return tip !== undefined && head.number >= tip.number && head.hash !== tip.hash
}

/**
 * Reads on from a cursor up to the agreed head. Undefined: nothing is new, or providers are behind what was read before.
 * @throws HomeostatError if k providers do not agree; nothing has been passed over then
 */
export async function advance(
  jury: Jury,
  params: {
    readonly cursor: ChainCursor
    readonly head: PinnedBlock
    readonly filters: readonly LogFilter[]
    readonly pace: Pace
  },
): Promise<Advance | undefined> {
  const { cursor, head, filters, pace } = params
  if (!hasNews(cursor, head)) return undefined
  const kept = await stillInChain(jury, cursor.blocks, head)
  const orphaned = cursor.blocks.slice(kept.length)
  const start = kept.at(-1)?.number ?? (cursor.blocks[0]?.number ?? head.number) - 1
  const last = Math.min(head.number, start + pace.blocksPerRun)
  let { rangeBlocks } = cursor
  let done = start
  const blocks: SeenBlock[] = [...kept]
  const logs: PinnedLog[] = []
  while (done < last && (done === start || pace.hasTime())) {
    const to = Math.min(last, done + rangeBlocks)
    const read = await readRange(jury, { from: done + 1, to, head, filters, pace })
    logs.push(...read.logs)
    blocks.push(...read.blocks)
    rangeBlocks = nextRange({ asked: to - done, taken: read.span, rangeBlocks, longestRange: pace.longestRange })
    done = to
  }
  const known = new Set(kept.flatMap(({ hash, logs: own }) => own.map((index) => `${hash}:${index}`)))
  return {
    blocks: remembered(blocks, pace.reorgDepth),
    orphaned,
    isTooDeep: kept.length === 0,
    logs: logs.filter(({ blockHash, index }) => !known.has(`${blockHash}:${index}`)),
    rangeBlocks,
  }
}

/**
 * As long as providers take it, twice as long if they took all of it. A short range at the head proves nothing of a long one: a backlog that began
 * with a range of hundreds, of a provider that takes ten blocks at once, would be cut into pieces until the run ends, and the same again next time.
 */
export function nextRange(params: {
  readonly asked: number
  readonly taken: number
  readonly rangeBlocks: number
  readonly longestRange: number
}): number {
  const { asked, taken, rangeBlocks, longestRange } = params
  if (taken < asked) return taken
  return asked < rangeBlocks ? rangeBlocks : Math.min(longestRange, rangeBlocks * 2)
}

/** How many are asked about at once: most reorgs are one or two blocks deep. */
const lookedBack = 8

/** The blocks up to the newest one that the chain still has under its number. */
async function stillInChain(
  jury: Jury,
  blocks: readonly SeenBlock[],
  head: PinnedBlock,
): Promise<readonly SeenBlock[]> {
  const inReach = blocks.filter(({ number }) => number <= head.number)
  for (let end = inReach.length, count = 1; end > 0; end -= count, count = lookedBack) {
    const some = inReach.slice(Math.max(0, end - count), end)
    const now = await agreedHeaders(
      jury,
      some.map(({ number }) => number),
    )
    if (now.includes(undefined)) throw chainFault('reorged', 'Providers do not agree on which blocks were replaced.')
    const newest = some.findLastIndex(({ hash }, index) => now[index]?.hash === hash)
    if (newest !== -1) return blocks.slice(0, end - some.length + newest + 1)
  }
  return []
}

interface Range {
  readonly from: number
  readonly to: number
  readonly head: PinnedBlock
  readonly filters: readonly LogFilter[]
  readonly pace: Pace
}

/** The logs of a range, each held against the header of its block; blocks that can no longer be replaced are spared that. */
async function readRange(jury: Jury, { from, to, head, filters, pace }: Range) {
  const { logs, span } = await agreedLogs(jury, { from, to, filters })
  const young = (number: number) => number > head.number - pace.reorgDepth && number !== head.number
  const numbers = [...new Set([...logs.map(({ block }) => block), to])].sort((a, b) => a - b)
  const asked = numbers.filter((number) => young(number) || (number === to && number !== head.number))
  const headers = await (asked.length === 0 ? [] : agreedHeaders(jury, asked))
  const pinned = new Map([...headers.flatMap((one) => one ?? []), head].map((one) => [one.number, one]))
  for (const { block, blockHash } of logs) {
    const expected = pinned.get(block)?.hash
    if (expected !== undefined ? expected !== blockHash : young(block))
      throw chainFault('reorged', `The logs of block ${block} are not of the block that the providers have now.`)
  }
  const blocks = numbers.flatMap((number): readonly SeenBlock[] => {
    const own = logs.filter(({ block }) => block === number)
    const hash = pinned.get(number)?.hash ?? own[0]?.blockHash
    return hash === undefined ? [] : [{ number, hash, logs: own.map(({ index }) => index), portfolios: [] }]
  })
  if (blocks.at(-1)?.number !== to)
    throw chainFault('reorged', `No ${jury.chain.quorum} providers agree on block ${to}.`)
  return { blocks, span, logs: logs.map((log) => ({ ...log, timestamp: pinned.get(log.block)?.timestamp })) }
}

/** Those within the depth, and one before them: the place to go on from if all of them are replaced. */
function remembered(blocks: readonly SeenBlock[], depth: number): readonly SeenBlock[] {
  const oldest = (blocks.at(-1)?.number ?? 0) - depth
  const first = blocks.findIndex(({ number }) => number >= oldest)
  return blocks.slice(Math.max(0, first - 1))
}
