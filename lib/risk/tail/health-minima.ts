// How far each account's health factor falls along drawn paths: what liquidation by first passage and the loan for a target are read from.

import type { Usd } from '../../base/units.ts'
import type { Underlying } from '../../model/identity.ts'
import type { Paths } from './draw-paths.ts'

/** An account as a ratio of linear forms in prices: HF = sum of powers / sum of debts, through the protocol's lens. */
export interface LinearAccount {
  readonly shares: readonly {
    readonly underlying: Underlying
    /** Collateral x liquidation threshold. */
    readonly borrowingPowerUsd: Usd
    readonly debtUsd: Usd
  }[]
  /** Stays whatever prices do. */
  readonly unmovedDebtUsd: Usd
}

/** Price / price now: the entry of step s (0 is the first), path p lies at s x count + p. */
export type Levels = ReadonlyMap<Underlying, Float64Array>

/** exp of the moves of some factors; of others nothing. */
export function levelsOf(paths: Paths, underlyings: Iterable<Underlying>): Levels {
  const { factors, steps, count, moves } = paths
  const found = new Map<Underlying, Float64Array>()
  for (const underlying of underlyings) {
    const index = factors.indexOf(underlying)
    if (index < 0) continue
    const levels = new Float64Array(steps * count)
    for (let s = 0; s < steps; s += 1) {
      const from = (s * factors.length + index) * count
      for (let p = 0; p < count; p += 1) levels[s * count + p] = Math.exp(moves[from + p] as number)
    }
    found.set(underlying, levels)
  }
  return found
}

/** More than so many deviations below both its ends a bridge goes once in 10^8. */
const reach = 3

interface Line {
  /** Where its volatilities are in the paths. */
  readonly index: number
  readonly levels: Float64Array
  readonly power: Usd
  readonly debt: Usd
}

/**
 * Least of ln(HF(t) / HF(0)) over 0 <= t <= horizon by path, 0 or less: the account is liquidated where it is below -ln HF(0). As debts that are scaled alike leave
 * that ratio as it is, one set of paths serves every size of the loan.
 * Between two steps ln HF is taken for a Brownian bridge, whose minimum is drawn by inversion from one exponential a step and path,
 * m = (a + b - sqrt((b - a)^2 + 2 s^2 E)) / 2 (Karatzas & Shreve 1991, 4.3.40). The same draws serve all accounts: those that rest on the same prices fall together.
 * s^2 = g' V g with V of the step's volatilities and correlations, g the gradient of ln HF in log prices where the step begins.
 * @param params.exponentials steps x count, standard exponential; 0 everywhere: no bridge, whole steps only
 * @param params.checkpoints whole steps, ascending, 1 .. steps
 * @returns a column of `count` for each checkpoint
 */
export function healthMinima(params: {
  readonly account: LinearAccount
  readonly paths: Paths
  readonly levels: Levels
  readonly exponentials: Float64Array
  readonly checkpoints: readonly number[]
}): readonly Float64Array[] {
  const { account, paths, levels, exponentials, checkpoints } = params
  const { count } = paths
  let [power, debt] = [0, account.unmovedDebtUsd]
  const lines: Line[] = []
  for (const { underlying, borrowingPowerUsd, debtUsd } of account.shares) {
    const column = levels.get(underlying)
    const index = paths.factors.indexOf(underlying)
    if (column !== undefined && index >= 0 && moves(paths, index))
      lines.push({ index, levels: column, power: borrowingPowerUsd, debt: debtUsd })
    else {
      power += borrowingPowerUsd
      debt += debtUsd
    }
  }
  const total = (pick: (line: Line) => number, rest: number) => lines.reduce((sum, line) => sum + pick(line), rest)
  const start = Math.log(total((line) => line.power, power) / total((line) => line.debt, debt))
  const walk: Walk = {
    lines,
    paths,
    correlation: correlationsOf(lines, paths),
    power,
    debt,
    start,
    exponentials,
    at: new Float64Array(count),
    least: new Float64Array(count),
  }
  const found: Float64Array[] = []
  for (let step = 0; found.length < checkpoints.length; step += 1) {
    if (lines.length > 0) walkStep(walk, step)
    if (step + 1 === checkpoints[found.length]) found.push(walk.least.slice())
  }
  return found
}

