// `homeostat console link`: a ten-minute, one-time way into the page, for whoever holds the account's credentials.

import type { Command } from 'commander'
import { type InstallationFlags, openInstallation, withInstallation } from '../installation.ts'

export function addConsole(program: Command): void {
  const group = program.command('console').description('The page.')
  withInstallation(group.command('link').description('Make a link that opens the page once within ten minutes.'))
    .option('--json', 'print JSON')
    .action(link)
}

async function link(flags: InstallationFlags & { readonly json?: true }): Promise<void> {
  const { makeConsoleLink } = await import('../../lib/flows/console-session.ts')
  const { systemClock, systemHash, systemRandom } = await import('../../lib/wiring/clock.ts')
  const { sessions, pageUrl } = await openInstallation(flags)
  const made = await makeConsoleLink({ sessions, clock: systemClock, random: systemRandom, hash: systemHash })
  const url = `${pageUrl.replace(/\/$/, '')}${made.path}`
  console.log(flags.json === true ? JSON.stringify({ url, expiresAt: made.expiresAt }) : url)
}
