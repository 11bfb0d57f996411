// Why a value at risk is not what it was: what is held, how volatile it is, how it moves together, and the luck of the draw.

import type { Usd } from '../../base/units.ts'
import type { FigureChange } from '../../model/figure-change.ts'
import type { MarketModel, ResidualModel } from '../../model/market-model.ts'
import type { TailRisk } from '../../model/tail-risk.ts'
import { changeSum } from './change-sum.ts'

export interface TailEnd {
  readonly tail: TailRisk
  /** Of the tail; absent: not at hand. */
  readonly model?: MarketModel
}

/** How scenarios are drawn. */
export interface TailDraw {
  readonly model: MarketModel
  readonly seed: number
  readonly scenarios: number
}

/**
 * Value at risk of 99 % over a day, in a stated order with the same random numbers on both sides of each step: `exposure` (what is held, at what prices and
 * how near to expiry, under the old model; what the day's moves do to its volatilities is in it, and told where the model is the same), `volatility` (the
 * new model's, with the old residuals), `correlation` (the new residuals: which dates, how factors move together, how fat their tails are), `draw` (another seed or number of scenarios). Nothing is evaluated whose step is known to be nothing.
 * @param params.valueAtRisk of the book as it is now, under a model, with the seed and number of scenarios of a tail; absent where it cannot be said
 * @returns nothing where one of both tails has no such figure; one cause `exposure and model` where the old model is not at hand
 */
export function valueAtRiskChange(params: {
  readonly before: TailEnd
  readonly after: TailEnd
  readonly valueAtRisk: (given: TailDraw) => Usd | undefined
}): readonly FigureChange[] {
  const { before, after, valueAtRisk } = params
  const [from, to] = [valueAtRiskOf(before.tail), valueAtRiskOf(after.tail)]
  if (from === undefined || to === undefined) return []
  const sum = changeSum()
  const close = () => sum.close('valueAtRisk', { from, to, gross: 0 })
  const isSameModel = before.tail.marketModelId === after.tail.marketModelId
  const [old, late] = [isSameModel ? (before.model ?? after.model) : before.model, after.model]
  const { seed, scenarios } = before.tail
  const isSameDraw = seed === after.tail.seed && scenarios === after.tail.scenarios
  if (isSameModel && isSameDraw) {
    const isRaised = [before, after].some(({ tail }) => tail.raisedBy !== undefined)
    sum.add('valueAtRisk', isRaised ? 'exposure and moves of today' : 'exposure', to - from, 'stated-order')
    return close()
  }
  const at = (model: MarketModel) => valueAtRisk({ model, seed, scenarios })
  const exposed = old === undefined || late === undefined ? undefined : at(old)
  if (old === undefined || late === undefined || exposed === undefined) {
    sum.add('valueAtRisk', isSameModel ? 'exposure and draw' : 'exposure and model', to - from, 'stated-order')
    return close()
  }
  const volatile = isSameModel ? exposed : at(withVolatilityOf(old, late))
  const dependent = isSameModel ? exposed : isSameDraw ? to : at(late)
  sum.add('valueAtRisk', 'exposure', exposed - from, 'stated-order')
  if (volatile === undefined || dependent === undefined) {
    sum.add('valueAtRisk', 'model and draw', to - exposed, 'stated-order')
    return close()
  }
  sum.add('valueAtRisk', 'volatility', volatile - exposed, 'stated-order')
  sum.add('valueAtRisk', 'correlation', dependent - volatile, 'stated-order')
  sum.add('valueAtRisk', 'draw', to - dependent, 'stated-order')
  return close()
}

/** 99 % over a day. */
export function valueAtRiskOf(tail: TailRisk | undefined): Usd | undefined {
  return tail?.figures.find(({ horizon, level }) => horizon === '1d' && level === 0.99)?.valueAtRiskUsd
}

/** The residuals of one model with the volatilities, and how they follow returns, of the other; an asset that the other does not know keeps its own. */
function withVolatilityOf(residuals: MarketModel, volatility: MarketModel): MarketModel {
  const { daily, hourly } = residuals
  return {
    ...residuals,
    id: `${residuals.id}|volatility of ${volatility.id}`,
    // Its closes too: what has moved since then is on top of its volatilities.
    assets: volatility.assets,
    volatility: volatility.volatility,
    ...(daily === undefined ? {} : { daily: mixed(daily, volatility.daily) }),
    ...(hourly === undefined ? {} : { hourly: mixed(hourly, volatility.hourly) }),
  }
}

function mixed(own: ResidualModel, other: ResidualModel | undefined): ResidualModel {
  if (other === undefined) return own
  const columns = own.columns.map((column, i) => other.columns[other.assets.indexOf(own.assets[i] ?? '')] ?? column)
  const { volatility, dynamics } = other.market
  return { ...own, columns, market: { ...own.market, volatility, dynamics } }
}
