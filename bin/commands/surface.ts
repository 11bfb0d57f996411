// `homeostat surface fit`: smiles from the quotes of each expiry, what they give away for free, and a market of them.

import { type Command, Option } from 'commander'
import type { FitTerms } from '../quotes/fit-surfaces.ts'

interface FitFlags {
  readonly json?: true
  readonly describe?: true
  readonly repair?: true
  readonly refuse?: true
  readonly market?: true
  readonly surface?: string
}

export function addSurface(program: Command): void {
  program
    .command('surface')
    .description('Volatility surfaces.')
    .command('fit')
    .description('Fit an SVI smile to the quotes of each expiry, JSON lines, and look for arbitrage.')
    .argument('[file]', 'JSON lines; standard input if it is - or left out')
    .addOption(
      new Option(
        '--repair',
        'fit a smile with arbitrage again, to the same quotes, without; refused if none is close to them',
      ).conflicts('refuse'),
    )
    .option('--refuse', 'refuse a smile with arbitrage; without --repair or --refuse it is reported')
    .option('--surface <name>', 'the surface of lines that name none, such as ETH')
    .option('--market', 'print the market that homeostat price reads as the last line')
    .option('--describe', 'print the fields of a line with their units, and one example')
    .option('--json', 'print JSON lines, also on a terminal')
    .addHelpText('after', help)
    .action(fit)
}

const help = `
Examples:
  homeostat surface fit expiries.jsonl
  homeostat surface fit --repair - < expiries.jsonl
  homeostat iv quotes.jsonl | homeostat surface fit --repair --surface ETH --market | tail -n 1 > market.json
  homeostat price --market market.json book.jsonl

A line is one expiry: { id, surface, spot, forward, time | expiry and at, quotes: [{ strike, volatility | kind and price |
kind, bid and ask, weight }] }, or one quote as homeostat iv prints it: { surface, kind, strike, time | expiry and at,
spot, forward, volatility }. Quotes are answered with the slice that they went to; a slice of theirs is fitted after the
last line. Out of a slice come the raw SVI parameters of total variance in k = ln(strike / forward), the error of the
fit, where g(k) < 0 (butterfly arbitrage), at-the-money volatility and 25-delta skew; after the slices, one line for each
surface says whether total variance falls from one expiry to the next (calendar arbitrage).

--repair minimises the squared error under the condition that there is no arbitrage, within the expiry and then, from the
first expiry to the last, between them. It is refused where the closest such smile is more than 5 volatility points, a
tenth of their level and 1.25 times the error of the best fit off the quotes (root mean square).

--market adds a last line { at, spot, forward, volatility: { ETH: { svi: [{ expiry, a, b, rho, m, sigma }], dynamics } } }:
a market for homeostat price, as repaired. Without spot in the lines, add it: jq '. + { spot: { ETH: 2000 } }'. The
forwards belong to the smiles, whose k refers to them.

Crossed, one-sided and repeated quotes, and prices without an implied volatility, are left out and listed; fewer than
five quotes at three strikes, or a quote with a wrong field, refuse the line. A refused line becomes
{ id, line, error: { code, message, field, rule, hint } }; the others are fitted, and the exit code is 1.`

async function fit(file: string | undefined, flags: FitFlags): Promise<void> {
  const mode = flags.repair === true ? 'repair' : flags.refuse === true ? 'refuse' : 'report'
  if (flags.describe === true) {
    await describe(mode, flags.json)
    return
  }
  const { runJsonLines } = await import('../json-lines.ts')
  const { fitSurfaces } = await import('../quotes/fit-surfaces.ts')
  const { surfaceTable } = await import('../quotes/surface-table.ts')
  const terms: FitTerms = {
    mode,
    ...(flags.surface === undefined ? {} : { surface: flags.surface }),
    ...(flags.market === undefined ? {} : { market: 'print' }),
  }
  await runJsonLines({ command: 'surface fit', file, json: flags.json, table: surfaceTable }, fitSurfaces(terms))
}

async function describe(mode: FitTerms['mode'], json: true | undefined): Promise<void> {
  const { printDescription } = await import('../describe-fields.ts')
  const { fitSliceLine } = await import('../quotes/fit-slice.ts')
  const { loneQuoteSchema } = await import('../quotes/gather-quotes.ts')
  const { sliceSchema } = await import('../quotes/slice-quotes.ts')
  const { sliceExample: example } = await import('../quotes/slice-example.ts')
  printDescription(
    {
      title: 'The quotes of one expiry, one JSON object a line; or one quote a line, as homeostat iv prints it.',
      schema: sliceSchema,
      others: { quote: loneQuoteSchema },
      example,
      result: { id: example.id, ...fitSliceLine(example, mode).fit },
    },
    json,
  )
}
