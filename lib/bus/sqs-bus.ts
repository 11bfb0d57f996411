// The bus on SQS: batches of ten, and every message that was not accepted is named, so that its outbox keeps it.

import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs'
import { HomeostatError } from '../base/homeostat-error.ts'
import { type QueueName, queueNames, queueOf } from '../model/messages.ts'
import type { Bus, Sending } from '../model/ports.ts'
import { delayOf, fifoText, groupOf, isFifo } from './queue-rules.ts'

const batchSize = 10

interface Refusal {
  readonly id: string
  readonly queue: QueueName
  readonly reason: string
  readonly retry: 'later' | 'never'
  readonly cause?: unknown
}

/**
 * A bus on the queues that it is given. The URLs must have a host that can be reached: the client calls the host of the URL, whatever its endpoint.
 * @throws HomeostatError `bus-refused`: `facts.refused` names the deduplication ids, later if any of them can still be accepted
 */
export function sqsBus(deps: {
  readonly client: SQSClient
  /** Those that this door may send to. */
  readonly queueUrls: Readonly<Partial<Record<QueueName, string>>>
}): Bus {
  return {
    async send(sendings) {
      const refusals = await Promise.all(
        queueNames.map((queue) =>
          sendTo(deps, {
            queue,
            sendings: sendings.filter(({ message }) => queueOf[message.kind] === queue),
          }),
        ),
      )
      const all = refusals.flat()
      if (all.length > 0) throw busRefused(all)
    },
  }
}

async function sendTo(
  deps: Parameters<typeof sqsBus>[0],
  params: { readonly queue: QueueName; readonly sendings: readonly Sending[] },
): Promise<readonly Refusal[]> {
  const { queue, sendings } = params
  const batches = chunked(sendings)
  if (!isFifo(queue)) return (await Promise.all(batches.map((batch) => sendBatch(deps, { queue, batch })))).flat()
  // In order, and nothing past a failure: what follows may belong to the same account.
  const refusals: Refusal[] = []
  for (const batch of batches) {
    if (refusals.length > 0) {
      refusals.push(...batch.map((sending) => refusalOf(queue, sending, 'an earlier one was refused', 'later')))
    } else {
      refusals.push(...(await sendBatch(deps, { queue, batch })))
    }
  }
  return refusals
}

async function sendBatch(
  deps: Parameters<typeof sqsBus>[0],
  params: { readonly queue: QueueName; readonly batch: readonly Sending[] },
): Promise<readonly Refusal[]> {
  const { queue, batch } = params
  const url = deps.queueUrls[queue]
  if (url === undefined) return batch.map((sending) => refusalOf(queue, sending, 'no-queue-granted', 'never'))
  try {
    const answer = await deps.client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: batch.map((sending, index) => entryOf(queue, sending, String(index))),
      }),
    )
    const accepted = new Set((answer.Successful ?? []).map(({ Id }) => Id))
    const failures = new Map((answer.Failed ?? []).map((failure) => [failure.Id, failure]))
    return batch.flatMap((sending, index) => {
      if (accepted.has(String(index))) return []
      const failure = failures.get(String(index))
      return refusalOf(queue, sending, failure?.Code ?? 'no answer', failure?.SenderFault ? 'never' : 'later')
    })
  } catch (error) {
    return batch.map((sending) => ({ ...thrownRefusal(queue, sending, error), cause: error }))
  }
}

function entryOf(queue: QueueName, sending: Sending, id: string): SendMessageBatchRequestEntry {
  const delay = delayOf(queue, sending)
  return {
    Id: id,
    MessageBody: JSON.stringify(sending.message),
    ...(isFifo(queue)
      ? { MessageGroupId: groupOf(sending), MessageDeduplicationId: fifoText(sending.deduplicationId) }
      : {}),
    ...(delay > 0 ? { DelaySeconds: delay } : {}),
  }
}

function thrownRefusal(queue: QueueName, sending: Sending, error: unknown): Refusal {
  if (error instanceof HomeostatError) return refusalOf(queue, sending, error.code, error.retry)
  const name = error instanceof Error ? error.name : 'unknown'
  const lasting = new Set(['QueueDoesNotExist', 'AccessDenied', 'AccessDeniedException', 'InvalidAddress'])
  return refusalOf(queue, sending, name, lasting.has(name) ? 'never' : 'later')
}

function refusalOf(queue: QueueName, sending: Sending, reason: string, retry: 'later' | 'never'): Refusal {
  return { id: sending.deduplicationId, queue, reason, retry }
}

function busRefused(refusals: readonly Refusal[]): HomeostatError {
  const reasons = [...new Set(refusals.map(({ queue, reason }) => `${queue}: ${reason}`))].join('; ')
  const cause = refusals.find((refusal) => refusal.cause !== undefined)?.cause
  return new HomeostatError('bus-refused', {
    message: `${refusals.length} of the messages were not accepted (${reasons}).`,
    retry: refusals.some(({ retry }) => retry === 'later') ? 'later' : 'never',
    facts: { count: refusals.length, refused: refusals.map(({ id }) => id).join(', '), reasons },
    hint: 'They stay in their outbox and are sent again; if it lasts, look at the queue and at the role of this function.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function chunked(sendings: readonly Sending[]): readonly (readonly Sending[])[] {
  return Array.from({ length: Math.ceil(sendings.length / batchSize) }, (_, index) =>
    sendings.slice(index * batchSize, (index + 1) * batchSize),
  )
}
