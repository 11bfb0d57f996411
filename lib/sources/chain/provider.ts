// One RPC provider during one run: headers and multicalls, with every oddity turned into a typed fault.

import { createClient, custom } from 'viem'
import { call, getBlock, getChainId } from 'viem/actions'
import { encodeFunctionData, numberToHex, parseAbi } from 'viem/utils'
import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { hostOf, type Redacted, reveal } from '../../base/redacted.ts'
import type { RpcProvider } from '../../model/configuration.ts'
import type { Address, Hash, Hex, PinnedBlock } from '../../model/identity.ts'
import { heldBytes } from './answer-limits.ts'
import { chainFault, faultIn } from './chain-fault.ts'
import { codeHashesCall, codeHashesIn } from './code-hashes.ts'
import { type RawAnswer, revertReason, unread } from './contract-call.ts'
import { decodeAggregate } from './decode-aggregate.ts'
import { type FeeHistory, feeHistoryIn } from './fee-history.ts'
import { type FoundLogs, type LogQuery, readLogs } from './log-query.ts'
import { type RpcRequest, strictRequest } from './strict-rpc.ts'

/** A call as the chain takes it. */
export interface EncodedCall {
  readonly to: Address
  readonly data: Hex
}

/** Every method throws HomeostatError with a code of ChainFaultCode. */
export interface Provider {
  readonly name: string
  chainId(): Promise<number>
  /** The latest header, or the one of a number. */
  header(number?: number): Promise<PinnedBlock>
  /** Answers in the order of the calls; a call that fails is an Unread, a multicall that fails is a fault. */
  multicall(calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]>
  /** The fees of at most so many blocks up to the pinned one. */
  feeHistory(blocks: number, block: PinnedBlock): Promise<FeeHistory>
  /** The newest block that the provider takes for final. */
  finalised(): Promise<PinnedBlock>
  /** The hash of the code at each address. */
  codeHashes(addresses: readonly Address[], block: PinnedBlock): Promise<readonly Hash[]>
  /** What contracts said in a range of blocks. */
  logs(query: LogQuery): Promise<FoundLogs>
  /** Anything else, for who holds its answer against a shape of his own. */
  request(request: RpcRequest): Promise<unknown>
}

const multicallAbi = parseAbi([
  'struct Call3 { address target; bool allowFailure; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3(Call3[] calls) view returns (Result[] returnData)',
  'function getCurrentBlockTimestamp() view returns (uint256 timestamp)',
])
const timestampCall = encodeFunctionData({ abi: multicallAbi, functionName: 'getCurrentBlockTimestamp' })

/** Beyond this many calls the answer is cut into several requests, which go out together. */
const callsPerRequest = 1_000

/** How often in a run the calls of a request are halved to find those that fail: enough for one among 1,000, several times over. */
const mostSearches = 64

/** Where a provider is: `host` may be shown, the URL may not. */
export async function locate(
  deps: { readonly secret: (name: string) => Promise<Redacted> },
  provider: RpcProvider,
): Promise<{ readonly url: string; readonly host: string }> {
  const url = provider.secret === undefined ? provider.url : await secretUrl(deps, provider.secret)
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw chainFault('rpc-url-invalid', `The address of provider ${provider.name} is not an http(s) URL.`)
  }
  return { url, host: hostOf(url) }
}

async function secretUrl(
  deps: { readonly secret: (name: string) => Promise<Redacted> },
  name: string,
): Promise<string> {
  try {
    return reveal(await deps.secret(name)).trim()
  } catch {
    throw chainFault('secret-unavailable', `The secret ${name} with a provider's URL could not be read.`, { name })
  }
}

