// What an account on an Aave v3 market stands on: the pool and who may change it, the oracle and its sources, and the parts of each reserve.

import { parseAbi } from 'viem/utils'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type Found, type FoundLink, type FoundNode, isPlace, joinFound, nothingFound } from '../dependencies/found.ts'
import { distinct, lowerCase } from '../discovery/findings.ts'
import { aaveDataProviderAbi } from './aave-v3-abi.ts'

const marketAbi = parseAbi([
  'function ADDRESSES_PROVIDER() view returns (address)',
  'function getReservesList() view returns (address[])',
  'function getPoolConfigurator() view returns (address)',
  'function getACLManager() view returns (address)',
  'function getACLAdmin() view returns (address)',
  'function getPriceOracle() view returns (address)',
  'function getPriceOracleSentinel() view returns (address)',
  'function getPoolDataProvider() view returns (address)',
  'function getSourceOfAsset(address asset) view returns (address)',
  'function getInterestRateStrategyAddress(address asset) view returns (address)',
])

/** Aave's own pool holds at most 128. */
const mostReserves = 128

interface Market {
  readonly pool: Address
  readonly registry: Address
  readonly oracle: Address
  readonly dataProvider: Address
  readonly configurator: Address | undefined
}

/** In four rounds. All reserves share the pool's losses: of those that are not configured as assets only the token and its price source are told. */
export async function aaveV3Dependencies(
  reader: ChainReader,
  { chain, account }: { readonly chain: ChainConfig; readonly account: Address },
): Promise<Found> {
  if (chain.aaveV3 === undefined) return nothingFound
  const { pool } = chain.aaveV3
  const found = await reader.ask({ to: pool, abi: marketAbi, functionName: 'ADDRESSES_PROVIDER', args: [] })
  const position = {
    nodes: [{ address: pool, kind: 'market', label: 'Aave v3 pool' }],
    links: [{ from: pool, to: account, kind: 'lends-to', role: 'position', evidence: 'configured aaveV3.pool' }],
    unseen: [],
  } as const
  if (!found.ok || !isPlace(found.value)) {
    const says = `the Aave v3 pool ${pool} does not tell its registry: nothing behind it is known`
    return { ...position, unseen: [{ says, doubts: [pool] }] }
  }
  const market = await readMarket(reader, { chain, account, pool, registry: lowerCase(found.value) })
  return joinFound([position, market])
}

async function readMarket(
  reader: ChainReader,
  of: { readonly chain: ChainConfig; readonly account: Address; readonly pool: Address; readonly registry: Address },
): Promise<Found> {
  const { chain, account, pool, registry } = of
  const names = [
    'getPriceOracle',
    'getPoolDataProvider',
    'getPoolConfigurator',
    'getACLManager',
    'getACLAdmin',
    'getPriceOracleSentinel',
  ] as const
  const [reserves, ...answers] = await Promise.all([
    reader.ask({ to: pool, abi: marketAbi, functionName: 'getReservesList', args: [] }),
    ...names.map((functionName) => reader.ask({ to: registry, abi: marketAbi, functionName, args: [] })),
  ])
  const [oracle, dataProvider, configurator, access, admin, sentinel] = answers.map((answer) =>
    answer.ok && isPlace(answer.value) ? lowerCase(answer.value) : undefined,
  )
  const unseen = answers.flatMap((answer, index) =>
    answer.ok ? [] : [`${names[index]} of the Aave v3 registry ${registry}: ${answer.reason}`],
  )
  if (!reserves.ok) unseen.push(`the reserves of the Aave v3 pool ${pool}: ${reserves.reason}`)
  const configured = { oracle: chain.aaveV3?.oracle ?? pool, dataProvider: chain.aaveV3?.dataProvider ?? pool }
  if (oracle !== undefined && oracle !== configured.oracle)
    unseen.push(`the market's oracle is ${oracle}, not the configured ${configured.oracle}`)
  const parts = { oracle, configurator, access, admin, sentinel, dataProvider: configured.dataProvider }
  const market = {
    pool,
    registry,
    oracle: oracle ?? configured.oracle,
    dataProvider: dataProvider ?? configured.dataProvider,
    configurator,
  }
  const listed = reserves.ok ? distinct(reserves.value).slice(0, mostReserves) : []
  const read = await Promise.all(listed.map((asset) => readReserve(reader, { chain, market, asset })))
  const told = [oracle, configurator, access].filter((part) => part !== undefined)
  const governed = {
    nodes: partNodes(registry, parts),
    links: partLinks({ account, pool, registry }, parts),
    unseen: unseen.map((says) => ({ says, doubts: [pool, registry, ...told] })),
  }
  return joinFound([governed, ...read])
}

interface Parts {
  readonly oracle: Address | undefined
  readonly configurator: Address | undefined
  readonly access: Address | undefined
  readonly admin: Address | undefined
  readonly sentinel: Address | undefined
  readonly dataProvider: Address
}

