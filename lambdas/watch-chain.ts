// Door: a chain's logs are due.

import { watchChain } from '../lib/flows/watch-chain.ts'
import { chainEvents } from '../lib/sources/chain-events.ts'
import { awsBus, awsChains, awsConfig } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { jsonLog } from '../lib/wiring/log.ts'
import { awsSecrets } from '../lib/wiring/secrets.ts'

const deps = {
  config: awsConfig(),
  chains: awsChains(),
  events: chainEvents({ secret: awsSecrets() }),
  bus: awsBus(),
  clock: systemClock,
  log: jsonLog,
}

export const handler = onQueue({ 'chain-due': (message) => watchChain(deps, message) })
