// Uniswap v3 from its npm artifacts, with the two pools that the treasury can trade in and that prices are moved in.

import { type Address, getAddress, maxUint256, zeroAddress, zeroHash } from 'viem'
import { toUnits } from '../../base/amount.ts'
import { positionsAbi, tokenAbi } from './abis.ts'
import type { AssetAddresses, AssetId } from './addresses.ts'
import { loadArtifact } from './artifact.ts'
import type { Deployer } from './deployer.ts'
import { fullRange, type PoolOrientation, sqrtPriceX96At, tickRange } from './pool-price.ts'

/** Against USDC: the fee, the spacing of ticks that belongs to it, and how many dollars third parties put in. */
export const poolTerms = {
  ETH: { fee: 500, spacing: 10, liquidityUsd: 250_000_000 },
  BTC: { fee: 3_000, spacing: 60, liquidityUsd: 20_000_000 },
} as const

export type PoolAsset = keyof typeof poolTerms

export interface UniswapDeployment {
  readonly factory: Address
  readonly positions: Address
  readonly router: Address
  readonly quoter: Address
  readonly universalRouter: Address
}

type Assets = Readonly<Record<AssetId, AssetAddresses>>
type Prices = Readonly<Record<AssetId, number>>

/** Queues the contracts. No token descriptor: nobody here asks for an NFT's picture. */
export function deployUniswap({ deployer }: { readonly deployer: Deployer }, weth: Address): UniswapDeployment {
  const periphery = (path: string) =>
    loadArtifact(`@uniswap/v3-periphery/artifacts/contracts/${path}.sol/${path.split('/').at(-1)}.json`)
  const factory = deployer.deploy(
    loadArtifact('@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json'),
  )
  const positions = deployer.deploy(periphery('NonfungiblePositionManager'), [factory, weth, zeroAddress])
  const router = deployer.deploy(periphery('SwapRouter'), [factory, weth])
  const quoter = deployer.deploy(periphery('lens/QuoterV2'), [factory, weth])
  return { factory, positions, router, quoter, universalRouter: deployUniversalRouter(deployer) }
}

/** Only its check of a deadline is used, with no commands, so every address that it could call is left out. */
function deployUniversalRouter(deployer: Deployer): Address {
  const path = '@uniswap/universal-router/artifacts/contracts/UniversalRouter.sol/UniversalRouter.json'
  const unused = {
    permit2: zeroAddress,
    weth9: zeroAddress,
    v2Factory: zeroAddress,
    v3Factory: zeroAddress,
    pairInitCodeHash: zeroHash,
    poolInitCodeHash: zeroHash,
    v4PoolManager: zeroAddress,
    v3NFTPositionManager: zeroAddress,
    v4PositionManager: zeroAddress,
    spokePool: zeroAddress,
  }
  return deployer.deploy(loadArtifact(path), [unused])
}

/** How an asset's pool against USDC is turned: Uniswap sorts the two tokens by address. */
export function orientationOf(assets: Assets, asset: PoolAsset): PoolOrientation {
  const [base, quote] = [assets[asset], assets.USDC]
  const baseIsToken0 = BigInt(base.token) < BigInt(quote.token)
  return { baseIsToken0, baseDecimals: base.decimals, quoteDecimals: quote.decimals }
}

/**
 * Queues a pool at the feeds' price with third-party liquidity: a tenth over the full range, so that there is always a price,
 * the rest from a quarter to four times the price, where it counts double.
 */
export function openPool(
  { deployer, positions }: { readonly deployer: Deployer; readonly positions: Address },
  params: { readonly asset: PoolAsset; readonly assets: Assets; readonly prices: Prices; readonly provider: Address },
): void {
  const { asset, assets, prices, provider } = params
  const { fee, spacing, liquidityUsd } = poolTerms[asset]
  const pool = orientationOf(assets, asset)
  const price = prices[asset] / prices.USDC
  const [token0, token1] = sorted(pool, assets[asset].token, assets.USDC.token)
  const sqrtPriceX96 = sqrtPriceX96At(pool, price)
  const create = { abi: positionsAbi, functionName: 'createAndInitializePoolIfNecessary' }
  deployer.call({ name: `open the ${asset} pool`, to: positions, ...create, args: [token0, token1, fee, sqrtPriceX96] })
  const wide = tickRange(pool, { price, down: 4, up: 4, spacing })
  for (const [range, share] of [
    [fullRange(spacing), 0.1],
    [wide, 0.9],
  ] as const) {
    mintRange({ deployer, positions }, { asset, assets, prices, range, usd: liquidityUsd * share, recipient: provider })
  }
}

/** Queues liquidity worth about this many dollars, half in each token before the range decides; what is not taken stays with the deployer. */
export function mintRange(
  { deployer, positions }: { readonly deployer: Deployer; readonly positions: Address },
  params: {
    readonly asset: PoolAsset
    readonly assets: Assets
    readonly prices: Prices
    readonly range: readonly [number, number]
    readonly usd: number
    readonly recipient: Address
  },
): void {
  const { asset, assets, prices, range, usd, recipient } = params
  const pool = orientationOf(assets, asset)
  const base = toUnits(usd / 2 / prices[asset], assets[asset].decimals)
  const quote = toUnits(usd / 2 / prices.USDC, assets.USDC.decimals)
  const [token0, token1] = sorted(pool, assets[asset].token, assets.USDC.token)
  const [amount0Desired, amount1Desired] = sorted(pool, base, quote)
  const terms = { token0, token1, fee: poolTerms[asset].fee, tickLower: range[0], tickUpper: range[1] }
  const amounts = { amount0Desired, amount1Desired, amount0Min: 0n, amount1Min: 0n }
  const args = [{ ...terms, ...amounts, recipient: getAddress(recipient), deadline: maxUint256 }]
  deployer.call({ name: `provide ${asset} liquidity`, to: positions, abi: positionsAbi, functionName: 'mint', args })
}

/** Queues the deployer's unlimited approvals of one spender for all tokens. */
export function approveAll({ deployer }: { readonly deployer: Deployer }, assets: Assets, spender: Address): void {
  for (const { symbol, token } of Object.values(assets)) {
    const args = [spender, maxUint256]
    deployer.call({ name: `approve ${symbol}`, to: token, abi: tokenAbi, functionName: 'approve', args })
  }
}

function sorted<T>(pool: PoolOrientation, base: T, quote: T): readonly [T, T] {
  return pool.baseIsToken0 ? [base, quote] : [quote, base]
}
