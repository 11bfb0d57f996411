// A market of GMX v2 as the settings name it, with prices of its tokens: GMX is told prices by its keepers and keeps none, so that whoever asks brings his own.

import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { assetTerm } from '../../instruments/term-schemas.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import { referenceAsset } from '../../model/reference-asset.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { feedAbi } from '../prices/chainlink-feed.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, firstRefusal, pinned, type Refusal, refusal } from './as-configured.ts'
import { decimalsSetting } from './decimals-setting.ts'
import { symbolSetting } from './pools-setting.ts'

export const gmxMarketSetting = z.strictObject({
  address: addressSetting("the market, which is its pool's token"),
  underlying: assetTerm('what it is a future on, such as ETH'),
  indexToken: addressSetting('the token by which the protocol names that; often one that nobody holds'),
  indexDecimals: decimalsSetting('of the index token, as the protocol counts'),
  long: symbolSetting('what longs are paid in'),
  short: symbolSetting('what shorts are paid in'),
})
export type GmxMarketSetting = z.output<typeof gmxMarketSetting>

/** Of USD; prices are USD for one smallest unit of a token. */
export const gmxDecimals = 30

export interface GmxContracts {
  readonly reader: Address
  readonly dataStore: Address
  readonly referralStorage: Address
}

export interface GmxPrice {
  readonly min: bigint
  readonly max: bigint
}

/** A market in the chain's own words. */
export interface NamedMarket {
  readonly setting: GmxMarketSetting
  /** The asset whose price the index has. */
  readonly index: AssetConfig
  readonly long: AssetConfig
  readonly short: AssetConfig
  readonly props: {
    readonly marketToken: Address
    readonly indexToken: Address
    readonly longToken: Address
    readonly shortToken: Address
  }
}

export interface GmxPrices {
  readonly indexTokenPrice: GmxPrice
  readonly longTokenPrice: GmxPrice
  readonly shortTokenPrice: GmxPrice
}

export type GmxMarket = NamedMarket & { readonly prices: GmxPrices }

type Result<T> = { readonly ok: true; readonly value: T } | Refusal

/** An index has the price of the asset that stands for its underlying. */
export function namedMarket(chain: ChainConfig, setting: GmxMarketSetting): Result<NamedMarket> {
  const found = assetsBySymbol(chain, [setting.long, setting.short])
  if (!found.ok) return found
  const [long, short] = found.value
  const ofIndex = { symbolOf: ({ symbol }: AssetConfig) => symbol, isPriced: () => true }
  const index = referenceAsset(setting.underlying, chain.assets, ofIndex)
  if (index === undefined || long === undefined || short === undefined) {
    const reason = `no asset of the chain stands for ${setting.underlying}: there is no price to ask the protocol with`
    return refusal('unknown-asset', reason)
  }
  const { address: marketToken, indexToken } = setting
  const props = { marketToken, indexToken, longToken: long.address, shortToken: short.address }
  return { ok: true, value: { setting, index, long, short, props } }
}

/**
 * Of the chain's own feeds, which are what everything else is valued at. They are asked the very questions that they are asked anyway, so that prices cost
 * no round trip. There is no spread between them.
 */
export async function readPrices(reader: ChainReader, market: NamedMarket): Promise<Result<GmxPrices>> {
  const { index, long, short, setting } = market
  const [indexTokenPrice, longTokenPrice, shortTokenPrice] = await Promise.all([
    readPrice(reader, index, setting.indexDecimals),
    readPrice(reader, long, long.decimals),
    readPrice(reader, short, short.decimals),
  ])
  if (!indexTokenPrice.ok) return indexTokenPrice
  if (!longTokenPrice.ok) return longTokenPrice
  if (!shortTokenPrice.ok) return shortTokenPrice
  const prices = {
    indexTokenPrice: indexTokenPrice.value,
    longTokenPrice: longTokenPrice.value,
    shortTokenPrice: shortTokenPrice.value,
  }
  return { ok: true, value: prices }
}

/** The market as the chain has it must be the one that is configured: its long token may be another. */
export function marketDiffers(
  { props }: NamedMarket,
  answer: Answer<{ readonly [K in keyof NamedMarket['props']]: string }>,
): Refusal | undefined {
  if (!answer.ok) return answer
  const answered = (name: keyof NamedMarket['props']) => ({ ok: true, value: answer.value[name] }) as const
  return firstRefusal(
    pinned('market token', props.marketToken, answered('marketToken')),
    pinned('index token', props.indexToken, answered('indexToken')),
    pinned('long token', props.longToken, answered('longToken')),
    pinned('short token', props.shortToken, answered('shortToken')),
  )
}

/** USD for a whole token. */
export function wholePrice({ min }: GmxPrice, decimals: number): number {
  return toDecimal(min * 10n ** BigInt(decimals), gmxDecimals)
}

async function readPrice(
  reader: ChainReader,
  { symbol, feed }: AssetConfig,
  decimals: number,
): Promise<Result<GmxPrice>> {
  if (feed === undefined)
    return refusal('no-price', `${symbol} has no feed, and the protocol is asked with prices of feeds`)
  const [round, feedDecimals] = await Promise.all([
    reader.ask({ to: feed.address, abi: feedAbi, functionName: 'latestRoundData', args: [] }),
    reader.ask({ to: feed.address, abi: feedAbi, functionName: 'decimals', args: [] }),
  ])
  if (!round.ok) return refusal('no-price', `the feed of ${symbol} gives no price: ${round.reason}`)
  if (!feedDecimals.ok) return refusal('no-price', `the feed of ${symbol} gives no decimals: ${feedDecimals.reason}`)
  const [, answer] = round.value
  const shift = gmxDecimals - decimals - feed.decimals
  const price = shift >= 0 ? answer * 10n ** BigInt(shift) : answer / 10n ** BigInt(-shift)
  if (feedDecimals.value !== feed.decimals || price <= 0n) {
    const told = `${answer} with ${feedDecimals.value} decimals`
    return refusal(
      'no-price',
      `the feed of ${symbol} answers ${told}, which is no price with the ${feed.decimals} that are configured`,
    )
  }
  return { ok: true, value: { min: price, max: price } }
}
