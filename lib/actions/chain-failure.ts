// What went wrong on the way to a chain, as our error: kind, reason, and not a letter of the URL's secret parts.

import { HomeostatError, isHomeostatError } from '../base/homeostat-error.ts'
import { hostOf } from '../base/redacted.ts'
import { revertReason } from './revert-reason.ts'
import { withoutSecret } from './without-secret.ts'

export interface FailedQuestion {
  readonly what: string
  readonly url: string
  readonly timeoutMilliseconds: number
}

/** viem's errors, as far as they are looked at. Duck-typed: classes may exist twice in a bundle. */
interface Link {
  readonly name?: string
  readonly code?: number
  readonly status?: number
  readonly details?: string
  readonly shortMessage?: string
  readonly message?: string
  readonly raw?: unknown
  readonly data?: unknown
  readonly cause?: unknown
}

/**
 * Translates whatever a viem action threw. The cause is not kept: viem prints URLs and bodies.
 * `reverted` carries the reason as a fact; `malformed-return` is an answer of the wrong shape, often an address without code.
 */
export function chainFailure(error: unknown, question: FailedQuestion): HomeostatError {
  if (isHomeostatError(error)) return error
  const links = chainOfCauses(error)
  const host = hostOf(question.url)
  const failed = (code: string, reason: string, retry: 'later' | 'never', hint: string) =>
    new HomeostatError(code, {
      message: `${host} could not ${question.what}: ${reason}`,
      retry,
      facts: { host, reason },
      hint,
    })
  const named = (name: string) => links.find((link) => link.name === name)

  if (named('TimeoutError') !== undefined)
    return failed('rpc-timeout', `no answer within ${question.timeoutMilliseconds} ms`, 'later', 'It is tried again.')
  if (named('MethodNotFoundRpcError') !== undefined || named('MethodNotSupportedRpcError') !== undefined)
    return failed(
      'rpc-method-missing',
      'the provider does not know the method',
      'never',
      'Use a provider that offers it; eth_simulateV1 is needed for orders.',
    )
  const http = named('HttpRequestError')
  if (http?.status === 429 || named('LimitExceededRpcError') !== undefined)
    return failed('rpc-rate-limited', 'too many requests', 'later', 'It is tried again; consider a larger plan.')
  if (http?.status === 401 || http?.status === 403)
    return failed('rpc-refused', `HTTP ${http.status}`, 'later', 'Check the key in the provider’s URL.')

  const data = revertData(links)
  if (data !== undefined) return failed('reverted', revertReason(data), 'never', 'The reason is the contract’s own.')
  if (links.some((link) => /^AbiDecoding|ZeroDataError$|^InvalidAddress|^PositionOutOfBounds/.test(link.name ?? '')))
    return failed(
      'malformed-return',
      'the answer has another shape than the contract’s',
      'never',
      'Check the address: it may hold no contract, or another one.',
    )
  const said = withoutSecret(
    links.map((link) => link.details ?? '').findLast((text) => text !== '') ?? '',
    question.url,
  )
  if (links.some((link) => link.code === 3) || /\brevert/i.test(said))
    return failed('reverted', said === '' ? 'without a reason' : said, 'never', 'The reason is the contract’s own.')
  const last = links.at(-1)
  const reason = said || withoutSecret(last?.shortMessage ?? last?.name ?? 'unknown', question.url)
  return failed('rpc-failed', reason.slice(0, 300), 'later', 'It is tried again; look at the provider’s status page.')
}

function chainOfCauses(error: unknown): readonly Link[] {
  const links: Link[] = []
  for (let at = error; typeof at === 'object' && at !== null && links.length < 10; at = (at as Link).cause) {
    links.push(at as Link)
  }
  return links
}

function revertData(links: readonly Link[]): `0x${string}` | undefined {
  for (const { raw, data } of links) {
    const inner = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : undefined
    for (const candidate of [raw, data, inner]) {
      if (typeof candidate === 'string' && /^0x([0-9a-f]{2})+$/i.test(candidate)) return candidate as `0x${string}`
    }
  }
  return undefined
}
