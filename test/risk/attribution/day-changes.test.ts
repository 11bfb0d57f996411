import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DayChanges } from '../../../lib/model/figure-change.ts'
import type { RegimeView } from '../../../lib/model/regime.ts'
import type { Report } from '../../../lib/model/report.ts'
import type { Snapshot } from '../../../lib/model/snapshot.ts'
import { assess } from '../../../lib/risk/assess.ts'
import { dayChanges } from '../../../lib/risk/attribution/day-changes.ts'
import { aHolding, aLendingReading, aLoan, aPrice, aRange, aSnapshot } from '../a-snapshot.ts'

const day = 86_400
const prices = (eth: number, btc: number | undefined = 60_000) => [
  aPrice('WETH', eth),
  aPrice('WBTC', btc),
  aPrice('USDC', 1),
]

/** Each report against the one before, as the flow makes them. */
function chain(snapshots: readonly Snapshot[]): readonly Report[] {
  const reports: Report[] = []
  for (const [i, snapshot] of snapshots.entries()) {
    const [before, report] = [snapshots[i - 1], reports[i - 1]]
    reports.push(assess({ snapshot, ...(before && report ? { previous: { snapshot: before, report } } : {}) }))
  }
  return reports
}

const figure = (changes: DayChanges | undefined, name: string) => changes?.figures.find((one) => one.figure === name)
const sumOf = (one: ReturnType<typeof figure>) => (one?.parts ?? []).reduce((sum, { change }) => sum + change, 0)
const causes = (one: ReturnType<typeof figure>) =>
  Object.fromEntries((one?.parts ?? []).map(({ cause, change }) => [cause, change]))

