// Three views of every asset's price side by side: the feed's, the lending protocol's, the market's.

import type { Usd } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { PoolPriceReading, Reading } from '../model/reading.ts'
import type { AssetPrice } from '../model/snapshot.ts'
import { assetState } from './quality.ts'

interface PricesParams {
  readonly reading: Pick<Reading, 'at' | 'feeds' | 'protocolPrices' | 'poolPrices' | 'gaps'>
  readonly assets: readonly AssetConfig[]
}

/** One entry for each configured asset, in the order given. */
export function assetPrices(params: PricesParams): readonly AssetPrice[] {
  return params.assets.map((asset) => assetPrice(params, asset))
}

function assetPrice({ reading, assets }: PricesParams, asset: AssetConfig): AssetPrice {
  const { symbol, underlying, feed } = asset
  const answer = reading.feeds.find((one) => one.asset === symbol)
  const protocolUsd = reading.protocolPrices.find((one) => one.asset === symbol)?.usd
  const market = marketPrice({ reading, assets }, symbol)
  const marketUsd = market?.usd
  // Without a lending protocol the feed is all that anybody believes.
  const believed = protocolUsd ?? answer?.usd
  const ageSeconds = answer === undefined ? undefined : Math.max(0, reading.at - answer.updatedAt)
  const state = assetState({ asset, gaps: reading.gaps, usd: answer?.usd, ageSeconds, protocolUsd, market })
  return {
    asset: symbol,
    underlying,
    heartbeatSeconds: feed.heartbeatSeconds,
    dataState: state,
    ...(answer === undefined ? {} : { usd: answer.usd, updatedAt: answer.updatedAt }),
    ...(ageSeconds === undefined ? {} : { ageSeconds }),
    ...(protocolUsd === undefined ? {} : { protocolUsd }),
    ...(marketUsd === undefined ? {} : { marketUsd }),
    ...(marketUsd === undefined || believed === undefined ? {} : { lensGap: marketUsd / believed - 1 }),
  }
}

/** What the deepest pool pays in which the asset is the base; undefined without a pool or a price of its quote. */
function marketPrice(
  { reading, assets }: PricesParams,
  symbol: AssetSymbol,
): { readonly depthUsd: Usd; readonly usd: Usd } | undefined {
  let deepest: { readonly depthUsd: Usd; readonly usd: Usd } | undefined
  for (const pool of reading.poolPrices.filter(({ base }) => base === symbol)) {
    const quoteUsd = reading.feeds.find(({ asset }) => asset === pool.quote)?.usd
    const depthUsd = quoteUsd === undefined ? undefined : depth(assets, pool) * quoteUsd
    if (quoteUsd === undefined || depthUsd === undefined) continue
    if (deepest === undefined || depthUsd > deepest.depthUsd) deepest = { depthUsd, usd: pool.price * quoteUsd }
  }
  return deepest
}

/** Virtual reserve of the quote, L x sqrt(P) in whole tokens: how much moves the price by a given small fraction. */
function depth(assets: readonly AssetConfig[], { base, quote, price, liquidity }: PoolPriceReading): number {
  const decimalsOf = (symbol: AssetSymbol) => assets.find((asset) => asset.symbol === symbol)?.decimals ?? 18
  const wholeLiquidity = Number(liquidity) / 10 ** ((decimalsOf(base) + decimalsOf(quote)) / 2)
  return wholeLiquidity * Math.sqrt(price)
}
