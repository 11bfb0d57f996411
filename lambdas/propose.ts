// Door: a plan was made, or an open order is to be re-quoted.

import { chainVenues } from '../lib/actions/chain-venues.ts'
import { variables } from '../lib/base/deployment-names.ts'
import { propose } from '../lib/flows/propose.ts'
import { awsBus, awsConfig, awsOrders, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock, systemRandom } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { required } from '../lib/wiring/environment.ts'
import { jsonLog } from '../lib/wiring/log.ts'
import { awsSecrets } from '../lib/wiring/secrets.ts'

const deps = {
  config: awsConfig(),
  watch: awsWatch(),
  orders: awsOrders(),
  venues: chainVenues({ secret: awsSecrets() }),
  bus: awsBus(),
  clock: systemClock,
  random: systemRandom,
  log: jsonLog,
  deployment: required(variables.deployment),
}

export const handler = onQueue({ 'plan-made': (message) => propose(deps, message) })
