// What each kind of event is taken to mean, and whom it touches: heard from a scripted chain as the contracts would say it.

import { encodeAbiParameters, keccak256, toEventHash } from 'viem/utils'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { ChainCursor } from '../../lib/model/chain-cursor.ts'
import type { ChainConfig } from '../../lib/model/configuration.ts'
import type { Address, Hash, Hex } from '../../lib/model/identity.ts'
import type { Followed } from '../../lib/model/ports.ts'
import { chainEvents } from '../../lib/sources/chain-events.ts'
import { aavePoolRegistryAbi, aaveRegistryAbi } from '../../lib/sources/events/aave-contracts.ts'
import { aggregatorAbi } from '../../lib/sources/events/feed-answer.ts'
import { largeTransferAbi } from '../../lib/sources/events/large-transfer.ts'
import { topicOf } from '../../lib/sources/events/log-words.ts'
import { uniswapV4ManagerAbi } from '../../lib/sources/events/pool-price.ts'
import { mine, type ScriptedChain, type ScriptedLog, startScriptedChain, unmine } from './fixture/scripted-chain.ts'
import {
  aave,
  account,
  at,
  chainConfig,
  pool,
  seedTreasury,
  uniswap,
  usdc,
  weth,
  wethFeed,
} from './fixture/treasury.ts'

const address = (byte: string): Address => `0x${byte.repeat(20)}`
const [aggregator, registry, configurator, access] = [address('f1'), address('f2'), address('f3'), address('f4')]
const [stranger, other, manager, positions] = [address('e1'), address('e2'), address('e3'), address('e4')]
const [pair, comet, morpho, desk] = [address('d1'), address('d2'), address('d3'), address('d4')]
const key = [weth, usdc, 3_000, 60, address('00')] as const
const poolId = keccak256(
  encodeAbiParameters(
    ['address', 'address', 'uint24', 'int24', 'address'].map((type) => ({ type })),
    key,
  ),
)

let scripted: ScriptedChain
let start: ChainCursor
let follow: (cursor: ChainCursor) => Promise<Extract<Followed, { kind: 'followed' }>>

beforeAll(async () => {
  scripted = await startScriptedChain(at)
  seedTreasury(scripted)
  scripted.say(wethFeed, aggregatorAbi, 'aggregator', [], aggregator)
  scripted.say(aave.pool, aavePoolRegistryAbi, 'ADDRESSES_PROVIDER', [], registry)
  scripted.say(registry, aaveRegistryAbi, 'getPoolConfigurator', [], configurator)
  scripted.say(registry, aaveRegistryAbi, 'getACLManager', [], access)
  scripted.say(positions, uniswapV4ManagerAbi, 'poolManager', [], manager)
  scripted.say(positions, uniswapV4ManagerAbi, 'getPoolAndPositionInfo', [7n], [...key, 0n])
  for (const asset of [weth, usdc]) scripted.say(asset, largeTransferAbi, 'totalSupply', [], 10n ** 30n)
  const chain: ChainConfig = {
    ...chainConfig([{ name: 'one', url: scripted.url }]),
    events: { largeTransferUsd: 1_000_000 },
    protocols: {
      'uniswap-v2': { pairs: [{ address: pair, assets: ['WETH', 'USDC'] }] },
      'uniswap-v4': { positionManager: positions, stateView: address('e5'), tokenIds: [7] },
      'compound-v3': { comets: [{ address: comet, base: 'USDC' }] },
      'morpho-blue': { address: morpho, markets: [] },
    },
  }
  const portfolios = [
    { id: 'treasury', account },
    { id: 'desk', account: desk },
  ]
  const events = chainEvents({ secret: async (name) => new Redacted(name), requestMs: 1_000 })
  follow = async (cursor) => {
    const outcome = await events.follow({ settings: { version: 'v1', chain, portfolios }, cursor, at })
    if (outcome.kind === 'unread') throw new Error(outcome.reason)
    return outcome
  }
  start = (await follow(undefined as never)).cursor
})
afterAll(() => scripted.stop())

