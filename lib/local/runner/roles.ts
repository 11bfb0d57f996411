// The template's roles with everything attached to them, ready to be asked what they allow and who may wear them.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { authorise, type Caller } from '../front/authorise.ts'
import type { RequestContext } from '../front/condition.ts'
import { parsePolicy, type Statement } from '../front/policy.ts'
import { commonContext } from '../front/request-action.ts'
import type { Resource, Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'

export interface Role {
  readonly logicalId: string
  readonly name: string
  readonly arn: string
  readonly caller: Caller
  readonly trust: readonly Statement[]
}

const logsOnly = {
  Statement: [
    { Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
  ],
}
/** AWS's own policies by the end of their ARN. Others are refused, for their contents are not in the template. */
const knownManagedPolicies: Readonly<Record<string, object>> = {
  ':aws:policy/service-role/AWSLambdaBasicExecutionRole': logsOnly,
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

function managedPolicy(template: Template, arn: string, roleId: string): readonly Statement[] {
  const known = Object.entries(knownManagedPolicies).find(([end]) => arn.endsWith(end))
  if (known !== undefined) return parsePolicy(known[1], arn)
  const own = template.take('AWS::IAM::ManagedPolicy').find(({ ref }) => ref === arn)
  if (own !== undefined) return parsePolicy(own.properties.PolicyDocument, own.logicalId)
  throw new HomeostatError('managed-policy-unknown', {
    message: `The runner does not know what ${arn} allows (${roleId}).`,
    retry: 'never',
    facts: { arn, role: roleId },
    hint: 'Grant the single actions instead, or teach lib/local/runner/roles.ts the policy.',
  })
}

function openRole(template: Template, attached: readonly Resource[], role: Resource): Role {
  const inline = listOf(role.properties.Policies) as readonly {
    readonly PolicyDocument: unknown
    readonly PolicyName: string
  }[]
  const managed = listOf(role.properties.ManagedPolicyArns).map(String)
  const identityPolicies = [
    ...inline.flatMap(({ PolicyDocument, PolicyName }) =>
      parsePolicy(PolicyDocument, `${role.logicalId}.${PolicyName}`),
    ),
    ...managed.flatMap((arn) => managedPolicy(template, arn, role.logicalId)),
    ...attached
      .filter(({ properties }) => listOf(properties.Roles).includes(role.ref))
      .flatMap(({ properties, logicalId }) => parsePolicy(properties.PolicyDocument, logicalId)),
  ]
  const arn = role.attributes.Arn ?? ''
  return {
    logicalId: role.logicalId,
    name: role.ref,
    arn,
    caller: { principal: `AWS:${arn}`, identityPolicies },
    trust: parsePolicy(role.properties.AssumeRolePolicyDocument, `${role.logicalId}.AssumeRolePolicyDocument`),
  }
}

/**
 * Every role of the template.
 * @throws HomeostatError `managed-policy-unknown`, `policy-form-unknown`
 */
export function openRoles(template: Template): readonly Role[] {
  const attached = [...template.take('AWS::IAM::Policy'), ...template.take('AWS::IAM::ManagedPolicy')]
  return template.take('AWS::IAM::Role').map((role) => openRole(template, attached, role))
}

/**
 * The role behind an ARN, if the service may assume it.
 * @throws HomeostatError `role-unknown`, `role-not-assumable`
 */
export function assumeRole(
  { place, roles }: { readonly place: Place; readonly roles: readonly Role[] },
  { arn, service, context = {} }: { readonly arn: string; readonly service: string; readonly context?: RequestContext },
): Role {
  const role = roles.find((each) => each.arn === arn)
  if (role === undefined) {
    throw new HomeostatError('role-unknown', {
      message: `The template has no role ${arn}.`,
      retry: 'never',
      facts: { arn },
    })
  }
  const call = { action: 'sts:AssumeRole', resources: [arn], context: { ...commonContext(place, arn), ...context } }
  const service_ = { principal: `Service:${service}`, identityPolicies: [] }
  if (authorise(service_, call, () => ({ role: 'extra', statements: role.trust })).kind === 'allowed') return role
  throw new HomeostatError('role-not-assumable', {
    message: `${service} may not assume ${role.logicalId}.`,
    retry: 'never',
    facts: { arn, service },
    hint: 'Correct the AssumeRolePolicyDocument.',
  })
}

/**
 * Throws unless a role allows an action that the cloud itself would take with it, such as polling a queue or invoking a target.
 * @throws HomeostatError `role-lacks-grant`
 */
export function requireGrant(
  place: Place,
  role: Role,
  { action, resource, why }: { readonly action: string; readonly resource: string; readonly why: string },
): void {
  const call = { action, resources: [resource], context: commonContext(place, role.arn) }
  const verdict = authorise(role.caller, call)
  if (verdict.kind === 'allowed') return
  throw new HomeostatError('role-lacks-grant', {
    message: `${role.logicalId} must allow ${action} on ${resource}, ${why}; but ${verdict.why}.`,
    retry: 'never',
    facts: { role: role.logicalId, action, resource },
    hint: 'Add the grant to the stack.',
  })
}
