// Candles of Binance: mostly in USDT, which is not a dollar; no key, a thousand at a time.

import { defineCandleSource } from './define-candle-source.ts'

/** Names of quotes at the end of a symbol, the longer ones first: in BTCFDUSD it is FDUSD and not USD. */
const quotes = ['FDUSD', 'USDT', 'USDC', 'BUSD', 'TUSD', 'EUR', 'TRY', 'BRL', 'GBP', 'DAI', 'BTC', 'ETH', 'BNB', 'USD']
/** Weight that an address may use up in a minute (`REQUEST_WEIGHT` of /api/v3/exchangeInfo). */
const weightPerMinute = 6_000

/**
 * `GET /api/v3/klines?symbol=&interval=&startTime=&endTime=&limit=`: [open time in ms, open, high, low, close, volume, close time, ...], prices as
 * text, the oldest first. 429 and 418 (banned: two minutes to three days) carry `Retry-After` in seconds; each answer tells the weight that is used up.
 * https://data-api.binance.vision serves the same without the exchange.
 */
export const binance = defineCandleSource({
  name: 'binance',
  title: 'Binance, spot in USDT',
  documentation: 'https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md#klinecandlestick-data',
  baseUrl: 'https://data-api.binance.vision',
  pageSize: 1_000,
  pauseMs: 100,
  productOf: (asset) => `${asset}USDT`,
  quoteOf: (product) => quotes.find((quote) => product.length > quote.length && product.endsWith(quote)),
  pathOf: ({ product, interval, from, to }) =>
    `/api/v3/klines?symbol=${product}&interval=${interval}&startTime=${from * 1_000}&endTime=${to * 1_000 - 1}&limit=1000`,
  rowsOf(body) {
    if (!Array.isArray(body)) return undefined
    return body.map((row: unknown) => {
      if (!Array.isArray(row) || row.length < 7) return { malformed: 'not a list of twelve values' }
      const [start, open, high, low, close] = row as readonly unknown[]
      return { start: typeof start === 'number' ? start / 1_000 : start, open, high, low, close }
    })
  },
  reasonOf(body) {
    const message = typeof body === 'object' && body !== null && 'msg' in body ? body.msg : undefined
    return typeof message === 'string' ? message : undefined
  },
  usedOf(headers) {
    const used = headers.get('x-mbx-used-weight-1m')
    return used === null || !/^\d+$/.test(used) ? undefined : Number(used) / weightPerMinute
  },
})
