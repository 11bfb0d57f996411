import { createPublicClient, http, parseAbiItem } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aavePoolAbi, feedAbi } from '../../lib/local/world/abis.ts'
import { feedsDue } from '../../lib/local/world/feed-keeper.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'

let world: World
let client: ReturnType<typeof createPublicClient>

beforeAll(async () => {
  world = await startWorld()
  client = createPublicClient({ transport: http(world.rpcUrl) })
})
afterAll(() => world?.stop())
beforeEach(() => world.setFeed('ETH', { answer: 2_914 }))

function latestRoundData() {
  const address = world.addresses.assets.ETH.feed
  return client.readContract({ address, abi: feedAbi, functionName: 'latestRoundData' })
}

async function rawAnswer(): Promise<string> {
  const { data } = await client.call({ to: world.addresses.assets.ETH.feed, data: '0xfeaf968c' })
  return data ?? '0x'
}

const healthFactor = async () => {
  const at = { address: world.addresses.aave.pool, abi: aavePoolAbi, functionName: 'getUserAccountData' } as const
  return (await client.readContract({ ...at, args: [world.addresses.treasury.safe] }))[5]
}

describe('a price feed', () => {
  it('counts rounds beyond 64 bits, remembers them, and tells of each', async () => {
    const [firstRound] = await latestRoundData()
    await world.setPrice('ETH', 2_800)
    const [round, answer, startedAt, updatedAt, answeredIn] = await latestRoundData()
    expect([round, answer, answeredIn]).toEqual([firstRound + 1n, 280_000_000_000n, round])
    expect(round).toBeGreaterThan(2n ** 64n)
    expect([startedAt, updatedAt]).toEqual([BigInt(await world.blockTime()), BigInt(await world.blockTime())])
    const address = world.addresses.assets.ETH.feed
    const at = { address, abi: feedAbi, functionName: 'getRoundData' } as const
    expect((await client.readContract({ ...at, args: [firstRound] }))[1]).toBe(291_400_000_000n)
    await expect(client.readContract({ ...at, args: [round + 1n] })).rejects.toThrow('No data present')
    const event = parseAbiItem(
      'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
    )
    const logs = await client.getLogs({ address, event, fromBlock: 0n })
    expect(logs.at(-1)?.args).toEqual({ current: answer, roundId: round, updatedAt })
  })

  it('can be late, wrong, and behind in its rounds', async () => {
    await world.setFeed('ETH', { answer: -5, updatedAt: 1_000, roundsBehind: 2 })
    const [round, answer, , updatedAt, answeredIn] = await latestRoundData()
    expect([answer, updatedAt, round - answeredIn]).toEqual([-500_000_000n, 1_000n, 2n])
  })

  it('that reverts takes Aave with it, and both come back', async () => {
    await world.setFeed('ETH', { mode: 'reverting' })
    await expect(latestRoundData()).rejects.toThrow('feed is out of order')
    await expect(healthFactor()).rejects.toThrow('reverted')
    await world.setFeed('ETH', {})
    expect((await latestRoundData())[1]).toBe(291_400_000_000n)
    expect(Number(await healthFactor()) / 1e18).toBeCloseTo(1.5, 5)
  })

  it('that answers nothing, or a part, gives just that', async () => {
    await world.setFeed('ETH', { mode: 'empty' })
    expect(await rawAnswer()).toBe('0x')
    await world.setFeed('ETH', { mode: 'truncated' })
    expect(await rawAnswer()).toHaveLength(2 + 31 * 2)
  })

  it('that hangs burns all the gas it is given, and ends', async () => {
    await world.setFeed('ETH', { mode: 'hanging' })
    await expect(latestRoundData()).rejects.toThrow()
    const feeds = await world.feeds()
    expect(feeds.ETH).toMatchObject({ usd: 2_914, mode: 'hanging' })
  })

  it('stays as broken as it was told while prices move on', async () => {
    await world.setFeed('ETH', { mode: 'reverting' })
    await world.setPrice('ETH', 2_500)
    expect((await world.feeds()).ETH).toMatchObject({ usd: 2_500, mode: 'reverting' })
  })

  it('of zero breaks Aave’s reading but not the levers', async () => {
    await world.setFeed('ETH', { answer: 0 })
    await expect(healthFactor()).rejects.toThrow('reverted')
    await world.setPrice('USDC', 0.99)
    await world.setPrice('USDC', 1)
    expect((await world.feeds()).ETH.usd).toBe(0)
  })
})

describe('the keeper of feeds', () => {
  const feed = (age: number, rest: object = {}) => ({
    usd: 1,
    updatedAt: 10_000 - age,
    mode: 'normal' as const,
    ...rest,
  })

  it('renews what nears its heartbeat, and leaves what somebody made late or broke', () => {
    const due = (ETH: ReturnType<typeof feed>) =>
      feedsDue({ feeds: { ETH, BTC: feed(0), USDC: feed(0) }, at: 10_000, heartbeatSeconds: 3_600 })
    expect(due(feed(1_799))).toEqual([])
    expect(due(feed(1_800))).toEqual(['ETH'])
    expect(due(feed(3_600))).toEqual(['ETH'])
    expect(due(feed(3_601))).toEqual([])
    expect(due(feed(2_000, { mode: 'reverting' }))).toEqual([])
    expect(due(feed(2_000, { usd: 0 }))).toEqual([])
  })

  it('keeps a quiet market fresh', async () => {
    await world.setPrices({ ETH: 2_914, BTC: 60_700, USDC: 1 })
    await world.warp(3)
    const before = await world.feeds()
    await world.keepFeedsFresh(4)
    await expect
      .poll(async () => (await world.feeds()).BTC.updatedAt, { timeout: 5_000 })
      .toBeGreaterThan(before.BTC.updatedAt)
    expect((await world.feeds()).BTC.usd).toBe(60_700)
  })
})
