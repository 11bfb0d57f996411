// Maintenance margin in tiers, the prices between which an account is safe, and margin from several kinds of
// collateral.
import { outOfDomain } from './out-of-domain.ts'

/**
 * From a notional of `floor` on, each further unit needs `rate` as maintenance margin. The first floor is 0; rates rise
 * and are below 1.
 */
export interface MarginTier {
  readonly floor: number
  readonly rate: number
}

/**
 * Maintenance margin of a notional, in its unit: piecewise linear, convex and continuous (rate x notional less the
 * "maintenance amount" in exchanges' tables). Domain: notional 0 or above, tiers as `MarginTier` says, at least one;
 * else `out-of-domain`.
 */
export function maintenanceMargin(params: {
  readonly notional: number
  readonly tiers: readonly MarginTier[]
}): number {
  const { notional, tiers } = params
  checkTiers('maintenanceMargin', tiers)
  if (!(notional >= 0 && notional < Number.POSITIVE_INFINITY)) {
    throw outOfDomain('maintenanceMargin', 'The notional has to be 0 or above and finite.', { notional })
  }
  let margin = 0
  for (const [k, { floor, rate }] of tiers.entries()) {
    const end = Math.min(tiers[k + 1]?.floor ?? notional, notional)
    if (end > floor) margin += rate * (end - floor)
  }
  return margin
}

/**
 * Where equity covers the maintenance margin: from `lower` to `upper` (absent: without end on that side), or nowhere.
 */
export type SafePrices =
  | { readonly kind: 'between'; readonly lower: number | undefined; readonly upper: number | undefined }
  | { readonly kind: 'nowhere' }

interface MarginedHolding {
  /** Linear: units of the underlying; inverse: units of quote. Above 0 is long. */
  readonly size: number
  readonly entry: number
  /**
   * Equity that does not move with the price (after haircuts, less other holdings' maintenance), in the currency that
   * the contract is paid in.
   */
  readonly margin: number
  /** Of notional in the same currency. */
  readonly tiers: readonly MarginTier[]
  /**
   * Collateral that is held apart from the contract's currency, after its haircut; debts in it are below 0. Linear: what
   * moves one to one with the price, in units of the underlying. Inverse: what is constant in quote, in units of quote.
   */
  readonly collateralUnits?: number
}

/**
 * The prices at which a linear perpetual is not liquidated: margin + size (P - entry) + collateralUnits P >=
 * maintenanceMargin(abs(size) P). Liquidation prices are `lower` (for a fall) and `upper` (for a rise). Both can be
 * there: collateral makes the left side rise with P. Exact per tier (no search). Domain: entry above 0, everything
 * finite; else `out-of-domain`.
 */
export function linearLiquidation(params: MarginedHolding): SafePrices {
  const { size, entry, margin, tiers, collateralUnits = 0 } = params
  checkTiers('linearLiquidation', tiers)
  if (!(entry > 0 && [size, entry, margin, collateralUnits].every(Number.isFinite))) {
    throw outOfDomain('linearLiquidation', 'Entry above 0, everything finite.', {
      size,
      entry,
      margin,
      collateralUnits,
    })
  }
  // Equity less maintenance margin is concave: g(P) = (margin - size entry + amount) + slope P in each tier, amount
  // being the tier's.
  const atZero = margin - size * entry
  const firstSlope = size + collateralUnits - Math.abs(size) * (tiers[0]?.rate ?? 0)
  let lower = atZero > 0 || (atZero === 0 && firstSlope >= 0) ? 0 : undefined
  let amount = 0
  for (const [k, { floor, rate }] of tiers.entries()) {
    amount += floor * (rate - (tiers[k - 1]?.rate ?? rate))
    const slope = size + collateralUnits - Math.abs(size) * rate
    const next = tiers[k + 1]?.floor
    const end = next === undefined || size === 0 ? Number.POSITIVE_INFINITY : next / Math.abs(size)
    if (lower === undefined && slope <= 0) return { kind: 'nowhere' }
    const crossing = Math.max(-(atZero + amount) / slope, floor / Math.abs(size) || 0)
    if (lower === undefined && crossing <= end) lower = crossing
    else if (lower !== undefined && slope < 0 && crossing <= end) return between(lower, Math.max(crossing, lower))
  }
  return lower === undefined ? { kind: 'nowhere' } : between(lower, undefined)
}

