// The door for function URLs: turns payload 2.0 into a plain request, checks its size first, and never lets an error out.

import { Buffer } from 'node:buffer'
import { type HttpRequest, type HttpResponse, maxBodyBytes, refusalResponse } from '../../flows/http.ts'
import { errorFacts, jsonLog } from '../log.ts'

/** The part of a function URL's event that we read. */
export interface UrlEvent {
  readonly rawPath: string
  readonly rawQueryString?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
  readonly requestContext: { readonly http: { readonly method: string; readonly sourceIp?: string } }
}

export interface UrlResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body: string
}

/** @param limits.maxBodyBytes of the decoded body; a longer one is refused before it is decoded */
export function onHttp(
  answer: (request: HttpRequest) => Promise<HttpResponse>,
  limits: { readonly maxBodyBytes: number } = { maxBodyBytes },
): (event: UrlEvent) => Promise<UrlResponse> {
  return async (event) => {
    const { method } = event.requestContext.http
    try {
      const response = tooLong(event, limits.maxBodyBytes) ?? (await answer(requestOf(event)))
      jsonLog.line('http', { method, path: withoutKey(event.rawPath), status: response.status })
      const { status, headers, cookies, body } = response
      return { statusCode: status, headers, body, ...(cookies === undefined ? {} : { cookies }) }
    } catch (error) {
      jsonLog.line('http.failed', { method, path: withoutKey(event.rawPath), ...errorFacts(error) })
      const { status, headers, body } = refusalResponse({
        status: 503,
        code: 'unavailable',
        message: 'Something failed on our side; nothing was changed.',
        hint: 'Try again in a minute. The log of this door says what failed.',
      })
      return { statusCode: status, headers, body }
    }
  }
}

/** Base64 is a third longer than what it holds. */
function tooLong(event: UrlEvent, most: number): HttpResponse | undefined {
  if ((event.body?.length ?? 0) <= most * 1.4) return undefined
  return refusalResponse({
    status: 413,
    code: 'body-too-long',
    message: `The body is longer than ${most} bytes.`,
    hint: 'A signature needs about 200 bytes.',
  })
}

function requestOf(event: UrlEvent): HttpRequest {
  const { method, sourceIp } = event.requestContext.http
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  )
  const cookieHeader = event.cookies ?? (headers.cookie === undefined ? [] : headers.cookie.split(';'))
  return {
    method: method.toUpperCase(),
    path: event.rawPath === '' ? '/' : event.rawPath,
    query: Object.fromEntries(new URLSearchParams(event.rawQueryString ?? '')),
    headers,
    cookies: Object.fromEntries(cookieHeader.flatMap(cookiePair)),
    body:
      event.isBase64Encoded === true ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? ''),
    sourceIp: sourceIp ?? '',
  }
}

function cookiePair(text: string): readonly (readonly [string, string])[] {
  const at = text.indexOf('=')
  return at < 1 ? [] : [[text.slice(0, at).trim(), text.slice(at + 1).trim()]]
}

/** Links carry a key in their last segment; logs do not. */
function withoutKey(path: string): string {
  return path.replace(/[0-9a-f]{16,}/gi, '[key]')
}
