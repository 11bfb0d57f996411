// Where `cdk deploy --outputs-file` and `npm start` leave what the CLI needs: apart, so that a local run never touches a deployment's file.

import { existsSync } from 'node:fs'

/** Of the deployed stack. */
export const outputsFile = '.homeostat/outputs.json'

/** What a local run leaves below its folder while it runs. */
export const localRunFiles = { outputs: 'local/outputs.json', world: 'local/world.json' } as const

export const localOutputsFile = `.homeostat/${localRunFiles.outputs}`
export const localWorldFile = `.homeostat/${localRunFiles.world}`

/** The file of the local run while there is one, else that of the deployment. */
export function defaultOutputsFile(): string {
  return existsSync(localOutputsFile) ? localOutputsFile : outputsFile
}
