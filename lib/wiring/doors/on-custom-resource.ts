// The door for custom resources of the stack: whatever happens, CloudFormation gets an answer, or a deploy would wait for it in vain.

import { setTimeout as pause } from 'node:timers/promises'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import { errorFacts, jsonLog } from '../log.ts'

const eventSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.optional(z.string()),
  ResourceProperties: z.record(z.string(), z.unknown()),
})
type ResourceEvent = z.output<typeof eventSchema>

type Result =
  | { readonly Status: 'SUCCESS'; readonly Data?: Readonly<Record<string, string>> }
  | { readonly Status: 'FAILED'; readonly Reason: string }

/** CloudFormation takes 4,096 bytes in all. */
const longestReason = 500
const attempts = 3
/** A role that was made seconds ago is not known everywhere yet; failing at once would roll a good deploy back. */
const waitsForRoleMs = [1_000, 2_000, 4_000]

type Look = (properties: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, string>>>

/**
 * Serves a custom resource that only tells something: its attributes are what `look` returns for its properties. There is nothing
 * to delete, so Delete succeeds without looking, and the physical id never changes.
 * @param waitsMs pauses between attempts to look
 * @throws if the answer cannot be delivered, so that Lambda tries the event again
 */
export function onCustomResource(
  look: Look,
  waitsMs: readonly number[] = waitsForRoleMs,
): (event: unknown) => Promise<void> {
  return async (raw) => {
    const event = parse(eventSchema, raw, 'custom resource event')
    await answer(event, event.RequestType === 'Delete' ? { Status: 'SUCCESS' } : await resultOf(event, look, waitsMs))
  }
}

async function resultOf(event: ResourceEvent, look: Look, waitsMs: readonly number[]): Promise<Result> {
  const { RequestType, LogicalResourceId } = event
  try {
    const Data = await patiently(() => look(event.ResourceProperties), waitsMs)
    jsonLog.line('custom-resource', { RequestType, LogicalResourceId, ...Data })
    return { Status: 'SUCCESS', Data }
  } catch (error) {
    const facts = errorFacts(error)
    jsonLog.line('custom-resource.failed', { RequestType, LogicalResourceId, ...facts })
    return { Status: 'FAILED', Reason: `${facts.message} ${facts.hint ?? ''}`.trim().slice(0, longestReason) }
  }
}

async function patiently<T>(act: () => Promise<T>, [waitMs, ...rest]: readonly number[]): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (waitMs === undefined) throw error
    await pause(waitMs)
    return patiently(act, rest)
  }
}

/** The address is signed for a request without a content type, hence bytes and not text as its body. */
async function answer(event: ResourceEvent, result: Result): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = event
  const body = new TextEncoder().encode(
    JSON.stringify({ ...result, StackId, RequestId, LogicalResourceId, PhysicalResourceId }),
  )
  for (let attempt = 1; ; attempt++) {
    try {
      const { ok, status } = await fetch(event.ResponseURL, { method: 'PUT', body, signal: AbortSignal.timeout(5_000) })
      if (ok) return
      throw new Error(`CloudFormation's answer address said ${status}`)
    } catch (error) {
      if (attempt === attempts) throw error
    }
  }
}
