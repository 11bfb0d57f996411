// What real contracts say, heard by the cursor: feeds, pools, Aave's own registry and configurator, a proxy, tokens; and blocks replaced.

import {
  type Address,
  type EncodeFunctionDataParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  parseAbi,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { tokenAbi } from '../../lib/local/world/abis.ts'
import { loadArtifact } from '../../lib/local/world/artifact.ts'
import { makeRpc, type Rpc } from '../../lib/local/world/rpc.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { ChainCursor } from '../../lib/model/chain-cursor.ts'
import type { ChainSettings } from '../../lib/model/chain-settings.ts'
import type { Followed } from '../../lib/model/ports.ts'
import { chainEvents } from '../../lib/sources/chain-events.ts'
import { settingsOfWorld } from './chain-of-world.ts'

let world: World
let rpc: Rpc
let settings: ChainSettings
let cursor: ChainCursor
let proxy: Address

const lower = (address: string) => address.toLowerCase() as Address
const events = chainEvents({ secret: async (name) => new Redacted(name) })
type Done = Extract<Followed, { kind: 'followed' }>

async function hear(): Promise<Done> {
  const outcome = await events.follow({ settings, cursor, at: await world.blockTime() })
  if (outcome.kind === 'unread') throw new Error(outcome.reason)
  cursor = outcome.cursor
  return outcome
}

beforeAll(async () => {
  world = await startWorld()
  rpc = makeRpc(world.rpcUrl)
  const { chain, portfolio } = settingsOfWorld(world)
  // Its place is known before it is there, and so is what its constructor says.
  const { deployer } = world.addresses.accounts
  const nonce = BigInt((await rpc.request('eth_getTransactionCount', [deployer, 'latest'])) as string)
  proxy = lower(getContractAddress({ from: deployer, nonce }))
  const portfolios = [{ id: 'treasury', account: portfolio.account }]
  settings = { version: 'v1', chain: { ...chain, protocols: { 'some-vault': { address: proxy } } }, portfolios }
  const outcome = await events.follow({ settings, cursor: undefined, at: await world.blockTime() })
  if (outcome.kind === 'unread') throw new Error(outcome.reason)
  cursor = outcome.cursor
})
afterAll(() => world?.stop())

const aaveAdminAbi = parseAbi([
  'function setReservePause(address asset, bool paused)',
  'function setReserveFreeze(address asset, bool freeze)',
  'function setAssetSources(address[] assets, address[] sources)',
  'function setPriceOracle(address newPriceOracle)',
  'function transferOwnership(address newOwner)',
])
type AdminCall = EncodeFunctionDataParameters<typeof aaveAdminAbi>
const deployerSays = (to: Address, functionName: AdminCall['functionName'], args: AdminCall['args']) =>
  world.send({
    from: world.addresses.accounts.deployer,
    to,
    data: encodeFunctionData({ abi: aaveAdminAbi, functionName, args } as AdminCall),
  })

describe('real contracts', () => {
  it('say that a proxy got its implementation', async () => {
    const artifact = loadArtifact('@openzeppelin/contracts/build/contracts/ERC1967Proxy.json')
    const { abi, bytecode } = artifact
    const data = encodeDeployData({
      abi,
      bytecode: bytecode as `0x${string}`,
      args: [world.addresses.safe.singleton, '0x'],
    } as Parameters<typeof encodeDeployData>[0])
    await rpc.request('eth_sendTransaction', [{ from: world.addresses.accounts.deployer, data, gas: '0x2dc6c0' }])
    const { events: news } = await hear()
    expect(news).toMatchObject([{ kind: 'upgrade', address: proxy, subject: 'protocols.some-vault.address' }])
  })

  it('say that prices changed: the feeds, and the pools that were moved with them', async () => {
    await world.setPrices({ ETH: 2_700 })
    const { touched, heard, events: news } = await hear()
    expect(touched.map(({ causes }) => causes.toSorted())).toEqual([['feed-answer', 'pool-price']])
    expect(heard).toBeGreaterThanOrEqual(2)
    expect(news).toEqual([])
  })

  it('say what happens to a reserve, to the oracle and to the owner of the market', async () => {
    const { aave, assets } = world.addresses
    await deployerSays(aave.poolConfigurator, 'setReservePause', [assets.ETH.token, true])
    await deployerSays(aave.poolConfigurator, 'setReserveFreeze', [assets.USDC.token, true])
    await deployerSays(aave.oracle, 'setAssetSources', [[assets.BTC.token], [assets.ETH.feed]])
    await deployerSays(aave.addressesProvider, 'setPriceOracle', [assets.ETH.feed])
    await deployerSays(aave.addressesProvider, 'transferOwnership', [assets.ETH.feed])
    const { events: news } = await hear()
    expect(news.map(({ kind, severity, says }) => [kind, severity, says.replace(/0x\S+/, 'X')])).toEqual([
      ['reserve-change', 'critical', 'Aave configurator paused WETH'],
      ['reserve-change', 'warning', 'Aave configurator froze USDC'],
      ['oracle-change', 'critical', 'aaveV3.oracle prices WBTC by another source: X'],
      ['oracle-change', 'critical', 'Aave address provider has another price oracle: X'],
      ['owner-change', 'warning', 'Aave address provider has a new owner: X'],
    ])
  })

  it('say what comes to the account, and blocks that are replaced take it back', async () => {
    const { assets, accounts, treasury } = world.addresses
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'mint', args: [treasury.safe, 5n] })
    await world.send({ from: accounts.deployer, to: assets.USDC.token, data })
    const heard = await hear()
    expect(heard.touched).toMatchObject([{ portfolioId: 'treasury', causes: ['transfer'] }])
    await rpc.request('anvil_reorg', [1, []])
    await rpc.request('evm_mine')
    const after = await hear()
    expect(after.orphaned).toBe(1)
    expect(after.touched).toMatchObject([{ portfolioId: 'treasury', causes: expect.arrayContaining(['reorg']) }])
    expect((await hear()).isNew).toBe(false)
  })
})

describe('the code of a contract', () => {
  it('that is another than at the first look is told once, and what is emptied by that word', async () => {
    const { quoter, router } = settings.chain.uniswapV3 ?? {}
    await hear()
    expect(Object.keys(cursor.codes?.hashes ?? {})).toContain(quoter)
    await rpc.request('anvil_setCode', [quoter, '0x60006000f3'])
    await rpc.request('anvil_setCode', [router, '0x'])
    await world.warp(3_601)
    const { events: said, touched } = await hear()
    const changed = said.filter(({ kind }) => kind === 'code-changed')
    expect(changed.map(({ subject, severity }) => [subject, severity])).toEqual([
      ['uniswapV3.router', 'critical'],
      ['uniswapV3.quoter', 'critical'],
    ])
    expect(changed.map(({ says }) => says.replaceAll(/0x\w+…/g, 'H'))).toEqual([
      'uniswapV3.router has no code any more: H before, none now',
      'uniswapV3.quoter has other code than it had: H before, H now',
    ])
    expect(touched.map(({ portfolioId }) => portfolioId)).toContain('treasury')
    await world.warp(3_601)
    expect((await hear()).events.filter(({ kind }) => kind === 'code-changed')).toEqual([])
  })
})
