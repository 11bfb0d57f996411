import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { type CalibrateDeps, calibrate } from '../../lib/flows/calibrate.ts'
import type { Configuration } from '../../lib/model/configuration.ts'
import { barStartOf, type HistoryConfig } from '../../lib/model/history.ts'
import type { PastPrices } from '../../lib/model/market-ports.ts'
import type { Table } from '../../lib/model/ports.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { memoryBlobs } from '../../lib/store/blobs.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { macroStore } from '../../lib/store/macro-store.ts'
import { marketModelStore } from '../../lib/store/market-model-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { watchStore } from '../../lib/store/watch-store.ts'
import { type RunningDynalite, startDynalite } from '../store/dynalite-table.ts'
import { syntheticBars } from './synthetic-bars.ts'
import { configuration, start, twinDesk } from './twin-desk.ts'

const assets = ['BTC', 'ETH', 'SOL', 'LTC', 'XRP', 'ADA', 'BNB']
const midnight = barStartOf(start, '1d')
const nobody: PastPrices = {
  read: async ({ asset, interval }) => ({
    history: { asset, interval, quote: 'USD', bars: [] },
    requests: 1,
    refused: {},
    stopped: { code: 'candles-unreachable', reason: 'The connection failed.' },
  }),
}

async function deskOf(table: Table, options: { readonly history?: HistoryConfig; readonly prices?: PastPrices } = {}) {
  const config = configStore(memoryTable())
  const desk: Configuration =
    options.history === undefined ? configuration : { ...configuration, history: options.history }
  await config.putVersion('v1', desk)
  await config.movePointer({ version: 'v1', movedAt: 0, movedBy: 'cli' }, 0)
  const lines: { readonly event: string; readonly facts: Readonly<Record<string, unknown>> }[] = []
  let now = midnight + 600
  const deps: CalibrateDeps = {
    config,
    watch: watchStore(table),
    history: barStore(table),
    models: marketModelStore(table),
    prices: options.prices ?? nobody,
    macroStore: macroStore(table),
    macroSources: { read: async () => ({ notes: [] }) },
    clock: { now: () => now },
    log: { line: (event, facts) => void lines.push({ event, facts }) },
  }
  const pass = (seconds: number) => {
    now += seconds
  }
  return { deps, lines, pass }
}

async function withBars(deps: CalibrateDeps, days: number, hours = 0): Promise<void> {
  for (const [interval, count] of [
    ['1d', days],
    ['1h', hours],
  ] as const)
    for (const [asset, bars] of syntheticBars({ interval, count, to: midnight, assets, seed: 7 }))
      await deps.history.putBars({ asset, interval, source: 'import' }, bars)
}

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

describe.each([
  { name: 'memory', makeTable: async () => memoryTable() },
  {
    name: 'DynamoDB',
    makeTable: async () =>
      dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable(), blobs: memoryBlobs() }),
  },
])('calibrate on $name', ({ makeTable }: { makeTable: () => Promise<Table> }) => {
  it('makes a model of all that is stored, puts it in force, and it reads back as it was made', async () => {
    const table = await makeTable()
    const { deps, lines } = await deskOf(table)
    await withBars(deps, 700, 24 * 40)
    await calibrate(deps)
    expect(lines.map(({ event }) => event)).toEqual(['calibrate'])
    const model = await marketModelStore(table).latest()
    expect(model?.at).toBe(midnight)
    expect(model?.covariance?.assets.toSorted()).toEqual(assets.toSorted())
    for (const volatility of model?.covariance?.volatility ?? []) expect(Math.abs(volatility - 0.6)).toBeLessThan(0.2)
    expect(model?.daily?.starts.length).toBeGreaterThan(600)
    expect(model?.hourly?.starts.length).toBeGreaterThan(900)
    expect(model?.volatility.map(({ asset }) => asset).toSorted()).toEqual(assets.toSorted())
    expect(model?.notes.filter((note) => /unexpectedly/.test(note))).toEqual([])
  })

  it('confirms the model that is in force where nothing is new, and makes another once a bar is', async () => {
    const table = await makeTable()
    const { deps, lines, pass } = await deskOf(table)
    await withBars(deps, 100)
    await calibrate(deps)
    pass(3_000)
    await calibrate(deps)
    expect(lines.map(({ event }) => event)).toEqual(['calibrate', 'calibrate.unchanged'])
    const first = await deps.models.pointer()
    expect(first).toMatchObject({ madeAt: midnight + 600, confirmedAt: midnight + 3_600 })
    await deps.history.observe(assets.map((asset) => ({ asset, at: midnight + 60, usd: 100 })))
    await deps.history.observe(assets.map((asset) => ({ asset, at: midnight + 3_700, usd: 101 })))
    pass(3_600)
    await calibrate(deps)
    const second = await deps.models.pointer()
    expect(second?.id).not.toBe(first?.id)
    expect(second?.at).toBe(midnight + 7_200)
    expect(await deps.models.model(first?.id ?? '')).toBeDefined()
  })
})

