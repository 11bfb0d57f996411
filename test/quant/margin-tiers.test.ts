import { describe, expect, it } from 'vitest'
import { autoDeleverage, autoDeleveragingScore, autoDeleveragingStress } from '../../lib/quant/auto-deleveraging.ts'
import { crossMargin, inverseLiquidation, linearLiquidation, maintenanceMargin } from '../../lib/quant/margin-tiers.ts'
import { uniform } from './amm/big.ts'

/** A large exchange's BTC tiers: rate x notional less 0, 300, 1,300 and 61,300. */
const tiers = [
  { floor: 0, rate: 0.004 },
  { floor: 300_000, rate: 0.005 },
  { floor: 3_000_000, rate: 0.01 },
  { floor: 15_000_000, rate: 0.025 },
]
const random = uniform(12)
const refused = expect.objectContaining({ code: 'out-of-domain' })

describe('maintenance margin', () => {
  it('is continuous and is rate x notional less the published amount in each tier', () => {
    for (const [notional, rate, amount] of [
      [100_000, 0.004, 0],
      [300_000, 0.004, 0],
      [1_000_000, 0.005, 300],
      [10_000_000, 0.01, 15_300],
      [20_000_000, 0.025, 240_300],
    ] as const) {
      expect(maintenanceMargin({ notional, tiers })).toBeCloseTo(notional * rate - amount, 8)
    }
    expect(maintenanceMargin({ notional: 0, tiers })).toBe(0)
  })

  it('refuses tiers that do not start at 0, do not rise, or take everything', () => {
    for (const bad of [
      [],
      [{ floor: 1, rate: 0.1 }],
      [{ floor: 0, rate: 1 }],
      [tiers[1], tiers[0]],
      [
        { floor: 0, rate: 0.1 },
        { floor: 5, rate: 0.05 },
      ],
    ]) {
      expect(() => maintenanceMargin({ notional: 1, tiers: bad as typeof tiers })).toThrow(refused)
    }
    expect(() => maintenanceMargin({ notional: -1, tiers })).toThrow(refused)
  })
})

describe('the prices between which a holding is safe', () => {
  it('are by hand: 1 BTC from 50,000 on 5,000 falls to (50,000 - 5,000) / (1 - 0.004)', () => {
    const long = linearLiquidation({ size: 1, entry: 50_000, margin: 5_000, tiers })
    expect(long).toEqual({ kind: 'between', lower: expect.closeTo(45_000 / 0.996, 9), upper: undefined })
    const short = linearLiquidation({ size: -1, entry: 50_000, margin: 5_000, tiers })
    expect(short).toEqual({ kind: 'between', lower: undefined, upper: expect.closeTo(55_000 / 1.004, 9) })
  })

  it('leave equity equal to maintenance at each end, for random holdings in all tiers, and more of it within', () => {
    for (let i = 0; i < 1_500; i += 1) {
      const entry = 10 ** (1 + random() * 4)
      const notional = 10 ** (3 + 6 * random())
      const size = ((random() < 0.5 ? 1 : -1) * notional) / entry
      const margin = notional * (random() * 1.2 - 0.1)
      const collateralUnits = random() < 0.4 ? 0 : ((random() * 3 - 1) * notional) / entry
      const safe = linearLiquidation({ size, entry, margin, tiers, collateralUnits })
      const excess = (P: number) =>
        margin + size * (P - entry) + collateralUnits * P - maintenanceMargin({ notional: Math.abs(size) * P, tiers })
      const prices = Array.from({ length: 60 }, (_, k) => entry * 10 ** ((k - 30) / 10))
      if (safe.kind === 'nowhere') {
        for (const P of prices) expect(excess(P)).toBeLessThan(1e-9 * notional)
        continue
      }
      for (const edge of [safe.lower, safe.upper]) {
        if (edge !== undefined)
          expect(Math.abs(excess(edge))).toBeLessThan(
            1e-12 * (notional + Math.abs(size * edge) + Math.abs(collateralUnits * edge)),
          )
      }
      for (const P of prices) {
        const inside = P > (safe.lower ?? 0) * (1 + 1e-9) && P < (safe.upper ?? Number.POSITIVE_INFINITY) * (1 - 1e-9)
        const outside = P < (safe.lower ?? 0) * (1 - 1e-9) || P > (safe.upper ?? Number.POSITIVE_INFINITY) * (1 + 1e-9)
        if (inside) expect(excess(P)).toBeGreaterThanOrEqual(0)
        if (outside) expect(excess(P)).toBeLessThan(0)
      }
    }
  })

  it('have both ends where collateral in the underlying backs a larger short', () => {
    const both = linearLiquidation({
      size: -1,
      entry: 1_000,
      margin: -1_100,
      tiers: [
        { floor: 0, rate: 0.01 },
        { floor: 5_000, rate: 0.5 },
      ],
      collateralUnits: 1.2,
    })
    expect(both).toEqual({
      kind: 'between',
      lower: expect.closeTo(100 / 0.19, 9),
      upper: expect.closeTo(2_350 / 0.3, 9),
    })
  })

  it('are without end for what is paid in full, and nowhere for what is lost already', () => {
    expect(linearLiquidation({ size: 1, entry: 100, margin: 100, tiers })).toEqual({
      kind: 'between',
      lower: undefined,
      upper: undefined,
    })
    expect(linearLiquidation({ size: -1, entry: 100, margin: -100, tiers })).toEqual({ kind: 'nowhere' })
    expect(linearLiquidation({ size: 0, entry: 100, margin: 1, tiers })).toEqual({
      kind: 'between',
      lower: undefined,
      upper: undefined,
    })
    expect(linearLiquidation({ size: 0, entry: 100, margin: -1, tiers })).toEqual({ kind: 'nowhere' })
    expect(linearLiquidation({ size: 0, entry: 100, margin: -10, tiers, collateralUnits: 2 })).toEqual({
      kind: 'between',
      lower: 5,
      upper: undefined,
    })
  })

  it('leave coin equity equal to coin maintenance for inverse contracts', () => {
    const coins = [
      { floor: 0, rate: 0.005 },
      { floor: 100, rate: 0.01 },
    ]
    for (const size of [1e5, -1e5, 5e6, -5e6]) {
      const [entry, margin] = [50_000, Math.abs(size) / 50_000 / 5]
      const safe = inverseLiquidation({ size, entry, margin, tiers: coins })
      if (safe.kind === 'nowhere') throw new Error('a fifth is enough')
      const edge = size > 0 ? safe.lower : safe.upper
      if (edge === undefined) throw new Error('a fifth is not everything')
      expect(size > 0 ? safe.upper : safe.lower).toBeUndefined()
      expect(margin + size * (1 / entry - 1 / edge)).toBeCloseTo(
        maintenanceMargin({ notional: Math.abs(size) / edge, tiers: coins }),
        10,
      )
    }
    // Dollars beside the coin: both count, the dollars at what they buy of the coin.
    for (const collateralUnits of [3_000, -3_000]) {
      const [size, entry, margin] = [1e5, 50_000, 0.4]
      const safe = inverseLiquidation({ size, entry, margin, tiers: coins, collateralUnits })
      if (safe.kind === 'nowhere' || safe.lower === undefined)
        throw new Error('a fifth is enough, but not for everything')
      const coinEquity = margin + collateralUnits / safe.lower + size * (1 / entry - 1 / safe.lower)
      expect(coinEquity).toBeCloseTo(maintenanceMargin({ notional: size / safe.lower, tiers: coins }), 12)
    }
    // A short of one coin's worth on one coin is a dollar: it cannot be liquidated.
    expect(inverseLiquidation({ size: -50_000, entry: 50_000, margin: 1, tiers: coins })).toEqual({
      kind: 'between',
      lower: undefined,
      upper: undefined,
    })
  })

  it('refuse terms that are not finite', () => {
    expect(() => linearLiquidation({ size: Number.NaN, entry: 1, margin: 1, tiers })).toThrow(refused)
    expect(() => inverseLiquidation({ size: 1, entry: 0, margin: 1, tiers })).toThrow(refused)
  })
})

