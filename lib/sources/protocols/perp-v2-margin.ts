// One vault secures all markets of an account on Perp v2: how much of it stands behind each, so that every contract can be valued and stressed by itself.

/** All amounts have 18 decimals; those of the vault are in its settlement token. */
export interface OpenMarket {
  /** Below 0 is short. */
  readonly size: bigint
  /** By the protocol's own price. */
  readonly value: bigint
  /** What was received for it: below 0 for a long. */
  readonly openNotional: bigint
  /** Owed by the account. */
  readonly pendingFunding: bigint
}

export interface SecuredMarket {
  readonly entryPrice: bigint
  /** Of the settlement token. */
  readonly margin: bigint
  /** Part of all further collateral. */
  readonly share: readonly [part: bigint, whole: bigint]
}

/** Of sizes, notionals, prices and profits, whatever the settlement token has. */
export const perpDecimals = 18
const scale = 10n ** BigInt(perpDecimals)
export const magnitude = (value: bigint) => (value < 0n ? -value : value)

/** What a market would pay if it were closed at the protocol's price. */
export function profitOf({ value, openNotional, pendingFunding }: Omit<OpenMarket, 'size'>): bigint {
  return value + openNotional - pendingFunding
}

/**
 * Each market is given that part of the account's equity which it has of the maintenance margin, so that the margin ratio of each is the account's own.
 * Together they hold what the account holds, to a unit a market.
 * @param cash settlement tokens without the profits of `markets`
 * @param markets with a size and a value
 */
export function securedMarkets(cash: bigint, markets: readonly OpenMarket[]): readonly SecuredMarket[] {
  const whole = markets.reduce((sum, { value }) => sum + magnitude(value), 0n)
  const equity = markets.reduce((sum, market) => sum + profitOf(market), cash)
  return markets.map((market) => {
    const part = magnitude(market.value)
    const { entryPrice, remainder } = entryOf(market)
    return { entryPrice, margin: (equity * part) / whole - profitOf(market) + remainder, share: [part, whole] }
  })
}

/**
 * size x (price - entry) is value + open notional, up to a remainder in the settlement token. Makers may have earned more than a long has cost: an entry
 * below 0 is none, so that theirs is the protocol's price and the rest is paid.
 */
function entryOf({ size, value, openNotional }: OpenMarket): {
  readonly entryPrice: bigint
  readonly remainder: bigint
} {
  const average = (-openNotional * scale) / size
  const entryPrice = average > 0n ? average : (value * scale) / size
  return { entryPrice, remainder: openNotional + (size * entryPrice) / scale }
}
