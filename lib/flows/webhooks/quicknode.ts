// QuickNode Streams and Webhooks: the hexadecimal HMAC-SHA256 of nonce, timestamp and body, one after the other, under the security token.

import { defineWebhook, digestPattern } from './define-webhook.ts'

/** A longer one would only make the store's keys long. */
const noncePattern = /^[\w.:=+/-]{8,200}$/

export const quicknode = defineWebhook({
  name: 'quicknode',
  title: 'QuickNode Streams: X-QN-Signature over X-QN-Nonce, X-QN-Timestamp and the body',
  claim({ headers, body }) {
    const signature = headers['x-qn-signature'] ?? ''
    const nonce = headers['x-qn-nonce'] ?? ''
    const timestamp = headers['x-qn-timestamp'] ?? ''
    if (!digestPattern.test(signature) || !noncePattern.test(nonce) || !/^\d{10,13}$/.test(timestamp)) return undefined
    // Seconds; milliseconds have three digits more.
    const at = timestamp.length > 11 ? Math.floor(Number(timestamp) / 1_000) : Number(timestamp)
    return { text: `${nonce}${timestamp}${body}`, signature, stamp: { at, nonce } }
  },
})
