// JSON-RPC over HTTP that believes nothing: viem's own transport accepts other requests' answers, waits 40 s and prints URLs.

import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { boundedText } from '../bounded-body.ts'
import { type Held, hasTooManyValues, maxBytesOf } from './answer-limits.ts'
import { chainFault } from './chain-fault.ts'

export interface StrictRpcParams {
  readonly url: string
  readonly requestMs: number
  /** Ends all requests of a run. */
  readonly signal: AbortSignal
  /** Shared by all requests to one provider. */
  readonly held: Held
}

export interface RpcRequest {
  readonly method: string
  readonly params?: unknown
}

/** An error says why in a line, not in a book: a longer one is read no further. */
const maxErrorBytes = 100_000
/** Of an error's words, before they are cleaned. */
const maxSaid = 2_000
/** Before the repetition, as a part of the timeout: 100 ms of 2.5 s. */
const pauseShare = 1 / 25

const envelope = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.number(), z.string(), z.null()]),
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ code: z.number(), message: z.string() })),
})

/**
 * One request with one repetition of what may pass: a lost connection, a page of HTML, a node that lags behind its balancer.
 * @throws HomeostatError with a code of ChainFaultCode
 */
export async function strictRequest(params: StrictRpcParams, request: RpcRequest): Promise<unknown> {
  try {
    return await once(params, request)
  } catch (error) {
    if (params.signal.aborted || !isHomeostatError(error) || !mayPass(error)) throw error
    await pause(params.requestMs * pauseShare, params.signal)
    return await once(params, request)
  }
}

/** The basic credentials of a URL as a header: `fetch` refuses them in the URL itself. */
function target(url: string): { readonly url: string; readonly headers: Record<string, string> } {
  const parsed = new URL(url)
  const { username, password } = parsed
  parsed.username = ''
  parsed.password = ''
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (username !== '' || password !== '') {
    headers.authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`
  }
  return { url: parsed.href, headers }
}

let lastId = 0

/** What is held of its body is released when its result is there. */
async function once(params: StrictRpcParams, request: RpcRequest): Promise<unknown> {
  let bytes = 0
  const take = (more: number) => {
    bytes += more
    return params.held.take(more)
  }
  try {
    return resultOf(await answerTo({ ...params, take }, request))
  } finally {
    params.held.release(bytes)
  }
}

async function answerTo(
  { url, requestMs, signal, take }: StrictRpcParams & { readonly take: (bytes: number) => boolean },
  { method, params }: RpcRequest,
): Promise<Answered> {
  lastId += 1
  const id = lastId
  const timeout = AbortSignal.timeout(requestMs)
  const { url: address, headers } = target(url)
  let status: number
  let body: string
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params: params ?? [] }),
      redirect: 'error',
      signal: AbortSignal.any([timeout, signal]),
    })
    status = response.status
    const text = await boundedText(response, maxBytesOf(method), take)
    if (text === undefined) throw tooLarge(method, 'bytes')
    body = text
  } catch (error) {
    if (isHomeostatError(error)) throw error
    if (signal.aborted)
      throw chainFault('deadline-exceeded', `The run ended before ${method} was answered.`, { method })
    if (timeout.aborted) throw chainFault('rpc-timeout', `No answer to ${method} within ${requestMs} ms.`, { method })
    throw chainFault('rpc-unreachable', `The connection failed during ${method}.`, { method })
  }
  return { id, method, status, body, url }
}

function tooLarge(method: string, what: 'bytes' | 'values' | 'words of an error'): HomeostatError {
  return chainFault('rpc-too-large', `The answer to ${method} has more ${what} than are read.`, { method })
}

interface Answered {
  readonly id: number
  readonly method: string
  readonly status: number
  readonly body: string
  readonly url: string
}

function resultOf({ id, method, status, body, url }: Answered): unknown {
  if (hasTooManyValues(body)) throw tooLarge(method, 'values')
  const answer = z.safeParse(envelope, parsedJson(body))
  const isOk = status >= 200 && status < 300
  if (!answer.success) {
    if (!isOk) throw chainFault('rpc-http-status', `The provider answered ${method} with HTTP ${status}.`, { status })
    throw chainFault('rpc-malformed', `The answer to ${method} is not JSON-RPC (${sortOf(body)}).`, { method })
  }
  const { id: answeredId, error, result } = answer.data
  if (error !== undefined) {
    const { code } = error
    if (body.length > maxErrorBytes) throw tooLarge(method, 'words of an error')
    const said = scrubbed(error.message, url)
    throw chainFault('rpc-error', `The provider refused ${method}: ${said} (${code}).`, { method, rpcCode: code, said })
  }
  if (!isOk) throw chainFault('rpc-http-status', `The provider answered ${method} with HTTP ${status}.`, { status })
  if (answeredId !== id)
    throw chainFault('rpc-wrong-id', `The answer to ${method} belongs to another request.`, { method })
  if (result === undefined) throw chainFault('rpc-malformed', `The answer to ${method} has no result.`, { method })
  return result
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function sortOf(body: string): string {
  const start = body.trimStart()
  if (start === '') return 'empty'
  if (start.startsWith('<')) return 'a page'
  return start.startsWith('{') || start.startsWith('[') ? 'broken or foreign JSON' : 'text'
}

/** A provider may echo the URL that it was called with, and its key. */
function scrubbed(message: string, url: string): string {
  const { pathname, search, username, password } = new URL(url)
  const secrets = `${pathname}/${search}/${username}/${password}`.split(/[/?&=]/).filter((part) => part.length >= 6)
  // Cut first, and at a gap, so that no half of a key is left: what follows takes a time that grows with the square of the length.
  const said = message.length > maxSaid ? message.slice(0, maxSaid).replace(/\S+$/, '') : message
  const withoutUrls = said.replace(/[a-z]+:\/\/\S+/gi, '[url]')
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), withoutUrls).slice(0, 160)
}

const lagging = /header not found|unknown block|block.{0,40}not found|missing trie node/i

function mayPass(error: HomeostatError): boolean {
  if (error.code === 'rpc-error') return lagging.test(error.message) || error.facts.rpcCode === -32005
  return error.code !== 'rpc-too-large'
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
