// A snapshot's prices as a market to value in, through one of two lenses: what we value with, or what the protocol believes.

import type { AssetRate, Market } from '../instruments/market/market.ts'
import { withMarketData } from '../instruments/market/parse-market.ts'
import type { AssetSymbol, Underlying } from '../model/identity.ts'
import { referenceAsset } from '../model/reference-asset.ts'
import type { AssetPrice, Snapshot } from '../model/snapshot.ts'

/** `feed`: the answer of the price feed. `protocol`: the lending protocol's oracle, or the feed where it names no price. */
export type Lens = 'feed' | 'protocol'

/**
 * Assets without a price are absent from the market, so that valuing them throws `no-price`; a price that is not above 0 is no price.
 *
 * The spot of an underlying is the price of its reference asset: the one called like it, or like it with a W in front, else the first configured;
 * on the home chain, else on a further one.
 * Without the reference's price the whole underlying has none: the price of wstETH must not pass for that of ETH.
 */
export function marketThrough(lens: Lens, snapshot: Pick<Snapshot, 'at' | 'prices' | 'marketData'>): Market {
  const spot: Record<Underlying, number> = {}
  const exchangeRates: Record<AssetSymbol, AssetRate> = {}
  for (const underlying of new Set(snapshot.prices.map((one) => one.underlying))) {
    const group = snapshot.prices.filter((one) => one.underlying === underlying)
    const reference = referencePrice(lens, underlying, group)
    const usd = reference === undefined ? undefined : priceThrough(lens, reference)
    if (usd === undefined) continue
    spot[underlying] = usd
    // What is written on the underlying itself, an option on ETH, reads it by its own name.
    exchangeRates[underlying] = { underlying, rate: 1 }
    for (const one of group) {
      const price = priceThrough(lens, one)
      if (price !== undefined) exchangeRates[one.asset] = { underlying, rate: one === reference ? 1 : price / usd }
    }
  }
  const prices = { at: snapshot.at, spot, exchangeRates }
  return snapshot.marketData === undefined ? prices : withMarketData(prices, snapshot.marketData)
}

/** The price that stands for an underlying, with or without a number in it. */
export function referencePrice(
  lens: Lens,
  underlying: Underlying,
  prices: readonly AssetPrice[],
): AssetPrice | undefined {
  return referenceAsset(underlying, prices, {
    symbolOf: ({ asset }) => asset,
    isPriced: (one) => priceThrough(lens, one) !== undefined,
  })
}

/** Assets whose protocol price is missing, so that the feed stands in for it. */
export function withoutProtocolPrice(snapshot: Pick<Snapshot, 'prices'>): ReadonlySet<AssetSymbol> {
  return new Set(
    snapshot.prices
      .filter((one) => positive(one.protocolUsd) === undefined && positive(one.usd) !== undefined)
      .map((one) => one.asset),
  )
}

function priceThrough(lens: Lens, price: AssetPrice): number | undefined {
  return lens === 'protocol' ? (positive(price.protocolUsd) ?? positive(price.usd)) : positive(price.usd)
}

function positive(usd: number | undefined): number | undefined {
  return usd !== undefined && Number.isFinite(usd) && usd > 0 ? usd : undefined
}
