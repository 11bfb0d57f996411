// What `homeostat surface fit` does with a batch: a smile for each expiry, a comparison of expiries, and a market of them.

import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { LineWork } from '../json-lines.ts'
import { idOf, type JsonRecord } from '../json-record.ts'
import { type LineError, lineError } from '../line-outcome.ts'
import { type CalendarLine, expiryCollection } from './compare-expiries.ts'
import { type ArbitrageMode, fitSlice, fitSliceLine, type SliceFit } from './fit-slice.ts'
import { type GatheredQuote, isLoneQuote, quoteCollection } from './gather-quotes.ts'
import { type SurfaceMarket, surfaceMarket } from './surface-market.ts'

export interface FitTerms {
  readonly mode: ArbitrageMode
  /** The surface of lines that name none. */
  readonly surface?: string
  /** Whether the last line is the market. */
  readonly market?: 'print'
}

/** A slice whose quotes came one by one. */
export type GatheredSlice = { readonly id: string } & (SliceFit | { readonly error: LineError })

/** What comes after the last line: slices of quotes that came one by one, comparisons, the market. */
export type ClosingLine = GatheredSlice | CalendarLine | SurfaceMarket | { readonly error: LineError }

/** Holds every slice with its quotes until the end. */
export function fitSurfaces({ mode, surface, market }: FitTerms): LineWork<SliceFit | GatheredQuote> {
  const expiries = expiryCollection(mode)
  const quotes = quoteCollection()
  const named = (record: JsonRecord) =>
    surface === undefined || record.surface !== undefined ? record : { ...record, surface }
  const gathered = (): readonly GatheredSlice[] =>
    quotes.slices().map(({ id, stated, warning }) => {
      try {
        const fitted = fitSlice(stated, mode)
        expiries.add(fitted, id)
        return { id, ...fitted.fit, warnings: [...(warning === undefined ? [] : [warning]), ...fitted.fit.warnings] }
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        return { id, error: lineError(error) }
      }
    })
  return {
    answer(record, line) {
      if (isLoneQuote(record)) return quotes.add('error' in record ? record : named(record))
      const fitted = fitSliceLine(named(record), mode)
      expiries.add(fitted, idOf(record) ?? line)
      return fitted.fit
    },
    finish(): readonly ClosingLine[] {
      const slices = gathered()
      const compared = expiries.compared()
      return [
        ...slices,
        ...compared.map(({ line }) => line),
        ...(market === undefined ? [] : [surfaceMarket(compared)]),
      ]
    },
  }
}
