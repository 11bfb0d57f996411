// Door: a snapshot was taken.

import { assessRisk } from '../lib/flows/assess-risk.ts'
import { awsBus, awsChains, awsConfig, awsHolders, awsModels, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const deps = {
  config: awsConfig(),
  watch: awsWatch(),
  holders: awsHolders(),
  chains: awsChains(),
  models: awsModels(),
  bus: awsBus(),
  clock: systemClock,
  log: jsonLog,
}

export const handler = onQueue({ 'snapshot-taken': (message) => assessRisk(deps, message) })
