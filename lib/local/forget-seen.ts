// A local run takes a snapshot every second and holds them all in memory: what the cloud forgets after months is forgotten here after minutes.

import { setTimeout as pause } from 'node:timers/promises'
import type { UnixSeconds } from '../base/units.ts'
import type { Clock } from '../model/ports.ts'
import type { AwsCaller } from './runner/aws-call.ts'

export interface ForgetSeenDeps {
  readonly operator: Pick<AwsCaller, 'json'>
  /** Of the table in which take-snapshot and assess-risk keep what they saw. */
  readonly tableName: string
  readonly portfolioIds: () => Promise<readonly string[]>
  readonly clock: Clock
}

/** Twice as long as an order may wait for its approvals, and far more than any page shows. */
const keptSeconds = 1_800
const everyMilliseconds = 30_000
/** What one BatchWriteItem takes. */
const atOnce = 25

/** Deletes snapshots and reports that are older than half an hour, whatever their own time to expire. @returns how many */
export async function forgetSeen(deps: ForgetSeenDeps): Promise<number> {
  const before = deps.clock.now() - keptSeconds
  let count = 0
  for (const portfolioId of await deps.portfolioIds())
    for (const kind of ['snapshot', 'report']) count += await forgetKind(deps, { portfolioId, kind, before })
  return count
}

interface Kind {
  readonly portfolioId: string
  readonly kind: string
  readonly before: UnixSeconds
}

/** Their sort keys are `snapshot#AT#...` with the time in 12 digits, as the README of lib/store has them. */
async function forgetKind(
  { operator, tableName }: ForgetSeenDeps,
  { portfolioId, kind, before }: Kind,
): Promise<number> {
  let count = 0
  for (;;) {
    const { Items = [] } = (await operator.json('dynamodb', 'DynamoDB_20120810.Query', {
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':pk': { S: `portfolio#${portfolioId}` },
        ':first': { S: `${kind}#` },
        ':last': { S: `${kind}#${String(before).padStart(12, '0')}` },
      },
      ProjectionExpression: 'pk, sk',
      Limit: atOnce,
    })) as { readonly Items?: readonly unknown[] }
    if (Items.length === 0) return count
    const requests = Items.map((Key) => ({ DeleteRequest: { Key } }))
    await operator.json('dynamodb', 'DynamoDB_20120810.BatchWriteItem', { RequestItems: { [tableName]: requests } })
    count += Items.length
  }
}

/** Forgets for as long as the run lasts. @returns what ends it */
export function startForgetting(
  deps: ForgetSeenDeps & { readonly onProblem: (error: unknown) => void },
): () => Promise<void> {
  const abort = new AbortController()
  const loop = (async () => {
    while (!abort.signal.aborted) {
      await pause(everyMilliseconds, undefined, { signal: abort.signal }).catch(() => undefined)
      if (abort.signal.aborted) return
      await forgetSeen(deps).catch((error: unknown) => {
        if (!abort.signal.aborted) deps.onProblem(error)
      })
    }
  })()
  return async () => {
    abort.abort()
    await loop
  }
}
