// The price that everything is valued with: an AggregatorV3 feed whose answer is checked before it counts as a price.

import type { UnixSeconds } from '../../base/units.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Gap } from '../../model/data-state.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Refusal } from '../protocols/as-configured.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from '../protocols/define-protocol.ts'
import { readFeedRound } from './feed-round.ts'

export { feedAbi } from './feed-round.ts'

export const chainlinkFeed = defineProtocol({
  name: 'chainlink-feed',
  title: 'AggregatorV3 price feeds',
  evidence: 'fixture',
  read: async (reader, { chain, at }) =>
    joinParts(await Promise.all(chain.assets.map((asset) => readFeed(reader, asset, at)))),
})

/** A doubtful answer is still the last known price, with a gap; a refused one leaves no price. */
async function readFeed(reader: ChainReader, { symbol, feed }: AssetConfig, at: UnixSeconds): Promise<ReadingPart> {
  if (feed === undefined) return {}
  const round = await readFeedRound(reader, { feed, at })
  const gap = (doubt: Refusal): Gap =>
    gapOf(doubt, { subject: `feed ${symbol}`, touches: { kind: 'asset', asset: symbol } })
  if (!round.ok) return { gaps: [gap(round)] }
  const { price: usd, updatedAt, roundId, doubts } = round
  return { feeds: [{ asset: symbol, usd, updatedAt, roundId }], gaps: doubts.map(gap) }
}
