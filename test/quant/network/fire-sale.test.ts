import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Borrower, fireSale } from '../../../lib/quant/network/fire-sale.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const aCase = fc.integer({ min: 1, max: 4 }).chain((assets) =>
  fc.record({
    borrowers: fc.array(
      fc.record({
        collateral: fc.array(fc.nat(1_000), { minLength: assets, maxLength: assets }),
        threshold: fc.array(fc.double({ min: 0.3, max: 0.9, noNaN: true }), { minLength: assets, maxLength: assets }),
        debt: fc.nat(1_500),
        bonus: fc.constantFrom(0, 0.05, 0.1),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    shock: fc.array(fc.double({ min: 0.2, max: 1, noNaN: true }), { minLength: assets, maxLength: assets }),
    depth: fc.array(fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 50, max: 20_000 })), {
      minLength: assets,
      maxLength: assets,
    }),
  }),
)

describe('a fire sale', () => {
  const loan: Borrower = { collateral: [1_000], threshold: [0.8], debt: 720, bonus: 0.05 }

  it('sells nothing while everybody is healthy, and just enough when one is not', () => {
    expect(fireSale({ borrowers: [loan], shock: [0.9], depth: [1e4] })).toMatchObject({ amplification: 1, badDebt: 0 })
    // At 0.88 it owes 720 against 704; f = 16 / (880 / 1.05 - 704) in a market that nothing moves.
    const { liquidated, prices } = fireSale({ borrowers: [loan], shock: [0.88], depth: [Number.POSITIVE_INFINITY] })
    expect(liquidated[0]).toBeCloseTo(16 / (880 / 1.05 - 704), 12)
    expect(prices[0]).toBe(0.88)
  })

  it('pulls down a neighbour through common collateral', () => {
    const healthy: Borrower = { collateral: [1_000], threshold: [0.8], debt: 700, bonus: 0.05 }
    const alone = fireSale({ borrowers: [healthy], shock: [0.88], depth: [3_000] })
    const together = fireSale({ borrowers: [healthy, loan], shock: [0.88], depth: [3_000] })
    expect(alone.liquidated[0]).toBe(0)
    expect(together.liquidated[0]).toBeGreaterThan(0)
    expect(together.amplification).toBeGreaterThan(1)
  })

  it('never loses less than the shock alone, and is monotone in the shock and in the depth', () => {
    fc.assert(
      fc.property(aCase, share, ({ borrowers, shock, depth }, less) => {
        const base = fireSale({ borrowers, shock, depth })
        const harder = fireSale({ borrowers, shock: shock.map((one) => one * (0.5 + less / 2)), depth })
        const thinner = fireSale({ borrowers, shock, depth: depth.map((one) => one * (0.2 + 0.8 * less)) })
        expect(base.amplification).toBeGreaterThanOrEqual(1)
        for (const worse of [harder, thinner]) {
          expect(worse.badDebt).toBeGreaterThanOrEqual(base.badDebt * (1 - 1e-9) - 1e-9)
          for (const [i, price] of worse.prices.entries())
            expect(price).toBeLessThanOrEqual((base.prices[i] ?? 0) * (1 + 1e-9))
          for (const [i, sold] of worse.liquidated.entries())
            expect(sold).toBeGreaterThanOrEqual((base.liquidated[i] ?? 0) - 1e-9)
        }
      }),
    )
  })

  it('refuses depths, shocks and debts that are none', () => {
    const refused = expect.objectContaining({ code: 'out-of-domain' })
    expect(() => fireSale({ borrowers: [loan], shock: [0], depth: [1] })).toThrow(refused)
    expect(() => fireSale({ borrowers: [loan], shock: [1], depth: [] })).toThrow(refused)
    expect(() => fireSale({ borrowers: [{ ...loan, debt: Number.NaN }], shock: [1], depth: [1] })).toThrow(refused)
  })
})
