// The last check of what an adapter has put together: a chain may answer what no position can be.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import { parsePosition } from '../../instruments/parse-position.ts'
import type { GapReach } from '../../model/data-state.ts'
import type { PositionReading } from '../../model/reading.ts'
import type { Refusal } from './as-configured.ts'
import { gapOf, type ReadingPart } from './define-protocol.ts'

/** The position, or a gap in its place if its terms break the rules of their instrument. */
export function positionPart(position: PositionReading): ReadingPart {
  try {
    return { positions: [{ ...position, instrument: parsePosition(position.instrument) }] }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return refusedPart(position.id, { ok: false, code: 'impossible-terms', reason: error.message })
  }
}

/** A gap where the position would stand. */
export function refusedPart(
  id: string,
  { code, reason }: Refusal,
  touches: GapReach = { kind: 'position', positionId: id },
): ReadingPart {
  return { gaps: [gapOf({ code, reason }, { subject: `position ${id}`, touches })] }
}
