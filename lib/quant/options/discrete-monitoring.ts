// A barrier that is watched at dates only, priced by the formulas for one that is watched always.
import { requireNotNegative, requirePositive } from './lognormal.ts'

/** -zeta(1/2) / sqrt(2 pi): the mean overshoot of a normal random walk over a level, in deviations of a step. */
const BETA = 0.5825971579390107

export interface MonitoredBarrier {
  /** H, in quote units, above 0. */
  readonly barrier: number
  readonly direction: 'down' | 'up'
  /** sigma per square root of a year, 0 or above. */
  readonly volatility: number
  /** Years between two dates, 0 or above; 0 is continuous. */
  readonly interval: number
}

/**
 * The level, in quote units, that watched continuously gives about the price of H watched at equal intervals: shifted away from the spot
 * by exp(beta sigma sqrt(interval)). The error is of smaller order than sqrt(interval); large where the spot is within a step of H.
 * Broadie, Glasserman & Kou (1997), "A continuity correction for discrete barrier options", theorem 1.1. Throws `out-of-domain`.
 */
export function continuityCorrectedBarrier({ barrier, direction, volatility, interval }: MonitoredBarrier): number {
  requirePositive('continuityCorrectedBarrier', 'barrier', barrier)
  requireNotNegative('continuityCorrectedBarrier', 'volatility', volatility)
  requireNotNegative('continuityCorrectedBarrier', 'interval', interval)
  return barrier * Math.exp((direction === 'up' ? BETA : -BETA) * volatility * Math.sqrt(interval))
}
