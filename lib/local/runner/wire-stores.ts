// Creates what functions store in and send to: tables, queues, topics, subscriptions, buckets, as the template describes them.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { parse, z } from '../../base/schema.ts'
import { authorise } from '../front/authorise.ts'
import { commonContext } from '../front/request-action.ts'
import type { Resource, Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'
import type { AwsCaller } from './aws-call.ts'
import type { PolicyOf } from './resource-policies.ts'

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly operator: AwsCaller
  readonly policyOf: PolicyOf
}

function refuse(code: string, message: string, facts: Record<string, string>): never {
  throw new HomeostatError(code, { message, retry: 'never', facts })
}

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }))
const indexSchema = z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: z.unknown() })
const tableSchema = z.object({
  KeySchema: keySchema,
  AttributeDefinitions: z.unknown(),
  BillingMode: z.optional(z.string()),
  GlobalSecondaryIndexes: z.optional(z.array(indexSchema)),
  LocalSecondaryIndexes: z.optional(z.array(indexSchema)),
  Replicas: z.tuple([z.record(z.string(), z.unknown())]),
})

/** Partition key attribute by table name and, for an index, its name. */
export function partitionKeys(template: Template): (table: string, index: string | undefined) => string | undefined {
  const keys = new Map<string, string | undefined>()
  const hashOf = (schema: z.output<typeof keySchema>) => schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName
  for (const { ref, logicalId, properties } of template.take('AWS::DynamoDB::GlobalTable')) {
    const table = parse(tableSchema, properties, logicalId)
    keys.set(ref, hashOf(table.KeySchema))
    for (const index of [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]) {
      keys.set(`${ref}/${index.IndexName}`, hashOf(index.KeySchema))
    }
  }
  return (table, index) => keys.get(index === undefined ? table : `${table}/${index}`)
}

/** Of a replica: they guard or observe, and do not change what a call does. */
const replicaProperties = new Set([
  'Region',
  'PointInTimeRecoverySpecification',
  'GlobalSecondaryIndexes',
  'DeletionProtectionEnabled',
  'TableClass',
  'ContributorInsightsSpecification',
  'SSESpecification',
  'Tags',
])

async function createTable({ operator }: Deps, table: Resource): Promise<void> {
  const { Replicas, ...wanted } = parse(tableSchema, table.properties, table.logicalId)
  const odd = Object.keys(Replicas[0]).find((name) => !replicaProperties.has(name))
  if (odd !== undefined)
    refuse('template-property-unknown', `The runner does not know ${odd} of a replica of ${table.logicalId}.`, { odd })
  await operator.json('dynamodb', 'DynamoDB_20120810.CreateTable', {
    ...wanted,
    TableName: table.ref,
    BillingMode: 'PAY_PER_REQUEST',
  })
  for (;;) {
    const answer = await operator.json('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName: table.ref })
    if ((answer.Table as { TableStatus?: string } | undefined)?.TableStatus === 'ACTIVE') return
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const redriveSchema = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.pipe(z.union([z.number(), z.string()]), z.transform(Number)),
})

async function createQueue({ operator, template }: Deps, queue: Resource): Promise<void> {
  const { QueueName: _, RedrivePolicy, ...plain } = queue.properties
  const attributes = Object.entries(plain).map(([name, value]) => [name, String(value)] as const)
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
  const entries = Object.entries(attributes).flatMap(([name, value], index) => [
    [`Attributes.entry.${index + 1}.key`, name],
    [`Attributes.entry.${index + 1}.value`, value],
  ])
  await deps.operator.query('sns', {
    Action: 'Subscribe',
    TopicArn,
    Protocol,
    Endpoint,
    ...Object.fromEntries(entries),
  })
}

async function createTopic({ operator }: Deps, topic: Resource): Promise<void> {
  const { TopicName: _, ...plain } = topic.properties
  const attributes = Object.entries(plain).flatMap(([name, value], index) => [
    [`Attributes.entry.${index + 1}.key`, name],
    [`Attributes.entry.${index + 1}.value`, String(value)],
  ])
  await operator.query('sns', {
    Action: 'CreateTopic',
    Name: topic.attributes.TopicName ?? '',
    ...Object.fromEntries(attributes),
  })
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
    ...template.take('AWS::DynamoDB::GlobalTable').map((table) => createTable(deps, table)),
    ...template.take('AWS::S3::Bucket').map(({ ref }) => operator.rest('s3', 'PUT', `/${ref}`)),
    ...template.take('AWS::SNS::Topic').map((topic) => createTopic(deps, topic)),
    // Dead-letter queues first: a queue names its own when it is created.
    Promise.all(queues.filter(isDeadEnd).map((queue) => createQueue(deps, queue))).then(() =>
      Promise.all(queues.filter((queue) => !isDeadEnd(queue)).map((queue) => createQueue(deps, queue))),
    ),
  ])
  await Promise.all(template.take('AWS::SNS::Subscription').map((subscription) => subscribe(deps, subscription)))
}
