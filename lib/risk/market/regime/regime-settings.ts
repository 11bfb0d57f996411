// The thresholds of the regime in one place: chosen by simulation and on data to the end of 2021, and left alone since.

import { type BarInterval, barSeconds } from '../../../model/history.ts'

/** Memories count observations, not days: an hourly market is judged by its hours. */
export interface RegimeSettings {
  /** Dates of an asset before it votes, and of a market before anything is said of it. */
  readonly warmUp: number
  /** Rank of the mean correlation is among so many dates, this many at least. */
  readonly rankWindow: number
  readonly rankLeast: number
  readonly cusum: {
    readonly shift: number
    readonly memory: number
    readonly largestStep: number
    /** Crisis at or above it. */
    readonly threshold: number
    /** Above the threshold it climbs no further than so much. */
    readonly headroom: number
    /** The mean correlation's rank that crisis needs as well; with `rankLeave` the probability falls to where it is left. */
    readonly rankEnter: number
    readonly rankLeave: number
    /** What the rise that is looked for has to do at least to the variance of an equal-weight book, to be a crisis by itself. */
    readonly factorEnter: number
  }
  readonly turbulence: {
    /** Crisis at or above it; of the mean over N, whose own mean is 1. */
    readonly threshold: number
    /** Where crisis is left. */
    readonly leave: number
    readonly largest: number
    readonly rankEnter: number
    readonly rankLeave: number
    /** Part of the turbulence that came in joint falls. */
    readonly fallEnter: number
    readonly fallLeave: number
  }
  readonly absorption: {
    readonly threshold: number
    readonly halfLife: number
    readonly short: number
    readonly long: number
  }
  readonly hiddenMarkov: {
    readonly enter: number
    readonly leave: number
    readonly stay: number
    readonly window: number
  }
  /** Of the probability of crisis. */
  readonly enter: number
  readonly leave: number
  /** Tense at or above it. */
  readonly tense: number
  /** Observations that a regime is kept at least before a milder one. */
  readonly stay: number
}

/** A year of observations where that is few enough to store. */
const rankWindows: Readonly<Record<BarInterval, number>> = { '1d': 365, '1h': 2_160, '5m': 2_016 }

const dayOf = (interval: BarInterval) => barSeconds['1d'] / barSeconds[interval]

/**
 * Evidence is a log-likelihood ratio, so that the rate of false alarms per observation falls as e^-threshold: an interval that
 * has k times as many observations in a year needs ln k more for as few false alarms a year.
 */
export function regimeSettings(interval: BarInterval): RegimeSettings {
  return {
    warmUp: 60,
    rankWindow: rankWindows[interval],
    rankLeast: 120,
    cusum: {
      shift: 1.6,
      memory: 250,
      largestStep: 4,
      threshold: 4 + Math.log(dayOf(interval)),
      headroom: 2,
      rankEnter: 0.9,
      rankLeave: 0.5,
      factorEnter: 1.3,
    },
    turbulence: {
      threshold: 2,
      leave: 1,
      largest: 20,
      rankEnter: 0.5,
      rankLeave: 0.2,
      fallEnter: 0.5,
      fallLeave: 0.3,
    },
    absorption: { threshold: 1, halfLife: 250, short: 15, long: 252 },
    hiddenMarkov: { enter: 0.8, leave: 0.3, stay: 5, window: 750 },
    enter: 0.8,
    leave: 0.3,
    tense: 0.5,
    stay: 5,
  }
}
