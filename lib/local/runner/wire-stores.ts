// Creates what functions store in and send to: queues, topics, subscriptions, buckets, and (by its neighbour) tables, as the template describes them.

import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import { authorise } from '../front/authorise.ts'
import { commonContext } from '../front/request-action.ts'
import type { Resource, Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'
import type { AwsCaller } from './aws-call.ts'
import type { PolicyOf } from './resource-policies.ts'
import { createTable } from './wire-tables.ts'

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly operator: AwsCaller
  readonly policyOf: PolicyOf
}

function refuse(code: string, message: string, facts: Record<string, string>): never {
  throw new HomeostatError(code, { message, retry: 'never', facts })
}

const redriveSchema = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.pipe(z.union([z.number(), z.string()]), z.transform(Number)),
})

const queueAttributes = [
  'FifoQueue',
  'VisibilityTimeout',
  'DelaySeconds',
  'MessageRetentionPeriod',
  'MaximumMessageSize',
  'ReceiveMessageWaitTimeSeconds',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]

async function createQueue({ operator, template }: Deps, queue: Resource): Promise<void> {
  const { RedrivePolicy } = queue.properties
  const attributes = queueAttributes.flatMap((name) => {
    const value = queue.properties[name]
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  const redrive =
    RedrivePolicy === undefined ? undefined : parse(redriveSchema, RedrivePolicy, `${queue.logicalId}.RedrivePolicy`)
  if (redrive !== undefined) {
    const dead = template.named('AWS::SQS::Queue', redrive.deadLetterTargetArn)
    if (dead.ref.endsWith('.fifo') !== queue.ref.endsWith('.fifo')) {
      refuse('queue-redrive-mismatch', `${queue.logicalId} and its dead-letter queue must both be FIFO, or neither.`, {
        queue: queue.logicalId,
      })
    }
    attributes.push(['RedrivePolicy', JSON.stringify(redrive)])
  }
  await operator.json('sqs', 'AmazonSQS.CreateQueue', {
    QueueName: queue.attributes.QueueName,
    Attributes: Object.fromEntries(attributes),
  })
}

const subscriptionSchema = z.object({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  RawMessageDelivery: z.optional(z.union([z.boolean(), z.string()])),
  FilterPolicy: z.optional(z.unknown()),
  FilterPolicyScope: z.optional(z.string()),
})

/** In the cloud a topic whose queue does not let it in loses its messages without a word. */
function requireQueueLetsIn({ place, policyOf }: Deps, topicArn: string, queueArn: string): void {
  const context = {
    ...commonContext(place, ''),
    'aws:principalarn': undefined,
    'aws:sourcearn': [topicArn],
    'aws:sourceaccount': [place.account],
  }
  const call = { action: 'sqs:SendMessage', resources: [queueArn], context }
  const verdict = authorise({ principal: 'Service:sns.amazonaws.com', identityPolicies: [] }, call, policyOf)
  if (verdict.kind === 'refused') {
    refuse('subscription-not-permitted', `${queueArn} does not let ${topicArn} send to it.`, { topicArn, queueArn })
  }
}

/** Attributes as the query protocol numbers them. */
function asEntries(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(attributes).flatMap(([name, value], index) => [
    [`Attributes.entry.${index + 1}.key`, name],
    [`Attributes.entry.${index + 1}.value`, value],
  ])
  return Object.fromEntries(pairs)
}

async function subscribe(deps: Deps, subscription: Resource): Promise<void> {
  const { TopicArn, Protocol, Endpoint, ...settings } = parse(
    subscriptionSchema,
    subscription.properties,
    subscription.logicalId,
  )
  // People are reached by mail and text in the cloud only; what they would be told is an alarm, and there are none here.
  if (Protocol === 'email' || Protocol === 'email-json' || Protocol === 'sms') return
  if (Protocol !== 'sqs') {
    refuse('subscription-protocol-unknown', `The runner cannot subscribe ${Protocol} (${subscription.logicalId}).`, {
      Protocol,
    })
  }
  requireQueueLetsIn(deps, TopicArn, Endpoint)
  const attributes: Record<string, string> = {}
  if (settings.RawMessageDelivery !== undefined) attributes.RawMessageDelivery = String(settings.RawMessageDelivery)
  if (settings.FilterPolicy !== undefined) attributes.FilterPolicy = JSON.stringify(settings.FilterPolicy)
  if (settings.FilterPolicyScope !== undefined) attributes.FilterPolicyScope = settings.FilterPolicyScope
  await deps.operator.query('sns', { Action: 'Subscribe', TopicArn, Protocol, Endpoint, ...asEntries(attributes) })
}

async function createTopic({ operator }: Deps, topic: Resource): Promise<void> {
  const honoured = ['FifoTopic', 'ContentBasedDeduplication'].filter((name) => topic.properties[name] !== undefined)
  const attributes = Object.fromEntries(honoured.map((name) => [name, String(topic.properties[name])]))
  const Name = topic.attributes.TopicName ?? ''
  await operator.query('sns', { Action: 'CreateTopic', Name, ...asEntries(attributes) })
}

/**
 * Creates everything that holds or carries data.
 * @throws HomeostatError `template-property-unknown`, `queue-redrive-mismatch`, `subscription-not-permitted`, `aws-call-failed`
 */
export async function wireStores(deps: Deps): Promise<void> {
  const { template, operator } = deps
  const queues = template.take('AWS::SQS::Queue')
  const isDeadEnd = ({ properties }: Resource) => properties.RedrivePolicy === undefined
  await Promise.all([
    ...template.take('AWS::DynamoDB::GlobalTable').map((table) => createTable(operator, table)),
    ...template.take('AWS::S3::Bucket').map(({ ref }) => operator.rest('s3', 'PUT', `/${ref}`)),
    ...template.take('AWS::SNS::Topic').map((topic) => createTopic(deps, topic)),
    // Dead-letter queues first: a queue names its own when it is created.
    Promise.all(queues.filter(isDeadEnd).map((queue) => createQueue(deps, queue))).then(() =>
      Promise.all(queues.filter((queue) => !isDeadEnd(queue)).map((queue) => createQueue(deps, queue))),
    ),
  ])
  await Promise.all(template.take('AWS::SNS::Subscription').map((subscription) => subscribe(deps, subscription)))
}
