// Divides what an account may run at once, so that a storm of snapshots leaves room for the doors that approve and execute.

import { HomeostatError } from '../base/homeostat-error.ts'

export interface Share {
  /** For queues that a falling market fills. */
  readonly stormy: number
  /** For the others. */
  readonly quiet: number
  /** Reserved for an address that anybody may call, so that a flood there takes nothing from the others; none to reserve in a small account. */
  readonly reserved?: number
}

/** Lambda keeps this many for functions that reserve none, and refuses to go below. */
const unreservable = 100

/**
 * Invocations at a time for one queue. Lambda takes no less than 2 and no more than 1,000 for a queue.
 * @throws HomeostatError `invalid-concurrency`
 */
export function shareOf(accountConcurrency: number): Share {
  if (!Number.isInteger(accountConcurrency) || accountConcurrency < 10) {
    throw new HomeostatError('invalid-concurrency', {
      message: `The concurrency of an account is a whole number of at least 10, not ${accountConcurrency}.`,
      retry: 'never',
      hint: 'Look it up: aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions. Then: -c concurrency=N.',
    })
  }
  const part = (fraction: number) => Math.min(1_000, Math.max(2, Math.floor(accountConcurrency * fraction)))
  const reserved = Math.min(part(0.02), accountConcurrency - unreservable)
  return { stormy: part(0.25), quiet: part(0.1), ...(reserved < 2 ? {} : { reserved }) }
}
