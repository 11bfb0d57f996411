// Door: a provider says that something happened on a chain.

import { hearWebhook, maxWebhookBytes, webhooksInForce } from '../lib/flows/hear-webhook.ts'
import { awsBus, awsConfig, awsOnce } from '../lib/wiring/aws.ts'
import { systemClock, systemHmac } from '../lib/wiring/clock.ts'
import { onHttp } from '../lib/wiring/doors/on-http.ts'
import { jsonLog } from '../lib/wiring/log.ts'
import { awsSecrets } from '../lib/wiring/secrets.ts'

const deps = {
  webhooks: webhooksInForce({ config: awsConfig(), clock: systemClock }),
  secret: awsSecrets(),
  hmac: systemHmac,
  once: awsOnce(),
  bus: awsBus(),
  clock: systemClock,
  log: jsonLog,
}

export const handler = onHttp((request) => hearWebhook(deps, request), { maxBodyBytes: maxWebhookBytes })
