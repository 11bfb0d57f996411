// Every asset's price, judged: what its sources say, what the lending protocol believes and what the market pays, side by side.

import type { Usd } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { PriceMemory } from '../model/price-memory.ts'
import type { Reading } from '../model/reading.ts'
import type { AssetPrice } from '../model/snapshot.ts'
import { classOf, lensLimits } from './lens-limits.ts'
import { judgePrice } from './lenses.ts'
import { type LensReading, marketLens, quotesInUsd, type UsdOf } from './market-lens.ts'
import type { DatedOpinion } from './opinions.ts'
import { assetState, strainOf } from './quality.ts'

/** What a pool must pay out until its price is 2 % lower, to speak against a feed: anybody can open a small one at any price. */
const depthThatCounts: Usd = 25_000
/** So many prices down, what a pool quotes in is converted by its feed alone. */
const farthestPools = 2

export interface PricesParams {
  readonly reading: Pick<Reading, 'at' | 'feeds' | 'protocolPrices' | 'gaps'> & LensReading
  readonly assets: readonly AssetConfig[]
  /** What was believed at the snapshot before; absent: never seen. */
  readonly memories?: readonly PriceMemory[] | undefined
}

interface Entry {
  readonly price: AssetPrice
  readonly memory?: PriceMemory
}

/** One entry for each configured asset, in the order given, and what is to be remembered of them. */
export function assetPrices(params: PricesParams): {
  readonly prices: readonly AssetPrice[]
  readonly memories: readonly PriceMemory[]
} {
  const entries = params.assets.map((asset) => entryOf(params, asset, []))
  return { prices: entries.map(({ price }) => price), memories: entries.flatMap(({ memory }) => memory ?? []) }
}

/**
 * @param path assets whose price waits for this one: what is told in one of them says nothing here. By its feed it would confirm that very feed:
 * WETH trades against wstETH, whose price is a rate times that of WETH.
 */
function entryOf(params: PricesParams, asset: AssetConfig, path: readonly AssetSymbol[]): Entry {
  const { reading, assets } = params
  const below = [...path, asset.symbol]
  const inner = (symbol: AssetSymbol): AssetPrice | undefined => {
    const other = assets.find((one) => one.symbol === symbol)
    return other === undefined || below.includes(symbol) ? undefined : entryOf(params, other, below).price
  }
  const usdOf: UsdOf = (symbol) => inner(symbol)?.usd
  // Pools lead from every asset to every other: their views of views of views would take longer with each asset by a factor.
  const isFar = path.length >= farthestPools
  const byFeed: UsdOf = (symbol) =>
    below.includes(symbol) ? undefined : reading.feeds.find((one) => one.asset === symbol)?.usd
  return judged(params, asset, { usdOf, poolUsdOf: isFar ? byFeed : usdOf, inner })
}

interface Around {
  readonly usdOf: UsdOf
  /** Of what pools quote in. */
  readonly poolUsdOf: UsdOf
  readonly inner: (symbol: AssetSymbol) => AssetPrice | undefined
}

/** Everybody who says something of one asset's price. */
function viewsOf({ reading, assets }: PricesParams, asset: AssetConfig, { usdOf, poolUsdOf }: Around) {
  const { symbol, feed } = asset
  const from = feed?.address ?? asset.prices?.[0]?.kind ?? ''
  const pool = marketLens(reading, { symbol, assets, usdOf: poolUsdOf })
  const heard = (pool?.depthUsd ?? 0) >= depthThatCounts ? pool : undefined
  const { opinions, signals: thin } = quotesInUsd(reading, { symbol, usdOf })
  const leading = feed === undefined ? opinions.find(({ source }) => source === from) : undefined
  const paid = opinions.filter(({ kind }) => kind === 'market')
  return {
    from,
    first: leading ?? feedOpinion(asset, reading),
    opinions,
    quotes: opinions.filter((one) => one !== leading),
    thin,
    market: heard,
    markets: [...paid.filter(({ isLate }) => !isLate), ...(heard === undefined ? [] : [heard])],
    marketUsd: pool?.usd ?? paid[0]?.usd,
    protocolUsd: reading.protocolPrices.find((one) => one.asset === symbol)?.usd,
    gaps: reading.gaps.filter(({ touches }) => touches.kind === 'asset' && touches.asset === symbol),
  }
}

function judged(params: PricesParams, asset: AssetConfig, around: Around): Entry {
  const { reading, memories = [] } = params
  const { symbol, underlying, feed } = asset
  const { at } = reading
  const limits = lensLimits(asset)
  const views = viewsOf(params, asset, around)
  const { from, first, opinions, thin, markets, marketUsd, protocolUsd } = views
  const heartbeatSeconds = feed?.heartbeatSeconds ?? goodFor(reading, symbol)
  const verdict = judgePrice({
    ...views,
    symbol,
    at,
    limits,
    // A dollar may well be a dollar for days.
    heartbeatSeconds: classOf(asset) === 'stablecoin' ? undefined : heartbeatSeconds,
    deviationBps: feed?.deviationBps,
    memory: memories.find((one) => one.asset === symbol && one.from === from),
    prices: reading.feeds.filter((one) => one.asset !== symbol),
  })
  const { usd, updatedAt, source, isRefused, memory } = verdict
  const teller = opinions.find(({ name }) => name === (source ?? first?.name))
  const per = teller?.per === undefined ? undefined : around.inner(teller.per)
  const believed = protocolUsd ?? usd
  const lensGap = marketUsd === undefined || believed === undefined ? undefined : marketUsd / believed - 1
  const strain = markets.length === 0 || lensGap === undefined ? [] : strainOf({ symbol, lensGap, limits })
  const signals = [...strain, ...verdict.signals, ...thin]
  const price: AssetPrice = {
    asset: symbol,
    underlying,
    heartbeatSeconds,
    maxLensGap: limits.warn,
    dataState: assetState({ ...views, symbol, verdict, per, limits, at }),
    ...(usd === undefined || updatedAt === undefined
      ? {}
      : { usd, updatedAt, ageSeconds: Math.max(0, at - updatedAt) }),
    ...(source === undefined ? {} : { source }),
    ...(isRefused ? { isRefused } : {}),
    ...(signals.length === 0 ? {} : { signals }),
    ...(protocolUsd === undefined ? {} : { protocolUsd }),
    ...(marketUsd === undefined ? {} : { marketUsd }),
    ...(lensGap === undefined ? {} : { lensGap }),
  }
  return { price, ...(memory === undefined ? {} : { memory }) }
}

function feedOpinion(
  { symbol, feed }: AssetConfig,
  { at, feeds }: Pick<PricesParams['reading'], 'at' | 'feeds'>,
): DatedOpinion | undefined {
  const answer = feeds.find((one) => one.asset === symbol)
  if (feed === undefined || answer === undefined) return undefined
  const { usd, updatedAt, roundId } = answer
  const isLate = at - updatedAt > feed.heartbeatSeconds + feed.graceSeconds
  return { name: 'the feed', kind: 'oracle', usd, updatedAt, isLate, roundId }
}

function goodFor({ quotes = [] }: LensReading, symbol: AssetSymbol): number {
  return quotes.find(({ asset }) => asset === symbol)?.goodForSeconds ?? 0
}
