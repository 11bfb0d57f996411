// Shares of Balancer v2 pools, weighted and stable, that the settings name: the Vault holds what all of them hold.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { choiceTerm, optionalTerm } from '../../instruments/term-schemas.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { addressSetting } from './address-setting.ts'
import { type Coin, coinsBySymbol, decimalsDiffer, pinned, type Refusal, refusal } from './as-configured.ts'
import { discoverBalancer } from './balancer-discovery.ts'
import { weightedTelemetry } from './balancer-telemetry.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { askPoolTokens, lpDecimals, poolTokensAbi } from './pool-tokens.ts'
import { coinsSetting, poolsSetting } from './pools-setting.ts'
import { positionPart, refusedPart } from './position-part.ts'

export const balancerVaultAbi = parseAbi([
  'function getPoolTokens(bytes32 poolId) view returns (address[] tokens, uint256[] balances, uint256 lastChangeBlock)',
])
export const balancerPoolAbi = parseAbi([
  'function getPoolId() view returns (bytes32)',
  'function getActualSupply() view returns (uint256)',
  'function getNormalizedWeights() view returns (uint256[])',
  'function getSwapFeePercentage() view returns (uint256)',
  'function getAmplificationParameter() view returns (uint256 value, bool isUpdating, uint256 precision)',
  'function getScalingFactors() view returns (uint256[])',
])

/** Of weights, and of rates. */
const fixedDecimals = 18

const poolSetting = z.strictObject({
  address: addressSetting('the pool, which is its own LP token'),
  kind: choiceTerm(['weighted', 'stable'], 'the curve of the pool'),
  gauge: optionalTerm(addressSetting('where LP tokens are staked')),
  coins: coinsSetting("the pool's coins in the Vault's order, without its own LP token"),
  supply: optionalTerm(
    choiceTerm(
      ['actual', 'total'],
      'what counts LP tokens: getActualSupply, with the fees that are due, or in pools older than it totalSupply; absent: actual',
    ),
  ),
})
type PoolSetting = z.output<typeof poolSetting>

export const balancer = defineProtocol({
  name: 'balancer',
  title: 'Shares of Balancer v2 pools, weighted and stable, staked ones included',
  evidence: 'fixture',
  discover: discoverBalancer,
  settings: z.strictObject({
    vault: addressSetting('the Vault'),
    pools: poolsSetting(poolSetting, 'pools to look in', ({ address }) => address),
  }),
  read: async (reader, { chain, account, settings: { vault, pools } }) =>
    joinParts(await Promise.all(pools.map((pool) => readPool(reader, { chain, account, vault, pool })))),
})

interface PoolParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly vault: Address
  readonly pool: PoolSetting
}

async function readPool(reader: ChainReader, params: PoolParams): Promise<ReadingPart> {
  const { chain, account, pool } = params
  const { address, gauge } = pool
  const id = `balancer:${address}`
  const coins = coinsBySymbol(chain, pool.coins)
  const ownToken = { symbol: 'its LP token', address, decimals: lpDecimals }
  const [held, state, misfit] = await Promise.all([
    askPoolTokens(reader, { chain, account, lpToken: address, gauge }),
    readState(reader, params),
    decimalsDiffer(reader, [ownToken, ...(coins.ok ? coins.value : [])]),
  ])
  if (!held.ok) return refusedPart(id, held)
  const counted = gauge === undefined ? countedAsAsset(chain, address, id) : undefined
  if (counted !== undefined) return counted
  if (!coins.ok) return refusedPart(id, coins)
  if (misfit !== undefined) return refusedPart(id, misfit)
  const inPool = balancesOf(coins.value, address, state.tokens)
  // Also where nothing is held: what is meant may be elsewhere.
  if (!inPool.ok) return refusedPart(id, inPool)
  if (held.value === 0n) return {}
  if (!state.supply.ok) return refusedPart(id, state.supply)
  if (pool.supply === 'total' && inPool.value.some(({ places }) => places > pool.coins.length)) {
    const reason = 'it holds its own LP tokens, which its total supply counts: leave `supply: total` out'
    return refusedPart(id, refusal('not-as-configured', reason))
  }
  const lpTokens = toDecimal(held.value, lpDecimals)
  const totalSupply = toDecimal(state.supply.value, lpDecimals)
  const share = { lpTokens, totalSupply }
  const { curve } = state
  const instrument =
    curve.kind === 'weighted' ? weighted(inPool.value, curve, share) : stable(inPool.value, curve, share)
  if ('ok' in instrument) return refusedPart(id, instrument)
  const position = positionPart({ id, label: `Balancer ${pool.coins.join('/')}`, instrument, needs: pool.coins })
  if (curve.kind !== 'weighted' || instrument.kind !== 'weighted-pool' || position.positions === undefined)
    return position
  const { swapFee } = curve
  return joinParts([position, weightedTelemetry({ chain, address, coins: instrument.terms.coins, swapFee })])
}

type PoolTokens = Answer<readonly [tokens: readonly string[], balances: readonly bigint[], lastChangeBlock: bigint]>

interface WeightedCurve {
  readonly kind: 'weighted'
  readonly weights: Answer<readonly bigint[]>
  readonly swapFee: Answer<bigint>
}

interface StableCurve {
  readonly kind: 'stable'
  readonly amplification: Answer<readonly [value: bigint, isUpdating: boolean, precision: bigint]>
  /** 36 - decimals digits: they bring a coin to 18 decimals, and carry its rate. */
  readonly scalingFactors: Answer<readonly bigint[]>
}

