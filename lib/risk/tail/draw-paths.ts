// Filtered historical simulation's second half: whole dates drawn for each step of each path, with volatilities that go on along the way.

import { barSeconds } from '../../model/history.ts'
import type { ResidualColumn, ResidualModel } from '../../model/market-model.ts'
import { outOfDomain } from '../../quant/out-of-domain.ts'
import { type Random, random } from '../../quant/random.ts'
import { addJumps, type Jump } from './add-jumps.ts'
import { type StandIn, sourceOf } from './path-source.ts'

export interface PathParams {
  readonly model: ResidualModel
  /** Names of assets; each once. */
  readonly factors: readonly string[]
  readonly steps: number
  /** Paths. */
  readonly count: number
  readonly seed: number
  /** The model's bar unless told; shorter steps have moves scaled by the square root of time, which is noted. Longer ones are steps of a bar each. */
  readonly stepSeconds?: number
  /** Whose moves a factor outside of the model takes; the market's unless told. */
  readonly standIns?: Readonly<Record<string, StandIn>>
  /** Sudden moves beyond the history: none unless told. */
  readonly jumps?: readonly Jump[]
}

/** Log moves of factors along paths. The cell of step s, factor f, path p lies at (s x factors + f) x count + p. */
export interface Paths {
  readonly factors: readonly string[]
  readonly steps: number
  readonly count: number
  readonly stepSeconds: number
  /** ln(price / price now) after each step; within 300 either way. */
  readonly moves: Float64Array
  /** Of the step that ends there (not annual): what a bridge between two steps needs. */
  readonly volatility: Float64Array
  /** Times each jump happened, in the order of `jumps`. */
  readonly jumped: readonly number[]
  /** Which factors stand on others' moves, and that steps were scaled, in sentences. */
  readonly notes: readonly string[]
}

/**
 * Each step draws a date for each path (each date as often as any other, up to one), the same for all factors, so that moves that came together come
 * together; a factor moves by its volatility times its residual of that date, and its next volatility follows that move, between its floor and ceiling
 * (Barone-Adesi, Giannopoulos & Vosper 1999). The same params give the same paths.
 * @throws HomeostatError `out-of-domain` for counts that are not whole and above 0, a factor named twice, or steps longer than a bar
 */
export function drawPaths(params: PathParams): Paths {
  const { model, factors, steps, count, seed, standIns = {}, jumps = [] } = params
  const bar = barSeconds[model.interval]
  const { stepSeconds = bar } = params
  check(params, stepSeconds, bar)
  const time = stepSeconds / bar
  const stream = random(seed)
  const dates = datesDrawn({ dates: model.starts.length, steps, count, stream: stream.split() })
  const moves = new Float64Array(steps * factors.length * count)
  const volatility = new Float64Array(moves.length)
  const notes: string[] = []
  for (const [index, factor] of factors.entries()) {
    const source = sourceOf(model, factor, standIns[factor])
    notes.push(...source.notes)
    runFactor({ ...source, dates, moves, volatility, index, factors: factors.length, steps, count, time })
  }
  const jumped = addJumps({ jumps, factors, steps, count, stepSeconds, moves, stream: stream.split() })
  if (time < 1)
    notes.push(
      `steps of ${stepSeconds} s are drawn from bars of ${bar} s scaled by the square root of time: tails within a bar may be heavier`,
    )
  return { factors, steps, count, stepSeconds, moves, volatility, jumped, notes }
}

function check({ model, factors, steps, count }: PathParams, stepSeconds: number, bar: number): void {
  const positive = [steps, count].every((n) => Number.isInteger(n) && n > 0)
  if (
    positive &&
    stepSeconds > 0 &&
    stepSeconds <= bar &&
    new Set(factors).size === factors.length &&
    model.starts.length > 0
  )
    return
  throw outOfDomain(
    'drawPaths',
    'Whole steps and count above 0, each factor once, 0 < stepSeconds <= a bar, a model with dates.',
    {
      steps,
      count,
      stepSeconds,
      bar,
      dates: model.starts.length,
    },
  )
}

/** steps x count rows of the residuals: each step deals the shuffled dates again and again, so that each comes equally often. */
function datesDrawn(params: {
  readonly dates: number
  readonly steps: number
  readonly count: number
  readonly stream: Random
}): Uint32Array {
  const { dates, steps, count, stream } = params
  const drawn = new Uint32Array(steps * count)
  const deck = Uint32Array.from({ length: dates }, (_, t) => t)
  for (let s = 0; s < steps; s += 1) {
    shuffle(deck, stream)
    const hand = drawn.subarray(s * count, (s + 1) * count)
    for (let p = 0; p < count; p += 1) hand[p] = deck[p % dates] as number
    // The first step's order is no matter; later ones must not follow it.
    if (s > 0) shuffle(hand, stream)
  }
  return drawn
}

/** Fisher & Yates; the bias of a multiply for 32 bits is below 1e-5 for any deck that fits here. */
function shuffle(cards: Uint32Array, stream: Random): void {
  for (let i = cards.length - 1; i > 0; i -= 1) {
    const j = Math.floor((stream.uint32() * (i + 1)) / 4294967296)
    const card = cards[i] as number
    cards[i] = cards[j] as number
    cards[j] = card
  }
}

interface FactorRun {
  readonly column: ResidualColumn
  readonly residuals: Float64Array
  readonly multiple: number
  readonly dates: Uint32Array
  readonly moves: Float64Array
  readonly volatility: Float64Array
  readonly index: number
  readonly factors: number
  readonly steps: number
  readonly count: number
  /** Steps per bar, at most 1. */
  readonly time: number
}

/** In log prices: an asset that dies from a calm history may draw more, and its price has to stay a number above 0. */
const farthest = 300

/** One factor through all steps: inner loop over paths, for its residuals stay in the cache. */
function runFactor(run: FactorRun): void {
  const { column, residuals, multiple, dates, moves, volatility, index, factors, steps, count, time } = run
  const { omega, alpha, gamma, beta, scale, floor, ceiling } = column.dynamics
  const least = floor * floor
  const most = Math.max(ceiling, column.volatility) ** 2
  const root = multiple * Math.sqrt(time)
  const [afterFall, afterRise, kept, added] = [
    (time * (alpha + gamma)) / scale,
    (time * alpha) / scale,
    1 + time * (beta - 1),
    time * omega,
  ]
  const variance = new Float64Array(count).fill(column.volatility ** 2)
  for (let s = 0; s < steps; s += 1) {
    const at = (s * factors + index) * count
    const before = at - factors * count
    const day = s * count
    for (let p = 0; p < count; p += 1) {
      const z = residuals[dates[day + p] as number] as number
      const now = variance[p] as number
      const sigma = Math.sqrt(now) * root
      volatility[at + p] = sigma
      const move = (s === 0 ? 0 : (moves[before + p] as number)) + sigma * z
      moves[at + p] = Math.max(-farthest, Math.min(move, farthest))
      const next = added + ((z < 0 ? afterFall : afterRise) * z * z + kept) * now
      variance[p] = Math.max(least, Math.min(next, most))
    }
  }
}