let base: ScriptedChain['head']
beforeAll(() => {
  base = scripted.head
})
beforeEach(() => {
  scripted.head = base
  scripted.logs = []
})

const number = (value: bigint | number): Hash =>
  `0x${BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0')}`
const data = (...words: readonly (Address | Hash)[]): Hex =>
  `0x${words.map((one) => one.slice(2).padStart(64, '0')).join('')}`

interface Said {
  readonly by: Address
  readonly event: string
  readonly indexed?: readonly (Address | Hash)[]
  readonly data?: Hex
}
const logOf = ({ by, event, indexed = [], data: bytes = '0x' }: Said, block: number): ScriptedLog => ({
  block,
  address: by,
  topics: [toEventHash(event), ...indexed.map((one) => topicOf(one as Address))],
  data: bytes,
})
async function hear(...said: readonly Said[]) {
  const block = mine(scripted)
  scripted.logs = said.map((one) => logOf(one, block))
  return await follow(start)
}

const both = ['desk', 'treasury']
const transferOf = (from: Address, to: Address, amount: bigint): Said => ({
  by: weth,
  event: 'Transfer(address,address,uint256)',
  indexed: [from, to],
  data: number(amount),
})

describe('events that are kept for people', () => {
  it.each<[string, string, Said, string, string, readonly string[]]>([
    [
      'an upgrade',
      'upgrade',
      { by: aave.pool, event: 'Upgraded(address)', indexed: [stranger] },
      'warning',
      'aaveV3.pool was upgraded: 0xe1e1…e1e1',
      both,
    ],
    [
      'one that is not indexed',
      'upgrade',
      { by: usdc, event: 'Upgraded(address)', data: data(stranger) },
      'warning',
      'asset USDC was upgraded: 0xe1e1…e1e1',
      both,
    ],
    [
      'of an account',
      'upgrade',
      { by: desk, event: 'Upgraded(address)', indexed: [stranger] },
      'warning',
      'account of desk was upgraded: 0xe1e1…e1e1',
      ['desk'],
    ],
    [
      'a proxy admin',
      'upgrade',
      { by: usdc, event: 'AdminChanged(address,address)', data: data(stranger, other) },
      'warning',
      'asset USDC has a new proxy admin: 0xe2e2…e2e2',
      both,
    ],
    [
      'an owner',
      'owner-change',
      { by: registry, event: 'OwnershipTransferred(address,address)', indexed: [stranger, other] },
      'warning',
      'Aave address provider has a new owner: 0xe2e2…e2e2',
      both,
    ],
    [
      'a role',
      'owner-change',
      { by: access, event: 'RoleGranted(bytes32,address,address)', indexed: [number(1n), other, stranger] },
      'warning',
      'Aave access control gave 0xe2e2…e2e2 the role 0x00000000…',
      both,
    ],
    ['a pause', 'pause', { by: usdc, event: 'Pause()' }, 'critical', 'asset USDC was paused', both],
    [
      'the end of one',
      'pause',
      { by: usdc, event: 'Unpaused(address)', data: data(stranger) },
      'warning',
      'asset USDC is no longer paused',
      both,
    ],
    [
      'a paused reserve',
      'reserve-change',
      { by: configurator, event: 'ReservePaused(address,bool)', indexed: [weth], data: number(1) },
      'critical',
      'Aave configurator paused WETH',
      both,
    ],
    [
      'a frozen reserve',
      'reserve-change',
      { by: configurator, event: 'ReserveFrozen(address,bool)', indexed: [usdc], data: number(1) },
      'warning',
      'Aave configurator froze USDC',
      both,
    ],
    [
      'a threshold',
      'reserve-change',
      {
        by: configurator,
        event: 'CollateralConfigurationChanged(address,uint256,uint256,uint256)',
        indexed: [weth],
        data: data(number(7_500), number(7_800), number(10_500)),
      },
      'warning',
      'Aave configurator set the liquidation threshold of WETH to 78 %',
      both,
    ],
    [
      'a source of prices',
      'oracle-change',
      { by: aave.oracle, event: 'AssetSourceUpdated(address,address)', indexed: [weth, stranger] },
      'critical',
      'aaveV3.oracle prices WETH by another source: 0xe1e1…e1e1',
      both,
    ],
    [
      'an oracle',
      'oracle-change',
      { by: registry, event: 'PriceOracleUpdated(address,address)', indexed: [other, stranger] },
      'critical',
      'Aave address provider has another price oracle: 0xe1e1…e1e1',
      both,
    ],
    [
      'our liquidation',
      'liquidation',
      {
        by: aave.pool,
        event: 'LiquidationCall(address,address,address,uint256,uint256,address,bool)',
        indexed: [weth, usdc, desk],
        data: data(number(5), number(6), stranger, number(0)),
      },
      'critical',
      'aaveV3.pool liquidated the account of desk and took WETH',
      ['desk'],
    ],
    [
      'on Compound',
      'liquidation',
      {
        by: comet,
        event: 'AbsorbCollateral(address,address,address,uint256,uint256)',
        indexed: [stranger, desk, weth],
        data: data(number(5), number(6)),
      },
      'critical',
      'protocols.compound-v3.comets.0.address liquidated the account of desk and took WETH',
      ['desk'],
    ],
    [
      'on Morpho',
      'liquidation',
      {
        by: morpho,
        event: 'Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)',
        indexed: [number(9), stranger, account],
        data: data(...[1, 2, 3, 4, 5].map(number)),
      },
      'critical',
      'protocols.morpho-blue.address liquidated the account of treasury',
      ['treasury'],
    ],
    [
      'a blacklist',
      'blacklist',
      { by: usdc, event: 'Blacklisted(address)', indexed: [account] },
      'critical',
      'asset USDC closed the account of treasury',
      ['treasury'],
    ],
    [
      'of a contract',
      'blacklist',
      { by: usdc, event: 'AddedBlackList(address)', data: data(aave.pool) },
      'critical',
      'asset USDC closed aaveV3.pool',
      both,
    ],
    [
      'an owner of a Safe',
      'safe-change',
      { by: account, event: 'AddedOwner(address)', indexed: [stranger] },
      'critical',
      'Safe of treasury has a new owner: 0xe1e1…e1e1',
      ['treasury'],
    ],
    [
      'its threshold',
      'safe-change',
      { by: account, event: 'ChangedThreshold(uint256)', data: number(1) },
      'critical',
      'Safe of treasury needs another number of signatures: 1',
      ['treasury'],
    ],
    [
      'a large transfer',
      'large-transfer',
      transferOf(stranger, other, 400n * 10n ** 18n),
      'warning',
      'asset WETH moved 400 from 0xe1e1…e1e1 to 0xe2e2…e2e2',
      both,
    ],
  ])('%s', async (_, kind, said, severity, says, portfolios) => {
    const { events, touched } = await hear(said)
    expect(events).toMatchObject([{ kind, severity, says }])
    expect(touched.map(({ portfolioId }) => portfolioId).sort()).toEqual(portfolios)
  })
})

