// `homeostat history`: stored bars of prices: into the store, out of it, and from public candle sources.

import { type Command, InvalidArgumentError } from 'commander'
import { instantOf } from '../../lib/base/calendar.ts'
import { type BarInterval, barIntervals } from '../../lib/model/history.ts'
import type { FetchFlags } from '../history/fetch-prices.ts'
import type { ImportFlags } from '../history/import-prices.ts'
import type { ShowFlags } from '../history/show-history.ts'
import { orderedRange } from '../history-flags.ts'
import { withInstallation } from '../installation.ts'

export function addHistory(program: Command): void {
  const group = program.command('history').description('Bars of prices: what is stored, and where more comes from.')
  addImport(group)
  withRange(withInstallation(group.command('show').description('Show which bars are stored, or those of an asset.')))
    .argument('[asset]', 'such as ETH')
    .option('--json', 'print JSON; with an asset also every bar')
    .action(async (asset: string | undefined, flags: ShowFlags) => {
      const { showHistory } = await import('../history/show-history.ts')
      await showHistory(asset, flags)
    })
  withRange(
    withInstallation(group.command('export').description('Print stored bars as CSV, which import reads again.')),
  )
    .argument('[assets...]', 'such as ETH BTC; all if left out')
    .action(async (assets: readonly string[], flags: ShowFlags) => {
      const { exportBars } = await import('../history/export-bars.ts')
      await exportBars(assets, flags)
    })
  addFetch(group)
}

function addFetch(group: Command): void {
  group
    .command('fetch')
    .hook('preAction', (command) => orderedRange(command.opts()))
    .description('Print past prices of a public source as CSV.')
    .requiredOption('--source <name>', 'coinbase (US dollars) or binance (USDT)')
    .requiredOption('--asset <name>', 'such as BTC')
    .requiredOption('--from <instant>', 'bars that begin here or later, e.g. 2024-01-01', instant)
    .option('--to <instant>', 'bars that begin before this; those that are closed by now if left out', instant)
    .option('--interval <interval>', `length of the bars: ${barIntervals.join(', ')}`, interval, '1d')
    .option('--product <name>', 'as the source calls it, such as BTC-USD or BTCUSDT')
    .option('--url <url>', "another address of the source's API")
    .addHelpText(
      'after',
      `
Bars are those of UTC. An interval in which nobody traded has no row, and the bar of now is none yet.

Example:
  homeostat history fetch --source coinbase --asset ETH --from 2024-01-01 | homeostat history import - --source coinbase`,
    )
    .action(async (flags: FetchFlags) => {
      const { fetchPrices } = await import('../history/fetch-prices.ts')
      await fetchPrices(flags)
    })
}

function addImport(group: Command): void {
  withInstallation(
    group
      .command('import')
      .description('Store the prices of a CSV file as bars.')
      .argument('<csv>', 'a file, or - for standard input'),
  )
    .option('--asset <name>', 'whose prices they are, where no column says it')
    .option('--only <assets>', 'import only these, such as BTC,ETH', list)
    .option(
      '--interval <interval>',
      `length of the bars: ${barIntervals.join(', ')}; told from the rows if left out`,
      interval,
    )
    .option('--stamp <end>', 'which end of its interval the time of a row is: open or close', stamp, 'open')
    .option('--source <name>', "under which name they are kept; the file's name if left out")
    .option('--skip-refused', 'store the other rows although some were refused')
    .option('--dry-run', 'say what would be stored, and store nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Files: date,asset,price_usd (or open_usd,high_usd,low_usd,close_usd), date,BTC,ETH, or date,close with --asset.
Times are ISO 8601 (UTC where no zone is given) or Unix. An empty cell is a gap, and gaps stay gaps.

Examples:
  homeostat history import prices.csv --dry-run
  homeostat history import hourly.csv --only BTC,ETH
  homeostat history export ETH | homeostat history import - --source copy`,
    )
    .action(async (file: string, flags: ImportFlags) => {
      const { importPrices } = await import('../history/import-prices.ts')
      await importPrices(file, flags)
    })
}

function withRange(command: Command): Command {
  return command
    .hook('preAction', () => orderedRange(command.opts()))
    .option('--interval <interval>', `only bars of ${barIntervals.join(', ')}`, interval)
    .option('--source <name>', 'only bars from this source')
    .option('--from <instant>', 'bars that begin here or later, e.g. 2024-01-01', instant)
    .option('--to <instant>', 'bars that begin before this', instant)
}

function interval(text: string): BarInterval {
  const found = barIntervals.find((one) => one === text)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`must be one of ${barIntervals.join(', ')}`)
}

function stamp(text: string): 'open' | 'close' {
  if (text === 'open' || text === 'close') return text
  throw new InvalidArgumentError('must be open or close')
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function instant(text: string): number {
  const at = /^\d{9,11}$/.test(text) ? Number(text) : instantOf(text)
  if (at !== undefined) return at
  throw new InvalidArgumentError(
    'must be a date such as 2024-01-01, an instant such as 2024-01-01T12:00Z, or Unix seconds',
  )
}
