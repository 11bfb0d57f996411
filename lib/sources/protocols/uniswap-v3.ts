// Concentrated-liquidity positions that the account holds as NFTs, with the fees that are theirs.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig, ChainConfig, UniswapV3Config } from '../../model/configuration.ts'
import type { Gap } from '../../model/data-state.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer, Unread } from '../chain/contract-call.ts'
import {
  distinct,
  type Findings,
  type Holding,
  lowerCase,
  type Surroundings,
  unknownAddress,
} from '../discovery/findings.ts'
import { wrappedNativeAbi } from '../discovery/wrapped-native.ts'
import { poolAddress, poolCall, sqrtPriceToPrice, uniswapV3PoolAbi } from '../prices/uniswap-v3-pool.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from './define-protocol.ts'
import { uniswapV3Dependencies } from './uniswap-v3-dependencies.ts'
import { accruedFees, tickToPrice } from './uniswap-v3-fees.ts'

export const uniswapV3PositionsAbi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function tokenOfOwnerByIndex(address owner, uint256 index) view returns (uint256)',
  'function positions(uint256 tokenId) view returns (uint96 nonce, address operator, address token0, address token1, uint24 fee, int24 tickLower, int24 tickUpper, uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128, uint128 tokensOwed0, uint128 tokensOwed1)',
])

/** Anybody can give an account positions: beyond this many the newest are left out, with a gap. */
const maxPositions = 1_200

export const uniswapV3 = defineProtocol({
  name: 'uniswap-v3',
  title: 'Uniswap v3 range positions',
  evidence: 'real contracts',
  read: async (reader, { chain, account }) => {
    const { uniswapV3: contracts } = chain
    if (contracts === undefined) return {}
    const owned = await ownedTokens(reader, contracts, account)
    const parts = owned.tokenIds.map((tokenId) => readPosition(reader, { chain, contracts, tokenId }))
    return joinParts([{ gaps: owned.gaps }, ...(await Promise.all(parts))])
  },
  discover: (reader, around) => discoverHoldings(reader, around),
  dependencies: uniswapV3Dependencies,
})

const positionId = (tokenId: bigint) => `uniswap-v3:${tokenId}`

function gapAt(tokenId: bigint, unread: Pick<Unread, 'reason'> & { readonly code: string }): Gap {
  const id = positionId(tokenId)
  return gapOf(unread, { subject: `position ${id}`, touches: { kind: 'position', positionId: id } })
}

async function ownedTokens(
  reader: ChainReader,
  { positions }: UniswapV3Config,
  account: Address,
): Promise<{ readonly tokenIds: readonly bigint[]; readonly gaps: readonly Gap[] }> {
  const place = { subject: 'uniswap-v3 positions', touches: { kind: 'position', positionId: 'uniswap-v3' } } as const
  const at = { to: positions, abi: uniswapV3PositionsAbi } as const
  const balance = await reader.ask({ ...at, functionName: 'balanceOf', args: [account] })
  if (!balance.ok) return { tokenIds: [], gaps: [gapOf(balance, place)] }
  const count = balance.value > BigInt(maxPositions) ? maxPositions : Number(balance.value)
  const tokens = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      reader.ask({ ...at, functionName: 'tokenOfOwnerByIndex', args: [account, BigInt(index)] }),
    ),
  )
  const gaps = tokens.flatMap((token) => (token.ok ? [] : [gapOf(token, place)]))
  if (balance.value > BigInt(count)) {
    const reason = `the account holds ${balance.value} positions, only ${count} are read`
    gaps.push(gapOf({ code: 'too-many-positions', reason }, place))
  }
  return { tokenIds: tokens.flatMap((token) => (token.ok ? [token.value] : [])), gaps }
}

interface Held {
  readonly tokenId: bigint
  readonly asset0: AssetConfig
  readonly asset1: AssetConfig
  readonly feeTier: number
  readonly tickLower: number
  readonly tickUpper: number
  readonly liquidity: bigint
  readonly insideLast: readonly [bigint, bigint]
  readonly owed: readonly [bigint, bigint]
}

