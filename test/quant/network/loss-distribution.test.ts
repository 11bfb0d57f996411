import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lossDistribution } from '../../../lib/quant/network/loss-distribution.ts'

describe('the distribution of several rare losses', () => {
  it('has the quantiles of two coins to a step of the grid', () => {
    // 0: .9 x .95 = .855, 10: .045, 20: .095, 30: .005.
    const { quantile, mean } = lossDistribution([
      { probability: 0.05, loss: 10 },
      { probability: 0.1, loss: 20 },
    ])
    expect(mean).toBeCloseTo(2.5, 12)
    expect([0.85, 0.86, 0.95, 0.994, 0.996].map((level) => Math.round(quantile(level)))).toEqual([0, 10, 20, 20, 30])
  })

  it('never has a lower quantile than the enumeration of all cases, and at most a step a loss above it', () => {
    const coin = fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), loss: fc.nat(1_000) })
    fc.assert(
      fc.property(
        fc.array(coin, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(0.5, 0.9, 0.99),
        (failures, level) => {
          const cases = Array.from({ length: 2 ** failures.length }, (_, mask) =>
            failures.reduce(
              ({ p, sum }, { probability, loss }, i) =>
                (mask >> i) & 1 ? { p: p * probability, sum: sum + loss } : { p: p * (1 - probability), sum },
              { p: 1, sum: 0 },
            ),
          ).toSorted((a, b) => a.sum - b.sum)
          let below = 0
          const exact = cases.find(({ p }) => {
            below += p
            return below >= level - 1e-12
          })
          const total = failures.reduce((sum, { loss }) => sum + loss, 0)
          const found = lossDistribution(failures).quantile(level)
          expect(found).toBeGreaterThanOrEqual((exact?.sum ?? 0) - 1e-9)
          expect(found).toBeLessThanOrEqual((exact?.sum ?? 0) + ((failures.length + 1) * total) / 4096 + 1e-9)
        },
      ),
    )
  })

  it('is nothing for nothing, and refuses what is no probability', () => {
    expect(lossDistribution([]).quantile(0.99)).toBe(0)
    expect(lossDistribution([{ probability: 0.5, loss: 0 }]).quantile(0.99)).toBe(0)
    for (const probability of [-0.1, 1.1, Number.NaN])
      expect(() => lossDistribution([{ probability, loss: 1 }])).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
  })
})
