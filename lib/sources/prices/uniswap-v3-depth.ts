// How a Uniswap v3 pool does: its depth from the ticks around its price, and the counters of its fees.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { PoolTelemetry } from '../../model/telemetry.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { firstRefusal, type Refusal, refusal } from '../protocols/as-configured.ts'
import { gapOf, type ReadingPart } from '../protocols/define-protocol.ts'
import { depthWithin2pct, rootOf, spansOf, ticksWithinReach } from './tick-depth.ts'

export const uniswapV3DepthAbi = parseAbi([
  'function tickSpacing() view returns (int24)',
  'function tickBitmap(int16 wordPosition) view returns (uint256)',
  'function ticks(int24 tick) view returns (uint128 liquidityGross, int128 liquidityNet, uint256 feeGrowthOutside0X128, uint256 feeGrowthOutside1X128, int56 tickCumulativeOutside, uint160 secondsPerLiquidityOutsideX128, uint32 secondsOutside, bool initialized)',
  'function feeGrowthGlobal0X128() view returns (uint256)',
  'function feeGrowthGlobal1X128() view returns (uint256)',
  'function protocolFees() view returns (uint128 token0, uint128 token1)',
])

/** More candidates than this, in pools with a spacing of 1, are first looked up in the pool's own map: one round more, a tenth of the calls. */
const mostCandidates = 64
/** Fees of v3 are in hundredths of a basis point. */
const feeScale = 1e6

/** What does not depend on the price: asked in the same round as it. */
export async function askPoolTerms(reader: ChainReader, pool: Address) {
  const at = { to: pool, abi: uniswapV3DepthAbi, args: [] } as const
  const [spacing, growth0, growth1, protocol] = await Promise.all([
    reader.ask({ ...at, functionName: 'tickSpacing' }),
    reader.ask({ ...at, functionName: 'feeGrowthGlobal0X128' }),
    reader.ask({ ...at, functionName: 'feeGrowthGlobal1X128' }),
    reader.ask({ ...at, functionName: 'protocolFees' }),
  ])
  return { spacing, growth0, growth1, protocol }
}

export interface PricedPool {
  readonly pool: Address
  readonly base: AssetConfig
  readonly quote: AssetConfig
  readonly feeTier: number
  /** Quote for one base. */
  readonly price: number
  readonly sqrtPriceX96: bigint
  readonly tick: number
  readonly liquidity: bigint
}

/** One round more than the price, two in pools of the narrowest spacing. What fails is named in `unread`, with a gap that degrades nothing. */
export async function readPoolTelemetry(
  reader: ChainReader,
  priced: PricedPool,
  terms: Awaited<ReturnType<typeof askPoolTerms>>,
): Promise<ReadingPart> {
  const { pool, base, quote, feeTier, price } = priced
  const depth = await readDepth(reader, priced, terms.spacing)
  const fees = feesOf(priced, terms)
  const unread = [...(depth.ok ? [] : (['depth'] as const)), ...(fees.ok ? [] : (['fees'] as const))]
  const telemetry: PoolTelemetry = {
    ...namesOf(priced),
    id: `uniswap-v3:${pool}`,
    price,
    ...(depth.ok ? { depth: depth.value } : {}),
    ...(fees.ok ? { fees: fees.value } : {}),
    ...(unread.length === 0 ? {} : { unread }),
  }
  const place = (what: string) => ({
    subject: `${what} of pool ${base.symbol}/${quote.symbol} ${feeTier}`,
    touches: { kind: 'context' } as const,
  })
  const gaps = [...(depth.ok ? [] : [gapOf(depth, place('depth'))]), ...(fees.ok ? [] : [gapOf(fees, place('fees'))])]
  return { telemetry: [telemetry], gaps }
}

type NamedPool = Pick<PricedPool, 'base' | 'quote' | 'feeTier'>

const namesOf = ({ base, quote, feeTier }: NamedPool) =>
  ({
    kind: 'pool',
    venue: 'uniswap-v3',
    label: `Uniswap v3 ${feeTier / 10_000} %`,
    base: base.symbol,
    quote: quote.symbol,
  }) as const

/** Stands for a pool of which not even the price could be read, or where it is: it may exist. */
export function unreadPool(pool: NamedPool): PoolTelemetry {
  const { base, quote, feeTier } = pool
  const id = `uniswap-v3:${base.symbol}/${quote.symbol}:${feeTier}`
  return { ...namesOf(pool), id, unread: ['depth', 'fees'] }
}

