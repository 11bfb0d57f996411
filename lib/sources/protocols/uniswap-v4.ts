// Uniswap v4 positions that the settings name (the chain lists them for nobody), with the fees that are theirs to the last unit.

import { encodeAbiParameters, keccak256, numberToHex, parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { assetTerm, noted, optionalTerm } from '../../instruments/term-schemas.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address, Hex } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { sqrtPriceToPrice } from '../prices/uniswap-v3-pool.ts'
import { addressSetting } from './address-setting.ts'
import { decimalsDiffer, firstRefusal, refusal } from './as-configured.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from './define-protocol.ts'
import { positionPart, refusedPart } from './position-part.ts'
import { tickToPrice } from './uniswap-v3-fees.ts'
import { discoverUniswapV4 } from './uniswap-v4-discovery.ts'

/** The pool's key is stated flat: the bytes are the same, and their number can be checked. */
export const uniswapV4PositionsAbi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function poolManager() view returns (address)',
  'function getPoolAndPositionInfo(uint256 tokenId) view returns (address currency0, address currency1, uint24 fee, int24 tickSpacing, address hooks, uint256 info)',
  'function getPositionLiquidity(uint256 tokenId) view returns (uint128)',
])
export const uniswapV4StateAbi = parseAbi([
  'function poolManager() view returns (address)',
  'function getSlot0(bytes32 poolId) view returns (uint160 sqrtPriceX96, int24 tick, uint24 protocolFee, uint24 lpFee)',
  'function getFeeGrowthInside(bytes32 poolId, int24 tickLower, int24 tickUpper) view returns (uint256 feeGrowthInside0X128, uint256 feeGrowthInside1X128)',
  'function getPositionInfo(bytes32 poolId, address owner, int24 tickLower, int24 tickUpper, bytes32 salt) view returns (uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128)',
])

const zeroAddress = '0x0000000000000000000000000000000000000000'
const nativeDecimals = 18
/** Instead of a fee: the hook sets it. */
const dynamicFee = 0x800000
const mostPositions = 200
const context = { kind: 'context' } as const

const tokenIdMessage = 'must be a token id: a whole number above 0 (in quotes beyond 2^53)'
const tokenIdSetting = z.pipe(
  z.union([z.int(), z.string().check(z.regex(/^[1-9]\d{0,76}$/, tokenIdMessage))], tokenIdMessage),
  // Text, because settings are stored.
  z.transform((given: number | string, input): string => {
    if (typeof given === 'string' || given > 0) return String(given)
    input.issues.push({ code: 'custom', message: tokenIdMessage, input: given })
    return z.NEVER
  }),
)

const settingsSchema = z.strictObject({
  positionManager: addressSetting('PositionManager'),
  stateView: addressSetting('StateView, of the same PoolManager'),
  tokenIds: optionalTerm(
    noted(z.array(tokenIdSetting, 'must be a list of token ids'), 'list', 'positions of the account').check(
      z.maxLength(mostPositions, `must be at most ${mostPositions} positions`),
      z.refine((ids) => new Set(ids).size === ids.length, 'must name each position once'),
    ),
  ),
  native: optionalTerm(assetTerm("the chain's own coin by its price, such as ETH, for pools that hold it unwrapped")),
})
type Settings = z.output<typeof settingsSchema>

export const uniswapV4 = defineProtocol({
  name: 'uniswap-v4',
  title: 'Uniswap v4 range positions, with their hooks',
  evidence: 'real contracts',
  discover: discoverUniswapV4,
  settings: settingsSchema,
  read: async (reader, { chain, account, settings }) => {
    const params = { chain, account, settings }
    const tokenIds = settings.tokenIds ?? []
    const parts = await Promise.all([
      findUnlisted(reader, params),
      ...tokenIds.map((tokenId) => readPosition(reader, { ...params, tokenId: BigInt(tokenId) })),
    ])
    return joinParts(parts)
  },
})

interface Params {
  readonly chain: ChainConfig
  readonly account: Address
  readonly settings: Settings
}

