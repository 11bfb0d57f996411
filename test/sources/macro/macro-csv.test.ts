import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../lib/base/homeostat-error.ts'
import { macroKindOf } from '../../../lib/model/macro.ts'
import { closeInstant, newYorkClose } from '../../../lib/sources/macro/close-instant.ts'
import { readMacroCsv } from '../../../lib/sources/macro/macro-csv.ts'

const utc = (text: string) => Date.parse(text) / 1_000
const read = (text: string) =>
  readMacroCsv({ text }).series.map(({ name, observations }) => [name, observations.map(({ value }) => value)])
const codeOf = (text: string) => {
  try {
    readMacroCsv({ text })
  } catch (error) {
    return isHomeostatError(error) ? error.code : 'another error'
  }
  return 'no error'
}

describe('files of macro series', () => {
  it.each<readonly [string, string, unknown]>([
    [
      'long',
      'date,series,value\n2024-01-02,SPX,1\n2024-01-02,VIX,2\n2024-01-03,SPX,3',
      [
        ['SPX', [1, 3]],
        ['VIX', [2]],
      ],
    ],
    [
      'wide',
      'date,SPX,VIX\n2024-01-02,1,2\n2024-01-03,3,',
      [
        ['SPX', [1, 3]],
        ['VIX', [2]],
      ],
    ],
    ['of one column', 'date,SP500\n2024-01-02,1', [['SP500', [1]]]],
    ['bars', 'DATE,OPEN,HIGH,LOW,CLOSE\n2024-01-02,1,4,0.5,2', [[undefined, [2]]]],
    ['of a value', 'date;value\n2024-01-02;-0.35', [[undefined, [-0.35]]]],
    [
      'of FRED',
      '\uFEFFobservation_date,DGS10\r\n2024-01-01,\r\n2024-01-02,3.95\r\n2024-01-03,.\r\n',
      [['DGS10', [3.95]]],
    ],
    ['with quotes', '"date","name, of it"\n"2024-01-02","1.5"', [['name, of it', [1.5]]]],
    ['with lines that are empty', '\n\ndate,A\n\n2024-01-02,1\n\n', [['A', [1]]]],
  ])('are read: %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it.each([
    ['', 'macro-csv-empty'],
    ['date,A\n', 'macro-csv-empty'],
    ['A,B\n1,2', 'macro-csv-header'],
    ['date\n2024-01-02', 'macro-csv-header'],
    ['date,A,a\n2024-01-02,1,2', 'macro-csv-header'],
    ['date,series\n2024-01-02,SPX', 'macro-csv-header'],
    ['date,open,volume\n2024-01-02,1,2', 'macro-csv-header'],
  ])('are refused by name: %j', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  it('refuse a wrong row by its line, keep the others, sort them, and count what is empty', () => {
    const text = [
      'date,A',
      '2024-01-05,5',
      '2024-01-02,2',
      '03/01/2024,9',
      '2024-01-03,NaN',
      '2024-01-04,1e400',
      '2024-01-04,12,5',
      '2024-01-05,6',
      '2031-01-01,1',
    ].join('\n')
    const csv = readMacroCsv({ text, notAfter: utc('2025-01-01T00:00Z') })
    expect(csv.series[0]?.observations.map(({ value }) => value)).toEqual([2, 5])
    expect([csv.rows, csv.empty, csv.unsorted, csv.refused.count]).toEqual([8, 1, 1, 5])
    expect(csv.refused.first.map((reason) => /line (\d+)/.exec(reason)?.[1])).toEqual(['4', '6', '7', '8', '9'])
  })

  it('never make up a number: whatever stands in them is read as it is, refused or empty', () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.double().map(String),
      fc.constantFrom('.', '1,5', '0x10', '١'),
    )
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 20 }), (cells) => {
        const rows = cells.map(
          (text, index) => `2024-01-${String(index + 1).padStart(2, '0')},${text.replace(/[\r\n]/g, '')}`,
        )
        const { series, refused, empty, rows: count } = readMacroCsv({ text: ['date,A', ...rows].join('\n') })
        const values = series[0]?.observations.map(({ value }) => value) ?? []
        expect(values.every(Number.isFinite)).toBe(true)
        expect(values.length + refused.count + empty).toBe(count)
      }),
    )
  })
})

describe('the close of a date', () => {
  it.each([
    ['2024-01-10', newYorkClose, '2024-01-10T21:00Z'],
    ['2024-07-10', newYorkClose, '2024-07-10T20:00Z'],
    ['2024-03-08', newYorkClose, '2024-03-08T21:00Z'],
    ['2024-03-11', newYorkClose, '2024-03-11T20:00Z'],
    ['2024-11-01', newYorkClose, '2024-11-01T20:00Z'],
    ['2024-11-04', newYorkClose, '2024-11-04T21:00Z'],
    ['2024-01-10', { city: 'frankfurt', minutes: 855 } as const, '2024-01-10T13:15Z'],
    ['2024-07-10', { city: 'frankfurt', minutes: 855 } as const, '2024-07-10T12:15Z'],
    ['2024-03-29', { city: 'frankfurt', minutes: 855 } as const, '2024-03-29T13:15Z'],
    ['2024-04-01', { city: 'frankfurt', minutes: 855 } as const, '2024-04-01T12:15Z'],
  ])('of %s is known', (date, close, expected) => {
    expect(closeInstant(utc(`${date}T00:00Z`), close)).toBe(utc(expected))
  })

  it('is what the zones of this machine say, on every day of twenty years', () => {
    const hourIn = (zone: string) =>
      new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', day: '2-digit' })
    for (const [city, zone] of [
      ['new-york', 'America/New_York'],
      ['frankfurt', 'Europe/Berlin'],
    ] as const) {
      const local = hourIn(zone)
      for (let at = utc('2010-01-01T00:00Z'); at < utc('2030-01-01T00:00Z'); at += 86_400) {
        const told = local.format(closeInstant(at, { city, minutes: 975 }) * 1_000)
        const date = new Date(at * 1_000).toISOString().slice(8, 10)
        if (told !== `${date}, 16:15`) expect.fail(`${zone}: ${told} on ${new Date(at * 1_000).toISOString()}`)
      }
    }
  })
})

it.each([
  ['US10Y', 'difference'],
  ['DGS10', 'difference'],
  ['T10Y2Y', 'difference'],
  ['DFF', 'difference'],
  ['SPX', 'log'],
  ['SP500', 'log'],
  ['DXY', 'log'],
  ['VIX', 'log'],
  ['DTWEXBGS', 'log'],
  ['MTUM', 'log'],
])('the kind of %s is %s by its name', (name, kind) => {
  expect(macroKindOf(name)).toBe(kind)
})
