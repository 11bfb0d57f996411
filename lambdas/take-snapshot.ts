// Door: a portfolio is due.

import { takeSnapshot } from '../lib/flows/take-snapshot.ts'
import { chainSources } from '../lib/sources/chain-sources.ts'
import { venueSources } from '../lib/sources/venue-sources.ts'
import { awsBus, awsConfig, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { jsonLog } from '../lib/wiring/log.ts'
import { awsSecrets } from '../lib/wiring/secrets.ts'

const secret = awsSecrets()
const deps = {
  config: awsConfig(),
  sources: chainSources({ secret }),
  venueSources: venueSources({ secret }),
  watch: awsWatch(),
  bus: awsBus(),
  clock: systemClock,
  log: jsonLog,
}

export const handler = onQueue({ 'portfolio-due': (message) => takeSnapshot(deps, message) })
