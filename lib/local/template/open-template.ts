// Turns a raw template into resources with names, ARNs and resolved properties, after refusing everything that would be silently lost.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { digitsOf, type Identity } from './identify.ts'
import type { Place } from './place.ts'
import type { RawTemplate } from './read-assembly.ts'
import { evaluateCondition, noValue, resolveIntrinsics, type Scope } from './resolve-intrinsics.ts'
import { type ResourceTypeName, resourceTypeOf } from './resource-types.ts'

export interface Resource extends Identity {
  readonly logicalId: string
  readonly type: string
  /** Without intrinsics. */
  readonly properties: Readonly<Record<string, unknown>>
}

export interface Template {
  readonly stackName: string
  readonly resources: readonly Resource[]
  /** Values of the stack's outputs by logical id. */
  readonly outputs: Readonly<Record<string, string>>
  /** The resources of a type; asking counts as wiring them. */
  take(type: ResourceTypeName): readonly Resource[]
  /** Resources of wired types that nobody took. */
  untaken(): readonly Resource[]
  /** The resource that a `Ref` or an ARN names. @throws HomeostatError `template-reference-unknown` */
  named(type: ResourceTypeName, refOrArn: string): Resource
}

function refuse(code: string, message: string, facts: Record<string, string>, hint: string): never {
  throw new HomeostatError(code, { message, retry: 'never', facts, hint })
}

function refuseUnknownTypes(template: RawTemplate): void {
  const unknown = Object.entries(template.Resources).filter(([, { Type }]) => resourceTypeOf(Type) === undefined)
  if (unknown.length === 0) return
  const names = unknown.map(([logicalId, { Type }]) => `${Type} (${logicalId})`).join(', ')
  refuse(
    'template-resource-type-unknown',
    `The runner does not know ${names}.`,
    { types: unknown.map(([, { Type }]) => Type).join(', ') },
    'Wire the type in lib/local/runner, or list it with a reason in lib/local/template/resource-types.ts.',
  )
}

function refuseUnknownProperties(
  logicalId: string,
  typeName: string,
  properties: Readonly<Record<string, unknown>>,
): void {
  const type = resourceTypeOf(typeName)
  if (type?.kind !== 'wired') return
  const unknown = Object.keys(properties).filter(
    (key) => !type.properties.includes(key) && !Object.hasOwn(type.ignored ?? {}, key),
  )
  if (unknown.length === 0) return
  refuse(
    'template-property-unknown',
    `The runner does not know ${unknown.join(', ')} of ${typeName} (${logicalId}).`,
    { type: typeName, properties: unknown.join(', '), logicalId },
    'Honour the property in lib/local/runner, or list it with a reason in lib/local/template/resource-types.ts.',
  )
}

function generatedName(stackName: string, logicalId: string): string {
  const name = `${stackName}-${logicalId}`
  return name.length <= 58 ? name : `${name.slice(0, 49)}-${digitsOf(name, 8)}`
}

/** Names are computed on demand, so that resources may refer to each other in any order. */
function openScope(raw: RawTemplate, stackName: string, place: Place, functionUrl: (logicalId: string) => string) {
  const identities = new Map<string, Identity>()
  const pending = new Set<string>()
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': place.partition,
    'AWS::URLSuffix': place.urlSuffix,
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${stackName}/local`,
    'AWS::NoValue': noValue,
  }

  function identify(logicalId: string, path: string): Identity {
    const known = identities.get(logicalId)
    if (known !== undefined) return known
    const resource = raw.Resources[logicalId]
    const type = resource && resourceTypeOf(resource.Type)
    if (resource === undefined || type === undefined) return refuseReference(logicalId, path)
    if (pending.has(logicalId))
      refuse('template-reference-circular', `${logicalId} is named after itself (at ${path}).`, { logicalId }, '')
    pending.add(logicalId)
    const property = (name: string) => {
      const value = resolveIntrinsics(scope, resource.Properties?.[name], `${logicalId}.${name}`)
      return value === undefined || value === noValue ? '' : String(value)
    }
    const identity = type.identify({
      place,
      logicalId,
      type: resource.Type,
      property,
      physicalName: (name) => property(name) || generatedName(stackName, logicalId),
      functionUrl: () => functionUrl(logicalId),
    })
    pending.delete(logicalId)
    identities.set(logicalId, identity)
    return identity
  }

  function refuseReference(name: string, path: string): never {
    return refuse(
      'template-reference-unknown',
      `Nothing in the template is called ${name} (at ${path}).`,
      { name, path },
      '',
    )
  }

  const scope: Scope = {
    ref(name, path) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name]
      const parameter = raw.Parameters?.[name]
      if (parameter !== undefined) return parameter.Default ?? refuseReference(name, path)
      return identify(name, path).ref
    },
    attribute(logicalId, attribute, path) {
      const value = identify(logicalId, path).attributes[attribute]
      return value ?? refuseReference(`${logicalId}.${attribute}`, path)
    },
    condition(name, path) {
      const condition = raw.Conditions?.[name]
      return condition === undefined
        ? refuseReference(name, path)
        : evaluateCondition(scope, condition, `Conditions.${name}`)
    },
  }
  return { scope, identify }
}

/**
 * Resolves a template for this machine.
 * @param functionUrl address of a function URL by logical id; its server listens already
 * @throws HomeostatError `template-resource-type-unknown`, `template-property-unknown`, `template-intrinsic-unknown`, `template-reference-unknown`
 */
export function openTemplate(
  { stackName, template: raw }: { readonly stackName: string; readonly template: RawTemplate },
  { place, functionUrl }: { readonly place: Place; readonly functionUrl: (logicalId: string) => string },
): Template {
  refuseUnknownTypes(raw)
  const { scope, identify } = openScope(raw, stackName, place, functionUrl)
  const exists = (condition: string | undefined, path: string) =>
    condition === undefined || scope.condition(condition, path)
  const resources = Object.entries(raw.Resources)
    .filter(([logicalId, { Condition }]) => exists(Condition, logicalId))
    .map(([logicalId, { Type, Properties }]): Resource => {
      const properties = resolveIntrinsics(scope, Properties ?? {}, logicalId) as Record<string, unknown>
      refuseUnknownProperties(logicalId, Type, properties)
      return { logicalId, type: Type, properties, ...identify(logicalId, logicalId) }
    })
  const outputs = Object.entries(raw.Outputs ?? {})
    .filter(([name, { Condition }]) => exists(Condition, `Outputs.${name}`))
    .map(([name, { Value }]) => [name, String(resolveIntrinsics(scope, Value, `Outputs.${name}`))] as const)
  const taken = new Set<string>()
  return {
    stackName,
    resources,
    outputs: Object.fromEntries(outputs),
    take(type) {
      taken.add(type)
      return resources.filter((resource) => resource.type === type)
    },
    untaken: () => resources.filter(({ type }) => resourceTypeOf(type)?.kind === 'wired' && !taken.has(type)),
    named(type, name) {
      const plain = type === 'AWS::Lambda::Function' ? name.replace(/(:function:[^:]+):[^:]+$/, '$1') : name
      const found = resources.find(
        (each) => each.type === type && [each.logicalId, each.ref, each.attributes.Arn].includes(plain),
      )
      return found ?? refuse('template-reference-unknown', `No ${type} is called ${name}.`, { type, name }, '')
    },
  }
}
