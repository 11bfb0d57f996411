// Cboe, who computes them: histories of VIX and its sisters as CSV, without a key.

import { defineMacroSource } from './define-macro-source.ts'

/**
 * `GET /api/global/us_indices/daily_prices/ID_History.csv`, since the beginning: `DATE,OPEN,HIGH,LOW,CLOSE` or `DATE,ID`, dates as 03/01/2024. The index is computed
 * until 16:15 in New York.
 */
export const cboe = defineMacroSource({
  name: 'cboe',
  title: 'Cboe, volatility indices',
  documentation: 'https://www.cboe.com/tradable_products/vix/vix_historical_data/',
  baseUrl: 'https://cdn.cboe.com',
  idPattern: /^[A-Z0-9]{1,12}$/,
  exampleId: 'VIX',
  dates: 'us',
  closeOf: () => ({ city: 'new-york', minutes: 16 * 60 + 15 }),
  pathOf: ({ id }) => `/api/global/us_indices/daily_prices/${id}_History.csv`,
})
