// The answer of `homeostat contagion`: losses by node and the paths by which they came, as a table or as JSON.

import { writeFile } from 'node:fs/promises'
import { type BalanceSheets, balanceSheets } from '../../lib/risk/contagion/balance-sheets.ts'
import { exposedTo } from '../../lib/risk/contagion/exposed.ts'
import type { Shock } from '../../lib/risk/contagion/failure.ts'
import { type LossPath, lossPaths } from '../../lib/risk/contagion/loss-paths.ts'
import type { Contagion } from '../../lib/risk/contagion/outcome.ts'
import { spreadFailure } from '../../lib/risk/contagion/spread-failure.ts'
import { colours as pc } from '../colours.ts'
import { readGraph } from '../graph-file.ts'
import { printTable } from '../print-table.ts'
import { graphPicture } from './graph-picture.ts'

interface Targeted {
  readonly target: string
  readonly paths: readonly LossPath[]
}

/** Nodes shown in the table; JSON has all. */
const shown = 30

export async function printContagion(params: {
  readonly graph: string
  readonly shocks: readonly Shock[]
  readonly method: string
  readonly defaultRecovery?: number
  readonly target?: string
  readonly paths: number
  readonly svg?: string
  readonly json?: true
}): Promise<void> {
  const { shocks, method, defaultRecovery, paths: limit } = params
  const sheets = balanceSheets(await readGraph(params.graph))
  const contagion = spreadFailure({
    sheets,
    shocks,
    method,
    ...(defaultRecovery === undefined ? {} : { defaultRecovery }),
  })
  const paths = targetsOf(contagion, params.target).map((target) => ({
    target,
    paths: lossPaths({ sheets, contagion, target, limit }),
  }))
  if (params.svg !== undefined) {
    await drawContagion(params.svg, sheets, contagion)
    if (params.svg === '-') return
  }
  if (params.json === true)
    console.log(
      JSON.stringify({ ...contagion, exposed: exposedTo({ sheets, shocks }), paths: paths.flatMap(flat) }, null, 2),
    )
  else printInWords(contagion, paths)
}

async function drawContagion(file: string, sheets: BalanceSheets, contagion: Contagion): Promise<void> {
  const { graphChart } = await import('../../lib/web/charts/graph-chart.ts')
  const title = `If ${contagion.shocks.map(({ node }) => node).join(' and ')} fails`
  const svg = graphChart(graphPicture({ title, graph: sheets.graph, sheets, contagion }))
  if (file === '-') console.log(svg)
  else await writeFile(file, svg)
}

/** The portfolios that lose, else whoever loses most. */
function targetsOf({ nodes }: Contagion, asked: string | undefined): readonly string[] {
  if (asked !== undefined) return [asked]
  const losing = nodes
    .filter(({ claimsLost }) => claimsLost > 0)
    .toSorted((a, b) => b.claimsLost - a.claimsLost)
    .map(({ id, kind }) => ({ id, kind }))
  const portfolios = losing.filter(({ kind }) => kind === 'portfolio')
  return (portfolios.length > 0 ? portfolios : losing.slice(0, 3)).map(({ id }) => id)
}

function flat({ target, paths }: Targeted) {
  return paths.map((path) => ({ target, ...path }))
}

function printInWords(contagion: Contagion, targeted: readonly Targeted[]): void {
  const { method, shocks, nodes, lossUsd, externalLossUsd, destroyedUsd, notes } = contagion
  const failed = shocks.map(({ node, recovery }) => (recovery === 0 ? node : `${node} (pays ${percent(recovery)})`))
  console.log(
    `${pc.bold(`If ${failed.join(' and ')} fails`)}, by ${method}: ${usd(destroyedUsd)} are gone; owners lose ${usd(lossUsd)}, creditors outside ${usd(externalLossUsd)}.`,
  )
  const hit = nodes.filter(({ loss, claimsLost, failed: isFailed }) => loss > 0 || claimsLost > 0 || isFailed)
  const rows = hit.toSorted((a, b) => Math.max(b.loss, b.claimsLost) - Math.max(a.loss, a.claimsLost))
  if (rows.length === 0) console.log('Nobody else loses.')
  else {
    console.log()
    printTable(
      [
        { title: 'node', align: 'left' },
        { title: 'kind', align: 'left' },
        { title: 'own loss', align: 'right' },
        { title: 'not received', align: 'right' },
        { title: 'pays', align: 'right' },
        { title: 'of', align: 'right' },
        { title: '', align: 'left' },
      ],
      rows
        .slice(0, shown)
        .map(({ id, kind, loss, claimsLost, payment, owed, failed: isFailed }) => [
          id,
          kind,
          usd(loss),
          usd(claimsLost),
          usd(payment),
          usd(owed),
          isFailed ? 'failed' : '',
        ]),
    )
    if (rows.length > shown) console.log(pc.dim(`and ${rows.length - shown} more: --json has all`))
  }
  for (const { target, paths } of targeted) {
    if (paths.length === 0) continue
    console.log(`\n${pc.bold(`How it reaches ${target}`)}`)
    for (const path of paths) console.log(`  ${usd(path.usd).padStart(14)}  ${inWords(path)}`)
  }
  for (const note of notes) console.log(pc.dim(`\n${note}`))
}

function inWords({ nodes, edges }: LossPath): string {
  return nodes.map((node, index) => (index === 0 ? node : `-${edges[index - 1]}-> ${node}`)).join(' ')
}

function usd(value: number): string {
  return `${value.toLocaleString('en-US', { maximumFractionDigits: value < 1000 ? 2 : 0 })} USD`
}

function percent(value: number): string {
  return `${Number((value * 100).toPrecision(4))} %`
}
