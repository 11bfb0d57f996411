// Honours Custom::Trigger: invokes its handler once when everything is up, with the permission of CDK's provider.

import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import type { Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { type Role, requireGrant } from './roles.ts'

const triggerSchema = z.object({
  ServiceToken: z.string(),
  HandlerArn: z.string(),
  InvocationType: z.optional(z.string()),
})

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly functions: readonly LambdaFunction[]
  readonly roleOf: (fn: LambdaFunction) => Role
}

/** Logical ids of the functions that CDK adds to run triggers: the runner does their work itself. */
export function triggerProviders(template: Template): ReadonlySet<string> {
  const tokens = template.take('Custom::Trigger').map(({ properties }) => String(properties.ServiceToken))
  return new Set(tokens.map((arn) => template.named('AWS::Lambda::Function', arn).logicalId))
}

/**
 * Runs every trigger.
 * @throws HomeostatError `role-lacks-grant`, `trigger-failed`
 */
export async function runTriggers({ place, template, functions, roleOf }: Deps): Promise<void> {
  // Names the handler's version, which has to exist; every start is its first.
  template.take('AWS::Lambda::Version')
  for (const { logicalId, properties } of template.take('Custom::Trigger')) {
    const { ServiceToken, HandlerArn, InvocationType } = parse(triggerSchema, properties, logicalId)
    const find = (arn: string) => {
      const named = template.named('AWS::Lambda::Function', arn)
      return functions.find((fn) => fn.logicalId === named.logicalId)
    }
    const [provider, handler] = [find(ServiceToken), find(HandlerArn)]
    if (provider === undefined || handler === undefined) continue
    const grant = {
      action: 'lambda:InvokeFunction',
      resource: HandlerArn,
      why: `because trigger ${logicalId} invokes it`,
    }
    requireGrant(place, roleOf(provider), grant)
    const outcome = handler.invoke({}, HandlerArn)
    if (InvocationType === 'Event') continue
    const answered = await outcome
    if (answered.kind === 'failed') {
      throw new HomeostatError('trigger-failed', {
        message: `${handler.door} failed: ${answered.errorType}: ${answered.errorMessage}`,
        retry: 'never',
        facts: { trigger: logicalId, door: handler.door },
        hint: 'In the cloud this rolls the deployment back.',
      })
    }
  }
}
