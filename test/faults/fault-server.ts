// A provider that misbehaves on order: JSON-RPC over HTTP in front of a scripted chain, one list of faults for each server.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeFunctionResult, encodeFunctionResult, numberToHex, parseAbi } from 'viem/utils'
import type { Hex } from '../../lib/model/identity.ts'
import { key, type RpcCall, type ScriptedChain, startScriptedChain } from '../sources/fixture/scripted-chain.ts'
import type { Fault, TimedFault } from './run-book.ts'

export interface FaultServer {
  /** What stands behind it; contracts are bent there. */
  readonly chain: ScriptedChain
  /** Holds a key in its path and its query. */
  readonly url: string
  /** All that was asked, in order. */
  readonly requests: readonly RpcCall[]
  stop(): Promise<void>
}

const multicallAbi = parseAbi([
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3() view returns (Result[] returnData)',
])

type Envelope = Readonly<Record<string, unknown>>

export async function startFaultServer(params: {
  readonly at: number
  readonly faults: readonly TimedFault[]
}): Promise<FaultServer> {
  const chain = await startScriptedChain(params.at)
  const requests: RpcCall[] = []
  const faults = params.faults.map((timed) => ({ ...timed, met: 0 }))
  const server = createServer((request, response) => {
    // A run that has its k leaves requests behind.
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  /** Faults count the requests of their method; those in force are applied in their order. */
  function inForce(call: RpcCall): readonly Fault[] {
    return faults.flatMap((timed) => {
      if (timed.method !== undefined && timed.method !== call.method) return []
      timed.met += 1
      const { at: first = 1, for: times = Number.POSITIVE_INFINITY } = timed
      return timed.met >= first && timed.met < first + times ? [timed.fault] : []
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    const call = JSON.parse(text) as RpcCall
    requests.push(call)
    const current = inForce(call)
    for (const fault of current) bendChain(chain, fault)
    for (const fault of current) if (refuses(fault, response)) return
    const bent = current.reduce((envelope, fault) => bendAnswer(fault, { call, envelope }), healthyAnswer(chain, call))
    const body = current.reduce(bendBody, JSON.stringify(bent))
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  }

  return {
    chain,
    url: `http://127.0.0.1:${port}/v2/${key}?token=${key}`,
    requests,
    async stop() {
      server.closeAllConnections()
      await Promise.all([new Promise((resolve) => server.close(resolve)), chain.stop()])
    },
  }
}

function healthyAnswer(chain: ScriptedChain, call: RpcCall): Envelope {
  const said = chain.answer(call)
  const { id } = call
  if (said.kind === 'result') return { jsonrpc: '2.0', id, result: said.result }
  if (said.kind === 'error') return { jsonrpc: '2.0', id, error: { code: said.code, message: said.message } }
  throw new Error(`A healthy chain does not answer with ${said.kind}.`)
}

/** Faults of the chain that a provider follows, rather than of an answer. */
function bendChain(chain: ScriptedChain, fault: Fault): void {
  if (fault.kind === 'chain-id') chain.chainId = fault.chainId
  if (fault.kind === 'block') chain.hashes.set(fault.number, fault.hash as Hex)
  if (fault.kind !== 'head') return
  const { number = 1_000, hash = chain.head.hash, secondsAgo } = fault
  const timestamp = secondsAgo === undefined ? chain.head.timestamp : chain.head.timestamp - secondsAgo
  chain.head = { number, hash: hash as Hex, timestamp }
}

/** True if there is no JSON-RPC answer at all. */
function refuses(fault: Fault, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'hang':
      return true
    case 'drop':
      response.destroy()
      return true
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(timer))
      return true
    }
    case 'http':
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.body ?? '')
      return true
    case 'redirect':
      response.writeHead(307, { location: fault.to }).end()
      return true
    default:
      return false
  }
}

function bendAnswer(
  fault: Fault,
  { call, envelope }: { readonly call: RpcCall; readonly envelope: Envelope },
): Envelope {
  const { jsonrpc, id, result } = envelope
  switch (fault.kind) {
    case 'error':
      return { jsonrpc, id, error: { code: fault.code, message: fault.message.replace('KEY', key) } }
    case 'result':
      return { jsonrpc, id, result: fault.value }
    case 'no-result':
      return { jsonrpc, id }
    case 'wrong-id':
      return { ...envelope, id: Number(id) + 1 }
    case 'other-height':
      return call.method === 'eth_call'
        ? { jsonrpc, id, result: ofAnotherTime(result as Hex, fault.seconds) }
        : envelope
    case 'multicall':
      return call.method === 'eth_call' ? { jsonrpc, id, result: bentMulticall(result as Hex, fault.how) } : envelope
    default:
      return envelope
  }
}

function bendBody(body: string, fault: Fault): string {
  if (fault.kind === 'truncated') return body.slice(0, fault.keep)
  if (fault.kind === 'as-batch') return `[${body}]`
  if (fault.kind === 'oversized') return `${body.slice(0, -1)},"padding":"${'x'.repeat(fault.bytes)}"}`
  if (fault.kind !== 'deep') return body
  const lists = `${'['.repeat(fault.levels)}${']'.repeat(fault.levels)}`
  if (fault.where === 'beside') return `${body.slice(0, -1)},"padding":${lists}}`
  const { id } = JSON.parse(body) as Envelope
  return `{"jsonrpc":"2.0","id":${id},"result":${lists}}`
}

type Results = readonly { readonly success: boolean; readonly returnData: Hex }[]

function decoded(data: Hex): Results {
  return decodeFunctionResult({ abi: multicallAbi, functionName: 'aggregate3', data })
}

function encoded(result: Results): Hex {
  return encodeFunctionResult({ abi: multicallAbi, functionName: 'aggregate3', result })
}

/** The first answer is the time of the block; a node at another height has another one. */
function ofAnotherTime(data: Hex, seconds: number): Hex {
  const [clock, ...rest] = decoded(data)
  const time = numberToHex(BigInt(clock?.returnData ?? 0) + BigInt(seconds), { size: 32 })
  return encoded([{ success: true, returnData: time }, ...rest])
}

function bentMulticall(data: Hex, how: Extract<Fault, { readonly kind: 'multicall' }>['how']): Hex {
  const results = decoded(data)
  const [clock, ...rest] = results
  if (clock === undefined) return data
  switch (how) {
    case 'all-failed':
      return encoded(results.map(() => ({ success: false, returnData: '0x' })))
    case 'only-calls-failed':
      return encoded([clock, ...rest.map(() => ({ success: false, returnData: '0x' }) as const)])
    case 'one-less':
      return encoded(results.slice(0, -1))
    case 'one-more':
      return encoded([...results, clock])
    case 'none':
      return encoded([])
    case 'reversed':
      return encoded(results.toReversed())
    case 'rotated':
      return encoded([clock, ...rest.slice(1), ...rest.slice(0, 1)])
    case 'all-zero':
      return encoded([
        clock,
        ...rest.map(({ returnData }) => ({ success: true, returnData: zeros(returnData) }) as const),
      ])
    case 'empty':
      return '0x'
  }
}

function zeros(data: Hex): Hex {
  return `0x${'0'.repeat(data.length - 2)}`
}
