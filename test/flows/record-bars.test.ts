import { describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { observationsOf, recordBars } from '../../lib/flows/record-bars.ts'
import { type DataState, fresh } from '../../lib/model/data-state.ts'
import { type BarStore, missingBars } from '../../lib/model/history.ts'
import type { AssetPrice } from '../../lib/model/snapshot.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import type { Around, House } from './house-of-twins.ts'
import { endState, twinDesk, wholeLine } from './twin-desk.ts'

const hour = 1_709_251_200
const late: DataState = { kind: 'DEGRADED', reasons: ['the feed is late'] }
const blind: DataState = { kind: 'BLIND', reasons: ['no price'] }
const price = (asset: string, underlying: string, usd: number | undefined, dataState = fresh): AssetPrice => ({
  asset,
  underlying,
  heartbeatSeconds: 3_600,
  dataState,
  ...(usd === undefined ? {} : { usd }),
})
const seen = (at: number, ...prices: readonly AssetPrice[]) => ({ at, prices, portfolioId: 'main' })

it('only what is FRESH and really a price is taken, by its underlying where it is the underlying', () => {
  const prices = [
    price('WETH', 'ETH', 3_000),
    price('wstETH', 'ETH', 3_500),
    price('WETH@arbitrum', 'ETH', 3_001),
    price('USDC@arbitrum', 'USDC', 1),
    price('WBTC', 'BTC', 60_000, late),
    price('GONE', 'GONE', undefined, blind),
    price('ODD', 'ODD', Number.NaN),
    price('NIL', 'NIL', 0),
  ]
  expect(observationsOf(seen(hour, ...prices))).toEqual([
    { asset: 'ETH', at: hour, usd: 3_000 },
    { asset: 'wstETH', at: hour, usd: 3_500 },
    { asset: 'USDC', at: hour, usd: 1 },
  ])
})

it('three hours of a late feed are a gap of three bars: nothing is carried over them', async () => {
  const deps = { history: barStore(memoryTable()), log: { line: () => undefined } }
  for (let minute = 0; minute < 6 * 60; minute += 5) {
    const isLate = minute >= 120 && minute < 300
    await recordBars(
      deps,
      seen(hour + minute * 60, price('WETH', 'ETH', isLate ? 2_000 : 3_000, isLate ? late : fresh)),
    )
  }
  const { bars } = await deps.history.bars({ asset: 'ETH', interval: '1h' })
  expect(missingBars(bars, '1h')).toEqual([{ from: hour + 7_200, to: hour + 18_000, count: 3 }])
  expect(bars.every(({ low, high }) => low === 3_000 && high === 3_000)).toBe(true)
})

it('a store that fails costs a line in the log and nothing else', async () => {
  const lines: unknown[] = []
  const fails = () => Promise.reject(new HomeostatError('store-unavailable', { message: 'down', retry: 'later' }))
  const history = { ...barStore(memoryTable()), observe: fails }
  await recordBars(
    { history, log: { line: (...line) => void lines.push(line) } },
    seen(hour, price('WETH', 'ETH', 3_000)),
  )
  expect(lines).toEqual([['record-bars.degraded', { portfolioId: 'main', code: 'store-unavailable' }]])
})

describe('the whole line, from calm to calm', () => {
  /** With this store of bars in the door that takes snapshots. */
  const lineWith = async (observe: BarStore['observe']) => {
    const around: Around = async (door, deps, act) =>
      act(door === 'take-snapshot' ? { ...deps, history: { ...barStore(memoryTable()), observe } } : deps)
    const desk = twinDesk({ around })
    await wholeLine(desk)
    return { end: await endState(desk), lines: eventsOf(desk.house) }
  }
  const eventsOf = ({ lines }: House) => lines.map(({ event }) => event)

  it('leaves bars of every price, and ends no differently if none can be written', async () => {
    const history = barStore(memoryTable())
    const kept = await lineWith(history.observe)
    const lost = await lineWith(() =>
      Promise.reject(new HomeostatError('store-unavailable', { message: 'down', retry: 'later' })),
    )
    expect(lost.end).toEqual(kept.end)
    expect(kept.lines).not.toContain('record-bars.degraded')
    expect(lost.lines.filter((event) => event === 'record-bars.degraded')).toHaveLength(
      lost.lines.filter((event) => event === 'take-snapshot').length,
    )
    expect((await history.series()).map(({ asset }) => asset)).toEqual(['BTC', 'ETH', 'USDC'])
    const { bars } = await history.bars({ asset: 'ETH', interval: '1h' })
    expect(bars.some(({ high, low }) => low < high)).toBe(true)
  })
})
