import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'

const market = parseMarket(exampleMarket)
const vault = (terms: object) => parsePosition({ kind: 'vault-share', terms })

describe('shares of a vault', () => {
  it('look through twice where the asset of the vault is itself a wrapper', () => {
    const shares = vault({ asset: 'wstETH', shares: 100, sharePrice: 1.05, rate: 0.01 })
    expect(greeksOf(shares, market).delta.ETH).toBeCloseTo(100 * 1.05 * 1.23, 12)
    expect(value(shares, market)).toBeCloseTo(100 * 1.05 * 1.23 * 3_000, 8)
    // What the vault earns comes on top of what the asset grows by itself.
    expect(greeksOf(shares, market).theta.interest).toBeCloseTo(387_450 * (0.01 + 0.028), 8)
  })

  it('take their price from the market where the terms have none: the same value, delta and interest', () => {
    const sUSDe = { underlying: 'USDC', rate: 1.19, growth: 0.07, asOf: market.at - 86_400 * 3 }
    const known: Market = { ...market, exchangeRates: { ...market.exchangeRates, sUSDe } }
    const byMarket = vault({ asset: 'sUSDe', shares: 1_000 })
    const byTerms = vault({ asset: 'USDC', shares: 1_000, sharePrice: 1.19, rate: 0.07 })
    expect(value(byMarket, known)).toBeCloseTo(value(byTerms, known), 9)
    expect(greeksOf(byMarket, known)).toEqual(greeksOf(byTerms, known))
    expect(detailsOf(byMarket, known)).toMatchObject({ sharePriceAgeDays: 3, stalenessHaircutRatio: 0.01 })
    expect(warningsOf(byMarket, known)[0]).toContain('the share price is 3.0 days old: a haircut of 1.00 %')
  })

  it('tell what can be had at once: within the limit and after the fee', () => {
    const shares = vault({
      asset: 'USDC',
      shares: 1_000,
      sharePrice: 1.1,
      exitFee: 0.01,
      entryFee: 0.2,
      maxRedeem: 300,
    })
    const details = detailsOf(shares, market)
    expect(details.redeemableShares).toBe(300)
    expect(details.redeemableUsd).toBeCloseTo(300 * 1.1 * 0.99, 9)
    expect(details.exitFeeUsd).toBeCloseTo(11, 9)
    expect(details.costToEnterUsd).toBeCloseTo(1_100 / 0.8, 9)
    expect(warningsOf(vault({ asset: 'USDC', shares: 1, sharePrice: 1, maxRedeem: 0 }), market)).toEqual([
      'nothing can be redeemed at present',
    ])
  })
})
