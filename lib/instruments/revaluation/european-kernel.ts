// European options of one underlying in many scenarios, each with the volatility that the smile gives it there.

import { gridOf, logSpan } from '../../quant/add-net.ts'
import { addScenarioPrices, type ScenarioOption } from '../../quant/options/black-scenarios.ts'
import type { Bend, RevaluationKernel } from '../../quant/revaluation-kernel.ts'
import { carryTo, interestTo, statesCarry } from '../market/forwards.ts'
import { rateOf, spotOf } from '../market/market.ts'
import { assetVolatility } from '../market/volatility.ts'
import type { AssetVolatility } from '../market/volatility-surface.ts'
import { isPast, yearsTo } from '../market/years-to.ts'
import type { EuropeanLeg } from './leg.ts'
import { shiftKinks } from './shift-kinks.ts'
import { type ExpirySmile, expirySmile, smileRow } from './smile-row.ts'
import { rowOf, type Stage } from './stage.ts'

/** On the underlying itself: rate options on one unit of an asset that is worth `rate` underlyings. */
interface Line {
  readonly option: ScenarioOption
  readonly weight: number
  readonly smile: ExpirySmile
  /** Part of the moneyness that no spot moves. */
  readonly moneyness: number
}

interface Columns {
  readonly spots: Float64Array
  readonly logs: Float64Array
  /** Added to volatilities; absent: nothing. */
  readonly shifts: Float64Array | undefined
  /** Added to the dollar rate; absent: nothing. */
  readonly interest: Float64Array | undefined
  /** Absent where all options are expired. */
  readonly held: AssetVolatility | undefined
  /** The carry follows the dollar rate. */
  readonly follows: boolean
  /** Of one line at a time. */
  readonly volatilities: Float64Array
  readonly scratch: Float64Array
  /** By years to expiry. */
  readonly grownTo: Map<number, Grown>
}

/**
 * Values of the legs, all of whose assets follow `underlying`, by what moves among its spot, its volatility and the dollar rate. Equal to `europeanValue` in
 * each scenario's market but for rounding, some 1e-15 of spot + strike. @throws HomeostatError `no-price`, `no-volatility`
 */
export function europeanKernel(staged: Stage, underlying: string, legs: readonly EuropeanLeg[]): RevaluationKernel {
  const { market, shiftBySpot } = staged
  const lines = legs.map((leg) => lineOf(staged, leg))
  const held = legs.every((leg) => isPast(market, leg.expiry)) ? undefined : assetVolatility(market, underlying)
  const [spotRow, shiftRow, interestRow] = [
    rowOf(staged, 'spot', underlying),
    rowOf(staged, 'volatility', underlying),
    rowOf(staged, 'interest'),
  ]
  const factors = [spotRow, shiftRow, interestRow].filter((row) => row !== undefined)
  const isNettable = spotRow !== undefined && factors.length === 1
  const here = spotOf(market, underlying)
  const shiftOf = shiftBySpot.get(underlying)
  const follows = !statesCarry(market, underlying)
  const columnsOf = (rows: readonly Float64Array[], n: number): Columns => {
    const column = (row: number | undefined) => (row === undefined ? undefined : rows[factors.indexOf(row)])
    const spots = column(spotRow) ?? new Float64Array(n).fill(here)
    return {
      spots,
      logs: spots.map(Math.log),
      shifts: column(shiftRow) ?? (shiftOf === undefined ? undefined : spots.map(shiftOf)),
      interest: column(interestRow),
      held,
      follows,
      volatilities: new Float64Array(n),
      scratch: new Float64Array(n),
      grownTo: new Map(),
    }
  }
  return {
    lines: lines.length,
    factors,
    netting: isNettable ? 'log-spot' : 'none',
    // Worked out when asked for: only nets ask.
    get bends() {
      return isNettable ? europeanBends(staged, underlying, legs).flat() : []
    },
    get kinks() {
      return isNettable ? shiftKinks(staged, underlying) : []
    },
    values: (rows, out) => {
      const n = out.length / lines.length
      const columns = columnsOf(rows, n)
      out.fill(0)
      for (const [i, line] of lines.entries()) addLine(line, columns, out.subarray(i * n, (i + 1) * n))
    },
    addSum: (rows, out) => {
      const columns = columnsOf(rows, out.length)
      for (const line of lines) addLine(line, columns, out)
    },
  }
}

function addLine(line: Line, columns: Columns, out: Float64Array): void {
  const { interest, spots, logs, volatilities, scratch } = columns
  if (interest === undefined) {
    fillVolatilities(line, columns, logs, volatilities)
    addPrices(line, spots, logs, volatilities, out)
    return
  }
  const moved = columns.grownTo.get(line.option.time) ?? grown(columns, interest, line.option)
  columns.grownTo.set(line.option.time, moved)
  fillVolatilities(line, columns, moved.logs, volatilities)
  scratch.fill(0)
  addPrices(line, moved.spots, moved.logs, volatilities, scratch)
  for (let j = 0; j < out.length; j += 1)
    out[j] = (out[j] as number) + (scratch[j] as number) * (moved.discount[j] as number)
}

/** NaN where the terms are outside of the model in every scenario; `addScenarioPrices` does so where they are in one. */
function addPrices(
  { option, weight }: Line,
  spots: Float64Array,
  logs: Float64Array,
  volatilities: Float64Array,
  row: Float64Array,
): void {
  if (option.time === 0) {
    addPayoffs(option, weight, spots, row)
    return
  }
  try {
    addScenarioPrices(option, weight, spots, logs, volatilities, row)
  } catch {
    row.fill(Number.NaN)
  }
}

