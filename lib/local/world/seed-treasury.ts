// The treasury that the house watches: a Safe with a looped loan, a Uniswap range, and spare WBTC and USDC.

import {
  type Abi,
  type Address,
  type Client,
  concatHex,
  encodeFunctionData,
  encodePacked,
  getContractAddress,
  type Hex,
  keccak256,
  maxUint256,
  size,
  zeroAddress,
} from 'viem'
import { readContract, simulateContract } from 'viem/actions'
import { toDecimal, toUnits } from '../../base/amount.ts'
import { HomeostatError } from '../../base/homeostat-error.ts'
import { aavePoolAbi, multiSendAbi, proxyFactoryAbi, quoterAbi, routerAbi, safeAbi, tokenAbi } from './abis.ts'
import type { AssetAddresses, AssetId } from './addresses.ts'
import { type AaveDeployment, reserveLimits } from './deploy-aave.ts'
import type { SafeDeployment } from './deploy-safe.ts'
import { mintRange, orientationOf, poolTerms, type UniswapDeployment } from './deploy-uniswap.ts'
import type { Deployer } from './deployer.ts'
import { sqrtPriceX96At, tickRange } from './pool-price.ts'

/** What the treasury holds. NAV is about 2 million dollars at ETH 2,914 with the defaults. */
export interface TreasuryPlan {
  /** WETH on Aave after looping. */
  readonly collateralWeth: number
  /** At the start; decides the debt. */
  readonly healthFactor: number
  /** Dollars in the WETH/USDC range, which reaches from price / (1 + width) to price * (1 + width). */
  readonly rangeUsd: number
  readonly rangeWidth: number
  readonly wbtc: number
  readonly spareUsdc: number
}

export const defaultTreasury: TreasuryPlan = {
  collateralWeth: 740,
  healthFactor: 1.5,
  rangeUsd: 500_000,
  rangeWidth: 0.2,
  wbtc: 8,
  spareUsdc: 50_000,
}

export interface TreasuryParams {
  readonly plan: TreasuryPlan
  readonly prices: Readonly<Record<AssetId, number>>
  readonly owners: readonly Address[]
  readonly threshold: number
}

export interface TreasuryWorld {
  readonly deployer: Deployer
  readonly client: Client
  readonly assets: Readonly<Record<AssetId, AssetAddresses>>
  readonly aave: AaveDeployment
  readonly uniswap: UniswapDeployment
  readonly safe: SafeDeployment
}

export interface BatchStep {
  readonly to: Address
  readonly data: Hex
  readonly value?: bigint
}

/** Calldata of MultiSendCallOnly for these calls, in order; all or none. */
export function encodeBatch(steps: readonly BatchStep[]): Hex {
  const packed = steps.map(({ to, data, value = 0n }) =>
    encodePacked(['uint8', 'address', 'uint256', 'uint256', 'bytes'], [0, to, value, BigInt(size(data)), data]),
  )
  return encodeFunctionData({ abi: multiSendAbi, functionName: 'multiSend', args: [concatHex(packed)] })
}

/**
 * Queues the Safe and its holdings. The loan is the Safe's own doing: its `setup` runs the looping batch, so that no owner's
 * signature is needed and its nonce starts at zero. Expects the pools to be mined.
 * @returns the Safe's address
 */
