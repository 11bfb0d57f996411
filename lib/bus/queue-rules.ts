// What the queues demand of a sending, the same in the cloud and in the twin.

import { createHash } from 'node:crypto'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { QueueName } from '../model/messages.ts'
import type { Sending } from '../model/ports.ts'

/** SQS waits at most this long. */
const maxDelaySeconds = 900
/** Equal ids within this span are one message on a FIFO queue. */
export const deduplicationSeconds = 300
/** After as many failures a message goes to the dead-letter queue. */
export const maxReceives = 5

/** Orders of an account and the blocks of a chain come one after the other, and equal hints are one; everything else in any order. */
export function isFifo(queue: QueueName): boolean {
  return queue === 'executions' || queue === 'chains'
}

/** Seconds until the message shows itself. Only standard queues wait, and a FIFO queue would refuse the wish. */
export function delayOf(queue: QueueName, sending: Sending): number {
  if (isFifo(queue) || sending.delaySeconds === undefined) return 0
  return Math.min(maxDelaySeconds, Math.max(0, Math.ceil(sending.delaySeconds)))
}

/**
 * The FIFO group of a sending, in the characters that SQS allows.
 * @throws HomeostatError `group-missing`: without one the order of an account's transactions would be chance
 */
export function groupOf(sending: Sending): string {
  if (sending.group !== undefined && sending.group !== '') return fifoText(sending.group)
  throw new HomeostatError('group-missing', {
    message: `${sending.message.kind} goes to a queue with groups and names none.`,
    retry: 'never',
    facts: { kind: sending.message.kind, deduplicationId: sending.deduplicationId },
    hint: 'This is a defect of the sender.',
  })
}

/** At most 128 of the characters that SQS allows: the text itself where it fits, else its hash. */
export function fifoText(text: string): string {
  return /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/.test(text)
    ? text
    : createHash('sha256').update(text).digest('hex')
}
