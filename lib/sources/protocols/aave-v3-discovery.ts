// Finds accounts on Aave v3 markets, known ones and those whose tokens the account holds, and where each market gets its prices from.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { distinct, type Findings, lowerCase, type Surroundings } from '../discovery/findings.ts'
import { aaveDataProviderAbi, aaveOracleAbi } from './aave-v3-abi.ts'

export const aaveDiscoveryAbi = parseAbi([
  // Of an aToken and of a debt token.
  'function POOL() view returns (address)',
  'function ADDRESSES_PROVIDER() view returns (address)',
  'function getPool() view returns (address)',
  'function getPriceOracle() view returns (address)',
  'function getPoolDataProvider() view returns (address)',
  'function getReservesList() view returns (address[])',
  'function getSourceOfAsset(address asset) view returns (address)',
])

/** Aave's own pool holds at most 128. */
const mostReserves = 128
const dollars = 10n ** 8n

export async function discoverAaveV3(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const known = around.known('aave-v3')
  const ask = (to: Address, functionName: 'POOL' | 'ADDRESSES_PROVIDER') =>
    reader.ask({ to, abi: aaveDiscoveryAbi, functionName, args: [] })
  const pools = await Promise.all(around.candidates.map((token) => ask(token, 'POOL')))
  const places = distinct([
    ...known.flatMap(({ contracts }) => contracts.pool ?? []),
    ...pools.flatMap((pool) => (pool.ok ? [pool.value] : [])),
  ])
  const providers = await Promise.all(places.map((pool) => ask(pool, 'ADDRESSES_PROVIDER')))
  const markets = distinct([
    ...known.flatMap(({ contracts }) => contracts.addressesProvider ?? []),
    ...providers.flatMap((provider) => (provider.ok ? [provider.value] : [])),
  ])
  const parts = await Promise.all(markets.map((market) => readMarket(reader, { around, market })))
  return {
    holdings: parts.flatMap(({ holdings = [] }) => holdings),
    prices: parts.flatMap(({ prices = [] }) => prices),
    unseen: parts.flatMap(({ unseen = [] }) => unseen),
  }
}

interface MarketParams {
  readonly around: Surroundings
  /** Its PoolAddressesProvider. */
  readonly market: Address
}

async function readMarket(reader: ChainReader, { around, market }: MarketParams): Promise<Findings> {
  const at = { to: market, abi: aaveDiscoveryAbi, args: [] } as const
  const [pool, oracle, dataProvider] = await Promise.all([
    reader.ask({ ...at, functionName: 'getPool' }),
    reader.ask({ ...at, functionName: 'getPriceOracle' }),
    reader.ask({ ...at, functionName: 'getPoolDataProvider' }),
  ])
  const isKnown = around.known('aave-v3').some(({ contracts }) => contracts.addressesProvider === market)
  const unseen = (why: string) => ({ unseen: isKnown ? [`the Aave v3 market ${market}: ${why}`] : [] })
  if (!pool.ok || !oracle.ok || !dataProvider.ok) return unseen('it does not tell its contracts')
  const contracts = {
    pool: lowerCase(pool.value),
    dataProvider: lowerCase(dataProvider.value),
    oracle: lowerCase(oracle.value),
  }
  // A market that is configured by its pool is as good as one that is known by its registry.
  const configured = around.known('aave-v3').find(({ contracts: own }) => own.pool === contracts.pool)
  const restsOn = configured === undefined ? market : contracts.pool
  const [reserves, unit] = await Promise.all([
    reader.ask({ to: contracts.pool, abi: aaveDiscoveryAbi, functionName: 'getReservesList', args: [] }),
    reader.ask({ to: contracts.oracle, abi: aaveOracleAbi, functionName: 'BASE_CURRENCY_UNIT', args: [] }),
  ])
  if (!reserves.ok) return unseen(`its reserves: ${reserves.reason}`)
  const assets = distinct(reserves.value).slice(0, mostReserves)
  const read = await Promise.all(
    assets.map((asset) => readReserve(reader, { account: around.account, contracts, asset })),
  )
  const unread = read.flatMap(({ asset, isRead }) => (isRead ? [] : [asset]))
  const held = read.filter(({ isHeld }) => isHeld)
  const holding = {
    what: `Aave v3 account with ${held.length} legs`,
    evidence: `getUserReserveData of all ${assets.length} reserves of the market ${market}`,
    restsOn,
    covers: distinct(read.flatMap(({ tokens }) => tokens)),
    needs: held.map(({ asset }) => asset),
    unpriced: 'ask',
    settings: () => contracts,
  } as const
  return {
    holdings: held.length === 0 ? [] : [holding],
    prices:
      unit.ok && unit.value === dollars
        ? read.flatMap(({ asset, source }) => pricedBy(asset, source, { market, restsOn }))
        : [],
    unseen: unread.length === 0 ? [] : unseen(`what the account has of ${unread.join(', ')}`).unseen,
  }
}

function pricedBy(
  token: Address,
  source: Address | undefined,
  { market, restsOn }: { readonly market: Address; readonly restsOn: Address },
) {
  if (source === undefined) return []
  const evidence = `source of the oracle of the Aave v3 market ${market}`
  return [{ token, source, evidence, restsOn, unit: 'dollars' } as const]
}

interface Reserve {
  readonly asset: Address
  readonly isRead: boolean
  readonly isHeld: boolean
  /** Its aToken and its debt tokens. */
  readonly tokens: readonly string[]
  readonly source: Address | undefined
}

async function readReserve(
  reader: ChainReader,
  of: {
    readonly account: Address
    readonly asset: Address
    readonly contracts: { readonly dataProvider: Address; readonly oracle: Address }
  },
): Promise<Reserve> {
  const { account, asset, contracts } = of
  const at = { to: contracts.dataProvider, abi: aaveDataProviderAbi } as const
  const [user, tokens, source] = await Promise.all([
    reader.ask({ ...at, functionName: 'getUserReserveData', args: [asset, account] }),
    reader.ask({ ...at, functionName: 'getReserveTokensAddresses', args: [asset] }),
    reader.ask({ to: contracts.oracle, abi: aaveDiscoveryAbi, functionName: 'getSourceOfAsset', args: [asset] }),
  ])
  const [supplied, stable, variable] = user.ok ? user.value : []
  return {
    asset,
    isRead: user.ok,
    isHeld: [supplied, stable, variable].some((units) => units !== undefined && units > 0n),
    tokens: tokens.ok ? tokens.value : [],
    source: source.ok ? distinct([source.value])[0] : undefined,
  }
}
