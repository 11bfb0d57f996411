// `homeostat snapshot show`: what was seen and concluded last.

import type { Command } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Connection } from '../../lib/wiring/connect.ts'
import { type InstallationFlags, openInstallation, withInstallation } from '../installation.ts'
import { terminalView } from '../terminal-view.ts'

export function addSnapshot(program: Command): void {
  const group = program.command('snapshot').description('What was seen.')
  withInstallation(
    group
      .command('show')
      .description('Show the latest snapshot and report of a portfolio.')
      .argument('[portfolio]', 'id of the portfolio; may be left out if there is one'),
  )
    .option('--json', 'print snapshot and report as JSON')
    .action(show)
}

async function show(portfolio: string | undefined, flags: InstallationFlags & { readonly json?: true }): Promise<void> {
  const { readPortfolio } = await import('../../lib/flows/console.ts')
  const { systemClock } = await import('../../lib/wiring/clock.ts')
  const connection = await openInstallation(flags)
  const id = portfolio ?? (await onlyPortfolio(connection))
  if (portfolio !== undefined) await mustBeKnown(connection, id)
  if (flags.json === true) {
    const [report] = await connection.watch.latestReports(id, 1)
    if (report === undefined) throw nothingYet(id)
    console.log(JSON.stringify({ snapshot: await connection.watch.snapshot(id, report.snapshotId), report }, null, 2))
    return
  }
  const view = await readPortfolio({ ...connection, clock: systemClock }, id)
  if (view === undefined) throw nothingYet(id)
  console.log(terminalView(view).join('\n'))
}

/** @throws HomeostatError `which-portfolio` */
export async function onlyPortfolio(connection: Pick<Connection, 'config'>): Promise<string> {
  const ids = await portfolioIds(connection)
  const [only] = ids
  if (only !== undefined && ids.length === 1) return only
  throw new HomeostatError('which-portfolio', {
    message: ids.length === 0 ? 'No portfolio is configured.' : `There are several portfolios: ${ids.join(', ')}.`,
    retry: 'never',
    hint: ids.length === 0 ? 'Run `homeostat config apply`.' : 'Name one of them.',
  })
}

async function portfolioIds({ config }: Pick<Connection, 'config'>): Promise<readonly string[]> {
  const pointer = await config.pointer()
  return pointer === undefined ? [] : (await config.portfolios(pointer.version)).map(({ id }) => id)
}

/** @throws HomeostatError `unknown-portfolio` naming those that are known */
export async function mustBeKnown(connection: Pick<Connection, 'config'>, portfolioId: string): Promise<void> {
  const ids = await portfolioIds(connection)
  if (ids.includes(portfolioId)) return
  throw new HomeostatError('unknown-portfolio', {
    message: `There is no portfolio ${portfolioId}.`,
    retry: 'never',
    facts: { portfolioId },
    hint: ids.length === 0 ? 'None is configured: run `homeostat config apply`.' : `Known: ${ids.join(', ')}.`,
  })
}

function nothingYet(id: string): HomeostatError {
  return new HomeostatError('nothing-yet', {
    message: `There is no report of ${id} yet.`,
    retry: 'later',
    facts: { portfolioId: id },
    hint: 'The first one comes within a minute of the configuration; `homeostat config check` tells whether the id is right.',
  })
}
