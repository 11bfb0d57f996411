// What the treasury of the local world stands on, found from its positions and held against what the world deployed; and what is told when it changes.

import { type Abi, type Address, createClient, http } from 'viem'
import { writeContract } from 'viem/actions'
import { foundry } from 'viem/chains'
import { parseAbi } from 'viem/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { loadArtifact } from '../../lib/local/world/artifact.ts'
import { compileOwnContracts } from '../../lib/local/world/compile.ts'
import { makeDeployer } from '../../lib/local/world/deployer.ts'
import { makeRpc, type Rpc } from '../../lib/local/world/rpc.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { ChainDependencies } from '../../lib/model/dependencies.ts'
import { dependencyChanges } from '../../lib/model/dependency-changes.ts'
import { discoverDependencies } from '../../lib/sources/dependencies/discover-dependencies.ts'
import { settingsOfWorld } from './chain-of-world.ts'
import { type BentProvider, startBentProvider } from './fixtures/bent-provider.ts'

let world: World
let rpc: Rpc
let provider: BentProvider
beforeAll(async () => {
  world = await startWorld({ threshold: 2 })
  rpc = makeRpc(world.rpcUrl)
  provider = await startBentProvider(world.rpcUrl)
})
afterAll(async () => {
  await provider?.stop()
  await world?.stop()
})

const lower = (address: string) => address.toLowerCase() as Address

async function look(params: Partial<Parameters<typeof discoverDependencies>[1]> = {}) {
  const { chain, portfolio } = settingsOfWorld(world)
  provider.counts.clear()
  return await discoverDependencies(
    { secret: async (name) => new Redacted(name) },
    {
      chain: { ...chain, rpc: [{ name: 'anvil', url: provider.url }] },
      account: portfolio.account,
      at: await world.blockTime(),
      ...params,
    },
  )
}

const links = ({ links: all, chainId }: ChainDependencies, to: string, role: string) =>
  all
    .filter((link) => link.to === `${chainId}:${lower(to)}` && link.role === role)
    .map(({ from }) => from.split(':')[1])

/** Runs on a chain that is set back afterwards. */
async function apart<T>(change: () => Promise<T>): Promise<T> {
  const before = await world.snapshot()
  try {
    return await change()
  } finally {
    await world.revert(before)
  }
}

async function send(from: Address, address: Address, abi: Abi, functionName: string, args: readonly unknown[]) {
  const client = createClient({ chain: foundry, transport: http(world.rpcUrl) })
  await writeContract(client, { account: from, address, abi, functionName, args } as Parameters<
    typeof writeContract
  >[1])
}

async function deploy(...args: Parameters<Awaited<ReturnType<typeof makeDeployer>>['deploy']>): Promise<Address> {
  const deployer = await makeDeployer({ rpc }, world.addresses.accounts.deployer)
  const address = deployer.deploy(...args)
  await rpc.request('evm_setAutomine', [false])
  await deployer.flush()
  await rpc.request('evm_setAutomine', [true])
  return address
}

/** Where a contract's own artifact says that its libraries are linked, read from the chain. */
async function linkedLibraries(path: string, address: string): Promise<readonly string[]> {
  const { deployedLinkReferences } = (await import(`@aave/core-v3/artifacts/contracts/${path}`, {
    with: { type: 'json' },
  }).then(({ default: artifact }) => artifact)) as {
    readonly deployedLinkReferences: Record<string, Record<string, readonly { readonly start: number }[]>>
  }
  const code = (await rpc.request('eth_getCode', [address, 'latest'])) as string
  return Object.values(deployedLinkReferences)
    .flatMap((file) => Object.values(file))
    .map(([place]) => `0x${code.slice(2 + 2 * (place?.start ?? 0), 42 + 2 * (place?.start ?? 0))}`)
}

/** EIP-1967, by the address that the standard prints. */
const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'

async function implementationOf(proxy: string): Promise<string> {
  const word = (await rpc.request('eth_getStorageAt', [proxy, implementationSlot, 'latest'])) as string
  return `0x${word.slice(-40)}`
}

