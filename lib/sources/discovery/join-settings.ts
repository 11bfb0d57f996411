// Several holdings of one protocol become one entry of the configuration: lists grow, everything else must be the same.

import type { Settings } from './findings.ts'

/** The joined settings, or the key at which they differ. */
export function joinSettings(
  one: Settings,
  other: Settings,
): { readonly joined: Settings } | { readonly conflict: string } {
  const joined: Record<string, unknown> = { ...one }
  for (const [key, value] of Object.entries(other)) {
    const before = joined[key]
    if (before === undefined) joined[key] = value
    else if (Array.isArray(before) && Array.isArray(value)) joined[key] = union(before, value)
    else if (JSON.stringify(before) !== JSON.stringify(value)) return { conflict: key }
  }
  return { joined }
}

function union(one: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const seen = new Set(one.map((item) => JSON.stringify(item)))
  return [...one, ...other.filter((item) => !seen.has(JSON.stringify(item)))]
}
