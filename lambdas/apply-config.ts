// Door: a deploy carries a configuration; validate it and put it in force, or fail the deploy with every problem named.

import { applyConfig } from '../lib/flows/apply-config.ts'
import { awsConfig } from '../lib/wiring/aws.ts'
import { systemClock } from '../lib/wiring/clock.ts'
import { readConfiguration } from '../lib/wiring/configuration/read-configuration.ts'
import { jsonLog } from '../lib/wiring/log.ts'

const deps = { config: awsConfig(), clock: systemClock, log: jsonLog }

export const handler = async () => {
  const read = await readConfiguration(new URL('homeostat.yaml', import.meta.url))
  return applyConfig(deps, { ...read, by: 'deploy' })
}
