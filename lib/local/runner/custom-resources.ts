// Honours custom resources that tell something: creates each as CloudFormation would, and takes the answer at an address of our own.

import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { listenOnLoopback } from '../stand-ins/listen-on-loopback.ts'
import type { Resource, Template } from '../template/open-template.ts'
import { hasPending, type ToldAttributes, withTold } from '../template/pending-attribute.ts'
import type { Place } from '../template/place.ts'
import type { LambdaFunction } from './lambda-function.ts'

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly functions: readonly LambdaFunction[]
}

/** CloudFormation takes no more. */
const maxAnswerBytes = 4_096

const answerSchema = z.object({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.optional(z.string()),
  PhysicalResourceId: z.string().check(z.minLength(1)),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  Data: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
})
type Answer = z.output<typeof answerSchema>

function refuse(code: string, message: string, { logicalId }: Resource): never {
  throw new HomeostatError(code, {
    message,
    retry: 'never',
    facts: { logicalId },
    hint: 'In the cloud this rolls the deployment back.',
  })
}

/** Listens for one answer. Like the signed address of the cloud, it takes a PUT without a content type only. */
async function answerAddress() {
  const { promise, resolve } = Promise.withResolvers<string>()
  const path = `/${randomUUID()}`
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const isSigned = request.method === 'PUT' && request.url === path && (request.headers['content-type'] ?? '') === ''
    response.writeHead(isSigned ? 200 : 403).end()
    if (isSigned) resolve(Buffer.concat(chunks).toString('utf8'))
  })
  const { port, stop } = await listenOnLoopback(server)
  return { url: `http://127.0.0.1:${port}${path}`, answered: promise, stop }
}

function parseAnswer(text: string, sent: Record<'StackId' | 'RequestId', string>, resource: Resource): Answer {
  const { logicalId } = resource
  if (Buffer.byteLength(text) > maxAnswerBytes)
    refuse('custom-resource-failed', `The answer for ${logicalId} is longer than ${maxAnswerBytes} bytes.`, resource)
  const parsed = z.safeParse(answerSchema, jsonOf(text))
  const isFor = (answer: Answer) =>
    answer.StackId === sent.StackId && answer.RequestId === sent.RequestId && answer.LogicalResourceId === logicalId
  if (!parsed.success || !isFor(parsed.data))
    return refuse('custom-resource-failed', `The answer for ${logicalId} is not one to its request.`, resource)
  return parsed.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function create(
  { place, template, functions }: Deps,
  resource: Resource,
): Promise<Readonly<Record<string, string>>> {
  const { logicalId, type, properties } = resource
  const target = template.named('AWS::Lambda::Function', String(properties.ServiceToken))
  const fn = functions.find((each) => each.logicalId === target.logicalId)
  if (fn === undefined) return refuse('custom-resource-failed', `${logicalId} is served by nobody.`, resource)
  const address = await answerAddress()
  try {
    const sent = {
      StackId: `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${template.stackName}/local`,
      RequestId: randomUUID(),
    }
    const invoked = fn.invoke({
      ...sent,
      RequestType: 'Create',
      ResponseURL: address.url,
      ResourceType: type,
      LogicalResourceId: logicalId,
      ResourceProperties: properties,
    })
    const silent = invoked.then((outcome) => {
      const why = outcome.kind === 'failed' ? `: ${outcome.errorType}: ${outcome.errorMessage}` : ''
      return refuse('custom-resource-silent', `${fn.door} ended without an answer for ${logicalId}${why}.`, resource)
    })
    // An answer counts also if the function ends at the same moment, hence it stands first.
    const answer = parseAnswer(await Promise.race([address.answered, silent]), sent, resource)
    if (answer.Status === 'FAILED')
      refuse(
        'custom-resource-failed',
        `${fn.door} could not make ${logicalId}: ${answer.Reason ?? 'no reason'}`,
        resource,
      )
    return Object.fromEntries(Object.entries(answer.Data ?? {}).map(([name, value]) => [name, String(value)]))
  } finally {
    await address.stop()
  }
}

/**
 * Creates every custom resource that tells something.
 * @returns the stack's outputs with everything that was told filled in
 * @throws HomeostatError `custom-resource-failed` with the function's reason, `custom-resource-silent`, `custom-attribute-missing`,
 * `custom-attribute-too-early` if another resource is built on what is only told later
 */
export async function runCustomResources(deps: Deps): Promise<Readonly<Record<string, string>>> {
  const { template } = deps
  for (const resource of template.resources) {
    if (!hasPending(resource.properties)) continue
    refuse(
      'custom-attribute-too-early',
      `${resource.logicalId} is built on the answer of a custom resource, which the runner knows for outputs only.`,
      resource,
    )
  }
  const told: ToldAttributes = new Map(
    await Promise.all(
      template
        .take('Custom::RelayerAddress')
        .map(async (resource) => [resource.logicalId, await create(deps, resource)] as const),
    ),
  )
  return Object.fromEntries(Object.entries(template.outputs).map(([name, text]) => [name, withTold(text, told)]))
}
