// Rules on how markets do: what is known is compared, what does not exist does not apply, what should have been read and was not is an error.

import { describe, expect, it } from 'vitest'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import type { Report } from '../../lib/model/report.ts'
import type { MarketTelemetry, PoolTelemetry, Telemetry } from '../../lib/model/telemetry.ts'
import { aReport } from './a-report.ts'

const market = (change: Partial<MarketTelemetry> = {}): MarketTelemetry => ({
  kind: 'market',
  id: 'aave-v3:USDC',
  protocol: 'aave-v3',
  label: 'Aave v3',
  asset: 'USDC',
  supplied: 1_000,
  borrowed: 900,
  available: 100,
  utilisation: 0.9,
  ...change,
})
const comet = (change: Partial<MarketTelemetry> = {}) =>
  market({ id: 'compound-v3:0x1:USDC', protocol: 'compound-v3', label: 'Compound v3 USDC', ...change })
const pool = (change: Partial<PoolTelemetry> = {}): PoolTelemetry => ({
  kind: 'pool',
  id: 'uniswap-v3:0x2',
  venue: 'uniswap-v3',
  label: 'Uniswap v3 0.05 %',
  base: 'WETH',
  quote: 'USDC',
  depth: { down: { base: 100, quote: 290_000 }, up: { base: 99, quote: 292_000 } },
  ...change,
})
const holders = (complete: boolean): Telemetry => ({
  kind: 'holders',
  id: 'holders:USDC',
  asset: 'USDC',
  topShare: 0.4,
  herfindahl: 0.05,
  holders: 100,
  fromBlock: 1,
  toBlock: 9,
  complete,
  at: 990,
})
const reportOf = (...telemetry: readonly Telemetry[]) => aReport({ change: { telemetry } })
const evaluate = (rule: string, report: Report) => compileRule(rule).evaluate(report)
const without = (label: string, positionId: string, kind = 'unread'): Report => {
  const report = reportOf()
  const dataState = { kind: 'BLIND', reasons: [`${label} is left out`] } as const
  return { ...report, positions: [...report.positions, { positionId, label, kind, valueUsd: 0, dataState }] }
}

/** The same portfolio with a further chain. */
function withArbitrum(report: Report): Report {
  const [first, ...others] = report.prices
  if (first === undefined) throw new Error('There are no prices.')
  return { ...report, prices: [first, ...others, { ...first, asset: 'USDC@arbitrum' }] }
}

describe('of several markets', () => {
  const both = reportOf(market(), comet({ utilisation: 0.96, available: 40, supplyCap: 2_000, accruedToTreasury: 600 }))
  it.each([
    ['utilisation.USDC > 0.95', { kind: 'holds', value: 0.96, limit: 0.95 }],
    ['available["USDC"] < 50', { kind: 'holds', value: 40 }],
    ['supplyCapUsed.USDC >= 0.8', { kind: 'holds', value: 0.8 }],
    ['borrowCapUsed.USDC > 0.9', { kind: 'not-applicable' }],
    ['marketHalt.USDC >= 1', { kind: 'not-applicable' }],
    ['utilisation.WETH > 0.95', { kind: 'not-applicable' }],
    ['utilisation.XYZ > 0.95', { kind: 'error', code: 'unknown-key' }],
  ])('the worst decides: %s', (rule, verdict) => {
    expect(evaluate(rule, both)).toMatchObject(verdict)
  })

  it('one that is frozen or paused is told by a number', () => {
    for (const [frozen, paused, value] of [
      [false, false, 0],
      [true, false, 1],
      [true, true, 2],
    ] as const)
      expect(evaluate('marketHalt.USDC >= 3', reportOf(market({ frozen, paused }), comet()))).toMatchObject({ value })
  })
})