type Result<T> = { readonly ok: true; readonly value: T } | Refusal

async function readDepth(
  reader: ChainReader,
  priced: PricedPool,
  spacing: Answer<number>,
): Promise<Result<NonNullable<PoolTelemetry['depth']>>> {
  if (!spacing.ok) return spacing
  if (spacing.value < 1) return refusal('malformed-return', `its tick spacing is ${spacing.value}`)
  const { pool, base, quote, feeTier, sqrtPriceX96, tick, liquidity } = priced
  const net = await readNet(reader, { pool, tick, spacing: spacing.value })
  if (!net.ok) return net
  const spans = spansOf({ sqrtPriceX96, tick, liquidity, net: net.value })
  if (spans === undefined) return refusal('malformed-return', 'its ticks take out more liquidity than there is')
  const value = depthWithin2pct({
    s: rootOf(sqrtPriceX96),
    spans,
    fee: feeTier / feeScale,
    baseIsToken0: BigInt(base.address) < BigInt(quote.address),
    decimals: { base: base.decimals, quote: quote.decimals },
  })
  return { ok: true, value }
}

/** Net liquidity at every initialised tick within reach. */
async function readNet(
  reader: ChainReader,
  { pool, tick, spacing }: { readonly pool: Address; readonly tick: number; readonly spacing: number },
): Promise<Result<ReadonlyMap<number, bigint>>> {
  const all = ticksWithinReach(tick, spacing)
  const candidates = all.length > mostCandidates ? await initialised(reader, pool, { ticks: all, spacing }) : all
  if ('ok' in candidates) return candidates
  const answers = await Promise.all(
    candidates.map((at) => reader.ask({ to: pool, abi: uniswapV3DepthAbi, functionName: 'ticks', args: [at] })),
  )
  const net = new Map<number, bigint>()
  for (const [index, at] of candidates.entries()) {
    const answer = answers[index]
    if (answer?.ok !== true) return answer ?? refusal('malformed-return', `there is no answer to tick ${at}`)
    const [, change, , , , , , isInitialised] = answer.value
    if (isInitialised) net.set(at, change)
  }
  return { ok: true, value: net }
}

/** Those that the pool's map marks: bit `c mod 256` of word `c / 256` for tick c x spacing (Adams et al. 2021, section 6.2.4). */
async function initialised(
  reader: ChainReader,
  pool: Address,
  { ticks, spacing }: { readonly ticks: readonly number[]; readonly spacing: number },
): Promise<readonly number[] | Refusal> {
  const wordOf = (tick: number) => Math.floor(tick / spacing / 256)
  const positions = [...new Set(ticks.map(wordOf))]
  const words = await Promise.all(
    positions.map((at) => reader.ask({ to: pool, abi: uniswapV3DepthAbi, functionName: 'tickBitmap', args: [at] })),
  )
  const unread = firstRefusal(...words)
  if (unread !== undefined) return unread
  const marks = new Map(positions.map((at, index) => [at, words[index]]))
  return ticks.filter((tick) => {
    const word = marks.get(wordOf(tick))
    const bit = BigInt(tick / spacing - wordOf(tick) * 256)
    return word?.ok === true && ((word.value >> bit) & 1n) === 1n
  })
}

function feesOf(
  { base, quote, liquidity }: PricedPool,
  { growth0, growth1, protocol }: Awaited<ReturnType<typeof askPoolTerms>>,
): Result<NonNullable<PoolTelemetry['fees']>> {
  if (!growth0.ok) return growth0
  if (!growth1.ok) return growth1
  if (!protocol.ok) return protocol
  const isToken0 = BigInt(base.address) < BigInt(quote.address)
  const sorted = <T>(of0: T, of1: T) => (isToken0 ? ([of0, of1] as const) : ([of1, of0] as const))
  const [growthBase, growthQuote] = sorted(growth0.value, growth1.value)
  const [waitsBase, waitsQuote] = sorted(...protocol.value)
  return {
    ok: true,
    value: {
      growthBase: growthBase.toString(),
      growthQuote: growthQuote.toString(),
      liquidity: liquidity.toString(),
      decimalsBase: base.decimals,
      decimalsQuote: quote.decimals,
      protocolBase: toDecimal(waitsBase, base.decimals),
      protocolQuote: toDecimal(waitsQuote, quote.decimals),
    },
  }
}
