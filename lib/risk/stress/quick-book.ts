// A book's value as smooth curves of its factors, quick enough to be asked many thousand times; what it leads to is then valued in full.

import type { Usd } from '../../base/units.ts'
import type { Underlying } from '../../model/identity.ts'
import { riskyOf, spotKnots, type Tables, volatilityKnots } from './group-values.ts'
import { type StressBook, type StressedPosition, valuerIn } from './stress-book.ts'
import type { StressFactor } from './stress-covariance.ts'

export interface QuickBook {
  /** Change of value where factor i is exp(x_i) times what it is. */
  readonly change: (x: Float64Array) => Usd
  /** Adds its slopes in x to `slope`. */
  readonly addSlopes: (x: Float64Array, slope: Float64Array) => void
}

const logKnots = Float64Array.from(spotKnots, Math.log)
const logVolatilities = Float64Array.from(volatilityKnots, Math.log)
/** Of two underlyings: every second knot. */
const pairKnots = spotKnots.filter((_, i) => i % 2 === 1)
const pairLogs = Float64Array.from(pairKnots, Math.log)

/**
 * What is linear is exact; what reads one risky underlying follows the cubic through its table; what reads two is bilinear between full valuations, volatilities
 * held; what reads more moves by its slope from -10 % to +10 %. Dollars move only what is linear.
 */
export function quickBook(book: StressBook, tables: Tables, factors: readonly StressFactor[]): QuickBook {
  const indexOf = (kind: StressFactor['kind'], underlying: Underlying) =>
    factors.findIndex((one) => one.kind === kind && one.underlying === underlying)
  const linear = new Float64Array(factors.length)
  for (const position of book.positions)
    for (const [underlying, usd] of position.linear ?? slopesOfMany(book, position)) {
      const index = indexOf('spot', underlying)
      if (index >= 0) linear[index] = (linear[index] as number) + usd
    }
  const curves = [...Map.groupBy(tables.values(), (one) => one.underlying)].map(([underlying, own]) => {
    const sum = new Float64Array(logVolatilities.length * logKnots.length)
    for (const { position, values } of own)
      for (let k = 0; k < sum.length; k += 1) {
        const usd = values[k] as number
        sum[k] = (sum[k] as number) + (Number.isNaN(usd) ? 0 : usd - position.base)
      }
    return {
      spot: indexOf('spot', underlying),
      volatility: indexOf('volatility', underlying),
      sum,
      slopes: slopesOf(sum),
    }
  })
  const pairs = pairTables(book, tables).map(({ one, other, sum }) => ({
    one: indexOf('spot', one),
    other: indexOf('spot', other),
    sum,
  }))
  return {
    change: (x) => {
      let total = 0
      for (let i = 0; i < linear.length; i += 1) {
        const held = linear[i] as number
        if (held !== 0) total += held * Math.exp(x[i] as number) - held
      }
      for (const curve of curves) total += curveAt(curve, x)
      for (const pair of pairs) total += pairAt(pair, x)
      return total
    },
    addSlopes: (x, slope) => {
      for (let i = 0; i < linear.length; i += 1) {
        const held = linear[i] as number
        if (held !== 0) slope[i] = (slope[i] as number) + held * Math.exp(x[i] as number)
      }
      for (const curve of curves) addCurveSlopes(curve, x, slope)
      for (const pair of pairs) addPairSlopes(pair, x, slope)
    },
  }
}

/** USD by underlying, of a position that reads three risky ones or more. */
function slopesOfMany(book: StressBook, position: StressedPosition): readonly (readonly [Underlying, Usd])[] {
  const risky = riskyOf(book, position)
  if (risky.length < 3) return []
  return risky.map((underlying) => {
    const [down, up] = [0.9, 1.1].map((factor) => valuerIn(book.market, { spot: { [underlying]: factor } })(position))
    return [underlying, ((up ?? position.base) - (down ?? position.base)) / 0.2]
  })
}

/** Of the parabola through three neighbours; one-sided at the ends. */
function slopesOf(values: Float64Array): Float64Array {
  const n = logKnots.length
  const slopes = new Float64Array(values.length)
  for (let row = 0; row < values.length; row += n)
    for (let k = 0; k < n; k += 1) {
      const secant = (i: number) =>
        ((values[row + i + 1] as number) - (values[row + i] as number)) /
        ((logKnots[i + 1] as number) - (logKnots[i] as number))
      if (k === 0 || k === n - 1) slopes[row + k] = secant(k === 0 ? 0 : n - 2)
      else {
        const [left, right] = [
          (logKnots[k] as number) - (logKnots[k - 1] as number),
          (logKnots[k + 1] as number) - (logKnots[k] as number),
        ]
        slopes[row + k] = (right * secant(k - 1) + left * secant(k)) / (left + right)
      }
    }
  return slopes
}

interface Curve {
  readonly spot: number
  readonly volatility: number
  readonly sum: Float64Array
  readonly slopes: Float64Array
}

/** Row of the volatility knot below, and how far it is on the way to the next. */
function rowAt({ volatility }: Curve, x: Float64Array) {
  const v = volatility < 0 ? 0 : (x[volatility] as number)
  const row = v < 0 ? 0 : 1
  const low = logVolatilities[row] as number
  const width = (logVolatilities[row + 1] as number) - low
  return { row, part: (v - low) / width, width }
}