async function readState(reader: ChainReader, { vault, pool }: PoolParams) {
  const to = pool.address
  const [tokens, supply, curve] = await Promise.all([
    readTokens(reader, vault, to),
    // Never the one in place of the other: of a pool that holds its own LP tokens, totalSupply is 2^111.
    pool.supply === 'total'
      ? reader.ask({ to, abi: poolTokensAbi, functionName: 'totalSupply', args: [] })
      : reader.ask({ to, abi: balancerPoolAbi, functionName: 'getActualSupply', args: [] }),
    pool.kind === 'weighted' ? readWeighted(reader, to) : readStable(reader, to),
  ])
  return { tokens, supply, curve }
}

/**
 * What the Vault holds for the pool, in two rounds. The pool's id is asked and not configured: it has the length of a private
 * key, and it begins with the address of the pool that registered it.
 */
async function readTokens(reader: ChainReader, vault: Address, pool: Address): Promise<PoolTokens | Refusal> {
  const poolId = await reader.ask({ to: pool, abi: balancerPoolAbi, functionName: 'getPoolId', args: [] })
  if (!poolId.ok) return poolId
  if (!poolId.value.startsWith(pool)) {
    return refusal('not-as-configured', `its id is of the pool ${poolId.value.slice(0, 42)}, configured is ${pool}`)
  }
  return await reader.ask({ to: vault, abi: balancerVaultAbi, functionName: 'getPoolTokens', args: [poolId.value] })
}

async function readWeighted(reader: ChainReader, to: Address): Promise<WeightedCurve> {
  const [weights, swapFee] = await Promise.all([
    reader.ask({ to, abi: balancerPoolAbi, functionName: 'getNormalizedWeights', args: [] }),
    reader.ask({ to, abi: balancerPoolAbi, functionName: 'getSwapFeePercentage', args: [] }),
  ])
  return { kind: 'weighted', weights, swapFee }
}

async function readStable(reader: ChainReader, to: Address): Promise<StableCurve> {
  const [amplification, scalingFactors] = await Promise.all([
    reader.ask({ to, abi: balancerPoolAbi, functionName: 'getAmplificationParameter', args: [] }),
    reader.ask({ to, abi: balancerPoolAbi, functionName: 'getScalingFactors', args: [] }),
  ])
  return { kind: 'stable', amplification, scalingFactors }
}

interface PoolCoin extends Coin {
  readonly balance: number
  /** Among the tokens that the Vault lists, and how many those are. */
  readonly place: number
  readonly places: number
}

/** The coins with their balances; a stable pool's own LP token among them is left out. */
function balancesOf(
  coins: readonly Coin[],
  pool: Address,
  answer: PoolTokens | Refusal,
): { readonly ok: true; readonly value: readonly PoolCoin[] } | Refusal {
  if (!answer.ok) return answer
  const [tokens, balances] = answer.value
  const listed = tokens
    .map((token, place) => ({ token: token.toLowerCase(), place, balance: balances[place] }))
    .filter(({ token }) => token !== pool)
  if (listed.length !== coins.length) {
    return refusal('not-as-configured', `it has ${listed.length} coins on the chain, configured are ${coins.length}`)
  }
  const inPool: PoolCoin[] = []
  for (const [i, coin] of coins.entries()) {
    const { token, place, balance } = listed[i] ?? {}
    const wrong = pinned(`coin ${i}`, coin.address, { ok: true, value: token })
    if (wrong !== undefined) return wrong
    if (place === undefined || balance === undefined) return refusal('malformed-return', `coin ${i} has no balance`)
    inPool.push({ ...coin, balance: toDecimal(balance, coin.decimals), place, places: tokens.length })
  }
  return { ok: true, value: inPool }
}

interface ShareOf {
  readonly lpTokens: number
  readonly totalSupply: number
}

function weighted(inPool: readonly PoolCoin[], { weights }: WeightedCurve, share: ShareOf) {
  const listed = perToken(weights, inPool, 'weights')
  if (!listed.ok) return listed
  const coins = inPool.map(({ symbol, balance, place }) => {
    return { asset: symbol, balance, weight: toDecimal(listed.value[place] ?? 0n, fixedDecimals) }
  })
  return { kind: 'weighted-pool', terms: { coins, ...share } } as const
}

function stable(inPool: readonly PoolCoin[], { amplification, scalingFactors }: StableCurve, share: ShareOf) {
  if (!amplification.ok) return amplification
  const listed = perToken(scalingFactors, inPool, 'scaling factors')
  if (!listed.ok) return listed
  const coins = inPool.map(({ symbol, decimals, balance, place }) => {
    const rate = toDecimal(listed.value[place] ?? 0n, fixedDecimals + fixedDecimals - decimals)
    return { asset: symbol, balance, rate }
  })
  const [value, , precision] = amplification.value
  if (precision === 0n) return refusal('malformed-return', 'its amplification has a precision of 0')
  const terms = { coins, amplification: toDecimal(value, 0) / toDecimal(precision, 0), ...share }
  return { kind: 'stable-pool', terms } as const
}

/** A list with one entry for each token that the Vault lists. */
function perToken(list: Answer<readonly bigint[]>, inPool: readonly PoolCoin[], what: string) {
  const places = inPool[0]?.places
  if (!list.ok || list.value.length === places) return list
  return refusal('malformed-return', `it has ${list.value.length} ${what} for ${places} tokens`)
}
