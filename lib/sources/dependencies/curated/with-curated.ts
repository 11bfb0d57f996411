// Adds what no chain read shows, from the curated registry, to what was found; old entries are told.

import type { UnixSeconds } from '../../../base/units.ts'
import type { ChainDependencies, ChainLink, ChainNode, DependencyNote } from '../../../model/dependencies.ts'
import { type CuratedEntry, curatedEntries } from './registry.ts'

/** From here on somebody should look at the source again. */
const oldSeconds = 365 * 86_400

/** @param entries by default the registry */
export function withCurated(
  found: ChainDependencies,
  { at, entries = curatedEntries }: { readonly at: UnixSeconds; readonly entries?: readonly CuratedEntry[] },
): ChainDependencies {
  const nodes = new Map(found.nodes.map((node) => [node.id, node]))
  const links: ChainLink[] = []
  const notes: DependencyNote[] = []
  for (const { chainId, address, token, standsOn, source, date } of entries) {
    const to = `${chainId}:${address}`
    if (!nodes.has(to)) continue
    for (const { id, kind, label, edge, fact } of standsOn) {
      const evidence = `${fact} (${source}, read on ${date})`
      const node: ChainNode = { id, kind, label, evidence }
      if (!nodes.has(id)) nodes.set(id, node)
      links.push({ from: id, to, kind: edge, role: 'curated', evidence })
    }
    if (at - Date.parse(`${date}T00:00:00Z`) / 1_000 > oldSeconds) {
      const says = `the curated entry of ${token} is of ${date}: its source should be read again (${source})`
      notes.push({ code: 'curated-old', says, node: to })
    }
  }
  return {
    ...found,
    nodes: [...nodes.values()],
    links: [...found.links, ...links],
    notes: [...found.notes, ...notes],
  }
}
