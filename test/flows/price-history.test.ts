import fc from 'fast-check'
import { expect, it } from 'vitest'
import { priceHistory } from '../../lib/flows/price-history.ts'
import { type Bar, type BarInterval, barOf, ownSource } from '../../lib/model/history.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'

const day = 86_400
const hour = 3_600
const midnight = 1_709_251_200 // 2024-03-01
const put = (
  store: ReturnType<typeof barStore>,
  interval: BarInterval,
  source: string,
  bars: readonly (readonly [number, number])[],
) =>
  store.putBars(
    { asset: 'ETH', interval, source },
    bars.map(([at, usd]): Bar => barOf({ at, usd }, { interval, source })),
  )
const daily = { asset: 'ETH', interval: '1d' } as const

it('days are made of our own hours, but not a day whose last hour was not seen', async () => {
  const history = barStore(memoryTable())
  for (let index = 0; index < 60; index++)
    await history.observe([{ asset: 'ETH', at: midnight + index * hour, usd: 3_000 + index }])
  const { bars } = await priceHistory({ history }, daily)
  expect(bars).toEqual([
    {
      start: midnight,
      open: 3_000,
      high: 3_023,
      low: 3_000,
      close: 3_023,
      firstAt: midnight,
      lastAt: midnight + 23 * hour,
      observations: 24,
      source: ownSource,
    },
    expect.objectContaining({ start: midnight + day, close: 3_047 }),
  ])
})

it('what is stored at the length that is asked for counts first, and what is in neither is a gap', async () => {
  const history = barStore(memoryTable())
  await put(history, '1d', 'file', [
    [midnight, 10],
    [midnight + 3 * day, 13],
  ])
  await put(history, '1h', 'hours', [
    [midnight + 23 * hour, 99],
    [midnight + day + 23 * hour, 11],
  ])
  await put(history, '5m', 'minutes', [
    [midnight + 2 * day - 300, 98],
    [midnight + 5 * day - 300, 14],
  ])
  const { bars } = await priceHistory({ history }, daily)
  expect(bars.map(({ start, close, source }) => [(start - midnight) / day, close, source])).toEqual([
    [0, 10, 'file'],
    [1, 11, 'hours'],
    [3, 13, 'file'],
    [4, 14, 'minutes'],
  ])
})

it('a span gives the bars of the whole that begin in it', async () => {
  const history = barStore(memoryTable())
  await put(
    history,
    '1h',
    'hours',
    Array.from({ length: 24 * 40 }, (_, index) => [midnight + index * hour, 100 + index] as const),
  )
  await put(history, '1d', 'file', [[midnight + 5 * day, 7]])
  const whole = (await priceHistory({ history }, daily)).bars
  expect(whole).toHaveLength(40)
  const instant = fc.integer({ min: midnight - 2 * day, max: midnight + 42 * day })
  await fc.assert(
    fc.asyncProperty(instant, instant, async (from, to) => {
      const { bars } = await priceHistory({ history }, { ...daily, from, to })
      expect(bars).toEqual(whole.filter(({ start }) => start >= from && start < to))
    }),
    { numRuns: 40 },
  )
})
