// From a history of returns to what scenarios are drawn from: volatilities now, and standardised residuals of whole dates.

import { isoDate } from '../../base/calendar.ts'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { type BarInterval, barSeconds } from '../../model/history.ts'
import type { ResidualColumn, ResidualModel, ResidualOrigin } from '../../model/market-model.ts'
import { outOfDomain } from '../../quant/out-of-domain.ts'
import { random } from '../../quant/random.ts'
import type { ParetoMargin } from '../../quant/tail/pareto-tail.ts'
import type { ReturnPanel } from '../market/return-panel.ts'
import { type FilledColumn, fillResiduals, type ResidualGaps } from './fill-residuals.ts'
import { smoothedMargin } from './smoothed-margin.ts'
import { isPeggedVolatility, meanSquare, varianceLaw } from './variance-law.ts'
import { type FilteredVolatility, filterVolatility, type ReturnColumn } from './volatility-filter.ts'

export interface ReturnModelParams {
  readonly panel: ReturnPanel
  /** Of what is drawn to fill gaps; 1 unless told. */
  readonly seed?: number
  /** The last so many dates; 1,500 days or 2,880 shorter bars unless told. Volatilities and tails use no others' residuals, but the whole history of returns. */
  readonly mostDates?: number
  /** An asset with fewer returns is left out; 30 unless told. */
  readonly fewestReturns?: number
}

const usualDates: Readonly<Record<BarInterval, number>> = { '1d': 1_500, '1h': 2_880, '5m': 2_880 }
/** Behind by more bars than this, an asset has ended. */
const endedAfterBars = 30
/** Less of the dates than this, and a column is called short. */
const shortShare = 0.5
const decimals = 1e4

interface Asset {
  readonly name: string
  readonly returns: ReturnColumn
  readonly observations: number
  readonly isConstant: boolean
  readonly isPegged: boolean
  readonly filter: FilteredVolatility
}

/**
 * Filtered historical simulation's first half (Barone-Adesi, Giannopoulos & Vosper 1999): each return over its conditional volatility, mean taken off, tails
 * smoothed by generalised Pareto laws without a change of ranks (see `smoothedMargin`). Dates on which fewer than half of the assets
 * with a long history have a return are left out. Residuals that are missing are regressed on the asset or market that is there, plus a drawn remainder,
 * and counted in `origins`. An asset that never moved has volatility 0; one with fewer than `fewestReturns` is left out and noted.
 * @throws HomeostatError `too-little-history` where no asset has enough returns
 */
export function fitReturns(params: ReturnModelParams): ResidualModel {
  const { panel, seed = 1, mostDates = usualDates[panel.interval], fewestReturns = 30 } = params
  const all = panel.assets.map((name, index) => assetOf(panel, name, index))
  const assets = all.filter(({ observations }) => observations >= fewestReturns)
  if (assets.length === 0) throw tooLittle(all, fewestReturns)
  const core = coreOf(assets, panel)
  const kept = datesOf(panel, core, mostDates)
  const residuals = assets.map(
    ({ returns, filter }): ResidualGaps => kept.map((t) => standardised(returns[t], filter.volatility[t] ?? 0)),
  )
  const market = marketOf(core, panel.interval)
  const marketResiduals = kept.map((t) => standardised(market.returns[t], market.filter.volatility[t] ?? 0))
  const columns = assets.map((asset, own) => {
    if (asset.isConstant) return { asset, filled: undefined, margin: undefined, values: new Float64Array(kept.length) }
    const filled = fillResiduals({
      columns: residuals,
      market: marketResiduals,
      own,
      isPegged: asset.isPegged,
      random: random(seedOf(asset.name, seed)),
    })
    const margin = smoothedMargin(filled.residuals)
    return { asset, filled, margin, values: margin.values }
  })
  const marketValues = smoothedMargin(Float64Array.from(marketResiduals, (value) => value ?? 0)).values
  const origins = columns.map((column) => originOf({ ...column, panel, assets, dates: kept.length }))
  return {
    interval: panel.interval,
    assets: assets.map(({ name }) => name),
    starts: kept.map((t) => panel.starts[t] ?? 0),
    residuals: kept.flatMap((_, row) => columns.map(({ values }) => rounded(values[row] ?? 0))),
    columns: columns.map(({ asset, values }) => columnOf(asset.filter, values)),
    origins,
    market: {
      ...columnOf(market.filter, marketValues),
      residuals: Array.from(marketValues, rounded),
      assets: core.map(({ name }) => name),
    },
    seed,
    notes: notesOf({ all, assets, origins, fewestReturns, panel }),
  }
}

function assetOf(panel: ReturnPanel, name: string, index: number): Asset {
  const returns = panel.rows.map((row) => row[index])
  const bad = returns.findIndex((value) => value !== undefined && !Number.isFinite(value))
  if (bad >= 0)
    throw outOfDomain('fitReturns', 'Returns are finite numbers; a gap is left out.', {
      asset: name,
      date: isoDate(panel.starts[bad] ?? 0),
    })
  const observations = returns.filter((value) => value !== undefined).length
  const square = meanSquare(returns)
  const perDay = Math.sqrt((square * barSeconds['1d']) / barSeconds[panel.interval])
  const isPegged = isPeggedVolatility(perDay)
  const law = varianceLaw({ isPegged, interval: panel.interval })
  return {
    name,
    returns,
    observations,
    isConstant: square === 0,
    isPegged,
    filter: isPegged ? filterVolatility(returns, law, square) : filterVolatility(returns, law),
  }
}

/** By name, so that an asset's gaps are filled alike whatever stands beside it. */
function seedOf(name: string, seed: number): number {
  let hash = 0
  for (const letter of name) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) | 0
  return seed + (hash >>> 0)
}

