// Door: the page and its JSON, for a session only.

import { variables } from '../lib/base/deployment-names.ts'
import { showConsole } from '../lib/flows/console.ts'
import { awsChains, awsConfig, awsOrders, awsSessions, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock, systemHash, systemRandom } from '../lib/wiring/clock.ts'
import { onHttp } from '../lib/wiring/doors/on-http.ts'
import { optional } from '../lib/wiring/environment.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const approveBaseUrl = optional(variables.approveUrl)
const stores = { watch: awsWatch(), orders: awsOrders(), config: awsConfig(), chains: awsChains() }
const deps = {
  ...stores,
  sessions: awsSessions(),
  clock: systemClock,
  random: systemRandom,
  hash: systemHash,
  log: jsonLog,
  ...(approveBaseUrl === undefined ? {} : { approveBaseUrl }),
}

/** A function URL is always https; only the local runner says http. */
export const handler = onHttp((request) =>
  showConsole({ ...deps, scheme: request.headers['x-forwarded-proto'] === 'http' ? 'http' : 'https' }, request),
)
