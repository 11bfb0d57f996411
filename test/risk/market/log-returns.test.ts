import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { logReturns } from '../../../lib/risk/market/log-returns.ts'

const hour = 3_600
const start = 1_709_251_200
const barsOf = (closes: readonly (number | undefined)[]) =>
  closes.flatMap((close, index) => (close === undefined ? [] : [{ start: start + index * hour, close }]))
const moves = fc.array(fc.double({ min: -0.02, max: 0.02, noNaN: true }), { minLength: 60, maxLength: 200 })
function walk(drawn: readonly number[]): number[] {
  const closes = [2_000]
  for (const move of drawn) closes.push((closes.at(-1) ?? 0) * Math.exp(move))
  return closes
}
const deviation = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

it('returns are those of neighbours, and there is none over a gap', () => {
  const holes = fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 20 })
  fc.assert(
    fc.property(moves, holes, (drawn, missing) => {
      const closes = walk(drawn)
      const gappy = closes.map((close, index) => (missing.includes(index) ? undefined : close))
      const { returns, afterGaps } = logReturns(barsOf(gappy), '1h')
      const expected = closes.flatMap((close, index) => {
        const before = gappy[index - 1]
        return before === undefined || gappy[index] === undefined
          ? []
          : [[start + index * hour, Math.log(close / before)]]
      })
      expect(returns.map((one) => [one.start, one.outlier ?? one.value])).toEqual(expected)
      expect(returns.length + afterGaps).toBe(barsOf(gappy).length - 1)
    }),
  )
})

it('the unit of a price does not matter', () => {
  fc.assert(
    fc.property(moves, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (drawn, unit) => {
      const closes = walk(drawn)
      const plain = logReturns(barsOf(closes), '1h').returns
      const scaled = logReturns(barsOf(closes.map((close) => close * unit)), '1h').returns
      for (const [index, { value }] of plain.entries()) expect(scaled[index]?.value).toBeCloseTo(value, 9)
    }),
  )
})

it('one bar ten times too large is flagged twice and limited: the deviation is nowhere near that of the raw returns', () => {
  const steady = fc.array(fc.double({ min: 0.002, max: 0.01, noNaN: true }), { minLength: 200, maxLength: 400 })
  fc.assert(
    fc.property(steady, fc.integer({ min: 1, max: 199 }), (sizes, at) => {
      const closes = walk(sizes.map((size, index) => (index % 2 === 0 ? size : -size)))
      const wrong = closes.map((close, index) => (index === at ? 10 * close : close))
      const clean = logReturns(barsOf(closes), '1h')
      const { returns, outliers, limit } = logReturns(barsOf(wrong), '1h')
      expect(clean.outliers).toBe(0)
      expect(outliers).toBe(2)
      expect(returns.every(({ value }) => Math.abs(value) <= limit)).toBe(true)
      const ratio = deviation(returns.map(({ value }) => value)) / deviation(clean.returns.map(({ value }) => value))
      expect(ratio).toBeLessThan(2)
      expect(
        deviation(returns.map(({ value, outlier }) => outlier ?? value)) /
          deviation(clean.returns.map(({ value }) => value)),
      ).toBeGreaterThan(10)
    }),
  )
})

it('a price that stands still and jumps tenfold for one bar has not moved', () => {
  const { returns, outliers } = logReturns(barsOf([1, 1, 1, 10, 1, 1]), '1h')
  expect(returns.map(({ value }) => Math.abs(value))).toEqual([0, 0, 0, 0, 0])
  expect(outliers).toBe(2)
})

it('of no bar, or one, there are no returns', () => {
  for (const closes of [[], [5]])
    expect(logReturns(barsOf(closes), '1h')).toEqual({ returns: [], afterGaps: 0, outliers: 0, limit: 0 })
})

const hourly = new URL('../../../../shared/data/hourly_12_tokens_2023_2024.csv', import.meta.url)
it.skipIf(!existsSync(hourly))(
  'of ETH in 2023 and 2024, few hours in a thousand are limited (skipped where ../shared/data is absent)',
  () => {
    const [header = '', ...rows] = readFileSync(hourly, 'utf8').trim().split('\n')
    const column = header.split(',').indexOf('ETH_close')
    const bars = rows.map((row) => {
      const cells = row.split(',')
      return { start: Date.parse(cells[0] ?? '') / 1_000, close: Number(cells[column]) }
    })
    const { returns, outliers, afterGaps } = logReturns(bars, '1h')
    expect(returns.length + afterGaps).toBe(17_542)
    expect(afterGaps).toBe(1)
    expect(outliers / returns.length).toBeLessThan(0.003)
    const yearly = deviation(returns.map(({ value }) => value)) * Math.sqrt(365 * 24)
    expect(yearly).toBeGreaterThan(0.4)
    expect(yearly).toBeLessThan(0.7)
  },
)
