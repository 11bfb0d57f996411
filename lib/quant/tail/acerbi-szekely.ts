// Whether expected shortfall was promised too low: not only how often value at risk was exceeded, but by how much.
import { outOfDomain } from '../out-of-domain.ts'
import type { Random } from '../random.ts'

/** A forecast distribution of the loss of one date: equally likely scenarios, of which only the tail is kept. */
export interface TailForecast {
  readonly valueAtRisk: number
  /** Above 0. */
  readonly expectedShortfall: number
  /** Losses strictly above the value at risk, in any order. */
  readonly beyond: Float64Array
  /** Number of scenarios, those in `beyond` too. */
  readonly scenarios: number
}

export interface ShortfallTest {
  /** 0 on average where the forecasts are right; above 0: losses beyond value at risk were larger or came oftener. */
  readonly statistic: number
  /** Share of simulations from the forecasts with at least this statistic. */
  readonly pValue: number
  /** False where no loss was beyond value at risk: then 0 and 1 (of Z1). */
  readonly informative: boolean
}

/** Z1 and Z2 of one sample. */
function statistics(sum: number, count: number, dates: number, level: number): readonly [number, number] {
  return [count === 0 ? 0 : sum / count - 1, sum / (dates * (1 - level)) - 1]
}

/**
 * Acerbi & Szekely (2014), "Back-testing expected shortfall": with losses L_t and the forecasts of their dates,
 * Z1 = mean over exceedances of L_t / ES_t - 1 (sizes only), Z2 = sum over exceedances of L_t / ES_t / (T (1 - level)) - 1
 * (sizes and frequency); the paper's Z with the opposite sign, for losses are positive here. One-sided: forecasts that are
 * too high are not rejected. p-values by `simulations` samples from the forecasts themselves, dates independent, with the
 * sample itself counted among them. Throws `out-of-domain` for no dates, an expected shortfall not above 0, a level
 * outside of (0, 1), or a loss that is not finite.
 */
export function acerbiSzekely(params: {
  readonly losses: Float64Array
  readonly forecasts: readonly TailForecast[]
  readonly level: number
  readonly simulations: number
  readonly random: Random
}): { readonly z1: ShortfallTest; readonly z2: ShortfallTest } {
  const { losses, forecasts, level, simulations, random } = params
  checkForecasts(params)
  const dates = forecasts.length
  let [sum, count] = [0, 0]
  for (let t = 0; t < dates; t += 1) {
    const { valueAtRisk, expectedShortfall } = forecasts[t] as TailForecast
    const loss = losses[t] as number
    if (!(loss > valueAtRisk)) continue
    sum += loss / expectedShortfall
    count += 1
  }
  const [z1, z2] = statistics(sum, count, dates, level)
  let [larger1, larger2] = [1, 1]
  for (let m = 0; m < simulations; m += 1) {
    const [drawn1, drawn2] = simulated(forecasts, level, random)
    if (drawn1 >= z1) larger1 += 1
    if (drawn2 >= z2) larger2 += 1
  }
  const informative = count > 0
  return {
    z1: { statistic: z1, pValue: informative ? larger1 / (simulations + 1) : 1, informative },
    z2: { statistic: z2, pValue: larger2 / (simulations + 1), informative: true },
  }
}

function simulated(forecasts: readonly TailForecast[], level: number, random: Random): readonly [number, number] {
  let [sum, count] = [0, 0]
  for (let t = 0; t < forecasts.length; t += 1) {
    const { beyond, scenarios, expectedShortfall } = forecasts[t] as TailForecast
    // One draw decides whether the scenario is in the tail, and which.
    const k = Math.floor(random.uniform() * scenarios)
    if (k >= beyond.length) continue
    sum += (beyond[k] as number) / expectedShortfall
    count += 1
  }
  return statistics(sum, count, forecasts.length, level)
}

function checkForecasts(params: {
  readonly losses: Float64Array
  readonly forecasts: readonly TailForecast[]
  readonly level: number
  readonly simulations: number
}): void {
  const { losses, forecasts, level, simulations } = params
  const bad = losses.findIndex((loss) => !Number.isFinite(loss))
  const badForecast = forecasts.findIndex(
    ({ expectedShortfall, beyond, scenarios }) => !(expectedShortfall > 0 && beyond.length <= scenarios),
  )
  const counts = losses.length > 0 && losses.length === forecasts.length
  if (
    counts &&
    bad < 0 &&
    badForecast < 0 &&
    level > 0 &&
    level < 1 &&
    Number.isInteger(simulations) &&
    simulations > 0
  )
    return
  throw outOfDomain(
    'acerbiSzekely',
    'A loss for each forecast, at least one, all finite; expected shortfalls above 0; 0 < level < 1; simulations above 0.',
    { losses: losses.length, forecasts: forecasts.length, bad, badForecast, level, simulations },
  )
}