interface Walk {
  readonly lines: readonly Line[]
  readonly paths: Paths
  readonly correlation: Float64Array
  /** What no line moves. */
  readonly power: Usd
  readonly debt: Usd
  readonly start: number
  readonly exponentials: Float64Array
  /** ln(HF / HF(0)) by path where the last step ended. */
  readonly at: Float64Array
  /** Its minimum so far. */
  readonly least: Float64Array
}

function walkStep(
  { lines, paths, correlation, power, debt, start, exponentials, at, least }: Walk,
  step: number,
): void {
  const { count, factors, volatility } = paths
  const n = lines.length
  const exposures = new Float64Array(n)
  const now = step * count
  for (let p = 0; p < count; p += 1) {
    let [powerNow, debtNow, powerThen, debtThen] = [power, debt, power, debt]
    for (let i = 0; i < n; i += 1) {
      const line = lines[i] as Line
      const level = line.levels[now + p] as number
      const then = step === 0 ? 1 : (line.levels[now - count + p] as number)
      powerNow += line.power * level
      debtNow += line.debt * level
      powerThen += line.power * then
      debtThen += line.debt * then
    }
    const a = at[p] as number
    const b = Math.log(powerNow / debtNow) - start
    at[p] = b
    let bound = 0
    for (let i = 0; i < n; i += 1) {
      const line = lines[i] as Line
      const then = step === 0 ? 1 : (line.levels[now - count + p] as number)
      const sigma = volatility[(step * factors.length + line.index) * count + p] as number
      const exposure = (line.power / powerThen - line.debt / debtThen) * then * sigma
      exposures[i] = exposure
      bound += Math.abs(exposure)
    }
    if (Math.min(a, b) - reach * bound >= (least[p] as number)) continue
    let variance = 0
    for (let i = 0; i < n; i += 1)
      for (let k = 0; k < n; k += 1)
        variance += (exposures[i] as number) * (exposures[k] as number) * (correlation[i * n + k] as number)
    const gap = b - a
    const minimum = (a + b - Math.sqrt(gap * gap + 2 * Math.max(0, variance) * (exponentials[now + p] as number))) / 2
    if (minimum < (least[p] as number)) least[p] = minimum
  }
}

function firstStep({ moves: all, count }: Paths, index: number): Float64Array {
  return all.subarray(index * count, (index + 1) * count)
}

function moves(paths: Paths, index: number): boolean {
  const { steps, count, factors } = paths
  for (let s = 0; s < steps; s += 1) {
    const from = (s * factors.length + index) * count
    if (paths.moves.subarray(from, from + count).some((move) => move !== 0)) return true
  }
  return false
}

/** Of the first step's moves over all paths; 0 with one that does not move in it. */
function correlationsOf(lines: readonly Line[], paths: Paths): Float64Array {
  const n = lines.length
  const columns = lines.map(({ index }) => firstStep(paths, index))
  const found = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) {
    found[i * n + i] = 1
    for (let k = 0; k < i; k += 1) {
      const value = correlation(columns[i] as Float64Array, columns[k] as Float64Array)
      found[i * n + k] = value
      found[k * n + i] = value
    }
  }
  return found
}

function correlation(one: Float64Array, other: Float64Array): number {
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0]
  for (let p = 0; p < one.length; p += 1) {
    const [a, b] = [one[p] as number, other[p] as number]
    x += a
    y += b
    xx += a * a
    yy += b * b
    xy += a * b
  }
  const count = one.length
  const scale = Math.sqrt((xx - (x * x) / count) * (yy - (y * y) / count))
  return scale > 0 ? Math.min(1, Math.max(-1, (xy - (x * y) / count) / scale)) : 0
}
