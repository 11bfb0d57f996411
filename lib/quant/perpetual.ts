// Linear and inverse perpetual futures: fair mark, profit, delta and funding, with the sign of funding said once.
import { outOfDomain } from './out-of-domain.ts'

/** Funding above 0: long pays, short receives. Sizes: above 0 is long. */
interface FairMark {
  /** Price of the underlying, in the quote currency. */
  readonly index: number
  /** How fast the premium is charged: mark - index is paid in full once per 1/kappa years (8 hours: kappa = 1,095). */
  readonly kappa: number
  /** Interest part of funding a year, a fraction of the index, paid by long on top of the premium. */
  readonly iota: number
  /** Rate of the quote currency and of the underlying (staking, lending) a year, continuous. */
  readonly rateQuote: number
  readonly rateBase: number
}

/**
 * Fair mark of a linear perpetual whose long pays kappa (mark - index) + iota index a year, in quote: index (kappa -
 * iota) / (kappa + r_base - r_quote). Domain: index above 0, both factors above 0, finite; else `out-of-domain`.
 * Ackerer, Hugonnier & Jermann (2024), "Perpetual futures pricing".
 */
export function linearPerpetualMark(params: FairMark): number {
  const { index, kappa, iota, rateQuote, rateBase } = params
  return fairMark('linearPerpetualMark', params, index, kappa - iota, kappa + rateBase - rateQuote)
}

/**
 * Fair mark of an inverse perpetual (paid in the underlying) whose long pays kappa (1/index - 1/mark) + iota/index a
 * year, in coin per unit of quote: index (kappa + r_quote - r_base) / (kappa + iota). Domain and source as
 * `linearPerpetualMark`.
 */
export function inversePerpetualMark(params: FairMark): number {
  const { index, kappa, iota, rateQuote, rateBase } = params
  return fairMark('inversePerpetualMark', params, index, kappa + rateQuote - rateBase, kappa + iota)
}

function fairMark(kernel: string, params: FairMark, index: number, above: number, below: number): number {
  const mark = (index * above) / below
  if (!(index > 0 && above > 0 && below > 0 && Number.isFinite(mark))) {
    throw outOfDomain(
      kernel,
      'The index has to be above 0, and kappa to exceed what interest and carry take from it.',
      { ...params },
    )
  }
  return mark
}

interface Holding {
  /** Linear: units of the underlying. Inverse: units of quote (contracts x contract value). Above 0 is long. */
  readonly size: number
  /** Average entry price and present mark, quote per underlying. */
  readonly entry: number
  readonly mark: number
}

/** What an open perpetual has earned, funding apart, and how it moves with its mark. */
export interface PerpetualState {
  /** In the currency that the contract is paid in: quote if linear, the underlying if inverse. */
  readonly profit: number
  /** The same in quote at the mark. */
  readonly profitQuote: number
  /** d profitQuote / d mark, units of the underlying; the second derivative is 0. */
  readonly delta: number
  /** abs(size) at the mark, in the currency that the contract is paid in. */
  readonly notional: number
}

/**
 * Linear: profit = size (mark - entry) in quote, delta = size. Domain: entry and mark above 0, finite; else
 * `out-of-domain`.
 */
export function linearPerpetual(params: Holding): PerpetualState {
  const { size, entry, mark } = params
  checkHolding('linearPerpetual', params)
  const profit = size * (mark - entry)
  return { profit, profitQuote: profit, delta: size, notional: Math.abs(size) * mark }
}

/**
 * Inverse: profit = size (1/entry - 1/mark) in coin, size (mark/entry - 1) in quote at the mark, so that delta =
 * size/entry. What margin is held in coin has a delta of its own, not counted here. Domain: entry and mark above 0,
 * finite; else `out-of-domain`.
 */
export function inversePerpetual(params: Holding): PerpetualState {
  const { size, entry, mark } = params
  checkHolding('inversePerpetual', params)
  const profitQuote = size * ((mark - entry) / entry)
  return { profit: profitQuote / mark, profitQuote, delta: size / entry, notional: Math.abs(size) / mark }
}

function checkHolding(kernel: string, { size, entry, mark }: Holding): void {
  if (!(entry > 0 && mark > 0 && Number.isFinite(size) && entry + mark < Number.POSITIVE_INFINITY)) {
    throw outOfDomain(kernel, 'Entry and mark have to be above 0, all finite.', { size, entry, mark })
  }
}

/**
 * What the holder receives (below 0: pays) as funding over `years` at a constant rate: - size-signed notional x
 * ratePerYear x years, in the currency that the contract is paid in. `notional` is signed here: above 0 is long.
 * Convention: funding above 0, long pays. Domain: finite, years >= 0.
 */
export function fundingCarry(params: {
  readonly notional: number
  readonly ratePerYear: number
  readonly years: number
}): number {
  const { notional, ratePerYear, years } = params
  const paid = notional * ratePerYear * years
  if (!(years >= 0 && Number.isFinite(paid))) {
    throw outOfDomain('fundingCarry', 'Everything has to be finite, years 0 or above.', { ...params })
  }
  return paid === 0 ? 0 : -paid
}
