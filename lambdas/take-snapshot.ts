// Door: a portfolio is due, or a count of who holds the tokens of a chain.

import { countHolders } from '../lib/flows/count-holders.ts'
import { takeSnapshot } from '../lib/flows/take-snapshot.ts'
import { chainSources } from '../lib/sources/chain-sources.ts'
import { holderCounts } from '../lib/sources/holder-counts.ts'
import { venueSources } from '../lib/sources/venue-sources.ts'
import { awsBus, awsConfig, awsHistory, awsHolders, awsWatch } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { onQueue } from '../lib/wiring/doors/on-queue.ts'
import { jsonLog } from '../lib/wiring/log.ts'
import { awsSecrets } from '../lib/wiring/secrets.ts'

const secret = awsSecrets()
const rooms = { sources: chainSources({ secret }), venueSources: venueSources({ secret }) }
const stores = { config: awsConfig(), watch: awsWatch(), holders: awsHolders(), history: awsHistory() }
const counts = holderCounts({ secret })
const deps = { ...rooms, ...stores, counts, bus: awsBus(), clock: systemClock, log: jsonLog }

export const handler = onQueue({
  'portfolio-due': (message) => takeSnapshot(deps, message),
  'holders-due': (message) => countHolders(deps, message),
})