describe('what the treasury stands on', () => {
  it('is every contract of Aave and Uniswap that the world deployed, and nothing that is not there', async () => {
    const { dependencies, cost } = await look()
    const { aave, uniswap, assets, treasury, safe, accounts } = world.addresses
    const proxies = [
      aave.pool,
      aave.poolConfigurator,
      ...Object.values(aave.reserves).flatMap(({ aToken, stableDebtToken, variableDebtToken }) => [
        aToken,
        stableDebtToken,
        variableDebtToken,
      ]),
    ]
    const implementations = await Promise.all(proxies.map(implementationOf))
    const libraries = [
      ...(await linkedLibraries('protocol/pool/Pool.sol/Pool.json', implementations[0] ?? '')),
      ...(await linkedLibraries('protocol/pool/PoolConfigurator.sol/PoolConfigurator.json', implementations[1] ?? '')),
    ]
    expect(libraries).toHaveLength(8)
    const expected = [
      treasury.safe,
      ...treasury.owners,
      safe.singleton,
      safe.fallbackHandler,
      ...Object.values(assets).flatMap(({ token, feed }) => [token, feed]),
      ...[aave.addressesProvider, aave.oracle, aave.aclManager, aave.dataProvider],
      ...proxies,
      ...Object.values(aave.reserves).map(({ interestRateStrategy }) => interestRateStrategy),
      ...implementations,
      ...libraries,
      ...[uniswap.factory, uniswap.positions],
      ...Object.values(uniswap.pools).map(({ address }) => address),
      // Owns the factory and the market's registry, and has its roles.
      accounts.deployer,
    ].map(lower)
    const found = dependencies.nodes.map(({ address }) => address)
    // Routers, the quoter and the batch contract are used by orders, and no position stands on them.
    const beyond = found.filter((address) => address !== undefined && !expected.includes(address))
    expect(expected.filter((address) => !found.includes(address))).toEqual([])
    expect(beyond).toEqual([])
    expect(dependencies.isWhole).toBe(true)
    expect(cost.requests).toBe([...provider.counts.values()].reduce((sum, count) => sum + count, 0))
    expect(cost.requests).toBeLessThan(200)
  })

  it('names oracles, admins and thresholds with where each was found', async () => {
    const { dependencies } = await look()
    const { aave, assets, accounts, treasury, uniswap } = world.addresses
    expect(links(dependencies, aave.pool, 'oracle')).toEqual([lower(aave.oracle)])
    expect(new Set(links(dependencies, aave.oracle, 'feed'))).toEqual(
      new Set(Object.values(assets).map(({ feed }) => lower(feed))),
    )
    expect(links(dependencies, aave.pool, 'proxy-admin')).toEqual([lower(aave.addressesProvider)])
    expect(links(dependencies, aave.pool, 'implementation')).toEqual([await implementationOf(aave.pool)])
    expect(links(dependencies, aave.addressesProvider, 'owner')).toEqual([lower(accounts.deployer)])
    expect(links(dependencies, uniswap.factory, 'owner')).toEqual([lower(accounts.deployer)])
    for (const { aToken } of Object.values(aave.reserves))
      expect(links(dependencies, aToken, 'proxy-admin')).toEqual([lower(aave.poolConfigurator)])
    const role = dependencies.links.find(({ to, role: one }) => to.endsWith(lower(aave.aclManager)) && one === 'role')
    expect(role).toMatchObject({ kind: 'controlled-by', evidence: expect.stringContaining('hasRole(POOL_ADMIN)') })
    const account = dependencies.nodes.find(({ address }) => address === lower(treasury.safe))
    expect(account).toMatchObject({ kind: 'portfolio', threshold: { of: 2, all: treasury.owners.length } })
    const kinds = new Map(dependencies.nodes.map(({ address, kind }) => [address, kind]))
    expect(kinds.get(lower(accounts.deployer))).toBe('admin-key')
    expect(kinds.get(lower(uniswap.pools.ETH.address))).toBe('pool')
    const admin = dependencies.links.find(({ to, role: one }) => to.endsWith(lower(aave.pool)) && one === 'proxy-admin')
    expect(admin?.evidence).toContain('written into its code')
  })

  it('costs less with what is known of code, and comes to the same', async () => {
    const first = await look()
    const again = await look({ cache: JSON.parse(JSON.stringify(first.cache)) })
    expect(again.cost.requests).toBeLessThan(first.cost.requests)
    expect(new Set(again.dependencies.links.map(keyOf))).toEqual(new Set(first.dependencies.links.map(keyOf)))
    expect(dependencyChanges(first.dependencies, again.dependencies)).toEqual([])
    const rubbish = await look({ cache: { version: 1, entries: { '0x12': { getters: 7 } } } })
    expect(new Set(rubbish.dependencies.links.map(keyOf))).toEqual(new Set(first.dependencies.links.map(keyOf)))
  })

  it('is read at the block of a snapshot, also when the chain has gone on, and not at one that nobody has', async () => {
    await apart(async () => {
      const before = await look()
      const { block } = before.dependencies
      const { aave, accounts, assets } = world.addresses
      await send(accounts.deployer, aave.oracle, oracleAbi, 'setAssetSources', [[assets.ETH.token], [assets.BTC.feed]])
      const then = await look({ block })
      expect(dependencyChanges(before.dependencies, then.dependencies)).toEqual([])
      expect(dependencyChanges(before.dependencies, (await look()).dependencies)).not.toEqual([])
      const nobodys = { ...block, hash: `0x${'12'.repeat(32)}` as const }
      await expect(look({ block: nobodys })).rejects.toMatchObject({ code: 'reorged' })
    })
  })
})

