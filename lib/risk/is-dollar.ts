// What counts as a dollar: not shocked with the rest, and seldom what people want to look over.

import type { Ratio, Usd } from '../base/units.ts'

const band: Ratio = 0.03

/** True within 3 % of 1 USD; a depeg is a stress of its own. */
export function isDollar(spot: Usd | undefined): boolean {
  return spot !== undefined && Math.abs(spot - 1) <= band
}
