// The one door to all stand-ins: every SDK call of every function passes here and is held against its caller's role.

import { createServer, type IncomingMessage } from 'node:http'
import { isHomeostatError } from '../../base/homeostat-error.ts'
import { listenOnLoopback } from '../stand-ins/listen-on-loopback.ts'
import { authorise, type Call, type Caller, type ResourcePolicy } from './authorise.ts'
import type { Directory } from './named-call.ts'
import { accessDenied, unknownKey } from './refusal-answer.ts'
import { type AwsRequest, type AwsResponse, credentialScopeOf } from './request.ts'
import { requestAction } from './request-action.ts'

/** A caller that the front knows by its access key. */
export type Holder =
  | { readonly kind: 'operator' }
  | { readonly kind: 'role'; readonly name: string; readonly roleArn: string; readonly caller: Caller }

export interface Refusal {
  /** Name of the function, or the access key id that is not known. */
  readonly by: string
  readonly action: string
  readonly resource: string
  readonly why: string
  /** Milliseconds since 1970. */
  readonly atMs: number
}

/** What lies behind the front. It is set once the template is wired; until then every call is turned away. */
export interface Backstage {
  readonly directory: Directory
  holderOf(accessKeyId: string): Holder | undefined
  policyOf(resource: string): ResourcePolicy | undefined
  /** By the service name of the credential scope. */
  readonly standIns: Readonly<Record<string, (request: AwsRequest) => Promise<AwsResponse> | AwsResponse>>
}

export interface Front {
  readonly port: number
  readonly endpointUrl: string
  open(backstage: Backstage): void
  refusals(): readonly Refusal[]
  stop(): Promise<void>
}

const keptRefusals = 1_000

async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
  const scope = credentialScopeOf(headers.authorization)
  return {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers,
    body: Buffer.concat(chunks),
    accessKeyId: scope.accessKeyId,
    service: scope.service,
  }
}

/** Queue URLs as the emulator writes them name a host that does not resolve; ours name the front. */
function withOwnQueueUrls(answer: AwsResponse, endpointUrl: string): AwsResponse {
  const body = answer.body.toString('utf8')
  if (!body.includes('QueueUrl')) return answer
  return { ...answer, body: body.replace(/http:\/\/sqs\.[\w.-]+(?::\d+)?(?=\/\d{12}\/)/g, endpointUrl) }
}

/** Starts listening; calls are answered once `open` was called. */
export async function startFront({ onRefusal }: { readonly onRefusal: (refusal: Refusal) => void }): Promise<Front> {
  const refusals: Refusal[] = []
  let backstage: Backstage | undefined
  let endpointUrl = ''

  function record(by: string, call: Pick<Call, 'action'>, resource: string, why: string): void {
    const refusal = { by, action: call.action, resource, why, atMs: Date.now() }
    refusals.push(refusal)
    if (refusals.length > keptRefusals) refusals.shift()
    onRefusal(refusal)
  }

  /** The refusal of a call, or undefined if its holder may make it. */
  function judge({ directory, policyOf }: Backstage, holder: Holder, request: AwsRequest): AwsResponse | undefined {
    if (holder.kind === 'operator') return undefined
    try {
      const call = requestAction(directory, request, holder.roleArn)
      const verdict = authorise(holder.caller, call, policyOf)
      if (verdict.kind === 'allowed') return undefined
      record(holder.name, call, verdict.resource, verdict.why)
      const session = holder.roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')
      const who = `User: ${session}/${holder.name}`
      return accessDenied(
        request,
        `${who} is not authorized to perform: ${call.action} on resource: ${verdict.resource} because ${verdict.why}`,
      )
    } catch (error) {
      if (!isHomeostatError(error)) throw error
      const operation = request.headers['x-amz-target'] ?? `${request.method} ${request.url}`
      record(holder.name, { action: `${request.service}:${operation}` }, '', error.message)
      return accessDenied(request, `The local front cannot judge this call: ${error.message}`)
    }
  }

  async function answer(request: AwsRequest): Promise<AwsResponse> {
    if (backstage === undefined) return { status: 503, headers: {}, body: 'The house is not open yet.' }
    const holder = request.accessKeyId === undefined ? undefined : backstage.holderOf(request.accessKeyId)
    if (holder === undefined) {
      record(request.accessKeyId ?? '(unsigned)', { action: `${request.service}:?` }, '', 'the access key is not known')
      return unknownKey(request)
    }
    const refusal = judge(backstage, holder, request)
    if (refusal !== undefined) return refusal
    const standIn = backstage.standIns[request.service]
    if (standIn === undefined)
      return accessDenied(request, `Nothing here stands in for ${request.service || 'this service'}.`)
    const given = await standIn(request)
    return request.service === 'sqs' ? withOwnQueueUrls(given, endpointUrl) : given
  }

  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then(answer)
      .catch(
        (error: unknown): AwsResponse => ({ status: 500, headers: {}, body: `The front failed: ${String(error)}` }),
      )
      .then(({ status, headers, body }) => {
        outgoing.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
        outgoing.end(body)
      })
  })
  // Long polls of 20 s and idle keep-alive connections of SDK clients must not be cut in between.
  server.keepAliveTimeout = 120_000
  const { port, stop } = await listenOnLoopback(server)
  endpointUrl = `http://127.0.0.1:${port}`
  return {
    port,
    endpointUrl,
    open(opened) {
      backstage = opened
    },
    refusals: () => [...refusals],
    stop,
  }
}
