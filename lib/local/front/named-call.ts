// The vocabulary of the files that name calls: what they know, what they give, and how they decline.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Place } from '../template/place.ts'
import type { Call } from './authorise.ts'
import type { RequestContext } from './condition.ts'

/** What the front has to know to name resources. */
export interface Directory {
  readonly place: Place
  /** Partition key attribute of a table, or of one of its indexes. */
  partitionKeyOf(table: string, index: string | undefined): string | undefined
  /** ARN of the KMS key behind an id, ARN, alias name or alias ARN; undefined if there is none. */
  keyArnOf(keyId: string): string | undefined
}

/** A call without the condition keys that every call has. */
export type NamedCall = Pick<Call, 'action' | 'resources'> & { readonly context: RequestContext }
export type Body = Readonly<Record<string, unknown>>

/** @throws HomeostatError `call-unknown` */
export function refuseCall(what: string, service: string): never {
  throw new HomeostatError('call-unknown', {
    message: `The front does not know which permission ${what} of ${service} needs.`,
    retry: 'never',
    facts: { call: what, service },
    hint: 'Teach lib/local/front about the call.',
  })
}
