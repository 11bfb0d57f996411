// Sixty-four-digit arithmetic and seeded numbers for the tests of curves; nothing here is shared with the code under test.
import { all, type BigNumber, create } from 'mathjs'

export const big = create(all ?? {}, { number: 'BigNumber', precision: 64 })

/** The very double, not its shortest decimal. */
export function exactly(x: number): BigNumber {
  if (!Number.isFinite(x)) throw new Error(`${x} is not a number that a kernel may give`)
  let whole = x
  let halvings = 0
  for (; !Number.isInteger(whole); halvings += 1) whole *= 2
  return big.bignumber(BigInt(whole).toString()).div(big.bignumber(2).pow(halvings))
}

/** abs(got - reference) / abs(scale), the scale being the reference unless told. */
export function errorOf(got: number, reference: BigNumber, scale: BigNumber = reference): number {
  const error = exactly(got).minus(reference).abs()
  return error.isZero() ? 0 : error.div(scale.abs()).toNumber()
}

/** Deterministic numbers in 0..1: the seed is part of the test (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
