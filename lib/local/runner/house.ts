// What a running house offers: addresses, names, ways to poke it, and what happened inside.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Front, Refusal } from '../front/front.ts'
import type { QueueDepth, QueueServer } from '../stand-ins/fauxqs-server.ts'
import type { Kms } from '../stand-ins/kms.ts'
import type { SmsOutbox, TextMessage } from '../stand-ins/sms-outbox.ts'
import type { Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'
import type { Invocation, LambdaFunction, LogLine } from './lambda-function.ts'
import type { Role } from './roles.ts'
import type { Schedule } from './schedules.ts'
import { withoutHash } from './wire-functions.ts'

export interface HouseOptions {
  /** Directory that `synthesize` filled. */
  readonly cdkOut: string
  /** May be left out when the app has one stack. */
  readonly stackName?: string
  /** Told what is being done, in a few words. */
  readonly progress?: (what: string) => void
  readonly onLog?: (line: LogLine) => void
  readonly onInvocation?: (invocation: Invocation) => void
  readonly onRefusal?: (refusal: Refusal) => void
  readonly onText?: (text: TextMessage) => void
  /** What the runner itself could not do, such as polling a queue. */
  readonly onProblem?: (error: unknown) => void
  /** Private key of the template's first secp256k1 key; random if left out. */
  readonly demoKmsPrivateKey?: `0x${string}`
  /** Values by name, or by logical id for secrets of the template. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Replace variables of these names in the functions that declare them. */
  readonly environmentOverrides?: Readonly<Record<string, string>>
  /** Execution environments per function, 1 unless told otherwise. */
  readonly concurrency?: number
  /** Shortens the wait before a failed message comes back; left out, the queue's visibility timeout passes as in the cloud. */
  readonly redeliverySeconds?: number
}

interface Credentials {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface House {
  /** The front's address: `AWS_ENDPOINT_URL` of everything. */
  readonly endpointUrl: string
  /** By the function's logical id, and by what people call it: `Console`. */
  readonly functionUrls: Readonly<Record<string, string>>
  /** Of the stack, with what its custom resources told. */
  readonly outputs: Readonly<Record<string, string>>
  readonly template: Template
  /** What `Ref` gives for the resource whose logical id begins so. @throws HomeostatError `name-unknown`, `name-ambiguous` */
  resourceName(logicalIdPrefix: string): string
  /** The function's answer. @throws HomeostatError `name-unknown`, `name-ambiguous`, `function-failed` */
  invoke(functionLogicalIdPrefix: string, event: unknown): Promise<unknown>
  /** Fires one schedule, or all enabled ones of every minute, and waits for their targets. */
  fireSchedules(logicalIdPrefix?: string): Promise<void>
  refusals(): readonly Refusal[]
  smsOutbox(): readonly TextMessage[]
  /** By logical id, without CDK's hash. */
  queueDepths(): Promise<Readonly<Record<string, QueueDepth>>>
  /** Settings of an SDK client that may do all. */
  credentials(): Credentials
  /** Settings of an SDK client that may do what the function may. */
  credentialsOf(functionLogicalIdPrefix: string): Credentials
  roleOf(functionLogicalIdPrefix: string): { readonly name: string; readonly arn: string }
  /** Address of a secp256k1 key by logical id prefix. */
  signerAddress(logicalIdPrefix: string): `0x${string}`
  /** Latest lines of a function. */
  logOf(functionLogicalIdPrefix: string): readonly LogLine[]
  stop(): Promise<void>
}

/** May do all; the runner and the CLI use it. */
export const operatorKey = 'homeostat-operator'

/** The one thing whose logical id is, or begins with, `prefix`. */
function pick<T extends { readonly logicalId: string }>(things: readonly T[], prefix: string): T {
  const exact = things.find(({ logicalId }) => logicalId === prefix || withoutHash(logicalId) === prefix)
  const found = exact === undefined ? things.filter(({ logicalId }) => logicalId.startsWith(prefix)) : [exact]
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const names = (found.length === 0 ? things : found).map(({ logicalId }) => logicalId).join(', ')
  throw new HomeostatError(found.length === 0 ? 'name-unknown' : 'name-ambiguous', {
    message: `${found.length === 0 ? 'Nothing is' : 'Several are'} called ${prefix}: ${names}.`,
    retry: 'never',
    facts: { prefix },
  })
}

export interface HouseParts {
  readonly place: Place
  readonly template: Template
  readonly front: Front
  readonly queues: QueueServer
  readonly kms: Kms
  readonly texts: SmsOutbox
  readonly functions: readonly LambdaFunction[]
  readonly functionUrls: Readonly<Record<string, string>>
  readonly schedules: readonly Schedule[]
  readonly outputs: Readonly<Record<string, string>>
  readonly roleOf: (fn: LambdaFunction) => Role
  readonly stop: () => Promise<void>
}

async function invoke(fn: LambdaFunction, event: unknown): Promise<unknown> {
  const outcome = await fn.invoke(event)
  if (outcome.kind === 'done') return outcome.payload
  throw new HomeostatError('function-failed', {
    message: `${fn.door} failed: ${outcome.errorType}: ${outcome.errorMessage}`,
    retry: 'later',
    facts: { door: fn.door, errorType: outcome.errorType },
  })
}

/** The house as its users see it. */
export function makeHouse(parts: HouseParts): House {
  const { place, template, front, queues, kms, texts, functions, schedules, roleOf } = parts
  const credentialsFor = (accessKeyId: string): Credentials => ({
    endpoint: place.endpointUrl,
    region: place.region,
    credentials: { accessKeyId, secretAccessKey: 'local' },
  })
  return {
    endpointUrl: place.endpointUrl,
    functionUrls: parts.functionUrls,
    outputs: parts.outputs,
    template,
    resourceName: (prefix) => pick(template.resources, prefix).ref,
    invoke: (prefix, event) => invoke(pick(functions, prefix), event),
    async fireSchedules(prefix) {
      const chosen =
        prefix === undefined
          ? schedules.filter(({ isEnabled, everySeconds }) => isEnabled && everySeconds <= 60)
          : [pick(schedules, prefix)]
      await Promise.all(chosen.map((schedule) => schedule.fire()))
    },
    refusals: () => front.refusals(),
    smsOutbox: () => texts.messages(),
    async queueDepths() {
      const byName = await queues.depths()
      const own = template.resources.filter(({ type }) => type === 'AWS::SQS::Queue')
      const none: QueueDepth = { ready: 0, inFlight: 0, delayed: 0 }
      return Object.fromEntries(
        own.map(({ logicalId, attributes }) => [withoutHash(logicalId), byName[attributes.QueueName ?? ''] ?? none]),
      )
    },
    credentials: () => credentialsFor(operatorKey),
    credentialsOf: (prefix) => credentialsFor(pick(functions, prefix).accessKeyId),
    roleOf(prefix) {
      const { name, arn } = roleOf(pick(functions, prefix))
      return { name, arn }
    },
    signerAddress(prefix) {
      const { ref } = pick(
        template.resources.filter(({ type }) => type === 'AWS::KMS::Key'),
        prefix,
      )
      const material = kms.find(ref)?.material
      if (material?.kind === 'sign') return material.address
      throw new HomeostatError('kms-key-not-signing', {
        message: `${prefix} does not sign.`,
        retry: 'never',
        facts: { prefix },
      })
    },
    logOf: (prefix) => pick(functions, prefix).log(),
    stop: parts.stop,
  }
}
