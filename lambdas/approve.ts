// Door: somebody opened an order's link, or signs it.

import { variables } from '../lib/base/deployment-names.ts'
import { approve } from '../lib/flows/approve.ts'
import { currentSettings } from '../lib/flows/current-settings.ts'
import { awsBus, awsConfig, awsOrders } from '../lib/wiring/aws.ts'
import { systemClock, systemRandom } from '../lib/wiring/clock.ts'
import { onHttp } from '../lib/wiring/doors/on-http.ts'
import { optional } from '../lib/wiring/environment.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const config = awsConfig()
const demoSignUrl = optional(variables.demoSignUrl)
const deps = {
  settings: (portfolioId: string) => currentSettings(config, portfolioId),
  orders: awsOrders(),
  bus: awsBus(),
  clock: systemClock,
  random: systemRandom,
  log: jsonLog,
  ...(demoSignUrl === undefined ? {} : { demoSignUrl }),
}

export const handler = onHttp((request) => approve(deps, request))
