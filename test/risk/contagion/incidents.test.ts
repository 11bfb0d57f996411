import { describe, expect, it } from 'vitest'
import { balanceSheets } from '../../../lib/risk/contagion/balance-sheets.ts'
import { exposedTo } from '../../../lib/risk/contagion/exposed.ts'
import { lookThrough } from '../../../lib/risk/contagion/look-through.ts'
import { lossPaths } from '../../../lib/risk/contagion/loss-paths.ts'
import { spreadFailure } from '../../../lib/risk/contagion/spread-failure.ts'
import { incidents } from './incidents.ts'

describe.each(incidents)('the failure of $id', ({ graph, fails, oneHop, twoHops, path }) => {
  const sheets = balanceSheets(graph)
  const contagion = spreadFailure({
    sheets,
    shocks: [{ ...fails, governs: fails.recovery === 0 }],
    method: 'eisenberg-noe',
  })
  const isHit = (id: string) => {
    const outcome = contagion.nodes.find((one) => one.id === id)
    return outcome !== undefined && (outcome.claimsLost > 0 || outcome.loss > 0 || outcome.failed)
  }

  it('lists all that stand on it, at one hop and at two, and no others; and all of them are hit', () => {
    const exposed = exposedTo({ sheets, shocks: contagion.shocks })
    const at = (distance: number) => exposed.filter(({ hops }) => hops === distance).map(({ id }) => id)
    expect(at(1).toSorted()).toEqual(oneHop.toSorted())
    expect(at(2).toSorted()).toEqual(twoHops.toSorted())
    expect([...oneHop, ...twoHops].filter((id) => !isHit(id))).toEqual([])
    for (const { id, path: way } of exposed) expect([way.nodes[0], way.nodes.at(-1)]).toEqual([fails.node, id])
  })

  it('names the path by which it comes, and the paths add up to what the last one lost', () => {
    const target = path.at(-1) ?? ''
    const paths = lossPaths({ sheets, contagion, target, limit: 100 })
    expect(paths.map(({ nodes }) => nodes)).toContainEqual(path)
    const lost = contagion.nodes.find(({ id }) => id === target)?.claimsLost ?? 0
    expect(paths.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(lost, 9)
    expect(lost).toBeGreaterThan(0)
  })
})

it('looks through a vault to what it stands on, in dollars of the holder', () => {
  const euler = incidents.find(({ id }) => id === 'H07')
  const sheets = balanceSheets(euler?.graph ?? { nodes: [], edges: [] })
  const { usd, circular } = lookThrough({ sheets, holder: sheets.indexOf.get('depositor') ?? -1 })
  expect(usd[sheets.indexOf.get('euler') ?? -1]).toBeCloseTo(3, 12)
  expect(circular).toEqual([])
})

it('sees backing that runs in a circle, and ends', () => {
  const sheets = balanceSheets({
    nodes: [
      { id: 'xUSD', kind: 'token', externalAssetsUsd: 10 },
      { id: 'deUSD', kind: 'token' },
      { id: 'fund', kind: 'portfolio' },
    ],
    edges: [
      { from: 'xUSD', to: 'deUSD', kind: 'backed-by', usd: 50 },
      { from: 'deUSD', to: 'xUSD', kind: 'backed-by', usd: 40 },
      { from: 'deUSD', to: 'fund', kind: 'holds', usd: 10 },
    ],
  })
  const { usd, circular } = lookThrough({ sheets, holder: 2 })
  expect(circular.map((node) => sheets.graph.nodes[node]?.id)).toEqual(['xUSD', 'deUSD'])
  // 10 in deUSD, all of it in xUSD, of which 4/5 is deUSD again: 10 / (1 - 4/5).
  expect(usd[1]).toBeCloseTo(50, 6)
})