function curveAt(curve: Curve, x: Float64Array): Usd {
  const { row, part } = rowAt(curve, x)
  const at = x[curve.spot] as number
  return (1 - part) * hermite(curve, row, at) + part * hermite(curve, row + 1, at)
}

function addCurveSlopes(curve: Curve, x: Float64Array, slope: Float64Array): void {
  const { spot, volatility } = curve
  const { row, part, width } = rowAt(curve, x)
  const at = x[spot] as number
  slope[spot] =
    (slope[spot] as number) + (1 - part) * hermiteSlope(curve, row, at) + part * hermiteSlope(curve, row + 1, at)
  if (volatility < 0) return
  slope[volatility] = (slope[volatility] as number) + (hermite(curve, row + 1, at) - hermite(curve, row, at)) / width
}

/** Cubic Hermite on the knots of a row; level beyond its ends. */
function hermite({ sum, slopes }: Curve, row: number, at: number): Usd {
  const n = logKnots.length
  if (!(at > (logKnots[0] as number))) return sum[row * n] as number
  if (at >= (logKnots[n - 1] as number)) return sum[row * n + n - 1] as number
  const k = cellOf(logKnots, at)
  const h = (logKnots[k + 1] as number) - (logKnots[k] as number)
  const t = (at - (logKnots[k] as number)) / h
  const i = row * n + k
  const [m0, rise] = [h * (slopes[i] as number), (sum[i + 1] as number) - (sum[i] as number)]
  const m1 = h * (slopes[i + 1] as number)
  return (sum[i] as number) + t * (m0 + t * (3 * rise - 2 * m0 - m1 + t * (m0 + m1 - 2 * rise)))
}

function hermiteSlope({ sum, slopes }: Curve, row: number, at: number): number {
  const n = logKnots.length
  if (!(at > (logKnots[0] as number) && at < (logKnots[n - 1] as number))) return 0
  const k = cellOf(logKnots, at)
  const h = (logKnots[k + 1] as number) - (logKnots[k] as number)
  const t = (at - (logKnots[k] as number)) / h
  const i = row * n + k
  const [m0, rise] = [h * (slopes[i] as number), (sum[i + 1] as number) - (sum[i] as number)]
  const m1 = h * (slopes[i + 1] as number)
  return (m0 + t * (2 * (3 * rise - 2 * m0 - m1) + 3 * t * (m0 + m1 - 2 * rise))) / h
}

function cellOf(knots: Float64Array, at: number): number {
  let [low, high] = [0, knots.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((knots[middle] as number) <= at) low = middle
    else high = middle
  }
  return low
}

/** Change of value on the grid of two underlyings' prices, summed over all positions that read both and no third. */
function pairTables(book: StressBook, tables: Tables) {
  const found = book.positions.flatMap((position) => {
    if (position.linear !== undefined || tables.has(position)) return []
    const [one, other, third] = riskyOf(book, position)
    return one === undefined || other === undefined || third !== undefined
      ? []
      : [{ position, pair: [one, other].toSorted() }]
  })
  const groups = Map.groupBy(found, ({ pair }) => JSON.stringify(pair))
  return [...groups.values()].flatMap((own) => {
    const [one, other] = own[0]?.pair ?? []
    if (one === undefined || other === undefined) return []
    const sum = pairKnots.flatMap((a) =>
      pairKnots.map((b) => {
        const usdIn = valuerIn(book.market, { spot: { [one]: a, [other]: b } })
        return own.reduce((total, { position }) => total + (usdIn(position) ?? position.base) - position.base, 0)
      }),
    )
    return [{ one, other, sum: Float64Array.from(sum) }]
  })
}

interface Pair {
  readonly one: number
  readonly other: number
  readonly sum: Float64Array
}

function pairAt({ one, other, sum }: Pair, x: Float64Array): Usd {
  const n = pairLogs.length
  const [i, s] = cellAt(x[one] as number)
  const [j, t] = cellAt(x[other] as number)
  const at = (a: number, b: number) => sum[(i + a) * n + j + b] as number
  const [low, high] = [at(0, 0) + t * (at(0, 1) - at(0, 0)), at(1, 0) + t * (at(1, 1) - at(1, 0))]
  return low + s * (high - low)
}

function addPairSlopes({ one, other, sum }: Pair, x: Float64Array, slope: Float64Array): void {
  const n = pairLogs.length
  const [i, s, width] = cellAt(x[one] as number)
  const [j, t, height] = cellAt(x[other] as number)
  const at = (a: number, b: number) => sum[(i + a) * n + j + b] as number
  const [low, high] = [at(0, 0) + t * (at(0, 1) - at(0, 0)), at(1, 0) + t * (at(1, 1) - at(1, 0))]
  slope[one] = (slope[one] as number) + (high - low) / width
  slope[other] = (slope[other] as number) + ((1 - s) * (at(0, 1) - at(0, 0)) + s * (at(1, 1) - at(1, 0))) / height
}

/** Cell, place within 0..1, and the cell's width; beyond the ends the nearest. */
function cellAt(at: number): readonly [number, number, number] {
  const last = pairLogs.length - 1
  const inside = Math.min(Math.max(at, pairLogs[0] as number), pairLogs[last] as number)
  const k = Math.min(cellOf(pairLogs, inside), last - 1)
  const width = (pairLogs[k + 1] as number) - (pairLogs[k] as number)
  return [k, (inside - (pairLogs[k] as number)) / width, width]
}