describe('calibrate', () => {
  it('without a configuration, or without any bar, makes no model and says so', async () => {
    const { deps, lines } = await deskOf(memoryTable())
    await calibrate(deps)
    await calibrate({ ...deps, config: configStore(memoryTable()) })
    expect(lines.map(({ event }) => event)).toEqual(['calibrate.no-history', 'calibrate.no-configuration'])
    expect(await deps.models.pointer()).toBeUndefined()
  })

  it('of a young installation makes a model that says how much is missing, and no figure that is not known', async () => {
    const { deps } = await deskOf(memoryTable())
    await withBars(deps, 9)
    await calibrate(deps)
    const model = await deps.models.latest()
    expect(model?.daily).toBeUndefined()
    expect(model?.covariance).toBeUndefined()
    expect(model?.assets.every(({ state }) => state === 'new')).toBe(true)
    expect(model?.notes.join('\n')).toMatch(/no daily scenarios: No asset has 30 returns; the longest history has 8/)
  })

  it('that dies between the model and the pointer leaves the model of before in force, and the next run puts the new one there', async () => {
    const table = memoryTable()
    const { deps, pass } = await deskOf(table)
    await withBars(deps, 60)
    await calibrate(deps)
    const before = await deps.models.pointer()
    await deps.history.observe([{ asset: 'BTC', at: midnight + 60, usd: 100 }])
    pass(3_600)
    const dying: Table = {
      ...table,
      replace: () => Promise.reject(new HomeostatError('store-unavailable', { message: 'down', retry: 'later' })),
    }
    await expect(calibrate({ ...deps, models: marketModelStore(dying) })).rejects.toMatchObject({
      code: 'store-unavailable',
    })
    expect(await deps.models.pointer()).toEqual(before)
    expect((await marketModelStore(table).latest())?.id).toBe(before?.id)
    await calibrate(deps)
    expect((await deps.models.pointer())?.id).not.toBe(before?.id)
  })

  it('twice at once makes one model', async () => {
    const { deps } = await deskOf(memoryTable())
    await withBars(deps, 60)
    await Promise.all([calibrate(deps), calibrate(deps)])
    expect(await deps.models.latest()).toBeDefined()
    const model = await deps.models.latest()
    expect((await deps.models.pointer())?.id).toBe(model?.id)
  })

  it('takes the assets that the desk holds first, and names those for which there was no room', async () => {
    const { deps } = await deskOf(memoryTable())
    const many = [...Array.from({ length: 70 }, (_, index) => `A${String(index).padStart(2, '0')}`), 'ETH', 'BTC']
    for (const [asset, bars] of syntheticBars({ interval: '1d', count: 40, to: midnight, assets: many, seed: 3 }))
      await deps.history.putBars({ asset, interval: '1d', source: 'import' }, bars)
    await calibrate(deps)
    const model = await deps.models.latest()
    const kept = new Set(model?.assets.map(({ asset }) => asset))
    expect(kept.size).toBe(60)
    expect(kept.has('ETH') && kept.has('BTC')).toBe(true)
    expect(model?.notes.join('\n')).toMatch(/a model holds 60 assets; left out: A58/)
  })

  it('fetches the bars since the last stored one from configured sources, and a source that fails is a note', async () => {
    const asked: string[] = []
    const history: HistoryConfig = { sources: [{ source: 'coinbase', products: { BTC: 'BTC-USD', ETH: 'ETH-USD' } }] }
    const all = syntheticBars({
      interval: '1d',
      count: 50,
      to: midnight,
      assets: ['BTC', 'ETH'],
      seed: 5,
      source: 'coinbase',
    })
    const prices: PastPrices = {
      async read({ asset, interval, from, to }) {
        asked.push(`${asset} ${interval} ${(to - from) / (interval === '1d' ? 86_400 : 3_600)}`)
        const none = { history: { asset, interval, quote: 'USD', bars: [] }, requests: 1, refused: {} }
        if (asset === 'ETH') return { ...none, stopped: { code: 'candles-refused', reason: 'coinbase refused.' } }
        const bars =
          interval === '1d' ? (all.get(asset) ?? []).filter((bar) => bar.start >= from && bar.start < to) : []
        return { ...none, history: { ...none.history, bars } }
      },
    }
    const { deps, pass } = await deskOf(memoryTable(), { history, prices })
    await calibrate(deps)
    const model = await deps.models.latest()
    expect(model?.assets.find(({ asset }) => asset === 'BTC')?.observations).toBe(49)
    expect(model?.sources).toEqual([{ source: 'coinbase', bars: 50, assets: 1 }])
    expect(model?.notes).toContain('ETH by 1d from coinbase: coinbase refused.')
    asked.length = 0
    pass(86_400)
    await calibrate(deps)
    expect(asked.slice(0, 1)).toEqual(['BTC 1d 1'])
  })

  it('says of prices that were made up that they were', async () => {
    const { deps } = await deskOf(memoryTable())
    for (const [asset, bars] of syntheticBars({
      interval: '1d',
      count: 60,
      to: midnight,
      assets,
      seed: 1,
      source: 'synthetic, seed 1',
    }))
      await deps.history.putBars({ asset, interval: '1d', source: 'synthetic, seed 1' }, bars)
    await calibrate(deps)
    const model = await deps.models.latest()
    expect(model?.madeUp).toBe('synthetic, seed 1')
    expect(model?.notes[0]).toBe(
      '420 of 420 bars (7 assets) are made up (synthetic, seed 1): no figure here says anything of a real market',
    )
  })
})

