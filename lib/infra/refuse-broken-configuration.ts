// The asset of apply-config carries the configuration: it is checked before it is packed, so that a broken one stops the synthesis and not the deploy.

import { fileURLToPath } from 'node:url'
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs'

const cli = fileURLToPath(new URL('../../bin/homeostat.ts', import.meta.url))

/** The check is the CLI's own `config check`, in a process of its own: the stack imports neither the language of rules nor YAML. */
export function refuseBrokenConfiguration(file: string): ICommandHooks {
  return {
    beforeBundling: () => [`${quoted(process.execPath)} ${quoted(cli)} config check ${quoted(file)}`],
    beforeInstall: () => [],
    afterBundling: (_, outputDir) => [`cp ${quoted(file)} ${quoted(`${outputDir}/homeostat.yaml`)}`],
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
