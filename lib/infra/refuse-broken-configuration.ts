// The asset of apply-config carries the configuration: it is checked before anything is built, so that a broken one stops the synthesis and not the deploy.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { HomeostatError } from '../base/homeostat-error.ts'

const cli = fileURLToPath(new URL('../../bin/homeostat.ts', import.meta.url))

/**
 * The check is the CLI's own `config check`, in a process of its own: the stack imports neither the language of rules nor YAML.
 * @throws HomeostatError `configuration-refused`; the mistakes, each at its line, stand on stderr
 */
export function refuseBrokenConfiguration(file: string): void {
  const { status } = spawnSync(process.execPath, [cli, 'config', 'check', file], { stdio: ['ignore', 2, 2] })
  if (status === 0) return
  throw new HomeostatError('configuration-refused', {
    message: `${file} cannot be deployed.`,
    retry: 'never',
    facts: { file },
    hint: 'Correct what stands above, and check it again with: npx homeostat config check FILE',
  })
}
