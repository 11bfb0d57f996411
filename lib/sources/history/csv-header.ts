// What a file of prices holds, told by its first line: which column is the time, which the asset, which the price, and in which currency.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { csvCells } from './csv-cells.ts'

/** Columns that make a bar; only `close` is needed. */
export interface PriceColumns {
  readonly close: number
  readonly open?: number
  readonly high?: number
  readonly low?: number
}

export interface CsvHeader {
  readonly separator: ',' | ';' | '\t'
  readonly columns: number
  readonly time: number
  /** `long`: a row is one asset's price; `wide`: a column is an asset; `single`: the file is one asset's. */
  readonly shape:
    | { readonly kind: 'long'; readonly asset: number; readonly price: PriceColumns }
    | { readonly kind: 'single'; readonly asset: string; readonly price: PriceColumns }
    | { readonly kind: 'wide'; readonly assets: readonly { readonly asset: string; readonly index: number }[] }
  /** Names of columns that are not read. */
  readonly ignored: readonly string[]
  /** Whether the price's column says that it is in dollars. */
  readonly saysDollars: boolean
}

const timeNames = ['date', 'timestamp', 'timestamp_utc', 'time', 'time_utc', 'datetime', 'date_utc', 'open_time', 'day']
const assetNames = ['asset', 'symbol', 'token', 'ticker', 'underlying', 'coin', 'product']
const closeNames = ['price_usd', 'close_usd', 'price', 'close', 'usd']
/** A currency at the end of a price's name which is not the dollar. */
const otherQuote = /^(?:price|close)_(?!usd$)([a-z]{3,5})$/
/** An asset as it may stand in a key, a table and a URL. */
export const assetPattern = /^[A-Za-z0-9$][A-Za-z0-9$.@_:+-]{0,39}$/

/**
 * Reads the first line.
 * @param asset of the whole file, where no column names one
 * @throws HomeostatError `price-csv-header` with what is missing, `price-csv-not-dollars` for prices in another currency
 */
export function readCsvHeader(line: string, asset?: string): CsvHeader {
  const separator = separatorOf(line)
  const names = csvCells(line, separator).map((name) => name.trim())
  const lower = names.map((name) => name.toLowerCase())
  const find = (candidates: readonly string[]) =>
    candidates.map((one) => lower.indexOf(one)).find((index) => index !== -1)
  const time = find(timeNames)
  if (time === undefined) throw badHeader(`no column is a time (${timeNames.join(', ')})`, names)
  const twice = names.find((name, index) => name !== '' && lower.indexOf(name.toLowerCase()) !== index)
  if (twice !== undefined) throw badHeader(`the column ${twice} stands there twice`, names)
  const assetColumn = find(assetNames)
  const close = find(closeNames)
  refuseOtherQuotes(lower)
  const shape =
    close === undefined && assetColumn === undefined
      ? wideShape(names, time)
      : rowShape({ names, lower, close, assetColumn, asset })
  const read = new Set([time, ...columnsOf(shape)])
  return {
    separator,
    columns: names.length,
    time,
    shape,
    ignored: names.filter((_, index) => !read.has(index)),
    saysDollars: shape.kind === 'wide' || (lower[shape.price.close] ?? '').endsWith('usd'),
  }
}

function separatorOf(whole: string): CsvHeader['separator'] {
  const line = whole.replaceAll(/"[^"]*"/g, '')
  if (line.includes(',')) return ','
  return line.includes(';') ? ';' : line.includes('\t') ? '\t' : ','
}

function rowShape(params: {
  readonly names: readonly string[]
  readonly lower: readonly string[]
  readonly close: number | undefined
  readonly assetColumn: number | undefined
  readonly asset: string | undefined
}): CsvHeader['shape'] {
  const { names, lower, close, assetColumn, asset } = params
  if (close === undefined) throw badHeader(`no column is a price (${closeNames.join(', ')})`, names)
  const unit = lower[close]?.endsWith('_usd') ? '_usd' : ''
  const optional = (name: string) => {
    const index = lower.indexOf(`${name}${unit}`)
    return index === -1 ? {} : { [name]: index }
  }
  // Open, high and low belong to a close, not to a `price` that stands beside them.
  const isBar = lower[close]?.startsWith('close') === true
  const price: PriceColumns = {
    close,
    ...(isBar ? { ...optional('open'), ...optional('high'), ...optional('low') } : {}),
  }
  if (assetColumn !== undefined) return { kind: 'long', asset: assetColumn, price }
  if (asset === undefined) {
    throw new HomeostatError('price-csv-header', {
      message: `The file has one column of prices (${names[close]}) and none that names the asset.`,
      retry: 'never',
      facts: { line: 1 },
      hint: 'Say whose prices they are, such as --asset BTC.',
    })
  }
  return { kind: 'single', asset, price }
}

/** Every other column is an asset, as `BTC`, `BTC_close`, `BTC_usd` or `BTC_close_usd`. */
function wideShape(names: readonly string[], time: number): CsvHeader['shape'] {
  const other = /_(volume|vol|open|high|low|market_?cap(_usd)?|mcap|trades)$/i
  const assets = names.flatMap((name, index) => {
    const asset = name.replace(/(_close|_price)?(_usd)?$/i, '')
    return index === time || other.test(name) || !assetPattern.test(asset) ? [] : [{ asset, index }]
  })
  if (assets.length === 0) throw badHeader('no column holds prices', names)
  const twice = assets.find(({ asset }, index) => assets.findIndex((one) => one.asset === asset) !== index)
  if (twice !== undefined) throw badHeader(`${twice.asset} has two columns`, names)
  return { kind: 'wide', assets }
}

function columnsOf(shape: CsvHeader['shape']): readonly number[] {
  if (shape.kind === 'wide') return shape.assets.map(({ index }) => index)
  const { open, high, low, close } = shape.price
  const prices = [open, high, low, close].filter((index) => index !== undefined)
  return shape.kind === 'long' ? [shape.asset, ...prices] : prices
}

/** @throws HomeostatError `price-csv-not-dollars` */
function refuseOtherQuotes(names: readonly string[]): void {
  if (names.some((name) => closeNames.includes(name))) return
  const quote = names.map((name) => otherQuote.exec(name)?.[1]).find((found) => found !== undefined)
  if (quote === undefined) return
  throw new HomeostatError('price-csv-not-dollars', {
    message: `The prices are in ${quote.toUpperCase()}, not in dollars.`,
    retry: 'never',
    facts: { line: 1, quote: quote.toUpperCase() },
    hint: `Multiply them by the dollar price of ${quote.toUpperCase()} at the same times, and call the column price_usd or close_usd.`,
  })
}

function badHeader(reason: string, names: readonly string[]): HomeostatError {
  return new HomeostatError('price-csv-header', {
    message: `The first line does not say what the columns are: ${reason}; it reads ${names.slice(0, 12).join(', ').slice(0, 200)}.`,
    retry: 'never',
    facts: { line: 1 },
    hint: 'Either date,asset,price_usd with one price a row, or date,BTC,ETH with one column an asset.',
  })
}
