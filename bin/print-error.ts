// An error for people: what is wrong, where, and what to do.

import { isHomeostatError } from '../lib/base/homeostat-error.ts'
import { colours as pc } from './colours.ts'

export function printError(error: unknown): void {
  if (!isHomeostatError(error)) {
    console.error(pc.red('unexpected: ') + (error instanceof Error ? (error.stack ?? error.message) : String(error)))
    return
  }
  console.error(`${pc.red(`${error.code}: `)}${error.message}`)
  if (error.hint !== undefined) console.error(`${pc.dim('what to do: ')}${error.hint}`)
}
