// Door: people are to be told something.

import { variables } from '../lib/base/deployment-names.ts'
import { notify } from '../lib/flows/notify.ts'
import { awsConfig, awsNotifiers, awsOrders, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { optional } from '../lib/wiring/environment.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const deps = {
  config: awsConfig(),
  watch: awsWatch(),
  orders: awsOrders(),
  notifiers: awsNotifiers(),
  clock: systemClock,
  log: jsonLog,
  approveUrl: optional(variables.approveUrl),
  consoleUrl: optional(variables.consoleUrl),
}

export const handler = onQueue({
  'alert-raised': (message) => notify(deps, message),
  'order-news': (message) => notify(deps, message),
})
