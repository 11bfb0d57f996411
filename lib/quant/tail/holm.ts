// Many tests at once: a p-value of 0.01 is nothing rare among a hundred of them.
import { outOfDomain } from '../out-of-domain.ts'

/**
 * Holm (1979), "A simple sequentially rejective multiple test procedure": p-values adjusted for their number, in the order
 * given. What is below a level after adjustment is rejected with that probability of any false rejection in the family,
 * whatever the dependence between the tests. Throws `out-of-domain` for a p-value outside of 0..1.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const bad = pValues.findIndex((p) => !(p >= 0 && p <= 1))
  if (bad >= 0) throw outOfDomain('holm', 'p-values from 0 to 1.', { bad, value: pValues[bad] ?? 0 })
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const adjusted = new Array<number>(pValues.length).fill(1)
  let most = 0
  for (const [rank, { p, index }] of order.entries()) {
    most = Math.max(most, Math.min(1, (pValues.length - rank) * p))
    adjusted[index] = most
  }
  return adjusted
}
