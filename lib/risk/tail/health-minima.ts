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
 * Between two steps ln HF is taken for a Brownian bridge, whose minimum is drawn by inversion from one exponential E a step and path,
 * m = (a + b - sqrt((b - a)^2 + 2 s^2 E)) / 2 (Karatzas & Shreve 1991, 4.3.40). The same draws serve all accounts: those that rest on the same prices fall together.
 * s^2 = g' V g with V of the step's volatilities and correlations, g the gradient of ln HF in log prices where the step begins.
 * @param params.reaches steps x count: sqrt(E / 2), in deviations s; 0 everywhere: no bridge, whole steps only
 * @param params.checkpoints whole steps, ascending, 1 .. steps
 * @returns a column of `count` for each checkpoint
 */
export function healthMinima(params: {
  readonly account: LinearAccount
  readonly paths: Paths
  readonly levels: Levels
  readonly reaches: Float64Array
  readonly checkpoints: readonly number[]
}): readonly Float64Array[] {
  const { account, paths, levels, reaches, checkpoints } = params
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
  const lineTotal = (pick: (line: Line) => number, rest: number) => lines.reduce((sum, line) => sum + pick(line), rest)
  const [powerNow, debtNow] = [lineTotal((line) => line.power, power), lineTotal((line) => line.debt, debt)]
  const found = checkpoints.map(() => new Float64Array(count))
  const shared = { lines, paths, reaches, correlation: correlationsOf(lines, paths), unmoved: { power, debt } }
  for (let first = 0; first < count; first += blockPaths) {
    const filled = (value: number) => new Float64Array(Math.min(blockPaths, count - first)).fill(value)
    const walk: Walk = {
      ...shared,
      first,
      start: powerNow / debtNow,
      perPower: filled(1 / powerNow),
      perDebt: filled(1 / debtNow),
      health: filled(1),
      power: filled(0),
      debt: filled(0),
      bound: filled(0),
      least: filled(1),
      exposures: new Float64Array(lines.length),
    }
    walkBlock(walk, checkpoints, found)
  }
  return found
}

/** Their columns stay in the nearest cache. */
const blockPaths = 512

function walkBlock(walk: Walk, checkpoints: readonly number[], found: readonly Float64Array[]): void {
  const { lines, first, least } = walk
  for (let [step, next] = [0, 0]; next < checkpoints.length; step += 1) {
    if (lines.length > 0) walkStep(walk, step)
    if (step + 1 !== checkpoints[next]) continue
    const out = found[next] as Float64Array
    for (let p = 0; p < least.length; p += 1) out[first + p] = Math.log(least[p] as number)
    next += 1
  }
}

/** Columns are by path of a block. */
interface Walk {
  /** The block's first path. */
  readonly first: number
  readonly lines: readonly Line[]
  readonly paths: Paths
  readonly correlation: Float64Array
  readonly unmoved: { readonly power: Usd; readonly debt: Usd }
  /** HF(0). */
  readonly start: number
  readonly reaches: Float64Array
  /** Where a step begins: 1 / power, 1 / debt and HF / HF(0). */
  readonly perPower: Float64Array
  readonly perDebt: Float64Array
  readonly health: Float64Array
  /** Room of a step: where it ends, and the sum of the lines' deviations, which s does not exceed. */
  readonly power: Float64Array
  readonly debt: Float64Array
  readonly bound: Float64Array
  /** Least HF(t) / HF(0) so far. */
  readonly least: Float64Array
  readonly exposures: Float64Array
}

