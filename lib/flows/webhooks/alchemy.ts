// Alchemy Notify: the hexadecimal HMAC-SHA256 of the raw body under the webhook's signing key. It signs neither time nor nonce.

import { defineWebhook, digestPattern } from './define-webhook.ts'

export const alchemy = defineWebhook({
  name: 'alchemy',
  title: 'Alchemy Notify: X-Alchemy-Signature over the body',
  claim({ headers, body }) {
    const signature = headers['x-alchemy-signature'] ?? ''
    return digestPattern.test(signature) ? { text: body, signature } : undefined
  },
})