async function readPosition(
  reader: ChainReader,
  params: { readonly chain: ChainConfig; readonly contracts: UniswapV3Config; readonly tokenId: bigint },
): Promise<ReadingPart> {
  const { chain, contracts, tokenId } = params
  const call = {
    to: contracts.positions,
    abi: uniswapV3PositionsAbi,
    functionName: 'positions',
    args: [tokenId],
  } as const
  const found = await reader.ask(call)
  if (!found.ok) return { gaps: [gapAt(tokenId, found)] }
  const [, , token0, token1, feeTier, tickLower, tickUpper, liquidity, last0, last1, owed0, owed1] = found.value
  if (liquidity === 0n && owed0 === 0n && owed1 === 0n) return {}
  const assetOf = (token: string) => chain.assets.find(({ address }) => address === token.toLowerCase())
  const [asset0, asset1] = [assetOf(token0), assetOf(token1)]
  if (asset0 === undefined || asset1 === undefined) {
    // Anybody can send such a position here: it must not be able to degrade the portfolio.
    const reason = `it holds a token that is not configured (${token0} / ${token1}) and is not valued`
    const place = { subject: `position ${positionId(tokenId)}`, touches: { kind: 'context' } } as const
    return { gaps: [gapOf({ code: 'unknown-asset', reason }, place)] }
  }
  const terms = { tokenId, asset0, asset1, feeTier, tickLower, tickUpper, liquidity }
  return await readRange(reader, contracts, { ...terms, insideLast: [last0, last1], owed: [owed0, owed1] })
}

async function readRange(reader: ChainReader, contracts: UniswapV3Config, held: Held): Promise<ReadingPart> {
  const { tokenId, asset0, asset1, feeTier, tickLower, tickUpper, liquidity } = held
  const found = await reader.ask(poolCall(contracts, asset0.address, asset1.address, feeTier))
  if (!found.ok) return { gaps: [gapAt(tokenId, found)] }
  const pool = poolAddress(found.value)
  if (pool === undefined) return { gaps: [gapAt(tokenId, { code: 'no-pool', reason: 'its pool does not exist' })] }
  const [slot0, fees] = await Promise.all([
    reader.ask({ to: pool, abi: uniswapV3PoolAbi, functionName: 'slot0', args: [] }),
    readFees(reader, pool, held),
  ])
  if (!slot0.ok) return { gaps: [gapAt(tokenId, slot0)] }
  const [sqrtPriceX96, tick] = slot0.value
  const at = { tick, tickLower, tickUpper, liquidity }
  // What is owed: recorded by the protocol at the last touch, plus what has accrued since (recorded at the next one).
  const owed0 = held.owed[0] + (fees.ok ? accruedFees(fees.value[0], at) : 0n)
  const owed1 = held.owed[1] + (fees.ok ? accruedFees(fees.value[1], at) : 0n)
  const [decimals0, decimals1] = [asset0.decimals, asset1.decimals]
  const range = {
    protocol: 'uniswap-v3',
    tokenId: tokenId.toString(),
    pool,
    asset0: asset0.symbol,
    asset1: asset1.symbol,
    feeTier,
    tickLower,
    tickUpper,
    liquidity: liquidity.toString(),
    liquidityPerWholeToken: toDecimal(liquidity, 0) / 10 ** ((decimals0 + decimals1) / 2),
    lowerPrice: tickToPrice(tickLower, decimals0, decimals1),
    upperPrice: tickToPrice(tickUpper, decimals0, decimals1),
    poolPrice: sqrtPriceToPrice(sqrtPriceX96, decimals0, decimals1),
    owed0: toDecimal(owed0, decimals0),
    owed1: toDecimal(owed1, decimals1),
  } as const
  const unpaid = 'fees since its last touch are not counted:'
  return { ranges: [range], gaps: fees.ok ? [] : [gapAt(tokenId, { ...fees, reason: `${unpaid} ${fees.reason}` })] }
}

/** Fee growth of both tokens; the range's ticks exist as long as it has liquidity. */
async function readFees(reader: ChainReader, pool: Address, held: Held) {
  const at = { to: pool, abi: uniswapV3PoolAbi } as const
  const [global0, global1, lower, upper] = await Promise.all([
    reader.ask({ ...at, functionName: 'feeGrowthGlobal0X128', args: [] }),
    reader.ask({ ...at, functionName: 'feeGrowthGlobal1X128', args: [] }),
    reader.ask({ ...at, functionName: 'ticks', args: [held.tickLower] }),
    reader.ask({ ...at, functionName: 'ticks', args: [held.tickUpper] }),
  ])
  if (!global0.ok) return global0
  if (!global1.ok) return global1
  if (!lower.ok) return lower
  if (!upper.ok) return upper
  const [last0, last1] = held.insideLast
  const both = [
    { global: global0.value, outsideLower: lower.value[2], outsideUpper: upper.value[2], insideLast: last0 },
    { global: global1.value, outsideLower: lower.value[3], outsideUpper: upper.value[3], insideLast: last1 },
  ] as const
  return { ok: true, value: both } satisfies Answer<typeof both>
}

