// A pool's price moved: what lies in it and the market lens are worth something else.

import { encodeAbiParameters, keccak256, parseAbi } from 'viem/utils'
import type { Address, Hash } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { poolAddress, poolCall } from '../prices/uniswap-v3-pool.ts'
import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody, type HeardLog, type Meaning, type Scope, type Speaker } from './define-event.ts'

const swapV3 = 'Swap(address,address,int256,int256,uint160,uint128,int24)'
const swapV4 = 'Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)'
const syncV2 = 'Sync(uint112,uint112)'

export const uniswapV4ManagerAbi = parseAbi([
  'function poolManager() view returns (address)',
  'function getPoolAndPositionInfo(uint256 tokenId) view returns (address currency0, address currency1, uint24 fee, int24 tickSpacing, address hooks, uint256 info)',
])

export const poolPrice = defineEvent({
  name: 'pool-price',
  title: 'Prices of Uniswap v2, v3 and v4 pools that moved far enough (Sync, Swap)',
  signatures: [swapV3, swapV4, syncV2],
  async speakers(reader, scope) {
    const [v3, v4] = await Promise.all([poolsOfV3(reader, scope), poolsOfV4(reader, scope)])
    const v2 = configuredContracts(scope).filter(({ subject }) => subject.startsWith('protocols.uniswap-v2.pairs'))
    return [...v2, ...v3, ...v4].map((one) => ({ portfolios: everybody(scope), ...one }))
  },
  meaning(log) {
    const tick = tickOf(log)
    if (tick === undefined) return undefined
    return { severity: 'info', says: `is at tick ${tick.value}`, tick }
  },
})

type Pool = Omit<Speaker, 'portfolios'>

/** Every pair of assets in every fee tier, as the market lens reads them. */
async function poolsOfV3(reader: ChainReader, { chain }: Scope): Promise<readonly Pool[]> {
  const { uniswapV3, assets } = chain
  if (uniswapV3 === undefined) return []
  const candidates = assets.flatMap((one, index) =>
    assets.slice(index + 1).flatMap((other) => uniswapV3.feeTiers.map((fee) => ({ one, other, fee }))),
  )
  const found = await Promise.all(
    candidates.map(async ({ one, other, fee }): Promise<readonly Pool[]> => {
      const answer = await reader.ask(poolCall(uniswapV3, one.address, other.address, fee))
      const address = answer.ok ? poolAddress(answer.value) : undefined
      return address === undefined ? [] : [{ address, subject: `pool ${one.symbol}/${other.symbol} ${fee}` }]
    }),
  )
  return found.flat()
}

interface V4Settings {
  readonly positionManager: Address
  readonly tokenIds?: readonly (bigint | number | string)[]
}

/** All pools of v4 speak through one contract: those of the configured positions are told apart by their ids. */
async function poolsOfV4(reader: ChainReader, { chain }: Scope): Promise<readonly Pool[]> {
  const settings = chain.protocols?.['uniswap-v4'] as V4Settings | undefined
  if (settings === undefined) return []
  const { positionManager, tokenIds = [] } = settings
  const at = { to: positionManager, abi: uniswapV4ManagerAbi } as const
  const [manager, keys] = await Promise.all([
    reader.ask({ ...at, functionName: 'poolManager', args: [] }),
    Promise.all(
      tokenIds.map((id) => reader.ask({ ...at, functionName: 'getPoolAndPositionInfo', args: [BigInt(id)] })),
    ),
  ])
  const ids = keys.flatMap((key) => (key.ok ? [poolIdOf(key.value)] : []))
  if (!manager.ok || ids.length === 0) return []
  const address = manager.value.toLowerCase() as Address
  return [{ address, subject: 'Uniswap v4 pool', topics: [[...new Set(ids)]] }]
}

type PoolKey = readonly [Address, Address, number, number, Address, bigint]

/** The hash of the key (v4-core, PoolId). */
function poolIdOf([currency0, currency1, fee, tickSpacing, hooks]: PoolKey): Hash {
  const types = ['address', 'address', 'uint24', 'int24', 'address'].map((type) => ({ type }))
  return keccak256(encodeAbiParameters(types, [currency0, currency1, fee, tickSpacing, hooks]))
}

/** Of v3 the place of the pool's own tick among the words, of v4 likewise; of v2 the tick of the ratio of its reserves. */
function tickOf({ signature, words, speaker }: HeardLog): Meaning['tick'] {
  if (signature === syncV2) {
    const [reserve0, reserve1] = [words.unsigned(0), words.unsigned(1)]
    if (!reserve0 || !reserve1) return undefined
    return { of: speaker.address, value: Math.round(Math.log(Number(reserve1) / Number(reserve0)) / Math.log(1.0001)) }
  }
  const tick = words.signed(6)
  if (tick === undefined) return undefined
  return { of: signature === swapV4 ? (words.hash(0) ?? speaker.address) : speaker.address, value: Number(tick) }
}
