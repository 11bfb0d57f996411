// Where a value stands among others: a threshold that needs no unit.

/**
 * Share of the values below it, ties counted half: 0 below all, 1 above all.
 * @returns undefined where there are no values
 */
export function percentileRank(values: ArrayLike<number>, value: number): number | undefined {
  if (values.length === 0) return undefined
  let rank = 0
  for (let i = 0; i < values.length; i += 1) {
    const other = values[i] as number
    if (other < value) rank += 1
    else if (other === value) rank += 0.5
  }
  return rank / values.length
}
