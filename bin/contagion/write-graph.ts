// `homeostat contagion graph`: the graph itself, for people and for programs.

import { writeFile } from 'node:fs/promises'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { balanceSheets } from '../../lib/risk/contagion/balance-sheets.ts'
import { colours as pc } from '../colours.ts'
import { readGraph } from '../graph-file.ts'
import { printTable } from '../print-table.ts'
import { dollars } from './dollars.ts'
import { graphDot } from './graph-dot.ts'
import { graphPicture } from './graph-picture.ts'

/** A picture of more than this is no picture. */
const mostDrawn = 300

export async function writeGraph(params: {
  readonly graph: string
  readonly dot?: string
  readonly svg?: string
  readonly json?: true
}): Promise<void> {
  const graph = await readGraph(params.graph)
  const sheets = balanceSheets(graph)
  const write = async (path: string, content: string) => {
    if (path === '-') console.log(content)
    else {
      await writeFile(path, content)
      if (params.json !== true) console.log(`${pc.green('written')}  ${path}`)
    }
  }
  if (params.dot !== undefined) await write(params.dot, graphDot(graph))
  if (params.svg !== undefined) {
    if (graph.nodes.length > mostDrawn)
      throw new HomeostatError('too-large', {
        message: `${graph.nodes.length} nodes cannot be drawn so that anybody reads them.`,
        retry: 'never',
        hint: `Draw up to ${mostDrawn}, or write DOT with --dot.`,
      })
    const { graphChart } = await import('../../lib/web/charts/graph-chart.ts')
    await write(params.svg, graphChart(graphPicture({ title: 'What depends on what', graph, sheets })))
  }
  if (params.json === true) console.log(JSON.stringify(graph, null, 2))
  else if (params.dot === undefined && params.svg === undefined) {
    printTable(
      [
        { title: 'node', align: 'left' },
        { title: 'kind', align: 'left' },
        { title: 'has', align: 'right' },
        { title: 'owes', align: 'right' },
        { title: 'equity', align: 'right' },
      ],
      graph.nodes.map(({ id, kind }, i) => [
        id,
        kind,
        dollars((sheets.assets[i] ?? 0) + (sheets.network.claims[i] ?? 0)),
        dollars(sheets.network.liabilities[i] ?? 0),
        dollars(sheets.equity[i] ?? 0),
      ]),
    )
    for (const note of sheets.notes) console.log(pc.dim(`\n${note}`))
  }
}
