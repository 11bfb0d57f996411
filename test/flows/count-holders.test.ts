// Counting holders: apart from every snapshot, a piece at a time, and joined to the report from what was stored.

import { describe, expect, it } from 'vitest'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { HolderCount } from '../../lib/model/holder-count.ts'
import type { HolderCounts } from '../../lib/model/ports.ts'
import { houseOfTwins } from './house-of-twins.ts'
import { configuration, portfolioId, start, twinDesk } from './twin-desk.ts'

const tokens = [{ asset: 'WETH', fromBlock: 10 }]
const counting: Configuration = {
  ...configuration,
  chains: configuration.chains.map((chain) => ({ ...chain, protocols: { holders: { tokens } } })),
}
/** On a slot of ten minutes. */
const slot = start - (start % 600) + 600
const chainId = configuration.chains[0]?.chainId ?? 0

const counted = (params: Parameters<HolderCounts['advance']>[0], toBlock: number): HolderCount => ({
  chainId: params.chain.chainId,
  asset: params.asset.symbol,
  token: params.asset.address,
  version: params.count?.version ?? 0,
  fromBlock: params.fromBlock,
  toBlock,
  rangeBlocks: 10,
  balances: {},
  isPartial: false,
  at: params.at,
  told: {
    kind: 'holders',
    id: 'holders:WETH',
    asset: 'WETH',
    topShare: 0.4,
    herfindahl: 0.1,
    holders: 20,
    fromBlock: 10,
    toBlock,
    complete: true,
    at: params.at,
  },
})

function houseThatCounts(advance: HolderCounts['advance'], given: Configuration = counting) {
  const { rooms } = twinDesk()
  return houseOfTwins({ rooms: { ...rooms, counts: { advance } }, configuration: given, portfolioId, start })
}

describe('a count', () => {
  it('goes on by itself until it has caught up, from where it was stored, and the report tells of it', async () => {
    const asked: (number | undefined)[] = []
    const house = houseThatCounts(async (params) => {
      asked.push(params.count?.toBlock)
      const toBlock = (params.count?.toBlock ?? 9) + 10
      const isCaughtUp = toBlock >= 39
      const { told, ...count } = counted(params, toBlock)
      return { kind: 'counted', isCaughtUp, count: isCaughtUp && told !== undefined ? { ...count, told } : count }
    })
    await house.applyConfig()
    await house.passTo(slot)
    await house.tick()
    await house.settleDown()
    expect(asked).toEqual([undefined, 19, 29])
    expect(await house.holders.count(chainId, 'WETH')).toMatchObject({ toBlock: 39, version: 3 })
    await house.passTo(slot + 60)
    await house.tick()
    await house.settleDown()
    expect(asked).toHaveLength(3)
    const [report] = await house.watch.latestReports(portfolioId, 1)
    expect(report?.telemetry?.filter(({ kind }) => kind === 'holders')).toMatchObject([
      { asset: 'WETH', topShare: 0.4 },
    ])
  })

  it('that had caught up is left alone for ten minutes', async () => {
    let asked = 0
    const house = houseThatCounts(async (params) => {
      asked += 1
      return { kind: 'counted', count: counted(params, 100 + asked), isCaughtUp: true }
    })
    await house.applyConfig()
    for (let minute = 0; minute < 10; minute++) {
      await house.passTo(slot + minute * 60)
      await house.tick()
      await house.settleDown()
    }
    expect(asked).toBe(1)
    await house.passTo(slot + 600)
    await house.tick()
    await house.settleDown()
    expect(asked).toBe(2)
  })

  it('that cannot be read is left for the next slot, and takes nothing from the others', async () => {
    const more = [...tokens, { asset: 'NOPE', fromBlock: 1 }, { asset: 'USDC', fromBlock: 1 }]
    const chains = counting.chains.map((chain) => ({ ...chain, protocols: { holders: { tokens: more } } }))
    const house = houseThatCounts(
      async (params) =>
        params.asset.symbol === 'WETH'
          ? { kind: 'unread', code: 'rpc-timeout', reason: 'nobody answered' }
          : { kind: 'counted', count: counted(params, 40), isCaughtUp: true },
      { ...counting, chains },
    )
    await house.applyConfig()
    await house.passTo(slot)
    await house.tick()
    await house.settleDown()
    expect(await house.holders.count(chainId, 'WETH')).toBeUndefined()
    expect(await house.holders.count(chainId, 'USDC')).toMatchObject({ toBlock: 40 })
    const events = house.lines.map(({ event }) => event).filter((event) => event.startsWith('count-holders'))
    expect(events).toEqual(['count-holders.unread', 'count-holders.unknown-asset', 'count-holders'])
  })

  it('of no token asks nobody', async () => {
    let asked = 0
    const house = houseThatCounts(async () => {
      asked += 1
      return { kind: 'unread', code: 'rpc-timeout', reason: 'nobody answered' }
    }, configuration)
    await house.applyConfig()
    await house.passTo(slot)
    await house.tick()
    await house.settleDown()
    expect(asked).toBe(0)
  })
})
