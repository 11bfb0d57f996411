// American options at rates so negative that waiting pays on both sides of the exercise region, where the boundary equation has no single root.
import { asPut, putWithoutVolatility } from './american-option.ts'
import { latticeBarrierValue } from './lattice.ts'
import { NO_DEVIATION, requireMarket, requirePositive, type VanillaParams } from './lognormal.ts'

/** Deviations of the final price that the lattice's far end is away from spot and strike, beyond the drift: what it cuts off is below 1e-15. */
const REACH = 9

/** True where exercise has two boundaries: a put with q < r < 0, a call with r < q < 0. `andersenLake` refuses these. */
export function hasTwoBoundaries(option: VanillaParams): boolean {
  const { r, q } = asPut(option)
  return r < 0 && q < r
}

/**
 * Price of an American option on a lattice, for the case of {@link hasTwoBoundaries}; right for any other too, but slower. Error some 2e-6 of the strike;
 * smooth in the spot. Without time or volatility: the payoff at its best date. Throws `out-of-domain` as `latticeBarrierValue` does.
 * Andersen & Lake (2021), "Fast American option pricing: the double-boundary case", describe the region; the lattice is that of
 * `latticeBarrierValue`, with a barrier that is out of reach on the side where the option is worth nothing.
 */
export function twoBoundaryAmerican(option: VanillaParams): number {
  const kernel = 'twoBoundaryAmerican'
  requireMarket(kernel, option)
  requirePositive(kernel, 'strike', option.strike)
  const { kind, spot, strike, carry, volatility, time } = option
  const s = volatility * Math.sqrt(time)
  const { S, K, r, q } = asPut(option)
  if (s < NO_DEVIATION) return putWithoutVolatility(S, K, r, q, time).price
  const far = Math.abs(Math.log(spot / strike)) + REACH * s + (Math.abs(carry) + volatility * volatility) * time
  // Whole powers of two: the lattice, which hangs from the barrier, stays where it is as the spot moves a little.
  const ratio = 2 ** Math.ceil(far / Math.LN2)
  const isPut = kind === 'put'
  return latticeBarrierValue({
    ...option,
    direction: isPut ? 'up' : 'down',
    barrier: isPut ? strike * ratio : strike / ratio,
    knock: 'out',
    rebate: 0,
    exercise: 'american',
  })
}
