// `homeostat profile`: value, delta and gamma of a book over spot, as a picture.

import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { describeSpan } from '../../lib/base/time.ts'
import type { ProfilePoint } from '../../lib/risk/greeks/book-profile.ts'
import type { Chart, ChartSeries } from '../../lib/web/charts/chart.ts'
import type { Book } from '../book-file.ts'
import { colours as pc } from '../colours.ts'

interface ProfileFlags {
  readonly underlying?: string
  readonly market?: string
  readonly from: number
  readonly to: number
  readonly points: number
  readonly days?: number
  readonly svg?: string
  readonly ascii?: true
  readonly json?: true
}

export function addProfile(program: Command): void {
  program
    .command('profile')
    .description('Draw value, delta and gamma of a book over the spot of one underlying.')
    .argument(
      '<file>',
      'a book in JSON: { market, positions: [{ kind, terms }] }, or the lines of homeostat price; - for stdin',
    )
    .option('--market <file>', 'a market in JSON, for a book that has none of its own')
    .option('--underlying <name>', 'over whose spot; left out: the one with the largest exposure, dollars last')
    .option('--from <share>', 'lowest spot, as a share of the spot of now', share, 0.5)
    .option('--to <share>', 'highest spot, likewise', share, 1.5)
    .option('--points <n>', 'how many spots, evenly spaced; more stand at kinks', count, 241)
    .option('--days <n>', 'a second line, so many days later; left out: at the first expiry', days)
    .option('--svg <file>', 'write an SVG picture; - for standard output')
    .option('--ascii', 'draw with plain characters')
    .option('--json', 'print the numbers')
    .addHelpText(
      'after',
      '\nExamples:\n  homeostat profile book.json\n  homeostat profile book.json --svg book.svg --from 0.3 --to 2',
    )
    .action(profile)
}

async function profile(file: string, flags: ProfileFlags): Promise<void> {
  if (flags.from >= flags.to)
    throw new HomeostatError('invalid-input', {
      message: `The lowest spot (--from ${flags.from}) has to be below the highest (--to ${flags.to}).`,
      retry: 'never',
      hint: 'Both are shares of the spot of now: --from 0.5 --to 1.5.',
    })
  const [{ readBook }, { lineChart }, { terminalChart }] = await Promise.all([
    import('../book-file.ts'),
    import('../../lib/web/charts/line-chart.ts'),
    import('../../lib/web/charts/terminal-chart.ts'),
  ])
  const drawn = await computed(await readBook(file, flags.market), flags)
  if (flags.json === true) {
    console.log(JSON.stringify(drawn, null, 2))
    return
  }
  const chart = chartOf(file, drawn)
  if (flags.svg === '-') {
    console.log(lineChart({ chart }))
    return
  }
  if (flags.svg !== undefined) {
    await writeFile(flags.svg, lineChart({ chart }))
    console.log(`${pc.green('written')}  ${flags.svg}`)
    return
  }
  const width = process.stdout.isTTY === true ? process.stdout.columns : 100
  console.log(terminalChart({ chart, width, paint, ...(flags.ascii === true ? { ascii: true } : {}) }))
}

const hues = [pc.cyan, pc.yellow, pc.magenta, pc.green]
/** Without colours these give the text back as it is. */
const paint = {
  strong: (text: string) => pc.bold(text),
  faint: (text: string) => pc.dim(text),
  marker: (text: string) => pc.dim(text),
  series: (text: string, index: number) => (hues[index % hues.length] ?? pc.cyan)(text),
}

interface Drawn {
  readonly underlying: string
  readonly spot: number
  readonly markers: readonly { readonly at: number; readonly label: string }[]
  readonly lines: readonly { readonly name: string; readonly at: number; readonly points: readonly ProfilePoint[] }[]
}

async function computed({ positions, market }: Book, flags: ProfileFlags): Promise<Drawn> {
  const { bookProfile, firstExpiry, kinksOf, underlyingsOf } = await import('../../lib/risk/greeks/book-profile.ts')
  const known = underlyingsOf(positions, market)
  const underlying = flags.underlying ?? known[0]
  const spot = underlying === undefined ? undefined : market.spot[underlying]
  if (underlying === undefined || spot === undefined || !known.includes(underlying))
    throw new HomeostatError('invalid-input', {
      message: `The book does not depend on ${flags.underlying ?? 'any price'}.`,
      retry: 'never',
      hint: known.length > 0 ? `It depends on ${known.join(', ')}.` : 'All its positions are empty.',
    })
  const kinks = kinksOf(positions, market, underlying)
  const even = Array.from(
    { length: flags.points },
    (_, i) => spot * (flags.from + ((flags.to - flags.from) * i) / (flags.points - 1)),
  )
  // Both sides of each kink, so that a jump is drawn as one.
  const sides = kinks
    .flatMap(({ at }) => [at * (1 - 1e-9), at * (1 + 1e-9)])
    .filter((one) => one > spot * flags.from && one < spot * flags.to)
  const spots = [...even, ...sides].toSorted((one, other) => one - other)
  const expiry = firstExpiry(positions, market)
  const later = flags.days === undefined ? expiry : market.at + flags.days * 86_400
  const name = flags.days === undefined ? 'at the first expiry' : `${describeSpan(flags.days * 86_400)} later`
  const at = (instant: number) => bookProfile({ positions, market, underlying, spots, at: instant })
  return {
    underlying,
    spot,
    markers: [{ at: spot, label: 'spot now' }, ...kinks],
    lines: [
      { name: 'now', at: market.at, points: at(market.at) },
      ...(later === undefined ? [] : [{ name, at: later, points: at(later) }]),
    ],
  }
}

function chartOf(file: string, { underlying, lines, markers }: Drawn): Chart {
  const series = (figure: (point: ProfilePoint) => number): readonly ChartSeries[] =>
    lines.map(({ name, points }, index) => ({
      name,
      dashed: index > 0,
      points: points.map((point) => [point.spot, figure(point)] as const),
    }))
  return {
    title: `${file === '-' ? 'Book' : file.split('/').at(-1)} over ${underlying}`,
    subtitle: 'Everything else as in its market; volatilities move by its dynamics.',
    x: { label: `Spot of ${underlying}`, figures: 'usd' },
    panels: [
      { title: 'Value', figures: 'usd', series: series(({ valueUsd }) => valueUsd) },
      { title: 'Delta', unit: underlying, series: series(({ delta }) => delta) },
      {
        title: 'Gamma',
        unit: 'change of dollar delta per 1 %',
        figures: 'usd',
        series: series(({ gammaUsd1pct }) => gammaUsd1pct),
      },
    ],
    markers,
  }
}

function share(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0 && value <= 1_000) return value
  throw new InvalidArgumentError('It must be a share of the spot, above 0: 0.5 is half of it.')
}

function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 2 && value <= 10_000) return value
  throw new InvalidArgumentError('It must be a whole number from 2 to 10,000.')
}

function days(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0 && value <= 36_500) return value
  throw new InvalidArgumentError('It must be a number of days above 0.')
}
