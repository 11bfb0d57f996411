import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { instrumentOf } from '../../lib/instruments/instrument-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'

const market = parseMarket(exampleMarket)
const token = (terms: object) => parsePosition({ kind: 'synthetic', terms: { quantity: 10, ...terms } })
/** Tracks BTC, backed by 45 ETH: covered while 45 ETH are worth a BTC. */
const byEther = token({ target: 'BTC', backing: [{ asset: 'WETH', quantity: 45 }] })

describe('a synthetic token', () => {
  it('is what it tracks while its backing covers it, and its backing below', () => {
    expect(value(byEther, market)).toBe(900_000)
    expect(greeksOf(byEther, market).delta).toEqual({ BTC: 10, ETH: 0 })
    const fallen = withSpot(market, 'ETH', 1_800)
    expect(value(byEther, fallen)).toBe(10 * 45 * 1_800)
    expect(greeksOf(byEther, fallen).delta).toEqual({ BTC: 0, ETH: 450 })
    expect(detailsOf(byEther, fallen)).toMatchObject({ backingRatio: 0.9, shortfallUsd: 90_000 })
    expect(warningsOf(byEther, fallen)).toEqual(['only 90.0 % backed: valued at what backs it, not at what it tracks'])
  })

  it('names the price at which its backing no longer covers it, for each underlying', () => {
    const edges = instrumentOf('synthetic').edges?.(byEther.terms as never, market)
    expect(edges?.ETH?.[0]).toBeCloseTo(2_000, 9)
    expect(edges?.BTC?.[0]).toBeCloseTo(135_000, 9)
    const atEdge = greeksOf(byEther, withSpot(market, 'ETH', 2_000)).delta
    expect(atEdge).toEqual({ BTC: 5, ETH: 225 })
  })

  it('tracks a dollar without a target: under it only what backs it counts', () => {
    const backing = [
      { asset: 'USDC', quantity: 0.6 },
      { asset: 'wstETH', quantity: 0.0002, haircut: 0.5 },
    ]
    const dollar = token({ backing })
    const perToken = 0.6 + 0.0001 * 1.23 * 3_000
    expect(value(dollar, market)).toBeCloseTo(10 * perToken, 12)
    expect(greeksOf(dollar, market).delta.ETH).toBeCloseTo(10 * 0.0001 * 1.23, 15)
    expect(value(dollar, withSpot(market, 'ETH', 4_000))).toBe(10)
    expect(greeksOf(dollar, withSpot(market, 'ETH', 4_000)).delta).toEqual({ USDC: 0, ETH: 0 })
  })

  it('is worth nothing without any backing', () => {
    expect(value(token({ target: 'BTC', backing: [] }), market)).toBe(0)
    expect(warningsOf(token({ target: 'BTC', backing: [] }), market)).toHaveLength(1)
  })
})
