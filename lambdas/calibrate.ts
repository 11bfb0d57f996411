// Door: once an hour, what history says of the market.

import { calibrate } from '../lib/flows/calibrate.ts'
import { pastPrices } from '../lib/sources/history/past-prices.ts'
import { awsConfig, awsHistory, awsModels, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock, systemPatience } from '../lib/wiring/clock.ts'
import { onSchedule } from '../lib/wiring/doors/on-schedule.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const prices = pastPrices(systemPatience)
const stores = { config: awsConfig(), watch: awsWatch(), history: awsHistory(), models: awsModels() }
const deps = { ...stores, prices, clock: systemClock, log: jsonLog }

export const handler = onSchedule(() => calibrate(deps))
