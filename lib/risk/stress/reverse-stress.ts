// The likeliest way to ruin: the smallest move, measured in standard deviations of the market, that breaks an account or the floor.

import type { Ratio, Usd } from '../../base/units.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { Breach, FactorMove, ReverseStress } from '../../model/stress.ts'
import { designPoint, type LimitState } from './design-point.ts'
import { inNormal, logMoves, startsFor, subspace } from './factor-space.ts'
import type { Tables } from './group-values.ts'
import type { MarketMove } from './market-move.ts'
import { quickBook } from './quick-book.ts'
import { changeIn, healthFactorIn, type StressBook, type StressedBookAccount, valuerIn } from './stress-book.ts'
import { type FactorRoot, type StressFactor, stressCovariance } from './stress-covariance.ts'

const starts = 64
/** Farther than this nothing is likely, whatever the law. */
const maxSigmas = 100
/** Full valuations are dear: so many turns from where the curves lead. */
const fullTurns = 3

/**
 * Smallest Mahalanobis move of log prices (both lenses together) and of 30-day implied volatilities to a health factor below 1, for each account, and to a net
 * asset value below `floor` of today's. From 64 seeded starts, each factor's likeliest fall and rise, and the steepest descent; the value is searched on curves
 * and settled by full revaluation. Sigmas are of the normal law with that covariance: a measure of distance, not a probability.
 */
export function reverseStress(params: {
  readonly book: StressBook
  readonly tables: Tables
  readonly model?: MarketModel
  readonly floor: Ratio
  readonly seed: number
  readonly horizonDays?: number
}): ReverseStress {
  const { book, tables, model, floor, seed, horizonDays = 1 } = params
  const covariance = stressCovariance({ book, horizonDays, ...(model === undefined ? {} : { model }) })
  const floorUsd = book.navUsd > 0 && floor > 0 ? floor * book.navUsd : undefined
  const context = { book, tables, covariance, seed, horizonDays }
  const breaches = [
    ...book.accounts.flatMap((account) => accountBreach(context, account) ?? []),
    ...(floorUsd === undefined ? [] : [floorBreach(context, floorUsd) ?? []].flat()),
  ]
  return {
    horizonDays,
    covariance: covariance.source,
    ...(floorUsd === undefined ? {} : { floorUsd }),
    starts,
    seed,
    breaches: breaches.toSorted((one, other) => one.sigmas - other.sigmas),
    maxSigmas,
    assumed: [
      ...covariance.assumed,
      ...(floorUsd === undefined ? ['no floor: the net asset value is not above 0, or the floor is not'] : []),
    ],
  }
}

interface Context {
  readonly book: StressBook
  readonly tables: Tables
  readonly covariance: FactorRoot
  readonly seed: number
  readonly horizonDays: number
}

/** A limit and its slopes as functions of log moves, in normal coordinates. */
function limitState(
  covariance: FactorRoot,
  limit: (x: Float64Array) => number,
  gradient: (x: Float64Array, slope: Float64Array) => void,
): LimitState {
  const n = covariance.factors.length
  const [x, slope] = [new Float64Array(n), new Float64Array(n)]
  return {
    dimension: n,
    along: (direction) => {
      const ray = new Float64Array(n)
      logMoves(covariance, direction, ray)
      return (radius) => {
        for (let i = 0; i < n; i += 1) x[i] = radius * (ray[i] as number)
        return limit(x)
      }
    },
    gradient: (y, out) => {
      logMoves(covariance, y, x)
      slope.fill(0)
      gradient(x, slope)
      inNormal(covariance, slope, out)
    },
  }
}

/** Exact: collateral and debt are sums of prices. Only what the account reads is searched; the rest follows as it likeliest does. */
function accountBreach(context: Context, account: StressedBookAccount): Breach | undefined {
  const { covariance, seed } = context
  const spares = covariance.factors.flatMap(({ kind, underlying }, row) => {
    const usd = kind === 'spot' ? excess(account.legs.filter((leg) => leg.underlying === underlying)) : 0
    return usd === 0 ? [] : [{ row, usd }]
  })
  const debtUsd = account.unexplainedDebtUsd + account.legs.reduce((sum, leg) => sum + leg.debtUsd, 0)
  const own = subspace(
    covariance,
    spares.map(({ row }) => row),
  )
  const shares = Float64Array.from(spares, ({ usd }) => usd / debtUsd)
  const unexplained = account.unexplainedDebtUsd / debtUsd
  // A multiple of debt x (health factor - 1): the sign is that of the breach.
  const along = (direction: Float64Array) => {
    const ray = new Float64Array(shares.length)
    own.logMoves(direction, ray)
    return (radius: number) => {
      let sum = -unexplained
      for (let i = 0; i < ray.length; i += 1) sum += (shares[i] as number) * Math.exp(radius * (ray[i] as number))
      return sum
    }
  }
  const x = new Float64Array(shares.length)
  const gradient = (z: Float64Array, out: Float64Array): void => {
    own.logMoves(z, x)
    for (let i = 0; i < x.length; i += 1) x[i] = (shares[i] as number) * Math.exp(x[i] as number)
    own.slopes(x, out)
  }
  const state = { dimension: own.dimension, along, gradient }
  const found = designPoint(state, { starts: startsFor({ ...own, count: starts, seed }), maxRadius: maxSigmas })
  if (found === undefined) return undefined
  const isBroken = (move: MarketMove) => (healthFactorIn(account, move) ?? Number.POSITIVE_INFINITY) < 1
  const { radius, move, moves } = settled(covariance, own.whole(found.direction), found.radius, isBroken)
  const figure = healthFactorIn(account, move)
  if (figure === undefined || !(figure < 1)) return undefined
  return {
    kind: 'health-factor',
    positionId: account.positionId,
    ...told({ moves, radius, what: `health factor of ${account.positionId} below 1`, days: context.horizonDays }),
    figure,
  }
}

