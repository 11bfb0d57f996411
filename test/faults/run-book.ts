// What a run-book may say: which fault, where, when and for how long, and what must and must not come of it.

import * as z from '../../lib/base/schema.ts'

/** What a provider does. All are JSON. */
const fault = z.discriminatedUnion('kind', [
  // No answer, or none of JSON-RPC.
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('drip') }),
  z.strictObject({ kind: z.literal('http'), status: z.number(), body: z.optional(z.string()) }),
  z.strictObject({ kind: z.literal('redirect'), to: z.string() }),
  // A healthy body, spoilt.
  z.strictObject({ kind: z.literal('truncated'), keep: z.number() }),
  z.strictObject({ kind: z.literal('oversized'), bytes: z.number() }),
  z.strictObject({ kind: z.literal('deep'), levels: z.number(), where: z.enum(['result', 'beside']) }),
  z.strictObject({ kind: z.literal('as-batch') }),
  // JSON-RPC that says something else.
  z.strictObject({ kind: z.literal('error'), code: z.number(), message: z.string() }),
  z.strictObject({ kind: z.literal('result'), value: z.unknown() }),
  z.strictObject({ kind: z.literal('no-result') }),
  z.strictObject({ kind: z.literal('wrong-id') }),
  // Another chain, another block. `secondsAgo` moves the time of the head back.
  z.strictObject({ kind: z.literal('chain-id'), chainId: z.number() }),
  z.strictObject({
    kind: z.literal('head'),
    number: z.optional(z.number()),
    hash: z.optional(z.string()),
    secondsAgo: z.optional(z.number()),
  }),
  z.strictObject({ kind: z.literal('block'), number: z.number(), hash: z.string() }),
  z.strictObject({ kind: z.literal('other-height'), seconds: z.number() }),
  z.strictObject({
    kind: z.literal('multicall'),
    how: z.enum([
      'all-failed',
      'only-calls-failed',
      'one-less',
      'one-more',
      'none',
      'reversed',
      'rotated',
      'all-zero',
      'empty',
    ]),
  }),
])
export type Fault = z.output<typeof fault>

const names = ['alpha', 'beta', 'gamma'] as const
export const providerNames: readonly string[] = names
export const targetSchema = z.union([z.literal('all'), z.array(z.enum(names))])

/** From the `at`th request of `method` (default: of any) to that provider on, `for` so many of them; default: from the first on, for good. */
export const timedFaultSchema = z.strictObject({
  target: targetSchema,
  method: z.optional(z.enum(['eth_chainId', 'eth_getBlockByNumber', 'eth_call', 'eth_feeHistory', 'eth_getLogs'])),
  at: z.optional(z.number()),
  for: z.optional(z.number()),
  fault,
})
export type TimedFault = z.output<typeof timedFaultSchema>

/** What contracts answer, on the chain that a provider follows. Names as in contract-bends.ts. */
const bend = z.strictObject({
  target: targetSchema,
  of: z.string(),
  /** A round of a feed: integers as text. */
  round: z.optional(
    z.strictObject({
      answer: z.optional(z.string()),
      ageSeconds: z.optional(z.number()),
      roundId: z.optional(z.string()),
      answeredInRound: z.optional(z.string()),
    }),
  ),
  /** The answer, in the contract's units. */
  value: z.optional(z.string()),
  /** Of the answer as it is: reverts, is empty, is followed by 64 bytes, lacks its last 32. */
  raw: z.optional(z.enum(['reverts', 'empty', 'trailing', 'short', 'dirty'])),
  says: z.optional(z.string()),
})
export type Bend = z.output<typeof bend>

/** Keys of homeostat.yaml beside those of the fixture; each of `prices` as it stands there. */
const assetChange = z.strictObject({
  feed: z.optional(z.record(z.string(), z.unknown())),
  prices: z.optional(z.array(z.looseObject({ kind: z.string() }))),
  class: z.optional(z.enum(['stablecoin', 'major', 'other'])),
  maxLensGap: z.optional(z.number()),
})
export type AssetChange = z.output<typeof assetChange>

