// Door: an order has its approvals, or its transaction wants watching. The only door that can sign.

import { chainVenues } from '../lib/actions/chain-venues.ts'
import { execute } from '../lib/flows/execute.ts'
import { settle } from '../lib/flows/settle.ts'
import { awsBus, awsConfig, awsOrders, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { jsonLog } from '../lib/wiring/log.ts'
import { awsRelayer } from '../lib/wiring/relayer.ts'
import { awsSecrets } from '../lib/wiring/secrets.ts'

const deps = {
  config: awsConfig(),
  watch: awsWatch(),
  orders: awsOrders(),
  venues: chainVenues({ secret: awsSecrets() }),
  relayer: awsRelayer(),
  bus: awsBus(),
  clock: systemClock,
  log: jsonLog,
}

export const handler = onQueue({
  'order-approved': (message) => execute(deps, message),
  'settlement-due': (message) => settle(deps, message),
})
