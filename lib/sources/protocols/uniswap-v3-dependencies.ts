// What range positions on Uniswap v3 stand on: the contract that holds them, its factory and the pools, and the pools by which assets are valued.

import { parseAbi } from 'viem/utils'
import type { ChainConfig, UniswapV3Config } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type Found, type FoundLink, type FoundNode, nothingFound } from '../dependencies/found.ts'
import { poolAddress, poolCall } from '../prices/uniswap-v3-pool.ts'

const positionsAbi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function tokenOfOwnerByIndex(address owner, uint256 index) view returns (uint256)',
  'function positions(uint256 tokenId) view returns (uint96 nonce, address operator, address token0, address token1, uint24 fee, int24 tickLower, int24 tickUpper, uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128, uint128 tokensOwed0, uint128 tokensOwed1)',
])

/** Many positions stand on few pools; as many as are read for their worth. */
const mostPositions = 1_200

/** Pools that are asked for between assets: more assets are only asked for against the first of them. */
const mostPairs = 1_200

interface Place {
  readonly token0: Address
  readonly token1: Address
  readonly fee: number
}

/** In four rounds. */
export async function uniswapV3Dependencies(
  reader: ChainReader,
  { chain, account }: { readonly chain: ChainConfig; readonly account: Address },
): Promise<Found> {
  const { uniswapV3: contracts, assets } = chain
  if (contracts === undefined) return nothingFound
  const held = await heldPlaces(reader, contracts, account)
  const quotes = Math.max(1, Math.floor(mostPairs / Math.max(1, assets.length * contracts.feeTiers.length)))
  const priced = assets
    .slice(0, quotes)
    .flatMap((first, index) =>
      assets
        .slice(index + 1)
        .flatMap(({ address: token1 }) =>
          contracts.feeTiers.map((fee): Place => ({ token0: first.address, token1, fee })),
        ),
    )
  const skipped =
    quotes >= assets.length - 1 ? [] : [`Uniswap v3 pools between assets that are not among the first ${quotes}`]
  const nodes: FoundNode[] = [
    { address: contracts.positions, kind: 'protocol', label: 'Uniswap v3 positions' },
    { address: contracts.factory, kind: 'protocol', label: 'Uniswap v3 factory' },
  ]
  const { positions, factory } = contracts
  const links: FoundLink[] = [
    { from: positions, to: account, kind: 'holds', role: 'position', evidence: 'configured uniswapV3.positions' },
    { from: factory, to: positions, kind: 'controlled-by', role: 'registry', evidence: 'configured uniswapV3.factory' },
  ]
  const [own, valuing] = await Promise.all([
    poolsOf(reader, contracts, held.places),
    poolsOf(reader, contracts, priced),
  ])
  for (const pool of new Set([...own.pools, ...valuing.pools])) {
    nodes.push({ address: pool, kind: 'pool', label: 'Uniswap v3 pool' })
    links.push({
      from: factory,
      to: pool,
      kind: 'controlled-by',
      role: 'registry',
      evidence: 'getPool() of the factory',
    })
  }
  for (const from of own.pools)
    links.push({
      from,
      to: account,
      kind: 'holds',
      role: 'position',
      evidence: 'positions() of what the account holds',
    })
  for (const from of valuing.pools)
    links.push({ from, to: account, kind: 'priced-by', role: 'oracle', evidence: 'market price of configured assets' })
  const doubted = [...held.unseen, ...own.unseen, ...valuing.unseen].map((says) => ({ says, doubts: [account] }))
  return { nodes, links, unseen: [...doubted, ...skipped.map((says) => ({ says, doubts: [] }))] }
}

async function heldPlaces(
  reader: ChainReader,
  { positions }: UniswapV3Config,
  account: Address,
): Promise<{ readonly places: readonly Place[]; readonly unseen: readonly string[] }> {
  const at = { to: positions, abi: positionsAbi } as const
  const balance = await reader.ask({ ...at, functionName: 'balanceOf', args: [account] })
  if (!balance.ok) return { places: [], unseen: [`the Uniswap v3 positions of the account: ${balance.reason}`] }
  const count = Math.min(Number(balance.value), mostPositions)
  const ids = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      reader.ask({ ...at, functionName: 'tokenOfOwnerByIndex', args: [account, BigInt(index)] }),
    ),
  )
  const found = await Promise.all(
    ids.map((id) => (id.ok ? reader.ask({ ...at, functionName: 'positions', args: [id.value] }) : id)),
  )
  const places = found.flatMap((one): readonly Place[] => {
    if (!one.ok) return []
    const [, , token0, token1, fee, , , liquidity, , , owed0, owed1] = one.value
    const isEmpty = liquidity === 0n && owed0 === 0n && owed1 === 0n
    return isEmpty ? [] : [{ token0: token0.toLowerCase() as Address, token1: token1.toLowerCase() as Address, fee }]
  })
  const failed = found.filter(({ ok }) => !ok).length
  const unseen = [
    ...(failed === 0 ? [] : [`${failed} Uniswap v3 positions of the account could not be read`]),
    ...(balance.value > BigInt(count) ? [`of ${balance.value} Uniswap v3 positions only ${count} are looked at`] : []),
  ]
  return { places, unseen }
}

async function poolsOf(
  reader: ChainReader,
  contracts: UniswapV3Config,
  places: readonly Place[],
): Promise<{ readonly pools: readonly Address[]; readonly unseen: readonly string[] }> {
  const answers = await Promise.all(
    places.map(({ token0, token1, fee }) => reader.ask(poolCall(contracts, token0, token1, fee))),
  )
  const pools = answers.flatMap((answer) => (answer.ok ? (poolAddress(answer.value) ?? []) : []))
  const failed = answers.find((answer) => !answer.ok)
  const unseen = failed === undefined || failed.ok ? [] : [`pools of the Uniswap v3 factory: ${failed.reason}`]
  return { pools: [...new Set(pools)], unseen }
}
