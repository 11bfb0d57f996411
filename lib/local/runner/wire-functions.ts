// Makes the template's functions: bundle, environment, role, limits; and the doors that lead to them.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import type { Resource, Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'
import type { Assembly } from '../template/read-assembly.ts'
import { corsSchema, type FunctionUrl } from './function-url.ts'
import { type Invocation, type LambdaFunction, type LogLine, makeLambdaFunction } from './lambda-function.ts'
import { assumeRole, type Role } from './roles.ts'

const functionSchema = z.object({
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string(),
  Timeout: z.optional(z.number()),
  MemorySize: z.optional(z.number()),
  Environment: z.optional(z.strictObject({ Variables: z.optional(z.record(z.string(), z.string())) })),
})

export interface FunctionSettings {
  readonly concurrency: number
  /** Replace variables of these names wherever the template sets them; a function that has none gets none. */
  readonly environmentOverrides: Readonly<Record<string, string>>
  readonly onLog: (line: LogLine) => void
  readonly onInvocation: (invocation: Invocation) => void
}

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly assembly: Assembly
  readonly roles: readonly Role[]
}

/** A logical id without the eight digits that CDK appends. */
export function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '')
}

/** What people call a function: `AssessRisk` for `AssessRiskFunction93BC79F6`. */
function doorOf(logicalId: string): string {
  return withoutHash(logicalId).replace(/(?<=.)Function$/, '')
}

/** The access key of a function: it tells the front whose role counts. */
function accessKeyOf(logicalId: string): string {
  return `homeostat-${logicalId}`
}

function refuse(code: string, message: string, logicalId: string): never {
  throw new HomeostatError(code, { message, retry: 'never', facts: { logicalId } })
}

function modulePathOf(directory: string, handler: string, logicalId: string): string {
  const file = handler.slice(0, handler.lastIndexOf('.'))
  const found = ['.mjs', '.js', '.cjs']
    .map((ending) => join(directory, `${file}${ending}`))
    .find((path) => existsSync(path))
  return (
    found ?? refuse('function-code-missing', `${logicalId} names ${handler}, which its asset does not hold.`, logicalId)
  )
}

/** What Lambda's runtime sets, and what points the SDK here. The machine's own AWS configuration is kept out. */
function runtimeEnvironment(place: Place, fn: Resource, memoryMb: number, directory: string): Record<string, string> {
  return {
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ACCESS_KEY_ID: accessKeyOf(fn.logicalId),
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: place.endpointUrl,
    AWS_CONFIG_FILE: join(directory, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'no-aws-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_LAMBDA_FUNCTION_NAME: fn.ref,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    LAMBDA_TASK_ROOT: directory,
    TZ: ':UTC',
  }
}

function variablesOf(
  fn: Resource,
  declared: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
) {
  const reserved = Object.keys(declared).find((name) =>
    /^AWS_(REGION|DEFAULT_REGION|ACCESS_KEY|SECRET_|SESSION_|LAMBDA_)/.test(name),
  )
  if (reserved !== undefined)
    refuse('function-variable-reserved', `${fn.logicalId} sets ${reserved}, which Lambda reserves.`, fn.logicalId)
  return Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, overrides[name] ?? value]))
}

/**
 * The functions of the template; none of their threads runs yet.
 * @throws HomeostatError `function-runtime-unknown`, `function-code-missing`, `function-variable-reserved`, `role-not-assumable`
 */
export function openFunctions(
  { place, template, assembly, roles }: Deps,
  settings: FunctionSettings,
): readonly LambdaFunction[] {
  return template.take('AWS::Lambda::Function').map((fn) => {
    const { logicalId } = fn
    const {
      Code,
      Handler,
      Role: roleArn,
      Runtime,
      Timeout = 3,
      MemorySize = 128,
      Environment,
    } = parse(functionSchema, fn.properties, logicalId)
    if (!Runtime.startsWith('nodejs')) refuse('function-runtime-unknown', `${logicalId} needs ${Runtime}.`, logicalId)
    assumeRole({ place, roles }, { arn: roleArn, service: 'lambda.amazonaws.com' })
    const directory = assembly.assetDirectory(Code.S3Key)
    const declared = variablesOf(fn, Environment?.Variables ?? {}, settings.environmentOverrides)
    return makeLambdaFunction({
      logicalId,
      door: doorOf(logicalId),
      functionName: fn.ref,
      arn: fn.attributes.Arn ?? '',
      accessKeyId: accessKeyOf(logicalId),
      modulePath: modulePathOf(directory, Handler, logicalId),
      exportName: Handler.slice(Handler.lastIndexOf('.') + 1),
      memoryMb: MemorySize,
      timeoutSeconds: Timeout,
      environment: { ...declared, ...runtimeEnvironment(place, fn, MemorySize, directory) },
      concurrency: settings.concurrency,
      onLog: settings.onLog,
      onInvocation: settings.onInvocation,
    })
  })
}

/** Since October 2025 a URL that anybody may call needs both: the URL's own permission, and one to invoke by way of it. */
function requireUrlPermissions(template: Template, fnArn: string, logicalId: string): void {
  const own = template
    .take('AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter(({ FunctionName, Principal }) => {
      const named = template.named('AWS::Lambda::Function', String(FunctionName))
      return named.attributes.Arn === fnArn && Principal === '*'
    })
  const byUrl = own.some(
    ({ Action, FunctionUrlAuthType }) => Action === 'lambda:InvokeFunctionUrl' && FunctionUrlAuthType === 'NONE',
  )
  const byInvoke = own.some(
    ({ Action, InvokedViaFunctionUrl }) =>
      Action === 'lambda:InvokeFunction' && String(InvokedViaFunctionUrl) === 'true',
  )
  if (byUrl && byInvoke) return
  const missing = byUrl ? 'lambda:InvokeFunction by way of the URL' : 'lambda:InvokeFunctionUrl'
  refuse(
    'function-url-not-permitted',
    `Nobody may call ${logicalId}: the permission for ${missing} is missing.`,
    logicalId,
  )
}

const urlSchema = z.object({
  TargetFunctionArn: z.string(),
  AuthType: z.literal('NONE', { error: 'the runner serves URLs with AuthType NONE only' }),
  InvokeMode: z.optional(z.literal('BUFFERED', { error: 'the runner does not stream' })),
  Cors: z.optional(corsSchema),
})

/**
 * Connects each function URL with its function.
 * @returns addresses by the function's logical id and by its door
 * @throws HomeostatError `function-url-not-permitted`
 */
export function wireFunctionUrls(
  template: Template,
  functions: readonly LambdaFunction[],
  urls: ReadonlyMap<string, FunctionUrl>,
): Readonly<Record<string, string>> {
  const addresses: Record<string, string> = {}
  for (const { logicalId, properties } of template.take('AWS::Lambda::Url')) {
    const { TargetFunctionArn, Cors } = parse(urlSchema, properties, logicalId)
    const target = template.named('AWS::Lambda::Function', TargetFunctionArn)
    const fn = functions.find((each) => each.logicalId === target.logicalId)
    const url = urls.get(logicalId)
    if (fn === undefined || url === undefined)
      return refuse('function-url-unknown', `${logicalId} leads nowhere.`, logicalId)
    requireUrlPermissions(template, fn.arn, logicalId)
    url.serve(fn, Cors)
    addresses[fn.logicalId] = url.url
    addresses[fn.door] = url.url
  }
  return addresses
}
