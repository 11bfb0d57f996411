// The price that everything is valued with: an AggregatorV3 feed whose answer is checked before it counts as a price.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import { describeSpan } from '../../base/time.ts'
import type { Ratio, UnixSeconds } from '../../base/units.ts'
import type { AssetConfig, FeedConfig } from '../../model/configuration.ts'
import type { Gap } from '../../model/data-state.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from '../protocols/define-protocol.ts'

export const feedAbi = parseAbi([
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function decimals() view returns (uint8)',
])

/** How far a feed's clock may run ahead. */
const skewSeconds = 60
/** An answer this close to a bound is taken for the bound. */
const clampMargin: Ratio = 0.01

export const chainlinkFeed = defineProtocol({
  name: 'chainlink-feed',
  title: 'AggregatorV3 price feeds',
  evidence: 'fixture',
  read: async (reader, { chain, at }) =>
    joinParts(await Promise.all(chain.assets.map((asset) => readFeed(reader, asset, at)))),
})

/** A late answer is still the last known price: it comes with the gap `feed-stale`. Any other doubt leaves no price. */
async function readFeed(reader: ChainReader, { symbol, feed }: AssetConfig, at: UnixSeconds): Promise<ReadingPart> {
  const gap = (code: string, reason: string): Gap =>
    gapOf({ code, reason }, { subject: `feed ${symbol}`, touches: { kind: 'asset', asset: symbol } })
  const [round, decimals] = await Promise.all([
    reader.ask({ to: feed.address, abi: feedAbi, functionName: 'latestRoundData', args: [] }),
    reader.ask({ to: feed.address, abi: feedAbi, functionName: 'decimals', args: [] }),
  ])
  if (!round.ok) return { gaps: [gap(round.code, round.reason)] }
  if (!decimals.ok) return { gaps: [gap(decimals.code, decimals.reason)] }
  if (decimals.value !== feed.decimals) {
    return {
      gaps: [gap('decimals-changed', `it answers with ${decimals.value} decimals, pinned are ${feed.decimals}.`)],
    }
  }
  const answer = checkRound(feed, round.value, Math.max(at, reader.block.timestamp))
  if (answer.kind === 'refused') return { gaps: [gap(answer.code, answer.reason)] }
  const { usd, updatedAt, roundId } = answer
  const age = at - updatedAt
  const allowed = feed.heartbeatSeconds + feed.graceSeconds
  const late = `its answer is ${describeSpan(age)} old, promised is one every ${describeSpan(feed.heartbeatSeconds)}.`
  const gaps = age > allowed ? [gap('feed-stale', late)] : []
  return { feeds: [{ asset: symbol, usd, updatedAt, roundId }], gaps }
}

type Round = readonly [bigint, bigint, bigint, bigint, bigint]
type Checked =
  | { readonly kind: 'price'; readonly usd: number; readonly updatedAt: UnixSeconds; readonly roundId: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }

function checkRound(feed: FeedConfig, [roundId, answer, , updated, answeredIn]: Round, now: UnixSeconds): Checked {
  const refused = (code: string, reason: string): Checked => ({ kind: 'refused', code, reason })
  if (answer <= 0n) return refused('price-not-positive', `its answer is ${answer}.`)
  if (updated === 0n) return refused('round-incomplete', 'its round has not been answered.')
  if (answeredIn < roundId) return refused('round-incomplete', 'its answer is carried over from an earlier round.')
  if (updated > BigInt(now + skewSeconds)) return refused('feed-in-future', 'its answer is dated in the future.')
  const usd = toDecimal(answer, feed.decimals)
  const { minUsd = 0, maxUsd = Number.POSITIVE_INFINITY } = feed
  // An aggregator that clamps goes on answering its bound, whatever the market does (LUNA, May 2022).
  if (usd <= minUsd * (1 + clampMargin) || usd >= maxUsd * (1 - clampMargin)) {
    return refused('price-out-of-bounds', `${usd} USD is not well inside ${minUsd}..${feed.maxUsd ?? '∞'}.`)
  }
  return { kind: 'price', usd, updatedAt: Number(updated), roundId: roundId.toString() }
}