describe('what changed since the day began', () => {
  it('is not told of a first report, and begins with what changed since the last one of the day before', () => {
    const [first, second] = chain([
      aSnapshot({ id: 'late', at: day - 60 }),
      aSnapshot({ id: 'early', at: day + 60, prices: prices(2_900) }),
    ])
    expect(first?.dayChanges).toBeUndefined()
    expect(second?.dayChanges).toMatchObject({ sinceSnapshotId: 'late', since: day - 60 })
    expect(causes(figure(second?.dayChanges, 'nav'))).toEqual(
      causes(second?.changes?.figures.find(({ figure: name }) => name === 'nav')),
    )
  })

  it('keeps a fall in view when the reports after it see nothing, and forgets it the day after', () => {
    const [before, , still, tomorrow] = chain([
      aSnapshot({ at: day, prices: prices(3_000) }),
      aSnapshot({ at: day + 60, prices: prices(2_250) }),
      aSnapshot({ at: day + 120, prices: prices(2_250) }),
      aSnapshot({ at: 2 * day + 60, prices: prices(2_250) }),
    ])
    expect(still?.changes?.figures).toEqual([])
    const nav = figure(still?.dayChanges, 'nav')
    expect(Object.keys(causes(nav))).toEqual(['price of ETH'])
    expect(sumOf(nav)).toBeCloseTo((still?.navUsd ?? 0) - (before?.navUsd ?? 0), 6)
    expect(figure(still?.dayChanges, 'healthFactor.aave-v3')).toMatchObject({
      from: before?.healthFactor,
      to: still?.healthFactor,
    })
    expect(tomorrow?.dayChanges).toMatchObject({ since: day + 120, figures: [] })
  })

  it('tells an account that is repaid and one that is opened, with their last and first values', () => {
    const repaid = aSnapshot({ at: day + 60, positions: [aLoan({ usdc: 0 })], lending: [aLendingReading(undefined)] })
    const owing = (at: number, eth: number) => aSnapshot({ at, positions: [aLoan()], prices: prices(eth), lending: [] })
    const closed = chain([owing(day, 3_000), repaid])
    expect(figure(closed[1]?.dayChanges, 'healthFactor.aave-v3')).toMatchObject({
      from: closed[0]?.healthFactor,
      to: closed[0]?.healthFactor,
      parts: [],
      vanishedAt: day + 60,
    })
    const opened = chain([{ ...repaid, at: day }, owing(day + 60, 3_000), owing(day + 120, 2_700)])
    const late = figure(opened[2]?.dayChanges, 'healthFactor.aave-v3')
    expect(late).toMatchObject({ from: opened[1]?.healthFactor, to: opened[2]?.healthFactor, appearedAt: day + 60 })
    expect(Object.keys(causes(late))).toEqual(['price of ETH'])
    const back = chain([owing(day, 3_000), repaid, owing(day + 120, 2_700)])
    const again = figure(back[2]?.dayChanges, 'healthFactor.aave-v3')
    expect(again?.vanishedAt).toBeUndefined()
    expect(Object.keys(causes(again))).toEqual(['not explained'])
    expect(sumOf(again)).toBeCloseTo((back[2]?.healthFactor ?? 0) - (back[0]?.healthFactor ?? 0), 9)
  })

  it('tells the regime only where it is another than when the day began, however often it changed', () => {
    const found: (DayChanges['regime'] | undefined)[] = []
    let previous: { snapshot: Snapshot; report: Report } | undefined
    const regimes = ['calm', 'crisis', undefined, 'crisis', 'calm', 'tense'] as const
    for (const [i, regime] of regimes.entries()) {
      const snapshot = aSnapshot({ at: day + i * 60 })
      const view = regime === undefined ? {} : { regime: { regime } as RegimeView }
      const report: Report = { ...assess({ snapshot }), ...view }
      const after = { snapshot, report }
      const changes = { sinceSnapshotId: '', since: 0, figures: [] }
      const told = previous && dayChanges({ before: previous, after, changes })
      found.push(told?.regime)
      previous = { snapshot, report: { ...report, ...(told === undefined ? {} : { dayChanges: told }) } }
    }
    const stormy = { from: 'calm', to: 'crisis' }
    expect(found).toEqual([undefined, stormy, undefined, stormy, undefined, { from: 'calm', to: 'tense' }])
  })

  it('sums by cause to each figure now less the figure at its begin, whatever happened on the way', () => {
    const arbitrary = fc.record({
      eth: fc.double({ min: 1_000, max: 6_000, noNaN: true }),
      btc: fc.double({ min: 20_000, max: 120_000, noNaN: true }),
      weth: fc.double({ min: 0, max: 2_000, noNaN: true }),
      usdc: fc.oneof(fc.constant(0), fc.double({ min: 1, max: 3_000_000, noNaN: true })),
      wbtc: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 20, noNaN: true })),
      isDark: fc.boolean(),
      hasLoan: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(arbitrary, { minLength: 2, maxLength: 8 }), (steps) => {
        const reports = chain(
          steps.map((one, i) =>
            aSnapshot({
              id: `s${i}`,
              at: day + i * 600,
              positions: [
                ...(one.hasLoan ? [aLoan(one)] : []),
                aRange(),
                ...(one.wbtc === 0 ? [] : [aHolding('WBTC', one.wbtc)]),
              ],
              prices: prices(one.eth, one.isDark ? undefined : one.btc),
              lending: [],
            }),
          ),
        )
        const [first, last] = [reports[0], reports.at(-1)]
        const gross = reports
          .flatMap(({ positions }) => positions)
          .reduce((sum, one) => sum + Math.abs(one.valueUsd), 1)
        const told = last?.dayChanges
        expect(told?.sinceSnapshotId).toBe('s0')
        const accounts = new Set(reports.flatMap(({ accounts: held }) => held.map(({ positionId }) => positionId)))
        const figures: [string, (report: Report | undefined) => number | undefined, number][] = [
          ['nav', (report) => report?.navUsd, gross],
          ...['ETH', 'BTC', 'USDC'].map((one): (typeof figures)[number] => [
            `delta.${one}`,
            (report) => report?.netGreeks.delta[one] ?? 0,
            1e4,
          ]),
          ...[...accounts].map((id): (typeof figures)[number] => [
            `healthFactor.${id}`,
            (report) => report?.accounts.find(({ positionId }) => positionId === id)?.healthFactor,
            1e3,
          ]),
        ]
        for (const [name, valueIn, scale] of figures) {
          const known = reports.flatMap((report) => valueIn(report) ?? [])
          if (known.length === 0) continue
          const one = figure(told, name)
          expect(Math.abs(sumOf(one) - ((known.at(-1) ?? 0) - (known[0] ?? 0))), name).toBeLessThan(1e-9 * scale)
          expect(one?.appearedAt !== undefined, `${name} appeared`).toBe(valueIn(first) === undefined)
          expect(one?.vanishedAt !== undefined, `${name} vanished`).toBe(valueIn(last) === undefined)
        }
      }),
      { numRuns: 40 },
    )
  })
})
