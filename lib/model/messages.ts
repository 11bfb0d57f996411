// What travels through the queues: ids only, each with the schema by which a door admits it.

import type { QueueName } from '../base/deployment-names.ts'
import * as z from '../base/schema.ts'

export { type QueueName, queueNames } from '../base/deployment-names.ts'

const id = z.string().check(z.minLength(1), z.maxLength(400))

/** Every kind of message, and the queue that carries it. One line adds one. */
export const messageSchemas = {
  /** The logs of a chain are due; `block`: somebody said that there is one, which is a hint and nothing more. */
  'chain-due': z.object({
    kind: z.literal('chain-due'),
    chainId: z.number(),
    slot: z.number(),
    cause: id,
    block: z.optional(z.number()),
  }),
  /** A portfolio is due for a snapshot; `seen`: because of an event in that block, which the snapshot must hold. */
  'portfolio-due': z.object({
    kind: z.literal('portfolio-due'),
    portfolioId: id,
    slot: z.number(),
    cause: id,
    seen: z.optional(z.object({ chainId: z.number(), block: z.number(), hash: z.optional(id) })),
    /** How often it was put back because the chain that was read did not hold the block yet. */
    round: z.optional(z.number()),
  }),
  /** The holders of a chain's tokens are due to be counted further. */
  'holders-due': z.object({ kind: z.literal('holders-due'), chainId: z.number(), slot: z.number(), round: z.number() }),
  /** A snapshot was stored. */
  'snapshot-taken': z.object({ kind: z.literal('snapshot-taken'), portfolioId: id, snapshotId: id }),
  /** A plan was stored and wants quotes; also sent to re-quote an open order in place. */
  'plan-made': z.object({ kind: z.literal('plan-made'), portfolioId: id, planId: id, requote: z.boolean() }),
  /** An alert was stored and wants telling. */
  'alert-raised': z.object({ kind: z.literal('alert-raised'), portfolioId: id, alertId: id }),
  /** Something about an order wants telling. */
  'order-news': z.object({ kind: z.literal('order-news'), orderId: id, status: id, quote: z.number() }),
  /** An order has all its approvals. */
  'order-approved': z.object({ kind: z.literal('order-approved'), orderId: id }),
  /** A transaction was broadcast and wants watching. */
  'settlement-due': z.object({ kind: z.literal('settlement-due'), orderId: id, round: z.number() }),
} as const

export type MessageKind = keyof typeof messageSchemas
export type MessageOf<K extends MessageKind> = z.output<(typeof messageSchemas)[K]>
export type Message = { [K in MessageKind]: MessageOf<K> }[MessageKind]

/** Which queue carries which message. */
export const queueOf = {
  'chain-due': 'chains',
  'portfolio-due': 'snapshots',
  // The door has providers and handles one message at a time: a count delays no snapshot.
  'holders-due': 'snapshots',
  'snapshot-taken': 'assessments',
  'plan-made': 'proposals',
  'alert-raised': 'notifications',
  'order-news': 'notifications',
  'order-approved': 'executions',
  'settlement-due': 'settlements',
} as const satisfies Record<MessageKind, QueueName>

/** What makes two messages the same message. */
export function identityOf(message: Message): string {
  switch (message.kind) {
    case 'chain-due':
      return `${message.kind}:${message.chainId}:${message.slot}:${message.cause}${hintOf(message.block)}`
    case 'portfolio-due':
      return `${message.kind}:${message.portfolioId}:${message.slot}:${seenOf(message) ?? message.cause}`
    case 'holders-due':
      return `${message.kind}:${message.chainId}:${message.slot}:${message.round}`
    case 'snapshot-taken':
      return `${message.kind}:${message.snapshotId}`
    case 'plan-made':
      return `${message.kind}:${message.planId}:${message.requote ? 'requote' : 'first'}`
    case 'alert-raised':
      return `${message.kind}:${message.alertId}`
    case 'order-news':
      return `${message.kind}:${message.orderId}:${message.status}:${message.quote}`
    case 'order-approved':
      return `${message.kind}:${message.orderId}`
    case 'settlement-due':
      return `${message.kind}:${message.orderId}:${message.round}`
  }
}

/** Eight blocks of one second are told apart: enough for the fastest chains, and whoever floods us with block numbers gets no further. */
const blocksApart = 8

function hintOf(block: number | undefined): string {
  return block === undefined ? '' : `:${Math.abs(Math.trunc(block)) % blocksApart}`
}

/** Events of one block are one cause, whatever they were. */
function seenOf({ seen, round = 0 }: MessageOf<'portfolio-due'>): string | undefined {
  return seen && `${seen.chainId}:${seen.block}:${round}`
}
