// How a provider that calls us is written: of which chain it tells, and with which secret it signs.

import { secretPrefixes } from '../../base/deployment-names.ts'
import { webhookKinds } from '../../flows/webhooks/index.ts'
import type { WebhookConfig } from '../../model/configuration.ts'
import { id, oneOf, reference, secretName } from './scalars.ts'
import { mapOf, type Reader, required } from './shapes.ts'

const kinds = webhookKinds.map(({ name }) => name)

/** @param chains ids of those that are configured */
export function webhook(chains: readonly string[]): Reader<WebhookConfig> {
  return mapOf<WebhookConfig>({
    id: required(id),
    kind: required(oneOf(kinds)),
    chain: required(reference('chain', chains)),
    secret: required(secretName(secretPrefixes.webhook)),
  })
}
