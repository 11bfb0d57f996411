// The hidden Markov vote: fitted on the past alone once a month, filtered from then on, with a memory of its own.

import { chooseHiddenMarkov, type HiddenMarkovModel } from '../../../quant/hidden-markov.ts'
import { filterHiddenMarkov, hiddenMarkovStep } from '../../../quant/hidden-markov-filter.ts'
import { random } from '../../../quant/random.ts'
import type { RegimeSettings } from './regime-settings.ts'

export type Features = readonly [number, number]

/** Plain data. */
export interface HiddenState {
  /** What the next fit is made of. */
  readonly features: readonly Features[]
  readonly model?: HiddenMarkovModel
  /** Which of its states is the violent one. */
  readonly violent?: number
  /** Probabilities of its states after the last date. */
  readonly filtered?: readonly number[]
  readonly isViolent: boolean
  /** Observations since that last changed. */
  readonly observations: number
}

export const startHidden: HiddenState = { features: [], isViolent: false, observations: 0 }

const leastFeatures = 250
const seed = 20_171_201

/** The same history gives the same model. Without enough of it, or where it does not move, there is no model and no vote. */
export function fitHidden(state: HiddenState): HiddenState {
  const { features } = state
  const isStill = [0, 1].some((d) => features.every((row) => row[d] === features[0]?.[d]))
  if (features.length < leastFeatures || isStill) return state
  const { initial, transition, means, covariances } = chooseHiddenMarkov({
    observations: features,
    restarts: state.model === undefined ? 5 : 2,
    random: random(seed),
  })
  const model = { initial, transition, means, covariances }
  const filtered = filterHiddenMarkov({ model, observations: features }).at(-1)
  return { ...state, model, violent: violentOf(model, features), ...(filtered === undefined ? {} : { filtered }) }
}

/** The state in which moves and correlation are largest together, each in its own standard deviations: either alone is no crisis. */
function violentOf({ means }: HiddenMarkovModel, features: readonly Features[]): number {
  const scale = [0, 1].map((d) => {
    const values = features.map((row) => row[d] ?? 0)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  })
  const sizes = means.map((mean) => mean.reduce((sum, value, d) => sum + value / (scale[d] ?? 1), 0))
  return sizes.indexOf(Math.max(...sizes))
}

/** P(violent state) after the last date; absent without a model. */
export function violentProbability({ filtered, violent }: HiddenState): number | undefined {
  return violent === undefined ? undefined : filtered?.[violent]
}

export function updateHidden(
  state: HiddenState,
  features: Features | undefined,
  { hiddenMarkov }: RegimeSettings,
): HiddenState {
  const kept = features === undefined ? state.features : [...state.features, features].slice(-hiddenMarkov.window)
  if (state.model === undefined) return { ...state, features: kept }
  const filtered = hiddenMarkovStep(state.model)({ previous: state.filtered, observation: features })
  const probability = filtered[state.violent ?? 0] ?? 0
  const mayChange = state.observations >= hiddenMarkov.stay
  const isViolent = state.isViolent
    ? !(probability < hiddenMarkov.leave && mayChange)
    : probability > hiddenMarkov.enter
  return {
    ...state,
    features: kept,
    filtered,
    isViolent,
    observations: isViolent === state.isViolent ? state.observations + 1 : 1,
  }
}
