// What stands where an asset has no residual of its own: another's, times beta, plus a drawn remainder; never a silent zero.

import type { Random } from '../../quant/random.ts'

/** Standardised residuals by date; undefined where there is none. */
export type ResidualGaps = readonly (number | undefined)[]

interface Regression {
  /** Index of a column, or undefined for the market. */
  readonly from: number | undefined
  readonly beta: number
  readonly rSquared: number
  /** Dates in common. */
  readonly count: number
}

export interface FilledColumn {
  readonly residuals: Float64Array
  readonly filled: number
  /** The regression most gaps were filled with; undefined without gaps. */
  readonly by: Regression | undefined
}

/** Dates in common below which no asset is preferred to the market: the best of many correlations of few dates is chance. */
const fewestInCommon = 120
/** Another asset takes the market's place only where it says so much more of the variance (a wrapper and what it wraps, two of a kind). */
const clearlyBetter = 0.1
/** A correlation with the market before any date is seen, worth so many dates: thirty own returns say little. */
const priorDates = 60
const priorOfRisky = 0.7

/** Least squares without a constant (residuals have mean zero), shrunk towards a prior correlation where one is given, as if that had been seen on `priorDates` dates. */
function regress(
  own: ResidualGaps,
  other: ResidualGaps,
  { from, prior: rho }: { readonly from?: number; readonly prior?: number },
): Regression | undefined {
  let [cross, square, ownSquare, count] = [0, 0, 0, 0]
  for (let t = 0; t < own.length; t += 1) {
    const y = own[t]
    const x = other[t]
    if (y === undefined || x === undefined) continue
    cross += x * y
    square += x * x
    ownSquare += y * y
    count += 1
  }
  if (count < 2 || square === 0 || ownSquare === 0) return undefined
  const prior = rho === undefined ? 0 : (priorDates * square) / count
  const beta = (cross + prior * (rho ?? 0) * Math.sqrt(ownSquare / square)) / (square + prior)
  const left = ownSquare - 2 * beta * cross + beta * beta * square
  return { from, beta, rSquared: Math.max(0, 1 - left / ownSquare), count }
}

/** What a regression leaves on the dates in common. */
function remaindersOf(own: ResidualGaps, other: ResidualGaps, beta: number): readonly number[] {
  return own.flatMap((y, t) => {
    const x = other[t]
    return y === undefined || x === undefined ? [] : [y - beta * x]
  })
}

/** The market first unless an asset says clearly more; then all others by what they say. */
function ranked({ columns, market, own, isPegged }: Omit<FillParams, 'random'>): readonly Regression[] {
  const ownColumn = columns[own] ?? []
  const byMarket = regress(ownColumn, market, { prior: isPegged ? 0 : priorOfRisky })
  const others = columns.flatMap((column, index) => {
    if (index === own) return []
    const one = regress(ownColumn, column, { from: index })
    return one === undefined || one.count < fewestInCommon ? [] : [one]
  })
  const bar = (byMarket?.rSquared ?? 0) + clearlyBetter
  const better = others.filter(({ rSquared }) => rSquared > bar).toSorted((a, b) => b.rSquared - a.rSquared)
  return [...better, ...(byMarket === undefined ? [] : [byMarket])]
}

export interface FillParams {
  readonly columns: readonly ResidualGaps[]
  /** Residual of the broad market by date. */
  readonly market: ResidualGaps
  /** Which column to fill. */
  readonly own: number
  /** Its correlation with the market is taken for none until dates say otherwise; of others it is taken for high. */
  readonly isPegged: boolean
  /** Its draws are the remainders; the same seed fills alike. */
  readonly random: Random
}

/** Fills the gaps of one column. Where none of the others has a residual on a date, its own are drawn from. */
export function fillResiduals(params: FillParams): FilledColumn {
  const { columns, market, own, random } = params
  const column = columns[own] ?? []
  if (!column.includes(undefined)) return { residuals: Float64Array.from(column as number[]), filled: 0, by: undefined }
  const regressions = ranked(params)
  const seen = column.filter((value) => value !== undefined)
  const uses = new Map<Regression, { count: number; readonly remainders: readonly number[] }>()
  const residuals = Float64Array.from(column, (value, t) => {
    if (value !== undefined) return value
    for (const one of regressions) {
      const other = one.from === undefined ? market : (columns[one.from] ?? market)
      const x = other[t]
      if (x === undefined) continue
      const use = uses.get(one) ?? { count: 0, remainders: remaindersOf(column, other, one.beta) }
      use.count += 1
      uses.set(one, use)
      return one.beta * x + (use.remainders[random.below(use.remainders.length)] ?? 0)
    }
    return seen[random.below(Math.max(1, seen.length))] ?? 0
  })
  const [by] = [...uses].toSorted((a, b) => b[1].count - a[1].count)[0] ?? []
  return { residuals, filled: column.length - seen.length, by }
}
