import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DependencyGraph } from '../../../lib/model/dependency-graph.ts'
import { balanceSheets } from '../../../lib/risk/contagion/balance-sheets.ts'
import { contagionMethods } from '../../../lib/risk/contagion/methods.ts'
import { spreadFailure } from '../../../lib/risk/contagion/spread-failure.ts'

const usd = (max: number) => fc.nat(max * 100).map((cents) => cents / 100)
const aGraph: fc.Arbitrary<DependencyGraph> = fc.integer({ min: 2, max: 15 }).chain((count) =>
  fc
    .record({
      nodes: fc.array(
        fc.record({ externalAssetsUsd: fc.option(usd(100), { nil: undefined }), externalLiabilitiesUsd: usd(20) }),
        { minLength: count, maxLength: count },
      ),
      edges: fc.array(
        fc.record({
          from: fc.nat(count - 1),
          to: fc.nat(count - 1),
          kind: fc.constantFrom('holds', 'lends-to', 'priced-by', 'upgradable-by'),
          usd: usd(50),
        }),
        { maxLength: 4 * count },
      ),
    })
    .map(({ nodes, edges }) => ({
      nodes: nodes.map(({ externalAssetsUsd, externalLiabilitiesUsd }, i) => ({
        id: `n${i}`,
        kind: 'protocol',
        externalLiabilitiesUsd,
        ...(externalAssetsUsd === undefined ? {} : { externalAssetsUsd }),
      })),
      edges: edges.map((edge) => ({ ...edge, from: `n${edge.from}`, to: `n${edge.to}` })),
    })),
)
const failing = (recovery: number) => [{ node: 'n0', recovery, governs: true }]

