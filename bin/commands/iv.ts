// `homeostat iv`: implied volatilities of a batch of option quotes.

import type { Command } from 'commander'
import type { LineTable } from '../line-table.ts'
import type { ImpliedVolatilityLine } from '../quotes/implied-volatility-line.ts'

interface IvFlags {
  readonly json?: true
  readonly describe?: true
}

export function addIv(program: Command): void {
  program
    .command('iv')
    .description('Implied volatilities: option quotes in, one JSON object a line, volatilities out, in the same order.')
    .argument('[file]', 'JSON lines; standard input if it is - or left out')
    .option('--describe', 'print the fields of a line with their units, and one example')
    .option('--json', 'print JSON lines, also on a terminal')
    .addHelpText(
      'after',
      `
Examples:
  homeostat iv quotes.jsonl
  echo '{"kind":"call","price":120,"spot":2000,"strike":2100,"time":0.25}' | homeostat iv
  homeostat iv quotes.jsonl | homeostat surface fit --repair --surface ETH --market | tail -n 1 > market.json
  homeostat price --market market.json book.jsonl

A result repeats surface, kind, strike, expiry, at and spot of its quote: homeostat surface fit reads these lines as they
are and gathers them by surface and expiry. State \`surface\` where a file holds several underlyings. A line that cannot be answered becomes { id, line, error: { code, message, field, rule, hint } } in its place; the
others are answered, and the exit code is 1.`,
    )
    .action(iv)
}

async function iv(file: string | undefined, flags: IvFlags): Promise<void> {
  const { impliedVolatilityLine, quoteExample, quoteSchema } = await import('../quotes/implied-volatility-line.ts')
  if (flags.describe === true) {
    const { printDescription } = await import('../describe-fields.ts')
    const result = { id: quoteExample.id, ...impliedVolatilityLine(quoteExample) }
    printDescription(
      { title: 'An option quote, one JSON object a line.', schema: quoteSchema, example: quoteExample, result },
      flags.json,
    )
    return
  }
  const { runJsonLines } = await import('../json-lines.ts')
  await runJsonLines({ command: 'iv', file, json: flags.json, table }, { answer: impliedVolatilityLine })
}

const table: LineTable<ImpliedVolatilityLine> = {
  columns: [
    { title: 'kind', align: 'left' },
    { title: 'strike', align: 'right' },
    { title: 'volatility', align: 'right' },
    { title: 'years', align: 'right' },
    { title: 'forward', align: 'right' },
    { title: 'price USD', align: 'right' },
    { title: 'vega a point', align: 'right' },
  ],
  row: ({ kind, strike, volatility, time, forward, priceUsd, vega }) => [
    kind,
    String(strike),
    `${(100 * volatility).toFixed(2)} %`,
    time.toFixed(4),
    forward.toFixed(2),
    priceUsd.toFixed(2),
    (vega / 100).toPrecision(4),
  ],
  note: ({ warnings }) => warnings.join('; '),
}
