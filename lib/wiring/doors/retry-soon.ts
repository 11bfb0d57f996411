// Brings a failed message back after seconds instead of the queue's visibility timeout: an approved order lives fifteen minutes.

import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs'
import { variables } from '../../base/deployment-names.ts'
import { optional } from '../environment.ts'
import { errorFacts, jsonLog } from '../log.ts'
import { requestHandler } from '../request-handler.ts'

/** What identifies a delivery of a message to SQS. */
export interface Delivered {
  readonly receiptHandle?: string
  readonly eventSourceARN?: string
  readonly attributes?: { readonly ApproximateReceiveCount?: string }
}

const firstWaitSeconds = 10
const longestWaitSeconds = 600

/** 10 s, 30 s, 90 s, 270 s, then every 10 minutes, each up to a fifth longer so that many do not come back together. */
export function waitBefore(received: number, chance: number): number {
  return Math.round(Math.min(firstWaitSeconds * 3 ** (received - 1), longestWaitSeconds) * (1 + chance / 5))
}

/**
 * Best effort: where it fails the message comes back after the visibility timeout, as it would have anyway.
 * The queues' URLs come from CONSUMED_QUEUE_URLS; a door that was not given them leaves the queue's own timing.
 */
export function retrySoon(): (record: Delivered, chance: number) => Promise<void> {
  const queueUrls = optional(variables.consumedQueues)?.split(',') ?? []
  let client: SQSClient | undefined
  return async (record, chance) => {
    const name = record.eventSourceARN?.split(':').at(-1)
    const queueUrl = queueUrls.find((url) => url.endsWith(`/${name}`))
    if (queueUrl === undefined || record.receiptHandle === undefined) return
    const received = Number(record.attributes?.ApproximateReceiveCount ?? 1)
    client ??= new SQSClient({ requestHandler })
    try {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: record.receiptHandle,
          VisibilityTimeout: waitBefore(received, chance),
        }),
      )
    } catch (error) {
      jsonLog.line('message.retry-not-moved', { queue: name, ...errorFacts(error) })
    }
  }
}
