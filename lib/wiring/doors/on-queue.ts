// The door for queues: parses each message at the threshold, and hands back exactly those that failed.

import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { parse } from '../../base/schema.ts'
import { type Message, type MessageKind, type MessageOf, messageSchemas } from '../../model/messages.ts'
import { errorFacts, jsonLog } from '../log.ts'
import { retrySoon } from './retry-soon.ts'

/** The part of an SQS event that we read. */
export interface QueueEvent {
  readonly Records: readonly {
    readonly messageId: string
    readonly body: string
    readonly receiptHandle?: string
    readonly eventSourceARN?: string
    readonly attributes?: { readonly MessageGroupId?: string; readonly ApproximateReceiveCount?: string }
  }[]
}

export interface QueueResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** One handler for each kind of message that this queue may carry. */
export type QueueHandlers<K extends MessageKind> = { readonly [Kind in K]: (message: MessageOf<Kind>) => Promise<void> }

/**
 * A message that fails is delivered again, soon if a later try can help, and ends in the dead-letter queue; its neighbours are done.
 * After a failure in a FIFO group the rest of the group waits, so that order holds.
 */
export function onQueue<K extends MessageKind>(
  handlers: QueueHandlers<K>,
): (event: QueueEvent) => Promise<QueueResponse> {
  const comeBackSoon = retrySoon()
  return async (event) => {
    const failed: string[] = []
    const blockedGroups = new Set<string>()
    for (const record of event.Records) {
      const group = record.attributes?.MessageGroupId
      if (group !== undefined && blockedGroups.has(group)) {
        failed.push(record.messageId)
        continue
      }
      try {
        await handleOne(handlers, record.body)
      } catch (error) {
        failed.push(record.messageId)
        if (group !== undefined) blockedGroups.add(group)
        if (!isHomeostatError(error) || error.retry === 'later') await comeBackSoon(record, Math.random())
        const received = Number(record.attributes?.ApproximateReceiveCount ?? 1)
        jsonLog.line('message.failed', {
          messageId: record.messageId,
          received,
          body: record.body.slice(0, 500),
          ...errorFacts(error),
        })
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
  }
}

async function handleOne<K extends MessageKind>(handlers: QueueHandlers<K>, body: string): Promise<void> {
  const message = parseMessage(body)
  const handler = (handlers as Partial<Record<MessageKind, (message: Message) => Promise<void>>>)[message.kind]
  if (handler === undefined) {
    throw new HomeostatError('wrong-queue', {
      message: `A ${message.kind} message does not belong into this queue.`,
      retry: 'never',
      facts: { kind: message.kind },
      hint: 'queueOf in lib/model/messages.ts says which queue carries it.',
    })
  }
  await handler(message)
}

function parseMessage(body: string): Message {
  const raw = parseJson(body)
  const kind = typeof raw === 'object' && raw !== null && 'kind' in raw ? String(raw.kind) : ''
  if (!Object.hasOwn(messageSchemas, kind)) {
    throw new HomeostatError('invalid-input', {
      message: `A message of unknown kind ${JSON.stringify(kind)}.`,
      retry: 'never',
      facts: { kind },
      hint: 'Another version of Homeostat may be sending into this queue.',
    })
  }
  return parse(messageSchemas[kind as MessageKind], raw, `${kind} message`)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new HomeostatError('invalid-input', {
      message: 'A message that is not JSON.',
      retry: 'never',
      facts: { length: body.length },
      hint: 'Only Homeostat should send into its queues.',
      cause,
    })
  }
}
