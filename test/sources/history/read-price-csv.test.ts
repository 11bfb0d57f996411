import { createReadStream, existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeLines } from '../../../bin/whole-lines.ts'
import { missingBars } from '../../../lib/model/history.ts'
import { barsOfSeries, intervalOf } from '../../../lib/sources/history/bars-of-series.ts'
import { csvInstant } from '../../../lib/sources/history/csv-instant.ts'
import type { PriceCsv } from '../../../lib/sources/history/price-csv.ts'
import { readPriceCsv } from '../../../lib/sources/history/read-price-csv.ts'

const read = (text: string, asset?: string) =>
  readPriceCsv({ lines: wholeLines([Buffer.from(text)]), ...(asset === undefined ? {} : { asset }) })
const pricesOf = (csv: PriceCsv) =>
  Object.fromEntries(csv.series.map(({ asset, at, close }) => [asset, [...at].map((when, i) => [when, close[i]])]))
const day = 86_400
const march = 1_709_251_200 // 2024-03-01

describe('the time of a row', () => {
  it.each([
    ['2024-03-01', march],
    ['2024-03-01T12:00Z', march + day / 2],
    ['2024-03-01 12:00', march + day / 2],
    ['2024-03-01 12:00:00.000 UTC', march + day / 2],
    ['2024-03-01T12:00:00+02:00', march + day / 2 - 7_200],
    ['2024-02-29', march - day],
    ['1709251200', march],
    ['1709251200000', march],
  ])('%s is read', (text, at) => expect(csvInstant(text)).toBe(at))

  it.each([
    '2024-02-30',
    '2023-02-29',
    '03/01/2024',
    '2024-3-1',
    '2024-03-01T25:00',
    'yesterday',
    '',
    '20240301',
    '2024-13-01',
    '2024-03-01x',
  ])('%s is not', (text) => expect(csvInstant(text)).toBeUndefined())

  it('is the one of the calendar, for every second of four centuries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12_622_780_800 }), (at) => {
        const iso = new Date(at * 1_000).toISOString()
        expect(csvInstant(iso)).toBe(at)
        expect(csvInstant(iso.slice(0, 10))).toBe(Math.floor(at / day) * day)
      }),
    )
  })
})

