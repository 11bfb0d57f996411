// Past prices for a door that may not wait: few requests, short patience, and what went wrong as a sentence instead of an error.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { PastPrices } from '../../model/market-ports.ts'
import type { FetchDeps, FetchLimits } from './candles/ask-page.ts'
import { type CandleRequest, fetchCandles } from './candles/fetch-candles.ts'
import { candleSources } from './candles/index.ts'

/** A source that is slow or wants us to wait is asked again by the next hour's run. */
const impatient: Partial<FetchLimits> = { requestMs: 5_000, attempts: 2, longestWait: 5 }

/** Candles of the sources in the registry; only those in dollars are returned. */
export function pastPrices(deps: FetchDeps & { readonly baseUrl?: string }): PastPrices {
  return {
    async read({ source: name, product, asset, interval, from, to, requests }) {
      const nothing = { history: { asset, interval, quote: 'USD', bars: [] }, requests: 0, refused: {} }
      const source = candleSources.find((one) => one.name === name)
      if (source === undefined)
        return { ...nothing, stopped: { code: 'unknown-source', reason: `There is no source ${name}.` } }
      const limits = { ...impatient, requests }
      const base: Pick<CandleRequest, 'baseUrl'> = deps.baseUrl === undefined ? {} : { baseUrl: deps.baseUrl }
      try {
        const fetched = await fetchCandles(deps, { source, product, asset, interval, from, to, limits, ...base })
        const { history, refused, stopped } = fetched
        if (history.quote !== 'USD') {
          const reason = `${product} is priced in ${history.quote}, not in dollars.`
          return { ...nothing, requests: fetched.requests, stopped: { code: 'not-dollars', reason } }
        }
        const ended =
          stopped === undefined ? {} : { stopped: { code: stopped.error.code, reason: stopped.error.message } }
        return { history, requests: fetched.requests, refused, ...ended }
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        return { ...nothing, stopped: { code: error.code, reason: error.message } }
      }
    },
  }
}
