// Everything that can go wrong between us and a venue, as one kind of error with a literal code; no text holds a secret.

import { HomeostatError } from '../../base/homeostat-error.ts'

export type VenueFaultCode =
  | 'venue-timeout'
  | 'venue-unreachable'
  | 'venue-http-status'
  | 'venue-malformed'
  | 'venue-wrong-id'
  | 'venue-too-large'
  | 'venue-error'
  | 'venue-wrong-network'
  | 'venue-clock-skew'
  | 'venue-key-unusable'
  | 'venue-key-not-read-only'
  | 'venue-url-invalid'
  | 'secret-unavailable'
  | 'deadline-exceeded'
  | 'unexpected'

export function venueFault(
  code: VenueFaultCode,
  message: string,
  more: { readonly facts?: Readonly<Record<string, string | number | boolean>>; readonly hint?: string } = {},
): HomeostatError {
  return new HomeostatError(code, { message, retry: code === 'venue-key-not-read-only' ? 'never' : 'later', ...more })
}
