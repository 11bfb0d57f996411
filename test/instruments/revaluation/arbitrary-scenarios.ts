// Scenarios of the random market, and the market of each of them made by hand: what the engine is compared with.

import fc from 'fast-check'
import { withInterestShift, withSpot, withTime, withVolatilityShift } from '../../../lib/instruments/market/bump.ts'
import type { Market } from '../../../lib/instruments/market/market.ts'
import type { ScenarioSet } from '../../../lib/instruments/revaluation/scenario-set.ts'
import { day, within } from '../arbitrary-market.ts'

const columns = (count: number, entry: fc.Arbitrary<number>) =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.array(entry, { minLength: count, maxLength: count }) },
      entry.map((one) => new Array<number>(count).fill(one)),
    )
    .map((entries) => Float64Array.from(entries))
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Some spots, volatilities (by scenario or by spot) and the dollar rate move or stay, and some time passes. */
export function arbitraryScenarios(market: Market, count: number): fc.Arbitrary<ScenarioSet> {
  const spots = (underlying: string, low: number, high: number) =>
    maybe(
      columns(count, within(low, high)).map((column) => column.map((share) => share * (market.spot[underlying] ?? 0))),
    )
  const bySpot = (underlying: string) =>
    within(-0.3, 0.3).map((slope) => (spot: number) => slope * Math.log(spot / (market.spot[underlying] ?? 1)))
  const shifts = (underlying: string) => maybe(fc.oneof(columns(count, within(-0.2, 0.5)), bySpot(underlying)))
  const given = <T>(entries: Readonly<Record<string, T | undefined>>) =>
    Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, T] => entry[1] !== undefined))
  return fc
    .record({
      ETH: spots('ETH', 0.3, 2.5),
      BTC: spots('BTC', 0.3, 2.5),
      USDC: spots('USDC', 0.85, 1.05),
      ethShift: shifts('ETH'),
      btcShift: shifts('BTC'),
      interestShift: maybe(columns(count, within(-0.03, 0.05))),
      secondsPassed: fc.oneof(fc.constant(0), within(1, 400 * day)),
    })
    .map(({ ETH, BTC, USDC, ethShift, btcShift, interestShift, secondsPassed }) => ({
      count,
      spot: given({ ETH, BTC, USDC }),
      volatilityShift: given({ ETH: ethShift, BTC: btcShift }),
      ...(interestShift === undefined ? {} : { interestShift }),
      secondsPassed,
    }))
}

/** The market of scenario j, one bump after the other. */
export function marketOf(market: Market, scenarios: ScenarioSet, j: number): Market {
  const { spot, volatilityShift = {}, interestShift, secondsPassed = 0 } = scenarios
  const later = withTime(market, market.at + secondsPassed)
  const moved = Object.entries(spot).reduce(
    (next, [name, column]) => withSpot(next, name, column[j] ?? Number.NaN),
    later,
  )
  const shifted = Object.entries(volatilityShift).reduce((next, [name, shift]) => {
    const by = typeof shift === 'function' ? shift(moved.spot[name] ?? Number.NaN) : shift[j]
    return withVolatilityShift(next, name, by ?? Number.NaN)
  }, moved)
  return interestShift === undefined ? shifted : withInterestShift(shifted, interestShift[j] ?? Number.NaN)
}
