// How the market as a whole behaves: one regime, the votes that made it, and the posture that follows from it.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { AssetSymbol, Underlying } from './identity.ts'

/** In the order of their severity. */
export const regimes = ['calm', 'tense', 'crisis'] as const
export type Regime = (typeof regimes)[number]

/** Slow votes see months (a context); fast votes see days. */
export type VoteName = 'absorption' | 'hidden-markov' | 'turbulence' | 'correlation-cusum'

/** What one indicator says. */
export interface RegimeVote {
  readonly name: VoteName
  readonly pace: 'slow' | 'fast'
  /** Absent where there is too little history for it; then it says `calm`. */
  readonly value?: number
  /** The vote speaks up at or above it. */
  readonly threshold: number
  readonly says: Regime
  /** What else made it: further figures by names that end in their unit or say that they are a ratio. */
  readonly details?: Readonly<Record<string, number>>
}

/** What the regime means for the desk; it is shown and limits new risk, and never trades by itself. */
export interface Posture {
  /** Multiplies the risk budget: 1 in calm. */
  readonly budgetMultiplier: Ratio
  /** Least share of net risky holdings that puts should cover; 0 in calm. */
  readonly putFloor: Ratio
  /** In words: which votes, since when. */
  readonly cause: string
}

/** A stablecoin's distance from its peg; apart from the regime, for it is about one issuer. */
export interface PegDeviation {
  readonly asset: AssetSymbol
  readonly usd: Usd
  /** usd / 1 - 1. */
  readonly deviation: Ratio
  readonly limit: Ratio
  readonly isBroken: boolean
}

export interface RegimeView {
  readonly regime: Regime
  /** Begin of the bar in which it was entered. */
  readonly since: UnixSeconds
  /** Of being in crisis, 0..1. */
  readonly probability: Ratio
  readonly votes: readonly RegimeVote[]
  readonly posture: Posture
  readonly pegs: readonly PegDeviation[]
  /** Whose returns vote. */
  readonly universe: readonly Underlying[]
  /** Who was left out of it, and why. */
  readonly excluded: readonly { readonly asset: Underlying; readonly reason: string }[]
  /** Fewer than six assets vote: switches are found late. */
  readonly isLowPower: boolean
  /** The day is not over: the moves of today so far count as a whole day's. */
  readonly isProvisional?: true
}
