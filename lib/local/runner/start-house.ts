// Runs a synthesized CDK app on this machine: the same template, bundles, roles and limits, on stand-ins for AWS.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { type Backstage, type Front, type Holder, startFront } from '../front/front.ts'
import { startDynalite } from '../stand-ins/dynalite-server.ts'
import { startFauxqs } from '../stand-ins/fauxqs-server.ts'
import { forwarder } from '../stand-ins/forward.ts'
import type { Kms } from '../stand-ins/kms.ts'
import type { SecretsManager } from '../stand-ins/secrets-manager.ts'
import { makeSmsOutbox, type SmsOutbox } from '../stand-ins/sms-outbox.ts'
import { openTemplate, type Template } from '../template/open-template.ts'
import { localPlace, type Place } from '../template/place.ts'
import { type Assembly, readAssembly } from '../template/read-assembly.ts'
import { type AwsCaller, awsCaller } from './aws-call.ts'
import { runCustomResources } from './custom-resources.ts'
import { type FunctionUrl, startFunctionUrl } from './function-url.ts'
import { type House, type HouseOptions, makeHouse, operatorKey } from './house.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { openResourcePolicies, type PolicyOf } from './resource-policies.ts'
import { openRoles, type Role } from './roles.ts'
import { openSchedules, startSchedules } from './schedules.ts'
import { runTriggers, triggerProviders } from './triggers.ts'
import { openFunctions, wireFunctionUrls } from './wire-functions.ts'
import { openKeys, openSecrets } from './wire-keys.ts'
import { startMappings } from './wire-mappings.ts'
import { wireStores } from './wire-stores.ts'
import { partitionKeys } from './wire-tables.ts'

/** Steps to undo in reverse order, also when starting fails half-way. */
interface Undo {
  add(step: () => unknown): void
  run(): Promise<void>
}