export async function seedTreasury(world: TreasuryWorld, params: TreasuryParams): Promise<Address> {
  const { deployer, assets, safe } = world
  const { plan, prices, owners, threshold } = params
  const treasury = await treasuryAddress(world)
  const loop = await planLoop(world, params)
  const create = { abi: proxyFactoryAbi, functionName: 'createProxyWithNonce', args: [safe.singleton, '0x', saltNonce] }
  deployer.call({ name: 'create the Safe', to: safe.proxyFactory, ...create })
  const give = (asset: AssetId, functionName: 'transfer' | 'mint', units: bigint) =>
    deployer.call({
      name: `give ${asset}`,
      to: assets[asset].token,
      abi: tokenAbi,
      functionName,
      args: [treasury, units],
    })
  give('ETH', 'transfer', loop.ownWeth)
  give('BTC', 'mint', toUnits(plan.wbtc, assets.BTC.decimals))
  const spare = toUnits(plan.spareUsdc, assets.USDC.decimals)
  give('USDC', 'mint', spare > slack ? spare : slack)
  const batch = encodeBatch(loopSteps(world, treasury, loop))
  const handlers = [safe.multiSendCallOnly, batch, safe.fallbackHandler, zeroAddress, 0n, zeroAddress]
  const args = [owners, BigInt(threshold), ...handlers]
  deployer.call({ name: 'set up the Safe and loop its loan', to: treasury, abi: safeAbi, functionName: 'setup', args })

  const pool = orientationOf(assets, 'ETH')
  sellBack(world, sqrtPriceX96At(pool, prices.ETH / prices.USDC))
  const reach = { down: 1 + plan.rangeWidth, up: 1 + plan.rangeWidth, spacing: poolTerms.ETH.spacing }
  const range = tickRange(pool, { price: prices.ETH / prices.USDC, ...reach })
  const position = { asset: 'ETH', assets, prices, range, usd: plan.rangeUsd, recipient: treasury } as const
  mintRange({ deployer, positions: world.uniswap.positions }, position)
  return treasury
}

const saltNonce = 0n

/** CREATE2 by the factory; with an empty initializer only the salt's nonce decides. */
async function treasuryAddress({ client, safe }: TreasuryWorld): Promise<Address> {
  const at = { address: safe.proxyFactory, abi: proxyFactoryAbi } as const
  const code = await readContract(client, { ...at, functionName: 'proxyCreationCode' })
  const salt = keccak256(encodePacked(['bytes32', 'uint256'], [keccak256('0x'), saltNonce]))
  const bytecode = concatHex([code, `0x${safe.singleton.slice(2).toLowerCase().padStart(64, '0')}`])
  return getContractAddress({ opcode: 'CREATE2', from: safe.proxyFactory, salt, bytecode })
}

interface Loop {
  readonly ownWeth: bigint
  readonly borrows: readonly { readonly usdc: bigint; readonly weth: bigint }[]
}

/** What one may borrow of what one could, at each round: the pool's price is a little above the feed's by then. */
const borrowShare = 0.97
const maxRounds = 20

/**
 * Sizes the rounds of borrow, swap, supply from the pool's own quotes, so that collateral and debt come out exact.
 * @throws HomeostatError `world-treasury-invalid` when no looping reaches the plan
 */
async function planLoop({ client, assets, uniswap }: TreasuryWorld, { plan, prices }: TreasuryParams): Promise<Loop> {
  const { ltvBps, liquidationThresholdBps } = reserveLimits.ETH
  const debtUsd = (plan.collateralWeth * prices.ETH * liquidationThresholdBps) / 10_000 / plan.healthFactor
  const quote = async (usdc: number) => {
    const amountIn = toUnits(usdc, assets.USDC.decimals)
    const route = { tokenIn: assets.USDC.token, tokenOut: assets.ETH.token, fee: poolTerms.ETH.fee }
    const at = { address: uniswap.quoter, abi: quoterAbi, functionName: 'quoteExactInputSingle' } as const
    return (await simulateContract(client, { ...at, args: [{ ...route, amountIn, sqrtPriceLimitX96: 0n }] })).result[0]
  }
  const debt = debtUsd / prices.USDC
  const all = await quote(debt)
  const ownWeth = toUnits(plan.collateralWeth, assets.ETH.decimals) - all
  const borrows: { usdc: bigint; weth: bigint }[] = []
  let [borrowed, bought] = [0, 0n]
  while (borrowed < debt && borrows.length < maxRounds) {
    const collateralUsd = toDecimal(ownWeth + bought, assets.ETH.decimals) * prices.ETH
    const allowed = (collateralUsd * borrowShare * ltvBps) / 10_000 / prices.USDC
    if (allowed <= borrowed) break
    const total = Math.min(debt, allowed)
    const boughtInTotal = total === debt ? all : await quote(total)
    const usdc = toUnits(total, assets.USDC.decimals) - toUnits(borrowed, assets.USDC.decimals)
    borrows.push({ usdc, weth: boughtInTotal - bought })
    borrowed = total
    bought = boughtInTotal
  }
  if (borrowed < debt) throw treasuryInvalid(plan)
  return { ownWeth, borrows }
}