describe('assess-risk', () => {
  it('says why a report has no model, then names the one in force, in its id too', async () => {
    const { house } = twinDesk()
    await house.applyConfig()
    await house.tick()
    await house.settleDown()
    const [bare] = await house.watch.latestReports('treasury', 1)
    expect(bare?.marketModelId).toBeUndefined()
    expect(bare?.marketModelMissing).toMatch(/no market model has been made yet/)
    for (const [asset, bars] of syntheticBars({ interval: '1d', count: 60, to: midnight, assets, seed: 1 }))
      await house.history.putBars({ asset, interval: '1d', source: 'import' }, bars)
    const { models, watch, history, config, clock } = house
    const memory = macroStore(memoryTable())
    const macroSources = { read: async () => ({ notes: [] }) }
    const log = { line: () => undefined }
    await calibrate({ models, watch, history, config, clock, log, prices: nobody, macroStore: memory, macroSources })
    await house.pass(60)
    await house.tick()
    await house.settleDown()
    const [report] = await house.watch.latestReports('treasury', 1)
    const model = await models.latest()
    expect(report?.marketModelId).toBe(model?.id)
    expect(report?.id.endsWith(`~v1~${model?.id}`)).toBe(true)
    expect(report?.marketModel).toMatchObject({ at: midnight, dataState: { kind: 'FRESH' } })
    expect(report?.volatility?.map(({ asset }) => asset).toSorted()).toEqual(['BTC', 'ETH'])
    await house.pass(4 * 3_600)
    await house.tick()
    await house.settleDown()
    const [late] = await house.watch.latestReports('treasury', 1)
    expect(late?.marketModel?.dataState).toMatchObject({ kind: 'DEGRADED' })
    expect(late?.dataState).toEqual(report?.dataState)
  })

  it('does without a model that cannot be read', async () => {
    const fails = () => Promise.reject(new HomeostatError('store-unavailable', { message: 'down', retry: 'later' }))
    const { house } = twinDesk({
      around: (_door, deps, act) =>
        act('models' in deps ? { ...deps, models: { ...(deps.models as object), pointer: fails } } : deps),
    })
    await house.applyConfig()
    await house.tick()
    await house.settleDown()
    const [report] = await house.watch.latestReports('treasury', 1)
    expect(report?.marketModelMissing).toBe('the market model could not be read (store-unavailable)')
  })
})
