// Calendar dates from instants and back: pure, given the instant, so this is the one place of the pure rooms that may use Date.

import type { UnixSeconds } from './units.ts'

const isoInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/** `2027-03-26`, in UTC. The instant lies within the years 1 to 9999. */
export function isoDate(at: UnixSeconds): string {
  // biome-ignore lint/style/noRestrictedGlobals: it is handed the instant
  return new Date(at * 1_000).toISOString().slice(0, 10)
}

/** ISO 8601 with its zone, or a date alone (midnight UTC), as Unix seconds; undefined for anything else, also for 30 February. */
export function instantOf(text: string): UnixSeconds | undefined {
  // biome-ignore lint/style/noRestrictedGlobals: it is handed the instant
  const milliseconds = isoInstant.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isFinite(milliseconds)) return undefined
  const day = text.slice(0, 10)
  // biome-ignore lint/style/noRestrictedGlobals: it is handed the instant
  const exists = isoDate(Date.parse(`${day}T00:00Z`) / 1_000) === day
  return exists ? milliseconds / 1_000 : undefined
}
