// Liquidations that push prices that push others over the edge: the spiral through common collateral, followed to where it stops.
import { outOfDomain } from '../out-of-domain.ts'

/** One account that borrows against several assets. Arrays are by asset. */
export interface Borrower {
  /** Collateral in USD at prices before the shock. */
  readonly collateral: readonly number[]
  /** Share of each asset's value that counts, 0..1. */
  readonly threshold: readonly number[]
  /** USD; it does not move with the shock. */
  readonly debt: number
  /** What liquidators take on top, 0..1: 0.05. */
  readonly bonus: number
}

export interface FireSale {
  /** By asset: price after / price before, the shock included. */
  readonly prices: Float64Array
  /** By asset: USD sold, at prices before the shock. */
  readonly sold: Float64Array
  /** By borrower: share of its collateral that was sold, 0..1. */
  readonly liquidated: Float64Array
  /** USD of debt that selling everything could not repay. */
  readonly badDebt: number
  /** Loss of all collateral by the shock and the sales / by the shock alone; 1 where nobody sells. */
  readonly amplification: number
  readonly rounds: number
}

const MAX_ROUNDS = 100_000
const STILL = 1e-14

/**
 * Cont & Schaanning (2017), "Fire sales, indirect contagion and systemic stress testing": each account under its threshold sells the least share of its collateral
 * (pro rata) that makes it healthy, all of it if none does; sales of V USD lower an asset's price by the factor exp(-V / depth), after which more accounts
 * are under theirs. What was sold stays sold, so shares only rise: the first fixed point is reached from below.
 * @param params.shock by asset: price after / price before, above 0
 * @param params.depth by asset: USD of sales that lower its price to 1 / e (D of the paper); `Infinity`: it never moves
 * @throws HomeostatError `out-of-domain`
 */
export function fireSale(params: {
  readonly borrowers: readonly Borrower[]
  readonly shock: readonly number[]
  readonly depth: readonly number[]
}): FireSale {
  const { borrowers, shock, depth } = params
  check(params)
  const assets = shock.length
  const liquidated = new Float64Array(borrowers.length)
  const prices = Float64Array.from(shock)
  const sold = new Float64Array(assets)
  let rounds = 0
  for (let moved = Number.POSITIVE_INFINITY; moved > STILL && rounds < MAX_ROUNDS; rounds += 1) {
    moved = 0
    for (const [index, borrower] of borrowers.entries()) {
      const before = liquidated[index] as number
      const share = Math.max(before, neededShare(borrower, prices))
      moved = Math.max(moved, share - before)
      liquidated[index] = share
    }
    sold.fill(0)
    for (const [index, { collateral }] of borrowers.entries())
      for (let i = 0; i < assets; i += 1)
        sold[i] = (sold[i] as number) + (liquidated[index] as number) * (collateral[i] as number)
    for (let i = 0; i < assets; i += 1)
      prices[i] = (shock[i] as number) * Math.exp(-(sold[i] as number) / (depth[i] as number))
  }
  let [direct, whole, badDebt] = [0, 0, 0]
  for (const [index, { collateral, debt, bonus }] of borrowers.entries()) {
    let worth = 0
    for (let i = 0; i < assets; i += 1) {
      const own = collateral[i] as number
      direct += own * (1 - (shock[i] as number))
      whole += own * (1 - (prices[i] as number))
      worth += own * (prices[i] as number)
    }
    if (liquidated[index] === 1) badDebt += Math.max(0, debt - worth / (1 + bonus))
  }
  return { prices, sold, liquidated, badDebt, amplification: direct > 0 ? whole / direct : 1, rounds }
}

/** f in (1 - f) W >= D - f V / (1 + bonus), with W what counts and V all at these prices. */
function neededShare({ collateral, threshold, debt, bonus }: Borrower, prices: Float64Array): number {
  let worth = 0
  let counts = 0
  for (let i = 0; i < prices.length; i += 1) {
    const own = (collateral[i] as number) * (prices[i] as number)
    worth += own
    counts += own * (threshold[i] as number)
  }
  if (debt <= counts) return 0
  const gain = worth / (1 + bonus) - counts
  return gain <= 0 ? 1 : Math.min(1, (debt - counts) / gain)
}

function check({ borrowers, shock, depth }: Parameters<typeof fireSale>[0]): void {
  const isShare = (value: number) => value >= 0 && value <= 1
  for (const [asset, factor] of shock.entries())
    if (!(factor > 0 && factor < Number.POSITIVE_INFINITY && (depth[asset] ?? 0) > 0))
      throw outOfDomain('fireSale', 'A shock is a price factor above 0, a depth above 0, one of each an asset.', {
        asset,
        shock: factor,
        depth: depth[asset] ?? Number.NaN,
      })
  for (const [borrower, { collateral, threshold, debt, bonus }] of borrowers.entries()) {
    const isWhole = collateral.length === shock.length && threshold.length === shock.length
    const amounts = [...collateral, debt].every((value) => value >= 0 && value < Number.POSITIVE_INFINITY)
    if (!(isWhole && amounts && threshold.every(isShare) && isShare(bonus)))
      throw outOfDomain(
        'fireSale',
        'A collateral and a threshold (0..1) an asset, a debt of 0 or above, a bonus in 0..1.',
        {
          borrower,
          debt,
          bonus,
        },
      )
  }
}
