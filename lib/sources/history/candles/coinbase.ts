// Candles of Coinbase Exchange: dollars, no key, three hundred at a time.

import { barSeconds } from '../../../model/history.ts'
import { defineCandleSource } from './define-candle-source.ts'

/**
 * `GET /products/{id}/candles?granularity=&start=&end=`: [time, low, high, open, close, volume], the newest first; `start` and `end` belong to it, candles
 * before `start` may come along, and there is none for an interval without a trade. Ten requests a second for an address, else 429.
 */
export const coinbase = defineCandleSource({
  name: 'coinbase',
  title: 'Coinbase Exchange, spot in US dollars',
  documentation: 'https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles',
  baseUrl: 'https://api.exchange.coinbase.com',
  pageSize: 300,
  pauseMs: 150,
  productOf: (asset) => `${asset}-USD`,
  quoteOf: (product) => /^[A-Z0-9]+-([A-Z0-9]+)$/.exec(product)?.[1],
  pathOf({ product, interval, from, to }) {
    const granularity = barSeconds[interval]
    return `/products/${product}/candles?granularity=${granularity}&start=${from}&end=${to - granularity}`
  },
  rowsOf(body) {
    if (!Array.isArray(body)) return undefined
    return body.map((row: unknown) => {
      if (!Array.isArray(row) || row.length < 5) return { malformed: 'not a list of six numbers' }
      const [start, low, high, open, close] = row as readonly unknown[]
      return { start, open, high, low, close }
    })
  },
  reasonOf(body) {
    const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined
    return typeof message === 'string' ? message : undefined
  },
})
