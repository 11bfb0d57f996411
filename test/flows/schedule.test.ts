// What is due, when it is seen, and which configuration is in force.

import { describe, expect, it } from 'vitest'
import type { ChainVitals } from '../../lib/model/chain-health.ts'
import type { Configuration } from '../../lib/model/configuration.ts'
import { configuration, portfolioId, start, twinDesk } from './twin-desk.ts'

function every(everySeconds: number, ...ids: readonly string[]): Configuration {
  const portfolios = configuration.portfolios.flatMap((one) => ids.map((id) => ({ ...one, id, everySeconds })))
  return { ...configuration, portfolios }
}

/** On the hour, so that slots are easy to read. */
const hour = start - (start % 3_600) + 3_600

describe('tick', () => {
  it('queues nothing, and says so, before there is a configuration', async () => {
    const { house } = twinDesk()
    await house.tick()
    expect(house.bus.waiting('snapshots')).toEqual([])
    expect(house.lines.map(({ event }) => event)).toEqual(['tick.no-configuration'])
  })

  it('queues each portfolio once a slot, spread over the minute', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `p${index}`)
    const { house } = twinDesk({ configuration: every(60, ...ids) })
    await house.applyConfig()
    await house.passTo(hour)
    await house.tick()
    const portfolios = house.bus.waiting('snapshots').filter(({ kind }) => kind === 'portfolio-due')
    expect(portfolios).toHaveLength(40)
    const seconds = new Set<number>()
    for (let second = 0; second < 60; second++) {
      const seen = await house.bus.receive('snapshots', async () => undefined)
      if (seen > 0) seconds.add(second)
      await house.pass(1)
    }
    expect(seconds.size).toBeGreaterThan(20)
    expect(house.bus.waiting('snapshots')).toEqual([])
  })

  it('does not skip an hourly portfolio because the scheduler is two seconds late', async () => {
    const { house } = twinDesk({ configuration: every(3_600, portfolioId) })
    await house.applyConfig()
    await house.passTo(hour - 1)
    await house.tick()
    await house.passTo(hour + 61)
    await house.tick()
    expect(house.bus.waiting('snapshots')).toEqual([
      { kind: 'portfolio-due', portfolioId, slot: hour, cause: 'schedule' },
    ])
  })

  it('does not look twice in one slot when it ticks twice in it', async () => {
    const { house } = twinDesk({ configuration: every(3_600, portfolioId) })
    await house.applyConfig()
    await house.passTo(hour)
    await house.tick()
    await house.settleDown()
    await house.passTo(hour + 60)
    await house.tick()
    await house.settleDown()
    await house.passTo(hour + 120)
    await house.tick()
    await house.settleDown()
    expect(await house.watch.latestSnapshots(portfolioId, 9)).toHaveLength(1)
    expect(house.lines.filter(({ event }) => event === 'take-snapshot.superseded')).toHaveLength(1)
  })
})

describe('take-snapshot', () => {
  it('passes over a backlog: what was due hours ago was seen since', async () => {
    const { house } = twinDesk()
    await house.applyConfig()
    await house.passTo(hour)
    await house.tick()
    await house.settleDown()
    for (let slot = hour - 6 * 3_600; slot < hour; slot += 3_600)
      await house.handlers.snapshots({ kind: 'portfolio-due', portfolioId, slot, cause: 'schedule' })
    expect(await house.watch.latestSnapshots(portfolioId, 9)).toHaveLength(1)
  })

  it('stores and announces that nothing could be seen, and the desk hears of it once', async () => {
    const desk = twinDesk()
    const { house } = desk
    await house.applyConfig()
    const reason = 'twin: no answer'
    desk.rooms.bends.gaps = [{ subject: 'chain', code: 'rpc-timeout', reason, touches: { kind: 'everything' } }]
    for (let minute = 0; minute < 3; minute++) {
      await house.passTo(hour + minute * 60)
      await house.tick()
      await house.settleDown()
    }
    desk.rooms.bends.gaps = []
    await house.passTo(hour + 180)
    await house.tick()
    await house.settleDown()
    expect((await house.watch.latestAlerts(portfolioId, 9)).map(({ id }) => id)).toEqual([
      `${portfolioId}~_blind~1~recovered`,
      `${portfolioId}~_blind~1~blind`,
    ])
    expect(house.told.filter(({ notifierId }) => notifierId === 'phone')).toHaveLength(2)
  })

  it('remembers how the chain did, so that a mode is left only after three calm looks', async () => {
    const { house, rooms } = twinDesk()
    await house.applyConfig()
    const providers = { configured: 1, quorum: 1, agreed: 1, behind: [], contradicting: [] }
    const calm: ChainVitals = { headAgeSeconds: 1, baseFeeGwei: 5, providers }
    const slow: ChainVitals = { ...calm, headAgeSeconds: 100 }
    const modes: unknown[] = []
    for (const [minute, vitals] of [calm, slow, calm, calm, calm].entries()) {
      rooms.bends.vitals = vitals
      await house.passTo(hour + minute * 60)
      await house.tick()
      await house.settleDown()
      const [snapshot] = await house.watch.latestSnapshots(portfolioId, 1)
      const [report] = await house.watch.latestReports(portfolioId, 1)
      expect(report?.chains).toEqual(snapshot?.chains)
      modes.push(...(report?.chains ?? []).map(({ mode }) => mode))
    }
    expect(modes).toEqual(['NORMAL', 'CONGESTED', 'CONGESTED', 'CONGESTED', 'NORMAL'])
  })

  it('remembers what was believed of each price, so that one that jumps alone is refused', async () => {
    const { house, chain } = twinDesk()
    await house.applyConfig()
    await house.passTo(hour)
    await house.tick()
    await house.settleDown()
    const seen = await house.watch.memory(portfolioId)
    const believed = seen?.prices?.find(({ asset }) => asset === 'WBTC')?.usd ?? 0
    expect(believed).toBeGreaterThan(0)
    chain.setPrice('WBTC', believed * 30)
    await house.passTo(hour + 60)
    await house.tick()
    await house.settleDown()
    const [snapshot] = await house.watch.latestSnapshots(portfolioId, 1)
    const price = snapshot?.prices.find(({ asset }) => asset === 'WBTC')
    expect(price).toMatchObject({ isRefused: true, dataState: { kind: 'BLIND' } })
    expect((await house.watch.memory(portfolioId))?.prices).toContainEqual(expect.objectContaining({ usd: believed }))
  })

  it('comes back for an event that the providers did not have yet, until a snapshot holds it', async () => {
    const { house } = twinDesk()
    await house.applyConfig()
    await house.passTo(hour)
    await house.tick()
    await house.settleDown()
    const [{ chainId = 0, number = 0 } = {}] = (await house.watch.latestSnapshots(portfolioId, 1))[0]?.blocks ?? []
    const seen = (ahead: number) => ({ chainId, block: number + ahead })
    const due = { kind: 'portfolio-due', portfolioId, slot: house.clock.now(), cause: 'event:upgrade' } as const
    const taken = async () => (await house.watch.latestSnapshots(portfolioId, 99)).length
    await house.pass(1)
    await house.handlers.snapshots({ ...due, seen: seen(0) })
    expect(await taken()).toBe(2)
    await house.settleDown()
    await house.handlers.snapshots({ ...due, seen: seen(0) })
    expect(await taken()).toBe(2)
    await house.handlers.snapshots({ ...due, seen: seen(1_000_000) })
    const [again] = house.bus.waiting('snapshots')
    expect(again).toMatchObject({ seen: seen(1_000_000), round: 1 })
    await house.settleDown()
    expect(house.bus.waiting('snapshots')).toEqual([])
    expect(house.lines.filter(({ facts }) => facts.isTooEarly === true)).toHaveLength(5)
  })

  it('leaves a portfolio alone that is configured no more', async () => {
    const { house } = twinDesk()
    await house.applyConfig()
    await house.applyConfig({ version: 'v2', configuration: every(60) })
    await house.handlers.snapshots({ kind: 'portfolio-due', portfolioId, slot: hour, cause: 'schedule' })
    expect(await house.watch.latestSnapshots(portfolioId, 9)).toEqual([])
  })
})

