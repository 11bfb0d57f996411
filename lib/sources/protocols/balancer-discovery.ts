// Finds shares of Balancer v2 pools: a pool is one if the Vault that it names knows it by its id.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { distinct, type Findings, type Holding, lowerCase, type Surroundings } from '../discovery/findings.ts'

const balancerAbi = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function getPoolId() view returns (bytes32)',
  'function getVault() view returns (address)',
  'function getNormalizedWeights() view returns (uint256[])',
  'function getAmplificationParameter() view returns (uint256 value, bool isUpdating, uint256 precision)',
  'function getActualSupply() view returns (uint256)',
  'function getPool(bytes32 poolId) view returns (address pool, uint8 specialization)',
  'function getPoolTokens(bytes32 poolId) view returns (address[] tokens, uint256[] balances, uint256 lastChangeBlock)',
])

/** What settings may name. */
const mostCoins = 8

export async function discoverBalancer(reader: ChainReader, around: Surroundings): Promise<Findings> {
  return { holdings: (await Promise.all(around.candidates.map((pool) => readPool(reader, around, pool)))).flat() }
}

async function readPool(reader: ChainReader, around: Surroundings, address: Address): Promise<readonly Holding[]> {
  const at = { to: address, abi: balancerAbi } as const
  const [balance, poolId, vaultOf, weights, amplification, supply] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [around.account] }),
    reader.ask({ ...at, functionName: 'getPoolId', args: [] }),
    reader.ask({ ...at, functionName: 'getVault', args: [] }),
    reader.ask({ ...at, functionName: 'getNormalizedWeights', args: [] }),
    reader.ask({ ...at, functionName: 'getAmplificationParameter', args: [] }),
    reader.ask({ ...at, functionName: 'getActualSupply', args: [] }),
  ])
  if (!balance.ok || balance.value === 0n || !poolId.ok || !vaultOf.ok) return []
  const vault = lowerCase(vaultOf.value)
  const [own, tokens] = await Promise.all([
    reader.ask({ to: vault, abi: balancerAbi, functionName: 'getPool', args: [poolId.value] }),
    reader.ask({ to: vault, abi: balancerAbi, functionName: 'getPoolTokens', args: [poolId.value] }),
  ])
  if (!own.ok || lowerCase(own.value[0]) !== address || !tokens.ok) return []
  const coins = distinct(tokens.value[0]).filter((coin) => coin !== address)
  const kind = weights.ok ? 'weighted' : amplification.ok ? 'stable' : undefined
  if (kind === undefined || coins.length < 2 || coins.length > mostCoins) return []
  const book = around.known('balancer').find(({ contracts }) => contracts.vault === vault)
  const holding: Holding = {
    what: `shares of a ${kind} Balancer pool`,
    evidence: `getPool() of its Vault ${vault}`,
    restsOn: address,
    ...(book === undefined ? {} : { voucher: `its Vault is known by ${book.source}` }),
    covers: [address],
    needs: coins,
    unpriced: 'leave',
    settings: (name) => {
      const pool = {
        address,
        kind,
        coins: coins.map((coin) => name(coin).symbol),
        ...(supply.ok ? {} : { supply: 'total' }),
      }
      return { vault, pools: [pool] }
    },
  }
  return [holding]
}
