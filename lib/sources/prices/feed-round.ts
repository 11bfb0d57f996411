// One AggregatorV3 feed and every check that its answer must pass before it counts as a price.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import { describeSpan } from '../../base/time.ts'
import type { Ratio, UnixSeconds } from '../../base/units.ts'
import type { FeedConfig } from '../../model/configuration.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { type Refusal, refusal } from '../protocols/as-configured.ts'

export const feedAbi = parseAbi([
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function decimals() view returns (uint8)',
])
export const aggregatorAbi = parseAbi([
  'function aggregator() view returns (address)',
  'function minAnswer() view returns (int192)',
  'function maxAnswer() view returns (int192)',
])

/** How far a feed's clock may run ahead. */
const skewSeconds = 60
/** An answer this close to a bound is taken for the bound. */
const clampMargin: Ratio = 0.01

/** What the answer of a feed is told in is its own business: dollars, or units of another asset. */
export type FeedRound =
  | {
      readonly ok: true
      readonly price: number
      readonly updatedAt: UnixSeconds
      readonly roundId: string
      /** The price stands, and is not to be trusted as it is. */
      readonly doubts: readonly Refusal[]
    }
  | Refusal

/** A late answer is still the last known price: it comes with the doubt `feed-stale`. So is that of an aggregator that nobody pinned. */
export async function readFeedRound(
  reader: ChainReader,
  { feed, at }: { readonly feed: FeedConfig; readonly at: UnixSeconds },
): Promise<FeedRound> {
  const [round, decimals, aggregator] = await Promise.all([
    reader.ask({ to: feed.address, abi: feedAbi, functionName: 'latestRoundData', args: [] }),
    reader.ask({ to: feed.address, abi: feedAbi, functionName: 'decimals', args: [] }),
    readAggregator(reader, feed),
  ])
  if (!round.ok) return round
  if (!decimals.ok) return decimals
  if (decimals.value !== feed.decimals) {
    return refusal('decimals-changed', `it answers with ${decimals.value} decimals, pinned are ${feed.decimals}.`)
  }
  const bounds = boundsOf(feed, aggregator)
  const now = Math.max(at, reader.block.timestamp)
  const answer = checkRound(round.value, { decimals: feed.decimals, bounds, now })
  if (!answer.ok) return answer
  const age = at - answer.updatedAt
  const late = `its answer is ${describeSpan(age)} old, promised is one every ${describeSpan(feed.heartbeatSeconds)}.`
  const isLate = age > feed.heartbeatSeconds + feed.graceSeconds
  return { ...answer, doubts: [...(isLate ? [refusal('feed-stale', late)] : []), ...aggregator.doubts] }
}

interface Aggregator {
  readonly doubts: readonly Refusal[]
  /** Its own, as it tells them; undefined where it has none. */
  readonly min?: bigint
  readonly max?: bigint
}

/** Only of a feed whose aggregator is pinned: its bounds are asked beside everything else. */
async function readAggregator(reader: ChainReader, { address, aggregator }: FeedConfig): Promise<Aggregator> {
  if (aggregator === undefined) return { doubts: [] }
  const own = { to: aggregator, abi: aggregatorAbi, args: [] } as const
  const [current, min, max] = await Promise.all([
    reader.ask({ to: address, abi: aggregatorAbi, functionName: 'aggregator', args: [] }),
    reader.ask({ ...own, functionName: 'minAnswer' }),
    reader.ask({ ...own, functionName: 'maxAnswer' }),
  ])
  if (!current.ok) return { doubts: [refusal(current.code, `its aggregator is not known: ${current.reason}`)] }
  if (current.value.toLowerCase() !== aggregator) {
    const reason = `its aggregator is ${current.value.toLowerCase()}, pinned is ${aggregator}.`
    return { doubts: [refusal('aggregator-changed', reason)] }
  }
  const doubts = [min, max].flatMap((bound) => (bound.ok || hasNoBound(bound) ? [] : [bound]))
  return { doubts, ...(min.ok ? { min: min.value } : {}), ...(max.ok ? { max: max.value } : {}) }
}

/** Later aggregators have no such function. */
function hasNoBound({ code }: Exclude<Answer<bigint>, { readonly ok: true }>): boolean {
  return code === 'reverted' || code === 'empty-return'
}

interface Bounds {
  readonly min: number
  readonly max: number
}

/** The tighter of those that are configured and the aggregator's own. */
function boundsOf({ decimals, minUsd, maxUsd }: FeedConfig, { min, max }: Aggregator): Bounds {
  return {
    min: Math.max(minUsd ?? 0, min === undefined ? 0 : toDecimal(min, decimals)),
    max: Math.min(
      maxUsd ?? Number.POSITIVE_INFINITY,
      max === undefined ? Number.POSITIVE_INFINITY : toDecimal(max, decimals),
    ),
  }
}

type Round = readonly [bigint, bigint, bigint, bigint, bigint]

function checkRound(
  [roundId, answer, , updated, answeredIn]: Round,
  { decimals, bounds, now }: { readonly decimals: number; readonly bounds: Bounds; readonly now: UnixSeconds },
): { readonly ok: true; readonly price: number; readonly updatedAt: UnixSeconds; readonly roundId: string } | Refusal {
  if (answer <= 0n) return refusal('price-not-positive', `its answer is ${answer}.`)
  if (updated === 0n) return refusal('round-incomplete', 'its round has not been answered.')
  if (answeredIn < roundId) return refusal('round-incomplete', 'its answer is carried over from an earlier round.')
  if (updated > BigInt(now + skewSeconds)) return refusal('feed-in-future', 'its answer is dated in the future.')
  const price = toDecimal(answer, decimals)
  const { min, max } = bounds
  // An aggregator that clamps goes on answering its bound, whatever the market does (LUNA, May 2022).
  if (price <= min * (1 + clampMargin) || price >= max * (1 - clampMargin)) {
    const range = `${min}..${max === Number.POSITIVE_INFINITY ? '∞' : max}`
    return refusal('price-out-of-bounds', `${price} USD is not well inside ${range}.`)
  }
  return { ok: true, price, updatedAt: Number(updated), roundId: roundId.toString() }
}
