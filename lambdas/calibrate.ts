// Door: once an hour, what history says of the market.

import { calibrate } from '../lib/flows/calibrate.ts'
import { pastPrices } from '../lib/sources/history/past-prices.ts'
import { macroReader } from '../lib/sources/macro/macro-sources.ts'
import { awsConfig, awsHistory, awsMacro, awsModels, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock, systemPatience } from '../lib/wiring/clock.ts'
import { onSchedule } from '../lib/wiring/doors/on-schedule.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const sources = { prices: pastPrices(systemPatience), macroSources: macroReader(systemPatience) }
const stores = { watch: awsWatch(), history: awsHistory(), macroStore: awsMacro(), models: awsModels() }
const deps = { config: awsConfig(), ...stores, ...sources, clock: systemClock, log: jsonLog }

export const handler = onSchedule(() => calibrate(deps))
