// How ids become keys, so that everything is found by its id with one read and lists come back in the order of time.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'

const prefix = 'portfolio#'

/** The partition of everything that belongs to one portfolio. */
export function portfolioPartition(portfolioId: string): string {
  return `${prefix}${portfolioId}`
}

/** The portfolio that a partition belongs to; undefined for other partitions. */
export function portfolioOf(partition: string): string | undefined {
  return partition.startsWith(prefix) ? partition.slice(prefix.length) : undefined
}

/** An instant as text that sorts like the number. */
export function paddedInstant(at: UnixSeconds): string {
  return String(Math.floor(at)).padStart(12, '0')
}

/**
 * The sort key of a snapshot or report: its id `portfolio#at#rest` already says when it was.
 * Undefined for an id of another portfolio or shape: nothing is stored under it.
 */
export function momentSort(kind: 'snapshot' | 'report', portfolioId: string, id: string): string | undefined {
  const match = id.startsWith(`${portfolioId}#`) ? /^(\d{1,12})#(.+)$/.exec(id.slice(portfolioId.length + 1)) : null
  return match ? `${kind}#${(match[1] ?? '').padStart(12, '0')}#${match[2]}` : undefined
}

/** The same where the id must have its shape. */
export function momentSortOf(kind: 'snapshot' | 'report', portfolioId: string, id: string): string {
  const sort = momentSort(kind, portfolioId, id)
  if (sort === undefined) throw malformedId(kind, id, 'portfolio#at#digest')
  return sort
}

/** The defect of an id that is not of the shape that its kind promises. */
export function malformedId(kind: string, id: string, shape: string): HomeostatError {
  return new HomeostatError('malformed-id', {
    message: `${id} is not the id of a ${kind}: it must read ${shape}.`,
    retry: 'never',
    facts: { kind, id, shape },
    hint: 'This is a defect where the id was made.',
  })
}
