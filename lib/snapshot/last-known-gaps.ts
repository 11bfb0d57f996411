// Positions at a venue whose account could not be read: known to be there, and left out by name.

import type { Gap } from '../model/data-state.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { VenueReading } from '../model/venue-reading.ts'

/** What was known of a venue's account before it could not be read: left out by name, never in silence. */
export function lastKnownGaps(
  readings: readonly VenueReading[],
  previous: Pick<Snapshot, 'positions' | 'gaps'> | undefined,
): readonly Gap[] {
  if (previous === undefined) return []
  return readings
    .filter(({ account }) => account === 'unread')
    .flatMap(({ venue }) => {
      const isOurs = (id: string) => id.startsWith(`${venue}:`) && id !== accountId(venue)
      const held = previous.positions.filter(({ id }) => isOurs(id)).map(({ id, label }) => ({ id, label }))
      // Left out before, it is left out again until the account is read.
      const missed = previous.gaps.flatMap(({ subject, touches }) =>
        touches.kind === 'position' && isOurs(touches.positionId) ? [{ id: touches.positionId, label: subject }] : [],
      )
      const all = new Map([...missed, ...held].map(({ id, label }) => [id, label]))
      return [...all].map(([id, label]): Gap => {
        const reason = `${label}: it was there when the account at ${venue} was last read, which now cannot be`
        return { subject: label, code: 'venue-unread', reason, touches: { kind: 'position', positionId: id } }
      })
    })
}

/** Stands for whatever an account that could not be read holds. */
const accountId = (venue: string) => `${venue}:account`