function partNodes(registry: Address, parts: Parts): readonly FoundNode[] {
  const named = (address: Address | undefined, kind: FoundNode['kind'], label: string) =>
    address === undefined ? [] : [{ address, kind, label }]
  return [
    { address: registry, kind: 'protocol', label: 'Aave v3 address provider' },
    ...named(parts.oracle, 'oracle', 'Aave v3 oracle'),
    ...named(parts.configurator, 'protocol', 'Aave v3 configurator'),
    ...named(parts.access, 'protocol', 'Aave v3 access control'),
    ...named(parts.sentinel, 'oracle', 'Aave v3 oracle sentinel'),
    ...named(parts.dataProvider, 'protocol', 'Aave v3 data provider'),
  ]
}

function partLinks(
  { account, pool, registry }: { readonly account: Address; readonly pool: Address; readonly registry: Address },
  { oracle, configurator, access, admin, sentinel, dataProvider }: Parts,
): readonly FoundLink[] {
  const link = (from: Address | undefined, to: Address | undefined, rest: Omit<FoundLink, 'from' | 'to'>) =>
    from === undefined || to === undefined ? [] : [{ from, to, ...rest }]
  const rights = { kind: 'controlled-by', role: 'registry', evidence: 'getACLManager()' } as const
  const upgrades = { kind: 'upgradable-by', role: 'proxy-admin' } as const
  return [
    ...link(registry, pool, { ...upgrades, evidence: 'ADDRESSES_PROVIDER(), which makes the proxy and is its admin' }),
    ...link(registry, configurator, { ...upgrades, evidence: 'made by the address provider, which is its admin' }),
    ...link(configurator, pool, { kind: 'controlled-by', role: 'registry', evidence: 'getPoolConfigurator()' }),
    ...link(access, pool, rights),
    ...link(access, configurator, rights),
    ...link(access, oracle, rights),
    ...link(admin, access, { kind: 'controlled-by', role: 'owner', evidence: 'getACLAdmin() of the address provider' }),
    ...link(oracle, pool, { kind: 'priced-by', role: 'oracle', evidence: 'getPriceOracle()' }),
    ...link(sentinel, pool, { kind: 'priced-by', role: 'oracle', evidence: 'getPriceOracleSentinel()' }),
    ...link(dataProvider, account, {
      kind: 'priced-by',
      role: 'component',
      evidence: 'configured aaveV3.dataProvider',
    }),
  ]
}

async function readReserve(
  reader: ChainReader,
  { chain, market, asset }: { readonly chain: ChainConfig; readonly market: Market; readonly asset: Address },
): Promise<Found> {
  const { pool, oracle, dataProvider, configurator } = market
  const symbol = chain.assets.find(({ address }) => address === asset)?.symbol
  const [source, tokens, strategy] = await Promise.all([
    reader.ask({ to: oracle, abi: marketAbi, functionName: 'getSourceOfAsset', args: [asset] }),
    reader.ask({
      to: dataProvider,
      abi: aaveDataProviderAbi,
      functionName: 'getReserveTokensAddresses',
      args: [asset],
    }),
    reader.ask({ to: dataProvider, abi: marketAbi, functionName: 'getInterestRateStrategyAddress', args: [asset] }),
  ])
  const name = symbol ?? asset
  const failed = [source, tokens, strategy].flatMap((one) => (one.ok ? [] : [`Aave v3 reserve ${name}: ${one.reason}`]))
  const unseen = failed.map((says) => ({ says, doubts: [pool, oracle, asset] }))
  const nodes: FoundNode[] = [{ address: asset, kind: 'token', label: symbol ?? 'token' }]
  const reserve = { kind: 'collateral-for', role: 'reserve', evidence: 'getReservesList()' } as const
  const links: FoundLink[] = [{ from: asset, to: pool, ...reserve }]
  if (source.ok && isPlace(source.value)) {
    const from = lowerCase(source.value)
    const evidence = `getSourceOfAsset(${name})`
    links.push({ from, to: oracle, kind: 'priced-by', role: 'feed', evidence })
    links.push({
      from,
      to: asset,
      kind: 'priced-by',
      role: 'feed',
      evidence: 'getSourceOfAsset() of the Aave v3 oracle',
    })
    nodes.push({ address: from, kind: 'feed', label: `Aave v3 price source of ${symbol ?? 'a reserve'}` })
  }
  if (symbol === undefined) return { nodes, links, unseen }
  const parts: readonly (readonly [string, string])[] = [
    ...(tokens.ok ? (['aToken', 'stable debt token', 'variable debt token'] as const) : []).map(
      (part, index) => [part, (tokens.ok ? tokens.value[index] : undefined) ?? ''] as const,
    ),
    ...(strategy.ok ? [['interest rate strategy', strategy.value] as const] : []),
  ]
  for (const [part, answer] of parts) {
    if (!isPlace(answer)) continue
    const address = lowerCase(answer)
    const isToken = part !== 'interest rate strategy'
    nodes.push({ address, kind: isToken ? 'token' : 'protocol', label: `Aave v3 ${part} of ${symbol}` })
    const evidence = `${isToken ? 'getReserveTokensAddresses' : 'getInterestRateStrategyAddress'}(${symbol})`
    links.push({ from: address, to: pool, kind: 'controlled-by', role: 'component', evidence })
    if (!isToken || configurator === undefined) continue
    const upgraded = { kind: 'upgradable-by', role: 'proxy-admin' } as const
    links.push({
      from: configurator,
      to: address,
      ...upgraded,
      evidence: 'made by the configurator, which is its admin',
    })
  }
  return { nodes, links, unseen }
}
