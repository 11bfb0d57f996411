// Door: once a minute, what outboxes still hold.

import { deliver } from '../lib/flows/deliver.ts'
import { awsBus, awsOrders, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onSchedule } from '../lib/wiring/doors/on-schedule.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const deps = { watch: awsWatch(), orders: awsOrders(), bus: awsBus(), clock: systemClock, log: jsonLog }

export const handler = onSchedule(() => deliver(deps))