describe('a file of prices', () => {
  it('says the same long and wide, with commas, semicolons or tabs, quotes and other line ends', async () => {
    const expected = {
      BTC: [
        [march, 60_000],
        [march + day, 61_000.5],
      ],
      ETH: [
        [march, 3_000],
        [march + day, 3_100],
      ],
    }
    const long =
      'date,asset,price_usd,source\n2024-03-01,BTC,60000,x\n2024-03-01,ETH,3000,x\n2024-03-02,BTC,61000.5,"x, y"\n2024-03-02,ETH,3.1e3,x'
    const wide = 'date,BTC,ETH\n2024-03-01,60000,3000\n2024-03-02,61000.5,3100\n'
    for (const text of [
      long,
      wide,
      wide.replaceAll(',', ';'),
      wide.replaceAll(',', '\t'),
      wide.replaceAll('\n', '\r\n'),
      `\uFEFF${wide}`,
      `"date","BTC_close","ETH_close_usd"${wide.slice(12)}`,
    ]) {
      const csv = await read(text)
      expect(pricesOf(csv)).toEqual(expected)
      expect(csv).toMatchObject({
        rows: text.includes('asset') ? 4 : 2,
        spacingSeconds: day,
        unsorted: 0,
        refused: { count: 0 },
      })
    }
  })

  it('of one asset alone needs its name', async () => {
    const text = 'time,open,high,low,close,volume\n1709251200,10,12,9,11,5\n'
    await expect(read(text)).rejects.toMatchObject({
      code: 'price-csv-header',
      hint: expect.stringContaining('--asset'),
    })
    const csv = await read(text, 'ETH')
    expect(pricesOf(csv)).toEqual({ ETH: [[march, 11]] })
    expect(csv.series[0]?.range).toEqual({
      open: new Float64Array([10]),
      high: new Float64Array([12]),
      low: new Float64Array([9]),
    })
    expect(csv.notes).toEqual(['Columns that are not read: volume.', expect.stringContaining('currency')])
  })

  it('refuses each row that is wrong by its line, and reads the others', async () => {
    const rows = [
      '2024-03-01,BTC,60000',
      '2024-03-02,BTC,NaN',
      '2024-03-03,BTC,0',
      '2024-03-04,BTC,-5',
      '2024-03-05,BTC,Infinity',
      '2024-03-06,BTC',
      '30/02/2024,BTC,1',
      '2024-03-01,BTC,60001',
      '2024-03-08,B#C,1',
      '2024-03-09,BTC,0x10',
      '2024-03-10,BTC,',
      '2024-03-11,BTC,61000',
      '2024-03-12,BTC,1e999',
      '2024-03-13,BTC,1_000',
    ]
    const csv = await read(`date,asset,price_usd\n${rows.join('\n')}`)
    expect(pricesOf(csv)).toEqual({
      BTC: [
        [march, 60_000],
        [march + 10 * day, 61_000],
      ],
    })
    expect(csv.refused.first.map(({ line, code }) => [line, code])).toEqual([
      [3, 'bad-price'],
      [4, 'not-positive'],
      [5, 'not-positive'],
      [6, 'bad-price'],
      [7, 'wrong-columns'],
      [8, 'bad-time'],
      [9, 'duplicate'],
      [10, 'bad-asset'],
      [11, 'bad-price'],
      [14, 'bad-price'],
      [15, 'bad-price'],
    ])
    expect(csv.refused.first.find(({ code }) => code === 'duplicate')?.reason).toBe(
      'has the same time as line 2 for BTC',
    )
    expect(csv.series[0]?.empty).toBe(1)
  })

  it('refuses a time that is yet to come, and one that is no time of markets', async () => {
    const text = 'date,ETH\n2024-03-01,1\n2024-03-09,2\n0050-01-01,3\n'
    const csv = await readPriceCsv({ lines: wholeLines([Buffer.from(text)]), notAfter: march + 2 * day })
    expect(csv.refused.first.map(({ line, code }) => [line, code])).toEqual([
      [3, 'in-future'],
      [4, 'bad-time'],
    ])
  })

  it('says which assets have rows further apart than the others', async () => {
    const hours = Array.from({ length: 100 }, (_, index) => `${march + index * 3_600},ETH,1`)
    const days = Array.from({ length: 5 }, (_, index) => `${march + index * day},GOLD,1`)
    const csv = await read(`date,asset,price_usd\n${[...hours, ...days].join('\n')}`)
    expect(csv.spacingSeconds).toBe(3_600)
    expect(csv.notes.join()).toContain('GOLD (24 h)')
  })

  it('refuses a bar that contradicts itself', async () => {
    const csv = await read(
      'date,asset,open_usd,high_usd,low_usd,close_usd\n2024-03-01,A,10,9,8,9\n2024-03-02,A,10,11,0,9\n2024-03-03,A,10,11,9,10',
    )
    expect(csv.refused.byCode).toEqual({ 'bad-bar': 1, 'not-positive': 1 })
    expect(csv.series[0]?.at).toEqual(new Float64Array([march + 2 * day]))
  })

  it('warns of a decimal comma', async () => {
    const csv = await read('date;asset;price_usd\n2024-03-01;BTC;60000,5\n')
    expect(csv.refused.first[0]?.reason).toContain('decimals have a point')
  })

  it('sorts what is out of order and counts it, and warns of tenfold jumps', async () => {
    const csv = await read('date,ETH\n2024-03-03,300\n2024-03-01,3100\n2024-03-02,3000\n2024-03-04,3050\n')
    expect(pricesOf(csv).ETH).toEqual([
      [march, 3_100],
      [march + day, 3_000],
      [march + 2 * day, 300],
      [march + 3 * day, 3_050],
    ])
    expect(csv.unsorted).toBe(2)
    expect(csv.jumps).toEqual([
      { line: 2, asset: 'ETH', at: march + 2 * day, from: 3_000, to: 300 },
      { line: 5, asset: 'ETH', at: march + 3 * day, from: 300, to: 3_050 },
    ])
  })

  it('gives the same series in any order of its rows', async () => {
    const rows = fc.uniqueArray(
      fc.record({ day: fc.integer({ min: 0, max: 300 }), usd: fc.integer({ min: 1, max: 99 }) }),
      { minLength: 1, maxLength: 40, selector: (one) => one.day },
    )
    await fc.assert(
      fc.asyncProperty(rows, fc.infiniteStream(fc.nat()), async (drawn, chance) => {
        const text = (list: typeof drawn) =>
          `date,asset,price_usd\n${list.map((one) => `${march + one.day * day},X,${one.usd}`).join('\n')}`
        const shuffled = drawn
          .map((one) => ({ one, key: chance.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one)
        expect(pricesOf(await read(text(shuffled)))).toEqual(pricesOf(await read(text(drawn))))
      }),
      { numRuns: 50 },
    )
  })

  it('is read, or refused with a code, whatever it holds', async () => {
    const piece = fc.constantFrom(
      'date',
      'asset',
      'price_usd',
      ',',
      ',',
      '\n',
      '\n',
      '"',
      ';',
      '2024-03-01',
      'BTC',
      '1',
      '-',
      'NaN',
      '\r',
      '\0',
      'é',
      '1e999',
      ' ',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        for (const text of [pieces.join(''), `date,asset,price_usd\n${pieces.join('')}`]) {
          const csv = await read(text).catch((error: { code?: string }) => error)
          if (!('series' in csv)) expect(csv.code).toMatch(/^price-csv-/)
          else
            for (const { close } of csv.series) expect([...close].every((usd) => usd > 0 && usd < Infinity)).toBe(true)
        }
      }),
    )
  })

  it('that is no UTF-8 in one line loses that line only', async () => {
    const bytes = Buffer.concat([
      Buffer.from('date,ETH\n2024-03-01,1\n'),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.from('2024-03-02,2\n'),
    ])
    const csv = await readPriceCsv({ lines: wholeLines([bytes]) })
    expect(pricesOf(csv).ETH).toHaveLength(2)
    expect(csv.refused.first).toMatchObject([{ line: 3, code: 'unreadable' }])
  })

  it('in another currency is not taken for dollars', async () => {
    await expect(read('date,asset,close_usdt\n2024-03-01,BTC,60000')).rejects.toMatchObject({
      code: 'price-csv-not-dollars',
      message: expect.stringContaining('USDT'),
    })
    const pairs = await read('date,symbol,close\n2024-03-01,BTCUSDT,60000')
    expect(pairs.series[0]?.asset).toBe('BTCUSDT')
    expect(pairs.notes.join()).toContain('BTCUSDT in USDT')
    expect(pairs.notes.join()).not.toContain('taken as dollars')
  })

  it.each([
    ['', 'price-csv-empty'],
    ['date,asset,price_usd\n', 'price-csv-empty'],
    ['a,b,c\n1,2,3', 'price-csv-header'],
    ['date,BTC,btc\n2024-03-01,1,2', 'price-csv-header'],
    ['date,BTC,BTC_close\n2024-03-01,1,2', 'price-csv-header'],
    ['date,asset,amount\n2024-03-01,BTC,2', 'price-csv-header'],
  ])('%j is refused as a whole', async (text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code })
  })
})

