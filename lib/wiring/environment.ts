// The only reader of process.env: what a door is given is named here, and a missing name says so.

import { type QueueName, queueNames, queueVariable } from '../base/deployment-names.ts'
import { HomeostatError } from '../base/homeostat-error.ts'

/** @throws HomeostatError `missing-variable` */
export function required(name: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  throw new HomeostatError('missing-variable', {
    message: `The environment variable ${name} is not set.`,
    retry: 'never',
    facts: { variable: name },
    hint: 'The stack sets it together with the grant: see lib/infra, `worker.uses(...)`.',
  })
}

export function optional(name: string): string | undefined {
  const value = process.env[name]
  return value === undefined || value === '' ? undefined : value
}

/** The queues that this door may send to. */
export function queueUrls(): Partial<Record<QueueName, string>> {
  return Object.fromEntries(
    queueNames.flatMap((queue) => {
      const url = optional(queueVariable(queue))
      return url === undefined ? [] : [[queue, url]]
    }),
  )
}
