// The values of some lines of a book together in each scenario, netted where that proves itself, or the name of the position that has none.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import { type Revaluation, revalue } from '../../quant/revaluation.ts'
import type { BookGroup, BookPlan } from './plan-book.ts'
import { explained } from './revaluation-failed.ts'

export interface Netting {
  /** `none`: everything directly. Absent: `log-spot`. */
  readonly netting?: 'log-spot' | 'none'
  /** Knots of the first spline that is tried, 8 or more; absent: 129. */
  readonly nodes?: number
  /** Greatest error of a net as a fraction of its gross; absent: 1e-6. */
  readonly tolerance?: number
}

/** Adds the sum of the group's lines in each scenario to `out` (n), and says how. @throws HomeostatError `revaluation-failed` */
export function addGroup(group: BookGroup, plan: BookPlan, netting: Netting, out: Float64Array): Revaluation {
  const { staged, positions } = plan
  const { rows, count } = staged
  // The first scenario is the base: there every line has a value, if it has one in all scenarios.
  const base = Float64Array.from(staged.factors, (_, row) => rows[row * count] as number)
  const { netting: how, nodes, tolerance } = netting
  try {
    const revaluation = revalue({
      kernels: group.kernels,
      scenarios: rows,
      base,
      ...(how === undefined ? {} : { netting: how }),
      ...(nodes === undefined ? {} : { nodes }),
      ...(tolerance === undefined ? {} : { tolerance }),
    })
    for (let j = 0; j < count; j += 1) out[j] = (out[j] as number) + (revaluation.pnl[j] as number) + revaluation.base
    return revaluation
  } catch (cause) {
    const { kernel, scenario } = isHomeostatError(cause) ? cause.facts : {}
    if (typeof kernel !== 'number' || typeof scenario !== 'number') throw cause
    throw explained({ positions, indices: group.lines[kernel] ?? [], staged, scenario })
  }
}
