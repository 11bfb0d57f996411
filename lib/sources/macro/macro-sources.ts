// The configured series of the wider world for a door that may not wait: what could not be had is a sentence instead of an error.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { MacroSources } from '../../model/market-ports.ts'
import { fetchMacroSeries, type MacroFetchDeps } from './fetch-macro-series.ts'
import { macroSources } from './index.ts'

/** A source that is slow or wants us to wait is asked again by the next hour's run. */
const impatient = { requestMs: 8_000, attempts: 2, longestWait: 5 }

export function macroReader(deps: MacroFetchDeps & { readonly baseUrl?: string }): MacroSources {
  return {
    async read({ config: { series, source: name, id, kind }, from, to }) {
      const source = macroSources.find((one) => one.name === name)
      if (source === undefined) return { notes: [`${series}: there is no macro source ${name}`] }
      const base = deps.baseUrl === undefined ? {} : { baseUrl: deps.baseUrl }
      try {
        return await fetchMacroSeries(deps, { source, series, id, kind, from, to, limits: impatient, ...base })
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        return { notes: [`${series} could not be fetched: ${error.message}`] }
      }
    },
  }
}
