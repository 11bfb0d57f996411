// What a factor moves by: its own residuals, or the stated stand-in of one without history.

import type { ResidualColumn, ResidualModel } from '../../model/market-model.ts'

/** Moves of another asset (the market's where it is left out) times a multiple; 0: it never moves but by jumps. */
export interface StandIn {
  readonly asset?: string
  readonly multiple: number
}

export interface PathSource {
  readonly column: ResidualColumn
  /** By date of the model. */
  readonly residuals: Float64Array
  readonly multiple: number
  readonly notes: readonly string[]
}

/** Of the assets' volatilities over the market's: a newcomer is no calm asset. */
const standInQuantile = 0.75

/**
 * The model's own column; else the caller's standIn; else the market's residuals (beta 1) at the upper quartile of the assets' volatilities, never
 * below the market's own. A standIn that the model does not know is the market too.
 */
export function sourceOf(model: ResidualModel, factor: string, standIn: StandIn | undefined): PathSource {
  const own = model.assets.indexOf(factor)
  if (own >= 0) {
    const notes =
      model.origins[own]?.state === 'ended' ? [`${factor} has no prices any more: it moves as it last did`] : []
    return { ...columnAt(model, own), multiple: 1, notes }
  }
  if (standIn?.multiple === 0)
    return { ...marketOf(model), multiple: 0, notes: [`${factor} has no history: it does not move by itself`] }
  const other = standIn?.asset === undefined ? -1 : model.assets.indexOf(standIn.asset)
  const multiple = standIn?.multiple ?? standInMultiple(model)
  const told = multiple.toFixed(2)
  if (other >= 0)
    return {
      ...columnAt(model, other),
      multiple,
      notes: [`${factor} has no history: it moves ${told} times as ${standIn?.asset}`],
    }
  return { ...marketOf(model), multiple, notes: [`${factor} has no history: it moves ${told} times as the market`] }
}

function columnAt(model: ResidualModel, index: number): Pick<PathSource, 'column' | 'residuals'> {
  const width = model.assets.length
  const column = model.columns[index] ?? model.market
  const residuals = new Float64Array(model.starts.length)
  for (let row = 0; row < residuals.length; row += 1) residuals[row] = model.residuals[row * width + index] ?? 0
  return { column, residuals }
}

function marketOf(model: ResidualModel): Pick<PathSource, 'column' | 'residuals'> {
  return { column: model.market, residuals: Float64Array.from(model.market.residuals) }
}

function standInMultiple({ columns, market }: ResidualModel): number {
  const ratios = columns
    .map(({ volatility }) => (market.volatility > 0 ? volatility / market.volatility : 1))
    .toSorted((a, b) => a - b)
  return Math.max(1, ratios[Math.floor(standInQuantile * ratios.length)] ?? 1)
}
