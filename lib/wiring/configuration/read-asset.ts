// How a token is written: what its price follows, its feed, and further sources of its price.

import type { AssetConfig, FeedConfig } from '../../model/configuration.ts'
import { assetClasses } from '../../model/price-quote.ts'
import { defaults } from './defaults.ts'
import { priceSource } from './read-prices.ts'
import { address, basisPoints, fraction, number, oneOf, seconds, text, whole } from './scalars.ts'
import { listOf, mapOf, optional, required, withDefault } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

const positive = { min: 0, max: 1e12, above: 0 }

const symbol = text({
  what: 'a symbol: at most 20 letters, digits and any of . _ - +',
  max: 20,
  pattern: /^[A-Za-z][A-Za-z0-9._+-]*$/,
})
const underlying = text({
  what: 'a name that rules can use, such as ETH: letters, digits and _, at most 20',
  max: 20,
  pattern: /^[A-Za-z][A-Za-z0-9_]*$/,
})
const feed = mapOf<FeedConfig>(
  {
    address: required(address),
    heartbeatSeconds: required(seconds({ min: 1, max: 604_800 })),
    graceSeconds: withDefault(seconds({ min: 0, max: 86_400 }), defaults.feed.graceSeconds),
    decimals: withDefault(whole({ min: 0, max: 36 }), defaults.feed.decimals),
    minUsd: optional(number(positive)),
    maxUsd: optional(number(positive)),
    aggregator: optional(address),
    deviationBps: optional(basisPoints(10_000)),
  },
  ({ sheet, draft: { address: proxy, aggregator, minUsd, maxUsd }, at }) => {
    if (proxy !== undefined && proxy === aggregator)
      sheet.report(at('aggregator'), {
        reason:
          '`aggregator` is the address of the proxy itself: pinned is what stands behind it, as its `aggregator()` answers',
      })
    if (minUsd !== undefined && maxUsd !== undefined && minUsd >= maxUsd)
      sheet.report(at('minUsd'), {
        reason: `\`minUsd\` ${minUsd} is not below \`maxUsd\` ${maxUsd}: no price would fit`,
      })
  },
)

export const asset = mapOf<AssetConfig>(
  {
    symbol: required(symbol),
    address: required(address),
    decimals: required(whole({ min: 0, max: 36 })),
    underlying: required(underlying),
    feed: optional(feed),
    prices: optional(listOf(priceSource, { min: 1 })),
    class: optional(oneOf(assetClasses)),
    maxLensGap: optional(fraction),
  },
  ({ sheet, place, draft, at }) => {
    const keys = sheet.entries(place)?.map(({ key }) => key) ?? []
    if (!keys.includes('feed') && !keys.includes('prices'))
      sheet.report(place, { reason: '`feed` is missing, and there are no `prices` to value it with either' })
    if (draft.maxLensGap === 0)
      sheet.report(at('maxLensGap'), { reason: '`maxLensGap` must be above 0: no two views are ever the same' })
    if (draft.address !== undefined && draft.address === draft.feed?.address)
      sheet.report(at('address'), { reason: '`address` is also the address of the feed: one of them is wrong' })
  },
)

/** Tokens of one underlying may have one price (a bridged stablecoin); tokens of two underlyings cannot. */
export function refuseSharedFeeds(sheet: Sheet, assets: Place): void {
  const first = new Map<string, { readonly symbol: unknown; readonly underlying: unknown }>()
  for (const item of sheet.items(assets) ?? []) {
    const address = placeAt(sheet, placeAt(sheet, item, 'feed'), 'address')
    const source = address && sheet.scalar(address)?.source.toLowerCase()
    if (address === undefined || source === undefined) continue
    const textOf = (key: string) => {
      const place = placeAt(sheet, item, key)
      return place && sheet.scalar(place)?.value
    }
    const [symbol, underlying] = [textOf('symbol'), textOf('underlying')]
    const earlier = first.get(source)
    if (earlier === undefined) first.set(source, { symbol, underlying })
    else if (earlier.underlying !== underlying)
      sheet.report(address, {
        reason: `${symbol} has the feed of ${earlier.symbol}, which follows ${earlier.underlying}: one of them is wrong`,
      })
    else
      sheet.warn(address, {
        reason: `${symbol} has the feed of ${earlier.symbol}: right only if both are worth the same`,
      })
  }
}

/** The value of a key of a map. */
export function placeAt(sheet: Sheet, place: Place | undefined, key: string): Place | undefined {
  return place && sheet.entries(place)?.find((entry) => entry.key === key)?.value
}
