// A series of the wider world from a public source: asked again where that may help, bounded in size and time, and read as any file is.

import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { MacroKind, MacroSeries } from '../../model/macro.ts'
import { boundedText } from '../bounded-body.ts'
import type { MacroSource } from './define-macro-source.ts'
import { type MacroCsv, readMacroCsv } from './macro-csv.ts'

/** The world as a fetch needs it. */
export interface MacroFetchDeps {
  /** Unix seconds. */
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
  /** From 0 up to 1. */
  readonly chance: () => number
}

export interface MacroRequest {
  readonly source: MacroSource
  /** As we call it. */
  readonly series: string
  /** As the source calls it. */
  readonly id: string
  readonly kind: MacroKind
  readonly from: UnixSeconds
  readonly to: UnixSeconds
  /** In place of the source's own. */
  readonly baseUrl?: string
  readonly limits?: Partial<MacroFetchLimits>
}

export interface MacroFetchLimits {
  /** Of one request, milliseconds. */
  readonly requestMs: number
  readonly attempts: number
  /** A source that asks for more patience is left alone, seconds. */
  readonly longestWait: number
  readonly bytes: number
}

export interface FetchedMacro {
  /** Closes from `from` to `to` that were known when it was asked. */
  readonly macro: MacroSeries
  /** Rows that were not believed, in sentences. */
  readonly notes: readonly string[]
}

export type MacroFaultCode =
  | 'macro-unreachable'
  | 'macro-timeout'
  | 'macro-http-status'
  | 'macro-refused'
  | 'macro-limited'
  | 'macro-malformed'
  | 'macro-too-large'
  | 'macro-url'
  | 'macro-id'

const defaultLimits: MacroFetchLimits = { requestMs: 15_000, attempts: 3, longestWait: 60, bytes: 10_000_000 }
const firstBackoffMs = 500

/**
 * One series, whole: a request that fails gives nothing.
 * @throws HomeostatError with a code of MacroFaultCode
 */
export async function fetchMacroSeries(deps: MacroFetchDeps, request: MacroRequest): Promise<FetchedMacro> {
  const { source, series, id, kind, from, to } = request
  if (!source.idPattern.test(id))
    throw macroFault('macro-id', `${id.slice(0, 60)} is no id of ${source.name}: they look like ${source.exampleId}.`)
  const url = `${checkedUrl(request.baseUrl ?? source.baseUrl)}${source.pathOf({ id, from, to })}`
  const limits = { ...defaultLimits, ...request.limits }
  const until = Math.min(to, deps.now())
  const csv = await askPatiently(deps, { source, id, url, limits })
  const [only, ...others] = csv.series
  if (only === undefined || others.length > 0)
    throw macroFault('macro-malformed', `${source.name} answered with ${csv.series.length} series for ${id}.`)
  const observations = only.observations.filter(({ at }) => at >= from && at <= until)
  const { count, first } = csv.refused
  const notes =
    count === 0 ? [] : [`${count} rows of ${source.name} for ${series} were refused (${first.slice(0, 3).join('; ')}).`]
  return { macro: { series, kind, observations }, notes }
}

interface Asked {
  readonly source: MacroSource
  readonly id: string
  readonly url: string
  readonly limits: MacroFetchLimits
}

async function askPatiently(deps: MacroFetchDeps, asked: Asked): Promise<MacroCsv> {
  const { attempts, longestWait } = asked.limits
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(deps, asked)
    } catch (error) {
      const later = isHomeostatError(error) && error.retry === 'later'
      const told = isHomeostatError(error) ? error.facts.retryAfterSeconds : undefined
      const waitMs =
        typeof told === 'number' ? told * 1_000 : firstBackoffMs * 2 ** (attempt - 1) * (0.5 + deps.chance())
      if (!later || attempt >= attempts || waitMs > longestWait * 1_000) throw error
      await deps.pause(waitMs)
    }
  }
}

async function askOnce(deps: MacroFetchDeps, { source, id, url, limits }: Asked): Promise<MacroCsv> {
  const { name } = source
  const timeout = AbortSignal.timeout(limits.requestMs)
  let response: Response
  let text: string | undefined
  try {
    response = await fetch(url, {
      headers: { accept: 'text/csv', 'user-agent': 'homeostat' },
      redirect: 'error',
      signal: timeout,
    })
    text = await boundedText(response, limits.bytes)
  } catch {
    throw timeout.aborted
      ? macroFault('macro-timeout', `${name} did not answer within ${limits.requestMs} ms.`)
      : macroFault('macro-unreachable', `The connection to ${name} failed.`)
  }
  if (text === undefined) throw macroFault('macro-too-large', `An answer of ${name} exceeds ${limits.bytes} bytes.`)
  const { status } = response
  if (status === 429) throw limited(deps, source, response)
  if (status >= 500 || status === 408)
    throw macroFault('macro-http-status', `${name} answered with HTTP ${status}.`, { status })
  if (status !== 200) throw macroFault('macro-refused', `${name} refused ${id} with HTTP ${status}.`, { status })
  try {
    return readMacroCsv({ text, close: source.closeOf(id), dates: source.dates })
  } catch (error) {
    const isPage = text.trimStart().startsWith('<')
    const why = isPage ? 'a page' : isHomeostatError(error) ? 'something else' : 'what cannot be read'
    throw macroFault('macro-malformed', `${name} answered with ${why}, not with dated values of ${id}.`)
  }
}

function limited(deps: MacroFetchDeps, { name }: MacroSource, { headers }: Response): HomeostatError {
  const text = headers.get('retry-after')?.trim() ?? ''
  const at = Date.parse(text) / 1_000
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.isFinite(at) ? Math.max(0, at - deps.now()) : undefined
  return macroFault('macro-limited', `${name} has had enough of us (HTTP 429).`, {
    status: 429,
    ...(seconds === undefined ? {} : { retryAfterSeconds: Math.ceil(seconds) }),
  })
}

const hints: Partial<Record<MacroFaultCode, string>> = {
  'macro-id': 'Look up the id at the source; docs/configuration.md names usual ones.',
  'macro-refused': 'Look up the id at the source, and whether it serves this country (HTTP 403 and 451 say no).',
  'macro-limited': 'Wait as long as it says before asking again.',
  'macro-url': 'It must be an https URL, or http on this machine.',
}

function macroFault(
  code: MacroFaultCode,
  message: string,
  facts: Readonly<Record<string, string | number>> = {},
): HomeostatError {
  const isFinal = code === 'macro-refused' || code === 'macro-url' || code === 'macro-id' || code === 'macro-too-large'
  const hint = hints[code] ?? 'Try again later; what is stored already stays in force.'
  return new HomeostatError(code, { message, retry: isFinal ? 'never' : 'later', facts, hint })
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost' || url?.hostname === '[::1]'
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) || url.username !== '')
    throw macroFault('macro-url', 'The URL of the source is not one that may be asked.')
  return `${url.origin}${url.pathname.replace(/\/$/, '')}`
}
