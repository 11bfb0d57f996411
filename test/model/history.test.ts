import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type Bar,
  barIntervals,
  barOf,
  barSeconds,
  barStartOf,
  coarserBars,
  joinBars,
  jumpedBars,
  missingBars,
} from '../../lib/model/history.ts'

const seen = fc.record({
  at: fc.integer({ min: 1_700_000_000, max: 1_700_200_000 }),
  usd: fc.integer({ min: 1, max: 9_999 }),
})
const hourly = { interval: '1h', source: 'test' } as const

function barsOf(observations: readonly { readonly at: number; readonly usd: number }[]): readonly Bar[] {
  const bars = new Map<number, Bar>()
  for (const one of observations) {
    const bar = barOf(one, hourly)
    const before = bars.get(bar.start)
    bars.set(bar.start, before === undefined ? bar : joinBars(before, bar))
  }
  return [...bars.values()].sort((a, b) => a.start - b.start)
}

it('bars do not depend on the order in which prices were seen', () => {
  fc.assert(
    fc.property(fc.array(seen, { minLength: 1, maxLength: 40 }), (observations) => {
      expect(barsOf([...observations].reverse())).toEqual(barsOf(observations))
      expect(barsOf([...observations].sort((a, b) => a.usd - b.usd))).toEqual(barsOf(observations))
    }),
  )
})

it('a bar holds the first, highest, lowest and last price that was seen in it, and no other interval', () => {
  fc.assert(
    fc.property(fc.uniqueArray(seen, { minLength: 1, maxLength: 40, selector: ({ at }) => at }), (observations) => {
      const sorted = [...observations].sort((a, b) => a.at - b.at)
      for (const bar of barsOf(observations)) {
        const mine = sorted.filter(({ at }) => at >= bar.start && at < bar.start + 3_600)
        const prices = mine.map(({ usd }) => usd)
        expect(bar).toEqual({
          start: barStartOf(bar.start, '1h'),
          open: prices[0],
          high: Math.max(...prices),
          low: Math.min(...prices),
          close: prices.at(-1),
          firstAt: mine[0]?.at,
          lastAt: mine.at(-1)?.at,
          observations: prices.length,
          source: 'test',
        })
      }
    }),
  )
})

it('days made of hours are days made of the prices themselves', () => {
  fc.assert(
    fc.property(fc.array(seen, { minLength: 1, maxLength: 60 }), (observations) => {
      const days = new Map<number, Bar>()
      for (const one of observations) {
        const bar = barOf(one, { interval: '1d', source: 'test' })
        const before = days.get(bar.start)
        days.set(bar.start, before === undefined ? bar : joinBars(before, bar))
      }
      expect(coarserBars(barsOf(observations), '1d')).toEqual([...days.values()].sort((a, b) => a.start - b.start))
    }),
  )
})

it('present and missing bars together are the whole span, for every interval', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...barIntervals),
      fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 30 }),
      (interval, slots) => {
        const length = barSeconds[interval]
        const bars = [...slots].sort((a, b) => a - b).map((slot) => ({ start: slot * length }))
        const missing = missingBars(bars, interval)
        const span = ((bars.at(-1)?.start ?? 0) - (bars[0]?.start ?? 0)) / length + 1
        expect(bars.length + missing.reduce((sum, { count }) => sum + count, 0)).toBe(span)
        for (const { from, to, count } of missing) {
          expect((to - from) / length).toBe(count)
          expect(bars.some(({ start }) => start >= from && start < to)).toBe(false)
        }
      },
    ),
  )
})

it('three hours that nobody saw are three missing bars', () => {
  const bars = barsOf([0, 1, 5, 6].map((hour) => ({ at: 1_700_006_400 + hour * 3_600, usd: 100 })))
  expect(missingBars(bars, '1h')).toEqual([{ from: 1_700_013_600, to: 1_700_024_400, count: 3 }])
})

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%s is not a price', (usd) => {
  expect(() => barOf({ at: 0, usd }, hourly)).toThrow(expect.objectContaining({ code: 'not-a-price' }))
})

it('a bar with a digit too many is named, and so is the way back; a market that trebles is not', () => {
  const bars = barsOf(
    [2_000, 20_000, 2_010, 6_000, 1_300].map((usd, hour) => ({ at: 1_700_006_400 + hour * 3_600, usd })),
  )
  expect(jumpedBars(bars)).toEqual([
    { start: 1_700_010_000, before: 2_000, close: 20_000 },
    { start: 1_700_013_600, before: 20_000, close: 2_010 },
  ])
})
