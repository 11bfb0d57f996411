// `homeostat covariance`: volatilities and correlations of the assets of a file, by a method of one's choice.

import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { isoDate } from '../../lib/base/calendar.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { secondsPerYear } from '../../lib/base/time.ts'
import { barSeconds } from '../../lib/model/history.ts'
import type { CovarianceResult } from '../../lib/risk/market/covariance.ts'
import { type CovarianceMethodName, covarianceMethods } from '../../lib/risk/market/covariance-method-names.ts'
import type { ReturnPanel } from '../../lib/risk/market/return-panel.ts'
import { colours as pc } from '../colours.ts'
import { type HistoryFlags, withHistory } from '../history-flags.ts'
import { printTable } from '../print-table.ts'
import { progress } from '../progress.ts'

interface CovarianceFlags extends HistoryFlags {
  readonly method: CovarianceMethodName
  readonly halfLife?: number
  readonly correlationHalfLife?: number
  readonly json?: true
  readonly svg?: string
}

export function addCovariance(program: Command): void {
  const methods = covarianceMethods.map(({ name, title }) => `  ${name.padEnd(22)}${title}`).join('\n')
  withHistory(
    program.command('covariance').description('Volatilities and correlations of the assets in a file of prices.'),
  )
    .option('--method <name>', 'how they are estimated (see below)', method, 'ewma')
    .option('--half-life <days>', 'of the weights of variances, for ewma and ewma-identity; 23 if left out', days)
    .option('--correlation-half-life <days>', 'of the weights of correlations, likewise; 60 if left out', days)
    .option('--json', 'print JSON')
    .option('--svg <file>', 'write the correlations as an SVG picture; - for standard output')
    .addHelpText(
      'after',
      `
Methods:
${methods}

Gaps stay gaps: each pair of assets rests on the dates that have both. What was left out, pooled or repaired is told.

Examples:
  homeostat covariance --history prices.csv --only BTC,ETH,LTC
  homeostat covariance --history prices.csv --method dcc --to 2022-11-08 --json
  homeostat covariance --history prices.csv --svg correlations.svg`,
    )
    .action(covariance)
}

/** Half-lives that each method heeds. */
const heeded: Readonly<Record<CovarianceMethodName, readonly ('halfLife' | 'correlationHalfLife')[]>> = {
  ewma: ['halfLife', 'correlationHalfLife'],
  'ewma-identity': ['halfLife', 'correlationHalfLife'],
  sample: [],
  'ledoit-wolf': [],
  'ledoit-wolf-identity': [],
  dcc: [],
  constant: [],
}

/** @throws HomeostatError `invalid-input` for a flag that would change nothing */
function refuseUnheeded(flags: CovarianceFlags): void {
  const names = { halfLife: '--half-life', correlationHalfLife: '--correlation-half-life' } as const
  const idle = (['halfLife', 'correlationHalfLife'] as const).filter(
    (one) => flags[one] !== undefined && !heeded[flags.method].includes(one),
  )
  if (idle.length === 0) return
  const methods = covarianceMethods
    .map(({ name }) => name)
    .filter((name) => idle.every((one) => heeded[name].includes(one)))
  throw new HomeostatError('invalid-input', {
    message: `${idle.map((one) => names[one]).join(' and ')} would change nothing: the method ${flags.method} has no half-life to choose.`,
    retry: 'never',
    hint: `Leave it out, or take a method that fades: --method ${methods.join(' or ')}.`,
  })
}

async function covariance(flags: CovarianceFlags): Promise<void> {
  refuseUnheeded(flags)
  const [{ readPanel }, { covarianceOf }] = await Promise.all([
    import('../history-panel.ts'),
    import('../../lib/risk/market/covariance.ts'),
  ])
  const { panel, notes } = await readPanel(flags.history, flags)
  const work = `${flags.method} of ${panel.assets.length} assets over ${panel.starts.length} dates`
  // About a second: pairs of dates, and for DCC the fits.
  const size = panel.assets.length ** 2 * panel.starts.length
  const shown = size > 2e7 || (flags.method === 'dcc' && size > 1e6) ? progress() : undefined
  shown?.begin(work)
  const began = performance.now()
  const result = covarianceOf({
    panel,
    method: flags.method,
    halfLifeDays: {
      ...(flags.halfLife === undefined ? {} : { variance: flags.halfLife }),
      ...(flags.correlationHalfLife === undefined ? {} : { correlation: flags.correlationHalfLife }),
    },
  })
  shown?.done(work, performance.now() - began)
  const remarks = [...notes, ...result.remarks]
  if (flags.svg !== undefined) await draw(flags.svg, result, panel)
  if (flags.svg === '-') return
  if (flags.json === true) console.log(JSON.stringify(asJson(result, panel, remarks), null, 2))
  else print(result, panel, remarks)
}

/** n x n by rows. */
function rowsOf(matrix: readonly number[], n: number): readonly (readonly number[])[] {
  return Array.from({ length: n }, (_, row) => matrix.slice(row * n, (row + 1) * n))
}

