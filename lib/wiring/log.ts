// One structured line for whatever a door did, without secrets.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { Log } from '../model/ports.ts'

/** Prints JSON lines, which CloudWatch indexes as they are. */
export const jsonLog: Log = {
  line: (event, facts) => console.log(JSON.stringify({ event, ...facts })),
}

/** An error as facts: ours whole, a foreign one by name and message only. */
export function errorFacts(error: unknown): Readonly<Record<string, unknown>> {
  if (isHomeostatError(error)) {
    const { code, message, retry, facts, hint } = error
    return { code, message, retry, facts, ...(hint === undefined ? {} : { hint }) }
  }
  return error instanceof Error
    ? {
        code: 'unexpected',
        message: `${error.name}: ${error.message}`,
        stack: error.stack?.split('\n').slice(1, 4).join(' '),
      }
    : { code: 'unexpected', message: String(error) }
}
