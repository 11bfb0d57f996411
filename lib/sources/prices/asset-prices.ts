// Reads every further source of every asset's price, in the order that the configuration gives them.

import type { UnixSeconds } from '../../base/units.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { GapReach } from '../../model/data-state.ts'
import type { PriceSourceConfig } from '../../model/price-quote.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from '../protocols/define-protocol.ts'
import type { PriceSource } from './define-price-source.ts'
import { priceSources } from './index.ts'

const sources = priceSources as unknown as readonly PriceSource[]

export const assetPrices = defineProtocol({
  name: 'asset-prices',
  title: 'Further sources of prices: see the next table',
  evidence: 'fixture',
  read: async (reader, { chain, at }) => {
    const all = chain.assets.flatMap((asset) =>
      (asset.prices ?? []).map((source, index) => readSource(reader, { chain, at, asset, source, index })),
    )
    return joinParts(await Promise.all(all))
  },
})

interface SourceParams {
  readonly chain: ChainConfig
  readonly at: UnixSeconds
  readonly asset: AssetConfig
  readonly source: PriceSourceConfig
  readonly index: number
}

/** What the asset is valued with must be good; further opinions that are missing are only missed. */
async function readSource(
  reader: ChainReader,
  { chain, at, asset, source, index }: SourceParams,
): Promise<ReadingPart> {
  const { symbol, feed } = asset
  const { kind, settings } = source
  const isFirst = feed === undefined && index === 0
  const touches: GapReach = isFirst ? { kind: 'asset', asset: symbol } : { kind: 'context' }
  const place = { subject: `price ${symbol} ${kind}`, touches } as const
  const read = sources.find((one) => one.kind === kind)?.read
  if (read === undefined) return { gaps: [gapOf({ code: 'unknown-source', reason: `there is no ${kind}.` }, place)] }
  const quoted = await read(reader, { chain, asset, at, settings })
  if (!quoted.ok) return { gaps: [gapOf(quoted, place)] }
  const gaps = quoted.doubts.map((doubt) => gapOf(doubt, place))
  return { quotes: [{ asset: symbol, kind, ...quoted.quote }], gaps }
}