function asJson(
  { method, estimate, assets, observations, parameters }: CovarianceResult,
  panel: ReturnPanel,
  remarks: readonly string[],
) {
  const { volatility, correlation, shrinkage, meanCorrelation } = estimate
  const n = estimate.assets.length
  const bars = secondsPerYear / barSeconds[panel.interval]
  const covariances = (perYear: number) =>
    rowsOf(
      correlation.map((rho, at) => (rho * (volatility[Math.floor(at / n)] ?? 0) * (volatility[at % n] ?? 0)) / perYear),
      n,
    )
  const [first, last] = [panel.starts[0], panel.starts.at(-1)]
  return {
    method,
    interval: panel.interval,
    ...(first === undefined || last === undefined ? {} : { from: stamp(first, panel), to: stamp(last, panel) }),
    observations,
    assets: estimate.assets,
    volatilityPerYear: volatility,
    correlation: rowsOf(correlation, n),
    covariancePerYear: covariances(1),
    covariancePerBar: covariances(bars),
    barsPerYear: bars,
    shrinkage,
    ...(meanCorrelation === undefined ? {} : { meanCorrelation }),
    ...(parameters === undefined ? {} : { parameters }),
    histories: assets,
    remarks,
  }
}

function stamp(at: number, { interval }: ReturnPanel): string {
  const clock = [Math.floor((at % 86_400) / 3_600), Math.floor((at % 3_600) / 60)].map((one) =>
    String(one).padStart(2, '0'),
  )
  return interval === '1d' ? isoDate(at) : `${isoDate(at)}T${clock.join(':')}Z`
}

function print(
  { method, estimate, assets, observations, parameters }: CovarianceResult,
  panel: ReturnPanel,
  remarks: readonly string[],
): void {
  const { shrinkage, meanCorrelation } = estimate
  const title = covarianceMethods.find(({ name }) => name === method)?.title ?? ''
  console.log(`${pc.bold(method)}: ${title}`)
  const figures = [
    `${observations} dates of ${panel.interval}`,
    `shrinkage ${shrinkage.toFixed(3)}`,
    ...(meanCorrelation === undefined ? [] : [`mean correlation ${meanCorrelation.toFixed(3)}`]),
    ...Object.entries(parameters ?? {}).map(([name, value]) => `${name} ${value.toFixed(4)}`),
  ]
  console.log(`${figures.join(', ')}\n`)
  printTable(
    [
      { title: 'asset', align: 'left' },
      { title: '% a year', align: 'right' },
      { title: 'returns', align: 'right' },
      { title: 'missing', align: 'right' },
      { title: 'from', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'state', align: 'left' },
    ],
    assets.map(({ asset, observations: returns, missing, firstAt, lastAt, state }) => {
      const volatility = estimate.volatility[estimate.assets.indexOf(asset)]
      return [
        asset,
        volatility === undefined ? 'left out' : (100 * volatility).toFixed(1),
        String(returns),
        String(missing),
        firstAt === undefined ? '' : stamp(firstAt, panel),
        lastAt === undefined ? '' : stamp(lastAt, panel),
        state,
      ]
    }),
  )
  printCorrelations(estimate.assets, rowsOf(estimate.correlation, estimate.assets.length))
  if (remarks.length > 0) console.log('')
  for (const remark of remarks) console.log(`${pc.yellow('!')} ${remark}`)
}

/** In as many parts as the terminal needs. */
function printCorrelations(assets: readonly string[], rows: readonly (readonly number[])[]): void {
  const widest = Math.max(5, ...assets.map(({ length }) => length))
  const room = process.stdout.isTTY === true ? process.stdout.columns : Number.POSITIVE_INFINITY
  const columns = Math.max(1, Math.min(assets.length, Math.floor((room - widest) / (widest + 2))))
  for (let first = 0; first < assets.length; first += columns) {
    console.log('')
    const part = assets.slice(first, first + columns)
    printTable(
      [{ title: 'correlation', align: 'left' }, ...part.map((title) => ({ title, align: 'right' as const }))],
      rows.map((row, index) => [
        assets[index] ?? '',
        ...row.slice(first, first + columns).map((rho) => (Math.abs(rho) < 0.005 ? '0.00' : rho.toFixed(2))),
      ]),
    )
  }
}

async function draw(
  file: string,
  { method, estimate, observations }: CovarianceResult,
  panel: ReturnPanel,
): Promise<void> {
  const { heatMap } = await import('../../lib/web/charts/heat-map.ts')
  const [first, last] = [panel.starts[0], panel.starts.at(-1)]
  const range = first === undefined || last === undefined ? '' : `, ${stamp(first, panel)} to ${stamp(last, panel)}`
  const mean = estimate.meanCorrelation === undefined ? '' : `, mean ${estimate.meanCorrelation.toFixed(2)}`
  const svg = heatMap({
    map: {
      title: 'Correlation of returns',
      subtitle: `${method}, ${observations} dates of ${panel.interval}${range}${mean}, shrinkage ${estimate.shrinkage.toFixed(2)}`,
      label: 'correlation',
      names: estimate.assets,
      values: estimate.correlation,
    },
  })
  if (file === '-') {
    console.log(svg)
    return
  }
  await writeFile(file, svg)
  console.error(`${pc.green('written')}  ${file}`)
}

function method(text: string): CovarianceMethodName {
  const found = covarianceMethods.find(({ name }) => name === text)
  if (found !== undefined) return found.name
  throw new InvalidArgumentError(`must be one of ${covarianceMethods.map(({ name }) => name).join(', ')}`)
}

function days(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 36_500) return value
  throw new InvalidArgumentError('must be a number of days above 0')
}
