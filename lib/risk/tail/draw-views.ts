// Which history each horizon's paths are drawn from, and the paths: a day and ten days from daily bars with bridges between their ends, an hour from hourly ones.

import type { Usd } from '../../base/units.ts'
import { own } from '../../instruments/market/market.ts'
import { barSeconds } from '../../model/history.ts'
import type { Underlying } from '../../model/identity.ts'
import type { MarketModel, ResidualModel } from '../../model/market-model.ts'
import type { TailBasis, TailHorizon } from '../../model/tail-risk.ts'
import { random } from '../../quant/random.ts'
import { isDollar } from '../is-dollar.ts'
import type { Jump } from './add-jumps.ts'
import { drawPaths, type Paths } from './draw-paths.ts'
import { type Levels, levelsOf } from './health-minima.ts'

/** Where on some paths a horizon ends, and what is read there. */
export interface HorizonEnd {
  readonly horizon: TailHorizon
  readonly basis: TailBasis
  /** Whole steps, 1 or more. */
  readonly steps: number
}

export interface PathView {
  readonly paths: Paths
  /** Of the underlyings that accounts hold or owe. */
  readonly levels: Levels
  /** steps x count: how far the bridges between steps reach down, see `healthMinima`. */
  readonly reaches: Float64Array
  /** By steps, ascending. */
  readonly ends: readonly HorizonEnd[]
}

export interface ViewParams {
  readonly model: Pick<MarketModel, 'daily' | 'hourly'>
  readonly spot: Readonly<Record<Underlying, Usd>>
  readonly factors: readonly Underlying[]
  /** Of them those that accounts hold or owe. */
  readonly owed: readonly Underlying[]
  readonly seed: number
  readonly count: number
  /** Mixed into all paths. */
  readonly jumps?: readonly Jump[]
}

interface Plan {
  readonly model: ResidualModel
  readonly factors: readonly Underlying[]
  readonly ends: readonly HorizonEnd[]
  readonly stepSeconds?: number
}

/** Fewer dates than a month of hours tell nothing of an hour's tail. */
const fewestHours = 720

/** Empty where the model has nothing to draw from. */
export function drawViews(params: ViewParams): {
  readonly views: readonly PathView[]
  readonly notes: readonly string[]
} {
  const { model, factors, spot, seed, count } = params
  const { daily } = model
  const refused = refusedHours(model, factors)
  const hourly = refused === undefined ? model.hourly : undefined
  const plans = plansOf({ daily, hourly, factors })
  const standIns = Object.fromEntries(
    factors.filter((factor) => isDollar(own(spot, factor))).map((factor) => [factor, { multiple: 0 }]),
  )
  const stream = random(seed)
  const views = plans.map(({ model: drawn, factors: moved, ends, stepSeconds }): PathView => {
    const steps = Math.max(...ends.map((end) => end.steps))
    const [own, bridges] = [stream.uint32(), stream.split()]
    const paths = drawPaths({
      model: drawn,
      factors: moved,
      steps,
      count,
      seed: own,
      standIns,
      jumps: params.jumps ?? [],
      ...(stepSeconds === undefined ? {} : { stepSeconds }),
    })
    const reaches = new Float64Array(params.owed.length === 0 ? 0 : steps * count)
    for (let i = 0; i < reaches.length; i += 1) reaches[i] = Math.sqrt(-Math.log(bridges.uniform()) / 2)
    return { paths, levels: levelsOf(paths, params.owed), reaches, ends }
  })
  const notes = [...(refused === undefined ? [] : [refused]), ...views.flatMap(({ paths }) => paths.notes)]
  return { views, notes: [...new Set(notes)] }
}

/** Why hourly history is not drawn from; absent where it is, or where there is none. */
function refusedHours({ daily, hourly }: ViewParams['model'], factors: readonly Underlying[]): string | undefined {
  if (hourly === undefined || daily === undefined) return undefined
  if (hourly.starts.length < fewestHours)
    return `${hourly.starts.length} hours of history are fewer than ${fewestHours}: an hour is drawn from days`
  const unknown = factors.filter((factor) => daily.assets.includes(factor) && !hourly.assets.includes(factor))
  if (unknown.length === 0) return undefined
  return `${unknown.join(', ')} ${unknown.length === 1 ? 'has' : 'have'} daily history and no hourly one: an hour is drawn from days`
}

function plansOf(params: {
  readonly daily: ResidualModel | undefined
  readonly hourly: ResidualModel | undefined
  readonly factors: readonly Underlying[]
}): readonly Plan[] {
  const { daily, hourly, factors } = params
  const end = (horizon: TailHorizon, steps: number, basis: TailBasis) => ({ horizon, steps, basis })
  if (daily === undefined) {
    if (hourly === undefined) return []
    return [
      { model: hourly, factors, ends: [end('1h', 1, 'hourly'), end('1d', 24, 'hourly'), end('10d', 240, 'hourly')] },
    ]
  }
  const hour =
    hourly === undefined
      ? { model: daily, factors, ends: [end('1h', 1, 'scaled')], stepSeconds: barSeconds['1h'] }
      : { model: hourly, factors, ends: [end('1h', 1, 'hourly')] }
  return [hour, { model: daily, factors, ends: [end('1d', 1, 'daily'), end('10d', 10, 'daily')] }]
}
