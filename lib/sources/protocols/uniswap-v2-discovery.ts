// Finds shares of Uniswap v2 pairs: a pair is one if the factory that it names knows it by its tokens.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type Findings, type Holding, lowerCase, type Surroundings } from '../discovery/findings.ts'

const pairAbi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function token0() view returns (address)',
  'function token1() view returns (address)',
  'function factory() view returns (address)',
  'function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)',
  'function getPair(address tokenA, address tokenB) view returns (address)',
])

export async function discoverUniswapV2(reader: ChainReader, around: Surroundings): Promise<Findings> {
  return { holdings: (await Promise.all(around.candidates.map((pair) => readPair(reader, around, pair)))).flat() }
}

async function readPair(reader: ChainReader, around: Surroundings, address: Address): Promise<readonly Holding[]> {
  const at = { to: address, abi: pairAbi } as const
  const [balance, token0, token1, factory, reserves] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [around.account] }),
    reader.ask({ ...at, functionName: 'token0', args: [] }),
    reader.ask({ ...at, functionName: 'token1', args: [] }),
    reader.ask({ ...at, functionName: 'factory', args: [] }),
    reader.ask({ ...at, functionName: 'getReserves', args: [] }),
  ])
  if (!balance.ok || balance.value === 0n || !token0.ok || !token1.ok || !factory.ok || !reserves.ok) return []
  const [first, second, maker] = [lowerCase(token0.value), lowerCase(token1.value), lowerCase(factory.value)]
  const own = await reader.ask({ to: maker, abi: pairAbi, functionName: 'getPair', args: [first, second] })
  if (!own.ok || lowerCase(own.value) !== address) return []
  const book = around.known('uniswap-v2').find(({ contracts }) => contracts.factory === maker)
  const holding: Holding = {
    what: 'shares of a Uniswap v2 pair',
    evidence: `getPair() of its factory ${maker}`,
    restsOn: address,
    ...(book === undefined ? {} : { voucher: `its factory is known by ${book.source}` }),
    covers: [address],
    needs: [first, second],
    unpriced: 'leave',
    settings: (name) => ({ pairs: [{ address, assets: [name(first).symbol, name(second).symbol] }] }),
  }
  return [holding]
}
