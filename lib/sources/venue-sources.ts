// Room 1 beside the chains: everything that a portfolio's off-chain venues tell, side by side, each with its own deadline.

import type { VenueSources } from '../model/ports.ts'
import type { VenueDeps } from './venues/define-venue-source.ts'
import { venues } from './venues/index.ts'

/** Readings of venues over HTTPS; one that fails takes nothing from the others. */
export function venueSources(deps: VenueDeps): VenueSources {
  return {
    read: ({ settings, at }) =>
      Promise.all(
        (settings.venues ?? []).flatMap((venue) =>
          venues.filter(({ kind }) => kind === venue.kind).map((source) => source.read(deps, { venue, at })),
        ),
      ),
  }
}
