// Where a smile is looked at for arbitrage.

/** n nodes (k - m) / sigma, dense around a slice's vertex and out to 4,000 of its widths. */
export function nodesAround(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => Math.sinh(((2 * i) / (n - 1) - 1) * 9))
}
