// A function URL: an HTTP server on loopback that speaks payload format 2.0 with its function.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import * as z from '../../base/schema.ts'
import { type ListeningServer, listenOnLoopback } from '../stand-ins/listen-on-loopback.ts'
import type { LambdaFunction } from './lambda-function.ts'

export const corsSchema = z.strictObject({
  AllowOrigins: z.optional(z.array(z.string())),
  AllowMethods: z.optional(z.array(z.string())),
  AllowHeaders: z.optional(z.array(z.string())),
  ExposeHeaders: z.optional(z.array(z.string())),
  AllowCredentials: z.optional(z.boolean()),
  MaxAge: z.optional(z.number()),
})
type Cors = z.output<typeof corsSchema>

export interface FunctionUrl extends ListeningServer {
  /** With the closing slash, as AWS gives it. */
  readonly url: string
  /** Requests before this are answered 503. */
  serve(fn: LambdaFunction, cors: Cors | undefined): void
}

interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer | string
}

const maxBytes = 6 * 1024 * 1024
const plainBody = /^(text\/|application\/(json|xml|javascript)\b|application\/[\w.-]+\+(json|xml)\b)/i

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > maxBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

function eventOf(request: IncomingMessage, body: Buffer): object {
  const [rawPath = '/', ...query] = (request.url ?? '/').split('?')
  const rawQueryString = query.join('?')
  const { cookie, ...others } = request.headers
  const headers = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  )
  const parameters = new URLSearchParams(rawQueryString)
  const names = [...new Set(parameters.keys())]
  const isBase64Encoded = body.length > 0 && !plainBody.test(request.headers['content-type'] ?? '')
  const method = request.method ?? 'GET'
  const now = Date.now()
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: { ...headers, 'x-forwarded-proto': 'http', 'x-forwarded-for': '127.0.0.1' },
    ...(names.length === 0
      ? {}
      : { queryStringParameters: Object.fromEntries(names.map((name) => [name, parameters.getAll(name).join(',')])) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: request.headers.host ?? '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  }
}

const responseSchema = z.object({
  statusCode: z.number(),
  headers: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  cookies: z.optional(z.array(z.string())),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
})

/** A payload without `statusCode` is itself the body of a 200; text as it is, everything else as JSON. */
function answerOf(payload: unknown): HttpAnswer {
  const json = { 'content-type': 'application/json' }
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) {
    return { status: 200, headers: json, body: typeof payload === 'string' ? payload : JSON.stringify(payload) }
  }
  const parsed = z.safeParse(responseSchema, payload)
  if (!parsed.success) return { status: 502, headers: json, body: 'Internal Server Error' }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = parsed.data
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const)
  return {
    status: statusCode,
    headers: { ...json, ...Object.fromEntries(own), ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  }
}

/** Headers that the URL itself adds for an allowed origin; a handler's own are replaced. */
function corsHeaders(cors: Cors, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers
  const allowed = cors.AllowOrigins ?? []
  if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return {}
  const list = (name: string, values: readonly string[] | undefined) =>
    values === undefined ? {} : { [name]: values.join(',') }
  const isPreflight = request.method === 'OPTIONS'
  return {
    'access-control-allow-origin': allowed.includes('*') && cors.AllowCredentials !== true ? '*' : origin,
    vary: 'Origin',
    ...(cors.AllowCredentials === true ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(isPreflight
      ? {
          ...list('access-control-allow-methods', cors.AllowMethods),
          ...list('access-control-allow-headers', cors.AllowHeaders),
          ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
        }
      : list('access-control-expose-headers', cors.ExposeHeaders)),
  }
}

async function answer(fn: LambdaFunction, cors: Cors | undefined, request: IncomingMessage): Promise<HttpAnswer> {
  const added = cors === undefined ? {} : corsHeaders(cors, request)
  if (
    cors !== undefined &&
    request.method === 'OPTIONS' &&
    request.headers['access-control-request-method'] !== undefined
  ) {
    return { status: 200, headers: added, body: '' }
  }
  const body = await readBody(request)
  if (body === undefined) return { status: 413, headers: {}, body: 'Request Entity Too Large' }
  const outcome = await fn.invoke(eventOf(request, body))
  if (outcome.kind === 'failed') return { status: 502, headers: {}, body: 'Internal Server Error' }
  const given = answerOf(outcome.payload)
  return { ...given, headers: { ...given.headers, ...added } }
}

/** Listens at once, so that the address is known while the template is resolved. */
export async function startFunctionUrl(): Promise<FunctionUrl> {
  let target: { readonly fn: LambdaFunction; readonly cors: Cors | undefined } | undefined
  const server = createServer((request, response) => {
    const given: Promise<HttpAnswer> =
      target === undefined
        ? Promise.resolve({ status: 503, headers: { 'retry-after': '1' }, body: 'Service Unavailable' })
        : answer(target.fn, target.cors, request)
    given
      .catch((): HttpAnswer => ({ status: 502, headers: {}, body: 'Internal Server Error' }))
      .then(({ status, headers, body }) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string | string[])
        response.writeHead(status, { 'content-length': Buffer.byteLength(body) })
        response.end(request.method === 'HEAD' ? undefined : body)
      })
  })
  const { port, stop } = await listenOnLoopback(server)
  return {
    port,
    stop,
    url: `http://127.0.0.1:${port}/`,
    serve(fn, cors) {
      target = { fn, cors }
    },
  }
}