export const uniswapV3ManagerAbi = parseAbi(['function factory() view returns (address)'])

/** NFTs that are asked for in one round. */
const page = 1_000
/** Anybody can give an account positions. */
const mostNfts = 10_000

async function discoverHoldings(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const known = around.known('uniswap-v3').flatMap(({ contracts }) => contracts.positions ?? [])
  const managers = distinct([...known, ...around.nfts.keys()])
  const parts = await Promise.all(managers.map((manager) => readManager(reader, { around, manager })))
  return {
    holdings: parts.flatMap(({ holdings = [] }) => holdings),
    unseen: parts.flatMap(({ unseen = [] }) => unseen),
  }
}

interface ManagerParams {
  readonly around: Surroundings
  readonly manager: Address
}

async function readManager(reader: ChainReader, { around, manager }: ManagerParams): Promise<Findings> {
  const [factory, wrapped, balance] = await Promise.all([
    reader.ask({ to: manager, abi: uniswapV3ManagerAbi, functionName: 'factory', args: [] }),
    reader.ask({ to: manager, abi: wrappedNativeAbi, functionName: 'WETH9', args: [] }),
    reader.ask({ to: manager, abi: uniswapV3PositionsAbi, functionName: 'balanceOf', args: [around.account] }),
  ])
  const own = around.known('uniswap-v3').find(({ contracts }) => contracts.positions === manager)
  if (!factory.ok || !wrapped.ok || !balance.ok) {
    return { unseen: own === undefined ? [] : [`Uniswap v3 positions at ${manager}: it does not answer as expected`] }
  }
  const count = balance.value > BigInt(mostNfts) ? mostNfts : Number(balance.value)
  const left = balance.value - BigInt(count)
  const { pairs, unread } = await readPairs(reader, { account: around.account, manager, count })
  const unseen = [
    ...(left > 0n
      ? [`${left} of ${balance.value} Uniswap v3 positions at ${manager}: more than ${mostNfts} are not looked at`]
      : []),
    ...(unread > 0 ? [`${unread} of ${balance.value} Uniswap v3 positions at ${manager}: their calls failed`] : []),
  ]
  const contracts = {
    factory: lowerCase(factory.value),
    positions: manager,
    router: own?.contracts.router ?? unknownAddress('the SwapRouter of this factory: exactInputSingle with a deadline'),
    quoter: own?.contracts.quoter ?? unknownAddress('the QuoterV2 of this factory'),
  }
  const holdings = [...pairs.values()].map(
    (ids): Holding => ({
      what: `Uniswap v3: ${ids.count} ${ids.count === 1 ? 'range' : 'ranges'} of one pair`,
      evidence: `tokenOfOwnerByIndex and positions of all ${count} NFTs at ${manager}`,
      restsOn: manager,
      covers: [manager],
      needs: ids.tokens,
      unpriced: 'leave',
      settings: () => contracts,
    }),
  )
  return { holdings, unseen }
}

interface Pair {
  readonly tokens: readonly Address[]
  readonly count: number
}

/** Live positions by their two tokens, a page of NFTs at a time. */
async function readPairs(
  reader: ChainReader,
  { account, manager, count }: { readonly account: Address; readonly manager: Address; readonly count: number },
): Promise<{ readonly pairs: ReadonlyMap<string, Pair>; readonly unread: number }> {
  const at = { to: manager, abi: uniswapV3PositionsAbi } as const
  const pairs = new Map<string, Pair>()
  let unread = 0
  for (let first = 0; first < count; first += page) {
    const indices = Array.from({ length: Math.min(page, count - first) }, (_, index) => BigInt(first + index))
    const positions = await Promise.all(
      indices.map(async (index) => {
        const id = await reader.ask({ ...at, functionName: 'tokenOfOwnerByIndex', args: [account, index] })
        return id.ok ? await reader.ask({ ...at, functionName: 'positions', args: [id.value] }) : id
      }),
    )
    for (const position of positions) {
      if (!position.ok) {
        unread += 1
        continue
      }
      const [, , token0, token1, , , , liquidity, , , owed0, owed1] = position.value
      if (liquidity === 0n && owed0 === 0n && owed1 === 0n) continue
      const tokens = distinct([token0, token1])
      const before = pairs.get(tokens.join())
      pairs.set(tokens.join(), { tokens, count: (before?.count ?? 0) + 1 })
    }
  }
  return { pairs, unread }
}