describe('bars of a file', () => {
  const barsOf = (csv: PriceCsv, stamp: 'open' | 'close') => {
    const interval = intervalOf(csv)
    return csv.series.map((series) =>
      barsOfSeries(series, { interval, stamp, spacingSeconds: csv.spacingSeconds, source: 'test' }),
    )
  }

  it('have the length of the rows, and rows closer than five minutes are joined', async () => {
    const minutes = Array.from({ length: 10 }, (_, i) => `${march + i * 60},X,${100 + i}`).join('\n')
    const csv = await read(`date,asset,price_usd\n${minutes}`)
    expect(intervalOf(csv)).toBe('5m')
    expect(
      barsOf(csv, 'open')[0]?.map(({ start, open, high, low, close, observations }) => [
        start - march,
        open,
        high,
        low,
        close,
        observations,
      ]),
    ).toEqual([
      [0, 100, 104, 100, 104, 5],
      [300, 105, 109, 105, 109, 5],
    ])
    expect(() => intervalOf({ spacingSeconds: day }, '1h')).toThrow(
      expect.objectContaining({ code: 'interval-too-fine' }),
    )
  })

  it('stamped at their close belong to the interval before', async () => {
    const csv = await read('date,ETH\n2024-03-02,1\n2024-03-03,2\n')
    const [bars] = barsOf(csv, 'close')
    expect(bars?.map(({ start, close, lastAt }) => [start, close, lastAt])).toEqual([
      [march, 1, march + day],
      [march + day, 2, march + 2 * day],
    ])
  })

  it('are missing where rows are', async () => {
    const csv = await read('date,ETH,BTC\n2024-03-01,1,1\n2024-03-02,,2\n2024-03-05,1,1\n')
    const [eth, btc] = barsOf(csv, 'open')
    expect(missingBars(eth ?? [], '1d')).toEqual([{ from: march + day, to: march + 4 * day, count: 3 }])
    expect(missingBars(btc ?? [], '1d')).toEqual([{ from: march + 2 * day, to: march + 4 * day, count: 2 }])
  })
})

