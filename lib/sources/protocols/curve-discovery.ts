// Finds shares of Curve's StableSwap pools, by the pool that a token is, or that made it.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { distinct, type Findings, type Holding, lowerCase, type Surroundings } from '../discovery/findings.ts'

const poolAbi = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function minter() view returns (address)',
  'function get_virtual_price() view returns (uint256)',
  'function A() view returns (uint256)',
  'function A_precise() view returns (uint256)',
  'function stored_rates() view returns (uint256[])',
  // Only pools of another curve have it.
  'function gamma() view returns (uint256)',
  'function coins(uint256 index) view returns (address)',
])
const oldPoolAbi = parseAbi(['function coins(int128 index) view returns (address)'])

/** By which Curve names the chain's own coin. */
const nativeAddress: Address = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
const mostCoins = 8

export async function discoverCurve(reader: ChainReader, around: Surroundings): Promise<Findings> {
  return { holdings: (await Promise.all(around.candidates.map((token) => readShares(reader, around, token)))).flat() }
}

async function readShares(reader: ChainReader, around: Surroundings, token: Address): Promise<readonly Holding[]> {
  const at = { to: token, abi: poolAbi } as const
  const [balance, minter] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [around.account] }),
    reader.ask({ ...at, functionName: 'minter', args: [] }),
  ])
  if (!balance.ok || balance.value === 0n) return []
  const places = distinct([token, ...(minter.ok ? [minter.value] : [])])
  return (await Promise.all(places.map((pool) => readPool(reader, around, { pool, token })))).flat()
}

async function readPool(
  reader: ChainReader,
  { wrappedNative }: Surroundings,
  { pool, token }: { readonly pool: Address; readonly token: Address },
): Promise<readonly Holding[]> {
  const at = { to: pool, abi: poolAbi, args: [] } as const
  const [price, A, precise, rates, gamma, coins] = await Promise.all([
    reader.ask({ ...at, functionName: 'get_virtual_price' }),
    reader.ask({ ...at, functionName: 'A' }),
    reader.ask({ ...at, functionName: 'A_precise' }),
    reader.ask({ ...at, functionName: 'stored_rates' }),
    reader.ask({ ...at, functionName: 'gamma' }),
    readCoins(reader, pool),
  ])
  if (!price.ok || !A.ok || gamma.ok || coins.list.length < 2) return []
  const hasNative = coins.list.includes(nativeAddress)
  if (hasNative && wrappedNative === undefined) return []
  const needs = coins.list.map((coin) => (coin === nativeAddress ? (wrappedNative ?? coin) : coin))
  const details = {
    ...(token === pool ? {} : { lpToken: token }),
    ...(rates.ok ? { rates: 'stored' } : {}),
    ...(precise.ok ? {} : { amplification: 'A' }),
    ...(coins.isOld ? { index: 'int128' } : {}),
  }
  const holding: Holding = {
    what: 'shares of a Curve StableSwap pool',
    evidence: `get_virtual_price(), A() and coins() of ${pool}`,
    restsOn: pool,
    covers: [token],
    needs: distinct(needs),
    unpriced: 'leave',
    settings: (name) => {
      const symbols = coins.list.map((coin, index) => {
        const own = name(needs[index] ?? coin)
        return coin === nativeAddress ? own.underlying : own.symbol
      })
      const native = hasNative && wrappedNative !== undefined ? { native: name(wrappedNative).underlying } : {}
      return { ...native, pools: [{ address: pool, coins: symbols, ...details }] }
    },
  }
  return [holding]
}

async function readCoins(
  reader: ChainReader,
  pool: Address,
): Promise<{ readonly list: readonly Address[]; readonly isOld: boolean }> {
  const indices = Array.from({ length: mostCoins }, (_, index) => BigInt(index))
  const [now, old] = await Promise.all([
    Promise.all(indices.map((index) => reader.ask({ to: pool, abi: poolAbi, functionName: 'coins', args: [index] }))),
    Promise.all(
      indices.map((index) => reader.ask({ to: pool, abi: oldPoolAbi, functionName: 'coins', args: [index] })),
    ),
  ])
  const isOld = now[0]?.ok !== true
  const coins = isOld ? old : now
  const end = coins.findIndex((coin) => !coin.ok)
  return {
    list: coins.slice(0, end < 0 ? coins.length : end).flatMap((coin) => (coin.ok ? [lowerCase(coin.value)] : [])),
    isOld,
  }
}
