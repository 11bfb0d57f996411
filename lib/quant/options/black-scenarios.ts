// One European option under many scenarios: the inner loop of a revaluation, with everything about the option hoisted
// out of it.
import { tabledNormalCdf } from '../normal-table.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholesPrice, type EuropeanOption } from './black.ts'

/** An option's terms, apart from what a scenario moves. */
export type ScenarioOption = Omit<EuropeanOption, 'spot' | 'volatility'>

/**
 * The price in a scenario at a limit, NaN outside of the domain, away from the loop that has to stay fast.
 */
function exceptionalScenario(option: ScenarioOption, spot: number, volatility: number): number {
  const inside = spot > 0 && spot < Infinity && volatility >= 0 && volatility < Infinity
  return inside ? blackScholesPrice({ ...option, spot, volatility }) : Number.NaN
}

/**
 * 1 for a call and -1 for a put, sqrt(T), what ln(spot) lacks to the log moneyness, and the factors of spot and 1 in the
 * price. In an array, not as numbers: V8 would move the exponentials of numbers into the loop that uses them.
 */
function hoisted({ kind, strike, time, rate, carry }: ScenarioOption): Float64Array {
  const terms = new Float64Array(5)
  terms[0] = kind === 'call' ? 1 : -1
  terms[1] = Math.sqrt(time)
  terms[2] = carry * time - Math.log(strike)
  terms[3] = Math.exp((carry - rate) * time)
  terms[4] = strike * Math.exp(-rate * time)
  return terms
}

/**
 * Adds weight x price of one option to `out` in each of n scenarios. Takes spot (> 0), logSpot = ln(spot) (hoisted: it
 * serves every option of an underlying) and volatility (>= 0) per scenario. Absolute error some 1e-15 of spot + strike,
 * and never a price below 0.
 * Returns the number of scenarios outside of the domain of blackScholesPrice; they become NaN. Throws `out-of-domain`
 * for terms outside of it or columns of different lengths.
 */
export function addScenarioPrices(
  option: ScenarioOption,
  weight: number,
  spot: Float64Array,
  logSpot: Float64Array,
  volatility: Float64Array,
  out: Float64Array,
): number {
  const n = out.length
  if (spot.length !== n || logSpot.length !== n || volatility.length !== n)
    throw outOfDomain('addScenarioPrices', 'All columns have one length.', { expected: n, found: spot.length })
  blackScholesPrice({ ...option, spot: option.strike, volatility: 0 })
  const terms = hoisted(option)
  const w = terms[0] as number
  const sqrtT = terms[1] as number
  const shift = terms[2] as number
  const growth = terms[3] as number
  const cash1 = terms[4] as number
  let refused = 0
  for (let i = 0; i < n; i += 1) {
    const S = spot[i] as number
    const s = (volatility[i] as number) * sqrtT
    const x = (logSpot[i] as number) + shift
    // Every x and s that pass are numbers, and the logarithm of a number is below 1e4.
    if (s > 0 && s < Infinity && S > 0 && x < 1e4) {
      const d1 = x / s + 0.5 * s
      const price = w * (S * growth * tabledNormalCdf(w * d1) - cash1 * tabledNormalCdf(w * (d1 - s)))
      out[i] = (out[i] as number) + weight * Math.max(price, 0)
      continue
    }
    const value = exceptionalScenario(option, S, volatility[i] as number)
    out[i] = (out[i] as number) + weight * value
    if (Number.isNaN(value)) refused += 1
  }
  return refused
}
