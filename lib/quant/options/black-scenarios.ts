// One European option under many scenarios: the inner loop of a revaluation, with everything about the option hoisted
// out of it.
import { expMinus } from '../exp-minus.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholesPrice, type EuropeanOption } from './black.ts'

const SQRT_2_PI = Math.sqrt(2 * Math.PI)
/** Numerator of Mills' ratio on -1..8, relative error 1.3e-15, some 1e-9 far beyond; fitted as in mills-ratio.ts. */
function millsAbove(z: number): number {
  return (
    (((((((5.502073070784472e-6 * z + 0.0001602098865382481) * z + 0.0021813358299568684) * z + 0.018097667815152683) *
      z +
      0.10010617330577512) *
      z +
      0.3793308912964013) *
      z +
      0.9697973758457915) *
      z +
      1.5539341929782309) *
      z +
    1.2533141373155006
  )
}

/** Its denominator. */
function millsBelow(z: number): number {
  return (
    ((((((((5.502071776559481e-6 * z + 0.0001602099784778119) * z + 0.0021868347735793767) * z + 0.018257945926388457) *
      z +
      0.1022754315654069) *
      z +
      0.3971211409693272) *
      z +
      1.065469897970521) *
      z +
      1.8996713578700977) *
      z +
      2.037744661883864) *
      z +
    1.0
  )
}

/** An option's terms, apart from what a scenario moves. */
export type ScenarioOption = Omit<EuropeanOption, 'spot' | 'volatility'>

/**
 * The price in a scenario at a limit or far from the others, NaN outside of the domain, away from the loop that has to
 * stay fast.
 */
function exceptionalScenario(option: ScenarioOption, spot: number, volatility: number): number {
  const inside = spot > 0 && spot < Infinity && volatility >= 0 && volatility < Infinity
  return inside ? blackScholesPrice({ ...option, spot, volatility }) : Number.NaN
}

/**
 * Adds weight x price of one option to `out` in each of n scenarios. Takes spot (> 0), logSpot = ln(spot) (hoisted: it
 * serves every option of an underlying) and volatility (>= 0) per scenario. Absolute error some 1e-15 of spot + strike.
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
  const { strike, time, rate, carry } = option
  const w = option.kind === 'call' ? 1 : -1
  const sqrtT = Math.sqrt(time)
  const shift = carry * time - Math.log(strike)
  const growth = Math.exp((carry - rate) * time)
  const cash1 = strike * Math.exp(-rate * time)
  let refused = 0
  for (let i = 0; i < n; i += 1) {
    const S = spot[i] as number
    const s = (volatility[i] as number) * sqrtT
    const t = 0.5 * s
    const moneyness = ((logSpot[i] as number) + shift) / s
    const h = Math.abs(moneyness)
    const d1 = moneyness + t
    // Beyond 300 the option is worth nothing in any sum; stopping there keeps subnormal numbers, which are slow, out of
    // the loop.
    const y = Math.min(0.5 * d1 * d1, 300)
    if (!(s > 0 && S > 0 && t - h < 1 && h < 1e12)) {
      const value = exceptionalScenario(option, S, volatility[i] as number)
      out[i] = (out[i] as number) + weight * value
      if (Number.isNaN(value)) refused += 1
      continue
    }
    const asset1 = S * growth
    const upperBelow = millsBelow(h - t)
    const lowerBelow = millsBelow(h + t)
    const difference = millsAbove(h - t) * lowerBelow - millsAbove(h + t) * upperBelow
    const otm = (asset1 * expMinus(y) * difference) / (SQRT_2_PI * upperBelow * lowerBelow)
    out[i] = (out[i] as number) + weight * (otm + Math.max(w * (asset1 - cash1), 0))
  }
  return refused
}