/** Snapshots before the one that is judged, of which the memory is kept: as many as `times`, a minute apart; default: one. */
const earlier = z.strictObject({
  secondsAgo: z.number(),
  times: z.optional(z.number()),
  bends: z.optional(z.array(bend)),
})

const stateKind = z.enum(['FRESH', 'DEGRADED', 'BLIND'])

/** Whatever is not named here must be as on a healthy chain. */
const expectation = z.strictObject({
  state: stateKind,
  /** Subject and code of every gap. */
  gaps: z.optional(z.record(z.string(), z.string())),
  /** Code of every provider that is not ok. */
  providers: z.optional(z.record(z.string(), z.string())),
  /** The same, of providers that fail after a repetition for which a run that has its k does not wait: this code, or `no-answer-yet`. */
  late: z.optional(z.record(z.string(), z.string())),
  /** Items that the healthy reading has and this one must not have: `feed WETH`, or `everything`. */
  absent: z.optional(z.union([z.literal('everything'), z.array(z.string())])),
  /** Items that are really otherwise: what was read is what must stand there. */
  changed: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
  /** State of every asset that is not FRESH. */
  assets: z.optional(z.record(z.string(), stateKind)),
  /** Mode of the chain, where it matters. */
  chain: z.optional(z.enum(['NORMAL', 'CONGESTED', 'FROZEN'])),
  /** Rules and parts that raise an alert. */
  alerts: z.optional(z.array(z.string())),
  /** Those that raised one in any of the snapshots, in order, where it matters. */
  told: z.optional(z.array(z.string())),
  /** The letters of each provider's record, where they matter: `..lx`. A run that did not wait for it may say `.` or `x`. */
  runs: z.optional(z.record(z.string(), z.string())),
  /** Those of them that are critical, where it matters. */
  critical: z.optional(z.array(z.string())),
  /** What assets are valued at, where it matters, and by whom if not by the first source. */
  usd: z.optional(z.record(z.string(), z.number())),
  source: z.optional(z.record(z.string(), z.string())),
  /** Codes of what is only told of an asset's price; those of all others have none. */
  signals: z.optional(z.record(z.string(), z.array(z.string()))),
  /** May an order repay the loan of its account? */
  order: z.optional(z.enum(['allowed', 'refused'])),
  /** Of the account's collateral: what counts as safe, and what a liquidation would fetch. */
  safe: z.optional(
    z.strictObject({
      collateralUsd: z.optional(z.number()),
      excluded: z.optional(z.array(z.string())),
      fetchesUsd: z.optional(z.number()),
      shortfallUsd: z.optional(z.number()),
    }),
  ),
  /** Of a gap's, a state's or an alert's words. */
  says: z.optional(z.union([z.string(), z.array(z.string())])),
  /** Milliseconds within which the reading is there. */
  within: z.optional(z.number()),
})

const runBook = z.strictObject({
  /** Of the catalogue: `R01`. */
  id: z.string(),
  /** Among those of one id. */
  title: z.string(),
  /** k of n providers; default: 2 of 3. */
  quorum: z.optional(z.number()),
  of: z.optional(z.number()),
  /** Milliseconds; defaults: 1,000 a request, 8,000 a run. */
  requestMs: z.optional(z.number()),
  deadlineMs: z.optional(z.number()),
  /** Feeds without `minUsd` and `maxUsd`. */
  withoutBounds: z.optional(z.boolean()),
  /** A block that the chain is known to have. */
  checkpoint: z.optional(z.strictObject({ number: z.number(), hash: z.string() })),
  /** The chain is a rollup, with an uptime feed of its sequencer. */
  sequencer: z.optional(z.boolean()),
  assets: z.optional(z.record(z.string(), assetChange)),
  /** Oldest first; each begins with a healthy chain. */
  earlier: z.optional(z.array(earlier)),
  /** Positions that a person declared, and the flat volatility of ETH beside them. */
  declared: z.optional(z.array(z.unknown())),
  volatility: z.optional(z.number()),
  /** One more rule, with the id `own`. */
  rule: z.optional(z.string()),
  faults: z.optional(z.array(timedFaultSchema)),
  bends: z.optional(z.array(bend)),
  expectation,
})
export type RunBook = z.output<typeof runBook>
export const runBooksSchema = z.array(runBook)