describe('margin from several kinds of collateral', () => {
  it('takes haircuts from what is pledged and nothing off debts', () => {
    const collateral = [
      { amount: 10, price: 3_000, haircut: 0.1 },
      { amount: -5_000, price: 1, haircut: 0.5 },
    ]
    expect(crossMargin({ collateral, unrealised: -2_000, maintenance: 10_000 })).toEqual({
      equity: 20_000,
      excess: 10_000,
      ratio: 0.5,
    })
    expect(crossMargin({ collateral, unrealised: -22_000, maintenance: 1 })).toEqual({
      equity: 0,
      excess: -1,
      ratio: undefined,
    })
  })

  it('refuses haircuts beyond all', () => {
    expect(() =>
      crossMargin({ collateral: [{ amount: 1, price: 1, haircut: 1.1 }], unrealised: 0, maintenance: 0 }),
    ).toThrow(refused)
    expect(() => crossMargin({ collateral: [], unrealised: Number.NaN, maintenance: 0 })).toThrow(refused)
  })
})

describe('auto-deleveraging', () => {
  it('ranks profit times leverage, and losses the deeper the less leveraged', () => {
    const score = (profit: number, equity: number) =>
      autoDeleveragingScore({ profit, entryNotional: 1_000, notional: 1_000, equity })
    expect(score(100, 100)).toBeCloseTo(1, 15)
    expect(score(-100, 100)).toBeCloseTo(-0.01, 15)
    expect(score(100, 500)).toBeLessThan(score(100, 100))
    expect(score(-100, 100)).toBeLessThan(score(1, 1_000))
    expect(() => score(1, 0)).toThrow(refused)
  })

  it('closes the highest first, shares among equals, and never more than was asked or is there', () => {
    const sizes = Float64Array.of(5, 10, 10, 2)
    const scores = Float64Array.of(0.1, 0.9, 0.9, 3)
    const asked = (quantity: number) => autoDeleverage({ sizes, scores, quantity })
    expect([...asked(1).closed]).toEqual([0, 0, 0, 1])
    expect([...asked(12).closed]).toEqual([0, 5, 5, 2])
    expect(asked(30)).toEqual({ closed: sizes, unmet: 3 })
    for (let i = 0; i < 200; i += 1) {
      const quantity = random() * 30
      const { closed, unmet } = asked(quantity)
      expect(closed.reduce((sum, one) => sum + one, 0) + unmet).toBeCloseTo(quantity, 12)
    }
    expect(() => autoDeleverage({ sizes, scores: Float64Array.of(1), quantity: 1 })).toThrow(refused)
  })

  it('forgoes the gap between mark and bankruptcy price, whichever side is held, and takes the hedge away', () => {
    expect(autoDeleveragingStress({ size: 10, mark: 120, bankruptcyPrice: 110, fraction: 0.5 })).toEqual({
      forgone: 50,
      hedgeLost: 5,
    })
    expect(autoDeleveragingStress({ size: -10, mark: 80, bankruptcyPrice: 90, fraction: 1 })).toEqual({
      forgone: 100,
      hedgeLost: -10,
    })
    expect(autoDeleveragingStress({ size: 10, mark: 100, bankruptcyPrice: 110, fraction: 1 }).forgone).toBe(0)
    expect(() => autoDeleveragingStress({ size: 1, mark: 1, bankruptcyPrice: 1, fraction: 2 })).toThrow(refused)
  })
})
