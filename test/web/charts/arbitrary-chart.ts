// Charts of any content, hostile ones too: whatever comes out of them has to be readable.

import fc from 'fast-check'
import type { Bars, Chart } from '../../../lib/web/charts/chart.ts'

const figures = fc.constantFrom('plain' as const, 'usd' as const, 'percent' as const)
const name = fc.oneof(
  fc.constantFrom(
    '',
    'today',
    'at expiry',
    '<b>&"\'',
    ']]>',
    '漢字 🦄',
    'x'.repeat(300),
    'long words '.repeat(30),
    '\u001b[31mred',
    '\u202eabc',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -100, max: 100 }) },
  { weight: 2, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    1e-18,
    -1e-18,
    1e18,
    -1e18,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ),
)
const time = fc.oneof(fc.integer({ min: 1_600_000_000, max: 1_800_000_000 }), number)

const series = (x: fc.Arbitrary<number>) =>
  fc.record(
    {
      name,
      points: fc.array(fc.tuple(x, fc.option(number, { nil: undefined })), { maxLength: 12 }),
      dashed: fc.boolean(),
      isMarks: fc.boolean(),
    },
    { requiredKeys: ['name', 'points'] },
  )

const chartOver = (scale: 'linear' | 'log' | 'time', x: fc.Arbitrary<number>): fc.Arbitrary<Chart> =>
  fc.record(
    {
      title: name,
      subtitle: name,
      x: fc.record({ label: name, unit: name, figures, scale: fc.constant(scale), reversed: fc.boolean() }),
      panels: fc.array(
        fc.record({ title: name, unit: name, figures, series: fc.array(series(x), { maxLength: 10 }) }),
        {
          maxLength: 4,
        },
      ),
      markers: fc.array(fc.record({ at: x, label: name }), { maxLength: 12 }),
      bands: fc.array(fc.record({ from: x, to: x, label: name }), { maxLength: 3 }),
    },
    { requiredKeys: ['title', 'x', 'panels'] },
  )

export const anyChart: fc.Arbitrary<Chart> = fc.oneof(
  chartOver('linear', number),
  chartOver('log', number),
  chartOver('time', time),
)

export const anyBars: fc.Arbitrary<Bars> = fc.record(
  {
    title: name,
    subtitle: name,
    label: name,
    unit: name,
    figures,
    bars: fc.array(fc.record({ name, value: fc.option(number, { nil: undefined }) }), { maxLength: 12 }),
  },
  { requiredKeys: ['title', 'bars'] },
)
