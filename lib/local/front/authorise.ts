// The verdict of IAM on one call, as a pure function: so that a grant that is missing in the template fails here and not in the cloud.

import { conditionHolds, matchesPattern, type RequestContext } from './condition.ts'
import type { Matcher, Statement } from './policy.ts'

export interface Call {
  /** `service:Action`. */
  readonly action: string
  /** Every one of them has to be allowed. ARNs; a text to a phone is authorised on its number. */
  readonly resources: readonly string[]
  readonly context: RequestContext
}

export interface Caller {
  /** Written as in policies: `AWS:arn:aws:iam::...:role/x` or `Service:sns.amazonaws.com`. */
  readonly principal: string
  /** Of the role; a service has none. */
  readonly identityPolicies: readonly Statement[]
}

export interface ResourcePolicy {
  readonly statements: readonly Statement[]
  /** `gate`: identity policies count only where the statements let the account in, as with KMS keys. `extra`: either suffices. */
  readonly role: 'gate' | 'extra'
}

export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly resource: string; readonly why: string }

function matches(
  { kind, patterns }: Matcher,
  text: string,
  compare: (pattern: string, text: string) => boolean,
): boolean {
  return patterns.some((pattern) => compare(pattern, text)) === (kind === 'these')
}

const sameAction = (pattern: string, action: string) => matchesPattern(pattern.toLowerCase(), action.toLowerCase())

function applies(statement: Statement, { action, context }: Call, resource: string): boolean {
  if (!matches(statement.actions, action, sameAction)) return false
  if (statement.resources !== undefined && !matches(statement.resources, resource, matchesPattern)) return false
  return statement.conditions.every((condition) => conditionHolds(condition, context))
}

/** How a resource policy's statement means the caller: by name (or everybody), by way of the account, or not at all. */
function addresses({ principals = [] }: Statement, principal: string): 'caller' | 'account' | 'nobody' {
  if (principals.includes('*') || principals.includes(principal)) return 'caller'
  const account = /^AWS:arn:[^:]+:iam::(\d+):/.exec(principal)?.[1]
  const meansAccount = principals.some(
    (each) => each === `AWS:${account}` || /:iam::(\d+):root$/.exec(each)?.[1] === account,
  )
  return account !== undefined && meansAccount ? 'account' : 'nobody'
}

function judge(caller: Caller, call: Call, resource: string, policy: ResourcePolicy | undefined): string | undefined {
  const identity = caller.identityPolicies.filter((statement) => applies(statement, call, resource))
  if (identity.some(({ effect }) => effect === 'Deny')) return 'an identity-based policy denies it explicitly'
  const addressed = (policy?.statements ?? [])
    .map((statement) => ({ statement, to: addresses(statement, caller.principal) }))
    .filter(({ statement, to }) => to !== 'nobody' && applies(statement, call, resource))
  if (addressed.some(({ statement }) => statement.effect === 'Deny'))
    return 'a resource-based policy denies it explicitly'
  const allowing = addressed.filter(({ statement }) => statement.effect === 'Allow')
  if (allowing.some(({ to }) => to === 'caller')) return undefined
  if (policy?.role === 'gate' && allowing.length === 0) return 'no resource-based policy allows it'
  return identity.length > 0 ? undefined : 'no identity-based policy allows it'
}

/**
 * Evaluates a call within one account: an explicit Deny wins, then any Allow; KMS keys need their own policy's consent first.
 * @param policyOf the policy attached to a resource, if it has one
 * @throws HomeostatError `policy-condition-unknown` if a matching statement has a condition that cannot be judged
 * @see AWS IAM User Guide, "Policy evaluation logic"
 */
export function authorise(
  caller: Caller,
  call: Call,
  policyOf: (resource: string) => ResourcePolicy | undefined = () => undefined,
): Verdict {
  for (const resource of call.resources) {
    const why = judge(caller, call, resource, policyOf(resource))
    if (why !== undefined) return { kind: 'refused', resource, why }
  }
  return { kind: 'allowed' }
}