const keyOf = ({ from, to, role, evidence }: ChainDependencies['links'][number]) => `${from} ${to} ${role} ${evidence}`

const oracleAbi = parseAbi(['function setAssetSources(address[] assets, address[] sources)'])
const registryAbi = parseAbi([
  'function setPoolImpl(address implementation)',
  'function transferOwnership(address owner)',
])
const aclAbi = parseAbi([
  'function addPoolAdmin(address admin)',
  'function hasRole(bytes32, address) view returns (bool)',
])
const safeAbi = parseAbi(['function changeThreshold(uint256 threshold)', 'function enableModule(address module)'])

describe('what is told when it changes', () => {
  const changed = async (change: () => Promise<void>) =>
    await apart(async () => {
      const before = (await look()).dependencies
      await change()
      return dependencyChanges(before, (await look()).dependencies)
    })

  it('a source of the oracle that is swapped', async () => {
    const { aave, accounts, assets } = world.addresses
    const other = await deploy(compileOwnContracts().priceFeed, [8, 'ETH / USD', 291_400_000_000n])
    const changes = await changed(() =>
      send(accounts.deployer, aave.oracle, oracleAbi, 'setAssetSources', [[assets.ETH.token], [other]]),
    )
    expect(changes[0]).toMatchObject({ kind: 'oracle', severity: 'critical' })
    expect(changes.map(({ says }) => says).join('\n')).toContain(lower(other))
    expect(changes.every(({ kind }) => kind === 'oracle')).toBe(true)
  })

  it('a pool that is upgraded', async () => {
    const { aave } = world.addresses
    const old = await implementationOf(aave.pool)
    const code = (await rpc.request('eth_getCode', [old, 'latest'])) as string
    const other = '0x00000000000000000000000000000000c0de0002'
    const changes = await changed(async () => {
      await rpc.request('anvil_setCode', [other, code])
      await rpc.request('anvil_setStorageAt', [aave.pool, implementationSlot, `0x${other.slice(2).padStart(64, '0')}`])
      await rpc.request('evm_mine', [])
    })
    expect(changes.filter(({ severity }) => severity === 'critical')).toEqual([
      {
        kind: 'implementation',
        severity: 'critical',
        node: `31337:${lower(aave.pool)}`,
        says: expect.stringContaining(`${other} instead of`),
      },
    ])
  })

  it('an owner that is another, a role that is given, fewer signatures and a module', async () => {
    const { aave, accounts, treasury } = world.addresses
    const { arbitrageur, deployer } = accounts
    const owners = await changed(() =>
      send(deployer, aave.addressesProvider, registryAbi, 'transferOwnership', [arbitrageur]),
    )
    expect(owners[0]).toMatchObject({
      kind: 'owner',
      severity: 'critical',
      node: `31337:${lower(aave.addressesProvider)}`,
    })
    const roles = await changed(async () => {
      await send(deployer, aave.addressesProvider, registryAbi, 'transferOwnership', [arbitrageur])
      await send(deployer, aave.aclManager, aclAbi, 'addPoolAdmin', [arbitrageur])
    })
    expect(roles.filter(({ kind }) => kind === 'owner').map(({ node }) => node)).toContain(
      `31337:${lower(aave.aclManager)}`,
    )
    const asItself = async (functionName: string, args: readonly unknown[]) => {
      await rpc.request('anvil_impersonateAccount', [treasury.safe])
      await rpc.request('anvil_setBalance', [treasury.safe, '0x56bc75e2d63100000'])
      await send(treasury.safe, treasury.safe, safeAbi, functionName, args)
    }
    const fewer = await changed(() => asItself('changeThreshold', [1n]))
    expect(fewer).toEqual([
      {
        kind: 'threshold',
        severity: 'critical',
        node: `31337:${lower(treasury.safe)}`,
        says: expect.stringContaining('needs 1 of 2 signatures, 2 of 2 before'),
      },
    ])
    const module = await changed(() => asItself('enableModule', [aave.oracle]))
    expect(module).toMatchObject([{ severity: 'critical', says: expect.stringContaining('module') }])
  })

  it('governance that goes to a timelock behind a Safe: who decides, by how many, and how late', async () => {
    const artifact = loadArtifact('@openzeppelin/contracts/build/contracts/TimelockController.json')
    const { aave, accounts, treasury } = world.addresses
    const { deployer, arbitrageur, liquidityProvider } = accounts
    const timelock = await deploy(artifact, [172_800n, [treasury.safe, liquidityProvider], [treasury.safe], deployer])
    const change = () => send(deployer, aave.addressesProvider, registryAbi, 'transferOwnership', [timelock])
    const changes = await changed(change)
    expect(changes[0]).toMatchObject({ kind: 'owner', says: expect.stringContaining('timelock of 172800 s') })
    await apart(async () => {
      await change()
      const { dependencies } = await look()
      const owned = dependencies.links.find(({ from, role }) => from.endsWith(lower(timelock)) && role === 'owner')
      expect(owned).toMatchObject({ delaySeconds: 172_800, to: `31337:${lower(aave.addressesProvider)}` })
      const holder = dependencies.links.find(({ to, role }) => to.endsWith(lower(timelock)) && role === 'role')
      const rights = { evidence: expect.stringContaining('hasRole(PROPOSER_ROLE)'), threshold: { of: 2, all: 2 } }
      expect(dependencies.links).toContainEqual(
        expect.objectContaining({ from: `31337:${lower(treasury.safe)}`, ...rights }),
      )
      expect(holder).toBeDefined()
      expect(dependencies.notes).toContainEqual(
        expect.objectContaining({ code: 'roles-not-listed', node: `31337:${lower(timelock)}` }),
      )
      // A proposer that nothing leads to is found by those who heard of it.
      const proposer = lower(liquidityProvider)
      expect(links(dependencies, timelock, 'role')).not.toContain(proposer)
      const told = await look({ suspects: [proposer, lower(arbitrageur)] })
      expect(links(told.dependencies, timelock, 'role')).toContain(proposer)
      expect(told.dependencies.nodes.map(({ address }) => address)).not.toContain(lower(arbitrageur))
      await rpc.request('anvil_setStorageAt', [
        timelock,
        `0x${'2'.padStart(64, '0')}`,
        `0x${(60).toString(16).padStart(64, '0')}`,
      ])
      const sooner = dependencyChanges(told.dependencies, (await look({ suspects: [proposer] })).dependencies)
      expect(sooner).toEqual([
        {
          kind: 'delay',
          severity: 'critical',
          node: `31337:${lower(timelock)}`,
          says: expect.stringContaining('waits 60 s, 172800 s before'),
        },
      ])
    })
  })
})

