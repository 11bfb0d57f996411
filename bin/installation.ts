// Which installation a command talks to, and the option that names it.

import type { Command } from 'commander'
import type { Connection } from '../lib/wiring/connect.ts'
import { outputsFile } from '../lib/wiring/outputs-file.ts'

export interface InstallationFlags {
  readonly outputs: string
}

export function withInstallation(command: Command): Command {
  return command.option(
    '--outputs <file>',
    'outputs of the deployed stack (cdk deploy --outputs-file), or of a running `npm start`',
    outputsFile,
  )
}

/** Loaded when asked: help must not wait for the AWS SDK. */
export async function openInstallation({ outputs }: InstallationFlags): Promise<Connection> {
  const { connect, readInstallation } = await import('../lib/wiring/connect.ts')
  return connect(readInstallation(outputs))
}
