import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { returnPanel } from '../../../lib/risk/market/return-panel.ts'

const hour = 3_600
const start = 1_709_251_200
const barsOf = (closes: readonly (number | undefined)[]) =>
  closes.flatMap((close, index) => (close === undefined ? [] : [{ start: start + index * hour, close }]))
const panelOf = (series: Readonly<Record<string, readonly (number | undefined)[]>>) =>
  returnPanel({
    series: Object.entries(series).map(([asset, closes]) => ({ asset, bars: barsOf(closes) })),
    interval: '1h',
  })
const moves = fc.array(fc.double({ min: -0.02, max: 0.02, noNaN: true }), { minLength: 60, maxLength: 200 })
function walk(drawn: readonly number[]): number[] {
  const closes = [2_000]
  for (const move of drawn) closes.push((closes.at(-1) ?? 0) * Math.exp(move))
  return closes
}

describe('returns of a panel', () => {
  it('are those of neighbours, and there is none over a gap', () => {
    const holes = fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 20 })
    fc.assert(
      fc.property(moves, holes, (drawn, missing) => {
        const closes = walk(drawn)
        const gappy = closes.map((close, index) => (missing.includes(index) ? undefined : close))
        const { starts, rows, remarks } = panelOf({ ETH: gappy })
        const expected = closes.flatMap((close, index) => {
          const before = gappy[index - 1]
          if (before === undefined || gappy[index] === undefined) return []
          return [[start + index * hour, Math.log(close / before)]]
        })
        expect(starts.map((at, row) => [at, rows[row]?.[0]])).toEqual(expected)
        const gaps = remarks.find(({ kind }) => kind === 'gap')?.count ?? 0
        expect(rows.length + gaps).toBe(barsOf(gappy).length - 1)
      }),
    )
  })

  it('do not depend on the unit of a price', () => {
    fc.assert(
      fc.property(moves, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (drawn, unit) => {
        const closes = walk(drawn)
        const [plain, scaled] = [closes, closes.map((close) => close * unit)].map((one) => panelOf({ ETH: one }).rows)
        for (const [row, [value = 9]] of (plain ?? []).entries()) expect(scaled?.[row]?.[0]).toBeCloseTo(value, 9)
      }),
    )
  })

  it('leave out one bar with a digit too many, and nothing else', () => {
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 59 }), fc.constantFrom(10, 0.1), (drawn, at, digit) => {
        const closes = walk(drawn)
        const clean = panelOf({ ETH: closes, BTC: closes })
        const wrong = panelOf({
          ETH: closes.map((close, index) => (index === at ? digit * close : close)),
          BTC: closes,
        })
        expect(wrong.remarks.filter(({ kind }) => kind !== 'constant')).toEqual([
          { asset: 'ETH', kind: 'wick', count: 1, at: start + at * hour },
        ])
        for (const [row, [eth, btc]] of clean.rows.entries())
          expect(wrong.rows[row]).toEqual([row === at - 1 || row === at ? undefined : eth, btc])
      }),
    )
  })

  it('keep every crash: a fall to a hundredth that stays is the death of an asset, not an error', () => {
    const { rows, remarks } = panelOf({ UST: [1, 1, 0.8, 0.1, 0.05, 0.04] })
    expect(rows.map(([value]) => Math.round(100 * (value ?? 9)) / 100)).toEqual([0, -0.22, -2.08, -0.69, -0.22])
    expect(remarks).toEqual([{ asset: 'UST', kind: 'collapse', count: 1, at: start + 3 * hour }])
  })

  it('leave out a fivefold rise that stays, and say that a unit may have changed', () => {
    const { rows, remarks } = panelOf({ A: [1, 1.1, 11, 11.2, 11.1], B: [1, 1, 1, 1, 2] })
    expect(rows[1]).toEqual([undefined, 0])
    expect(remarks).toEqual([{ asset: 'A', kind: 'new-unit', count: 1, at: start + 2 * hour }])
  })

  it('do not believe a fivefold last bar before another confirms it', () => {
    const { rows, remarks, last } = panelOf({ A: [2, 2.1, 21], B: [1, 1.1, 1.2] })
    expect(rows[1]?.[0]).toBeUndefined()
    expect(last).toEqual([2.1, 1.2])
    expect(remarks).toContainEqual({ asset: 'A', kind: 'unconfirmed', count: 1, at: start + 2 * hour })
  })

  it('tell who never moved, who began late, who ended, and who has no price at all', () => {
    const none = undefined
    const { remarks, last } = panelOf({
      peg: [1, 1, 1, 1, 1, 1],
      late: [none, none, 5, 6, 7, 8],
      dead: [3, 4, 5, none, none, none],
      zero: [2, 0, 2, 3, 2, 3],
      empty: [],
      steady: [1, 2, 1, 2, 1, 2],
    })
    expect(remarks.map(({ asset, kind, count }) => `${asset} ${kind} ${count}`)).toEqual([
      'peg constant 5',
      'late late-start 2',
      'dead ended 3',
      'zero no-price 1',
      'zero gap 1',
      'empty empty 0',
    ])
    expect(last).toEqual([1, 8, 5, 3, undefined, 2])
  })
})
