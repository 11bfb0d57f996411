// The one reader of price files: what a million rows say, asset by asset, with what was refused and why, by line.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { csvCells } from './csv-cells.ts'
import { assetPattern, type CsvHeader, type PriceColumns, readCsvHeader } from './csv-header.ts'
import { csvInstant } from './csv-instant.ts'
import type { CsvLine, PriceCsv } from './price-csv.ts'
import { type RowSink, rowSink } from './row-sink.ts'

/**
 * Reads `date,asset,price_usd` (with `open_usd,high_usd,low_usd,close_usd` too), `date,BTC,ETH`, or `date,close` with `asset` given. Times are ISO
 * 8601 or Unix; UTC where no zone is given. An empty cell is a gap. A row that is wrong is refused by its line and the others are read; rows
 * out of order are sorted; of two rows with one time the first stays.
 * @param lines blocks of lines, in order; the whole file is never held as text
 * @param notAfter a row of a later time is a mistake: nobody knows it yet
 * @throws HomeostatError `price-csv-header`, `price-csv-not-dollars`, `price-csv-empty`
 */
export async function readPriceCsv(params: {
  readonly lines: AsyncIterable<readonly CsvLine[]> | Iterable<readonly CsvLine[]>
  readonly asset?: string
  readonly notAfter?: UnixSeconds
}): Promise<PriceCsv> {
  let header: CsvHeader | undefined
  let take: TakeRow = () => undefined
  let line = 0
  let rows = 0
  const sink = rowSink()
  for await (const block of params.lines) {
    for (const one of block) {
      line += 1
      if ('unreadable' in one) {
        rows += 1
        sink.refuse(line, 'unreadable', `cannot be read: ${one.unreadable}`)
        continue
      }
      const text = one.text.endsWith('\r') ? one.text.slice(0, -1) : one.text
      if (header === undefined) {
        if (text.trim() === '') continue
        header = readCsvHeader(text.replace(/^\uFEFF/, ''), params.asset)
        take = rowReader(header, sink, params.notAfter ?? Number.POSITIVE_INFINITY)
      } else if (text.trim() !== '') {
        rows += 1
        take(text, line)
      }
    }
  }
  if (header === undefined || rows === 0) throw emptyFile()
  return { shape: header.shape.kind, rows, ...sink.end(header) }
}

type TakeRow = (text: string, line: number) => void

function rowReader(header: CsvHeader, sink: RowSink, notAfter: UnixSeconds): TakeRow {
  const { shape, separator, columns, time } = header
  return (text, line) => {
    const cells = csvCells(text, separator)
    if (cells.length !== columns) {
      sink.refuse(line, 'wrong-columns', `has ${cells.length} values where the first line has ${columns}`)
      return
    }
    const stamp = (cells[time] ?? '').trim()
    const at = csvInstant(stamp)
    if (at === undefined) {
      sink.refuse(
        line,
        'bad-time',
        `has "${cut(stamp)}" where a time is expected, such as 2024-08-04 or 2024-08-04T00:00Z`,
      )
      return
    }
    if (at > notAfter) {
      sink.refuse(line, 'in-future', `has the time ${cut(stamp)}, which is yet to come`)
      return
    }
    if (shape.kind === 'wide') {
      for (const { asset, index } of shape.assets) takePrice(sink, { asset, at, line, cells, price: { close: index } })
      return
    }
    const asset = shape.kind === 'single' ? shape.asset : (cells[shape.asset] ?? '').trim()
    if (shape.kind === 'long' && !assetPattern.test(asset)) {
      sink.refuse(line, 'bad-asset', `has "${cut(asset)}" where an asset is expected, such as BTC`)
      return
    }
    takePrice(sink, { asset, at, line, cells, price: shape.price })
  }
}

interface PriceCells {
  readonly asset: string
  readonly at: UnixSeconds
  readonly line: number
  readonly cells: readonly string[]
  readonly price: PriceColumns
}

function takePrice(sink: RowSink, { asset, at, line, cells, price }: PriceCells): void {
  const close = numberIn(cells[price.close])
  if (close === undefined) {
    sink.empty(asset)
    return
  }
  const open = price.open === undefined ? close : (numberIn(cells[price.open]) ?? close)
  const high = price.high === undefined ? Math.max(open, close) : (numberIn(cells[price.high]) ?? Math.max(open, close))
  const low = price.low === undefined ? Math.min(open, close) : (numberIn(cells[price.low]) ?? Math.min(open, close))
  // NaN is smaller than nothing: one comparison is enough for what is sound.
  if (low > 0 && high < Number.POSITIVE_INFINITY && low <= open && low <= close && open <= high && close <= high) {
    sink.take({ asset, at, line, open, high, low, close })
    return
  }
  const bad = [price.close, price.open, price.high, price.low].find(
    (index) => index !== undefined && !((numberIn(cells[index]) ?? 1) > 0),
  )
  const text = cut((bad === undefined ? '' : (cells[bad] ?? '')).trim())
  if (bad === undefined && Number.isFinite(high))
    sink.refuse(line, 'bad-bar', `has a bar of ${asset} whose low or high contradicts its open or close`)
  else if (text !== '' && Number(text) <= 0)
    sink.refuse(
      line,
      'not-positive',
      `has the price ${text} for ${asset}: prices are above zero, and what is not known is left empty`,
    )
  else
    sink.refuse(
      line,
      'bad-price',
      `has "${text}" for ${asset}, which is not a number${/^\d+,\d+$/.test(text) ? ': decimals have a point' : ''}`,
    )
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Undefined for an empty cell, NaN for what is no number. */
function numberIn(cell: string | undefined): number | undefined {
  const text = (cell ?? '').trim()
  if (text === '') return undefined
  return decimal.test(text) ? Number(text) : Number.NaN
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}

function emptyFile(): HomeostatError {
  return new HomeostatError('price-csv-empty', {
    message: 'The file holds no row of prices.',
    retry: 'never',
    hint: 'It needs a first line with the names of the columns, and rows below it.',
  })
}
