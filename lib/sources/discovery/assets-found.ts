// From what protocols claim to what a configuration can hold: which tokens have a price, which holdings are believed, and how all is called.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address, AssetSymbol } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Belief } from './belief.ts'
import { distinct, type Findings, type Holding, type TokenName } from './findings.ts'
import { type FoundPrice, type PricesFound, readPrices } from './prices-found.ts'
import { readTokenFacts, type TokenFacts } from './token-facts.ts'
import { type Nameable, nameTokens } from './token-names.ts'

export interface FoundAsset {
  readonly address: Address
  readonly name: TokenName
  readonly decimals: number
  /** In the account itself. */
  readonly quantity: number
  /** As a configuration has it already, as it was found, or why there is none. */
  readonly price: FoundPrice
  /** Of the token by which a rate counts. */
  readonly measure?: AssetSymbol
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
  readonly wrappedNative: Address | undefined
}

interface Claim extends Holding {
  readonly protocol: string
}

export async function settleAssets(reader: ChainReader, params: SettleParams): Promise<AssetsFound> {
  const { account, assets: configured, candidates, belief, findings, wrappedNative } = params
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
  const prices = await readPrices(reader, { tokens: wanted, configured, hints, wrappedNative })
  const { hasPrice, priceOf } = prices
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
  const own = [...wanted.filter(isAsset), ...accepted.flatMap(({ claim }) => claim.needs)]
  const listed = distinct(own.flatMap((token) => withMeasure(token, priceOf(token))))
  const names = nameTokens(listed.map((token) => nameable(token, { facts, prices, configured })))
  const nameOf = (token: Address): TokenName => names.get(token) ?? { symbol: 'TOKEN', underlying: 'TOKEN' }
  const covered = new Set(claims.flatMap(({ covers }) => covers))
  return {
    assets: listed.flatMap((token) => assetOf(token, { facts, prices, nameOf })),
    holdings: accepted.map(({ claim: { protocol, what, evidence, settings }, because }) => {
      return { protocol, what, evidence, belief: because, settings: settings(nameOf) }
    }),
    unpriced: [...facts.values()].flatMap((token) =>
      isHeld(token.address) && !listed.includes(token.address) && !covered.has(token.address)
        ? [unpricedToken(token, priceOf(token.address))]
        : [],
    ),
    leftOut: verdicts.flatMap((verdict) => ('claim' in verdict ? [] : [verdict])),
  }
}

type Facts = ReadonlyMap<Address, TokenFacts>

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

/** A token that is worth so much of another one needs that, too, and before it. */
function withMeasure(token: Address, price: FoundPrice): readonly Address[] {
  return 'rate' in price ? [price.rate.per, token] : [token]
}

function nameable(
  token: Address,
  of: { readonly facts: Facts; readonly prices: PricesFound; readonly configured: readonly AssetConfig[] },
): Nameable {
  const price = of.prices.priceOf(token)
  const own = of.configured.find(({ address }) => address === token)
  const feed = 'address' in price ? price.address : undefined
  const sameFeed = of.configured.find((one) => one.feed !== undefined && one.feed.address === feed)?.underlying
  return {
    address: token,
    symbol: of.facts.get(token)?.symbol ?? '',
    ...('description' in price ? { feedDescription: price.description } : {}),
    ...('rate' in price ? { follows: price.rate.per } : {}),
    ...(sameFeed === undefined ? {} : { sameFeed }),
    ...(own === undefined ? {} : { given: { symbol: own.symbol, underlying: own.underlying } }),
  }
}

function assetOf(
  token: Address,
  of: {
    readonly facts: Facts
    readonly prices: PricesFound
    readonly nameOf: (token: Address) => TokenName
  },
): readonly FoundAsset[] {
  const facts = of.facts.get(token)
  if (facts?.decimals === undefined) return []
  const { decimals, balance = 0n } = facts
  const price = of.prices.priceOf(token)
  const measure = 'rate' in price ? of.nameOf(price.rate.per).symbol : undefined
  const asset = { address: token, name: of.nameOf(token), decimals, quantity: toDecimal(balance, decimals), price }
  return [measure === undefined ? asset : { ...asset, measure }]
}

function unpricedToken({ address, symbol, name, decimals, balance = 0n }: TokenFacts, price: FoundPrice): LeftOut {
  const what = decimals === undefined ? `${balance} of ${symbol}` : `${toDecimal(balance, decimals)} ${symbol}`
  return { what: `${what} (${name})`, address, reason: 'reason' in price ? price.reason : 'it is not counted here' }
}