function treasuryInvalid(plan: TreasuryPlan): HomeostatError {
  return new HomeostatError('world-treasury-invalid', {
    message: `No looping takes a loan on ${plan.collateralWeth} WETH to a health factor of ${plan.healthFactor}.`,
    retry: 'never',
    facts: { collateralWeth: plan.collateralWeth, healthFactor: plan.healthFactor },
    hint: 'Ask for a health factor of 1.15 or more, or for less collateral than the pools can sell.',
  })
}

function loopSteps({ assets, aave, uniswap }: TreasuryWorld, treasury: Address, loop: Loop): readonly BatchStep[] {
  const [weth, usdc] = [assets.ETH.token, assets.USDC.token]
  const step = (
    to: Address,
    abi: Abi | readonly unknown[],
    functionName: string,
    args: readonly unknown[],
  ): BatchStep => ({
    to,
    data: encodeFunctionData({ abi: abi as Abi, functionName, args }),
  })
  const approve = (token: Address, spender: Address, units: bigint) =>
    step(token, tokenAbi, 'approve', [spender, units])
  const supply = (units: bigint) => step(aave.pool, aavePoolAbi, 'supply', [weth, units, treasury, 0])
  const borrowed = loop.borrows.reduce((sum, { usdc: units }) => sum + units, 0n)
  const bought = loop.borrows.reduce((sum, { weth: units }) => sum + units, 0n)
  return [
    approve(weth, aave.pool, loop.ownWeth + bought),
    // Two swaps round differently from the one that was quoted: a few millionths of a dollar from the spare USDC.
    approve(usdc, uniswap.router, borrowed + slack),
    supply(loop.ownWeth),
    ...loop.borrows.flatMap(({ usdc: usdcUnits, weth: wethUnits }) => [
      step(aave.pool, aavePoolAbi, 'borrow', [usdc, usdcUnits, 2n, 0, treasury]),
      step(uniswap.router, routerAbi, 'exactOutputSingle', [
        {
          tokenIn: usdc,
          tokenOut: weth,
          fee: poolTerms.ETH.fee,
          recipient: treasury,
          deadline: maxUint256,
          amountOut: wethUnits,
          amountInMaximum: usdcUnits + slack / 2n,
          sqrtPriceLimitX96: 0n,
        },
      ]),
      supply(wethUnits),
    ]),
    approve(weth, aave.pool, 0n),
    approve(usdc, uniswap.router, 0n),
  ]
}

const slack = 20n

/** Queues the arbitrage that brings the pool from where the loop's purchases left it back to the feeds' price. */
function sellBack({ deployer, assets, uniswap }: TreasuryWorld, sqrtPriceLimitX96: bigint): void {
  const tokens = { tokenIn: assets.ETH.token, tokenOut: assets.USDC.token, fee: poolTerms.ETH.fee }
  const amounts = { amountIn: toUnits(10_000, assets.ETH.decimals), amountOutMinimum: 0n, sqrtPriceLimitX96 }
  const args = [{ ...tokens, recipient: deployer.address, deadline: maxUint256, ...amounts }]
  const swap = { abi: routerAbi, functionName: 'exactInputSingle', args }
  deployer.call({ name: 'bring the ETH pool back to the feed', to: uniswap.router, ...swap })
}