/** Line by line over all paths of a block, for speed; the bridge is drawn only where it can go below what was reached before. */
function walkStep(walk: Walk, step: number): void {
  const { lines, paths, unmoved, start, reaches, perPower, perDebt, health, power, debt, bound, least } = walk
  power.fill(unmoved.power)
  debt.fill(unmoved.debt)
  bound.fill(0)
  for (const line of lines) addLine(line, walk, step)
  const from = step * paths.count + walk.first
  const perStart = 1 / start
  for (let p = 0; p < least.length; p += 1) {
    const reach = reaches[from + p] as number
    const a = health[p] as number
    const [held, owed] = [power[p] as number, debt[p] as number]
    // One division serves both.
    const perBoth = 1 / (held * owed)
    const b = held * held * perBoth * perStart
    const lowest = least[p] as number
    if (!staysAbove(lowest, a, b, (bound[p] as number) * reach)) {
      const own = deviation(walk, step, p) * reach
      if (!staysAbove(lowest, a, b, own)) {
        const gap = Math.log(b / a)
        const minimum = Math.sqrt(a * b) * Math.exp(-Math.sqrt(gap * gap + 4 * own * own) / 2)
        if (minimum < lowest) least[p] = minimum
      }
    }
    health[p] = b
    perPower[p] = owed * perBoth
    perDebt[p] = held * perBoth
  }
}

/**
 * Whether a bridge from ln a to ln b with s sqrt(E / 2) = `reach` stays above ln `lowest` for certain: its minimum does where ln(a / lowest) ln(b / lowest) is
 * reach^2 or more, and ln x is 2 (x - 1) / (x + 1) or more from 1, which takes no logarithm.
 */
function staysAbove(lowest: number, a: number, b: number, reach: number): boolean {
  const [overA, overB] = [a - lowest, b - lowest]
  return overA >= 0 && overB >= 0 && 4 * overA * overB >= reach * reach * (a + lowest) * (b + lowest)
}

function addLine(
  { levels, power: held, debt: owed, index }: Line,
  { paths, first, perPower, perDebt, power, debt, bound }: Walk,
  step: number,
): void {
  const { count, factors, volatility } = paths
  const after = step * count + first
  const before = after - count
  const sigmas = (step * factors.length + index) * count + first
  for (let p = 0; p < bound.length; p += 1) {
    const level = levels[after + p] as number
    const was = step === 0 ? 1 : (levels[before + p] as number)
    power[p] = (power[p] as number) + held * level
    debt[p] = (debt[p] as number) + owed * level
    const gradient = (held * (perPower[p] as number) - owed * (perDebt[p] as number)) * was
    bound[p] = (bound[p] as number) + Math.abs(gradient) * (volatility[sigmas + p] as number)
  }
}

/** s of a step in a path. */
function deviation(walk: Walk, step: number, p: number): number {
  const { lines, paths, first, correlation, perPower, perDebt, exposures } = walk
  const { count, factors, volatility } = paths
  const n = lines.length
  let variance = 0
  for (let i = 0; i < n; i += 1) {
    const { power, debt, levels, index } = lines[i] as Line
    const was = step === 0 ? 1 : (levels[(step - 1) * count + first + p] as number)
    const sigma = volatility[(step * factors.length + index) * count + first + p] as number
    const exposure = (power * (perPower[p] as number) - debt * (perDebt[p] as number)) * was * sigma
    exposures[i] = exposure
    variance += exposure * exposure
    for (let k = 0; k < i; k += 1)
      variance += 2 * exposure * (exposures[k] as number) * (correlation[i * n + k] as number)
  }
  return Math.sqrt(Math.max(0, variance))
}

/** Paths behind a correlation: it is good to 0.02. */
const mostCorrelated = 4_096

function firstStep({ moves: all, count }: Paths, index: number): Float64Array {
  return all.subarray(index * count, index * count + Math.min(count, mostCorrelated))
}

function moves(paths: Paths, index: number): boolean {
  const { steps, count, factors } = paths
  for (let s = 0; s < steps; s += 1) {
    const from = (s * factors.length + index) * count
    if (paths.moves.subarray(from, from + count).some((move) => move !== 0)) return true
  }
  return false
}

/** Of the first step's moves over the first paths; 0 with one that does not move in it. */
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