/** Anybody can send positions here, so that what is not listed is told and degrades nothing. */
async function findUnlisted(reader: ChainReader, { account, settings }: Params): Promise<ReadingPart> {
  const { positionManager, tokenIds = [] } = settings
  const at = { to: positionManager, abi: uniswapV4PositionsAbi } as const
  const [held, owners] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [account] }),
    Promise.all(tokenIds.map((tokenId) => reader.ask({ ...at, functionName: 'ownerOf', args: [BigInt(tokenId)] }))),
  ])
  const place = { subject: 'uniswap-v4 positions', touches: context }
  if (!held.ok) return { gaps: [gapOf(held, place)] }
  const listed = BigInt(owners.filter((owner) => owner.ok && owner.value.toLowerCase() === account).length)
  // An owner that could not be read has its own gap.
  if (held.value <= listed || owners.some((owner) => !owner.ok && !isBurned(owner))) return {}
  const reason = `the account holds ${held.value}, of which ${listed} are listed in tokenIds; the others are not valued`
  return { gaps: [gapOf({ code: 'unlisted-positions', reason }, place)] }
}

function isBurned(owner: Answer<unknown>): boolean {
  return !owner.ok && owner.reason.includes('NOT_MINTED')
}

interface PoolKey {
  readonly currency0: Address
  readonly currency1: Address
  readonly fee: number
  readonly tickSpacing: number
  readonly hooks: Address
}

interface Held {
  readonly id: string
  readonly tokenId: bigint
  readonly key: PoolKey
  readonly info: bigint
  readonly liquidity: bigint
}

async function readPosition(reader: ChainReader, params: Params & { readonly tokenId: bigint }): Promise<ReadingPart> {
  const { account, settings, tokenId } = params
  const { positionManager, stateView } = settings
  const id = `uniswap-v4:${tokenId}`
  const at = { to: positionManager, abi: uniswapV4PositionsAbi } as const
  const [owner, found, liquidity, manager, managerOfView] = await Promise.all([
    reader.ask({ ...at, functionName: 'ownerOf', args: [tokenId] }),
    reader.ask({ ...at, functionName: 'getPoolAndPositionInfo', args: [tokenId] }),
    reader.ask({ ...at, functionName: 'getPositionLiquidity', args: [tokenId] }),
    reader.ask({ ...at, functionName: 'poolManager', args: [] }),
    reader.ask({ to: stateView, abi: uniswapV4StateAbi, functionName: 'poolManager', args: [] }),
  ])
  if (isBurned(owner)) return refusedPart(id, refusal('not-held', 'it has been burned'), context)
  if (!owner.ok) return refusedPart(id, owner)
  if (owner.value.toLowerCase() !== account) {
    return refusedPart(id, refusal('not-held', `it belongs to ${owner.value}, not to the account`), context)
  }
  if (!manager.ok) return refusedPart(id, manager)
  if (!managerOfView.ok) return refusedPart(id, managerOfView)
  if (managerOfView.value !== manager.value) {
    const reason = `PositionManager is of PoolManager ${manager.value}, StateView of ${managerOfView.value}`
    return refusedPart(id, refusal('not-as-configured', reason))
  }
  if (!found.ok) return refusedPart(id, found)
  if (!liquidity.ok) return refusedPart(id, liquidity)
  // Fees are paid out whenever liquidity is taken out: a position without any is owed nothing.
  if (liquidity.value === 0n) return {}
  const [currency0, currency1, fee, tickSpacing, hooks, info] = found.value
  const lower = (address: string) => address.toLowerCase() as Address
  const key = { currency0: lower(currency0), currency1: lower(currency1), fee, tickSpacing, hooks: lower(hooks) }
  return await readRange(reader, params, { id, tokenId, key, info, liquidity: liquidity.value })
}

interface Coin {
  readonly symbol: string
  readonly decimals: number
}

function coinOf({ chain, settings }: Params, currency: Address): Coin | undefined {
  if (currency !== zeroAddress) return chain.assets.find(({ address }) => address === currency)
  return settings.native === undefined ? undefined : { symbol: settings.native, decimals: nativeDecimals }
}

