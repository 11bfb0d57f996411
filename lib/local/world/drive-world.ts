// Makes the market move, fees rise and time pass on a running local chain, from its own process or from another one.

import {
  type Address,
  createClient,
  encodeFunctionData,
  type Hex,
  hexToBigInt,
  http,
  maxUint256,
  numberToHex,
} from 'viem'
import { readContract } from 'viem/actions'
import { toDecimal, toUnits } from '../../base/amount.ts'
import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { feedAbi, routerAbi, uniswapPoolAbi } from './abis.ts'
import { type AssetId, assetIds, type WorldAddresses } from './addresses.ts'
import { orientationOf, type PoolAsset } from './deploy-uniswap.ts'
import { priceAt, sqrtPriceX96At } from './pool-price.ts'
import { makeRpc, type Rpc } from './rpc.ts'

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
  readonly mode?: FeedMode
}

export interface FeedState {
  readonly usd: Usd
  readonly updatedAt: UnixSeconds
  readonly mode: FeedMode
}

export interface WorldDrive {
  /**
   * The feed's answer and the pool's price together, so that the market and the protocols agree. Resolves when both are mined.
   * A change of USDC moves both pools, for they are quoted in it.
   * @param options.stale dates the answer this many seconds before the block
   */
  setPrice(asset: AssetId, usd: number, options?: { readonly stale?: number }): Promise<void>
  /** Several at once, in as few blocks as one takes. */
  setPrices(prices: Partial<Readonly<Record<AssetId, number>>>, options?: { readonly stale?: number }): Promise<void>
  /** What the feeds hold, even while they refuse to answer. */
  feeds(): Promise<Readonly<Record<AssetId, FeedState>>>
  /** The same answer again, dated by the block. */
  renewFeed(asset: AssetId): Promise<void>
  /** The feed alone. */
  setFeed(asset: AssetId, setting: FeedSetting): Promise<void>
  /** The pool alone, to a price in USDC, by an arbitrageur's swap. */
  movePool(asset: PoolAsset, usdc: number): Promise<void>
  /** What the pool believes, in USDC. */
  poolPrice(asset: PoolAsset): Promise<number>
  /** Mines a block with this base fee; the miner of `startIntervalMining` keeps it from then on. */
  setBaseFee(wei: bigint): Promise<void>
  /** Lets time pass and mines one block at its end. */
  warp(seconds: number): Promise<void>
  mine(blocks: number): Promise<void>
  /** The time of the latest block. */
  blockTime(): Promise<UnixSeconds>
  /** Adds ether. */
  fund(address: Address, ether: number): Promise<void>
  snapshot(): Promise<Hex>
  /** Back to the snapshot, which is used up. */
  revert(snapshot: Hex): Promise<void>
  /** Sends a transaction from one of the chain's unlocked accounts and resolves with its hash when it is mined successfully. */
  send(transaction: { readonly from: Address; readonly to: Address; readonly data: Hex }): Promise<Hex>
}

export interface DriveWorldParams {
  readonly rpcUrl: string
  readonly addresses: WorldAddresses
}

