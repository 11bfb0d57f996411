// Everything that can go wrong between us and a provider, as one kind of error with a literal code; other people's messages stay outside.

import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'

export type ChainFaultCode =
  | 'rpc-timeout'
  | 'rpc-unreachable'
  | 'rpc-http-status'
  | 'rpc-malformed'
  | 'rpc-wrong-id'
  | 'rpc-too-large'
  | 'rpc-error'
  | 'rpc-url-invalid'
  | 'secret-unavailable'
  | 'wrong-chain'
  | 'head-too-old'
  | 'head-in-future'
  | 'head-behind'
  | 'block-missing'
  | 'multicall-failed'
  | 'wrong-state'
  | 'provider-liar'
  | 'logs-disagree'
  | 'quorum-lost'
  | 'reorged'
  | 'deadline-exceeded'
  | 'unexpected'

/** A fault of the connection or of the whole answer: nothing of the chain can be trusted while it lasts. `message` holds no secret. */
export function chainFault(
  code: ChainFaultCode,
  message: string,
  facts: Readonly<Record<string, string | number | boolean>> = {},
): HomeostatError {
  return new HomeostatError(code, { message, retry: 'later', facts })
}

/**
 * Our fault inside whatever viem wrapped around it. Errors that hold none are answers which viem could not make sense of:
 * their texts print URLs with API keys, so only their kind is kept.
 */
export function faultIn(error: unknown): HomeostatError {
  let inner = error
  for (let depth = 0; depth < 12 && inner instanceof Error; depth++) {
    if (isHomeostatError(inner)) return inner
    inner = inner.cause
  }
  const kind = error instanceof Error ? error.name : typeof error
  return chainFault('rpc-malformed', `The provider's answer could not be understood (${kind}).`, { kind })
}
