// The normal distribution to 60 digits by series that share nothing with the code under test.
import { all, type BigNumber, create } from 'mathjs'

const big = create(all ?? {}, { number: 'BigNumber', precision: 64 })

/** The very double, not its shortest decimal. */
export function exactly(x: number): BigNumber {
  let whole = x
  let halvings = 0
  for (; !Number.isInteger(whole); halvings += 1) whole *= 2
  return big.bignumber(BigInt(whole).toString()).div(big.bignumber(2).pow(halvings))
}

const SQRT_2_PI = big.bignumber(-1).acos().times(2).sqrt()

export function bigPdf(x: BigNumber): BigNumber {
  return x.times(x).div(-2).exp().div(SQRT_2_PI)
}

/** P(X <= x): a Taylor series near zero, Laplace's continued fraction further out. */
export function bigCdf(x: BigNumber): BigNumber {
  if (x.gt(7)) return bigCdf(x.neg()).neg().plus(1)
  if (x.gt(-7)) {
    let term = x
    let sum = x
    for (let k = 1; term.abs().gt('1e-62'); k += 1) {
      term = term
        .times(x)
        .times(x)
        .div(2 * k + 1)
      sum = sum.plus(term)
    }
    return bigPdf(x).times(sum).plus(0.5)
  }
  let tail = x.neg()
  for (let k = 320; k >= 1; k -= 1) tail = big.bignumber(k).div(tail).minus(x)
  return bigPdf(x).div(tail)
}

export function relativeError(got: number, reference: BigNumber): number {
  return exactly(got).div(reference).minus(1).abs().toNumber()
}
