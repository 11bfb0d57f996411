// Moves the price of a Uniswap pool as it moves in life: by somebody who trades until it is there.

import { encodeFunctionData, maxUint256 } from 'viem'
import { readContract } from 'viem/actions'
import { toUnits } from '../../base/amount.ts'
import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { routerAbi, uniswapPoolAbi } from './abis.ts'
import type { AssetId } from './addresses.ts'
import { orientationOf, type PoolAsset } from './deploy-uniswap.ts'
import type { LeverDeps } from './drive-feeds.ts'
import { priceAt, sqrtPriceX96At } from './pool-price.ts'

export interface PoolLevers {
  /** The pool alone, to a price in USDC, by an arbitrageur's swap. */
  movePool(asset: PoolAsset, usdc: number): Promise<void>
  /** What the pool believes, in USDC. */
  poolPrice(asset: PoolAsset): Promise<number>
}

export function poolLevers({ client, send, addresses }: LeverDeps): PoolLevers {
  const { assets, accounts, uniswap } = addresses
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

  return { movePool, poolPrice: async (asset) => priceAt(orientationOf(assets, asset), await slot0(asset)) }
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
