import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { oneAssetMarket } from './one-asset-market.ts'

const squeeth = { asset: 'ETH', power: 2, quantity: 1, fundingConvention: 'continuous', fundingDays: 17.5 }
const perp = (terms: object = {}) => parsePosition({ kind: 'power-perp', terms: { ...squeeth, ...terms } })
const market = oneAssetMarket({ spot: 3_000, rate: 0.03, carry: 0.03, volatility: 0.8 })

interface Row {
  readonly p: number
  readonly sigma: number
  readonly r: number
  /** Years. */
  readonly f: number
  readonly S: number
  readonly index: number
  readonly mark_discrete: number
  readonly mark_continuous: number
  readonly premium: number
  readonly premium_continuous: number
}

const path = '../shared/tables/power_perp.json'

describe.skipIf(!existsSync(path))(`the published figures of ${path} (skipped where the folder is absent)`, () => {
  const rows: readonly Row[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).rows : []

  it('are met through the instrument to 1e-12, by either convention', () => {
    expect(rows.length).toBeGreaterThan(0)
    for (const { p, sigma, r, f, S, ...row } of rows) {
      const at = oneAssetMarket({ spot: S, rate: r, carry: r, volatility: sigma })
      const terms = { power: p, fundingDays: f * 365 }
      const discrete = perp({ ...terms, fundingConvention: 'discrete' })
      const continuous = perp({ ...terms, fundingConvention: 'continuous' })
      expect(Math.abs(value(discrete, at) / row.mark_discrete - 1)).toBeLessThan(1e-12)
      expect(Math.abs(value(continuous, at) / row.mark_continuous - 1)).toBeLessThan(1e-12)
      expect(Math.abs((detailsOf(discrete, at).premiumRatio ?? 0) - row.premium)).toBeLessThan(1e-12)
      expect(Math.abs((detailsOf(continuous, at).premiumRatio ?? 0) - row.premium_continuous)).toBeLessThan(1e-12)
      // theta = -funding = -(mark - index) / f
      const { delta, gamma, theta } = greeksOf(discrete, at)
      expect((delta.ETH ?? 0) / ((p * row.mark_discrete) / S)).toBeCloseTo(1, 11)
      expect(((gamma.ETH ?? 0) * S * S) / row.mark_discrete).toBeCloseTo(p * (p - 1), 10)
      expect((theta.funding * f) / row.index).toBeCloseTo(-row.premium, 11)
    }
  })
})

describe('a power perpetual', () => {
  it('has a premium that the funding convention doubles', () => {
    const daily = (fundingConvention: string) =>
      detailsOf(perp({ fundingConvention, fundingDays: 0.01 }), market).premiumRatio ?? 0
    expect(daily('discrete') / daily('continuous')).toBeCloseTo(2, 3)
  })

  it('is the profit on its mark since entry, beside the margin; without an entry it is worth its mark', () => {
    const mark = value(perp(), market)
    const margin = [{ asset: 'ETH', quantity: 5 }]
    const short = perp({ quantity: -2, scale: 0.01, entryPrice: 95_000, margin })
    expect(value(short, market)).toBeCloseTo(15_000 - 2 * (0.01 * mark - 95_000), 7)
    expect(detailsOf(short, market).unrealisedProfitUsd).toBeCloseTo(-2 * (0.01 * mark - 95_000), 7)
    expect(detailsOf(perp(), market).unrealisedProfitUsd).toBeUndefined()
    expect(greeksOf(short, market).delta.ETH).toBeCloseTo(5 - (2 * 2 * 0.01 * mark) / 3_000, 9)
  })

  it('pays funding for its convexity when long: mark less index once per period', () => {
    const { indexUsd, markUsd, fundingUsdPerDay } = detailsOf(perp(), market) as Record<string, number>
    expect(fundingUsdPerDay).toBeCloseTo(-((markUsd ?? 0) - (indexUsd ?? 0)) / 17.5, 6)
    expect(greeksOf(perp(), market).theta.funding).toBeLessThan(0)
    expect(greeksOf(perp({ quantity: -1 }), market).theta.funding).toBeGreaterThan(0)
    expect(greeksOf(perp(), market).theta.decay).toBe(0)
  })

  it('looks through a wrapper by powers of its rate', () => {
    const wrapped = parseMarket(exampleMarket)
    const inWrapper = greeksOf(perp({ asset: 'wstETH' }), wrapped)
    const inEther = greeksOf(perp({ scale: 1.23 ** 2 }), wrapped)
    expect((inWrapper.delta.ETH ?? 0) / (inEther.delta.ETH ?? 1)).toBeCloseTo(1, 12)
    expect((inWrapper.gamma.ETH ?? 0) / (inEther.gamma.ETH ?? 1)).toBeCloseTo(1, 12)
  })

  it('is liquidated where it says: there equity is the maintenance margin', () => {
    const maintenance = [
      { floor: 0, rate: 0.1 },
      { floor: 2e6, rate: 0.2 },
    ]
    let seen = 0
    for (const quantity of [-0.1, 0.1, -0.4])
      for (const ether of [0, 40, 700])
        for (const dollars of [-200_000, 150_000, 3e6]) {
          const margin = [{ asset: 'ETH', quantity: ether, haircut: 0.05 }]
          const terms = { quantity, entryPrice: 9e6, margin, maintenance, accruedFunding: dollars }
          const details = detailsOf(perp(terms), market)
          for (const spot of [details.liquidationBelowUsd, details.liquidationAboveUsd]) {
            if (spot === undefined) continue
            seen += 1
            const at = detailsOf(perp(terms), withSpot(market, 'ETH', spot))
            expect(Math.abs((at.equityUsd ?? 0) / (at.maintenanceUsd ?? 1) - 1)).toBeLessThan(1e-9)
          }
        }
    expect(seen).toBeGreaterThan(8)
  })

  it('says when its premium knows no bound, by an error that names the rule', () => {
    expect(() => value(perp({ fundingDays: 600 }), market)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })

  it('says when it reads a volatility outside of the quoted expiries', () => {
    expect(warningsOf(perp(), parseMarket(exampleMarket))).toEqual([
      'the volatility is that of the nearest quoted expiry',
    ])
  })
})