function excess(legs: StressedBookAccount['legs']): Usd {
  return legs.reduce((sum, { powerUsd, debtUsd }) => sum + powerUsd - debtUsd, 0)
}

function floorBreach(context: Context, floorUsd: Usd): Breach | undefined {
  const { book, tables, covariance, seed, horizonDays } = context
  const { navUsd } = book
  const quick = quickBook(book, tables, covariance.factors)
  const scale = Math.max(...book.positions.map(({ base }) => Math.abs(base)), navUsd)
  const ahead = (navUsd - floorUsd) / scale
  const onCurves = limitState(covariance, (x) => ahead + quick.change(x) / scale, quick.addSlopes)
  const { factors, root } = covariance
  const n = factors.length
  const likeliest = factors.map((_, i) => root.slice(i * n, (i + 1) * n))
  const near = designPoint(onCurves, {
    starts: startsFor({ likeliest, dimension: n, count: starts, seed }),
    maxRadius: maxSigmas,
  })
  if (near === undefined) return undefined
  const inFull = limitState(
    covariance,
    (x) => ahead + changeIn(book, moveOf(covariance.factors, x)).changeUsd / scale,
    (x, slope) => fullSlopes(book, covariance.factors, x, slope),
  )
  const found = designPoint(inFull, { starts: [near.direction], maxRadius: maxSigmas, maxTurns: fullTurns })
  if (found === undefined) return undefined
  const navIn = (move: MarketMove) => navUsd + changeIn(book, move).changeUsd
  const { radius, move, moves } = settled(covariance, found.direction, found.radius, (one) => navIn(one) < floorUsd)
  const figure = navIn(move)
  if (!(figure < floorUsd)) return undefined
  const share = Math.round((100 * floorUsd) / navUsd)
  return {
    kind: 'net-asset-value',
    ...told({ moves, radius, what: `net asset value below ${share} % of today's`, days: horizonDays }),
    figure,
  }
}

/** A ten-thousandth of a price, over the positions that read it. */
const step = 1e-4

function fullSlopes(book: StressBook, factors: readonly StressFactor[], x: Float64Array, slope: Float64Array): void {
  const here = valuerIn(book.market, moveOf(factors, x))
  const values = new Map(book.positions.map((position) => [position, here(position) ?? 0]))
  for (const [i, { kind, underlying }] of factors.entries()) {
    const moved = x.slice()
    moved[i] = (moved[i] as number) + step
    const there = valuerIn(book.market, moveOf(factors, moved))
    let sum = 0
    for (const position of book.positions) {
      const reads = kind === 'spot' ? position.spots : position.volatilities
      if (reads.includes(underlying)) sum += (there(position) ?? 0) - (values.get(position) ?? 0)
    }
    slope[i] = sum / step
  }
}

function moveOf(factors: readonly StressFactor[], x: Float64Array): MarketMove {
  const spot: Record<string, number> = {}
  const volatility: Record<string, number> = {}
  for (const [i, { kind, underlying }] of factors.entries())
    (kind === 'spot' ? spot : volatility)[underlying] = Math.exp(x[i] as number)
  return { spot, volatility }
}

/** The search and the full valuation differ by rounding: a few roundings farther out it is broken for either. */
function settled(
  covariance: FactorRoot,
  direction: Float64Array,
  found: number,
  isBroken: (move: MarketMove) => boolean,
) {
  const x = new Float64Array(direction.length)
  for (let radius = found, farther = 1e-15; ; radius = found * (1 + farther), farther *= 4) {
    logMoves(
      covariance,
      direction.map((one) => radius * one),
      x,
    )
    const move = moveOf(covariance.factors, x)
    if (isBroken(move) || farther > 1e-4)
      return { radius, move, moves: covariance.factors.map((factor, i) => moveOfFactor(factor, x[i] ?? 0)) }
  }
}

function moveOfFactor({ kind, underlying }: StressFactor, x: number): FactorMove {
  return { factor: `${kind} of ${underlying}`, move: Math.expm1(x) }
}

/** So many moves are told in words. */
const toldMoves = 3

function told(params: {
  readonly moves: readonly FactorMove[]
  readonly radius: number
  readonly what: string
  readonly days: number
}): Pick<Breach, 'inWords' | 'sigmas' | 'moves'> {
  const { moves, radius, what, days } = params
  if (radius === 0) return { inWords: `${what} already`, sigmas: 0, moves: [] }
  const largest = moves
    .filter(({ move }) => Math.abs(move) >= 0.005)
    .toSorted((one, other) => Math.abs(Math.log1p(other.move)) - Math.abs(Math.log1p(one.move)))
    .slice(0, toldMoves)
    .map(
      ({ factor, move }) =>
        `${factor.replace(/^spot of /, '')} ${move < 0 ? '-' : '+'}${Math.round(Math.abs(100 * move))} %`,
    )
  const span = days === 1 ? 'one day' : `${days} days`
  const inWords = `${[largest.join(', '), what].filter((part) => part !== '').join(': ')}, ${radius.toFixed(1)} sigma of ${span}`
  return { inWords, sigmas: radius, moves: moves.filter(({ move }) => move !== 0) }
}
