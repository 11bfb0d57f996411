// The second lens: what the market pays, from every Uniswap v3 pool between two configured assets that has liquidity.

import { parseAbi } from 'viem/utils'
import type { ChainConfig, UniswapV3Config } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from '../protocols/define-protocol.ts'
import { baseAndQuote, type Pair } from './base-and-quote.ts'
import { askPoolTerms, readPoolTelemetry, unreadPool } from './uniswap-v3-depth.ts'

export const uniswapV3FactoryAbi = parseAbi([
  'function getPool(address tokenA, address tokenB, uint24 fee) view returns (address pool)',
])
export const uniswapV3PoolAbi = parseAbi([
  'function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality, uint16 observationCardinalityNext, uint8 feeProtocol, bool unlocked)',
  'function liquidity() view returns (uint128)',
  'function feeGrowthGlobal0X128() view returns (uint256)',
  'function feeGrowthGlobal1X128() view returns (uint256)',
  'function ticks(int24 tick) view returns (uint128 liquidityGross, int128 liquidityNet, uint256 feeGrowthOutside0X128, uint256 feeGrowthOutside1X128, int56 tickCumulativeOutside, uint160 secondsPerLiquidityOutsideX128, uint32 secondsOutside, bool initialized)',
])

const zeroAddress = '0x0000000000000000000000000000000000000000'

export const uniswapV3Pool = defineProtocol({
  name: 'uniswap-v3-pool',
  title: 'Uniswap v3 pool prices (the market lens)',
  evidence: 'real contracts',
  read: async (reader, { chain }) => {
    const { uniswapV3 } = chain
    if (uniswapV3 === undefined) return {}
    const candidates = pairsOf(chain).flatMap((pair) => uniswapV3.feeTiers.map((feeTier) => ({ ...pair, feeTier })))
    return joinParts(await Promise.all(candidates.map((candidate) => readPool(reader, uniswapV3, candidate))))
  },
})

/** Every two assets once. */
function pairsOf({ assets }: ChainConfig): readonly Pair[] {
  return assets.flatMap((first, index) => assets.slice(index + 1).map((second) => baseAndQuote(first, second)))
}

/** Where the pool of two tokens is; undefined if there is none. */
export function poolCall({ factory }: UniswapV3Config, tokenA: Address, tokenB: Address, feeTier: number) {
  // In the factory's own order, so that equal questions are asked once.
  const [token0, token1] = BigInt(tokenA) < BigInt(tokenB) ? [tokenA, tokenB] : [tokenB, tokenA]
  return { to: factory, abi: uniswapV3FactoryAbi, functionName: 'getPool', args: [token0, token1, feeTier] } as const
}

/** The factory answers zero where there is no pool. */
export function poolAddress(answer: string): Address | undefined {
  const address = answer.toLowerCase() as Address
  return address === zeroAddress ? undefined : address
}

async function readPool(
  reader: ChainReader,
  uniswap: UniswapV3Config,
  { base, quote, feeTier }: Pair & { readonly feeTier: number },
): Promise<ReadingPart> {
  const place = { subject: `pool ${base.symbol}/${quote.symbol} ${feeTier}`, touches: { kind: 'context' } } as const
  const found = await reader.ask(poolCall(uniswap, base.address, quote.address, feeTier))
  const unread = { telemetry: [unreadPool({ base, quote, feeTier })] }
  if (!found.ok) return { ...unread, gaps: [gapOf(found, place)] }
  const pool = poolAddress(found.value)
  if (pool === undefined) return {}
  const [slot0, liquidity, terms] = await Promise.all([
    reader.ask({ to: pool, abi: uniswapV3PoolAbi, functionName: 'slot0', args: [] }),
    reader.ask({ to: pool, abi: uniswapV3PoolAbi, functionName: 'liquidity', args: [] }),
    askPoolTerms(reader, pool),
  ])
  if (!slot0.ok) return { ...unread, gaps: [gapOf(slot0, place)] }
  if (!liquidity.ok) return { ...unread, gaps: [gapOf(liquidity, place)] }
  const [sqrtPriceX96, tick] = slot0.value
  if (sqrtPriceX96 === 0n || liquidity.value === 0n) return {}
  const baseIsToken0 = BigInt(base.address) < BigInt(quote.address)
  const price = baseIsToken0
    ? sqrtPriceToPrice(sqrtPriceX96, base.decimals, quote.decimals)
    : 1 / sqrtPriceToPrice(sqrtPriceX96, quote.decimals, base.decimals)
  const names = { venue: 'uniswap-v3', pool, base: base.symbol, quote: quote.symbol, feeTier } as const
  const poolPrices = [{ ...names, price, liquidity: liquidity.value.toString() }]
  const priced = { pool, base, quote, feeTier, price, sqrtPriceX96, tick, liquidity: liquidity.value }
  return joinParts([{ poolPrices }, await readPoolTelemetry(reader, priced, terms)])
}

/** `asset1` per `asset0` in whole tokens, from Q64.96 of the root of the raw price (Adams et al. 2021, section 6.1). */
export function sqrtPriceToPrice(sqrtPriceX96: bigint, decimals0: number, decimals1: number): number {
  const root = Number(sqrtPriceX96) / 2 ** 96
  return root * root * 10 ** (decimals0 - decimals1)
}