function between(lower: number, upper: number | undefined): SafePrices {
  return { kind: 'between', lower: lower === 0 ? undefined : lower, upper }
}

/**
 * The same for an inverse perpetual, margin, tiers and notional in coin: in u = 1/P it is a linear one of size -size
 * entered at 1/entry, and what is constant in quote is what moves one to one with u.
 */
export function inverseLiquidation(params: MarginedHolding): SafePrices {
  const { size, entry } = params
  if (!(entry > 0)) throw outOfDomain('inverseLiquidation', 'Entry has to be above 0.', { entry })
  const safe = linearLiquidation({ ...params, size: -size, entry: 1 / entry })
  if (safe.kind === 'nowhere') return safe
  return {
    kind: 'between',
    lower: safe.upper === undefined ? undefined : 1 / safe.upper,
    upper: safe.lower === undefined ? undefined : 1 / safe.lower,
  }
}

/** One kind of collateral, or debt below 0, in a shared margin account. */
interface Collateral {
  readonly amount: number
  /** USD. */
  readonly price: number
  /** 0..1 of the value is not counted; debts count in full. */
  readonly haircut: number
}

export interface CrossMargin {
  /** USD: collateral after haircuts, less debts, plus unrealised profit. */
  readonly equity: number
  /** USD left before liquidation; below 0: liquidatable. */
  readonly excess: number
  /** maintenance / equity: 1 or above is liquidatable; absent without equity (equity at or below 0). */
  readonly ratio: number | undefined
}

/**
 * Margin of an account that pledges several kinds of collateral: sum amount x price x (1 - haircut), debts in full,
 * plus unrealised profit, against the maintenance margin of all holdings together, in USD. Domain: prices and
 * maintenance 0 or above, haircuts within 0..1, finite; else `out-of-domain`.
 */
export function crossMargin(params: {
  readonly collateral: readonly Collateral[]
  readonly unrealised: number
  readonly maintenance: number
}): CrossMargin {
  const { collateral, unrealised, maintenance } = params
  let equity = unrealised
  for (const [index, { amount, price, haircut }] of collateral.entries()) {
    if (!(price >= 0 && haircut >= 0 && haircut <= 1 && Number.isFinite(amount * price))) {
      throw outOfDomain('crossMargin', 'Prices 0 or above, haircuts within 0..1, finite.', {
        index,
        amount,
        price,
        haircut,
      })
    }
    equity += amount * price * (amount > 0 ? 1 - haircut : 1)
  }
  if (!(maintenance >= 0 && Number.isFinite(equity - maintenance))) {
    throw outOfDomain('crossMargin', 'Maintenance 0 or above, everything finite.', { unrealised, maintenance })
  }
  return { equity, excess: equity - maintenance, ratio: equity > 0 ? maintenance / equity : undefined }
}

function checkTiers(kernel: string, tiers: readonly MarginTier[]): void {
  for (const [k, { floor, rate }] of tiers.entries()) {
    const previous = tiers[k - 1]
    const rising = previous === undefined ? floor === 0 : floor > previous.floor && rate >= previous.rate
    if (!(rising && rate >= 0 && rate < 1 && floor < Number.POSITIVE_INFINITY)) {
      throw outOfDomain(kernel, 'Tiers start at 0; floors and rates rise, rates are below 1.', { tier: k, floor, rate })
    }
  }
  if (tiers.length === 0) throw outOfDomain(kernel, 'There has to be a tier.', { tiers: 0 })
}
