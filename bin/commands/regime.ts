// `homeostat regime`: calm, tense or crisis at each date of a file of prices, and why.

import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { UnixSeconds } from '../../lib/base/units.ts'
import type { MacroBeta } from '../../lib/model/market-model.ts'
import type { RegimeDate } from '../../lib/risk/market/regime/regime-history.ts'
import type { PanelSeries, ReturnPanel } from '../../lib/risk/market/return-panel.ts'
import { colours as pc } from '../colours.ts'
import { type HistoryFlags, withHistory } from '../history-flags.ts'
import type { FileMacro } from '../macro-file.ts'
import { progress } from '../progress.ts'

interface RegimeFlags extends HistoryFlags {
  readonly universe?: readonly string[]
  readonly macro?: readonly string[]
  readonly all?: true
  readonly json?: true
  readonly svg?: string
}

export function addRegime(program: Command): void {
  withHistory(program.command('regime').description('Calm, tense or crisis at each date of a file of prices, and why.'))
    .option('--universe <assets>', 'who may vote, such as BTC,ETH,XRP,LTC,ADA; as --only', names)
    .option(
      '--macro <csv>',
      'series to show betas to, such as vix.csv or SPX=file.csv; may be repeated',
      (file: string, before: readonly string[] | undefined) => [...(before ?? []), file],
    )
    .option('--all', 'print a row for each date')
    .option('--json', 'print JSON: an array with one object for each date')
    .option('--svg <file>', 'write the indicators as an SVG picture, crises shaded; - for standard output')
    .addHelpText('after', help)
    .action(regime)
}

const help = `
Each date is judged by itself and those before. Its universe (five risky assets at least; no stablecoin, wrapper or copy) and the hidden Markov model are those of
the month's beginning; bars before --from are read as well, and judge. The first 60 dates are a warm-up: calm.

Votes:
  turbulence         fast: distance of the day's returns from what is usual (Kritzman & Li 2010) over N, half-life 5, with the one-year rank of the mean
                     correlation, and most of it in joint falls
  correlation-cusum  fast: evidence (log-likelihood ratio) that returns point the same way more than they used to, however large they are
  absorption         slow: standardised shift of the absorption ratio (Kritzman et al. 2011); at the most tense
  hidden-markov      slow: probability of the violent state; at the most tense

Crisis: one fast vote is enough. Turbulence: 2 times the usual, at least half of it in joint falls, the rank of correlation not low. Correlation-cusum: evidence
at its threshold, the rank of correlation 0.9 or more, and a rise that adds 30 % or more to the variance of an equal-weight book; where it adds less, the
probability stays at 0.5 however long it lasts. Slow votes never make a crisis.
Tense: the probability is 0.5 or more, or a slow vote says so. Worse at once; milder after five bars at least.
Probability: a scale, no frequency. A crisis is entered at 0.8 and left below 0.3, as tense is; 0.8 does not mean that four of five such days were crises.

Memories count bars: an hourly file is judged by hours, under thresholds that were planted for hours and tried on no real ones: six tokens of 2023 entered
crisis 31 times in 375 days.

JSON: [{ date, regime: calm | tense | crisis, since, probability, posture: { budgetMultiplier, putFloor, cause },
  votes: { turbulence: { pace, value, threshold, says, details: { turbulence, jointFallShare, meanCorrelation, correlationRank } },
           correlation-cusum: { ... }, absorption: { ... }, hidden-markov: { ... } },
  pegs: [{ asset, usd, deviation, isBroken }], universe, isLowPower, isWarmUp, isReviewed, betas: [{ asset, series, beta, ... }] }]
A vote without value has too little history. isReviewed: the universe has changed on this date. Remarks are on standard error.

Examples:
  homeostat regime --history prices.csv --universe BTC,ETH,XRP,LTC,ADA,BNB
  homeostat regime --history prices.csv --from 2022-01-01 --json > regime.json
  homeostat regime --history prices.csv --macro vix_daily.csv --svg regime.svg`

async function regime(flags: RegimeFlags): Promise<void> {
  const [{ readPanel }, { regimeHistory }] = await Promise.all([
    import('../history-panel.ts'),
    import('../../lib/risk/market/regime/regime-history.ts'),
  ])
  const { history, to, interval, from } = flags
  // A file that cannot be read is told before anything is computed.
  const macro = flags.macro === undefined ? undefined : await macroOf(flags.macro)
  const only = flags.universe ?? flags.only
  const { panel, series, notes } = await readPanel(history, {
    ...(only === undefined ? {} : { only }),
    ...(to === undefined ? {} : { to }),
    ...(interval === undefined ? {} : { interval }),
  })
  const remarks = [...notes, ...(await remarksOf(panel))]
  const work = `regime of ${panel.assets.length} assets over ${panel.starts.length} bars`
  const shown = panel.assets.length * panel.starts.length > 8_000 ? progress() : undefined
  shown?.begin(work)
  const began = performance.now()
  const pegsAt = await pegCloses(series)
  const found = regimeHistory({ panel, ...(pegsAt === undefined ? {} : { pegsAt }) })
  shown?.done(work, performance.now() - began)
  if (found.core === undefined) throw noUniverse(panel, found.universe)
  const dates = from === undefined ? found.dates : found.dates.filter(({ start }) => start >= from)
  if (dates.length === 0)
    throw new HomeostatError('invalid-input', {
      message: `${history} has no bars from ${new Date(1_000 * (from ?? 0)).toISOString().slice(0, 10)} on.`,
      retry: 'never',
      hint: 'Look at --from and --to.',
    })
  const betas = macro === undefined ? undefined : await betasOf(macro, panel, found.core.universe.assets)
  for (const remark of [...remarks, ...(betas?.notes ?? [])]) process.stderr.write(`${pc.yellow('!')} ${remark}\n`)
  await show({ flags, panel, dates, betas: betas?.byDate })
}