describe('a failure that spreads', () => {
  it('conserves losses in a clearing: owners and outside creditors lose what was destroyed', () => {
    fc.assert(
      fc.property(aGraph, (graph) => {
        const sheets = balanceSheets(graph)
        const { lossUsd, externalLossUsd, destroyedUsd, residual } = spreadFailure({
          sheets,
          shocks: failing(0),
          method: 'eisenberg-noe',
        })
        expect(residual).toBeLessThan(1e-12)
        expect(lossUsd + externalLossUsd).toBeCloseTo(destroyedUsd, 8)
      }),
    )
  })

  it('is monotone in every method: who recovers less, nobody pays more', () => {
    fc.assert(
      fc.property(aGraph, fc.double({ min: 0, max: 1, noNaN: true }), (graph, recovery) => {
        const sheets = balanceSheets(graph)
        for (const { name: method } of contagionMethods) {
          const [much, little] = [recovery, recovery / 2].map(
            (share) => spreadFailure({ sheets, shocks: failing(share), method }).nodes,
          )
          for (const [i, { payment }] of (little ?? []).entries())
            expect(payment).toBeLessThanOrEqual((much?.[i]?.payment ?? 0) * (1 + 1e-9) + 1e-9)
        }
      }),
    )
  })

  it('robs whom a failed admin governs, however far, and nobody twice', () => {
    const sheets = balanceSheets({
      nodes: [
        { id: 'admin', kind: 'admin-key' },
        { id: 'feed', kind: 'feed' },
        { id: 'market', kind: 'market', externalAssetsUsd: 100 },
        { id: 'me', kind: 'portfolio' },
      ],
      edges: [
        { from: 'admin', to: 'feed', kind: 'controlled-by', usd: 1 },
        { from: 'admin', to: 'market', kind: 'upgradable-by', usd: 60 },
        { from: 'feed', to: 'market', kind: 'priced-by', usd: 40 },
        { from: 'market', to: 'me', kind: 'holds', usd: 80 },
      ],
    })
    const { nodes } = spreadFailure({
      sheets,
      shocks: [{ node: 'admin', recovery: 0, governs: true }],
      method: 'eisenberg-noe',
    })
    // 60 of 100 are gone (not 100): 40 are left for the 80 that are owed.
    expect(nodes.find(({ id }) => id === 'me')).toMatchObject({ loss: 40, claimsLost: 40, failed: false })
    const depegged = spreadFailure({
      sheets,
      shocks: [{ node: 'admin', recovery: 0.5, governs: false }],
      method: 'eisenberg-noe',
    })
    expect(depegged.lossUsd).toBe(0)
  })

  it('locks in a run what a market has lent out, and says who cannot withdraw', () => {
    const sheets = balanceSheets({
      nodes: [
        { id: 'rsETH', kind: 'token' },
        { id: 'aave', kind: 'market', externalAssetsUsd: 10 },
        { id: 'borrower', kind: 'portfolio', externalAssetsUsd: 1_000 },
        { id: 'me', kind: 'portfolio' },
      ],
      edges: [
        { from: 'rsETH', to: 'aave', kind: 'collateral-for', usd: 5 },
        { from: 'borrower', to: 'aave', kind: 'lends-to', usd: 90 },
        { from: 'aave', to: 'me', kind: 'holds', usd: 100 },
      ],
    })
    const fails = [{ node: 'rsETH', recovery: 0, governs: true }]
    const me = (method: string) => spreadFailure({ sheets, shocks: fails, method }).nodes.find(({ id }) => id === 'me')
    expect(me('eisenberg-noe')?.claimsLost).toBe(0)
    expect(me('run')?.claimsLost).toBe(90)
    const run = spreadFailure({ sheets, shocks: fails, method: 'run' })
    expect(run.nodes.find(({ id }) => id === 'aave')?.utilisation).toBe(1)
    expect(run.notes.join(' ')).toContain('withdraw beyond what is at hand from aave')
  })

  it('refuses contradictions, strangers and amounts that are none, and says what to change', () => {
    const nodes = [
      { id: 'a', kind: 'protocol' },
      { id: 'b', kind: 'protocol' },
    ]
    const edge = { from: 'a', to: 'b', kind: 'holds', usd: 10 }
    const refused = (graph: DependencyGraph) => {
      try {
        balanceSheets(graph)
        return 'accepted'
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    }
    expect(refused({ nodes: [...nodes, { id: 'a', kind: 'pool' }], edges: [] })).toContain(
      'nodes[2] has the id a of nodes[0]',
    )
    expect(refused({ nodes, edges: [{ ...edge, to: 'c' }] })).toContain('edges[0] names the node c')
    expect(refused({ nodes, edges: [{ ...edge, usd: -1 }] })).toContain('usd of edges[0] (a to b) is -1')
    expect(refused({ nodes, edges: [{ ...edge, usd: Number.NaN }] })).toContain('NaN')
    expect(
      refused({
        nodes: [
          { id: 'a', kind: 'protocol', equityUsd: 5, externalAssetsUsd: 50 },
          { id: 'b', kind: 'protocol' },
        ],
        edges: [edge],
      }),
    ).toContain('but external assets 50 + claims 0 - liabilities 10 are 40')
    expect(refused({ nodes: [], edges: [] })).toContain('no nodes')
    expect(
      refused({ nodes: Array.from({ length: 100_000 }, (_, i) => ({ id: `${i}`, kind: 'asset' })), edges: [] }),
    ).toContain('100000 nodes')
    expect(
      refused({
        nodes,
        edges: [
          { ...edge, to: 'a' },
          { ...edge, kind: 'befriends' },
        ],
      }),
    ).toBe('accepted')
    expect(
      balanceSheets({
        nodes,
        edges: [
          { ...edge, to: 'a' },
          { ...edge, kind: 'befriends' },
        ],
      }).notes,
    ).toHaveLength(3)
    expect(() =>
      spreadFailure({ sheets: balanceSheets({ nodes, edges: [edge] }), shocks: failing(0), method: 'eisenberg-noe' }),
    ).toThrow('There is no node n0')
  })
})
