// What today's moves do to the volatility ahead: a model is made of whole bars, and a crash does not wait for midnight.

import { secondsPerYear } from '../../base/time.ts'
import type { Ratio } from '../../base/units.ts'
import { type BarInterval, barSeconds } from '../../model/history.ts'
import type { Underlying } from '../../model/identity.ts'
import type { MarketModel, ResidualColumn, ResidualModel, VolatilityForecast } from '../../model/market-model.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { type MoveSinceClose, movesSinceClose } from '../market/moves-since-close.ts'
import { isPeggedVolatility, varianceLaw } from './variance-law.ts'
import { nextVariance, type VarianceLaw } from './volatility-filter.ts'

type Seen = Pick<Snapshot, 'at' | 'prices'>

/** So much higher, and it is told. */
const toldRise = 1.05
/** Of the market's assets, so many have to be seen for its mean move; all of them if they are fewer. */
const fewestOfMarket = 2

/**
 * Each column of residuals whose factor has moved since its last close has the volatility that its own law gives once the move is a bar's return, or its own
 * where that is higher: never lower, for the bar is not over. Over several bars the move counts as that many equal parts, which under exponential smoothing weigh
 * together what it weighs in one. Only prices that are FRESH move it, and only from a close that made a return. The market's column, on which factors
 * without history stand, follows the mean move of those of its assets that are seen. A peg's law stands still, so it stays.
 * @returns the model itself where nothing is raised; its `volatility` forecasts are left to `volatilityToday`
 */
export function withTodaysMoves(
  model: MarketModel,
  snapshot: Seen,
): { readonly model: MarketModel; readonly raisedBy: readonly Underlying[]; readonly notes: readonly string[] } {
  const moves = movesSinceClose(model, snapshot).filter(({ isSound }) => isSound)
  const [daily, hourly] = [raised(model.daily, moves), raised(model.hourly, moves)]
  if (daily === model.daily && hourly === model.hourly) return { model, raisedBy: [], notes: [] }
  return {
    model: {
      ...model,
      ...(daily === undefined ? {} : { daily }),
      ...(hourly === undefined ? {} : { hourly }),
    },
    raisedBy: [...new Set([...raisedIn(model.daily, daily), ...raisedIn(model.hourly, hourly)])],
    notes: daily === undefined ? notesOf(model.hourly, hourly, moves) : notesOf(model.daily, daily, moves),
  }
}

/** Forecasts of the day ahead with the move since the newest close as a day's return, by the law that daily scenarios follow; never lower. */
export function volatilityToday(model: MarketModel, snapshot: Seen): readonly VolatilityForecast[] {
  const moves = movesSinceClose(model, snapshot).filter(({ isSound }) => isSound)
  return model.volatility.map((forecast) => {
    const { asset, volatility } = forecast
    const own = moves.filter((one) => one.asset === asset)
    const [newest] = own.toSorted((one, other) => other.closedAt - one.closedAt)
    if (newest === undefined) return forecast
    const days = Math.max(1, Math.ceil((newest.bars * barSeconds[newest.interval]) / barSeconds['1d']))
    const perDay = volatility / rootYear('1d')
    const column = model.daily?.columns[model.daily.assets.indexOf(asset)]
    const law = column?.dynamics ?? varianceLaw({ isPegged: isPeggedVolatility(perDay), interval: '1d' })
    const now = volatilityAfter({ law, volatility: perDay, move: newest.move, bars: days }) * rootYear('1d')
    return now > volatility ? { ...forecast, volatility: now, beforeToday: volatility } : forecast
  })
}

function volatilityAfter(params: {
  readonly law: VarianceLaw
  readonly volatility: number
  readonly move: number
  readonly bars: number
}): number {
  const { law, volatility, move, bars } = params
  const part = move / Math.sqrt(bars)
  let variance = volatility * volatility
  for (let bar = 0; bar < bars; bar += 1) variance = nextVariance(law, variance, part)
  return Number.isFinite(variance) ? Math.max(volatility, Math.sqrt(variance)) : volatility
}

function raised(residuals: ResidualModel | undefined, all: readonly MoveSinceClose[]): ResidualModel | undefined {
  if (residuals === undefined) return undefined
  const moves = all.filter(({ interval }) => interval === residuals.interval)
  const byAsset = new Map(moves.map((one) => [one.asset, one]))
  const columns = residuals.columns.map((column, i) => {
    const own = byAsset.get(residuals.assets[i] ?? '')
    // An asset that has ended has no last close that says anything of today.
    return own === undefined || residuals.origins[i]?.state === 'ended' ? column : columnAfter(column, own)
  })
  const market = marketAfter(residuals.market, byAsset)
  const isSame = market === residuals.market && columns.every((column, i) => column === residuals.columns[i])
  return isSame ? residuals : { ...residuals, columns, market }
}

function raisedIn(before: ResidualModel | undefined, after: ResidualModel | undefined): readonly Underlying[] {
  return (after?.assets ?? []).filter((_, i) => after?.columns[i] !== before?.columns[i])
}

function columnAfter<T extends ResidualColumn>(column: T, { move, bars }: Pick<MoveSinceClose, 'move' | 'bars'>): T {
  const volatility = volatilityAfter({ law: column.dynamics, volatility: column.volatility, move, bars })
  return volatility > column.volatility ? { ...column, volatility } : column
}

function marketAfter(
  market: ResidualModel['market'],
  byAsset: ReadonlyMap<Underlying, MoveSinceClose>,
): ResidualModel['market'] {
  const seen = market.assets.flatMap((asset) => byAsset.get(asset) ?? [])
  if (seen.length === 0 || seen.length < Math.min(fewestOfMarket, market.assets.length)) return market
  const move = seen.reduce((sum, one) => sum + one.move, 0) / seen.length
  return columnAfter(market, { move, bars: Math.max(...seen.map(({ bars }) => bars)) })
}

function notesOf(
  before: ResidualModel | undefined,
  after: ResidualModel | undefined,
  moves: readonly MoveSinceClose[],
): readonly string[] {
  if (before === undefined || after === undefined) return []
  return after.assets.flatMap((asset, i) => {
    const [was, is] = [before.columns[i]?.volatility ?? 0, after.columns[i]?.volatility ?? 0]
    const own = moves.find((one) => one.asset === asset && one.interval === after.interval)
    if (own === undefined || is < toldRise * was) return []
    const year = rootYear(after.interval)
    return [
      `${asset} has moved ${signed(Math.expm1(own.move))} since the last close: its volatility ahead is ${percent(is * year)} instead of ${percent(was * year)}`,
    ]
  })
}

function rootYear(interval: BarInterval): number {
  return Math.sqrt(secondsPerYear / barSeconds[interval])
}

function percent(share: Ratio): string {
  return `${Math.round(100 * share)} %`
}

function signed(share: Ratio): string {
  const points = Math.abs(100 * share)
  return `${share < 0 ? '-' : '+'}${points < 10 ? points.toFixed(1) : Math.round(points)} %`
}