describe('events that are only read again', () => {
  it.each<[string, string, Said, readonly string[]]>([
    [
      'an answer of a feed',
      'feed-answer',
      { by: aggregator, event: 'AnswerUpdated(int256,uint256,uint256)', indexed: [number(1), number(2)] },
      both,
    ],
    ['a transfer from an account', 'transfer', transferOf(account, stranger, 1n), ['treasury']],
    ['a transfer to one', 'transfer', transferOf(stranger, desk, 1n), ['desk']],
    [
      'the NFT of a position',
      'transfer',
      { by: uniswap.positions, event: 'Transfer(address,address,uint256)', indexed: [account, stranger, number(3)] },
      ['treasury'],
    ],
    [
      "somebody else's liquidation",
      'liquidation',
      {
        by: aave.pool,
        event: 'LiquidationCall(address,address,address,uint256,uint256,address,bool)',
        indexed: [weth, usdc, stranger],
        data: data(number(5), number(6), stranger, number(0)),
      },
      both,
    ],
    [
      'a transaction of a Safe',
      'safe-change',
      { by: account, event: 'ExecutionSuccess(bytes32,uint256)', data: data(number(1), number(0)) },
      ['treasury'],
    ],
    [
      'a cap',
      'reserve-change',
      {
        by: configurator,
        event: 'SupplyCapChanged(address,uint256,uint256)',
        indexed: [weth],
        data: data(number(1), number(2)),
      },
      both,
    ],
  ])('%s', async (_, kind, said, portfolios) => {
    const { events, touched } = await hear(said)
    expect(events).toEqual([])
    expect(touched.map(({ portfolioId }) => portfolioId).sort()).toEqual(portfolios)
    for (const { causes } of touched) expect(causes).toEqual([kind])
  })

  it('a transfer between two of our accounts touches both', async () => {
    const { touched, heard } = await hear(transferOf(account, desk, 1n))
    expect(touched.map(({ portfolioId }) => portfolioId).sort()).toEqual(both)
    expect(heard).toBe(1)
  })
})

