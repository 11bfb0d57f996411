// The options of every command that models returns from a file of prices.

import { type Command, InvalidArgumentError } from 'commander'
import { instantOf } from '../lib/base/calendar.ts'
import { type BarInterval, barIntervals } from '../lib/model/history.ts'

export interface HistoryFlags {
  readonly history: string
  readonly only?: readonly string[]
  readonly from?: number
  readonly to?: number
  readonly interval?: BarInterval
}

export function withHistory(command: Command): Command {
  return command
    .requiredOption('--history <csv>', 'prices: date,asset,price_usd or date,BTC,ETH; - for standard input')
    .option('--only <assets>', 'only these, in this order, such as BTC,ETH', list)
    .option('--from <instant>', 'bars that begin here or later, e.g. 2024-01-01', instant)
    .option('--to <instant>', 'bars that begin at this or before', instant)
    .option(
      '--interval <interval>',
      `length of the bars: ${barIntervals.join(', ')}; told from the rows if left out`,
      interval,
    )
}

function list(text: string): readonly string[] {
  const names = text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
  if (names.length > 0) return [...new Set(names)]
  throw new InvalidArgumentError('must be names, such as BTC,ETH')
}

function instant(text: string): number {
  const at = /^\d{9,11}$/.test(text) ? Number(text) : instantOf(text)
  if (at !== undefined) return at
  throw new InvalidArgumentError(
    'must be a date such as 2024-01-01, an instant such as 2024-01-01T12:00Z, or Unix seconds',
  )
}

function interval(text: string): BarInterval {
  const found = barIntervals.find((one) => one === text)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`must be one of ${barIntervals.join(', ')}`)
}
