// Translates the vendor's errors where they enter: what can be tried again, and what has to be repaired first.

import { HomeostatError } from '../base/homeostat-error.ts'

const passing = new Set([
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'SlowDown',
  'ThrottlingException',
  'TimeoutError',
  'TransactionInProgressException',
])

/** `store-unavailable` for throttling, 5xx and broken connections (retry later); `store-refused` for the rest (never). */
export function storeFailure(
  error: unknown,
  params: { readonly place: string; readonly operation: string },
): HomeostatError {
  const name = error instanceof Error ? error.name : 'unknown'
  const status = statusOf(error)
  const canPass = passing.has(name) || status === undefined || status >= 500 || status === 429
  return new HomeostatError(canPass ? 'store-unavailable' : 'store-refused', {
    message: `The store ${canPass ? 'did not answer' : 'refused'}: ${params.operation} on ${params.place} ended with ${name}.`,
    retry: canPass ? 'later' : 'never',
    facts: { ...params, name, ...(status === undefined ? {} : { status }) },
    hint: canPass ? 'It is tried again by itself.' : 'Look at the role of this function and at the name of the store.',
    cause: error,
  })
}

/** HTTP status of an AWS error; undefined if there was no answer at all. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata = error.$metadata as { readonly httpStatusCode?: number } | undefined
  return metadata?.httpStatusCode
}