interface Shown {
  readonly flags: RegimeFlags
  readonly panel: ReturnPanel
  readonly dates: readonly RegimeDate[]
  readonly betas: ReadonlyMap<UnixSeconds, readonly MacroBeta[]> | undefined
}

async function show({ flags, panel, dates, betas }: Shown): Promise<void> {
  const { interval } = panel
  if (flags.svg !== undefined) {
    const [{ lineChart }, { regimeChart }] = await Promise.all([
      import('../../lib/web/charts/line-chart.ts'),
      import('../regime/regime-chart.ts'),
    ])
    const picture = lineChart({ chart: regimeChart(dates) })
    if (flags.svg === '-') {
      process.stdout.write(picture)
      return
    }
    await writeFile(flags.svg, picture)
    process.stderr.write(`${pc.green('written')}  ${flags.svg}\n`)
  }
  if (flags.json === true) {
    const { regimeRow } = await import('../regime/regime-row.ts')
    const rows = dates.map((one) => JSON.stringify(regimeRow({ one, interval, betas: betas?.get(one.start) })))
    process.stdout.write(`[\n${rows.join(',\n')}\n]\n`)
    return
  }
  const { printDates, printRegime } = await import('../regime/print-regime.ts')
  printRegime({ dates, interval, betas: betas?.get(dates.at(-1)?.start ?? 0) ?? [] })
  if (flags.all !== true) return
  console.log('')
  printDates(dates, interval)
}

/** What the panel had to leave out, in sentences. */
async function remarksOf(panel: ReturnPanel): Promise<readonly string[]> {
  const { dateText } = await import('../regime/regime-row.ts')
  const told = new Set(['wick', 'new-unit', 'unconfirmed', 'collapse', 'no-price'])
  return panel.remarks.flatMap(({ asset, kind, count, at }) => {
    if (!told.has(kind)) return []
    const since = at === undefined ? '' : `, first on ${dateText(at, panel.interval)}`
    return [`${asset}: ${kind} (${count}${since})`]
  })
}

/** Closes of the stablecoins of the file, by date. */
async function pegCloses(series: readonly PanelSeries[]) {
  const { isDollarName } = await import('../../lib/risk/market/regime/universe.ts')
  const pegged = series.filter(({ asset }) => isDollarName(asset))
  if (pegged.length === 0) return undefined
  const closes = new Map(
    pegged.map(({ asset, bars }) => [asset, new Map(bars.map(({ start, close }) => [start, close]))]),
  )
  return (start: UnixSeconds) =>
    Object.fromEntries([...closes].map(([asset, byStart]) => [asset, byStart.get(start)] as const))
}

async function macroOf(files: readonly string[]): Promise<FileMacro> {
  const { readMacro } = await import('../macro-file.ts')
  return readMacro(files)
}

/** By date; `notes` tell which series have none at the last. */
async function betasOf({ macro, notes }: FileMacro, panel: ReturnPanel, assets: readonly string[]) {
  const { macroBetas, macroBetasByDate } = await import('../../lib/risk/market/macro/macro-betas.ts')
  const params = { panel, macro, assets }
  return { byDate: macroBetasByDate(params), notes: [...notes, ...macroBetas(params).notes] }
}

function noUniverse(
  panel: ReturnPanel,
  {
    assets,
    excluded,
  }: { readonly assets: readonly string[]; readonly excluded: readonly { asset: string; reason: string }[] },
): HomeostatError {
  const out = excluded.slice(0, 8).map(({ asset, reason }) => `${asset}: ${reason}`)
  return new HomeostatError('invalid-input', {
    message: `A regime needs five risky assets with 60 returns each; of the ${panel.assets.length} here can vote: ${assets.length === 0 ? 'none' : assets.join(', ')}.`,
    retry: 'never',
    hint: out.length > 0 ? `Left out: ${out.join('; ')}.` : `The file has ${panel.assets.join(', ')}.`,
  })
}

function names(text: string): readonly string[] {
  const found = text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
  if (found.length > 0) return [...new Set(found)]
  throw new InvalidArgumentError('It must be names, such as BTC,ETH.')
}
