// What `homeostat surface fit` does with a batch: a smile for each line, and a comparison of expiries at the end.

import type { LineWork } from '../json-lines.ts'
import { idOf } from '../json-record.ts'
import { expiryCollection } from './compare-expiries.ts'
import { type ArbitrageMode, fitSlice, type SliceFit } from './fit-slice.ts'

/** Holds the parameters of every slice until the end. */
export function fitSurfaces(mode: ArbitrageMode): LineWork<SliceFit> {
  const expiries = expiryCollection(mode)
  return {
    answer(record, line) {
      const fitted = fitSlice(record, mode)
      expiries.add(fitted, idOf(record) ?? line)
      return fitted
    },
    finish: () => expiries.lines(),
  }
}