/** The drive functions for a world that runs already; nothing to stop afterwards. */
export function driveWorld({ rpcUrl, addresses }: DriveWorldParams): WorldDrive {
  const rpc = makeRpc(rpcUrl)
  const client = createClient({ transport: http(rpcUrl, { retryCount: 0 }) })
  const { assets, accounts, uniswap } = addresses
  const send = makeSender(rpc)

  const feedState = async (asset: AssetId): Promise<FeedState> => {
    const { feed, feedDecimals } = assets[asset]
    const [answer, updatedAt, mode] = await readContract(client, {
      address: feed,
      abi: feedAbi,
      functionName: 'stored',
    })
    const usd = toDecimal(answer, feedDecimals)
    return { usd, updatedAt: Number(updatedAt), mode: feedModes[mode] ?? 'normal' }
  }
  const feeds = async () => {
    const [eth, btc, usdc] = await Promise.all([feedState('ETH'), feedState('BTC'), feedState('USDC')])
    return { ETH: eth, BTC: btc, USDC: usdc }
  }

  const slot0 = async (asset: PoolAsset) =>
    (
      await readContract(client, { address: uniswap.pools[asset].address, abi: uniswapPoolAbi, functionName: 'slot0' })
    )[0]

  /** A swap that stops at the wanted price; undefined if the pool is there. */
  async function arbitrage(asset: PoolAsset, usdc: number) {
    const pool = orientationOf(assets, asset)
    const target = sqrtPriceX96At(pool, usdc)
    const current = await slot0(asset)
    if (current === target) return undefined
    const sellsToken0 = target < current
    const sellsBase = sellsToken0 === pool.baseIsToken0
    const [tokenIn, tokenOut] = sellsBase ? [assets[asset], assets.USDC] : [assets.USDC, assets[asset]]
    const amountIn = toUnits(sellsBase ? 1_000_000 : 1e12, tokenIn.decimals)
    const route = { tokenIn: tokenIn.token, tokenOut: tokenOut.token, fee: uniswap.pools[asset].fee }
    const limits = { deadline: maxUint256, amountIn, amountOutMinimum: 0n, sqrtPriceLimitX96: target }
    const args = [{ ...route, recipient: accounts.arbitrageur, ...limits }] as const
    const data = encodeFunctionData({ abi: routerAbi, functionName: 'exactInputSingle', args })
    return { from: accounts.arbitrageur, to: uniswap.router, data }
  }

  async function movePool(asset: PoolAsset, usdc: number): Promise<void> {
    mustBePositive(asset, usdc)
    // Between reading the price and the swap somebody else may have traded to its other side: then look again.
    for (let attempt = 1; ; attempt += 1) {
      const swap = await arbitrage(asset, usdc)
      if (swap === undefined) return
      try {
        await send(swap)
        return
      } catch (error) {
        if (attempt === 3 || !isHomeostatError(error) || error.code !== 'world-transaction-reverted') throw error
      }
    }
  }

  const pushFeed = (asset: AssetId, usd: number, age: number) => {
    const { feed, feedDecimals } = assets[asset]
    const args = [toUnits(usd, feedDecimals), BigInt(age)] as const
    return send({
      from: accounts.feedKeeper,
      to: feed,
      data: encodeFunctionData({ abi: feedAbi, functionName: 'push', args }),
    })
  }

  const setPrices: WorldDrive['setPrices'] = async (prices, { stale = 0 } = {}) => {
    const changed = assetIds.filter((id) => prices[id] !== undefined)
    for (const id of changed) mustBePositive(id, prices[id] ?? 0)
    const before = await feeds()
    const after = { ETH: before.ETH.usd, BTC: before.BTC.usd, USDC: before.USDC.usd, ...prices }
    // A pool whose other side has a broken feed stays where it is.
    const priced = (['ETH', 'BTC'] as const).filter((id) => after[id] > 0 && after.USDC > 0)
    const pools = priced.filter((id) => prices[id] !== undefined || prices.USDC !== undefined)
    await Promise.all([
      ...changed.map((id) => pushFeed(id, after[id], stale)),
      ...pools.map((id) => movePool(id, after[id] / after.USDC)),
    ])
  }

  return {
    send,
    feeds,
    movePool,
    setPrices,
    setPrice: (asset, usd, options) => setPrices({ [asset]: usd }, options),
    poolPrice: async (asset) => priceAt(orientationOf(assets, asset), await slot0(asset)),
    async renewFeed(asset) {
      await pushFeed(asset, (await feedState(asset)).usd, 0)
    },
    async setFeed(asset, { answer, updatedAt, roundsBehind = 0, mode = 'normal' }) {
      const { feed, feedDecimals } = assets[asset]
      const [stored] = await readContract(client, { address: feed, abi: feedAbi, functionName: 'stored' })
      const units = answer === undefined ? stored : toUnits(answer, feedDecimals)
      const at = updatedAt === undefined ? maxUint256 : BigInt(updatedAt)
      const args = [units, at, BigInt(roundsBehind), feedModes.indexOf(mode)] as const
      const data = encodeFunctionData({ abi: feedAbi, functionName: 'configure', args })
      await send({ from: accounts.feedKeeper, to: feed, data })
    },
    ...driveChain(rpc),
  }
}