/** Expired, whatever the volatility. */
function addPayoffs({ kind, strike }: ScenarioOption, weight: number, spots: Float64Array, row: Float64Array): void {
  const sign = kind === 'call' ? 1 : -1
  for (let j = 0; j < row.length; j += 1)
    row[j] = (row[j] as number) + weight * Math.max(sign * ((spots[j] as number) - strike), 0)
}

function lineOf({ market }: Stage, { asset, type, strike, expiry, quantity }: EuropeanLeg): Line {
  const { underlying, rate: assetRate } = rateOf(market, asset)
  const isExpired = isPast(market, expiry)
  const [time, carry] = [yearsTo(market, expiry), carryTo(market, underlying, expiry)]
  const own = strike / assetRate
  return {
    option: { kind: type, strike: own, time, rate: interestTo(market, expiry), carry },
    weight: quantity * assetRate,
    smile: isExpired ? { kind: 'level', volatility: 0 } : expirySmile(assetVolatility(market, underlying), expiry),
    moneyness: Math.log(own) - carry * time,
  }
}

/** Under sticky strike the moneyness at which the smile is read stays with the strike, whatever the spot does. */
function fillVolatilities(
  { smile, moneyness }: Line,
  columns: Pick<Columns, 'shifts' | 'held' | 'interest' | 'logs'>,
  logs: Float64Array,
  out: Float64Array,
): void {
  const { shifts, held } = columns
  const shift = held?.shift ?? 0
  const unshifted = shifts === undefined ? shift : 0
  if (held?.dynamics === 'sticky-strike' && smile.kind === 'svi') {
    // ln(K / F) + ln(S / anchor): the spot cancels, and what the dollar rate adds to the forward remains.
    const x = columns.interest === undefined ? undefined : logs.map((log, j) => log - (columns.logs[j] as number))
    const from = moneyness - Math.log(held.anchor)
    const first = x ?? new Float64Array(1)
    const found = x === undefined ? new Float64Array(1) : out
    smileRow(smile, { from, x: first, shift: unshifted }, found)
    if (x === undefined) out.fill(found[0] as number)
  } else smileRow(smile, { from: moneyness, x: logs, shift: unshifted }, out)
  if (shifts === undefined) return
  for (let j = 0; j < out.length; j += 1) out[j] = Math.max((out[j] as number) + shift + (shifts[j] as number), 0)
}

/** A smile's least volatility is rough: so is what it is compared with. */
const gridKnots = 33

/**
 * Where each leg bends in the log spot of `underlying`, which moves: around its strike, within its smallest volatility over the scenarios' spots, with their
 * shifts, x the root of the time to expiry; within nothing once it is expired. A smile that moves with the spot (sticky delta) brings the bends of its slices.
 * Legs without quantity bend nowhere. @throws HomeostatError as `europeanKernel`
 */
export function europeanBends(
  staged: Stage,
  underlying: string,
  legs: readonly EuropeanLeg[],
): readonly (readonly Bend[])[] {
  const row = rowOf(staged, 'spot', underlying)
  if (row === undefined || legs.length === 0) return legs.map(() => [])
  const { market, rows, count, shiftBySpot } = staged
  const spots = rows.subarray(row * count, (row + 1) * count)
  const { from, to } = logSpan(spots)
  const logs = gridOf(from, to, gridKnots)
  const held = legs.every((leg) => isPast(market, leg.expiry)) ? undefined : assetVolatility(market, underlying)
  const shiftOf = shiftBySpot.get(underlying)
  const [least, most] = shiftOf === undefined ? [0, 0] : extremes(spots.map(shiftOf))
  const columns = { shifts: logs.map(() => least), held, interest: undefined, logs }
  const volatilities = new Float64Array(gridKnots)
  return legs.map((leg) => {
    const line = lineOf(staged, leg)
    if (line.weight === 0) return []
    fillVolatilities(line, columns, logs, volatilities)
    const [low, high] = extremes(volatilities)
    const root = Math.sqrt(line.option.time)
    const own = { at: line.moneyness, width: low * root, reach: 9 * (high + most - least) * root }
    return [own, ...(held?.dynamics === 'sticky-delta' ? smileBends(line) : [])]
  })
}

/** A slice's total variance is a hyperbola: as smooth, seen from the knots, as a bell of twice its radius. */
function smileBends({ smile, moneyness }: Line): readonly Bend[] {
  if (smile.kind === 'level') return []
  const slices = smile.part > 0 ? [smile.before, smile.after] : [smile.before]
  return slices.filter(({ b }) => b > 0).map(({ m, sigma }) => ({ at: moneyness - m, width: 2 * sigma }))
}

function extremes(values: Float64Array): readonly [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return [least, most]
}

interface Grown {
  readonly spots: Float64Array
  readonly logs: Float64Array
  readonly discount: Float64Array
}

/** Of a rate times its years: what Black's model takes. */
const largestGrowth = 700

/**
 * A dollar rate that is d higher discounts by exp(-d T) more; where the carry follows it, the forward is exp(d T) higher too, as from a spot so much higher.
 * NaN where the rates leave the model.
 */
function grown({ spots, logs, follows }: Columns, interest: Float64Array, option: ScenarioOption): Grown {
  const { time, rate, carry } = option
  const n = spots.length
  const moved = { spots: new Float64Array(n), logs: new Float64Array(n), discount: new Float64Array(n) }
  for (let j = 0; j < n; j += 1) {
    const shift = interest[j] as number
    const largest = Math.max(Math.abs((rate + shift) * time), follows ? Math.abs((carry + shift) * time) : 0)
    const discount = largest <= largestGrowth ? Math.exp(-shift * time) : Number.NaN
    moved.discount[j] = discount
    moved.spots[j] = (spots[j] as number) / (follows ? discount : 1)
    moved.logs[j] = (logs[j] as number) + (follows ? shift * time : 0)
  }
  return moved
}