function makeUndo(): Undo {
  const steps: (() => unknown)[] = []
  return {
    add: (step) => void steps.push(step),
    async run() {
      const failures: unknown[] = []
      for (const step of steps.splice(0).reverse()) {
        // One that fails must not keep the others from being stopped.
        try {
          await step()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}

interface Ground {
  readonly front: Front
  readonly tables: Awaited<ReturnType<typeof startDynalite>>
  readonly queues: Awaited<ReturnType<typeof startFauxqs>>
  readonly urls: ReadonlyMap<string, FunctionUrl>
}

/** Everything that listens, before anything is named: addresses are part of names. */
async function listen(assembly: Assembly, { onRefusal = () => {} }: HouseOptions, undo: Undo): Promise<Ground> {
  const kept = async <T extends { stop(): unknown }>(starting: Promise<T>): Promise<T> => {
    const started = await starting
    undo.add(() => started.stop())
    return started
  }
  const urlIds = Object.entries(assembly.template.Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Url')
  const [front, tables, queues, ...urls] = await Promise.all([
    kept(startFront({ onRefusal })),
    kept(startDynalite()),
    kept(startFauxqs(localPlace.region)),
    ...urlIds.map(() => kept(startFunctionUrl())),
  ])
  const byId = new Map(
    urlIds.flatMap(([logicalId], index) => (urls[index] === undefined ? [] : [[logicalId, urls[index]]])),
  )
  return { front, tables, queues, urls: byId }
}

interface Cast {
  readonly place: Place
  readonly template: Template
  readonly roles: readonly Role[]
  readonly roleOf: (fn: LambdaFunction) => Role
  readonly policyOf: PolicyOf
  readonly kms: Kms
  readonly secrets: SecretsManager
  readonly texts: SmsOutbox
  readonly functions: readonly LambdaFunction[]
}

/** Reads from the template who is who. Nothing runs yet. */
function openCast(assembly: Assembly, { front, urls }: Ground, options: HouseOptions): Cast {
  const place: Place = { ...localPlace, endpointUrl: front.endpointUrl }
  const template = openTemplate(assembly, { place, functionUrl: (logicalId) => urls.get(logicalId)?.url ?? '' })
  const roles = openRoles(template)
  const functions = openFunctions(
    { place, template, assembly, roles },
    {
      concurrency: options.concurrency ?? 1,
      environmentOverrides: options.environmentOverrides ?? {},
      onLog: options.onLog ?? (() => {}),
      onInvocation: options.onInvocation ?? (() => {}),
    },
  )
  return {
    place,
    template,
    roles,
    functions,
    roleOf(fn) {
      const roleArn = template.named('AWS::Lambda::Function', fn.logicalId).properties.Role
      const role = roles.find(({ arn }) => arn === roleArn)
      if (role !== undefined) return role
      throw new HomeostatError('role-unknown', { message: `${fn.door} has no role.`, retry: 'never' })
    },
    policyOf: openResourcePolicies(template, place),
    kms: openKeys(template, place, options.demoKmsPrivateKey),
    secrets: openSecrets(template, place, options.secrets ?? {}),
    texts: makeSmsOutbox(options.onText),
  }
}

function openBackstage(cast: Cast, { tables, queues }: Ground, undo: Undo): Backstage {
  const { place, template, functions, roleOf, policyOf, kms, secrets, texts } = cast
  const holders = new Map<string, Holder>([[operatorKey, { kind: 'operator' }]])
  for (const fn of functions) {
    const { arn, caller } = roleOf(fn)
    holders.set(fn.accessKeyId, { kind: 'role', name: fn.name, roleArn: arn, caller })
  }
  const [toTables, toQueues] = [forwarder(tables.port), forwarder(queues.port)]
  undo.add(() => toTables.stop())
  undo.add(() => toQueues.stop())
  return {
    directory: { place, partitionKeyOf: partitionKeys(template), keyArnOf: (keyId) => kms.find(keyId)?.arn },
    holderOf: (accessKeyId) => holders.get(accessKeyId),
    policyOf,
    standIns: {
      dynamodb: toTables.forward,
      sqs: toQueues.forward,
      s3: toQueues.forward,
      sns: (request) => texts.answer(request) ?? toQueues.forward(request),
      kms: kms.answer,
      secretsmanager: secrets.answer,
    },
  }
}

function refuseUntaken(template: Template): void {
  const untaken = template.untaken()
  if (untaken.length === 0) return
  const names = untaken.map(({ type, logicalId }) => `${type} (${logicalId})`).join(', ')
  throw new HomeostatError('template-resource-not-wired', {
    message: `The registry promises what the runner did not do: ${names}.`,
    retry: 'never',
    facts: { names },
    hint: 'Wire the type in lib/local/runner.',
  })
}

/** Sets the cast to work: doors, queues, clocks, and last the triggers. */
async function perform(cast: Cast, { urls }: Ground, operator: AwsCaller, options: HouseOptions, undo: Undo) {
  const { place, template, functions, roles, roleOf } = cast
  const { onProblem = () => {}, progress = () => {} } = options
  const providers = triggerProviders(template)
  const functionUrls = wireFunctionUrls(template, functions, urls)
  const schedules = openSchedules({ place, template, roles, functions, operator, onProblem })
  const pollers = startMappings({ place, template, functions, roleOf, operator, onProblem }, options.redeliverySeconds)
  // Together: a poller waits for the batch at hand, and only its function's end may cut that short.
  undo.add(() => Promise.all([...pollers, ...functions].map((each) => each.stop())))
  progress('running custom resources and triggers')
  const outputs = await runCustomResources({ place, template, functions })
  await runTriggers({ place, template, functions, roleOf })
  refuseUntaken(template)
  undo.add(startSchedules(schedules))
  for (const fn of functions) if (!providers.has(fn.logicalId)) fn.warm()
  return { functionUrls, schedules, outputs }
}

async function start(options: HouseOptions, undo: Undo): Promise<House> {
  const { progress = () => {} } = options
  progress('reading the synthesized app')
  const assembly = readAssembly(options.cdkOut, options.stackName)
  const ground = await listen(assembly, options, undo)
  const cast = openCast(assembly, ground, options)
  ground.front.open(openBackstage(cast, ground, undo))
  const operator = awsCaller(cast.place, operatorKey)
  progress('creating tables, queues and topics')
  await wireStores({ ...cast, operator })
  const performed = await perform(cast, ground, operator, options, undo)
  const { front, queues } = ground
  return makeHouse({ ...cast, ...performed, front, queues, stop: () => undo.run() })
}

/**
 * Starts the house that a template describes; whatever the runner would do differently from the cloud without a word is refused.
 * Everything runs in this process and its threads, so that nothing outlives it.
 * @throws HomeostatError with a `template-`, `policy-`, `role-` ... code that names what is not known or not granted
 */
export async function startHouse(options: HouseOptions): Promise<House> {
  const undo = makeUndo()
  try {
    return await start(options, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}
