// What may happen to a market, many times over, as columns of numbers with one entry a scenario.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Usd } from '../../base/units.ts'
import { type Market, own } from '../market/market.ts'

/** Keys are underlyings. What is not named stays as it is in the market; exchange rates, funding and correlations always do. */
export interface ScenarioSet {
  /** n: how many scenarios, 1 or more. */
  readonly count: number
  /** n: USD per underlying (absolute, above 0). */
  readonly spot: Readonly<Record<string, Float64Array>>
  /**
   * Added to every volatility of an underlying, 0.01 is one point; a volatility does not fall below 0. By scenario (n), or as a function of the underlying's
   * spot in the scenario: then its positions can still be netted.
   */
  readonly volatilityShift?: Readonly<Record<string, Float64Array | ((spot: Usd) => number)>>
  /** Spots at which a shift that follows them has a kink, by underlying: its positions are netted piece by piece between them. */
  readonly shiftEdges?: Readonly<Record<string, readonly Usd[]>>
  /** n: added to the dollar's rates, per year; stated forwards stay, the others follow. */
  readonly interestShift?: Float64Array
  /** Seconds that pass before all of them, 0 or more; absent: 0. Only values move: what is earned meanwhile (interest, funding, fees) is not added. */
  readonly secondsPassed?: number
}

/** @throws HomeostatError `invalid-scenarios` that names the factor, the scenario and the rule */
export function checkScenarios(scenarios: ScenarioSet, market: Market): void {
  const { count, spot, volatilityShift = {}, interestShift, secondsPassed = 0 } = scenarios
  if (!(Number.isInteger(count) && count >= 1))
    throw invalid('The number of scenarios is not a whole number from 1.', { count })
  if (!(secondsPassed >= 0 && market.at + secondsPassed < Number.POSITIVE_INFINITY))
    throw invalid('The time that passes is not a number of seconds from 0.', { secondsPassed })
  for (const [underlying, column] of Object.entries(spot)) {
    if (own(market.spot, underlying) === undefined) throw unknown('spot', underlying)
    checkColumn(column, { count, factor: `spot of ${underlying}`, above: 0, rule: 'a finite price above 0' })
  }
  for (const [underlying, shift] of Object.entries(volatilityShift)) {
    const held = own(market.spot, underlying)
    if (held === undefined || own(market.volatility, underlying) === undefined) throw unknown('volatility', underlying)
    const spots = own(spot, underlying) ?? new Float64Array(count).fill(held)
    checkColumn(typeof shift === 'function' ? spots.map(shift) : shift, {
      count,
      factor: `volatility shift of ${underlying}`,
      above: Number.NEGATIVE_INFINITY,
      rule: 'a finite number',
    })
  }
  if (interestShift !== undefined)
    checkColumn(interestShift, {
      count,
      factor: 'interest shift',
      above: Number.NEGATIVE_INFINITY,
      rule: 'a finite number',
    })
}

function checkColumn(
  column: Float64Array,
  params: {
    readonly count: number
    readonly factor: string
    /** Entries are finite and above it. */
    readonly above: number
    readonly rule: string
  },
): void {
  const { count, factor, above, rule } = params
  if (column.length !== count)
    throw invalid(`The ${factor} has ${column.length} entries for ${count} scenarios.`, {
      factor,
      entries: column.length,
      count,
    })
  const scenario = firstUnsound(column, above)
  if (scenario >= 0)
    throw invalid(`The ${factor} in scenario ${scenario} is not ${rule}: ${column[scenario]}.`, { factor, scenario })
}

/** A plain loop: a callback an entry took a tenth of an assessment. */
function firstUnsound(column: Float64Array, above: number): number {
  for (let i = 0; i < column.length; i += 1) {
    const value = column[i] as number
    if (!(value > above && value < Number.POSITIVE_INFINITY)) return i
  }
  return -1
}

function unknown(what: 'spot' | 'volatility', underlying: string): HomeostatError {
  return invalid(`The scenarios move the ${what} of ${underlying}, of which the market has none.`, {
    factor: what,
    underlying,
  })
}

function invalid(message: string, facts: Readonly<Record<string, string | number>>): HomeostatError {
  return new HomeostatError('invalid-scenarios', {
    message,
    retry: 'never',
    facts,
    hint: 'Each factor has one finite entry a scenario, named by an underlying of the market; spots are in USD, above 0.',
  })
}