function tooLittle(all: readonly Asset[], fewest: number): HomeostatError {
  const most = all.reduce((high, { observations }) => Math.max(high, observations), 0)
  return new HomeostatError('too-little-history', {
    message: `No asset has ${fewest} returns; the longest history has ${most}.`,
    retry: 'later',
    facts: { assets: all.length, most },
    hint: 'Give more history: two years of daily prices make a tail at 99 %.',
  })
}

function lastReturnAt({ returns }: Asset, panel: ReturnPanel): UnixSeconds {
  return panel.starts[returns.findLastIndex((value) => value !== undefined)] ?? 0
}

function hasEnded(asset: Asset, panel: ReturnPanel): boolean {
  const last = panel.starts.at(-1) ?? 0
  return last - lastReturnAt(asset, panel) > endedAfterBars * barSeconds[panel.interval]
}

/**
 * Assets whose mean is the market: those that move, with at least half of the longest history; pegged ones only if there are no others, ended ones only if
 * most have (a file that goes on for stablecoins alone).
 */
function coreOf(assets: readonly Asset[], panel: ReturnPanel): readonly Asset[] {
  const moving = assets.filter(({ isConstant }) => !isConstant)
  const risky = moving.filter(({ isPegged }) => !isPegged)
  const candidates = risky.length > 0 ? risky : moving
  const most = candidates.reduce((high, { observations }) => Math.max(high, observations), 0)
  const long = candidates.filter(({ observations }) => observations >= most / 2)
  const alive = long.filter((asset) => !hasEnded(asset, panel))
  const core = 2 * alive.length >= long.length ? alive : long
  return core.length > 0 ? core : assets
}

/** Positions of the dates on which at least half of the core has a return. */
function datesOf(panel: ReturnPanel, core: readonly Asset[], most: number): readonly number[] {
  const kept = panel.starts.flatMap((_, t) => {
    const present = core.filter(({ returns }) => returns[t] !== undefined).length
    return 2 * present >= core.length ? [t] : []
  })
  return kept.slice(-most)
}

function marketOf(core: readonly Asset[], interval: BarInterval): Pick<Asset, 'returns' | 'filter'> {
  const returns = (core[0]?.returns ?? []).map((_, t) => {
    const there = core.flatMap(({ returns: own }) => own[t] ?? [])
    return there.length === 0 ? undefined : there.reduce((sum, value) => sum + value, 0) / there.length
  })
  return { returns, filter: filterVolatility(returns, varianceLaw({ isPegged: false, interval })) }
}

function standardised(value: number | undefined, volatility: number): number | undefined {
  if (value === undefined) return undefined
  return volatility > 0 ? value / volatility : 0
}

function rounded(value: number): number {
  // Adding 0 makes -0, which JSON does not have, 0.
  return Math.round(value * decimals) / decimals + 0
}

function columnOf({ volatility, dynamics }: FilteredVolatility, values: Float64Array): ResidualColumn {
  const square = values.reduce((sum, z) => sum + z * z, 0) / Math.max(1, values.length)
  return { volatility: volatility.at(-1) ?? 0, dynamics: { ...dynamics, scale: square > 0 ? square : 1 } }
}

interface FittedColumn {
  readonly asset: Asset
  readonly filled: FilledColumn | undefined
  readonly margin: ParetoMargin | undefined
  readonly panel: ReturnPanel
  readonly assets: readonly Asset[]
  readonly dates: number
}

function stateOf({ asset, filled, panel, dates }: FittedColumn): ResidualOrigin['state'] {
  if (asset.isConstant) return 'constant'
  if (hasEnded(asset, panel)) return 'ended'
  const gaps = filled?.filled ?? 0
  if (gaps === 0) return 'used'
  return gaps > shortShare * dates ? 'short' : 'gaps'
}

function originOf(fitted: FittedColumn): ResidualOrigin {
  const { asset, filled, margin, assets } = fitted
  return {
    state: stateOf(fitted),
    observations: asset.observations,
    filled: filled?.filled ?? 0,
    ...(filled?.by === undefined
      ? {}
      : {
          regressor: filled.by.from === undefined ? 'market' : (assets[filled.by.from]?.name ?? 'market'),
          beta: filled.by.beta,
          rSquared: filled.by.rSquared,
        }),
    ...(margin?.lower.status === 'fitted' ? { lowerShape: margin.lower.shape } : {}),
    ...(margin?.upper.status === 'fitted' ? { upperShape: margin.upper.shape } : {}),
  }
}

function notesOf(params: {
  readonly all: readonly Asset[]
  readonly assets: readonly Asset[]
  readonly origins: readonly ResidualOrigin[]
  readonly fewestReturns: number
  readonly panel: ReturnPanel
}): readonly string[] {
  const { all, assets, origins, fewestReturns, panel } = params
  const left = all.filter(({ observations }) => observations < fewestReturns)
  return [
    ...left.map(
      ({ name, observations }) => `${name} has ${observations} returns, fewer than ${fewestReturns}: left out`,
    ),
    ...origins.flatMap(({ state, filled, regressor, beta, rSquared }, index) => {
      const asset = assets[index]
      if (asset === undefined || state === 'used') return []
      if (state === 'constant') return [`${asset.name} never moved: volatility 0`]
      const how =
        regressor === undefined
          ? ''
          : `, ${filled} residuals are ${(beta ?? 0).toFixed(2)} times those of ${regressor} (R² ${(rSquared ?? 0).toFixed(2)}) plus a drawn remainder`
      if (state !== 'ended') return [`${asset.name} has ${asset.observations} returns${how}`]
      const final = lastReturnAt(asset, panel)
      return [`${asset.name} has had no return since ${isoDate(final)}: its volatility is that of then${how}`]
    }),
  ]
}
