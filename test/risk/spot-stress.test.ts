import { describe, expect, it } from 'vitest'
import { assess } from '../../lib/risk/assess.ts'
import { stressRow } from '../../lib/risk/stress/revalue.ts'
import { aHolding, aLoan, aPrice, aRange, aSnapshot } from './a-snapshot.ts'

const scaledBy = (eth: number, btc: number) => [
  aPrice('WETH', 2_914 * eth),
  aPrice('WBTC', 60_000 * btc),
  aPrice('USDC', 1),
]

describe('the spot stress', () => {
  const report = assess({ snapshot: aSnapshot() })
  const row = (scenario: string) => report.stress.find((one) => one.scenario === scenario)

  it('moves each risky underlying alone and all together, by nine shocks; stablecoins stay', () => {
    const names = new Set(report.stress.map((one) => one.scenario.split(' ')[0]))
    expect([...names]).toEqual(['BTC', 'ETH', 'all'])
    expect(report.stress).toHaveLength(27)
    const shocks = report.stress.filter((one) => one.scenario.startsWith('ETH')).map((one) => one.scenario.slice(4))
    expect(shocks).toEqual(['-50 %', '-30 %', '-20 %', '-10 %', '-5 %', '+5 %', '+10 %', '+20 %', '+30 %'])
  })

  it.each([
    ['ETH -20 %', 0.8, 1],
    ['ETH +30 %', 1.3, 1],
    ['BTC -50 %', 1, 0.5],
    ['all -30 %', 0.7, 0.7],
    ['all +5 %', 1.05, 1.05],
  ])('%s equals a new assessment at those prices', (scenario, eth, btc) => {
    const there = assess({ snapshot: aSnapshot({ prices: scaledBy(eth, btc) }) })
    expect(row(scenario)?.navUsd).toBeCloseTo(there.navUsd, 6)
    expect(row(scenario)?.changeUsd).toBeCloseTo(there.navUsd - report.navUsd, 6)
    expect(row(scenario)?.healthFactor).toBeCloseTo(there.healthFactor ?? Number.NaN, 12)
  })

  it('has no health factor without debt', () => {
    const { stress } = assess({ snapshot: aSnapshot({ positions: [aHolding('WBTC', 1)] }) })
    expect(stress).toHaveLength(9)
    expect(stress.every((one) => one.healthFactor === undefined)).toBe(true)
  })

  it('leaves a stablecoin alone that trades within 3 % of a dollar', () => {
    const prices = [aPrice('WETH', 2_914), aPrice('USDC', 1.02)]
    const { stress } = assess({ snapshot: aSnapshot({ prices, positions: [aLoan(), aRange()] }) })
    expect(stress.every((one) => one.scenario.startsWith('ETH'))).toBe(true)
  })

  it('shocks a stablecoin that has left its peg by more than 3 %', () => {
    const prices = [aPrice('WETH', 2_914), aPrice('USDC', 0.96)]
    const { stress } = assess({ snapshot: aSnapshot({ prices, positions: [aLoan(), aRange()] }) })
    expect(stress.some((one) => one.scenario.startsWith('USDC'))).toBe(true)
  })

  it('revalues what is known when something is left out', () => {
    const prices = [aPrice('WETH', 2_914), aPrice('WBTC', undefined), aPrice('USDC', 1)]
    const { stress } = assess({ snapshot: aSnapshot({ prices }) })
    expect(stress).toHaveLength(9)
    expect(stress.every((one) => one.scenario.startsWith('ETH'))).toBe(true)
  })
})

it('a position that no model can value in the moved market is left out of both sides, and the row says so', () => {
  const market = {
    at: 0,
    spot: { ETH: 3_000 },
    exchangeRates: { ETH: { underlying: 'ETH', rate: 1 } },
  }
  const held = { kind: 'spot', terms: { asset: 'ETH', quantity: 1 } } as const
  const huge = { kind: 'spot', terms: { asset: 'ETH', quantity: 1e305 } } as const
  const row = stressRow(
    { positions: [held, huge], accounts: [], market, lens: market },
    { name: 'ETH', shock: 1, move: (one) => ({ ...one, spot: { ETH: 6_000 } }) },
  )
  expect(row).toEqual({ scenario: 'ETH +100 %, without spot', navUsd: 6_000, changeUsd: 3_000 })
})