export function connect(params: {
  readonly name: string
  readonly url: string
  readonly requestMs: number
  readonly signal: AbortSignal
  readonly chainId: number
  readonly multicall3: Address
  /** What it means that a call fails without a word: starved, so that it is asked again (default), or nothing, to who asks strangers what they are. */
  readonly silence?: 'suspicious' | 'ordinary'
}): Provider {
  const held = heldBytes()
  const request = async (args: RpcRequest) => {
    const result = await strictRequest({ ...params, held }, args)
    return args.method === 'eth_getBlockByNumber' ? signsOfHeader(result) : result
  }
  // CCIP reads would let a contract send us to a server of its choice.
  const client = createClient({ transport: custom({ request }, { retryCount: 0 }), cacheTime: 0, ccipRead: false })
  const chainId = () => guarded(() => getChainId(client))

  const header = (number?: number) =>
    guarded(async () => {
      const at = number === undefined ? { blockTag: 'latest' as const } : { blockNumber: BigInt(number) }
      const found = await getBlock(client, at)
      return { chainId: params.chainId, ...pinned(found, number) }
    })

  const finalised = () =>
    guarded(async () => {
      const found = await getBlock(client, { blockTag: 'finalized' })
      return { chainId: params.chainId, ...pinned(found, undefined) }
    })

  const feeHistory = async (blocks: number, block: PinnedBlock) => {
    const asked = [numberToHex(blocks), numberToHex(block.number), []]
    return feeHistoryIn(await request({ method: 'eth_feeHistory', params: asked }), { blocks, block })
  }

  const aggregate = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    const all = [{ to: params.multicall3, data: timestampCall }, ...calls]
    const sub = all.map(({ to, data }) => ({ target: to, allowFailure: true, callData: data }))
    const data = encodeFunctionData({ abi: multicallAbi, functionName: 'aggregate3', args: [sub] })
    const answer = await guarded(() => call(client, { to: params.multicall3, data, blockNumber: BigInt(block.number) }))
    return subAnswers(answer.data, calls.length, block)
  }

  // Behind one URL are many nodes, not all at one height: once is chance, twice is another state.
  // What one call costs in finding out which of many fail is bounded: whoever fails them all must not make us ask once a call.
  let searches = mostSearches

  const aggregateTwice = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    try {
      return await aggregate(calls, block)
    } catch (error) {
      if (!isHomeostatError(error) || error.code !== 'wrong-state') throw error
      return await aggregate(calls, block)
    }
  }

  // A contract that burns all gas makes the whole call fail, or starves those after it: halve until it stands alone.
  const isolating = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    try {
      return await aggregateTwice(calls, block)
    } catch (error) {
      if (!isHomeostatError(error) || !isExecutionFailure(error)) throw error
      if (calls.length === 1) return [unread('reverted', 'the call uses up all gas')]
      searches -= 1
      if (searches < 0) throw chainFault('multicall-failed', 'Too many of its calls fail to find out which do.')
      const middle = Math.ceil(calls.length / 2)
      const halves = [calls.slice(0, middle), calls.slice(middle)]
      return (await Promise.all(halves.map((half) => isolating(half, block)))).flat()
    }
  }

  const multicall = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    const ask = (some: readonly EncodedCall[]) => isolating(some, block)
    if (params.silence === 'ordinary') return (await Promise.all(chunks(calls).map(ask))).flat()
    return (await Promise.all(chunks(calls).map((chunk) => unstarved(ask, chunk, () => searches-- > 0)))).flat()
  }
  const codeHashes = (addresses: readonly Address[], block: PinnedBlock) =>
    guarded(async () => {
      const answer = await call(client, { data: codeHashesCall(addresses), blockNumber: BigInt(block.number) })
      return codeHashesIn(answer.data, addresses.length)
    })
  const logs = (query: LogQuery) => readLogs(request, query)
  return { name: params.name, chainId, header, multicall, feeHistory, finalised, codeHashes, logs, request }
}

