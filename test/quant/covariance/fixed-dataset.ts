// The data set that the published covariance and regime numbers were computed on, made anew from its generator.
import { normalQuantile } from '../../../lib/quant/normal.ts'

/** 260 dates of 10 assets with one common factor, from a linear congruential generator with seed 42. */
export function fixedDataset(): readonly Float64Array[] {
  let x = 42
  const normal = () => {
    x = (Math.imul(1664525, x) + 1013904223) >>> 0
    return normalQuantile((x + 0.5) / 4294967296)
  }
  return Array.from({ length: 260 }, () => {
    const z = Float64Array.from({ length: 11 }, normal)
    return Float64Array.from({ length: 10 }, (_, j) => 0.02 * (0.6 * (z[0] ?? 0) + 0.8 * (z[j + 1] ?? 0)))
  })
}
