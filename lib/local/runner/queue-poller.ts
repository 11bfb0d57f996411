// Event source mapping: polls a queue as its function, hands over batches, and deletes what was done, so that the function's grants are tested.

import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import type { AwsCaller } from './aws-call.ts'
import type { LambdaFunction } from './lambda-function.ts'

export interface QueuePlan {
  readonly queueUrl: string
  readonly queueArn: string
  readonly region: string
  /** 1..10. */
  readonly batchSize: number
  /** `ReportBatchItemFailures` was asked for. */
  readonly reportsFailures: boolean
  /** Batches at a time. */
  readonly concurrency: number
  /** Shortens the wait for a redelivery; undefined leaves the queue's visibility timeout to pass, as in the cloud. */
  readonly redeliverySeconds: number | undefined
}

const attributeSchema = z.object({
  StringValue: z.optional(z.string()),
  BinaryValue: z.optional(z.string()),
  DataType: z.string(),
})
const messageSchema = z.object({
  MessageId: z.string(),
  ReceiptHandle: z.string(),
  Body: z.string(),
  MD5OfBody: z.string(),
  Attributes: z.optional(z.record(z.string(), z.string())),
  MessageAttributes: z.optional(z.record(z.string(), attributeSchema)),
})
const receivedSchema = z.object({ Messages: z.optional(z.array(messageSchema)) })
type Message = z.output<typeof messageSchema>
const failuresSchema = z.object({
  batchItemFailures: z.optional(z.nullable(z.array(z.object({ itemIdentifier: z.string() })))),
})

function recordOf(message: Message, { queueArn, region }: QueuePlan): object {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue, BinaryValue, DataType }]) => [
      name,
      {
        stringValue: StringValue,
        binaryValue: BinaryValue,
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ],
  )
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  }
}

/**
 * The messages that are done. A malformed report, or one that names a message which was not in the batch, counts as failure of the
 * whole batch, as Lambda has it; an empty one as its success.
 */
function doneOf(messages: readonly Message[], payload: unknown, reportsFailures: boolean): readonly Message[] {
  if (!reportsFailures || payload === null || payload === undefined) return messages
  const parsed = z.safeParse(failuresSchema, payload)
  if (!parsed.success) return []
  const failed = new Set((parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier))
  const known = new Set(messages.map(({ MessageId }) => MessageId))
  if ([...failed].some((id) => !known.has(id))) return []
  return messages.filter(({ MessageId }) => !failed.has(MessageId))
}

export interface QueuePoller {
  /** Resolves once no batch is being worked on any more. */
  stop(): Promise<void>
}

interface Deps {
  /** With the function's own key. */
  readonly aws: AwsCaller
  readonly operator: AwsCaller
  readonly fn: LambdaFunction
  readonly onProblem: (error: unknown) => void
}

const pauseAfterProblemMs = 1_000

async function receive(
  { aws }: Deps,
  { queueUrl, batchSize }: QueuePlan,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const body = {
    QueueUrl: queueUrl,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: 20,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  }
  const answer = await aws.json('sqs', 'AmazonSQS.ReceiveMessage', body, signal)
  return parse(receivedSchema, answer, 'answer of ReceiveMessage').Messages ?? []
}

async function settleBatch(
  { aws, operator }: Deps,
  plan: QueuePlan,
  batch: readonly Message[],
  done: readonly Message[],
): Promise<void> {
  const entries = (messages: readonly Message[], more: object = {}) =>
    messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, ...more }))
  if (done.length > 0) {
    await aws.json('sqs', 'AmazonSQS.DeleteMessageBatch', { QueueUrl: plan.queueUrl, Entries: entries(done) })
  }
  const failed = batch.filter((message) => !done.includes(message))
  if (failed.length > 0 && plan.redeliverySeconds !== undefined) {
    const Entries = entries(failed, { VisibilityTimeout: plan.redeliverySeconds })
    await operator.json('sqs', 'AmazonSQS.ChangeMessageVisibilityBatch', { QueueUrl: plan.queueUrl, Entries })
  }
}

async function pollUntilStopped(deps: Deps, plan: QueuePlan, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const batch = await receive(deps, plan, signal)
      if (batch.length === 0) continue
      const outcome = await deps.fn.invoke({ Records: batch.map((message) => recordOf(message, plan)) })
      if (signal.aborted) return
      const done = outcome.kind === 'done' ? doneOf(batch, outcome.payload, plan.reportsFailures) : []
      await settleBatch(deps, plan, batch, done)
    } catch (error) {
      if (signal.aborted) return
      deps.onProblem(error)
      await new Promise((resolve) => setTimeout(resolve, pauseAfterProblemMs))
    }
  }
}

/** Polls until stopped. What fails comes back after its visibility timeout and ends in the dead-letter queue, both by SQS's own doing. */
export function startQueuePoller(deps: Deps, plan: QueuePlan): QueuePoller {
  const controller = new AbortController()
  const loops = Array.from({ length: plan.concurrency }, () => pollUntilStopped(deps, plan, controller.signal))
  return {
    async stop() {
      controller.abort()
      await Promise.all(loops)
    },
  }
}
