// Parts of many positions' changes gathered by figure and by cause, and closed so that they sum.

import type { FigureChange } from '../../model/figure-change.ts'
import type { ChangeSplit } from './split-change.ts'

export interface ChangeSum {
  readonly add: (figure: string, cause: string, change: number, method?: ChangeSplit['method']) => void
  /** Nothing where the figure did not change. `gross`: what its rounding is measured by. */
  readonly close: (
    figure: string,
    ends: { readonly from: number; readonly to: number; readonly gross: number },
  ) => readonly FigureChange[]
}

/** Of the gross: less is rounding, and goes to the largest part; more is told as `not explained`. */
const rounding = 1e-9

export function changeSum(): ChangeSum {
  const sums = new Map<string, Map<string, number>>()
  const methods = new Map<string, Set<ChangeSplit['method']>>()
  return {
    add: (figure, cause, change, method) => {
      const parts = sums.get(figure) ?? new Map<string, number>()
      parts.set(cause, (parts.get(cause) ?? 0) + change)
      sums.set(figure, parts)
      if (method !== undefined) methods.set(figure, (methods.get(figure) ?? new Set()).add(method))
    },
    close: (figure, { from, to, gross }) => {
      const change = to - from
      const parts = [...(sums.get(figure) ?? [])].filter(([, part]) => part !== 0)
      if (change === 0 && parts.length === 0) return []
      const sorted = parts.toSorted(([, one], [, other]) => Math.abs(other) - Math.abs(one))
      const rest = change - sorted.reduce((sum, [, part]) => sum + part, 0)
      const [largest, ...others] = sorted
      const closed: (readonly [string, number])[] =
        largest !== undefined && Math.abs(rest) <= rounding * Math.max(gross, Math.abs(from), Math.abs(to))
          ? [[largest[0], largest[1] + rest], ...others]
          : [...sorted, ...(rest === 0 ? [] : [['not explained', rest] as const])]
      const [method = 'shapley', other] = [...(methods.get(figure) ?? [])]
      return [
        {
          figure,
          from,
          to,
          parts: closed.map(([cause, part]) => ({ cause, change: part })),
          method: other === undefined ? method : 'mixed',
        },
      ]
    },
  }
}
