// What a run-book about logs may say: blocks with their events, providers that leave them out, and what following the chain must come to.

import * as z from '../../lib/base/schema.ts'
import { targetSchema, timedFaultSchema } from './run-book.ts'

const eventNames = ['answer', 'upgrade', 'liquidation'] as const
export type EventName = (typeof eventNames)[number]

/** Whatever is not named here must be as on a healthy chain. */
const expectation = z.strictObject({
  /** Code of what made following impossible; then the cursor stays. */
  unread: z.optional(z.string()),
  /** Part of the reason. */
  says: z.optional(z.string()),
  /** Kinds of the events that touch portfolios, with their block: `1002 feed-answer`. */
  touched: z.optional(z.array(z.string())),
  /** Kinds of the events that are kept for people. */
  kept: z.optional(z.array(z.string())),
  /** How far the chain has been read now. */
  tip: z.number(),
  lag: z.optional(z.number()),
  /** Code of every provider that is not ok. */
  providers: z.optional(z.record(z.string(), z.string())),
})

const step = z.union([
  /** Blocks, each with its events; `missing` providers have the blocks and not the events. `fork` names another branch. */
  z.strictObject({
    mine: z.array(z.array(z.enum(eventNames))),
    missing: z.optional(targetSchema),
    only: z.optional(targetSchema),
    fork: z.optional(z.string()),
  }),
  /** Blocks that leave the chain, with their events. */
  z.strictObject({ unmine: z.number(), only: z.optional(targetSchema) }),
  /** The events that were left out are there again. */
  z.strictObject({ repair: targetSchema }),
  /** How a provider spoils its answers about logs from here on. */
  z.strictObject({ spoil: z.enum(['twice', 'reversed', 'other-fork', 'not']), target: targetSchema }),
  z.strictObject({ follow: expectation }),
])
export type Step = z.output<typeof step>

const logRunBook = z.strictObject({
  /** Of the catalogue: `R19`. */
  id: z.string(),
  /** Among those of one id. */
  title: z.string(),
  /** k of n providers; default: 2 of 3. */
  quorum: z.optional(z.number()),
  of: z.optional(z.number()),
  /** Blocks that one run reads at most; default 1,000. */
  blocksPerRun: z.optional(z.number()),
  faults: z.optional(z.array(timedFaultSchema)),
  /** Requests for logs that a provider gets in all, at most. */
  asksAtMost: z.optional(z.record(z.string(), z.number())),
  steps: z.array(step),
})
export type LogRunBook = z.output<typeof logRunBook>
export const logRunBooksSchema = z.array(logRunBook)
