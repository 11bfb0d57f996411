import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { UnixSeconds } from '../../../lib/base/units.ts'
import type { Figures } from '../../../lib/web/charts/chart.ts'
import { sharedAxis, valueAxis } from '../../../lib/web/charts/chart-axes.ts'
import { figureText, tickTexts, timeTexts } from '../../../lib/web/charts/tick-figures.ts'

describe('the texts of ticks', () => {
  test.each<readonly [readonly number[], Figures, readonly string[]]>([
    [[0, 5, 10], 'plain', ['0', '5', '10']],
    [[-20_000, 0, 20_000], 'usd', ['-$20,000', '$0', '$20,000']],
    [[-0.5, 0, 0.5, 1], 'plain', ['-0.5', '0', '0.5', '1.0']],
    [[0, 250_000, 500_000], 'usd', ['$0', '$250K', '$500K']],
    [[500_000, 1_000_000, 1_500_000], 'usd', ['$0.5M', '$1.0M', '$1.5M']],
    [[2e9, 4e9], 'plain', ['2B', '4B']],
    [[1e12, 2e12], 'usd', ['$1T', '$2T']],
    [[0, 0.025, 0.05], 'percent', ['0%', '2.5%', '5.0%']],
    [[0, 2e-18, 4e-18], 'plain', ['0', '2e-18', '4e-18']],
    [[-1e18, 0, 1e18], 'usd', ['-$1e18', '$0', '$1e18']],
    [[95_000, 100_000, 105_000], 'usd', ['$95K', '$100K', '$105K']],
    [[2412.1, 2412.2], 'usd', ['$2,412.1', '$2,412.2']],
    [[], 'plain', []],
  ])('%j as %s are %j', (ticks, figures, expected) => {
    expect(tickTexts(ticks, figures)).toEqual(expected)
  })

  test('are all different on any axis, and not too many', () => {
    // Content flushes what is smaller than 1e-300 to zero.
    const value = fc
      .oneof(
        fc.double({ min: -1e18, max: 1e18, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.constantFrom(0, 1e-18, 1e18),
      )
      .map((number) => (Math.abs(number) < 1e-300 ? 0 : number))
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 12 }), (one, other, ticks) => {
        const extent = [Math.min(one, other), Math.max(one, other)] as const
        const axis = valueAxis({ extent, figures: 'plain', range: [100, 0], ticks })
        const texts = axis.ticks.map(({ text }) => text)
        expect(new Set(texts).size).toBe(texts.length)
        expect(texts.length).toBeLessThanOrEqual(2 * ticks + 3)
        const places = extent.map(axis.place)
        expect(places.every((place) => place >= -1e-6 && place <= 100 + 1e-6)).toBe(true)
      }),
    )
  })

  test('on a logarithmic axis rank powers of ten before the rest', () => {
    const axis = sharedAxis({ axis: { label: 'x', scale: 'log' }, extent: [800, 6000], range: [0, 100], ticks: 9 })
    const ranks = new Map(axis.ticks.map(({ text, rank }) => [text, rank]))
    expect(ranks.get('1,000')).toBe(0)
    expect(ranks.get('2,000')).toBe(1)
    expect(ranks.get('900')).toBe(2)
  })
})

describe('the texts of times', () => {
  const at = (text: string) => (Date.parse(text) / 1000) as UnixSeconds

  test.each([
    [
      ['2023-12-01T00:00Z', '2024-01-01T00:00Z', '2024-02-01T00:00Z'],
      ['Dec', '2024', 'Feb'],
    ],
    [
      ['2024-08-04T00:00Z', '2024-08-05T00:00Z'],
      ['4 Aug 2024', '5 Aug'],
    ],
    [
      ['2024-08-04T18:00Z', '2024-08-05T00:00Z', '2024-08-05T06:00Z'],
      ['18:00', '5 Aug 2024', '06:00'],
    ],
    [
      ['2024-08-05T06:00:00Z', '2024-08-05T06:00:30Z'],
      ['2024-08-05 06:00', '06:00:30'],
    ],
  ])('of %j are %j', (instants, expected) => {
    expect(timeTexts(instants.map(at))).toEqual(expected)
  })

  test('tell a year once, and of midnight only the day', () => {
    expect(figureText(at('2024-08-05T00:00Z'), 'time')).toBe('2024-08-05')
    expect(figureText(at('2024-08-05T01:02Z'), 'time')).toBe('2024-08-05 01:02 UTC')
  })
})

test.each<readonly [number, Figures, string]>([
  [2412.37, 'usd', '$2,412'],
  [-1e18, 'usd', '-$1e18'],
  [1.23456e-18, 'plain', '1.235e-18'],
  [0.0512, 'percent', '5.12%'],
  [Number.NaN, 'usd', 'n/a'],
  [Number.POSITIVE_INFINITY, 'plain', 'infinity'],
])('the value %d as %s is %s', (value, figures, expected) => {
  expect(figureText(value, figures)).toBe(expected)
})