describe('providers that cannot do everything', () => {
  it('costs a note and no contract that a getter names: no access lists, no code in the place of another', async () => {
    const { dependencies: whole } = await look()
    provider.bend = ({ method, params }) =>
      method === 'eth_createAccessList' || (method === 'eth_call' && params.length > 2)
        ? { error: 'the method does not exist' }
        : undefined
    try {
      const { dependencies, cost } = await look()
      expect(dependencies.isWhole).toBe(false)
      const codes = new Set(dependencies.notes.map(({ code }) => code))
      expect(codes).toContain('no-access-list')
      expect(codes).toContain('no-storage')
      expect(cost.requests).toBeLessThan(200)
      const { aave } = world.addresses
      expect(links(dependencies, aave.pool, 'oracle')).toEqual([lower(aave.oracle)])
      expect(dependencies.nodes.length).toBeLessThan(whole.nodes.length)
      // What was not seen is not called gone.
      expect(dependencyChanges(whole, dependencies).filter(({ says }) => says.includes('no longer'))).toEqual([])
      expect(dependencyChanges(dependencies, whole).filter(({ severity }) => severity === 'critical')).toEqual([])
    } finally {
      provider.bend = undefined
    }
  })

  it('one of three that lies about storage is outvoted, and two that lie alike are not believed by one', async () => {
    const liar = await startBentProvider(world.rpcUrl)
    const third = await startBentProvider(world.rpcUrl)
    try {
      const { chain } = settingsOfWorld(world)
      const rpcs = [provider, liar, third].map(({ url }, index) => ({ name: `p${index}`, url }))
      const old = (await implementationOf(world.addresses.aave.pool)).slice(2)
      liar.spoil = (_, result) => (typeof result === 'string' ? result.replaceAll(old, '5'.repeat(40)) : result)
      const three = { ...chain, rpc: rpcs, quorum: 2 }
      const { dependencies, providers } = await look({ chain: three })
      expect(links(dependencies, world.addresses.aave.pool, 'implementation')).toEqual([`0x${old}`])
      // Where the other two agree before it has answered, nobody waits to convict it; but nobody else is accused.
      const accused = providers.flatMap((one) => (one.ok ? [] : [`${one.name} ${one.code}`]))
      expect(accused.filter((one) => !['p1 provider-liar', 'p1 no-answer-yet'].includes(one))).toEqual([])
      third.bend = ({ method }) => (method === 'eth_chainId' ? { error: 'out of order' } : undefined)
      const { dependencies: doubted } = await look({ chain: { ...three, rpc: rpcs } })
      expect(links(doubted, world.addresses.aave.pool, 'implementation')).toEqual([])
      expect(doubted.isWhole).toBe(false)
    } finally {
      await liar.stop()
      await third.stop()
    }
  })

  it('stops at its limits and says what it left', async () => {
    const few = await look({ limits: { nodes: 20 } })
    expect(few.dependencies.nodes).toHaveLength(20)
    expect(few.dependencies.notes).toContainEqual(
      expect.objectContaining({ code: 'limit', says: expect.stringContaining('the limit of 20 nodes') }),
    )
    const shallow = await look({ limits: { depth: 1 } })
    expect(shallow.dependencies.notes.map(({ says }) => says).join('\n')).toContain('the depth of 1 links')
    const short = await look({ limits: { requests: 10 } })
    expect(short.dependencies.notes.map(({ says }) => says).join('\n')).toContain(
      'were not looked at within 10 requests',
    )
    for (const { dependencies } of [few, shallow, short]) expect(dependencies.isWhole).toBe(false)
  })
})
