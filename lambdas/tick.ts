// Door: once a minute, which portfolios are due.

import { tick } from '../lib/flows/tick.ts'
import { awsBus, awsConfig } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onSchedule } from '../lib/wiring/doors/on-schedule.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const deps = { config: awsConfig(), bus: awsBus(), clock: systemClock, log: jsonLog }

export const handler = onSchedule(() => tick(deps))
