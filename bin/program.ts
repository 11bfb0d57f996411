// The commands of the command line: one per flow. What a command needs is loaded when it is asked for.

import { addBacktest } from './commands/backtest.ts'
import { addConfig } from './commands/config.ts'
import { addConsole } from './commands/console.ts'
import { addContagion } from './commands/contagion.ts'
import { addCovariance } from './commands/covariance.ts'
import { addDiscover } from './commands/discover.ts'
import { addHistory } from './commands/history.ts'
import { addIv } from './commands/iv.ts'
import { addLocal } from './commands/local.ts'
import { addMarket } from './commands/market.ts'
import { addOrder } from './commands/order.ts'
import { addPrice } from './commands/price.ts'
import { addProfile } from './commands/profile.ts'
import { addRegime } from './commands/regime.ts'
import { addRisk } from './commands/risk.ts'
import { addRule } from './commands/rule.ts'
import { addSnapshot } from './commands/snapshot.ts'
import { addSurface } from './commands/surface.ts'
import { addWatch } from './commands/watch.ts'
import { PatientCommand } from './patient-command.ts'
import { printError } from './print-error.ts'

/** Runs what the words of the command line ask for; what goes wrong is printed, and is the exit code. */
export async function runProgram(): Promise<void> {
  const program = new PatientCommand('homeostat')
    .description('Risk monitor for crypto portfolios: from chain reads to an approved, signed transaction.')
    .version('0.1.0')
    // Options after the name of a command are its own.
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: true })

  for (const add of [
    addLocal,
    addMarket,
    addConfig,
    addDiscover,
    addSnapshot,
    addOrder,
    addRegime,
    addRisk,
    addRule,
    addContagion,
    addConsole,
    addCovariance,
    addWatch,
    addHistory,
    addBacktest,
    addIv,
    addPrice,
    addProfile,
    addSurface,
  ])
    add(program)

  try {
    await program.parseAsync()
  } catch (error) {
    printError(error)
    process.exitCode = 1
  }
}
