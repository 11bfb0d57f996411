// JSON-RPC over HTTPS to Deribit that believes nothing: bounded, without redirects, and held against our clock and the network that is meant.

import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { type Redacted, reveal } from '../../base/redacted.ts'
import * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { boundedText } from '../bounded-body.ts'
import { venueFault } from './venue-fault.ts'

export interface DeribitConnection {
  /** Scheme and host. */
  readonly url: string
  /** True if the test network is meant, where money is not real. */
  readonly isTest: boolean
  readonly requestMs: number
  readonly signal: AbortSignal
  /** Our clock. */
  readonly at: UnixSeconds
}

export interface DeribitRequest<Schema extends z.ZodMiniType> {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** Of the result. */
  readonly result: Schema
  readonly token?: Redacted
  /** What must not come back in an error's text. */
  readonly secrets?: readonly Redacted[]
}

export interface DeribitAnswer<T> {
  readonly value: T
  /** By the venue's clock. */
  readonly at: UnixSeconds
}

const maxBodyBytes = 8_000_000
const maxSkewSeconds = 30
const microseconds = 1e6

const envelope = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.optional(z.number()),
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ code: z.number(), message: z.string() })),
  usIn: z.number().check(z.gt(0)),
  usOut: z.number().check(z.gt(0)),
  testnet: z.boolean(),
})

/**
 * One request, repeated once where another try may help.
 * @throws HomeostatError with a code of VenueFaultCode
 */
export async function askDeribit<Schema extends z.ZodMiniType>(
  connection: DeribitConnection,
  request: DeribitRequest<Schema>,
): Promise<DeribitAnswer<z.output<Schema>>> {
  try {
    return await once(connection, request)
  } catch (error) {
    if (connection.signal.aborted || !isHomeostatError(error) || !mayPass(error)) throw error
    return await once(connection, request)
  }
}

function mayPass({ code, facts }: HomeostatError): boolean {
  if (code === 'venue-http-status') return Number(facts.status) >= 500
  return code === 'venue-unreachable' || code === 'venue-wrong-id'
}

let lastId = 0

async function once<Schema extends z.ZodMiniType>(
  connection: DeribitConnection,
  request: DeribitRequest<Schema>,
): Promise<DeribitAnswer<z.output<Schema>>> {
  lastId += 1
  const id = lastId
  const { status, type, body } = await post(connection, request, id)
  const { method } = request
  const answer = z.safeParse(envelope, parsedJson(body))
  const isOk = status >= 200 && status < 300
  if (!answer.success || !/^application\/json\b/i.test(type)) {
    if (!isOk)
      throw venueFault('venue-http-status', `It answered ${method} with HTTP ${status}.`, { facts: { status } })
    throw venueFault(
      'venue-malformed',
      `Its answer to ${method} is not JSON-RPC with times (${type.slice(0, 40) || 'no content type'}).`,
    )
  }
  const { id: answered, error, result, usIn, usOut, testnet } = answer.data
  if (testnet !== connection.isTest) {
    const [is, meant] = testnet ? ['test', 'real'] : ['real', 'test']
    throw venueFault('venue-wrong-network', `Its ${is} network answered ${method}, the ${meant} one is meant.`)
  }
  const at = usOut / microseconds
  checkClock({ method, at, usIn, usOut, ours: connection.at })
  if (error !== undefined) throw refusedBy(error, request)
  if (!isOk) throw venueFault('venue-http-status', `It answered ${method} with HTTP ${status}.`, { facts: { status } })
  if (answered !== id) throw venueFault('venue-wrong-id', `Its answer to ${method} belongs to another request.`)
  const value = z.safeParse(request.result, result)
  if (value.success) return { value: value.data, at }
  const field = value.error.issues[0]?.path.join('.') ?? ''
  throw venueFault(
    'venue-malformed',
    `Its answer to ${method} is not of the documented form${field === '' ? '' : ` (${field})`}.`,
  )
}

interface Clock {
  readonly method: string
  readonly at: UnixSeconds
  readonly usIn: number
  readonly usOut: number
  readonly ours: UnixSeconds
}

/** An answer from a cache, or from a machine whose clock is wrong, is no answer of this moment. */
function checkClock({ method, at, usIn, usOut, ours }: Clock): void {
  const skew = at - ours
  if (usOut < usIn) throw venueFault('venue-clock-skew', `Its answer to ${method} left before the question came.`)
  if (Math.abs(skew) <= maxSkewSeconds) return
  const words = `${Math.round(Math.abs(skew))} s ${skew < 0 ? 'behind' : 'ahead of'} ours`
  throw venueFault('venue-clock-skew', `Its clock is ${words} in its answer to ${method}.`, {
    hint: 'Compare the clock of this machine; else the answer came from a cache.',
  })
}

function refusedBy(
  { code, message }: { readonly code: number; readonly message: string },
  { method, secrets = [], token }: Pick<DeribitRequest<z.ZodMiniType>, 'method' | 'secrets' | 'token'>,
): HomeostatError {
  const hidden = [...secrets, ...(token === undefined ? [] : [token])].map(reveal).filter((secret) => secret !== '')
  const said = hidden.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), message).slice(0, 120)
  return venueFault('venue-error', `It refused ${method}: ${said} (${code}).`, { facts: { venueCode: code } })
}

async function post(
  { url, requestMs, signal }: DeribitConnection,
  { method, params, token }: DeribitRequest<z.ZodMiniType>,
  id: number,
): Promise<{ readonly status: number; readonly type: string; readonly body: string }> {
  const timeout = AbortSignal.timeout(requestMs)
  try {
    const response = await fetch(`${url}/api/v2/${method}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${reveal(token)}` }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      redirect: 'error',
      signal: AbortSignal.any([timeout, signal]),
    })
    const body = await boundedText(response, maxBodyBytes)
    if (body === undefined)
      throw venueFault('venue-too-large', `Its answer to ${method} exceeds ${maxBodyBytes} bytes.`)
    return { status: response.status, type: response.headers.get('content-type') ?? '', body }
  } catch (error) {
    if (isHomeostatError(error)) throw error
    if (signal.aborted) throw venueFault('deadline-exceeded', `The reading ended before ${method} was answered.`)
    if (timeout.aborted) throw venueFault('venue-timeout', `No answer to ${method} within ${requestMs} ms.`)
    throw venueFault('venue-unreachable', `The connection failed during ${method}.`)
  }
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
