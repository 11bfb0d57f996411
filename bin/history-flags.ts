// The options of every command that models returns from a file of prices.

import { type Command, InvalidArgumentError } from 'commander'
import { instantOf, isoDate } from '../lib/base/calendar.ts'
import { HomeostatError } from '../lib/base/homeostat-error.ts'
import { type BarInterval, barIntervals } from '../lib/model/history.ts'

export interface HistoryFlags {
  readonly history: string
  readonly only?: readonly string[]
  readonly from?: number
  readonly to?: number
  readonly interval?: BarInterval
}

/** @throws HomeostatError `invalid-input` before anything is read, where nothing can lie between */
export function orderedRange({ from, to }: Pick<HistoryFlags, 'from' | 'to'>): void {
  if (from === undefined || to === undefined || from <= to) return
  throw new HomeostatError('invalid-input', {
    message: `--from ${instantText(from)} is after --to ${instantText(to)}.`,
    retry: 'never',
    hint: 'Exchange them, or leave one out.',
  })
}

const instantText = (at: number) =>
  at % 86_400 === 0 ? isoDate(at) : `${new Date(1_000 * at).toISOString().slice(0, 16)}Z`

export function withHistory(command: Command): Command {
  return command
    .hook('preAction', () => orderedRange(command.opts()))
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
