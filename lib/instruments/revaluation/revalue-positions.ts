// What each position of a book gains or loses in each of many scenarios: the book's profit and loss attributed.

import type { HomeostatError } from '../../base/homeostat-error.ts'
import { type BookPart, groupPart, linearParts } from './book-part.ts'
import type { Netting } from './netting.ts'
import { type BookGroup, type BookParams, type BookPlan, planBook } from './plan-book.ts'
import { explained, tooLarge } from './revaluation-failed.ts'
import { addGroup } from './revalue-group.ts'

export interface PositionsRevaluation {
  /** Positions x n by rows, USD: position i in scenario j less its value in the market as it is, at i n + j. */
  readonly pnl: Float64Array
  /** n: sums over the positions. */
  readonly total: Float64Array
  /** Each position in the market as it is. */
  readonly base: Float64Array
  readonly parts: readonly BookPart[]
}

/**
 * As `revalueBook`, position by position: lines are valued directly, except for positions that are valued one by one, which are netted each on their own where
 * that holds. `total` equals what `revalueBook` gives with `netting: 'none'` in both to 1e-9 of gross, else to its tolerance. Memory: 8 bytes x positions x n.
 * @throws HomeostatError as `revalueBook`
 */
export function revaluePositions(params: BookParams & Netting): PositionsRevaluation {
  const plan = planBook({ ...params, netting: 'none' })
  const { positions, staged, base, constant, holdings, groups } = plan
  const { count, rows } = staged
  const pnl = new Float64Array(positions.length * count)
  for (const index of positions.keys())
    pnl.fill((constant[index] as number) - (base[index] as number), index * count, (index + 1) * count)
  for (const { position, row, units } of holdings) {
    const [to, from] = [position * count, row * count]
    for (let j = 0; j < count; j += 1) pnl[to + j] = (pnl[to + j] as number) + units * (rows[from + j] as number)
  }
  const parts = groups.map((group) => {
    if (group.method !== 'one by one') return addLines(group, plan, pnl)
    const index = group.lines[0]?.[0] ?? 0
    return groupPart(group, plan, addGroup(group, plan, params, pnl.subarray(index * count, (index + 1) * count)))
  })
  const total = new Float64Array(count)
  for (const index of positions.keys())
    for (let j = 0; j < count; j += 1) total[j] = (total[j] as number) + (pnl[index * count + j] as number)
  for (let j = 0; j < count; j += 1) if (!Number.isFinite(total[j])) throw failed(pnl, plan)
  return { pnl, total, base, parts: [...linearParts(plan), ...parts] }
}

function addLines(group: BookGroup, plan: BookPlan, pnl: Float64Array): BookPart {
  const { rows, count } = plan.staged
  for (const [k, kernel] of group.kernels.entries()) {
    const values = new Float64Array(kernel.lines * count)
    kernel.values(
      kernel.factors.map((row) => rows.subarray(row * count, (row + 1) * count)),
      values,
    )
    for (const [line, index] of (group.lines[k] ?? []).entries()) {
      const [to, from] = [index * count, line * count]
      for (let j = 0; j < count; j += 1) pnl[to + j] = (pnl[to + j] as number) + (values[from + j] as number)
    }
  }
  return groupPart(group, plan)
}

/** Names the position; where each row is finite and their sum is not, the scenario alone. */
function failed(pnl: Float64Array, { positions, staged }: BookPlan): HomeostatError {
  const found = pnl.findIndex((value) => !Number.isFinite(value))
  const index = Math.floor(found / staged.count)
  return found < 0
    ? tooLarge()
    : explained({ positions, indices: [index], staged, scenario: found - index * staged.count })
}