const shared = new URL('../../../../shared/data/', import.meta.url)
const has = existsSync(shared)
const open = (name: string) => readPriceCsv({ lines: wholeLines(createReadStream(new URL(name, shared))) })

describe.skipIf(!has)('real files (skipped where ../shared/data is absent)', () => {
  it('a long panel of 81 assets has the gaps that its coverage states', async () => {
    const csv = await open('panel_prices_daily_permissive.csv')
    expect(csv).toMatchObject({ shape: 'long', rows: 84_305, refused: { count: 0 }, unsorted: 0, spacingSeconds: day })
    expect(csv.series).toHaveLength(81)
    const aave = csv.series.find(({ asset }) => asset === 'AAVE')
    const bars =
      aave === undefined
        ? []
        : barsOfSeries(aave, { interval: '1d', stamp: 'open', spacingSeconds: day, source: 'panel' })
    expect(bars).toHaveLength(1_202)
    // coverage_panel_prices_daily_permissive.csv: AAVE,2020-10-10,2024-12-31,1202,...,342
    expect(missingBars(bars, '1d').reduce((sum, { count }) => sum + count, 0)).toBe(342)
    expect(missingBars(bars, '1d')).toEqual([
      { from: Date.UTC(2022, 0, 24) / 1_000, to: Date.UTC(2023, 0, 1) / 1_000, count: 342 },
    ])
  })

  it('a wide file of hourly closes leaves its volumes aside', async () => {
    const csv = await open('hourly_12_tokens_2023_2024.csv')
    expect(csv).toMatchObject({ shape: 'wide', rows: 17_543, refused: { count: 0 }, spacingSeconds: 3_600 })
    expect(csv.series.map(({ asset }) => asset)).toEqual([
      'BTC',
      'ETH',
      'SOL',
      'AAVE',
      'UNI',
      'LINK',
      'CRV',
      'MKR',
      'LDO',
      'COMP',
      'SNX',
      'ARB',
    ])
    expect(csv.series.at(-1)?.empty).toBeGreaterThan(1_000)
  })

  it('the wick of May 2022 stands in the file of minutes as a high, not as a close', async () => {
    const csv = await open('minute_binance_terra_luna_2022.csv')
    const usdc = csv.series.find(({ asset }) => asset === 'USDCUSDT')
    const bars =
      usdc === undefined
        ? []
        : barsOfSeries(usdc, { interval: '1h', stamp: 'open', spacingSeconds: 60, source: 'minutes' })
    expect(Math.max(...bars.map(({ high }) => high))).toBeCloseTo(3.99, 2)
    expect(Math.max(...bars.map(({ close }) => close))).toBeLessThan(1.1)
  })
})
