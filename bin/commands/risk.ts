// `homeostat risk`: what a portfolio can lose with small probability, how likely it is liquidated, and what breaks it.

import { type Command, InvalidArgumentError } from 'commander'
import { instantOf } from '../../lib/base/calendar.ts'
import type { BarInterval } from '../../lib/model/history.ts'
import type { RiskFlags } from '../risk/show-risk.ts'

/** Scenarios are drawn from these. */
const riskIntervals = ['1h', '1d'] as const satisfies readonly BarInterval[]

export function addRisk(program: Command): void {
  program
    .command('risk')
    .description('Value at risk, expected shortfall, probability of liquidation and stress of a portfolio.')
    .requiredOption('--portfolio <file>', 'what is held, in JSON: a book or a snapshot (see below); - for stdin')
    .requiredOption('--history <csv>', 'prices of days or hours: date,asset,price_usd or date,BTC,ETH')
    .option(
      '--at <instant>',
      'value it then, and know nothing later: 2022-06-12; left out: as the portfolio says, else the end of the history',
      instant,
    )
    .option('--only <assets>', 'use only these of the history, such as BTC,ETH', list)
    .option(
      '--interval <interval>',
      `length of the bars: ${riskIntervals.join(', ')}; told from the rows if left out`,
      interval,
    )
    .option('--count <n>', 'scenarios', whole(100, 1_000_000), 10_000)
    .option('--seed <n>', 'of the scenarios; the same gives the same figures', whole(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--target-probability <p>', 'of liquidation, for the loan-to-value that keeps to it', probability, 0.05)
    .option('--gas-usd <usd>', 'what a liquidation costs beyond its penalty', amount, 0)
    .option(
      '--liquidation-bonus <share>',
      'what a liquidator takes beyond the debt, where it is not known',
      share,
      0.06,
    )
    .option('--json', 'print everything as JSON')
    .option('--svg <file>', 'write the distribution of gains and losses over a day as a picture; - for standard output')
    .addHelpText(
      'after',
      `
The portfolio is { "positions": [...], "market": {...} }. A market may be left out, or its prices: then they are those of the history.

  {
    "positions": [
      { "kind": "spot", "terms": { "asset": "BTC", "quantity": 2 } },
      { "id": "aave", "kind": "loan", "terms": {
          "collateral": [{ "asset": "wstETH", "quantity": 400, "liquidationThreshold": 0.8 }],
          "debt": [{ "asset": "USDC", "quantity": 600000 }] } },
      { "kind": "vanilla-option", "terms": { "asset": "ETH", "type": "put", "strike": 2000, "expiry": "2024-03-29T08:00Z", "quantity": 100 } }
    ],
    "market": { "exchangeRates": { "wstETH": { "underlying": "ETH", "rate": 1.15 } }, "volatility": { "ETH": 0.6 } }
  }

homeostat price --describe KIND tells the terms of each kind. What homeostat snapshot show --json prints is a portfolio too.

A bar of a day ends at the midnight after it: --at 2022-06-12 uses days up to 2022-06-11. Losses are positive. From hourly prices an hour is drawn from
hours; from daily ones it is a day's move scaled, and said to be.

Examples:
  homeostat risk --portfolio book.json --history prices.csv
  homeostat risk --portfolio book.json --history prices.csv --at 2022-06-12 --target-probability 0.01
  homeostat risk --portfolio book.json --history prices.csv --svg day.svg`,
    )
    .action(async (flags: RiskFlags) => {
      const { showRisk } = await import('../risk/show-risk.ts')
      await showRisk(flags)
    })
}

function instant(text: string): number {
  const at = /^\d{9,11}$/.test(text) ? Number(text) : instantOf(text)
  if (at !== undefined) return at
  throw new InvalidArgumentError(
    'It must be a date such as 2024-01-01, an instant such as 2024-01-01T12:00Z, or Unix seconds.',
  )
}

function interval(text: string): BarInterval {
  const found = riskIntervals.find((one) => one === text)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`It must be one of ${riskIntervals.join(', ')}.`)
}

function list(text: string): readonly string[] {
  const names = text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
  if (names.length > 0) return [...new Set(names)]
  throw new InvalidArgumentError('It must be names, such as BTC,ETH.')
}

function whole(from: number, to: number) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= from && value <= to) return value
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
  }
}

function probability(text: string): number {
  const value = Number(text)
  if (value > 0 && value < 1) return value
  throw new InvalidArgumentError('It must be above 0 and below 1: 0.05 is one in twenty.')
}

function amount(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('It must be an amount of dollars, 0 or more.')
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value < 1) return value
  throw new InvalidArgumentError('It must be a share from 0 to below 1: 0.05 is 5 %.')
}
