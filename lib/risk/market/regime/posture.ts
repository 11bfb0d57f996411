// What a regime means for the desk, and why it is what it is, in words.

import { isoDate } from '../../../base/calendar.ts'
import type { Posture, Regime, RegimeVote } from '../../../model/regime.ts'
import type { Decision } from './decide-regime.ts'

/** A crisis halves the budget and wants half of the risky holdings covered; a tense market is in between. */
const postures: Readonly<Record<Regime, Pick<Posture, 'budgetMultiplier' | 'putFloor'>>> = {
  calm: { budgetMultiplier: 1, putFloor: 0 },
  tense: { budgetMultiplier: 0.8, putFloor: 0.15 },
  crisis: { budgetMultiplier: 0.5, putFloor: 0.5 },
}

export function postureOf({ regime, since }: Decision, votes: readonly RegimeVote[]): Posture {
  return { ...postures[regime], cause: causeOf(regime, isoDate(since), votes) }
}

function causeOf(regime: Regime, since: string, votes: readonly RegimeVote[]): string {
  const known = votes.filter(({ value }) => value !== undefined)
  if (known.length === 0) return 'calm: there is too little history for any vote'
  const loud = known.filter(({ says }) => says !== 'calm').map(wordsOf)
  if (regime === 'calm') return loud.length === 0 ? `calm since ${since}` : `calm since ${since}; ${loud.join('; ')}`
  return loud.length === 0
    ? `${regime} since ${since}: the votes have fallen silent, and it is left once they stay so`
    : `${regime} since ${since}: ${loud.join('; ')}`
}

function wordsOf({ name, value, threshold, details = {} }: RegimeVote): string {
  const against = `${figure(value)} against ${figure(threshold)}`
  const rank = details.correlationRank
  const standing =
    rank === undefined
      ? ''
      : `, mean correlation ${figure(details.meanCorrelation)} above ${(100 * rank).toFixed(0)} % of its year`
  switch (name) {
    case 'absorption':
      return `the absorption ratio has shifted by ${against} standard deviations`
    case 'hidden-markov':
      return `the violent state of the hidden Markov model is at ${against}`
    case 'turbulence':
      return `turbulence of ${against} times the usual, ${percent(details.jointFallShare)} of it in joint falls${standing}`
    case 'correlation-cusum':
      return `evidence of ${against} that correlation has risen above its reference of ${figure(details.referenceCorrelation)}${standing}`
  }
}

const figure = (value: number | undefined) => (value === undefined ? 'unknown' : value.toFixed(2))
const percent = (share: number | undefined) => (share === undefined ? 'unknown' : `${(100 * share).toFixed(0)} %`)
