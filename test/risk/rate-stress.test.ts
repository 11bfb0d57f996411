import { describe, expect, it } from 'vitest'
import { assess } from '../../lib/risk/assess.ts'
import { marketThrough } from '../../lib/risk/price-lens.ts'
import { aHolding, aPosition, aPrice, aSnapshot } from './a-snapshot.ts'

const prices = [aPrice('wstETH', 3_600), aPrice('WETH', 3_000), aPrice('USDC', 1)]
const loop = aPosition('aave-v3', {
  kind: 'loan',
  terms: {
    collateral: [{ asset: 'wstETH', quantity: 100, liquidationThreshold: 0.8 }],
    debt: [{ asset: 'WETH', quantity: 80 }],
  },
})
const report = assess({ snapshot: aSnapshot({ prices, positions: [loop, aHolding('WETH', 10)] }) })
const row = (scenario: string) => report.stress.find((one) => one.scenario === scenario)

describe('a loop of a staked token against its underlying', () => {
  it('is blind to the spot of the underlying, and is stressed in its exchange rate', () => {
    expect(report.healthFactor).toBeCloseTo(1.2, 12)
    expect(row('ETH -50 %')?.healthFactor).toBeCloseTo(1.2, 12)
    expect(row('wstETH/ETH -5 %')?.healthFactor).toBeCloseTo(1.2 * 0.95, 12)
    expect(row('wstETH/ETH -10 %')).toMatchObject({
      healthFactor: expect.closeTo(1.2 * 0.9, 12),
      changeUsd: expect.closeTo(-0.1 * 100 * 3_600, 6),
      navUsd: expect.closeTo(report.navUsd - 36_000, 6),
    })
  })

  it('has rows only for what is held and follows at a rate', () => {
    const names = report.stress.map((one) => one.scenario).filter((name) => name.includes('/'))
    expect(names).toEqual(['wstETH/ETH -5 %', 'wstETH/ETH -10 %'])
    const without = assess({ snapshot: aSnapshot({ prices, positions: [aHolding('WETH', 10)] }) })
    expect(without.stress.some((one) => one.scenario.includes('/'))).toBe(false)
  })
})

describe('several assets of one underlying', () => {
  const ofEth = (...assets: [string, number][]) =>
    marketThrough('feed', { at: 1, prices: assets.map(([asset, usd]) => aPrice(asset, usd, { underlying: 'ETH' })) })

  it('share the spot of the one that is called like it, whatever their order, and follow at the ratio of their feeds', () => {
    for (const market of [ofEth(['wstETH', 3_600], ['WETH', 3_000]), ofEth(['WETH', 3_000], ['wstETH', 3_600])]) {
      expect(market.spot).toEqual({ ETH: 3_000 })
      expect(market.exchangeRates.WETH?.rate).toBe(1)
      expect(market.exchangeRates.wstETH?.rate).toBeCloseTo(1.2, 15)
    }
  })

  it('share the spot of the first that is configured where none is called like it', () => {
    const market = ofEth(['stETH', 2_990], ['wstETH', 3_588])
    expect(market.spot).toEqual({ ETH: 2_990 })
    expect(market.exchangeRates.wstETH?.rate).toBeCloseTo(1.2, 15)
  })
})
