// Plain requests and answers: what a door makes of its event, and what the flows behind function URLs speak.

import type * as z from '../base/schema.ts'
import { parse } from '../base/schema.ts'
import { contentSecurityPolicy } from '../web/page-frame.ts'

export interface HttpRequest {
  /** Upper case. */
  readonly method: string
  /** Begins with a slash, as it was sent: still percent-encoded, without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: Readonly<Record<string, string>>
  /** Decoded text; empty if there was none. */
  readonly body: string
  readonly sourceIp: string
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Whole Set-Cookie values. */
  readonly cookies?: readonly string[]
  readonly body: string
}

/** Why a request was refused; the only form of error that leaves a door. */
export interface HttpRefusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly hint: string
}

export const maxBodyBytes = 16_384

const everywhere = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'strict-transport-security': 'max-age=31536000',
} as const

/** A page made with `nonce`; nothing without it runs. */
export function pageResponse(params: {
  readonly status: number
  readonly body: string
  readonly nonce: string
  readonly connectTo?: string | undefined
}): HttpResponse {
  return {
    status: params.status,
    headers: {
      ...everywhere,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(params.nonce, params.connectTo),
    },
    body: params.body,
  }
}

export function jsonResponse(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: {
      ...everywhere,
      'content-type': 'application/json; charset=utf-8',
      'content-security-policy': `default-src 'none'; frame-ancestors 'none'`,
    },
    body: JSON.stringify(value),
  }
}

/** `{ error: { code, message, hint } }`. */
export function refusalResponse({ status, code, message, hint }: HttpRefusal): HttpResponse {
  return jsonResponse(status, { error: { code, message, hint } })
}

/** A redirect that turns any method into a GET. */
export function redirectResponse(location: string): HttpResponse {
  return { status: 303, headers: { ...everywhere, location }, body: '' }
}

/** The same headers without the body: what HEAD gets. */
export function withoutBody(response: HttpResponse): HttpResponse {
  return { ...response, body: '' }
}

/**
 * The body of a POST as a value of the schema. Type and size are checked before anything is parsed.
 * @returns the value, or why it is refused
 */
export function readJson<S extends z.ZodMiniType>(
  request: HttpRequest,
  schema: S,
): { readonly value: z.output<S>; readonly refusal?: undefined } | { readonly refusal: HttpRefusal } {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    return { refusal: refused(415, 'not-json', 'The body must be JSON.', 'Send content-type: application/json.') }
  }
  if (request.body.length > maxBodyBytes || new TextEncoder().encode(request.body).length > maxBodyBytes) {
    const message = `The body is longer than ${maxBodyBytes} bytes.`
    return { refusal: refused(413, 'body-too-long', message, 'A signature needs about 200 bytes.') }
  }
  try {
    return { value: parse(schema, JSON.parse(request.body), 'request body') }
  } catch (error) {
    const message = error instanceof SyntaxError ? 'The body is not JSON.' : messageOf(error)
    return { refusal: refused(400, 'invalid-body', message, 'Correct the fields that are named.') }
  }
}

/** The segments of a path, decoded; undefined if one of them is not valid text. */
export function segmentsOf(path: string): readonly string[] | undefined {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function refused(status: number, code: string, message: string, hint: string): HttpRefusal {
  return { status, code, message, hint }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The body does not fit.'
}
