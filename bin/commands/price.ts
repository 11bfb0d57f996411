// `homeostat price`: values and Greeks of a batch of instruments, each in its market.

import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { printTable } from '../print-table.ts'
import { priceTable } from '../quotes/price-table.ts'

interface PriceFlags {
  readonly json?: true
  readonly describe?: string | true
  readonly market?: string
  readonly greeks?: true
}

export function addPrice(program: Command): void {
  program
    .command('price')
    .description('Values and Greeks of instruments: one JSON object a line in, one a line out, in the same order.')
    .argument('[file]', 'JSON lines { id?, instrument: { kind, terms }, market, greeks?: true }; - or left out: stdin')
    .option('--describe [kind]', 'list the kinds; with one, its terms with units, and an example line')
    .option('--market <file>', 'a market in JSON for the lines that have none of their own')
    .option('--greeks', 'Greeks for every line, as if each had "greeks": true')
    .option('--json', 'print JSON, also on a terminal')
    .addHelpText(
      'after',
      `
Examples:
  homeostat price --describe vanilla-option
  homeostat price book.jsonl > priced.jsonl
  homeostat price --market market.json --greeks book.jsonl

Greeks are per 1.00 of volatility and of rate, per year, in units of the underlying; greeks.usd has them per point, per
day and per 1 % of spot. A line that cannot be priced becomes { id, line, error: { code, message, field, rule, hint } }
in its place; the others are priced, and the exit code is 1.`,
    )
    .action(price)
}

async function price(file: string | undefined, flags: PriceFlags): Promise<void> {
  if (flags.describe === true) return listKinds(flags.json)
  if (flags.describe !== undefined) return describeKind(flags.describe, flags.json)
  const { pricedLine } = await import('../quotes/priced-line.ts')
  const { runJsonLines } = await import('../json-lines.ts')
  const market = flags.market === undefined ? undefined : await readMarket(flags.market)
  const table = priceTable()
  await runJsonLines(
    { command: 'price', file, json: flags.json, table },
    { answer: (record) => table.seen(pricedLine(record, { market, greeks: flags.greeks === true })) },
  )
}

async function readMarket(path: string) {
  const { parseMarket } = await import('../../lib/instruments/market/parse-market.ts')
  let stated: unknown
  try {
    stated = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new HomeostatError('no-input', {
      message: `The market ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      retry: 'never',
      hint: 'homeostat price --describe vanilla-option shows a market.',
      cause,
    })
  }
  return parseMarket(stated, `market ${path}`)
}

async function listKinds(json: true | undefined): Promise<void> {
  const { instruments } = await import('../../lib/instruments/index.ts')
  const rows = instruments.map(({ kind, family, title, method }) => ({ kind, family, title, method }))
  if (json === true) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  printTable(
    [
      { title: 'kind', align: 'left' },
      { title: 'family', align: 'left' },
      { title: 'what', align: 'left' },
    ],
    rows.map(({ kind, family, title }) => [kind, family, title]),
  )
}

async function describeKind(kind: string, json: true | undefined): Promise<void> {
  const { instrumentOf } = await import('../../lib/instruments/instrument-of.ts')
  const { exampleMarket } = await import('../../lib/instruments/example-market.ts')
  const { marketSchema } = await import('../../lib/instruments/market/market-schema.ts')
  const { pricedLine } = await import('../quotes/priced-line.ts')
  const { printDescription } = await import('../describe-fields.ts')
  const instrument = instrumentOf(kind)
  const example = { id: 1, instrument: { kind, terms: instrument.example }, market: exampleMarket, greeks: true }
  printDescription(
    {
      title: `${instrument.title}. Terms of kind ${kind}; valued by: ${instrument.method}.`,
      schema: instrument.terms,
      others: { market: marketSchema },
      example,
      result: { id: 1, ...pricedLine(example) },
    },
    json,
  )
}
