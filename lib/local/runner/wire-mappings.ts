// Connects queues with functions, after the checks that Lambda makes when a mapping is created.

import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import type { Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'
import { type AwsCaller, awsCaller } from './aws-call.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { type QueuePoller, startQueuePoller } from './queue-poller.ts'
import { type Role, requireGrant } from './roles.ts'

const mappingSchema = z.object({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: z.optional(z.number().check(z.minimum(1), z.maximum(10))),
  FunctionResponseTypes: z.optional(z.array(z.literal('ReportBatchItemFailures'))),
  Enabled: z.optional(z.boolean()),
  ScalingConfig: z.optional(z.strictObject({ MaximumConcurrency: z.optional(z.number()) })),
})

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly functions: readonly LambdaFunction[]
  readonly roleOf: (fn: LambdaFunction) => Role
  readonly operator: AwsCaller
  readonly onProblem: (error: unknown) => void
}

const pollingActions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] as const

/**
 * Starts polling for every enabled mapping.
 * @throws HomeostatError `role-lacks-grant`, `mapping-visibility-too-short`
 */
export function startMappings(deps: Deps, redeliverySeconds: number | undefined): readonly QueuePoller[] {
  const { place, template, functions, roleOf, operator, onProblem } = deps
  const plans = template.take('AWS::Lambda::EventSourceMapping').flatMap(({ logicalId, properties }) => {
    const mapping = parse(mappingSchema, properties, logicalId)
    const queue = template.named('AWS::SQS::Queue', mapping.EventSourceArn)
    const target = template.named('AWS::Lambda::Function', mapping.FunctionName)
    const fn = functions.find((each) => each.logicalId === target.logicalId)
    if (fn === undefined || mapping.Enabled === false) return []
    for (const action of pollingActions) {
      requireGrant(place, roleOf(fn), {
        action,
        resource: mapping.EventSourceArn,
        why: `because ${fn.door} is fed from it`,
      })
    }
    const visibilitySeconds = Number(queue.properties.VisibilityTimeout ?? 30)
    if (visibilitySeconds < fn.timeoutSeconds) {
      throw new HomeostatError('mapping-visibility-too-short', {
        message: `${queue.logicalId} shows messages again after ${visibilitySeconds} s, but ${fn.door} may take ${fn.timeoutSeconds} s.`,
        retry: 'never',
        facts: { queue: queue.logicalId, door: fn.door },
        hint: 'Lambda refuses such a mapping. Six times the time limit is the usual choice.',
      })
    }
    const plan = {
      queueUrl: queue.ref,
      queueArn: mapping.EventSourceArn,
      region: place.region,
      batchSize: mapping.BatchSize ?? 10,
      reportsFailures: (mapping.FunctionResponseTypes ?? []).length > 0,
      concurrency: Math.min(fn.concurrency, mapping.ScalingConfig?.MaximumConcurrency ?? fn.concurrency),
      redeliverySeconds,
    }
    return [{ fn, plan }]
  })
  return plans.map(({ fn, plan }) =>
    startQueuePoller({ aws: awsCaller(place, fn.accessKeyId), operator, fn, onProblem }, plan),
  )
}
