// Whether a contract is a price feed in dollars as the configuration needs one, and how often it seems to answer.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { ContractCall } from '../chain/contract-call.ts'
import { feedAbi } from '../prices/chainlink-feed.ts'
import { lowerCase, type PriceHint } from './findings.ts'
import { shown } from './token-facts.ts'

const moreFeedAbi = parseAbi([
  'function description() view returns (string)',
  'function getRoundData(uint80 roundId) view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  // Of Aave's adapters that cap a price (bgd-labs/aave-capo): the feed behind a stablecoin, and that behind a staked coin.
  'function ASSET_TO_USD_AGGREGATOR() view returns (address)',
  'function BASE_TO_USD_AGGREGATOR() view returns (address)',
])

export interface FeedFacts {
  readonly address: Address
  readonly decimals: number
  /** Printable and short; empty if the feed has none. */
  readonly description: string
  /** Estimated: the chain does not tell it. */
  readonly heartbeatSeconds: number
  /** From which it is estimated; undefined if there were no two rounds. */
  readonly longestGapSeconds: number | undefined
  /** The adapter that led here. */
  readonly through?: Address
}

export interface NoFeed {
  readonly reason: string
  /** What its price is multiplied from, if it is that of a staked coin. */
  readonly base?: Address
}

/** Heartbeats that feeds have; the shortest is never shorter than an hour, because a lively market hides a long one. */
const usualHeartbeats = [3_600, 14_400, 28_800, 43_200, 86_400, 172_800, 604_800]
/** A round comes some blocks after its heartbeat. */
const delaySeconds = 300
const roundsBack = 24

/**
 * The feed at an address, or behind the adapter there. Three rounds of questions at most.
 * @param of.unit `unknown`: it is one only if its description says that it counts in dollars
 */
export async function readFeedFacts(
  reader: ChainReader,
  { source, unit }: { readonly source: Address; readonly unit: PriceHint['unit'] },
): Promise<FeedFacts | NoFeed> {
  const [own, inner, base] = await Promise.all([
    readFeed(reader, source),
    askAddress(reader, source, 'ASSET_TO_USD_AGGREGATOR'),
    askAddress(reader, source, 'BASE_TO_USD_AGGREGATOR'),
  ])
  if ('address' in own) {
    const isTold = unit === 'dollars' || quoteOf(own.description) === 'USD'
    return isTold ? await withHeartbeat(reader, own) : { reason: `${source} does not say that it counts in dollars` }
  }
  // Of a staked coin there is a price of its base only, and of the euro's stablecoins both: neither is the price of the token.
  if (base !== undefined)
    return { reason: 'its source is an adapter that multiplies a rate with the price of something else', base }
  if (inner === undefined || inner === source) return own
  const behind = await readFeed(reader, inner)
  return 'address' in behind ? { ...(await withHeartbeat(reader, behind)), through: source } : behind
}

type Latest = Omit<FeedFacts, 'heartbeatSeconds' | 'longestGapSeconds'> & {
  readonly roundId: bigint
  readonly updatedAt: bigint
}

async function readFeed(reader: ChainReader, address: Address): Promise<Latest | NoFeed> {
  const [round, decimals, described] = await Promise.all([
    reader.ask({ to: address, abi: feedAbi, functionName: 'latestRoundData', args: [] }),
    reader.ask({ to: address, abi: feedAbi, functionName: 'decimals', args: [] }),
    reader.ask({ to: address, abi: moreFeedAbi, functionName: 'description', args: [] }),
  ])
  if (!round.ok) return { reason: `${address} has no latestRoundData (${round.reason})` }
  if (!decimals.ok || decimals.value > 36) return { reason: `${address} does not tell its decimals` }
  const [roundId, answer, , updatedAt] = round.value
  if (answer <= 0n || updatedAt === 0n) return { reason: `${address} has no positive answer now` }
  const description = described.ok ? shown(described.value) : ''
  const quote = quoteOf(description)
  if (quote !== undefined && quote !== 'USD') return { reason: `${address} counts in ${quote}, not in dollars` }
  return { address, decimals: decimals.value, description, roundId, updatedAt }
}

/** Of `ETH / USD`; undefined if it names none. */
function quoteOf(description: string): string | undefined {
  return description.split('/')[1]?.trim().toUpperCase()
}

async function withHeartbeat(reader: ChainReader, { roundId, updatedAt, ...feed }: Latest): Promise<FeedFacts> {
  const ids = Array.from({ length: roundsBack }, (_, back) => roundId - BigInt(back + 1)).filter((id) => id > 0n)
  const rounds = await Promise.all(
    ids.map((id) => reader.ask({ to: feed.address, abi: moreFeedAbi, functionName: 'getRoundData', args: [id] })),
  )
  const times = [updatedAt, ...rounds.flatMap((round) => (round.ok && round.value[3] > 0n ? [round.value[3]] : []))]
  const gaps = times.slice(1).map((time, index) => Number((times[index] ?? time) - time))
  const longestGapSeconds = gaps.length === 0 ? undefined : Math.max(...gaps)
  return { ...feed, heartbeatSeconds: heartbeatFor(longestGapSeconds), longestGapSeconds }
}

/** The shortest usual heartbeat that the longest gap fits into; a day if nothing is known. */
export function heartbeatFor(longestGapSeconds: number | undefined): number {
  if (longestGapSeconds === undefined) return 86_400
  return usualHeartbeats.find((heartbeat) => longestGapSeconds <= heartbeat + delaySeconds) ?? 604_800
}

async function askAddress(
  reader: ChainReader,
  to: Address,
  functionName: 'ASSET_TO_USD_AGGREGATOR' | 'BASE_TO_USD_AGGREGATOR',
): Promise<Address | undefined> {
  const call: ContractCall<typeof moreFeedAbi, typeof functionName> = { to, abi: moreFeedAbi, functionName, args: [] }
  const answer = await reader.ask(call)
  return answer.ok ? lowerCase(answer.value) : undefined
}
