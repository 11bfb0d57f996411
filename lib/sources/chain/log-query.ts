// Logs of a range of blocks from one provider: strictly read, and asked for in smaller pieces where the provider refuses a large one.

import { numberToHex } from 'viem/utils'
import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import type { Address, Hash, Hex } from '../../model/identity.ts'
import { chainFault } from './chain-fault.ts'
import type { RpcRequest } from './strict-rpc.ts'

/** A place in the topics: any of these, or anything at all. */
export type TopicChoice = readonly Hash[] | null

export interface LogFilter {
  readonly addresses: readonly Address[]
  /** The first are the hashes of the events' signatures. */
  readonly topics: readonly TopicChoice[]
}

export interface LogQuery {
  readonly from: number
  readonly to: number
  readonly filter: LogFilter
}

/** Addresses, hashes and data in lower case. */
export interface ChainLog {
  readonly block: number
  readonly blockHash: Hash
  readonly transactionHash: Hash
  /** Within the block. */
  readonly index: number
  readonly address: Address
  readonly topics: readonly Hash[]
  readonly data: Hex
}

export interface FoundLogs {
  readonly logs: readonly ChainLog[]
  /** The longest range that the provider took; shorter than asked if it had refused. */
  readonly span: number
}

const word = (pattern: RegExp) => z.string().check(z.regex(pattern))
const hash = word(/^0x[0-9a-fA-F]{64}$/)
const quantity = word(/^0x[0-9a-fA-F]{1,12}$/)
const logSchema = z.object({
  address: word(/^0x[0-9a-fA-F]{40}$/),
  topics: z.array(hash).check(z.maxLength(4)),
  data: word(/^0x(?:[0-9a-fA-F]{2})*$/),
  blockNumber: quantity,
  blockHash: hash,
  transactionHash: hash,
  logIndex: quantity,
  removed: z.optional(z.boolean()),
})
const answerSchema = z.array(logSchema)

/** One filter may name this many contracts; more are asked for apart. Providers take from 100 to 5,000. */
const addressesPerRequest = 100

/**
 * All logs that a filter lets through. A refused range is halved, down to one block, and then the contracts are.
 * @throws HomeostatError with a code of ChainFaultCode
 */
export async function readLogs(
  request: (args: RpcRequest) => Promise<unknown>,
  { from, to, filter }: LogQuery,
): Promise<FoundLogs> {
  const chunks = Array.from({ length: Math.ceil(filter.addresses.length / addressesPerRequest) }, (_, index) =>
    filter.addresses.slice(index * addressesPerRequest, (index + 1) * addressesPerRequest),
  )
  const found = await Promise.all(
    chunks.map((addresses) => inPieces(request, { from, to, filter: { ...filter, addresses } })),
  )
  return { logs: found.flatMap(({ logs }) => logs), span: Math.min(to - from + 1, ...found.map(({ span }) => span)) }
}

async function inPieces(request: (args: RpcRequest) => Promise<unknown>, query: LogQuery): Promise<FoundLogs> {
  try {
    return { logs: await once(request, query), span: query.to - query.from + 1 }
  } catch (error) {
    const pieces = isHomeostatError(error) && isTooMuch(error) ? halvesOf(query) : undefined
    if (pieces === undefined) throw error
    // One after the other: a provider that refuses for its load is not asked for two at once.
    const [first, second] = pieces
    const found = [await inPieces(request, first), await inPieces(request, second)]
    return { logs: found.flatMap(({ logs }) => logs), span: Math.min(...found.map(({ span }) => span)) }
  }
}

function halvesOf({ from, to, filter }: LogQuery): readonly [LogQuery, LogQuery] | undefined {
  if (from < to) {
    const middle = Math.floor((from + to) / 2)
    return [
      { from, to: middle, filter },
      { from: middle + 1, to, filter },
    ]
  }
  const { addresses } = filter
  if (addresses.length < 2) return undefined
  const half = Math.ceil(addresses.length / 2)
  return [
    { from, to, filter: { ...filter, addresses: addresses.slice(0, half) } },
    { from, to, filter: { ...filter, addresses: addresses.slice(half) } },
  ]
}

/** How providers say that it was too much: by a code (EIP-1474 limit exceeded) or in words, each in its own. */
const tooMuch =
  /returned more than|more than \d+ (?:results|logs)|block range|range.{0,40}(?:limit|exceed|too|large|wide)|limited to|response size|size exceeded|too many (?:results|logs)|exceed.{0,30}(?:limit|maximum|range)|query timeout|timed? ?out/i

/** Not the range but the caller is too much, with the same code at some: pieces would only make it worse. */
const tooOften =
  /rate.?limit|too many requests|requests? (?:count|per)|per (?:second|minute|day)|quota|credits|capacity/i

function isTooMuch({ code, facts }: HomeostatError): boolean {
  if (code === 'rpc-too-large') return true
  if (tooOften.test(String(facts.said))) return false
  return code === 'rpc-error' && (facts.rpcCode === -32_005 || tooMuch.test(String(facts.said)))
}

async function once(
  request: (args: RpcRequest) => Promise<unknown>,
  { from, to, filter }: LogQuery,
): Promise<readonly ChainLog[]> {
  const { addresses, topics } = filter
  const range = { fromBlock: numberToHex(from), toBlock: numberToHex(to) }
  const answer = z.safeParse(
    answerSchema,
    await request({ method: 'eth_getLogs', params: [{ ...range, address: addresses, topics }] }),
  )
  if (!answer.success) throw malformed('it does not have the form of a list of logs')
  const logs = answer.data.map(logOf)
  const known = new Set(addresses)
  for (const { block, address, topics: own } of logs) {
    if (block < from || block > to) throw malformed(`it holds block ${block}, asked for were ${from} to ${to}`)
    if (!known.has(address)) throw malformed('it holds a contract that was not asked for')
    if (!isLetThrough(own, topics)) throw malformed('it holds an event that was not asked for')
  }
  if (answer.data.some(({ removed }) => removed === true)) throw malformed('it holds logs of a block that was replaced')
  const ids = new Set(logs.map(({ blockHash, index }) => `${blockHash}:${index}`))
  if (ids.size !== logs.length) throw malformed('it holds a log twice')
  const hashes = new Map(logs.map(({ block, blockHash }) => [block, blockHash]))
  if (logs.some(({ block, blockHash }) => hashes.get(block) !== blockHash)) throw malformed('a block has two hashes')
  return logs
}

function logOf(raw: z.output<typeof logSchema>): ChainLog {
  return {
    block: Number(raw.blockNumber),
    blockHash: raw.blockHash.toLowerCase() as Hash,
    transactionHash: raw.transactionHash.toLowerCase() as Hash,
    index: Number(raw.logIndex),
    address: raw.address.toLowerCase() as Address,
    topics: raw.topics.map((topic) => topic.toLowerCase() as Hash),
    data: raw.data.toLowerCase() as Hex,
  }
}

/** Whether topics are among those that a filter asks for, place by place. */
export function isLetThrough(topics: readonly Hash[], choices: readonly TopicChoice[]): boolean {
  return choices.every((choice, place) => {
    const topic = topics[place]
    return choice === null || (topic !== undefined && choice.includes(topic))
  })
}

function malformed(why: string): HomeostatError {
  return chainFault('rpc-malformed', `The logs cannot be believed: ${why}.`)
}