/** What needs no contract: time, blocks, fees, ether. */
export function driveChain(
  rpc: Rpc,
): Pick<WorldDrive, 'setBaseFee' | 'warp' | 'mine' | 'blockTime' | 'fund' | 'snapshot' | 'revert'> {
  return {
    async setBaseFee(wei) {
      // In one request, so that no other block comes between and takes the fee.
      await rpc.batch([
        { method: 'anvil_setNextBlockBaseFeePerGas', params: [numberToHex(wei)] },
        { method: 'evm_mine', params: [] },
      ])
    },
    async warp(seconds) {
      await rpc.request('evm_increaseTime', [seconds])
      await rpc.request('evm_mine')
    },
    async mine(blocks) {
      await rpc.request('anvil_mine', [numberToHex(blocks)])
    },
    async blockTime() {
      const block = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as { readonly timestamp: Hex }
      return Number(block.timestamp)
    },
    async fund(address, ether) {
      const balance = hexToBigInt((await rpc.request('eth_getBalance', [address, 'latest'])) as Hex)
      await rpc.request('anvil_setBalance', [address, numberToHex(balance + toUnits(ether, 18))])
    },
    async snapshot() {
      return (await rpc.request('evm_snapshot')) as Hex
    },
    async revert(snapshot) {
      if ((await rpc.request('evm_revert', [snapshot])) === true) return
      throw new HomeostatError('world-snapshot-gone', {
        message: 'The chain has no such snapshot: each can be used once.',
        retry: 'never',
        facts: { snapshot },
      })
    },
  }
}

/** @throws HomeostatError `world-price-invalid` */
export function mustBePositive(asset: AssetId, price: number): void {
  if (Number.isFinite(price) && price > 0) return
  throw new HomeostatError('world-price-invalid', {
    message: `A market price is a positive number; ${asset} cannot trade at ${price}.`,
    retry: 'never',
    facts: { asset, price: String(price) },
    hint: 'To make a feed answer zero or less, set the feed alone.',
  })
}

const receiptTimeoutSeconds = 30

/** Sends are one after another, so that anvil gives each its own nonce; the waiting for blocks is side by side. */
function makeSender(rpc: Rpc): WorldDrive['send'] {
  let last: Promise<unknown> = Promise.resolve()
  return async ({ from, to, data }) => {
    // The fee cap is beyond any base fee that a test sets; the unlocked accounts are rich.
    const fees = { maxFeePerGas: numberToHex(10n ** 14n), maxPriorityFeePerGas: numberToHex(10n ** 9n) }
    const transaction = { from, to, data, gas: numberToHex(3_000_000), ...fees }
    const sent = last.then(() => sendWithFreshNonce(rpc, transaction))
    last = sent.catch(() => undefined)
    const hash = (await sent) as Hex
    const receipt = await minedReceipt(rpc, hash)
    if (receipt.status === '0x1') return hash
    throw new HomeostatError('world-transaction-reverted', {
      message: `A transaction that drives the world reverted (to ${to}).`,
      retry: 'later',
      facts: { transaction: hash, to },
    })
  }
}

/** Anvil chooses the nonce; another process that drives the same account may take it first. */
async function sendWithFreshNonce(rpc: Rpc, transaction: object): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rpc.request('eth_sendTransaction', [transaction])
    } catch (error) {
      const taken = isHomeostatError(error) && /nonce too low|replacement transaction/i.test(error.message)
      if (!taken || attempt === 10) throw error
    }
  }
}

async function minedReceipt(rpc: Rpc, hash: Hex): Promise<{ readonly status: string }> {
  const until = Date.now() + receiptTimeoutSeconds * 1_000
  for (let pause = 2; Date.now() < until; pause = Math.min(pause * 2, 50)) {
    const receipt = await rpc.request('eth_getTransactionReceipt', [hash])
    if (receipt !== null) return receipt as { readonly status: string }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  throw new HomeostatError('world-not-mining', {
    message: `No block took a transaction within ${receiptTimeoutSeconds} s.`,
    retry: 'later',
    facts: { transaction: hash },
    hint: 'Is the process that mines this chain still running?',
  })
}
