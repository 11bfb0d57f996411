// What is told of prices that are trusted all the same, and of collateral that its market could not take.

import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { Report } from '../../lib/model/report.ts'
import type { AssetPrice } from '../../lib/model/snapshot.ts'
import type { Telemetry } from '../../lib/model/telemetry.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { aPrice } from '../risk/a-snapshot.ts'
import { aReport, aRule, theSettings } from './a-report.ts'

const withWeth = (change: Partial<AssetPrice>) => (at: number) =>
  aReport({
    at,
    change: { prices: [{ ...aPrice('WETH', 2_914), ...change }, aPrice('WBTC', 60_000), aPrice('USDC', 1)] },
  })
const pool = (quote: number): Telemetry => ({
  kind: 'pool',
  id: 'uniswap-v3:0x1',
  venue: 'uniswap-v3',
  label: 'a pool',
  base: 'WETH',
  quote: 'USDC',
  depth: { down: { base: quote / 2_914, quote }, up: { base: 1, quote: 1 } },
})
const withPool = (quote: number) => (at: number) => aReport({ at, change: { telemetry: [pool(quote)] } })

function play(minutes: readonly ((at: number) => Report)[], rules = [aRule()]) {
  let memory = emptyMemory('treasury')
  return minutes.map((minute, index) => {
    const report = minute(1_000 + 60 * index)
    const verdict = decide({ report, memory, settings: theSettings(rules), at: report.at })
    memory = JSON.parse(JSON.stringify(verdict.memory))
    return verdict.alerts
  })
}

const strained = withWeth({ signals: [{ code: 'lens-gap', reason: 'WETH: the market pays 3 % more.' }] })
const calm = withWeth({})

describe('a price of which somebody says something else', () => {
  it('is a warning once an episode, and stops nothing', () => {
    const alerts = play([strained, strained, calm, calm, calm])
    expect(alerts.flat()).toMatchObject([
      { ruleId: '_price:WETH', state: 'raised', severity: 'warning', title: 'WETH: the market pays 3 % more.' },
      { ruleId: '_price:WETH', state: 'recovered', title: 'views of the price of WETH agree again' },
    ])
    expect(alerts.map(({ length }) => length)).toEqual([1, 0, 0, 0, 1])
  })

  it('that is distrusted is told as that alone, and critical where its answer cannot be', () => {
    const dataState = { kind: 'DEGRADED', reasons: ['WETH: it is valued by the market.'] } as const
    const signals = [{ code: 'price-jumped', reason: 'WETH: it jumped.' }] as const
    expect(
      play([withWeth({ signals, dataState })])
        .flat()
        .map(({ ruleId }) => ruleId),
    ).toEqual(['_sight:WETH'])
    const wbtc = { ...aPrice('WBTC', 60_000, { dataState }), isRefused: true } as const
    const prices = [aPrice('WETH', 2_914), wbtc, aPrice('USDC', 1)]
    const [alerts] = play([(at) => aReport({ at, change: { prices } })])
    expect(alerts).toMatchObject([{ ruleId: '_sight:WBTC', severity: 'critical' }])
  })
})

describe('collateral that its pools could not take', () => {
  it('is told with what it would fetch and what is owed', () => {
    const alerts = play([withPool(2_000_000), withPool(300_000), withPool(300_000)])
    expect(alerts.map(({ length }) => length)).toEqual([0, 1, 0])
    expect(alerts.flat()[0]).toMatchObject({ ruleId: '_depth:aave-v3', severity: 'warning' })
    expect(alerts.flat()[0]?.why).toMatch(
      /^Selling it fetches 300,000 USD, owed are 1,18\d,\d{3} USD; WETH is worth 2,156,360 USD/,
    )
  })

  it('can be read by a rule, as can a health factor at the market', () => {
    const rules = [
      aRule({ id: 'thin', when: 'liquidationShortfall > 100000' }),
      aRule({ id: 'safe', when: 'safeHealthFactor < 1.45' }),
    ]
    const told = (report: (at: number) => Report) => play([report], rules)[0]?.map(({ ruleId }) => ruleId)
    expect(told(withPool(300_000))).toEqual(['thin', '_depth:aave-v3'])
    expect(told(withWeth({ marketUsd: 2_790, lensGap: 2_790 / 2_914 - 1 }))).toEqual(['safe'])
  })
})

it('what is remembered of prices goes from the report into the memory, also while blind', () => {
  const priceMemory = [{ asset: 'WETH', from: '0x1', at: 1_000, usd: 2_914, updatedAt: 990, sameSince: 990 }]
  for (const state of [{ kind: 'FRESH' }, { kind: 'BLIND', reasons: ['gone'] }] as const) {
    const report = aReport({ change: { priceMemory, dataState: state } })
    const { memory } = decide({ report, memory: emptyMemory('treasury'), settings: theSettings([]), at: 1_000 })
    expect(memory.prices).toEqual(priceMemory)
  }
})
