// The shape of a provider that calls us: what of its request is signed, and where the signature stands.

import type { UnixSeconds } from '../../base/units.ts'
import type { HttpRequest } from '../http.ts'

/** What a request claims; nothing of it holds before the signature was recomputed. */
export interface SignedClaim {
  /** What the HMAC-SHA256 is taken over. */
  readonly text: string
  /** Hexadecimal. */
  readonly signature: string
  /** When it was signed, and a text that is used once; absent where the provider signs neither. */
  readonly stamp?: { readonly at: UnixSeconds; readonly nonce: string }
}

export interface WebhookKind<Name extends string = string> {
  readonly name: Name
  /** One line for people and for the README's table. */
  readonly title: string
  /** Undefined: a header is missing or malformed. */
  readonly claim: (request: Pick<HttpRequest, 'headers' | 'body'>) => SignedClaim | undefined
}

export function defineWebhook<const Name extends string>(kind: WebhookKind<Name>): WebhookKind<Name> {
  return kind
}

/** SHA-256 in hexadecimal. */
export const digestPattern = /^[0-9a-f]{64}$/
