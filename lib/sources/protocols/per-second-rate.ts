// Lending protocols that tell interest per second, as the continuous rate per year that instruments count with.

import { toDecimal } from '../../base/amount.ts'
import { secondsPerYear } from '../../base/time.ts'

/** Continuous, per year of 365 days, of interest that is added every second: n ln(1 + r), with r = rate / 10^18. */
export function continuousRate(rate: bigint): number {
  return Math.log1p(toDecimal(rate, 18)) * secondsPerYear
}