describe('what should have been read and was not', () => {
  it.each([
    ['utilisation.USDC > 0.95', comet({ unread: ['available'] })],
    ['supplyCapUsed.USDC > 0.9', market({ unread: ['supplyCap', 'borrowCap'] })],
    ['borrowCapUsed.USDC > 0.9', market({ unread: ['supplyCap', 'borrowCap'] })],
    ['marketHalt.USDC >= 1', market({ unread: ['frozen'], paused: false })],
    ['depth2pct.USDC < 1000', { ...pool(), depth: undefined, unread: ['depth'] } as unknown as Telemetry],
    ['topHoldersShare.USDC > 0.9', holders(false)],
    ['topHoldersShare.USDC > 0.9', market()],
  ] as const)('makes %s an error, never "not in breach"', (rule, one) => {
    expect(evaluate(rule, reportOf(market(), pool(), one as Telemetry))).toMatchObject({ kind: 'error' })
  })

  it('cannot hide that less is there than the limit', () => {
    const report = reportOf(market({ available: 40 }), { ...comet(), unread: ['available'] })
    expect(evaluate('available.USDC < 50', report)).toMatchObject({ kind: 'holds' })
    expect(evaluate('available.USDC < 30', report)).toMatchObject({ kind: 'error' })
  })

  it.each([
    // A loan that may stand there has a kind of its own; a vault has none.
    ['utilisation.USDC > 0.9', without('Aave v3 account', 'aave-v3', 'unread-account')],
    ['available.USDC < 5', without('a market of Morpho', 'morpho-blue:WETH/USDC', 'unread-account')],
    ['available.USDC < 5', without('a vault', 'erc4626:USDC')],
  ])('may be in a position that is unread: %s', (rule, report) => {
    expect(evaluate(rule, report)).toMatchObject({ kind: 'error', code: 'left-out' })
  })

  it('is not in what could hold no market, nor on another chain', () => {
    for (const report of [
      without('a balance', 'wallet:USDC'),
      without('a loan elsewhere', 'arbitrum/aave-v3', 'unread-account'),
      withArbitrum(without('everything on arbitrum', 'chain:arbitrum', 'unread-chain')),
    ])
      for (const rule of ['utilisation.USDC > 0.9', 'depth2pct.USDC < 5'])
        expect(evaluate(rule, report)).toMatchObject({ kind: 'not-applicable' })
  })

  it('is everything of an asset whose chain is dark, at home and elsewhere', () => {
    const dark = withArbitrum(without('everything on arbitrum', 'chain:arbitrum', 'unread-chain'))
    for (const rule of ['utilisation["USDC@arbitrum"] > 0.9', 'depth2pct["USDC@arbitrum"] < 5'])
      expect(evaluate(rule, dark)).toMatchObject({ kind: 'error', code: 'left-out' })
    const homeless = withArbitrum(without('everything on ethereum', 'chain:ethereum', 'unread-chain'))
    for (const rule of ['utilisation.USDC > 0.9', 'depth2pct.USDC < 5'])
      expect(evaluate(rule, homeless)).toMatchObject({ kind: 'error', code: 'left-out' })
    expect(evaluate('utilisation["USDC@arbitrum"] > 0.9', homeless)).toMatchObject({ kind: 'not-applicable' })
  })

  it('is everything in a report from before there was telemetry', () => {
    const { telemetry: _, ...old } = reportOf()
    for (const word of ['utilisation', 'available', 'supplyCapUsed', 'borrowCapUsed', 'depth2pct', 'topHoldersShare'])
      expect(evaluate(`${word}.USDC > 1`, old)).toMatchObject({ kind: 'error', code: 'telemetry-unknown' })
  })
})

describe('depth', () => {
  it('is what all pools take of the asset, in dollars, whichever side of them it is on', () => {
    const report = reportOf(pool(), pool({ id: 'uniswap-v2:0x3', label: 'Uniswap v2' }))
    expect(evaluate('depth2pct.WETH < 1', report)).toMatchObject({ kind: 'not', value: 2 * 100 * 2_914 })
    expect(evaluate('depth2pct.USDC < 1', report)).toMatchObject({ kind: 'not', value: 2 * 292_000 })
    expect(evaluate('depth2pct.WBTC < 1', report)).toMatchObject({ kind: 'not-applicable' })
  })
})

it('holders that were all counted have a share', () => {
  expect(evaluate('topHoldersShare.USDC > 0.35', reportOf(holders(true)))).toMatchObject({ kind: 'holds', value: 0.4 })
})
