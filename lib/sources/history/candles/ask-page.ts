// One page of candles over HTTP: repeated where that may help, never faster than the source allows, and never larger than a bound.

import { isHomeostatError } from '../../../base/homeostat-error.ts'
import { boundedText } from '../../bounded-body.ts'
import { candleFault, quotedReason } from './candle-fault.ts'
import type { CandlePage, CandleSource, RawCandle } from './define-candle-source.ts'

/** The world as a fetch needs it. */
export interface FetchDeps {
  /** Unix seconds, with fractions. */
  readonly now: () => number
  /** Ends early, without an error, when the signal does. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** From 0 up to 1. */
  readonly chance: () => number
}

export interface FetchLimits {
  /** Of one request, milliseconds. */
  readonly requestMs: number
  /** Of all pages together, repetitions included. */
  readonly requests: number
  /** Tries of one page. */
  readonly attempts: number
  /** A source that asks for more patience than this is left alone, seconds. */
  readonly longestWait: number
}

/** What a fetch has spent, and what it learned of the source's clock. */
export interface FetchLedger {
  requests: number
  /** The source's clock less ours, seconds, as its last answer told. */
  skewSeconds: number | undefined
  /** Part of the source's own budget that is used up, as its last answer told. */
  used: number | undefined
}

const maxBodyBytes = 2_000_000
const firstBackoffMs = 500
/** Beyond this part of the source's own budget we wait for its next minute. */
const budgetShare = 0.8

/**
 * The rows of one page.
 * @throws HomeostatError with a code of CandleFaultCode
 */
export async function askPage(
  deps: FetchDeps,
  params: {
    readonly source: CandleSource
    readonly baseUrl: string
    readonly page: CandlePage
    readonly limits: FetchLimits
    readonly ledger: FetchLedger
  },
): Promise<readonly RawCandle[]> {
  const { source, limits, ledger } = params
  for (let attempt = 1; ; attempt++) {
    if (ledger.requests >= limits.requests)
      throw candleFault('candles-budget', `${limits.requests} requests were made, and there is more to ask.`, {
        requests: limits.requests,
      })
    if (ledger.requests > 0) await deps.pause(source.pauseMs)
    if (ledger.used !== undefined && ledger.used > budgetShare) await deps.pause(1_000 * (60 - (deps.now() % 60)))
    ledger.requests += 1
    const outcome = await once(deps, params)
    if (outcome.kind === 'rows') {
      ledger.used = outcome.used
      return outcome.rows
    }
    const waitMs = outcome.waitMs ?? firstBackoffMs * 2 ** (attempt - 1) * (0.5 + deps.chance())
    if (!outcome.mayPass || attempt >= limits.attempts || waitMs > limits.longestWait * 1_000) throw outcome.error
    await deps.pause(waitMs)
  }
}

type Outcome =
  | { readonly kind: 'rows'; readonly rows: readonly RawCandle[]; readonly used: number | undefined }
  | {
      readonly kind: 'failed'
      readonly error: Error
      readonly mayPass: boolean
      /** As the source asks for. */
      readonly waitMs?: number | undefined
    }

async function once(
  deps: FetchDeps,
  params: {
    readonly source: CandleSource
    readonly baseUrl: string
    readonly page: CandlePage
    readonly limits: FetchLimits
    readonly ledger: FetchLedger
  },
): Promise<Outcome> {
  const { source, baseUrl, page, limits, ledger } = params
  const { name } = source
  const timeout = AbortSignal.timeout(limits.requestMs)
  let status: number
  let headers: Headers
  let body: string
  try {
    const response = await fetch(`${baseUrl}${source.pathOf(page)}`, {
      headers: { accept: 'application/json', 'user-agent': 'homeostat' },
      redirect: 'error',
      signal: timeout,
    })
    status = response.status
    headers = response.headers
    ledger.skewSeconds = skewOf(headers, deps.now())
    const text = await boundedText(response, maxBodyBytes)
    if (text === undefined)
      throw candleFault('candles-too-large', `An answer of ${name} exceeds ${maxBodyBytes} bytes.`)
    body = text
  } catch (error) {
    if (isHomeostatError(error)) return { kind: 'failed', error, mayPass: false }
    const fault = timeout.aborted
      ? candleFault('candles-timeout', `${name} did not answer within ${limits.requestMs} ms.`)
      : candleFault('candles-unreachable', `The connection to ${name} failed.`)
    return { kind: 'failed', error: fault, mayPass: true }
  }
  const json = parsedJson(body)
  if (status !== 200) return refusal(deps, { source, status, headers, json })
  const rows = source.rowsOf(json)
  if (rows !== undefined) return { kind: 'rows', rows, used: source.usedOf?.(headers) }
  const sort =
    json === undefined ? (body.trimStart().startsWith('<') ? 'a page' : 'broken JSON') : 'JSON of another shape'
  return {
    kind: 'failed',
    error: candleFault('candles-malformed', `${name} answered with ${sort}, not with candles.`),
    mayPass: true,
  }
}

function refusal(
  deps: FetchDeps,
  {
    source,
    status,
    headers,
    json,
  }: { readonly source: CandleSource; readonly status: number; readonly headers: Headers; readonly json: unknown },
): Outcome {
  const said = source.reasonOf(json)
  const because = said === undefined ? '' : `: ${quotedReason(said)}`
  if (status === 429 || status === 418) {
    const seconds = retryAfter(headers.get('retry-after'), deps.now())
    const patience = seconds === undefined ? '' : `, and asks to wait ${seconds} s`
    const error = candleFault(
      'candles-limited',
      `${source.name} has had enough of us (HTTP ${status}${patience})${because}.`,
      {
        status,
        ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
      },
    )
    // A ban without a term is left alone: asking on makes it longer.
    return {
      kind: 'failed',
      error,
      mayPass: status === 429 || seconds !== undefined,
      waitMs: seconds === undefined ? undefined : seconds * 1_000,
    }
  }
  if (status >= 500 || status === 408)
    return {
      kind: 'failed',
      error: candleFault('candles-http-status', `${source.name} answered with HTTP ${status}${because}.`, { status }),
      mayPass: true,
    }
  return {
    kind: 'failed',
    error: candleFault('candles-refused', `${source.name} refused with HTTP ${status}${because}.`, { status }),
    mayPass: false,
  }
}

/** Seconds of a `Retry-After`, which may also be a date; undefined if there is none or it is neither. */
function retryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text.trim())) return Number(text)
  const at = Date.parse(text) / 1_000
  return Number.isFinite(at) ? Math.max(0, Math.ceil(at - now)) : undefined
}

/** Their clock less ours; a `Date` header has whole seconds. */
function skewOf(headers: Headers, now: number): number | undefined {
  const at = Date.parse(headers.get('date') ?? '') / 1_000
  return Number.isFinite(at) ? at - Math.floor(now) : undefined
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
