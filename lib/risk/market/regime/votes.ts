// What each indicator says, and how probable a crisis is by all of them.

import type { Regime, RegimeVote } from '../../../model/regime.ts'
import type { Indicators } from './indicators.ts'
import type { RegimeSettings } from './regime-settings.ts'

export interface Votes {
  readonly votes: readonly RegimeVote[]
  /** Of crisis, 0..1. */
  readonly probability: number
  /** A slow vote asks for more care. */
  readonly isContextTense: boolean
}

const logit = (p: number) => Math.log(p / (1 - p))
const logistic = (x: number) => 1 / (1 + Math.exp(-x))

/** Log odds that are those of `enter` where the value is at its threshold, and of `leave` where it is at the lower one; straight between and beyond. */
function odds(
  value: number,
  at: { readonly enter: number; readonly leave: number },
  { enter, leave }: RegimeSettings,
): number {
  const [up, down] = [logit(enter), logit(leave)]
  return down + ((value - at.leave) / (at.enter - at.leave)) * (up - down)
}

/**
 * The votes of one date. A crisis needs evidence and circumstance: a fast vote is as strong as its conditions allow, and the market's probability is that of the
 * strongest vote. It is a scale on which `enter` and `leave` mean something, not a frequency.
 * @param hidden P(most violent state) of the hidden Markov model, and whether its own hysteresis is in it
 */
export function votesOf(
  seen: Indicators,
  hidden: { readonly probability: number; readonly isViolent: boolean } | undefined,
  settings: RegimeSettings,
): Votes {
  const cusum = cusumOdds(seen, settings)
  const turbulent = turbulenceOdds(seen, settings)
  const says = (strength: number | undefined): Regime => {
    if (strength === undefined) return 'calm'
    if (strength >= logit(settings.enter)) return 'crisis'
    return strength >= logit(settings.tense) ? 'tense' : 'calm'
  }
  const strongest = Math.max(cusum ?? -Infinity, turbulent ?? -Infinity)
  const isAbsorbed = (seen.absorptionShift ?? -Infinity) >= settings.absorption.threshold
  return {
    probability: logistic(strongest),
    isContextTense: isAbsorbed || hidden?.isViolent === true,
    votes: [
      vote('absorption', 'slow', seen.absorptionShift, settings.absorption.threshold, isAbsorbed ? 'tense' : 'calm', {
        absorptionRatio: seen.absorptionRatio,
      }),
      vote(
        'hidden-markov',
        'slow',
        hidden?.probability,
        settings.hiddenMarkov.enter,
        hidden?.isViolent === true ? 'tense' : 'calm',
        {},
      ),
      vote('turbulence', 'fast', seen.turbulenceMean, settings.turbulence.threshold, says(turbulent), {
        turbulence: seen.turbulence,
        jointFallShare: seen.jointFallShare,
        meanCorrelation: seen.meanCorrelation,
        correlationRank: seen.correlationRank,
      }),
      vote('correlation-cusum', 'fast', seen.evidence, settings.cusum.threshold, says(cusum), {
        meanCorrelation: seen.meanCorrelation,
        correlationRank: seen.correlationRank,
        referenceCorrelation: seen.referenceCorrelation,
        varianceFactor: seen.varianceFactor,
      }),
    ],
  }
}

function cusumOdds(seen: Indicators, settings: RegimeSettings): number | undefined {
  const { evidence, correlationRank, varianceFactor } = seen
  if (evidence === undefined || correlationRank === undefined || varianceFactor === undefined) return undefined
  const { threshold, rankEnter, rankLeave, factorEnter } = settings.cusum
  // The evidence is a log-likelihood ratio already: its log odds need no scale, only a prior.
  const own = logit(settings.enter) + evidence - threshold
  const strength = Math.min(own, odds(correlationRank, { enter: rankEnter, leave: rankLeave }, settings))
  // Where assets move together anyway a rise of correlation alone makes a market tense and no more.
  return varianceFactor >= factorEnter ? strength : Math.min(strength, logit(settings.tense))
}

/** Extreme turbulence makes up for a correlation that is not high yet: the shock itself was joint, and the mean over ten days comes after it. */
function turbulenceOdds(seen: Indicators, settings: RegimeSettings): number | undefined {
  const { turbulenceMean, correlationRank, jointFallShare } = seen
  if (turbulenceMean === undefined || correlationRank === undefined || jointFallShare === undefined) return undefined
  const { threshold, leave, rankEnter, rankLeave, fallEnter, fallLeave } = settings.turbulence
  const lacking = odds(correlationRank, { enter: rankEnter, leave: rankLeave }, settings) - logit(settings.enter)
  return Math.min(
    odds(turbulenceMean, { enter: threshold, leave }, settings) + Math.min(0, lacking),
    odds(jointFallShare, { enter: fallEnter, leave: fallLeave }, settings),
  )
}

function vote(
  name: RegimeVote['name'],
  pace: RegimeVote['pace'],
  value: number | undefined,
  threshold: number,
  says: Regime,
  details: Readonly<Record<string, number | undefined>>,
): RegimeVote {
  const known = Object.entries(details).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return {
    name,
    pace,
    ...(value === undefined ? {} : { value }),
    threshold,
    says,
    ...(known.length === 0 ? {} : { details: Object.fromEntries(known) }),
  }
}
