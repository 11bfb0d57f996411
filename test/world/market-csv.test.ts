import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { parseInstant, parseMarket } from '../../lib/local/world/market-csv.ts'

const instant = (text: string) => parseInstant(text) ?? Number.NaN

function failureOf(text: string, filter = {}) {
  try {
    parseMarket(text, filter)
  } catch (error) {
    if (isHomeostatError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('a market file', () => {
  it('gives ETH and BTC under either name of a column, and says which columns it leaves out', () => {
    const { rows, notes } = parseMarket(
      'timestamp_utc,BTC_close,BTC_volume,ETH,SOL_close\r\n2024-08-04T00:00Z,60700,1.5,2914.5,140\r\n2024-08-04T01:00Z,6.05e4,2,2900,139\r\n',
    )
    expect(rows).toEqual([
      { at: 1_722_729_600, line: 2, prices: { BTC: 60_700, ETH: 2_914.5 } },
      { at: 1_722_733_200, line: 3, prices: { BTC: 60_500, ETH: 2_900 } },
    ])
    expect(notes).toEqual(['Ignored columns: BTC_volume, SOL_close.'])
  })

  it('keeps the price of an asset without a value, and says in which lines', () => {
    const { rows, notes } = parseMarket('timestamp,ETH,BTC\n1722729600,2914,\n1722733200,2900,60000\n1722736800,,\n')
    expect(rows.map(({ prices }) => prices)).toEqual([{ ETH: 2_914 }, { ETH: 2_900, BTC: 60_000 }, {}])
    expect(notes).toEqual([
      'ETH has no value in 1 of 3 rows (line 4): it keeps its price there.',
      'BTC has no value in 2 of 3 rows (line 2, 4): it keeps its price there.',
    ])
  })

  it('is cut to an interval whose both ends belong to it, and then speaks of missing values inside only', () => {
    const text = 'timestamp,ETH\n2024-08-04,1\n2024-08-05,2\n2024-08-06,3\n2024-08-07,\n'
    const { rows, notes } = parseMarket(text, { from: instant('2024-08-05'), to: instant('2024-08-06') })
    expect(rows.map(({ prices }) => prices.ETH)).toEqual([2, 3])
    expect(notes).toEqual([])
  })

  it.each([
    ['no time column', 'date,ETH\n', 1, 'has no column "timestamp" or "timestamp_utc"'],
    ['no asset', 'timestamp,SOL\n', 1, 'names none of ETH, BTC, USDC'],
    ['an asset twice', 'timestamp,ETH,ETH_close\n', 1, 'names ETH twice'],
    ['an empty file', '', 1, 'has no column "timestamp"'],
    ['text for a price', 'timestamp,ETH\n2024-08-04,29l4\n', 2, 'has "29l4" for ETH, which is not a number'],
    ['NaN for a price', 'timestamp,ETH\n2024-08-04,NaN\n', 2, 'which is not a number'],
    ['an endless price', 'timestamp,ETH\n2024-08-04,1e999\n', 2, 'which is not a number'],
    ['a price of zero', 'timestamp,ETH\n2024-08-04,2914\n2024-08-05,0\n', 3, 'has a price of zero for ETH'],
    ['a price below zero', 'timestamp,ETH\n2024-08-04,-2914\n', 2, 'has a negative price for ETH (-2914)'],
    ['a row that goes back', 'timestamp,ETH\n2024-08-05,1\n2024-08-04T23:00Z,1\n', 3, 'is 60 min before line 2'],
    ['a time twice', 'timestamp,ETH\n2024-08-05,1\n\n2024-08-05T00:00Z,1\n', 4, 'has the same time as line 2'],
    ['no time', 'timestamp,ETH\n,1\n', 2, 'has "" where a time is expected'],
    ['a day that does not exist', 'timestamp,ETH\n2024-02-30,1\n', 2, 'where a time is expected'],
    ['a short row', 'timestamp,ETH\n2024-08-05\n', 2, 'has 1 values where the header has 2 columns'],
    ['a long row', 'timestamp,ETH\n2024-08-05,1,2\n', 2, 'has 3 values where the header has 2 columns'],
  ])('with %s is refused with line and reason', (_, text, line, reason) => {
    const error = failureOf(text)
    expect(error.code).toBe('market-csv-invalid')
    expect(error.facts.line).toBe(line)
    expect(error.message).toContain(reason)
  })

  it('that does not reach into the interval is refused with the interval that it has', () => {
    const error = failureOf('timestamp,ETH\n2024-08-04,1\n2024-08-05,1\n', { from: instant('2025-01-01') })
    expect(error.code).toBe('market-csv-empty')
    expect(error.message).toContain('2024-08-04T00:00:00.000Z to 2024-08-05T00:00:00.000Z')
  })

  it('with a header only is refused', () => {
    expect(failureOf('timestamp,ETH\n').message).toContain('a header and no rows')
  })
})

describe('an instant', () => {
  it.each([
    ['2024-08-04', 1_722_729_600],
    ['2024-08-04T00:00Z', 1_722_729_600],
    ['2024-08-04 00:00:00', 1_722_729_600],
    ['2024-08-04T02:00+02:00', 1_722_729_600],
    ['1722729600', 1_722_729_600],
    ['yesterday', undefined],
    ['2024-13-01', undefined],
    ['2024-08-04T25:00Z', undefined],
  ])('%s is %s', (text, at) => {
    expect(parseInstant(text)).toBe(at)
  })
})
