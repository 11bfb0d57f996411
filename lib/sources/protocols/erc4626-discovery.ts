// Finds vault shares by what a vault answers of itself: an asset, and a worth that its own total covers.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { distinct, type Findings, type Holding, lowerCase, type Surroundings } from '../discovery/findings.ts'
import { readTokenFacts } from '../discovery/token-facts.ts'
import { safeSymbol } from '../discovery/token-names.ts'

const vaultAbi = parseAbi([
  'function asset() view returns (address)',
  'function totalAssets() view returns (uint256)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
])

export async function discoverErc4626(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const known = around.known('erc4626').flatMap(({ contracts }) => contracts.address ?? [])
  const vaults = await Promise.all(
    distinct([...known, ...around.candidates]).map((at) => readVault(reader, around, at)),
  )
  return { holdings: vaults.flat() }
}

async function readVault(
  reader: ChainReader,
  { account }: Surroundings,
  address: Address,
): Promise<readonly Holding[]> {
  const at = { to: address, abi: vaultAbi } as const
  const [asset, total, [token]] = await Promise.all([
    reader.ask({ ...at, functionName: 'asset', args: [] }),
    reader.ask({ ...at, functionName: 'totalAssets', args: [] }),
    readTokenFacts(reader, { account, tokens: [address] }),
  ])
  const { balance = 0n, decimals, symbol = '' } = token ?? {}
  if (!asset.ok || !total.ok || balance === 0n || decimals === undefined) return []
  const worth = await reader.ask({ ...at, functionName: 'convertToAssets', args: [balance] })
  // A part cannot be worth more than the whole.
  if (!worth.ok || worth.value > total.value) return []
  const underlying = lowerCase(asset.value)
  const holding: Holding = {
    what: 'shares of an ERC-4626 vault',
    evidence: `asset() and convertToAssets() of ${address}, which its totalAssets() covers`,
    restsOn: address,
    covers: [address],
    needs: [underlying],
    unpriced: 'leave',
    settings: (name) => {
      const own = safeSymbol(symbol)
      return {
        vaults: [{ address, ...(own === undefined ? {} : { symbol: own }), asset: name(underlying).symbol, decimals }],
      }
    },
  }
  return [holding]
}
