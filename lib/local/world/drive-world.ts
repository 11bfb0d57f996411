// Makes the market move, fees rise and time pass on a running local chain, from its own process or from another one.

import { createClient, http } from 'viem'
import { type AssetId, assetIds, type WorldAddresses } from './addresses.ts'
import { type ChainLevers, chainLevers, makeSender, type Send } from './drive-chain.ts'
import { type FeedLevers, feedLevers } from './drive-feeds.ts'
import { mustBePositive, type PoolLevers, poolLevers } from './drive-pools.ts'
import { makeRpc } from './rpc.ts'

export interface WorldDrive extends FeedLevers, PoolLevers, ChainLevers {
  /**
   * The feed's answer and the pool's price together, so that the market and the protocols agree. Resolves when both are mined.
   * A change of USDC moves both pools, for they are quoted in it.
   * @param options.stale dates the answer this many seconds before the block
   */
  setPrice(asset: AssetId, usd: number, options?: { readonly stale?: number }): Promise<void>
  /** Several at once, in as few blocks as one takes. */
  setPrices(prices: Partial<Readonly<Record<AssetId, number>>>, options?: { readonly stale?: number }): Promise<void>
  readonly send: Send
}

export interface DriveWorldParams {
  readonly rpcUrl: string
  readonly addresses: WorldAddresses
}

/** The drive functions for a world that runs already; nothing to stop afterwards. */
export function driveWorld({ rpcUrl, addresses }: DriveWorldParams): WorldDrive {
  const rpc = makeRpc(rpcUrl)
  const client = createClient({ transport: http(rpcUrl, { retryCount: 0 }) })
  const send = makeSender(rpc)
  const feeds = feedLevers({ client, send, addresses })
  const pools = poolLevers({ client, send, addresses })

  const setPrices: WorldDrive['setPrices'] = async (prices, { stale = 0 } = {}) => {
    const changed = assetIds.filter((id) => prices[id] !== undefined)
    for (const id of changed) mustBePositive(id, prices[id] ?? 0)
    const before = await feeds.feeds()
    const after = { ETH: before.ETH.usd, BTC: before.BTC.usd, USDC: before.USDC.usd, ...prices }
    // A pool whose other side has a broken feed stays where it is.
    const priced = (['ETH', 'BTC'] as const).filter((id) => after[id] > 0 && after.USDC > 0)
    const moved = priced.filter((id) => prices[id] !== undefined || prices.USDC !== undefined)
    await Promise.all([
      ...changed.map((id) => feeds.pushFeed(id, after[id], stale)),
      ...moved.map((id) => pools.movePool(id, after[id] / after.USDC)),
    ])
  }

  const setPrice: WorldDrive['setPrice'] = (asset, usd, options) => setPrices({ [asset]: usd }, options)
  return { ...feeds, ...pools, ...chainLevers(rpc), setPrice, setPrices, send }
}