describe('assess-risk', () => {
  it('judges a snapshot by the configuration that it was taken under, also when another is in force by now', async () => {
    const { house } = twinDesk()
    await house.applyConfig()
    await house.passTo(hour)
    await house.tick()
    await house.pass(60)
    await house.bus.receive('snapshots', house.handlers.snapshots)
    await house.applyConfig({ version: 'v2' })
    await house.settleDown()
    const [report] = await house.watch.latestReports(portfolioId, 1)
    expect(report?.configVersion).toBe('v1')
  })

  it('thinks again when somebody else changed the memory meanwhile, and gives up after five times', async () => {
    const desk = twinDesk({
      around: async (door, deps, act) => {
        if (door !== 'assess-risk' || !('watch' in deps)) return await act(deps)
        const watch = { ...(deps.watch as object), saveMemory: async () => 'conflict' }
        return await act({ ...deps, watch })
      },
    })
    await desk.house.applyConfig()
    await desk.house.passTo(hour)
    await desk.house.tick()
    await desk.house.pass(60)
    await desk.house.bus.receive('snapshots', desk.house.handlers.snapshots)
    const [message] = desk.house.bus.waiting('assessments')
    if (message === undefined) throw new Error('a snapshot was taken')
    await expect(desk.house.handlers.assessments(message)).rejects.toMatchObject({
      code: 'memory-contended',
      retry: 'later',
    })
    expect(await desk.house.watch.memory(portfolioId)).toBeUndefined()
  })
})

describe('apply-config', () => {
  it('puts a deploy in force once, and lets a hand on the console win over the next deploy of another file', async () => {
    const { house } = twinDesk()
    const deploy = (version: string, fileHash: string) => house.applyConfig({ version, fileHash, by: 'deploy' })
    expect(await deploy('v1', 'f1')).toEqual({ kind: 'applied', version: 'v1' })
    expect(await deploy('v1', 'f1')).toMatchObject({ kind: 'unchanged', version: 'v1' })
    expect(await house.applyConfig({ version: 'v2', fileHash: 'f2' })).toEqual({
      kind: 'applied',
      version: 'v2',
      previous: 'v1',
    })
    expect(await house.applyConfig({ version: 'v2', fileHash: 'f2' })).toMatchObject({ kind: 'unchanged' })
    expect(await deploy('v1', 'f1')).toMatchObject({ kind: 'unchanged', version: 'v2' })
    expect(await deploy('v3', 'f3')).toMatchObject({ kind: 'kept', version: 'v2' })
    expect((await house.config.pointer())?.version).toBe('v2')
  })

  it('tells one of two who apply at the same moment that the other was faster', async () => {
    const { house } = twinDesk()
    const outcomes = await Promise.all([house.applyConfig({ version: 'v1' }), house.applyConfig({ version: 'v2' })])
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['applied', 'kept'])
    const applied = outcomes.find(({ kind }) => kind === 'applied')
    expect((await house.config.pointer())?.version).toBe(applied?.version)
  })
})
