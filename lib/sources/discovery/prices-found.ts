// By what each token could be priced: as a person has configured it, a feed that somebody known uses, or a rate to another token.

import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type FeedFacts, type NoFeed, readFeedFacts } from './feed-facts.ts'
import type { PriceHint } from './findings.ts'
import { readRateGetter } from './staked-rate.ts'

/** What a configuration says of the price of an asset. */
type Pricing = Omit<AssetConfig, 'symbol' | 'address' | 'decimals' | 'underlying'>

export interface ConfiguredPrice {
  readonly configured: Pricing
}
export type FeedPrice = FeedFacts & { readonly evidence: string }
/** Worth so much of another token, as it tells itself. */
export interface RatePrice {
  readonly rate: { readonly call: string; readonly per: Address }
  readonly evidence: string
}
export type FoundPrice = ConfiguredPrice | FeedPrice | RatePrice | NoFeed

const unknownPrice: NoFeed = { reason: 'nothing that is known tells its price in dollars' }

export interface PriceParams {
  readonly tokens: readonly Address[]
  readonly configured: readonly AssetConfig[]
  readonly hints: readonly PriceHint[]
  readonly wrappedNative: Address | undefined
}

export interface PricesFound {
  readonly priceOf: (token: Address) => FoundPrice
  readonly hasPrice: (token: Address) => boolean
}

export async function readPrices(reader: ChainReader, params: PriceParams): Promise<PricesFound> {
  const prices = new Map(
    await Promise.all(params.tokens.map(async (token) => [token, await readPrice(reader, params, token)] as const)),
  )
  const priceOf = (token: Address) => prices.get(token) ?? unknownPrice
  return { priceOf, hasPrice: (token) => !('reason' in priceOf(token)) }
}

async function readPrice(reader: ChainReader, params: PriceParams, token: Address): Promise<FoundPrice> {
  const price = await readFeedPrice(reader, params, token)
  if (!('reason' in price) || price.base === undefined) return price
  return (await readRatePrice(reader, params, { token, base: price.base })) ?? price
}

async function readFeedPrice(
  reader: ChainReader,
  { configured, hints }: PriceParams,
  token: Address,
): Promise<Exclude<FoundPrice, RatePrice>> {
  const own = configured.find(({ address }) => address === token)
  if (own !== undefined) return { configured: pricingOf(own) }
  const read = hints.flatMap((hint) =>
    hint.token === token ? [readFeedFacts(reader, hint).then((feed) => ({ ...feed, evidence: hint.evidence }))] : [],
  )
  const feeds = await Promise.all(read)
  return feeds.find((feed): feed is FeedPrice => 'address' in feed) ?? feeds[0] ?? unknownPrice
}

function pricingOf({ symbol: _, address: __, decimals: ___, underlying: ____, ...pricing }: AssetConfig): Pricing {
  return pricing
}

/** A coin that was staked is the chain's own if the feeds of both price the same thing. */
async function readRatePrice(
  reader: ChainReader,
  params: PriceParams,
  { token, base }: { readonly token: Address; readonly base: Address },
): Promise<RatePrice | undefined> {
  const { wrappedNative: per } = params
  if (per === undefined || per === token) return undefined
  const [call, feed, native] = await Promise.all([
    readRateGetter(reader, token),
    readFeedFacts(reader, { source: base, unit: 'dollars' }),
    readFeedPrice(reader, params, per),
  ])
  if (call === undefined || !('address' in feed)) return undefined
  const nativeFeed =
    'configured' in native ? native.configured.feed?.address : 'address' in native ? native.address : undefined
  const isSame =
    nativeFeed === feed.address ||
    ('description' in native && native.description !== '' && native.description === feed.description)
  return isSame
    ? { rate: { call, per }, evidence: `its oracle multiplies ${feed.description} with a rate, which ${call}() tells` }
    : undefined
}
