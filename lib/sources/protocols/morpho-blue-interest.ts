// Interest and shares of Morpho Blue in its own whole-number arithmetic: what its next touch would record, and how it rounds.

/** Of one market; fee is a fraction with 18 decimals. */
export interface MarketTotals {
  readonly supplyAssets: bigint
  readonly supplyShares: bigint
  readonly borrowAssets: bigint
  readonly borrowShares: bigint
  /** Seconds. */
  readonly lastUpdate: bigint
  readonly fee: bigint
}

const wad = 10n ** 18n
/** Shares and an asset that nobody owns, so that the first depositor cannot set the price of a share. */
const virtualShares = 1_000_000n
const virtualAssets = 1n

/**
 * The totals at an instant: debt grows by e^(rate x seconds) - 1 to the third order, lenders get all of it, and the fee is paid
 * in new shares of theirs. Morpho Blue (2023), accrual of interest.
 * @param rate per second, 18 decimals
 */
export function accruedTo(at: bigint, totals: MarketTotals, rate: bigint): MarketTotals {
  const elapsed = at - totals.lastUpdate
  if (elapsed <= 0n) return totals
  const first = rate * elapsed
  const second = (first * first) / (2n * wad)
  const third = (second * first) / (3n * wad)
  const interest = (totals.borrowAssets * (first + second + third)) / wad
  const supplyAssets = totals.supplyAssets + interest
  const fee = (interest * totals.fee) / wad
  const feeShares = (fee * (totals.supplyShares + virtualShares)) / (supplyAssets - fee + virtualAssets)
  return {
    ...totals,
    lastUpdate: at,
    supplyAssets,
    supplyShares: totals.supplyShares + feeShares,
    borrowAssets: totals.borrowAssets + interest,
  }
}

/** What shares of the supply are worth, rounded down as in a withdrawal. */
export function suppliedAssets(shares: bigint, { supplyAssets, supplyShares }: MarketTotals): bigint {
  return (shares * (supplyAssets + virtualAssets)) / (supplyShares + virtualShares)
}

/** What shares of the debt owe, rounded up as in a repayment. */
export function borrowedAssets(shares: bigint, { borrowAssets, borrowShares }: MarketTotals): bigint {
  const [numerator, denominator] = [shares * (borrowAssets + virtualAssets), borrowShares + virtualShares]
  return (numerator + denominator - 1n) / denominator
}
