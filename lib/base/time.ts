// Instants and spans in the units that the models use, without a clock.

import type { UnixSeconds, Years } from './units.ts'

export const secondsPerYear = 365 * 86_400

/** Seconds as years of 365 days (ACT/365, QUANT conventions). */
export function toYears(seconds: number): Years {
  return seconds / secondsPerYear
}

/** Tells what time it is. Only wiring makes one; everything else is handed `at`. */
export interface Clock {
  now(): UnixSeconds
}

/** `1.5 min`, `2 h`, `3 d`: a span for people. */
export function describeSpan(seconds: number): string {
  const size = Math.abs(seconds)
  if (size < 90) return `${Math.round(seconds)} s`
  if (size < 5_400) return `${+(seconds / 60).toFixed(1)} min`
  if (size < 129_600) return `${+(seconds / 3_600).toFixed(1)} h`
  return `${+(seconds / 86_400).toFixed(1)} d`
}
