// FRED, Federal Reserve Bank of St. Louis: equities, dollar, rates and volatility as CSV, without a key.

import { isoDate } from '../../base/calendar.ts'
import { newYorkClose } from './close-instant.ts'
import { defineMacroSource } from './define-macro-source.ts'

/**
 * `GET /graph/fredgraph.csv?id=&cosd=&coed=`: `observation_date,ID` (`DATE,ID` until 2024), a day without a value has an empty cell or a point. `SP500` (ten years),
 * `DGS10` (percent), `VIXCLS`, `DTWEXBGS` (the dollar against a broad basket, published weekly). Exchange rates are those of noon.
 */
export const fred = defineMacroSource({
  name: 'fred',
  title: 'FRED, Federal Reserve Bank of St. Louis',
  documentation: 'https://fredhelp.stlouisfed.org/fred/data/downloading/',
  baseUrl: 'https://fred.stlouisfed.org',
  idPattern: /^[A-Z0-9_]{1,40}$/,
  exampleId: 'SP500',
  dates: 'iso',
  closeOf: (id) => (/^(DEX|DTWEX)/.test(id) ? { city: 'new-york', minutes: 12 * 60 } : newYorkClose),
  pathOf: ({ id, from, to }) => `/graph/fredgraph.csv?id=${id}&cosd=${isoDate(from)}&coed=${isoDate(to)}`,
})
