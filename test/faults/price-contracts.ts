// Contracts that tell prices beside the treasury's own: second feeds, aggregators, the memory of its pool. Asked only where a run-book configures them.

import * as z from '../../lib/base/schema.ts'
import type { AssetConfig, ChainConfig } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import type { PriceSourceConfig } from '../../lib/model/price-quote.ts'
import type { PriceSource } from '../../lib/sources/prices/define-price-source.ts'
import { aggregatorAbi, feedAbi } from '../../lib/sources/prices/feed-round.ts'
import { priceSources } from '../../lib/sources/prices/index.ts'
import { observationAbi } from '../../lib/sources/prices/uniswap-v3-twap.ts'
import type { ScriptedChain } from '../sources/fixture/scripted-chain.ts'
import { chainConfig, pool, sayRound, usdc, weth } from '../sources/fixture/treasury.ts'
import type { AssetChange } from './run-book.ts'

export const secondFeeds: Readonly<Record<string, Address>> = {
  WETH: `0x${'51'.repeat(20)}`,
  USDC: `0x${'52'.repeat(20)}`,
}
export const aggregators: Readonly<Record<string, Address>> = {
  WETH: `0x${'a1'.repeat(20)}`,
  USDC: `0x${'a2'.repeat(20)}`,
}
/** What is remembered of the pool; run-books configure this window. */
export const windowSeconds = 1_800
const answers: Readonly<Record<string, bigint>> = { WETH: 3_000_00000000n, USDC: 1_00000000n }

export function seedPriceContracts(chain: ScriptedChain): void {
  for (const { symbol, feed } of chainConfig([]).assets) {
    const [second, aggregator] = [secondFeeds[symbol], aggregators[symbol]]
    if (second === undefined || aggregator === undefined || feed === undefined) continue
    sayRound(chain, second, { answer: answers[symbol] ?? 0n })
    chain.say(second, feedAbi, 'decimals', [], 8)
    chain.say(feed.address, aggregatorAbi, 'aggregator', [], aggregator)
    chain.say(aggregator, aggregatorAbi, 'minAnswer', [], 1n)
    chain.say(aggregator, aggregatorAbi, 'maxAnswer', [], 2n ** 95n)
  }
  chain.say(pool, observationAbi, 'token0', [], weth)
  chain.say(pool, observationAbi, 'token1', [], usdc)
  chain.say(pool, observationAbi, 'observe', [[windowSeconds, 0]], observed(3_000))
}

/** Cumulatives of a pool that stood at so many USDC for one WETH, with the liquidity that is in range now. */
export function observed(price: number): readonly [readonly bigint[], readonly bigint[]] {
  const tick = Math.log(price * 1e-12) / Math.log(1.0001)
  return [
    [0n, BigInt(Math.round(tick * windowSeconds))],
    [0n, (BigInt(windowSeconds) << 128n) / 10n ** 18n],
  ]
}

/** As homeostat.yaml would state it, with the sources' own schemas. */
export function withAssets(chain: ChainConfig, changes: Readonly<Record<string, AssetChange>>): ChainConfig {
  const assets = chain.assets.map((asset): AssetConfig => {
    const { feed: pins, prices, ...pricing } = changes[asset.symbol] ?? {}
    return {
      ...asset,
      ...(pricing as Partial<AssetConfig>),
      ...(asset.feed === undefined ? {} : { feed: { ...asset.feed, ...pins } }),
      ...(prices === undefined ? {} : { prices: prices.map(sourceOf) }),
    }
  })
  return { ...chain, assets }
}

function sourceOf({ kind, ...settings }: NonNullable<AssetChange['prices']>[number]): PriceSourceConfig {
  const source = (priceSources as unknown as readonly PriceSource[]).find((one) => one.kind === kind)
  if (source === undefined) throw new Error(`There is no source of prices ${kind}.`)
  return { kind, settings: z.parse(source.settings, settings, kind) }
}
