// Correlations over years, followed one date at a time, for the absorption ratio.

/** Plain data; packed by rows of the upper triangle. */
export interface SlowCorrelation {
  readonly assets: number
  /** Sums of weight x z_i z_j, z_i^2 and z_j^2 over the dates that have both. */
  readonly products: readonly number[]
  readonly squaresI: readonly number[]
  readonly squaresJ: readonly number[]
}

export function startSlowCorrelation(assets: number): SlowCorrelation {
  const packed = new Array<number>((assets * (assets + 1)) / 2).fill(0)
  return { assets, products: packed, squaresI: packed, squaresJ: packed }
}

/**
 * One date further. Weights halve every `halfLife` dates and have no edge: those beyond the 500 dates of Kritzman et al. (2011) still count for a quarter.
 * @param z standardised returns
 */
export function updateSlowCorrelation(
  state: SlowCorrelation,
  z: readonly (number | undefined)[],
  halfLife: number,
): SlowCorrelation {
  const { assets } = state
  const kept = 0.5 ** (1 / halfLife)
  const [products, squaresI, squaresJ] = [state.products.slice(), state.squaresI.slice(), state.squaresJ.slice()]
  let k = 0
  for (let i = 0; i < assets; i += 1) {
    const a = z[i]
    if (a === undefined) {
      k += assets - i
      continue
    }
    for (let j = i; j < assets; j += 1, k += 1) {
      const b = z[j]
      if (b === undefined) continue
      products[k] = kept * (products[k] as number) + a * b
      squaresI[k] = kept * (squaresI[k] as number) + a * a
      squaresJ[k] = kept * (squaresJ[k] as number) + b * b
    }
  }
  return { assets, products, squaresI, squaresJ }
}

/** n x n by rows; undefined as long as an asset has not moved. A pair that was never seen together has no correlation. */
export function slowMatrix({ assets, products, squaresI, squaresJ }: SlowCorrelation): Float64Array | undefined {
  const matrix = new Float64Array(assets * assets)
  let k = 0
  for (let i = 0; i < assets; i += 1)
    for (let j = i; j < assets; j += 1, k += 1) {
      const scale = Math.sqrt((squaresI[k] as number) * (squaresJ[k] as number))
      if (i === j && !(scale > 0)) return undefined
      const value = scale > 0 ? (products[k] as number) / scale : 0
      matrix[i * assets + j] = value
      matrix[j * assets + i] = value
    }
  return matrix
}
