import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { DataState } from '../../lib/model/data-state.ts'
import type { Report } from '../../lib/model/report.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { assess } from '../../lib/risk/assess.ts'
import { aHolding, aLendingReading, aLoan, aPosition, aPrice, aSnapshot } from '../risk/a-snapshot.ts'
import { aBlindReport, aReport, aRule, theSettings } from './a-report.ts'

const late: DataState = { kind: 'DEGRADED', reasons: ['feed is late'] }
const dead: DataState = { kind: 'BLIND', reasons: ['feed: no answer'] }
type Minute = (at: number) => Report

const good: Minute = (at) => aReport({ at })
const withPrice = (asset: string, usd: number | undefined, dataState: DataState): Minute => {
  const prices = [aPrice('WETH', 2_914), aPrice('WBTC', 60_000), aPrice('USDC', 1)]
  const changed = prices.map((one) => (one.asset === asset ? aPrice(asset, usd, { dataState }) : one))
  return (at) => aReport({ at, change: { prices: changed } })
}
const lateWeth = withPrice('WETH', 2_914, late)
const deadWbtc = withPrice('WBTC', undefined, dead)

function play(minutes: readonly Minute[]) {
  let memory = emptyMemory('treasury')
  return minutes.map((minute, index) => {
    const report = minute(1_000 + 60 * index)
    const verdict = decide({ report, memory, settings: theSettings([aRule()]), at: report.at + 5 })
    memory = JSON.parse(JSON.stringify(verdict.memory))
    return verdict.alerts
  })
}
const ids = (minutes: readonly Minute[]) =>
  play(minutes).map((alerts) => alerts.map((one) => one.id.replace('treasury~', '')))

describe('an asset that cannot be trusted', () => {
  it('is told once an episode, for all that read it, and leaves after three good samples with its duration', () => {
    const minutes = [good, lateWeth, lateWeth, good, good, lateWeth, good, good, good, good, lateWeth]
    expect(ids(minutes)).toEqual([
      [],
      ['_sight:WETH~1~raised'],
      ...[2, 3, 4, 5, 6, 7].map(() => []),
      ['_sight:WETH~1~recovered'],
      [],
      ['_sight:WETH~2~raised'],
    ])
    const alerts = play(minutes).flat()
    expect(alerts[0]).toMatchObject({
      state: 'raised',
      severity: 'critical',
      title: 'the price of WETH is DEGRADED: feed is late',
      dataState: { kind: 'DEGRADED' },
    })
    expect(alerts[1]).toMatchObject({ state: 'recovered', severity: 'critical', durationSeconds: 420 })
  })

  it('is a warning where the lending account does not read it, and silence where nothing does', () => {
    expect(play([deadWbtc]).flat()).toMatchObject([
      { ruleId: '_sight:WBTC', severity: 'warning', title: 'the price of WBTC is BLIND: feed: no answer' },
    ])
    const prices = [aPrice('WETH', 2_914), aPrice('USDC', 1), aPrice('WBTC', undefined, { dataState: dead })]
    expect(ids([(at) => aReport({ at, change: { prices, positions: [aLoan()] } })])).toEqual([[]])
  })

  it('is not told, and not counted, while the whole portfolio is BLIND', () => {
    const blind: Minute = (at) => aBlindReport(at)
    expect(ids([lateWeth, blind, blind, blind, blind, good, good, good])).toEqual([
      ['_sight:WETH~1~raised'],
      ['_blind~1~blind'],
      [],
      [],
      [],
      ['_blind~1~recovered'],
      [],
      ['_sight:WETH~1~recovered'],
    ])
  })
})

describe('a position that cannot be trusted for reasons of its own', () => {
  const distrusted: DataState = { kind: 'DEGRADED', reasons: ['leg WBTC reverted'] }

  it('is told under its name, critically if it is the lending account', () => {
    const positions = [
      aPosition('aave-v3', aLoan().instrument, { dataState: distrusted }),
      aPosition('wallet:USDC', aHolding('USDC', 5).instrument, { dataState: distrusted }),
    ]
    expect(play([(at) => aReport({ at, change: { positions } })])[0]).toMatchObject([
      { ruleId: '_sight:aave-v3', severity: 'critical', why: 'leg WBTC reverted' },
      { ruleId: '_sight:wallet:USDC', severity: 'warning' },
    ])
  })

  it('is told when it could not be read at all', () => {
    const gap = {
      subject: 'balance of WBTC',
      code: 'reverted',
      reason: 'it reverted',
      touches: { kind: 'position', positionId: 'wallet:WBTC' },
    } as const
    const positions = [aLoan(), aHolding('USDC', 5)]
    expect(play([(at) => aReport({ at, change: { positions, gaps: [gap] } })])[0]).toMatchObject([
      { ruleId: '_sight:wallet:WBTC', title: expect.stringContaining('balance of WBTC is BLIND') },
    ])
  })

  it('is told when model and protocol are further apart than a thousandth, not for less', () => {
    const model = (740 * 2_914 * 0.825) / 1_186_000
    const stating = (factor: number): Minute => {
      return (at) => aReport({ at, change: { lending: [aLendingReading(factor)] } })
    }
    expect(ids([stating(model * 0.998)])).toEqual([['_sight:aave-v3~1~raised']])
    expect(ids([stating(model * 1.002)])).toEqual([['_sight:aave-v3~1~raised']])
    expect(ids([stating(model * 0.9995)])).toEqual([[]])
  })
})

describe('a portfolio that holds nothing', () => {
  const empty: Minute = (at) => aReport({ at, change: { positions: [] } })
  const emptyAccount: Minute = (at) => aReport({ at, change: { positions: [aLoan({ weth: 0, usdc: 0 })] } })

  it.each([empty, emptyAccount])('is told at first sight, as severely as the rules that protect nothing', (minute) => {
    const [first, second] = play([minute, minute])
    expect(first).toMatchObject([{ id: 'treasury~_empty~1~raised', severity: 'critical', ruleId: '_empty' }])
    expect(second).toEqual([])
  })

  it('is told when it was not empty before, and ends when something is held again', () => {
    expect(ids([good, empty, good, good, good])).toEqual([[], ['_empty~1~raised'], [], [], ['_empty~1~recovered']])
  })

  it('is not told of an account whose debt only the protocol sees', () => {
    const snapshot = aSnapshot({ positions: [aLoan({ weth: 0, usdc: 0 })], lending: [aLendingReading(1.05)] })
    expect(ids([() => assess({ snapshot })])[0]).not.toContain('_empty~1~raised')
  })
})
