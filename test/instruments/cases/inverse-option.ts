import type { InstrumentCase } from '../instrument-case.ts'
import { europeanTerms, isWideEnough, optionGross, refusedOptions, wildEuropeanTerms } from './vanilla-option.ts'

export const inverseOptionCase: InstrumentCase<'inverse-option'> = {
  terms: europeanTerms,
  wild: wildEuropeanTerms,
  gross: optionGross,
  isSmooth: isWideEnough,
  refused: [...refusedOptions, { change: { settlementPrice: 0 }, says: /settlementPrice: must be above 0/ }],
}
