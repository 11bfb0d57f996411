// Finds Uniswap v4 positions by the logs of their NFTs: the position manager lists them for nobody.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import {
  distinct,
  type Findings,
  type Holding,
  lowerCase,
  type Surroundings,
  unknownAddress,
  zeroAddress,
} from '../discovery/findings.ts'

const managerAbi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function poolManager() view returns (address)',
  'function getPoolAndPositionInfo(uint256 tokenId) view returns (address currency0, address currency1, uint24 fee, int24 tickSpacing, address hooks, uint256 info)',
  'function getPositionLiquidity(uint256 tokenId) view returns (uint128)',
])

/** What settings may list. */
const mostPositions = 200
/** Ids that are asked for in one round. */
const page = 1_000
const mostNfts = 10_000

export async function discoverUniswapV4(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const known = around.known('uniswap-v4').flatMap(({ contracts }) => contracts.positionManager ?? [])
  const managers = distinct([...known, ...around.nfts.keys()])
  const parts = await Promise.all(managers.map((manager) => readManager(reader, around, manager)))
  return {
    holdings: parts.flatMap(({ holdings = [] }) => holdings),
    unseen: parts.flatMap(({ unseen = [] }) => unseen),
  }
}

async function readManager(reader: ChainReader, around: Surroundings, manager: Address): Promise<Findings> {
  const at = { to: manager, abi: managerAbi } as const
  const [pools, balance] = await Promise.all([
    reader.ask({ ...at, functionName: 'poolManager', args: [] }),
    reader.ask({ ...at, functionName: 'balanceOf', args: [around.account] }),
  ])
  if (!pools.ok || !balance.ok || balance.value === 0n) return {}
  const held: Position[] = []
  const ids = (around.nfts.get(manager) ?? []).slice(0, mostNfts)
  for (let first = 0; first < ids.length; first += page) {
    const some = ids.slice(first, first + page).map((tokenId) => readPosition(reader, around, { manager, tokenId }))
    held.push(...(await Promise.all(some)).flat())
  }
  const missing = balance.value - BigInt(held.length)
  const live = held.filter(({ liquidity }) => liquidity > 0n)
  const unseen = [
    ...(missing > 0n
      ? [`${missing} of ${balance.value} Uniswap v4 positions at ${manager}: no log that was read tells their ids`]
      : []),
    ...(live.length > mostPositions
      ? [`${live.length - mostPositions} of ${live.length} Uniswap v4 positions: settings list ${mostPositions}`]
      : []),
  ]
  const stateView = around.known('uniswap-v4').find(({ contracts }) => contracts.positionManager === manager)
    ?.contracts.stateView
  const places = {
    positionManager: manager,
    stateView: stateView ?? unknownAddress('StateView, of the same PoolManager'),
  }
  const holdings = live.slice(0, mostPositions).map((position) => holdingOf(around, { manager, places, position }))
  return { holdings, unseen }
}

interface Position {
  readonly tokenId: bigint
  readonly currencies: readonly Address[]
  readonly liquidity: bigint
}

async function readPosition(
  reader: ChainReader,
  { account }: Surroundings,
  { manager, tokenId }: { readonly manager: Address; readonly tokenId: bigint },
): Promise<readonly Position[]> {
  const at = { to: manager, abi: managerAbi, args: [tokenId] } as const
  const [owner, key, liquidity] = await Promise.all([
    reader.ask({ ...at, functionName: 'ownerOf' }),
    reader.ask({ ...at, functionName: 'getPoolAndPositionInfo' }),
    reader.ask({ ...at, functionName: 'getPositionLiquidity' }),
  ])
  if (!owner.ok || lowerCase(owner.value) !== account || !key.ok || !liquidity.ok) return []
  return [
    { tokenId, currencies: key.value.slice(0, 2).map((one) => lowerCase(String(one))), liquidity: liquidity.value },
  ]
}

function holdingOf(
  { wrappedNative }: Surroundings,
  of: { readonly manager: Address; readonly places: Readonly<Record<string, unknown>>; readonly position: Position },
): Holding {
  const { manager, places, position } = of
  const { tokenId, currencies } = position
  // Unwrapped coins are worth what wrapped ones are; where nothing wraps them, the zero address has no price.
  const native = currencies.includes(zeroAddress) ? (wrappedNative ?? zeroAddress) : undefined
  return {
    what: `Uniswap v4 position ${tokenId}`,
    evidence: `ownerOf(${tokenId}) at ${manager}, found by the log that brought it`,
    restsOn: manager,
    covers: [manager],
    needs: currencies.map((currency) => (currency === zeroAddress ? (native ?? currency) : currency)),
    unpriced: 'leave',
    settings: (name) => ({
      ...places,
      ...(native === undefined ? {} : { native: name(native).underlying }),
      tokenIds: [tokenId.toString()],
    }),
  }
}
