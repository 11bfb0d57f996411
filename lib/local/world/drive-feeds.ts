// What the price feeds answer, and how badly.

import { type Client, encodeFunctionData, maxUint256 } from 'viem'
import { readContract } from 'viem/actions'
import { toDecimal, toUnits } from '../../base/amount.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { feedAbi } from './abis.ts'
import type { AssetId, WorldAddresses } from './addresses.ts'
import type { Send } from './drive-chain.ts'

/** How a feed answers, in the order of the contract's enum. */
export const feedModes = ['normal', 'reverting', 'empty', 'truncated', 'hanging'] as const
export type FeedMode = (typeof feedModes)[number]

export interface FeedSetting {
  /** Dollars; may be zero or negative, as broken feeds are. Absent: as it is. */
  readonly answer?: number
  /** Absent: the time of the block. */
  readonly updatedAt?: number
  /** By how many rounds `answeredInRound` lags behind `roundId`. */
  readonly roundsBehind?: number
  /** Absent: normal. */
  readonly mode?: FeedMode
}

export interface FeedState {
  readonly usd: Usd
  readonly updatedAt: UnixSeconds
  readonly mode: FeedMode
}

export interface FeedLevers {
  /** What the feeds hold, even while they refuse to answer. */
  feeds(): Promise<Readonly<Record<AssetId, FeedState>>>
  /** A new answer, dated `ageSeconds` before the block; the manner of answering stays. */
  pushFeed(asset: AssetId, usd: Usd, ageSeconds: number): Promise<void>
  /** The same answer again, dated by the block. */
  renewFeed(asset: AssetId): Promise<void>
  /** Every field of the answer, and the manner of answering from now on. */
  setFeed(asset: AssetId, setting: FeedSetting): Promise<void>
}

export interface LeverDeps {
  readonly client: Client
  readonly send: Send
  readonly addresses: WorldAddresses
}

export function feedLevers({ client, send, addresses }: LeverDeps): FeedLevers {
  const { assets, accounts } = addresses
  const stored = (asset: AssetId) =>
    readContract(client, { address: assets[asset].feed, abi: feedAbi, functionName: 'stored' })
  const state = async (asset: AssetId): Promise<FeedState> => {
    const [answer, updatedAt, mode] = await stored(asset)
    const usd = toDecimal(answer, assets[asset].feedDecimals)
    return { usd, updatedAt: Number(updatedAt), mode: feedModes[mode] ?? 'normal' }
  }
  const pushFeed: FeedLevers['pushFeed'] = async (asset, usd, ageSeconds) => {
    const { feed, feedDecimals } = assets[asset]
    const args = [toUnits(usd, feedDecimals), BigInt(ageSeconds)] as const
    const data = encodeFunctionData({ abi: feedAbi, functionName: 'push', args })
    await send({ from: accounts.feedKeeper, to: feed, data })
  }
  return {
    pushFeed,
    async feeds() {
      const [eth, btc, usdc] = await Promise.all([state('ETH'), state('BTC'), state('USDC')])
      return { ETH: eth, BTC: btc, USDC: usdc }
    },
    async renewFeed(asset) {
      await pushFeed(asset, (await state(asset)).usd, 0)
    },
    async setFeed(asset, { answer, updatedAt, roundsBehind = 0, mode = 'normal' }) {
      const { feed, feedDecimals } = assets[asset]
      const units = answer === undefined ? (await stored(asset))[0] : toUnits(answer, feedDecimals)
      const at = updatedAt === undefined ? maxUint256 : BigInt(updatedAt)
      const args = [units, at, BigInt(roundsBehind), feedModes.indexOf(mode)] as const
      const data = encodeFunctionData({ abi: feedAbi, functionName: 'configure', args })
      await send({ from: accounts.feedKeeper, to: feed, data })
    },
  }
}
