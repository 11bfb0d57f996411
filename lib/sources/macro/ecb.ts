// Data portal of the European Central Bank: reference rates of the euro and yields as CSV, without a key.

import { isoDate } from '../../base/calendar.ts'
import { defineMacroSource } from './define-macro-source.ts'

/**
 * `GET /service/data/FLOW/KEY?startPeriod=&endPeriod=&format=csvdata`: SDMX as CSV, of whose columns `TIME_PERIOD` and `OBS_VALUE` are read; `detail=dataonly` leaves
 * the titles away. `EXR/D.USD.EUR.SP00.A` is dollars per euro (it falls when the dollar rises); reference rates are agreed at 14:15 in Frankfurt.
 */
export const ecb = defineMacroSource({
  name: 'ecb',
  title: 'European Central Bank, data portal',
  documentation: 'https://data.ecb.europa.eu/help/api/data',
  baseUrl: 'https://data-api.ecb.europa.eu',
  idPattern: /^[A-Z0-9_]{1,20}\/[A-Z0-9_]{1,20}(\.[A-Z0-9_]{1,20}){0,15}$/,
  exampleId: 'EXR/D.USD.EUR.SP00.A',
  dates: 'iso',
  closeOf: () => ({ city: 'frankfurt', minutes: 14 * 60 + 15 }),
  pathOf: ({ id, from, to }) =>
    `/service/data/${id}?startPeriod=${isoDate(from)}&endPeriod=${isoDate(to)}&format=csvdata&detail=dataonly`,
})
