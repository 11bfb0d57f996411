// Which installation a command talks to, and the option that names it.

import type { Command } from 'commander'
import type { Connection } from '../lib/wiring/connect.ts'
import { defaultOutputsFile, localOutputsFile, outputsFile } from '../lib/wiring/outputs-file.ts'

export interface InstallationFlags {
  readonly outputs?: string
  readonly json?: true
}

export function withInstallation(command: Command): Command {
  return command.option(
    '--outputs <file>',
    `outputs of the deployed stack; otherwise those of the \`npm start\` that runs here, or ${outputsFile}`,
  )
}

let isTold = false

/** Loaded when asked: help must not wait for the AWS SDK. Without a file named, says on stderr if it is the local run. */
export async function openInstallation({ outputs, json }: InstallationFlags): Promise<Connection> {
  const { connect, readInstallation } = await import('../lib/wiring/connect.ts')
  const file = outputs ?? defaultOutputsFile()
  if (outputs === undefined && file === localOutputsFile && json !== true && !isTold) {
    console.error('talking to the local run')
    isTold = true
  }
  return connect(readInstallation(file))
}
