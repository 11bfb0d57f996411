import { expect, it } from 'vitest'
import { priceHistory } from '../../lib/flows/price-history.ts'
import { missingBars } from '../../lib/model/history.ts'
import { returnPanel } from '../../lib/risk/market/return-panel.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { syntheticHistory } from '../../lib/wiring/synthetic-history.ts'

const at = 1_722_816_000 + 5_000
const prices = { ETH: 2_914, BTC: 60_700, SOL: 150, USDC: 1 }

it('a made-up past is the same for the same seed, ends at the prices given, and its source says what it is', () => {
  const one = syntheticHistory({ prices, at, seed: 1 })
  expect(one).toEqual(syntheticHistory({ prices, at, seed: 1 }))
  expect(syntheticHistory({ prices, at, seed: 2 })[0]).not.toEqual(one[0])
  for (const { asset, interval, source, bars } of one) {
    expect(source).toBe('synthetic, seed 1')
    if (interval === '1h' && asset !== 'USDC') expect(bars.at(-1)?.close).toBe(prices[asset as keyof typeof prices])
    for (const { open, high, low, close } of bars)
      expect(low > 0 && low <= Math.min(open, close) && high >= close).toBe(true)
  }
})

it('makes four years of days without a gap, the last of them out of hours, with ordinary volatilities and a stablecoin that is one', async () => {
  const history = barStore(memoryTable())
  for (const series of syntheticHistory({ prices, at, seed: 1 })) await history.putBars(series, series.bars)
  const days = await Promise.all(
    ['ETH', 'BTC', 'USDC'].map((asset) => priceHistory({ history }, { asset, interval: '1d' })),
  )
  for (const { bars } of days) {
    expect(bars).toHaveLength(1_460)
    expect(missingBars(bars, '1d')).toEqual([])
    expect(bars.at(-1)?.start).toBe(Math.floor(at / 86_400) * 86_400 - 86_400)
  }
  const panel = returnPanel({ series: days, interval: '1d' })
  const deviation = (column: number) => {
    const returns = panel.rows.map((row) => row[column] ?? 0)
    return Math.sqrt((returns.reduce((sum, r) => sum + r * r, 0) / returns.length) * 365)
  }
  expect(deviation(0)).toBeGreaterThan(0.4)
  expect(deviation(0)).toBeLessThan(1)
  expect(deviation(2)).toBeLessThan(0.03)
  expect(panel.remarks).toEqual([])
})
