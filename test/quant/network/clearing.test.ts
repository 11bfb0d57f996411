import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clearing, clear } from '../../../lib/quant/network/clearing.ts'
import { type LiabilityNetwork, liabilityNetwork } from '../../../lib/quant/network/liability-network.ts'
import { referenceSolver } from '../linear-programme.ts'
import { aNetwork } from './a-network.ts'

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, one) => total + one, 0)
const equityOf = ({ payments, received }: Clearing, assets: readonly number[]) =>
  assets.map((own, i) => own + (received[i] ?? 0) - (payments[i] ?? 0))

describe('a clearing vector', () => {
  it('is the textbook one of a chain of three', () => {
    // A owes B 10 and has 4; B owes C 8 and has 1; C has 0.
    const network = liabilityNetwork({
      nodes: 3,
      liabilities: [
        { from: 0, to: 1, amount: 10 },
        { from: 1, to: 2, amount: 8 },
      ],
    })
    const { payments, defaults } = clear({ network, assets: [4, 1, 0] })
    expect([...payments]).toEqual([4, 5, 0])
    expect([...defaults]).toEqual([1, 1, 0])
  })

  it('pays .35 + .65 R where a token without equity is backed by 65 % of one that recovers R', () => {
    for (const recovery of [0, 0.11, 0.33, 1]) {
      const network = liabilityNetwork({
        nodes: 3,
        liabilities: [
          { from: 0, to: 1, amount: 65 },
          { from: 1, to: 2, amount: 100 },
        ],
      })
      const { payments } = clear({ network, assets: [0, 35, 0], fixed: new Map([[0, recovery]]) })
      expect((payments[1] ?? 0) / 100).toBeCloseTo(0.35 + 0.65 * recovery, 12)
    }
  })

  it('is the greatest: a ring whose members owe each other the same pays in full out of nothing', () => {
    const liabilities = [0, 1, 2].map((from) => ({ from, to: (from + 1) % 3, amount: 7 }))
    expect([...clear({ network: liabilityNetwork({ nodes: 3, liabilities }), assets: [0, 0, 0] }).payments]).toEqual([
      7, 7, 7,
    ])
  })

  it('is a fixed point to 1e-12, between nothing and what is owed, and takes no more rounds than nodes', () => {
    fc.assert(
      fc.property(
        aNetwork,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ network, assets }, assetRecovery, claimRecovery) => {
          for (const kind of [{}, { assetRecovery, claimRecovery }]) {
            const { payments, residual, rounds } = clear({ network, assets, ...kind })
            expect(residual).toBeLessThan(1e-12)
            expect(rounds).toBeLessThanOrEqual(network.nodes)
            for (const [i, pays] of payments.entries()) {
              expect(pays).toBeGreaterThanOrEqual(0)
              expect(pays).toBeLessThanOrEqual(network.liabilities[i] ?? 0)
            }
          }
        },
      ),
    )
  })

  it("has the objective of the linear programme max 1'p, p <= p-bar, p <= e + Pi'p, to 1e-8", async () => {
    const solve = await referenceSolver()
    fc.assert(
      fc.property(aNetwork, ({ network, assets }) => {
        fc.pre(sum(network.liabilities) > 0)
        const { status, objective } = solve(programmeOf(network, assets))
        expect(status).toBe('Optimal')
        const gap = sum(clear({ network, assets }).payments) - objective
        expect(Math.abs(gap) / sum(network.liabilities)).toBeLessThan(1e-8)
      }),
      { numRuns: 60 },
    )
  })

  it('conserves: what creditors and owners lose by a shock is what the shock destroyed', () => {
    fc.assert(
      fc.property(aNetwork, fc.double({ min: 0, max: 1, noNaN: true }), ({ network, assets }, left) => {
        const shocked = assets.map((own, i) => (i % 3 === 0 ? own * left : own))
        const [before, after] = [clear({ network, assets }), clear({ network, assets: shocked })]
        const outside = (one: Clearing) =>
          sum(
            Array.from(network.external, (owed, i) =>
              owed === 0 ? 0 : (owed / (network.liabilities[i] ?? 1)) * (one.payments[i] ?? 0),
            ),
          )
        const worth = (one: Clearing, own: readonly number[]) => sum(equityOf(one, own)) + outside(one)
        const scale = Math.max(1, sum(assets))
        expect((worth(before, assets) - worth(after, shocked)) / scale).toBeCloseTo(
          (sum(assets) - sum(shocked)) / scale,
          11,
        )
        for (const equity of equityOf(after, shocked)) expect(equity).toBeGreaterThan(-1e-9 * scale)
      }),
    )
  })

  it('is monotone: who has less, or recovers less, pays no more', () => {
    fc.assert(
      fc.property(aNetwork, fc.double({ min: 0, max: 1, noNaN: true }), ({ network, assets }, share) => {
        const less = (a: Clearing, b: Clearing) =>
          a.payments.every((pays, i) => pays <= (b.payments[i] ?? 0) * (1 + 1e-12) + 1e-12)
        const full = clear({ network, assets })
        expect(less(clear({ network, assets: assets.map((own) => own * share) }), full)).toBe(true)
        expect(less(clear({ network, assets, assetRecovery: share, claimRecovery: share }), full)).toBe(true)
        expect(
          less(
            clear({ network, assets, fixed: new Map([[0, share]]) }),
            clear({ network, assets, fixed: new Map([[0, 1]]) }),
          ),
        ).toBe(true)
      }),
    )
  })

  it('settles a long ring in which next to nothing leaks, where sweeping alone would take for ever', () => {
    const nodes = 300
    const liabilities = Array.from({ length: nodes }, (_, from) => ({ from, to: (from + 1) % nodes, amount: 100 }))
    const external = liabilities.map(() => 1e-6)
    const network = liabilityNetwork({ nodes, liabilities, external })
    const { residual, payments } = clear({ network, assets: liabilities.map((_, i) => (i === 0 ? 1e-7 : 0)) })
    expect(residual).toBeLessThan(1e-12)
    expect(sum(payments) * (1e-6 / 100.000001)).toBeCloseTo(1e-7, 12)
  })

  it('refuses what is no amount, no node and no share, naming it', () => {
    const network = liabilityNetwork({ nodes: 2, liabilities: [{ from: 0, to: 1, amount: 1 }] })
    const refused = expect.objectContaining({ code: 'out-of-domain' })
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => liabilityNetwork({ nodes: 2, liabilities: [{ from: 0, to: 1, amount }] })).toThrow(refused)
    expect(() => liabilityNetwork({ nodes: 2, liabilities: [{ from: 0, to: 2, amount: 1 }] })).toThrow(refused)
    expect(() => liabilityNetwork({ nodes: 0, liabilities: [] })).toThrow(refused)
    for (const assets of [[1], [1, -1], [1, Number.NaN]]) expect(() => clear({ network, assets })).toThrow(refused)
    expect(() => clear({ network, assets: [1, 1], assetRecovery: 1.1 })).toThrow(refused)
    expect(() => clear({ network, assets: [1, 1], fixed: new Map([[2, 0.5]]) })).toThrow(refused)
  })
})

/** In CPLEX's LP format. */
function programmeOf(
  { nodes, start, debtor, share, liabilities }: LiabilityNetwork,
  assets: readonly number[],
): string {
  const names = Array.from({ length: nodes }, (_, i) => `p${i}`)
  const rows = names.map((name, j) => {
    const terms = new Map<string, number>([[name, 1]])
    for (let at = start[j] ?? 0; at < (start[j + 1] ?? 0); at += 1) {
      const from = `p${debtor[at]}`
      terms.set(from, (terms.get(from) ?? 0) - (share[at] ?? 0))
    }
    const left = [...terms].map(([of, value]) => `${value < 0 ? '-' : '+'} ${Math.abs(value).toExponential(16)} ${of}`)
    return ` c${j}: ${left.join(' ')} <= ${(assets[j] ?? 0).toExponential(16)}`
  })
  const bounds = names.map((name, i) => ` 0 <= ${name} <= ${(liabilities[i] ?? 0).toExponential(16)}`)
  return ['Maximize', ` obj: ${names.join(' + ')}`, 'Subject To', ...rows, 'Bounds', ...bounds, 'End'].join('\n')
}
