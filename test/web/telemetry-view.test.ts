// What people see of the markets: figures with units, a dash for what does not exist, "not read" for what was not; never a zero instead.

import { describe, expect, it } from 'vitest'
import type { MarketTelemetry, PoolTelemetry, Telemetry } from '../../lib/model/telemetry.ts'
import { consoleSections } from '../../lib/web/console-sections.ts'
import { portfolioView } from '../../lib/web/portfolio-view.ts'
import { telemetryView } from '../../lib/web/telemetry-view.ts'
import { aReport } from '../decisions/a-report.ts'

const reportOf = (telemetry: readonly Telemetry[], at = 1_000) => aReport({ at, change: { telemetry } })
const market: MarketTelemetry = {
  kind: 'market',
  id: 'aave-v3:WETH',
  protocol: 'aave-v3',
  label: 'Aave v3',
  asset: 'WETH',
  supplied: 1_500,
  borrowed: 1_455,
  available: 45,
  utilisation: 0.97,
  supplyCap: 2_000,
  accruedToTreasury: 20,
  revenuePerYear: 10,
  frozen: true,
  paused: false,
}
const pool = (growthQuote: bigint): PoolTelemetry => ({
  kind: 'pool',
  id: 'uniswap-v3:0x1',
  venue: 'uniswap-v3',
  label: 'Uniswap v3 0.05 %',
  base: 'WETH',
  quote: 'USDC',
  depth: { down: { base: 100, quote: 288_000 }, up: { base: 99, quote: 293_000 } },
  fees: {
    growthBase: '0',
    growthQuote: growthQuote.toString(),
    liquidity: (10n ** 18n).toString(),
    decimalsBase: 18,
    decimalsQuote: 6,
    protocolBase: 0,
    protocolQuote: 7,
  },
})

describe('the markets that a portfolio depends on', () => {
  it('are told with their units, in dollars at the report’s own prices', () => {
    expect(telemetryView(reportOf([market]), undefined).markets).toEqual([
      {
        market: 'Aave v3 WETH',
        halted: 'frozen',
        lentOut: '97.00%',
        tone: 'warn',
        available: '$131,130',
        units: '45 WETH',
        supplyCap: '76.00% of 2,000',
        borrowCap: 'no cap',
        earns: '$29,140 a year',
      },
    ])
  })

  it('tell apart what does not exist and what was not read', () => {
    const { utilisation: _, available: __, supplyCap: ___, revenuePerYear: ____, ...rest } = market
    const view = (one: MarketTelemetry) => telemetryView(reportOf([one]), undefined).markets[0]
    expect(view(rest)).toMatchObject({ lentOut: '-', available: '-', units: '', supplyCap: 'no cap', earns: '-' })
    const unread = { ...rest, unread: ['available', 'utilisation', 'supplyCap'] } as const
    expect(view(unread)).toMatchObject({ lentOut: 'not read', available: 'not read', supplyCap: 'not read' })
  })

  it('are as deep as what they take on either side, and earned what their counters grew by, across a wrap', () => {
    // 2 units of USDC for each of 10^6 units of liquidity: 2,000,000 dollars of 10^18, and nothing more for the protocol.
    const perUnit = (2n * 2n ** 128n) / 10n ** 6n
    const before = reportOf([pool(2n ** 256n - perUnit / 2n)], 940)
    const after = reportOf([pool(perUnit / 2n)])
    expect(telemetryView(after, before).pools).toEqual([
      {
        pool: 'WETH/USDC Uniswap v3 0.05 %',
        sells: '$291,400',
        sellsUnits: '100 WETH',
        buys: '$293,000',
        buysUnits: '99 WETH',
        fees: '$2M in 60 s',
      },
    ])
    expect(telemetryView(after, undefined).pools[0]?.fees).toBe('-')
    const { depth: _, fees: __, ...bare } = pool(0n)
    const unread = { ...bare, unread: ['depth', 'fees'] } as const
    expect(telemetryView(reportOf([unread]), before).pools[0]).toMatchObject({ sells: 'not read', fees: 'not read' })
  })

  it('stand on the page, escaped, and not at all where nobody read them', () => {
    const page = (telemetry: readonly Telemetry[] | undefined) => {
      const { telemetry: _, ...old } = reportOf([])
      const report = telemetry === undefined ? old : { ...old, telemetry }
      const rest = { snapshots: [], alerts: [], orders: [], receipts: [], at: 1_000 }
      const view = portfolioView({ portfolioId: 'treasury', reports: [report], ...rest })
      return consoleSections(view, {}).markets?.html ?? ''
    }
    const shown = page([{ ...market, label: '<b>Aave</b>' }, pool(0n), ...holders])
    expect(shown).toContain('&lt;b&gt;Aave&lt;/b&gt; WETH')
    expect(shown).toContain('WETH/USDC Uniswap v3 0.05 %')
    expect(shown).toContain('33.33%')
    expect(shown).toContain('not all counted')
    expect(page(undefined)).toContain('None of lending')
  })
})

const holders: readonly Telemetry[] = [
  {
    kind: 'holders',
    id: 'holders:WETH',
    asset: 'WETH',
    topShare: 1 / 3,
    herfindahl: 0.02,
    holders: 1_000,
    fromBlock: 1,
    toBlock: 9,
    complete: false,
    at: 990,
  },
]
