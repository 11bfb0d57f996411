// From what protocols claim to what a configuration can hold: which tokens have a price, which holdings are believed, and how all is called.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Belief } from './belief.ts'
import { type FeedFacts, type NoFeed, readFeedFacts } from './feed-facts.ts'
import { distinct, type Findings, type Holding, type PriceHint, type TokenName } from './findings.ts'
import { readTokenFacts, type TokenFacts } from './token-facts.ts'
import { nameTokens } from './token-names.ts'

/** What a configuration says of the price of an asset. */
type Pricing = Omit<AssetConfig, 'symbol' | 'address' | 'decimals' | 'underlying'>

export interface FoundAsset {
  readonly address: Address
  readonly name: TokenName
  readonly decimals: number
  /** In the account itself. */
  readonly quantity: number
  /** As a configuration has it already, as it was found, or why there is none. */
  readonly feed: { readonly configured: Pricing } | (FeedFacts & { readonly evidence: string }) | NoFeed
}

export interface FoundHolding {
  readonly protocol: string
  readonly what: string
  readonly evidence: string
  /** Why it is believed. */
  readonly belief: string
  /** As homeostat.yaml would state it, beside what other holdings of the protocol state. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** Something that is there, and that the configuration does not hold. */
export interface LeftOut {
  readonly what: string
  readonly address: Address
  readonly reason: string
}

export interface AssetsFound {
  readonly assets: readonly FoundAsset[]
  readonly holdings: readonly FoundHolding[]
  /** Tokens in the account without a price that is known by any means. */
  readonly unpriced: readonly LeftOut[]
  /** Holdings that nobody who is known vouches for, or whose tokens have no price. */
  readonly leftOut: readonly LeftOut[]
}

export interface SettleParams {
  readonly account: Address
  readonly assets: readonly AssetConfig[]
  readonly candidates: readonly Address[]
  readonly belief: Belief
  readonly findings: readonly (Findings & { readonly name: string })[]
}

interface Claim extends Holding {
  readonly protocol: string
}

export async function settleAssets(reader: ChainReader, params: SettleParams): Promise<AssetsFound> {
  const { account, assets: configured, candidates, belief, findings } = params
  const claims = findings.flatMap(({ name, holdings = [] }) => holdings.map((one) => ({ ...one, protocol: name })))
  const hints = belief.inPrices(findings.flatMap(({ prices = [] }) => prices))
  const trusted = distinct([...configured.map(({ address }) => address), ...hints.map(({ token }) => token)])
  const tokens = distinct([...trusted, ...claims.flatMap(({ needs }) => needs), ...candidates])
  const facts = new Map((await readTokenFacts(reader, { account, tokens })).map((one) => [one.address, one]))
  const isHeld = (token: Address) => (facts.get(token)?.balance ?? 0n) > 0n
  const judged = claims.map((claim) => ({ claim, because: belief.inHolding(claim, new Set(trusted)) }))
  const wanted = distinct([
    ...trusted.filter(isHeld),
    ...judged.flatMap(({ claim, because }) => (because === undefined ? [] : claim.needs)),
  ])
  const feeds = await readFeeds(reader, { tokens: wanted, configured, hints })
  const hasPrice = (token: Address) => {
    const feed = feeds.get(token)
    return feed !== undefined && !('reason' in feed)
  }
  // What is supplied to a market that is known counts there, also if somebody prices the market's token.
  const supplied = new Set(
    claims.flatMap(({ restsOn, covers }) =>
      belief.isKnown(restsOn) ? covers.filter((token) => token !== restsOn) : [],
    ),
  )
  const isAsset = (token: Address) =>
    isHeld(token) && hasPrice(token) && facts.get(token)?.decimals !== undefined && !supplied.has(token)
  const verdicts = judged.map(({ claim, because }) => judge({ claim, because }, { facts, hasPrice, isAsset }))
  const accepted = verdicts.flatMap((verdict) => ('claim' in verdict ? [verdict] : []))
  const listed = distinct([...wanted.filter(isAsset), ...accepted.flatMap(({ claim }) => claim.needs)])
  const names = nameTokens(listed.map((token) => nameable(token, { facts, feeds, configured })))
  const nameOf = (token: Address): TokenName => names.get(token) ?? { symbol: 'TOKEN', underlying: 'TOKEN' }
  const covered = new Set(claims.flatMap(({ covers }) => covers))
  return {
    assets: listed.flatMap((token) => assetOf(token, { facts, feeds, nameOf })),
    holdings: accepted.map(({ claim: { protocol, what, evidence, settings }, because }) => {
      return { protocol, what, evidence, belief: because, settings: settings(nameOf) }
    }),
    unpriced: [...facts.values()].flatMap((token) =>
      isHeld(token.address) && !listed.includes(token.address) && !covered.has(token.address)
        ? [unpricedToken(token, feeds.get(token.address))]
        : [],
    ),
    leftOut: verdicts.flatMap((verdict) => ('claim' in verdict ? [] : [verdict])),
  }
}

type Feeds = ReadonlyMap<Address, FoundAsset['feed']>
type Facts = ReadonlyMap<Address, TokenFacts>

async function readFeeds(
  reader: ChainReader,
  of: {
    readonly tokens: readonly Address[]
    readonly configured: readonly AssetConfig[]
    readonly hints: readonly PriceHint[]
  },
): Promise<Feeds> {
  const read = of.tokens.map(async (token): Promise<readonly [Address, FoundAsset['feed']]> => {
    const own = of.configured.find(({ address }) => address === token)
    if (own !== undefined) return [token, { configured: pricingOf(own) }]
    const hints = of.hints.filter((hint) => hint.token === token)
    const feeds = await Promise.all(
      hints.map(async ({ source, evidence }) => ({ ...(await readFeedFacts(reader, source)), evidence })),
    )
    const found = feeds.find((feed) => 'address' in feed) ?? feeds[0]
    return [token, found ?? { reason: 'nothing that is known tells its price in dollars' }]
  })
  return new Map(await Promise.all(read))
}

function pricingOf({ symbol: _, address: __, decimals: ___, underlying: ____, ...pricing }: AssetConfig): Pricing {
  return pricing
}

type Verdict = { readonly claim: Claim; readonly because: string } | LeftOut

function judge(
  { claim, because }: { readonly claim: Claim; readonly because: string | undefined },
  at: {
    readonly facts: Facts
    readonly hasPrice: (token: Address) => boolean
    readonly isAsset: (token: Address) => boolean
  },
): Verdict {
  const left = (reason: string): LeftOut => ({ what: claim.what, address: claim.restsOn, reason })
  if (because === undefined)
    return left(
      'nobody who is known vouches for this contract, and the account sent nothing priced there: add it by hand if it is yours',
    )
  const counted = claim.covers.find((token) => token === claim.restsOn && at.isAsset(token))
  if (counted !== undefined) return left(`its token ${counted} has a price feed and is counted as an asset`)
  const broken = claim.needs.find((token) => at.facts.get(token)?.decimals === undefined)
  if (broken !== undefined) return left(`its token ${broken} does not tell its decimals`)
  const unpriced = claim.unpriced === 'ask' ? undefined : claim.needs.find((token) => !at.hasPrice(token))
  if (unpriced !== undefined) return left(`its token ${unpriced} has no price feed that is known`)
  return { claim, because }
}

function nameable(
  token: Address,
  of: { readonly facts: Facts; readonly feeds: Feeds; readonly configured: readonly AssetConfig[] },
) {
  const feed = of.feeds.get(token)
  const own = of.configured.find(({ address }) => address === token)
  const address = feed !== undefined && 'address' in feed ? feed.address : undefined
  const sameFeed = of.configured.find((one) => one.feed !== undefined && one.feed.address === address)?.underlying
  return {
    address: token,
    symbol: of.facts.get(token)?.symbol ?? '',
    ...(feed !== undefined && 'description' in feed ? { feedDescription: feed.description } : {}),
    ...(sameFeed === undefined ? {} : { sameFeed }),
    ...(own === undefined ? {} : { given: { symbol: own.symbol, underlying: own.underlying } }),
  }
}

function assetOf(
  token: Address,
  of: { readonly facts: Facts; readonly feeds: Feeds; readonly nameOf: (token: Address) => TokenName },
): readonly FoundAsset[] {
  const facts = of.facts.get(token)
  if (facts?.decimals === undefined) return []
  const { decimals, balance = 0n } = facts
  const feed = of.feeds.get(token) ?? { reason: 'nothing that is known tells its price in dollars' }
  return [{ address: token, name: of.nameOf(token), decimals, quantity: toDecimal(balance, decimals), feed }]
}

function unpricedToken(
  { address, symbol, name, decimals, balance = 0n }: TokenFacts,
  feed: FoundAsset['feed'] | undefined,
): LeftOut {
  const what = decimals === undefined ? `${balance} of ${symbol}` : `${toDecimal(balance, decimals)} ${symbol}`
  const reason =
    feed !== undefined && 'reason' in feed ? feed.reason : 'nothing that is known tells its price in dollars'
  return { what: `${what} (${name})`, address, reason }
}
