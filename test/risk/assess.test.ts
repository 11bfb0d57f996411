import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { figuresOf, noGreeks } from '../../lib/instruments/greeks/greeks.ts'
import { value } from '../../lib/instruments/value.ts'
import { assess } from '../../lib/risk/assess.ts'
import { marketThrough } from '../../lib/risk/price-lens.ts'
import { aHolding, aLendingReading, aLoan, aPosition, aPrice, aRange, aSnapshot } from './a-snapshot.ts'

/** Every number anywhere in a value. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

describe('a report on a snapshot without gaps', () => {
  const snapshot = aSnapshot()
  const report = assess({ snapshot })

  it('names snapshot, configuration and block', () => {
    expect(report.id).toBe('treasury#1000#d1~v1')
    expect(report).toMatchObject({ snapshotId: snapshot.id, portfolioId: 'treasury', configVersion: 'v1', at: 1_000 })
    expect(report.blocks).toEqual(snapshot.blocks)
    expect(report.dataState).toEqual({ kind: 'FRESH' })
  })

  it('adds up to its positions', () => {
    const [loan, range, wbtc, usdc] = report.positions.map((one) => one.valueUsd)
    expect(loan).toBeCloseTo(740 * 2_914 - 1_186_000, 6)
    expect(wbtc).toBe(480_000)
    expect(usdc).toBe(50_000)
    expect(report.navUsd).toBeCloseTo((loan ?? 0) + (range ?? 0) + 530_000, 6)
  })

  it('nets the Greeks per underlying', () => {
    const range = report.positions[1]
    expect(report.netGreeks.delta.ETH).toBeCloseTo(740 + (range?.greeks?.delta.ETH ?? 0), 9)
    expect(report.netGreeks.delta.BTC).toBe(8)
    expect(report.netGreeks.delta.USDC).toBeCloseTo(50_000 - 1_186_000 + (range?.greeks?.delta.USDC ?? 0), 6)
    expect(report.netGreeks.gamma.ETH).toBeLessThan(0)
    expect(report.netGreeks.gamma.BTC).toBe(0)
  })

  it('shows prices, pools and what is spare', () => {
    expect(report.price).toEqual({ ETH: 2_914, BTC: 60_000, USDC: 1 })
    expect(report.spare).toEqual([
      { asset: 'WBTC', quantity: 8, usd: 480_000 },
      { asset: 'USDC', quantity: 50_000, usd: 50_000 },
    ])
    expect(report.pools).toEqual([expect.objectContaining({ base: 'WETH', quote: 'USDC', feeTier: 500, price: 2_914 })])
  })

  it('is as old as the oldest price that a position reads', () => {
    const prices = [
      aPrice('WETH', 2_914, { ageSeconds: 40 }),
      aPrice('USDC', 1),
      aPrice('WBTC', 60_000, { ageSeconds: 900 }),
    ]
    expect(assess({ snapshot: aSnapshot({ prices }) }).dataAgeSeconds).toBe(900)
    expect(assess({ snapshot: aSnapshot({ prices, positions: [aLoan(), aRange()] }) }).dataAgeSeconds).toBe(40)
    expect(assess({ snapshot: aSnapshot({ prices, positions: [] }) }).dataAgeSeconds).toBe(900)
  })
})

describe('a position that cannot be valued', () => {
  const prices = [aPrice('WETH', 2_914), aPrice('USDC', 1), aPrice('WBTC', undefined)]
  const report = assess({ snapshot: aSnapshot({ prices }) })

  it('is left out of every sum, and the report is degraded with a reason that names it', () => {
    const full = assess({ snapshot: aSnapshot() })
    expect(report.navUsd).toBeCloseTo(full.navUsd - 480_000, 6)
    expect(report.netGreeks.delta).not.toHaveProperty('BTC')
    expect(report.price).not.toHaveProperty('BTC')
    expect(report.dataState).toEqual({
      kind: 'DEGRADED',
      reasons: ['label of wallet:WBTC is left out: no price for WBTC'],
    })
    expect(report.positions.find((one) => one.positionId === 'wallet:WBTC')).toMatchObject({
      valueUsd: 0,
      dataState: { kind: 'BLIND' },
    })
    expect(report.spare.map((one) => one.asset)).toEqual(['USDC'])
  })

  it('does not blind the others: health is still known', () => {
    expect(report.healthFactor).toBeCloseTo((740 * 2_914 * 0.825) / 1_186_000, 12)
  })

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])('a price of %s is no price', (usd) => {
    const bad = aPrice('WBTC', usd, { lensGap: 0 })
    const { navUsd, price, positions } = assess({ snapshot: aSnapshot({ prices: [...prices.slice(0, 2), bad] }) })
    expect(navUsd).toBeCloseTo(report.navUsd, 6)
    expect(price).toEqual(report.price)
    expect(numbersIn(positions).every(Number.isFinite)).toBe(true)
  })

  it('counts as left out too when the snapshot could not read it at all', () => {
    const gap = {
      subject: 'aave-v3 account',
      code: 'reverted',
      reason: 'getUserAccountData reverted',
      touches: { kind: 'position', positionId: 'aave-v3' },
    } as const
    const unread = assess({ snapshot: aSnapshot({ positions: [aHolding('USDC', 5)], gaps: [gap, gap] }) })
    expect(unread.positions).toHaveLength(2)
    expect(unread.positions[1]).toMatchObject({ positionId: 'aave-v3', kind: 'unread', dataState: { kind: 'BLIND' } })
    expect(unread.dataState.kind).toBe('DEGRADED')
    expect(unread.healthFactor).toBeUndefined()
    expect(unread.accounts).toEqual([])
  })

  it('counts as left out too when the snapshot does not trust what it read of it', () => {
    const blind = { kind: 'BLIND', reasons: ['two providers disagree'] } as const
    const distrusted = aSnapshot().positions.map((one) =>
      one.id === 'wallet:WBTC' ? { ...one, dataState: blind } : one,
    )
    const found = assess({ snapshot: aSnapshot({ positions: distrusted }) })
    expect(found.navUsd).toBeCloseTo(report.navUsd, 6)
    expect(found.netGreeks.delta).not.toHaveProperty('BTC')
    expect(found.dataState).toMatchObject({
      kind: 'DEGRADED',
      reasons: [expect.any(String), expect.stringContaining('disagree')],
    })
  })

  it('an empty leg or holding needs no price', () => {
    const positions = [aLoan(), aHolding('WBTC', 0)]
    expect(assess({ snapshot: aSnapshot({ prices, positions }) }).dataState).toEqual({ kind: 'FRESH' })
  })
})

describe('an account through the protocol’s lens', () => {
  it('is priced by the protocol, while net asset value is by the feed', () => {
    const prices = [aPrice('WETH', 2_900, { protocolUsd: 2_800 }), aPrice('USDC', 1), aPrice('WBTC', 60_000)]
    const report = assess({ snapshot: aSnapshot({ prices }) })
    expect(report.healthFactor).toBeCloseTo((740 * 2_800 * 0.825) / 1_186_000, 12)
    expect(report.positions[0]?.valueUsd).toBeCloseTo(740 * 2_900 - 1_186_000, 6)
    expect(report.accounts[0]?.legs[0]).toMatchObject({ asset: 'WETH', collateral: 740, collateralUsd: 740 * 2_800 })
  })

  it('falls back to the feed where the protocol names no price, and says so', () => {
    const weth = aPrice('WETH', 2_900)
    const { protocolUsd: _gone, ...feedOnly } = weth
    const report = assess({ snapshot: aSnapshot({ prices: [feedOnly, aPrice('USDC', 1), aPrice('WBTC', 60_000)] }) })
    expect(report.healthFactor).toBeCloseTo((740 * 2_900 * 0.825) / 1_186_000, 12)
    const reasons = ['no protocol price for WETH: its feed stands in for the health factor']
    expect(report.dataState).toEqual({ kind: 'DEGRADED', reasons })
    expect(report.prices[0]?.dataState).toEqual({ kind: 'DEGRADED', reasons })
    expect(report.positions[0]?.dataState).toEqual({ kind: 'DEGRADED', reasons })
  })

  it('does not ask the protocol for what it does not lend', () => {
    const { protocolUsd: _gone, ...wbtc } = aPrice('WBTC', 60_000)
    const report = assess({ snapshot: aSnapshot({ prices: [aPrice('WETH', 2_914), wbtc, aPrice('USDC', 1)] }) })
    expect(report.dataState).toEqual({ kind: 'FRESH' })
    expect(report.prices.map((one) => one.dataState.kind)).toEqual(['FRESH', 'FRESH', 'FRESH'])
  })

  it('is still known when only its feed is missing', () => {
    const prices = [aPrice('WETH', undefined, { protocolUsd: 2_800 }), aPrice('USDC', 1), aPrice('WBTC', 60_000)]
    const report = assess({ snapshot: aSnapshot({ prices }) })
    expect(report.healthFactor).toBeCloseTo((740 * 2_800 * 0.825) / 1_186_000, 12)
    expect(report.positions[0]?.dataState.kind).toBe('BLIND')
  })

  it('is degraded when the protocol itself states another health factor', () => {
    const stated = (740 * 2_914 * 0.825) / 1_186_000
    const agreeing = assess({ snapshot: aSnapshot({ lending: [aLendingReading(stated * (1 + 5e-7))] }) })
    expect(agreeing.dataState).toEqual({ kind: 'FRESH' })
    expect(agreeing.accounts[0]?.protocolHealthFactor).toBeCloseTo(stated, 5)
    const apart = assess({ snapshot: aSnapshot({ lending: [aLendingReading(stated * (1 + 5e-6))] }) })
    expect(apart.dataState.kind).toBe('DEGRADED')
    expect(apart.positions[0]?.dataState.kind).toBe('DEGRADED')
    const none = assess({ snapshot: aSnapshot({ lending: [aLendingReading(undefined)] }) })
    expect(none.dataState.kind).toBe('DEGRADED')
  })

  it('takes wstETH by its rate, and never for the price of ETH', () => {
    const positions = [aHolding('wstETH', 10)]
    const both = assess({
      snapshot: aSnapshot({ prices: [aPrice('wstETH', 3_500), aPrice('WETH', 2_800)], positions }),
    })
    expect(both.price).toEqual({ ETH: 2_800 })
    expect(both.netGreeks.delta.ETH).toBeCloseTo(12.5, 12)
    const alone = assess({
      snapshot: aSnapshot({ prices: [aPrice('wstETH', 3_500), aPrice('WETH', undefined)], positions }),
    })
    expect(alone.price).toEqual({})
    expect(alone.navUsd).toBe(0)
    expect(alone.dataState.kind).toBe('DEGRADED')
  })
})

describe('a position’s data state', () => {
  it('is no better than that of the prices it reads', () => {
    const late = { kind: 'DEGRADED', reasons: ['feed WETH is late'] } as const
    const prices = [aPrice('WETH', 2_914, { dataState: late }), aPrice('USDC', 1), aPrice('WBTC', 60_000)]
    const report = assess({ snapshot: aSnapshot({ prices }) })
    expect(report.positions.map((one) => one.dataState.kind)).toEqual(['DEGRADED', 'DEGRADED', 'FRESH', 'FRESH'])
    expect(report.dataState).toEqual(late)
  })
})

describe('a BLIND snapshot', () => {
  const blind = { kind: 'BLIND', reasons: ['chain: no quorum'] } as const
  it('with nothing known gives an empty BLIND report', () => {
    const report = assess({
      snapshot: aSnapshot({ dataState: blind, blocks: [], prices: [], pools: [], positions: [] }),
    })
    expect(report.dataState).toEqual(blind)
    expect(report).toMatchObject({ navUsd: 0, netGreeks: noGreeks, price: {}, positions: [], accounts: [], stress: [] })
    expect(report.healthFactor).toBeUndefined()
    expect(numbersIn(report).every(Number.isFinite)).toBe(true)
  })

  it('shows what is known under its own state', () => {
    const report = assess({ snapshot: aSnapshot({ dataState: blind }) })
    expect(report.dataState).toEqual(blind)
    expect(report.navUsd).toBeCloseTo(assess({ snapshot: aSnapshot() }).navUsd, 6)
  })
})

const maybe = (asset: string, min: number, max: number) =>
  fc
    .record({
      usd: fc.oneof(fc.constant(undefined), fc.double({ min, max, noNaN: true })),
      protocolUsd: fc.oneof(fc.constant(undefined), fc.double({ min, max, noNaN: true })),
    })
    .map(({ usd, protocolUsd }) => {
      const price = aPrice(asset, usd)
      const { protocolUsd: _own, ...rest } = price
      return protocolUsd === undefined ? rest : { ...rest, protocolUsd }
    })

it('whatever is missing, no number of a report is NaN or infinite, and its shares sum to its nets', () => {
  fc.assert(
    fc.property(
      maybe('WETH', 1, 1e4),
      maybe('WBTC', 1, 1e5),
      maybe('USDC', 0.5, 1.5),
      fc.double({ min: 0, max: 1e4, noNaN: true }),
      fc.double({ min: 0, max: 1e7, noNaN: true }),
      (weth, wbtc, usdc, collateral, debt) => {
        const positions = [aLoan({ weth: collateral, usdc: debt }), aRange(), aHolding('WBTC', 8), aHolding('USDC', 5)]
        const snapshot = aSnapshot({ prices: [weth, wbtc, usdc], positions })
        const report = assess({ snapshot })
        expect(numbersIn(report).every(Number.isFinite)).toBe(true)
        const shares = report.positions.flatMap(({ greeks }) => (greeks === undefined ? [] : [...figuresOf(greeks)]))
        for (const [path, net] of figuresOf(report.netGreeks)) {
          const parts = shares.flatMap(([own, figure]) => (own === path ? [figure] : []))
          const gross = parts.reduce((sum, part) => sum + Math.abs(part), 1)
          expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - net), path).toBeLessThanOrEqual(1e-9 * gross)
        }
        const market = marketThrough('feed', snapshot)
        for (const row of report.positions.filter((one) => one.dataState.kind !== 'BLIND')) {
          const position = positions.find((one) => one.id === row.positionId)
          if (position !== undefined) expect(row.valueUsd).toBe(value(position.instrument, market))
        }
      },
    ),
    { numRuns: 300 },
  )
})

it('the same snapshot gives the same report, and is not changed', () => {
  const snapshot = aSnapshot()
  const before = JSON.stringify(snapshot)
  expect(assess({ snapshot })).toEqual(assess({ snapshot }))
  expect(JSON.stringify(snapshot)).toBe(before)
})

it('two accounts: the weaker one is the portfolio’s health', () => {
  const second = aPosition('aave-v3:second', {
    kind: 'loan',
    terms: {
      collateral: [{ asset: 'WBTC', quantity: 1, liquidationThreshold: 0.7 }],
      debt: [{ asset: 'USDC', quantity: 40_000 }],
    },
  })
  const report = assess({ snapshot: aSnapshot({ positions: [aLoan(), second] }) })
  expect(report.accounts.map((one) => one.healthFactor)).toEqual([expect.closeTo(1.5, 2), expect.closeTo(1.05, 9)])
  expect(report.healthFactor).toBeCloseTo(1.05, 9)
})
