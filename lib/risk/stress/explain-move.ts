// A loss in one moved market, split by position and by factor.

import { own } from '../../instruments/market/market.ts'
import type { ExplainedHealth, ExplainedLoss } from '../../model/stress.ts'
import { splitChange } from '../attribution/split-change.ts'
import type { MarketMove } from './market-move.ts'
import {
  healthFactorIn,
  type StressBook,
  type StressedBookAccount,
  type StressedPosition,
  valuerIn,
} from './stress-book.ts'

const shownPositions = 20

/** The parts are Shapley averages of each position over the factors that it reads; what cannot be valued there is in neither. */
export function explainedLoss(book: StressBook, move: MarketMove, scenario: string): ExplainedLoss {
  const inFull = valuerIn(book.market, move)
  const byFactor = new Map<string, number>()
  const add = (cause: string, usd: number) => byFactor.set(cause, (byFactor.get(cause) ?? 0) + usd)
  const changes = book.positions.flatMap((position) => {
    const usd = inFull(position)
    if (usd === undefined) return []
    const change = usd - position.base
    if (change !== 0) splitPosition({ book, position, move, change, add })
    return [{ cause: position.label, positionId: position.positionId, changeUsd: change }]
  })
  const sorted = changes
    .filter(({ changeUsd }) => changeUsd !== 0)
    .toSorted((one, other) => one.changeUsd - other.changeUsd)
  const shown = sorted.length <= shownPositions ? sorted : largest(sorted)
  const rest = sorted.filter((one) => !shown.includes(one))
  const restUsd = rest.reduce((sum, { changeUsd }) => sum + changeUsd, 0)
  return {
    scenario,
    changeUsd: changes.reduce((sum, { changeUsd }) => sum + changeUsd, 0),
    byPosition: [...shown, ...(rest.length === 0 ? [] : [{ cause: `${rest.length} others`, changeUsd: restUsd }])],
    byFactor: [...byFactor]
      .map(([cause, changeUsd]) => ({ cause, changeUsd }))
      .toSorted((one, other) => one.changeUsd - other.changeUsd),
  }
}

function largest<T extends { readonly changeUsd: number }>(sorted: readonly T[]): readonly T[] {
  const chosen = new Set(
    sorted.toSorted((one, other) => Math.abs(other.changeUsd) - Math.abs(one.changeUsd)).slice(0, shownPositions),
  )
  return sorted.filter((one) => chosen.has(one))
}

function splitPosition(params: {
  readonly book: StressBook
  readonly position: StressedPosition
  readonly move: MarketMove
  readonly change: number
  readonly add: (cause: string, usd: number) => void
}): void {
  const { book, position, move, change, add } = params
  const factors = factorsOf(position, move)
  const split = splitChange({
    causes: factors.length,
    figures: (isAfter) => {
      if (!isAfter.includes(true)) return [position.base]
      const usd = valuerIn(book.market, onlySome(factors, isAfter))(position)
      return usd === undefined ? undefined : [usd]
    },
  })
  if (split === undefined) add('factors together', change)
  else for (const [i, { cause }] of factors.entries()) add(cause, split.parts[i] ?? 0)
}

interface MovedFactor {
  readonly cause: string
  readonly part: 'spot' | 'volatility' | 'rates'
  readonly key: string
  readonly factor: number
}

function factorsOf(
  { spots, volatilities, assets }: Pick<StressedPosition, 'spots' | 'volatilities' | 'assets'>,
  move: MarketMove,
): readonly MovedFactor[] {
  const moved = (part: MovedFactor['part'], keys: readonly string[], name: string): MovedFactor[] =>
    keys.flatMap((key) => {
      const factor = own(move[part], key) ?? 1
      return factor === 1 ? [] : [{ cause: `${name} of ${key}`, part, key, factor }]
    })
  return [
    ...moved('spot', spots, 'spot'),
    ...moved('rates', assets, 'rate'),
    ...moved('volatility', volatilities, 'volatility'),
  ]
}

function onlySome(factors: readonly MovedFactor[], isAfter: readonly boolean[]): MarketMove {
  const pick = (part: MovedFactor['part']) =>
    Object.fromEntries(factors.flatMap((one, i) => (one.part === part && isAfter[i] ? [[one.key, one.factor]] : [])))
  return { spot: pick('spot'), volatility: pick('volatility'), rates: pick('rates') }
}

/** Nothing for an account without debt. */
export function explainedHealth(
  account: StressedBookAccount,
  move: MarketMove,
  scenario: string,
): ExplainedHealth | undefined {
  const [from, to] = [healthFactorIn(account, { spot: {} }), healthFactorIn(account, move)]
  if (from === undefined || to === undefined) return undefined
  const unique = (keys: readonly string[]) => [...new Set(keys)]
  const factors = factorsOf(
    {
      spots: unique(account.legs.map(({ underlying }) => underlying)),
      assets: unique(account.legs.map(({ asset }) => asset)),
      volatilities: [],
    },
    move,
  )
  const split = splitChange({
    causes: factors.length,
    figures: (isAfter) => {
      const found = healthFactorIn(account, onlySome(factors, isAfter))
      return found === undefined ? undefined : [found]
    },
  })
  const byFactor =
    split === undefined
      ? [{ cause: 'factors together', change: to - from }]
      : factors.map(({ cause }, i) => ({ cause, change: split.parts[i] ?? 0 }))
  return {
    scenario,
    positionId: account.positionId,
    from,
    to,
    byFactor: byFactor.toSorted((one, other) => one.change - other.change),
  }
}
