import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withTime } from '../../lib/instruments/market/bump.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'

const market = parseMarket(exampleMarket)
const day = 86_400
const fund = (terms: object = {}) =>
  parsePosition({ kind: 'rwa', terms: { currency: 'USDC', quantity: 1_000, nav: 100, navAsOf: market.at, ...terms } })

describe('a real-world asset', () => {
  it('is worth its NAV while the next one is not due, and then less by the day down to the cap', () => {
    const values = [0, 1, 4, 5, 14, 104, 400].map((days) => value(fund(), withTime(market, market.at + days * day)))
    const expected = [1, 1, 1, 0.995, 0.95, 0.5, 0.5].map((share) => share * 100_000)
    expected.forEach((usd, index) => {
      expect(values[index]).toBeCloseTo(usd, 6)
    })
  })

  it('never gains by the age of its NAV, whatever the rule: a stale NAV raises the haircut', () => {
    const rule = fc.record({
      expectedDays: fc.double({ min: 0, max: 60, noNaN: true }),
      perDay: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      cap: fc.double({ min: 0.01, max: 1, noNaN: true }),
    })
    const age = fc.double({ min: 0, max: 300, noNaN: true })
    fc.assert(
      fc.property(rule, age, age, (staleness, one, other) => {
        const haircut = (days: number) =>
          detailsOf(fund({ staleness }), withTime(market, market.at + days * day)).stalenessHaircutRatio ?? Number.NaN
        const [younger, older] = [Math.min(one, other), Math.max(one, other)]
        expect(haircut(older)).toBeGreaterThanOrEqual(haircut(younger))
        expect(haircut(older)).toBeLessThanOrEqual(staleness.cap)
        // Strictly more for any real delay past the due date, below the cap.
        const isGrowing =
          younger > staleness.expectedDays && staleness.perDay * (older - staleness.expectedDays) < staleness.cap
        if (isGrowing && older - younger > 1e-3) expect(haircut(older)).toBeGreaterThan(haircut(younger))
      }),
    )
  })

  it('shows the cost of waiting as decay while the haircut grows, and what it earns as interest', () => {
    const late = withTime(market, market.at + 10 * day)
    const { theta, delta } = greeksOf(fund({ rate: 0.05 }), late)
    expect(theta.decay).toBeCloseTo(-100_000 * 0.005 * 365, 6)
    expect(theta.interest).toBeCloseTo(97_000 * 0.05, 8)
    expect(delta.USDC).toBeCloseTo(97_000, 8)
    expect(greeksOf(fund(), market).theta.decay).toBe(0)
    expect(greeksOf(fund(), withTime(market, market.at + 300 * day)).theta.decay).toBe(0)
  })

  it('says how old its NAV is, and when it is dated later than the market', () => {
    expect(warningsOf(fund(), withTime(market, market.at + 10 * day))).toEqual([
      'the NAV is 10.0 days old: valued with a haircut of 3.00 %',
    ])
    expect(warningsOf(fund({ navAsOf: market.at + 60 }), market)).toEqual(['the NAV is dated later than the market'])
  })

  it('tells what can be had back, when, and until all is', () => {
    const redemption = { fee: 0.01, noticeDays: 3, gate: 1 / 3, periodDays: 30, minimum: 10_000 }
    const details = detailsOf(fund({ redemption }), market)
    expect(details.redeemableUnits).toBeCloseTo(1_000 / 3, 10)
    expect(details.redeemableUsd).toBeCloseTo((100_000 / 3) * 0.99, 8)
    expect(details.redeemableAtUnixSeconds).toBe(market.at + 3 * day)
    expect(details.fullExitDays).toBe(3 + 2 * 30)
    expect(detailsOf(fund(), market)).toMatchObject({ redeemableUnits: 1_000, redeemableUsd: 100_000, fullExitDays: 0 })
  })

  it.each([
    [{ gate: 0 }, 'redemptions are closed: nothing can be had back at present'],
    [{ gate: 0.1, minimum: 20_000 }, 'what can be redeemed is below the minimum: nothing can be had back'],
  ])('has nothing to redeem under %j, and says why', (redemption, why) => {
    const position = fund({ redemption })
    expect(detailsOf(position, market)).toMatchObject({ redeemableUnits: 0, redeemableUsd: 0 })
    expect(detailsOf(position, market).fullExitDays).toBeUndefined()
    expect(warningsOf(position, market)).toEqual([why])
    expect(value(position, market)).toBe(100_000)
  })
})
