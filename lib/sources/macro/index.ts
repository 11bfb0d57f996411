// The registry of places that tell values of the wider world: one line a source.

import { cboe } from './cboe.ts'
import { ecb } from './ecb.ts'
import { fred } from './fred.ts'

export const macroSources = [fred, cboe, ecb] as const