async function readRange(reader: ChainReader, params: Params, held: Held): Promise<ReadingPart> {
  const { id, key, info, liquidity } = held
  const { currency0, currency1, hooks, fee } = key
  const [coin0, coin1] = [coinOf(params, currency0), coinOf(params, currency1)]
  if (coin0 === undefined || coin1 === undefined) {
    const reason = `it holds a token that is not configured (${currency0} / ${currency1}) and is not valued`
    return refusedPart(id, refusal('unknown-asset', reason))
  }
  const poolId = poolIdOf(key)
  const { tickLower, tickUpper } = ticksOf(info)
  const truncated = numberToHex(info >> 56n, { size: 25 })
  if (!poolId.startsWith(truncated)) {
    return refusedPart(id, refusal('malformed-return', `its key is of pool ${poolId}, its info of ${truncated}...`))
  }
  const state = await readState(reader, params, { ...held, poolId, tickLower, tickUpper })
  if (!state.ok) return refusedPart(id, state)
  const { sqrtPriceX96, owed } = state.value
  const [decimals0, decimals1] = [coin0.decimals, coin1.decimals]
  const terms = {
    asset0: coin0.symbol,
    asset1: coin1.symbol,
    liquidity: toDecimal(liquidity, 0) / 10 ** ((decimals0 + decimals1) / 2),
    lowerPrice: tickToPrice(tickLower, decimals0, decimals1),
    upperPrice: tickToPrice(tickUpper, decimals0, decimals1),
    owed0: toDecimal(owed[0], decimals0),
    owed1: toDecimal(owed[1], decimals1),
    poolPrice: sqrtPriceToPrice(sqrtPriceX96, decimals0, decimals1),
    hooks,
    fee: fee === dynamicFee ? ('dynamic' as const) : ('static' as const),
  }
  return positionPart({
    id,
    label: `Uniswap v4 ${coin0.symbol}/${coin1.symbol} #${held.tokenId}`,
    instrument: { kind: 'uniswap-v4-range', terms },
    needs: [coin0.symbol, coin1.symbol],
  })
}

/** What the pool says of the position: its price, and what the position is owed. */
async function readState(
  reader: ChainReader,
  { chain, settings }: Params,
  held: Held & { readonly poolId: Hex; readonly tickLower: number; readonly tickUpper: number },
) {
  const { tokenId, key, liquidity, poolId, tickLower, tickUpper } = held
  const at = { to: settings.stateView, abi: uniswapV4StateAbi } as const
  const salt = numberToHex(tokenId, { size: 32 })
  const ofPosition = [poolId, settings.positionManager, tickLower, tickUpper, salt] as const
  const tokens = chain.assets.filter(({ address }) => address === key.currency0 || address === key.currency1)
  const [slot0, inside, position, misfit] = await Promise.all([
    reader.ask({ ...at, functionName: 'getSlot0', args: [poolId] }),
    reader.ask({ ...at, functionName: 'getFeeGrowthInside', args: [poolId, tickLower, tickUpper] }),
    reader.ask({ ...at, functionName: 'getPositionInfo', args: ofPosition }),
    decimalsDiffer(reader, tokens),
  ])
  const wrong = firstRefusal(misfit, slot0, inside, position)
  if (wrong !== undefined) return wrong
  if (!slot0.ok || !inside.ok || !position.ok) return refusal('unexpected', 'it has no state')
  const [counted, last0, last1] = position.value
  if (counted !== liquidity) {
    return refusal('malformed-return', `its liquidity is ${liquidity} at PositionManager and ${counted} at StateView`)
  }
  const [inside0, inside1] = inside.value
  const owed = [owedOf(inside0 - last0, liquidity), owedOf(inside1 - last1, liquidity)] as const
  return { ok: true, value: { sqrtPriceX96: slot0.value[0], owed } } as const
}

/** Growth of fees per unit of liquidity is Q128.128 and wraps around at 2^256; what is owed is rounded down, as the pool does. */
function owedOf(growth: bigint, liquidity: bigint): bigint {
  return (BigInt.asUintN(256, growth) * liquidity) >> 128n
}

/** The hash of the key, by which the pool is known (v4-core, PoolId). */
export function poolIdOf({ currency0, currency1, fee, tickSpacing, hooks }: PoolKey): Hex {
  const types = ['address', 'address', 'uint24', 'int24', 'address'].map((type) => ({ type }))
  return keccak256(encodeAbiParameters(types, [currency0, currency1, fee, tickSpacing, hooks]))
}

/** From the packed info (v4-periphery, PositionInfoLibrary): 25 bytes of the pool's id, upper and lower tick of 3 bytes, a flag. */
function ticksOf(info: bigint): { readonly tickLower: number; readonly tickUpper: number } {
  const tick = (offset: bigint) => Number(BigInt.asIntN(24, info >> offset))
  return { tickLower: tick(8n), tickUpper: tick(32n) }
}
