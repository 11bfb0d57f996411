// `homeostat backtest`: whether value at risk and expected shortfall held on days that they had not seen.

import { type Command, InvalidArgumentError } from 'commander'
import { instantOf } from '../../lib/base/calendar.ts'
import type { BacktestFlags } from '../backtest/run-backtest.ts'
import { withHistory } from '../history-flags.ts'

export function addBacktest(program: Command): void {
  withHistory(
    program
      .command('backtest')
      .description('Test value at risk and expected shortfall on days that they had not seen.'),
  )
    .option(
      '--weights <weights>',
      'one book: BTC=0.5,ETH=0.5 (the rest is cash, below 0 is sold short), or equal',
      weights,
    )
    .option('--train-to <date>', 'last day that nothing is tested on', instant)
    .option('--levels <levels>', 'levels of confidence', levels, [0.95, 0.99])
    .option('--horizon <length>', '1d, 10d (each tenth day, no overlap), or 1h where the file is hourly', horizon)
    .option('--refit <bars>', 'fit residuals and tails anew after so many bars, or never', refit, 7)
    .option('--seed <n>', 'of everything that is drawn', seed, 1)
    .option('--svg <file>', 'write a picture of returns, value at risk and breaches')
    .option('--json', 'print JSON, every forecast included')
    .addHelpText(
      'after',
      `
--from and --to bound the days tested; all that lies before is history. Left out: from the day after --train-to, else after two years or half of the file.
Each asset is a book, and so is the equal-weight one. Forecasts use only what lay before them: volatilities by exponential smoothing (half-life 23 days,
a week of hourly bars; nothing estimated), whole dates of standardised residuals, tails by generalised Pareto laws.
Tests: Kupiec (as many breaches as promised), Christoffersen (independence, and both together), Acerbi-Szekely Z2 (expected shortfall, one-sided); Holm over all.

Examples:
  homeostat backtest --history prices.csv --only BTC,ETH --train-to 2019-12-31 --to 2024-12-31
  homeostat backtest --history prices.csv --weights BTC=0.5,ETH=0.5 --horizon 10d
  homeostat backtest --history prices.csv --only BTC,ETH --weights equal --refit never --svg backtest.svg`,
    )
    .action(async (flags: BacktestFlags) => {
      const { runBacktest } = await import('../backtest/run-backtest.ts')
      await runBacktest(flags)
    })
}

function list(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (names.length > 0) return names
  throw new InvalidArgumentError('It must be names of assets, such as BTC,ETH.')
}

function weights(text: string): BacktestFlags['weights'] {
  if (text === 'equal') return 'equal'
  const parts = list(text).map((one) => one.split('='))
  const pairs = parts.map(
    ([asset = '', share = '']) => [asset.trim(), share.trim() === '' ? Number.NaN : Number(share)] as const,
  )
  const names = new Set(pairs.map(([asset]) => asset))
  const isRight = pairs.every(([asset, share]) => asset !== '' && Number.isFinite(share) && Math.abs(share) <= 100)
  if (isRight && parts.every((one) => one.length === 2) && names.size === pairs.length) return Object.fromEntries(pairs)
  throw new InvalidArgumentError('It must be equal, or shares such as BTC=0.5,ETH=0.5, each asset once.')
}

function instant(text: string): number {
  const at = instantOf(text)
  if (at !== undefined) return at
  throw new InvalidArgumentError('It must be a date such as 2019-12-31.')
}

function levels(text: string): readonly number[] {
  const values = [...new Set(list(text).map(Number))].toSorted((a, b) => a - b)
  if (values.every((level) => level >= 0.5 && level < 1)) return values
  throw new InvalidArgumentError('They must be levels from 0.5 to below 1, such as 0.95,0.99.')
}

/** In seconds. */
function horizon(text: string): number {
  const [, count = '', unit] = /^(\d{1,3})([hd])$/.exec(text) ?? []
  const seconds = Number(count) * (unit === 'h' ? 3_600 : 86_400)
  if (seconds > 0) return seconds
  throw new InvalidArgumentError('It must be a length such as 1h, 1d or 10d.')
}

function refit(text: string): number {
  if (text === 'never') return Number.POSITIVE_INFINITY
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError('It must be a whole number of bars above 0, or never.')
}

function seed(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('It must be a whole number from 0 on.')
}
