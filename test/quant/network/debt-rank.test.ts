import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { debtRank } from '../../../lib/quant/network/debt-rank.ts'
import { liabilityNetwork } from '../../../lib/quant/network/liability-network.ts'
import { aNetwork } from './a-network.ts'

describe('DebtRank', () => {
  it('hands on a tenth along a chain in which each claim is a tenth of the equity', () => {
    const network = liabilityNetwork({
      nodes: 3,
      liabilities: [
        { from: 0, to: 1, amount: 10 },
        { from: 1, to: 2, amount: 10 },
      ],
    })
    const { distress, rank } = debtRank({ network, equity: [100, 100, 100], shock: [1, 0, 0], spreading: 'linear' })
    expect(distress[1]).toBeCloseTo(0.1, 15)
    expect(distress[2]).toBeCloseTo(0.01, 15)
    expect(rank).toBeCloseTo(0.11 / 3, 15)
  })

  it('walks a cycle once where distress is handed on once, and again and again where it is linear', () => {
    // Two that owe each other half of their equity: once, h0 hears back 1/4 of its shock; again and again, the sum is 1 / (1 - 1/4).
    const network = liabilityNetwork({
      nodes: 2,
      liabilities: [
        { from: 0, to: 1, amount: 50 },
        { from: 1, to: 0, amount: 50 },
      ],
    })
    const run = (spreading: 'single' | 'linear') =>
      debtRank({ network, equity: [100, 100], shock: [0.4, 0], spreading }).distress
    expect([...run('single')].map((h) => h.toFixed(12))).toEqual(['0.500000000000', '0.200000000000'])
    expect(run('linear')[0]).toBeCloseTo(0.4 / 0.75, 12)
    expect(run('linear')[1]).toBeCloseTo(0.2 / 0.75, 12)
  })

  it('never leaves 0..1, grows with the shock, and is no less when every loss is handed on', () => {
    fc.assert(
      fc.property(aNetwork, fc.double({ min: 0, max: 1, noNaN: true }), ({ network, assets }, share) => {
        const equity = assets
        const shock = assets.map((_, i) => (i === 0 ? 1 : 0))
        const half = shock.map((one) => one * share)
        for (const spreading of ['single', 'linear'] as const) {
          const { distress } = debtRank({ network, equity, shock, spreading })
          const smaller = debtRank({ network, equity, shock: half, spreading }).distress
          for (const [i, h] of distress.entries()) {
            expect(h).toBeLessThanOrEqual(1)
            expect(smaller[i] ?? 0).toBeLessThanOrEqual(h + 1e-9)
          }
        }
        const once = debtRank({ network, equity, shock, spreading: 'single' }).distress
        for (const [i, h] of debtRank({ network, equity, shock, spreading: 'linear' }).distress.entries())
          expect(h).toBeGreaterThanOrEqual((once[i] ?? 0) - 1e-9)
      }),
    )
  })

  it('takes all of a node without equity with its first loss, and refuses shares that are none', () => {
    const network = liabilityNetwork({ nodes: 2, liabilities: [{ from: 0, to: 1, amount: 1 }] })
    expect(debtRank({ network, equity: [10, 0], shock: [0.01, 0], spreading: 'linear' }).distress[1]).toBe(1)
    for (const shock of [
      [2, 0],
      [-1, 0],
      [Number.NaN, 0],
    ])
      expect(() => debtRank({ network, equity: [1, 1], shock, spreading: 'linear' })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
  })
})