describe('what is not meant', () => {
  it.each<[string, Said]>([
    ['a transfer between strangers below the limit', transferOf(stranger, other, 10n ** 18n)],
    [
      'a reserve that is not configured',
      { by: configurator, event: 'ReservePaused(address,bool)', indexed: [stranger], data: number(1) },
    ],
    ['a pause of a stranger', { by: stranger, event: 'Pause()' }],
    ['a closed stranger', { by: usdc, event: 'Blacklisted(address)', indexed: [stranger] }],
    [
      'a swap in another pool of v4',
      {
        by: manager,
        event: 'Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)',
        indexed: [number(5), stranger],
        data: data(...[1, 2, 3, 4, 90, 500].map(number)),
      },
    ],
  ])('%s touches nobody', async (_, said) => {
    expect(await hear(said)).toMatchObject({ touched: [], events: [], heard: 0 })
  })
})

describe('the price of a pool', () => {
  const swap = (tick: number): Said => ({
    by: pool,
    event: 'Swap(address,address,int256,int256,uint160,uint128,int24)',
    indexed: [stranger, stranger],
    data: data(number(1), number(-1), number(2), number(3), number(tick)),
  })

  it('touches when it has moved by half a per cent from where it was last handed on, not from where it was last', async () => {
    const first = await hear(swap(-196_256))
    expect(first.touched).toHaveLength(2)
    let { cursor } = first
    const touches: number[] = []
    for (const tick of [-196_240, -196_220, -196_207, -196_206, -196_160]) {
      const block = mine(scripted)
      scripted.logs = [logOf(swap(tick), block)]
      const next = await follow(cursor)
      if (next.touched.length > 0) touches.push(tick)
      cursor = next.cursor
    }
    expect(touches).toEqual([-196_206])
  })

  it('touches again when it comes back on the successors of blocks that are gone', async () => {
    const moved = await hear(swap(-196_000))
    unmine(scripted, 1)
    mine(scripted, 'b')
    mine(scripted, 'b')
    const without = await follow(moved.cursor)
    expect(without.touched.flatMap(({ causes }) => causes)).toEqual(['reorg', 'reorg'])
    const block = mine(scripted, 'b')
    scripted.logs = [logOf(swap(-196_000), block)]
    const again = await follow(without.cursor)
    expect(again.touched.flatMap(({ causes }) => causes)).toEqual(['pool-price', 'pool-price'])
  })

  it('is heard from pairs of v2 and from the configured positions of v4', async () => {
    const sync = {
      by: pair,
      event: 'Sync(uint112,uint112)',
      data: data(number(10n ** 18n), number(3_000n * 10n ** 6n)),
    }
    const v4 = {
      by: manager,
      event: 'Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)',
      indexed: [poolId, stranger],
      data: data(...[1, 2, 3, 4, -196_256, 500].map(number)),
    }
    const { cursor, heard } = await hear(sync, v4)
    expect(heard).toBe(2)
    expect(cursor.ticks).toEqual({ [pair]: -196_256, [poolId]: -196_256 })
  })
})
