// Finds positions on Morpho Blue by its own logs: its markets have no tokens that could move.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import type { Address, Hash } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type Findings, type Holding, lowerCase, type Surroundings, zeroAddress } from '../discovery/findings.ts'

const morphoAbi = parseAbi([
  'function idToMarketParams(bytes32 id) view returns (address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)',
  'function position(bytes32 id, address user) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)',
])

/** Anybody can supply on behalf of an account. */
const mostMarkets = 500
const wadDecimals = 18

export async function discoverMorphoBlue(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const places = around.known('morpho-blue').flatMap(({ contracts }) => contracts.address ?? [])
  const parts = await Promise.all(
    places.map(async (morpho) => {
      // The market's id is the first topic of every log that names an account.
      const ids = [...new Set(around.testimony(morpho).flatMap(([, id]) => id ?? []))].slice(0, mostMarkets)
      return await Promise.all(ids.map((id) => readMarket(reader, around, { morpho, id })))
    }),
  )
  return {
    holdings: parts.flat().flatMap(({ holdings = [] }) => holdings),
    unseen: parts.flat().flatMap(({ unseen = [] }) => unseen),
  }
}

async function readMarket(
  reader: ChainReader,
  { account }: Surroundings,
  { morpho, id }: { readonly morpho: Address; readonly id: Hash },
): Promise<Findings> {
  const at = { to: morpho, abi: morphoAbi } as const
  const [params, position] = await Promise.all([
    reader.ask({ ...at, functionName: 'idToMarketParams', args: [id] }),
    reader.ask({ ...at, functionName: 'position', args: [id, account] }),
  ])
  const what = `a position on the Morpho market ${id.slice(0, 10)}...`
  if (!params.ok || !position.ok) return { unseen: [`${what}: its calls failed`] }
  if (position.value.every((units) => units === 0n)) return {}
  const [loan, collateral, oracle, irm] = params.value.slice(0, 4).map((one) => lowerCase(String(one)))
  if (loan === undefined || collateral === undefined || oracle === undefined || irm === undefined) return {}
  if (collateral === zeroAddress) return { unseen: [`${what}: it has no collateral, and settings need one`] }
  const holding: Holding = {
    what,
    evidence: `position() at ${morpho}, found by its logs`,
    restsOn: morpho,
    covers: [],
    needs: [loan, collateral],
    unpriced: 'leave',
    settings: (name) => {
      const pair = { loan: name(loan).symbol, collateral: name(collateral).symbol }
      const terms = { oracle, ...(irm === zeroAddress ? {} : { irm }), lltv: toDecimal(params.value[4], wadDecimals) }
      return { address: morpho, markets: [{ ...pair, ...terms }] }
    },
  }
  return { holdings: [holding] }
}
