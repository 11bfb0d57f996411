// What the market pays for an asset, and how much of it: the pools that were read, and further sources in dollars.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { PriceSignal } from '../model/price-memory.ts'
import type { PriceQuote } from '../model/price-quote.ts'
import type { PoolPriceReading } from '../model/reading.ts'
import type { Telemetry } from '../model/telemetry.ts'
import type { DatedOpinion } from './opinions.ts'

/** Of a virtual reserve, what comes out until the price is 2 % lower: 1 - sqrt(0.98). */
const shareWithin2pct: Ratio = 1 - Math.sqrt(0.98)

export interface LensReading {
  readonly at: UnixSeconds
  readonly poolPrices: readonly PoolPriceReading[]
  readonly quotes?: readonly PriceQuote[]
  readonly telemetry?: readonly Telemetry[]
}

/** With the kind of its source, and what it is told in. */
export interface QuotedOpinion extends DatedOpinion {
  readonly source: string
  readonly per?: AssetSymbol
}

/** The dollars of what a price is told in; undefined where that has none. */
export type UsdOf = (symbol: AssetSymbol) => Usd | undefined

/** What the deepest pool pays in which the asset is the base; undefined without a pool or a price of its quote. */
export function marketLens(
  reading: LensReading,
  params: { readonly symbol: AssetSymbol; readonly assets: readonly AssetConfig[]; readonly usdOf: UsdOf },
): DatedOpinion | undefined {
  const { symbol, assets, usdOf } = params
  let deepest: (DatedOpinion & { readonly depthUsd: Usd }) | undefined
  for (const pool of reading.poolPrices.filter(({ base }) => base === symbol)) {
    const quoteUsd = usdOf(pool.quote)
    if (quoteUsd === undefined) continue
    const depthUsd = (depthOf(pool, reading.telemetry ?? []) ?? evenDepth(pool, assets)) * quoteUsd
    if (deepest !== undefined && depthUsd <= deepest.depthUsd) continue
    const usd = pool.price * quoteUsd
    deepest = { name: 'the market', kind: 'market', usd, updatedAt: reading.at, isLate: false, depthUsd }
  }
  return deepest
}

/** As its ticks tell it: what selling the base fetches until it is 2 % cheaper, in whole units of the quote. */
function depthOf(pool: PoolPriceReading, telemetry: readonly Telemetry[]): number | undefined {
  const found = telemetry.find(
    (one) => one.kind === 'pool' && one.id.endsWith(`:${pool.pool}`) && one.base === pool.base,
  )
  return found?.kind === 'pool' ? found.depth?.down.quote : undefined
}

/** As if what is in range now were everywhere: L x sqrt(P) x (1 - sqrt(0.98)) whole units of the quote. */
function evenDepth({ base, quote, price, liquidity }: PoolPriceReading, assets: readonly AssetConfig[]): number {
  const decimalsOf = (symbol: AssetSymbol) => assets.find((asset) => asset.symbol === symbol)?.decimals ?? 18
  const wholeLiquidity = Number(liquidity) / 10 ** ((decimalsOf(base) + decimalsOf(quote)) / 2)
  return wholeLiquidity * Math.sqrt(price) * shareWithin2pct
}

/** Further sources of an asset in dollars, in the configuration's order; a market that is thinner than it must be is left out, and told. */
export function quotesInUsd(
  { at, quotes = [] }: LensReading,
  { symbol, usdOf }: { readonly symbol: AssetSymbol; readonly usdOf: UsdOf },
): {
  readonly opinions: readonly QuotedOpinion[]
  readonly signals: readonly PriceSignal[]
} {
  const own = quotes
    .filter(({ asset }) => asset === symbol)
    .flatMap((quote) => {
      const perUsd = quote.per === undefined ? 1 : usdOf(quote.per)
      return perUsd === undefined ? [] : [{ quote, perUsd }]
    })
  const thin = own.filter(({ quote, perUsd }) => depthUsd(quote, perUsd) < (quote.minDepthUsd ?? 0))
  return {
    opinions: own.filter((one) => !thin.includes(one)).map(({ quote, perUsd }) => opinionOf(quote, { perUsd, at })),
    signals: thin.map(({ quote, perUsd }) => ({
      code: 'thin-market',
      reason: `${symbol}: the ${quote.label} is not heard: selling fetches ${Math.round(depthUsd(quote, perUsd))} USD until it is 2 % cheaper, ${quote.minDepthUsd ?? 0} are asked.`,
    })),
  }
}

function depthUsd({ depth }: PriceQuote, perUsd: Usd): Usd {
  return depth === undefined ? Number.POSITIVE_INFINITY : depth * perUsd
}

function opinionOf(
  { kind: source, label, role, price, per, updatedAt, goodForSeconds, depth, haircut = 0 }: PriceQuote,
  { perUsd, at }: { readonly perUsd: Usd; readonly at: UnixSeconds },
): QuotedOpinion {
  return {
    name: `the ${label}`,
    kind: role,
    source,
    usd: price * perUsd * (1 - haircut),
    updatedAt,
    isLate: at - updatedAt > goodForSeconds,
    ...(depth === undefined ? {} : { depthUsd: depth * perUsd }),
    ...(per === undefined ? {} : { per }),
  }
}