/** Calls that fail without a word may have been starved by one before them: they are asked again in halves, down to one. */
async function unstarved(
  ask: (calls: readonly EncodedCall[]) => Promise<readonly RawAnswer[]>,
  calls: readonly EncodedCall[],
  maySearch: () => boolean,
): Promise<readonly RawAnswer[]> {
  const answers = await ask(calls)
  const silent = calls.filter((_, index) => isSilent(answers[index]))
  if (calls.length === 1 || silent.length === 0 || !maySearch()) return answers
  const middle = Math.ceil(silent.length / 2)
  const halves = [silent.slice(0, middle), silent.slice(middle)].filter(({ length }) => length > 0)
  const again = (await Promise.all(halves.map((half) => unstarved(ask, half, maySearch)))).flat()
  const answered = new Map(silent.map((one, index) => [one, again[index]]))
  return calls.map((one, index) => answered.get(one) ?? answers[index] ?? unread('malformed-return', 'no answer'))
}

function isSilent(answer: RawAnswer | undefined): boolean {
  return answer !== undefined && !answer.ok && answer.reason === revertReason('0x')
}

/** The first call asks the chain for the time of the block: only a node that executed at the pinned block answers it rightly. */
function subAnswers(data: Hex | undefined, count: number, block: PinnedBlock): readonly RawAnswer[] {
  if (data === undefined)
    throw chainFault('multicall-failed', 'The multicall returned nothing: is Multicall3 deployed?')
  const decoded = decodeAggregate(data)
  if (decoded === undefined) throw chainFault('rpc-malformed', 'The answer to the multicall does not fit its type.')
  const [sentinel, ...results] = decoded
  if (sentinel === undefined || results.length !== count) {
    throw chainFault('rpc-malformed', 'The multicall has another number of answers than calls.')
  }
  if (!sentinel.success) throw chainFault('multicall-failed', 'The multicall failed as a whole.')
  if (sentinel.returnData !== numberToHex(block.timestamp, { size: 32 })) {
    throw chainFault('wrong-state', `The provider did not answer from block ${block.number}.`, { block: block.number })
  }
  return results.map(({ success, returnData }) =>
    success ? { ok: true, data: returnData } : unread('reverted', revertReason(returnData)),
  )
}

function isExecutionFailure({ code, message }: HomeostatError): boolean {
  return code === 'rpc-error' && /out of gas|outofgas|gas (?:limit|required|exhausted)|revert/i.test(message)
}

function chunks(calls: readonly EncodedCall[]): readonly (readonly EncodedCall[])[] {
  const count = Math.ceil(calls.length / callsPerRequest)
  return Array.from({ length: count }, (_, index) =>
    calls.slice(index * callsPerRequest, (index + 1) * callsPerRequest),
  )
}

/** What we read of a header. viem would take a text of a megabyte apart into as many fields, and copy every transaction. */
function signsOfHeader(result: unknown): unknown {
  if (result === null) return result
  if (typeof result !== 'object' || Array.isArray(result))
    throw chainFault('rpc-malformed', 'A block header is no object.')
  const { number, hash, timestamp, baseFeePerGas } = result as Readonly<Record<string, unknown>>
  return { number, hash, timestamp, baseFeePerGas }
}

const hash32 = /^0x[0-9a-fA-F]{64}$/

interface FoundHeader {
  readonly number: bigint | null
  readonly hash: string | null
  readonly timestamp: bigint | undefined
  readonly baseFeePerGas: bigint | null
}

function pinned(
  { number, hash, timestamp, baseFeePerGas }: FoundHeader,
  wanted: number | undefined,
): Omit<PinnedBlock, 'chainId'> {
  if (typeof number !== 'bigint' || typeof timestamp !== 'bigint' || typeof hash !== 'string' || !hash32.test(hash)) {
    throw chainFault('rpc-malformed', 'A block header lacks its number, hash or time.')
  }
  if (wanted !== undefined && number !== BigInt(wanted)) {
    throw chainFault('rpc-malformed', `The header of another block came for block ${wanted}.`)
  }
  const baseFeeGwei = Number(baseFeePerGas ?? 0n) / 1e9
  return { number: Number(number), hash: hash.toLowerCase() as Hex, timestamp: Number(timestamp), baseFeeGwei }
}

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof Error && error.name === 'BlockNotFoundError') {
      throw chainFault('block-missing', 'The provider does not have the block.')
    }
    throw faultIn(error)
  }
}
