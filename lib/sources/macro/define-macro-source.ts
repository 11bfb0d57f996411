// The shape of every public place that tells dated values of the wider world as CSV: how to ask it, and how to read its dates.

import type { UnixSeconds } from '../../base/units.ts'
import type { CloseTime } from './close-instant.ts'

export interface MacroSource<Name extends string = string> {
  readonly name: Name
  /** One line for people. */
  readonly title: string
  /** Where its format is documented. */
  readonly documentation: string
  readonly baseUrl: string
  /** What an id looks like, whole. */
  readonly idPattern: RegExp
  /** Such as it is written in a configuration. */
  readonly exampleId: string
  /** Months come first in its dates (`us`), or it writes them as ISO 8601. */
  readonly dates: 'iso' | 'us'
  /** When the value of a date is made. */
  readonly closeOf: (id: string) => CloseTime
  /** Path and query; values of other dates may come along. */
  readonly pathOf: (asked: { readonly id: string; readonly from: UnixSeconds; readonly to: UnixSeconds }) => string
}

export function defineMacroSource<const Name extends string>(source: MacroSource<Name>): MacroSource<Name> {
  return source
}
