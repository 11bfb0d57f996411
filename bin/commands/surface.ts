// `homeostat surface fit`: smiles from the quotes of each expiry, and what they give away for free.

import { type Command, Option } from 'commander'
import type { JsonRecord } from '../json-record.ts'
import type { LineTable } from '../line-table.ts'
import type { CalendarLine } from '../quotes/compare-expiries.ts'
import type { SliceFit } from '../quotes/fit-slice.ts'

interface FitFlags {
  readonly json?: true
  readonly describe?: true
  readonly repair?: true
  readonly refuse?: true
}

export function addSurface(program: Command): void {
  program
    .command('surface')
    .description('Volatility surfaces.')
    .command('fit')
    .description('Fit an SVI smile to the quotes of each expiry, one JSON object a line, and look for arbitrage.')
    .argument('[file]', 'JSON lines; standard input if it is - or left out')
    .addOption(
      new Option(
        '--repair',
        'move a smile with arbitrage to the closest one without; refused if there is none',
      ).conflicts('refuse'),
    )
    .option('--refuse', 'refuse a smile with arbitrage; without --repair or --refuse it is reported')
    .option('--describe', 'print the fields of a line with their units, and one example')
    .option('--json', 'print JSON lines, also on a terminal')
    .addHelpText(
      'after',
      `
Examples:
  homeostat surface fit expiries.jsonl
  homeostat surface fit --repair - < expiries.jsonl

A line is one expiry: { id, forward, time | expiry and at, quotes: [{ strike, volatility | kind and price | kind, bid
and ask, weight }] }. Out of it come the raw SVI parameters of total variance in k = ln(strike / forward), the error of
the fit, where g(k) < 0 (butterfly arbitrage), at-the-money volatility and 25-delta skew; after the last line, one line
for each surface says whether total variance falls from one expiry to the next (calendar arbitrage).

Crossed, one-sided and repeated quotes, and prices without an implied volatility, are left out and listed; fewer than
five quotes at three strikes, or a quote with a wrong field, refuse the line. A refused line becomes
{ id, line, error: { code, message, field, rule, hint } }; the others are fitted, and the exit code is 1.`,
    )
    .action(fit)
}

async function fit(file: string | undefined, flags: FitFlags): Promise<void> {
  const { fitSlice } = await import('../quotes/fit-slice.ts')
  const mode = flags.repair === true ? 'repair' : flags.refuse === true ? 'refuse' : 'report'
  if (flags.describe === true) {
    await describe((record) => fitSlice(record, mode), flags.json)
    return
  }
  const { runJsonLines } = await import('../json-lines.ts')
  const { fitSurfaces } = await import('../quotes/fit-surfaces.ts')
  await runJsonLines({ command: 'surface fit', file, json: flags.json, table }, fitSurfaces(mode))
}

async function describe(fitted: (record: JsonRecord) => SliceFit, json: true | undefined): Promise<void> {
  const { printDescription } = await import('../describe-fields.ts')
  const { sliceSchema } = await import('../quotes/slice-quotes.ts')
  const { sliceExample: example } = await import('../quotes/slice-example.ts')
  const title = 'The quotes of one expiry, one JSON object a line.'
  printDescription({ title, schema: sliceSchema, example, result: { id: example.id, ...fitted(example) } }, json)
}

const inPoints = (volatility: number | undefined) => (volatility === undefined ? '' : (100 * volatility).toFixed(2))

const table: LineTable<SliceFit> = {
  columns: [
    { title: 'years', align: 'right' },
    { title: 'quotes', align: 'right' },
    { title: 'at the money %', align: 'right' },
    { title: '25d reversal', align: 'right' },
    { title: '25d butterfly', align: 'right' },
    { title: 'error rms', align: 'right' },
    { title: 'worst', align: 'right' },
    { title: 'arbitrage', align: 'left' },
  ],
  row: ({ time, quotes, atTheMoneyVolatility, skew25Delta, fit: { rmsePoints, worst }, butterfly, repaired }) => [
    time.toFixed(4),
    String(quotes),
    inPoints(atTheMoneyVolatility),
    inPoints(skew25Delta?.riskReversal),
    inPoints(skew25Delta?.butterfly),
    rmsePoints.toFixed(3),
    `${worst.errorPoints.toFixed(2)} at ${worst.strike}`,
    repaired ? 'repaired' : butterfly.free ? 'none' : 'butterfly',
  ],
  note: ({ warnings }) => warnings.join('; '),
  closing: (line) => calendarInWords(line as CalendarLine),
}

function calendarInWords({ calendar }: CalendarLine): readonly string[] {
  const { surface, expiries, violations, repaired } = calendar
  const name = surface === undefined ? 'calendar' : `calendar ${surface}`
  if (expiries < 2) return [`${name}: one expiry, nothing to compare`]
  if (violations.length === 0) return [`${name}: no arbitrage between ${expiries} expiries`]
  return [
    ...violations.map(
      ({ earlier, later, wing, least }) =>
        `${name}: ${later} has less total variance than ${earlier}, ${wing === undefined ? `by ${(-(least ?? 0)).toExponential(2)} at most` : `its ${wing} wing is flatter`}`,
    ),
    ...repaired.map(({ slice, lift }) => `${name}: ${slice} lifted by ${lift.toExponential(2)} of total variance`),
  ]
}
