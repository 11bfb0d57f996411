// Whose returns vote on the regime: risky assets, each once.

import { type BarInterval, barSeconds } from '../../../model/history.ts'
import type { Underlying } from '../../../model/identity.ts'
import type { ReturnRow } from './indicators.ts'

export interface Universe {
  readonly assets: readonly Underlying[]
  readonly excluded: readonly { readonly asset: Underlying; readonly reason: string }[]
}

/** Fewer do not vote: a correlation of four assets is one of pairs. */
export const leastAssets = 5
/** Fewer find a switch late. */
export const fullPower = 6
/** More add cost and little power; those with the longest history stay. */
const mostAssets = 40
const leastReturns = 60
/** Dates that are looked at. */
const lookback = 365
/** Dates at the end on which an asset must have been seen once, else it is taken for ended. */
const recent = 5
const duplicateCorrelation = 0.995
/** Of the last sixty dates. */
const leastCoverage = 0.8

/** Names of stablecoins; those of the dollar first. What is pegged and called otherwise is found by how it moves. */
const dollarName = /^(USD.*|[A-Z]{1,4}USD|DAI|SDAI|XDAI|FRAX|UST|USTC|FEI|MIM|GHO|TUSD)$/i
const otherPegName = /^(EUR.*|[A-Z]EUR|RAI|PAXG|XAUT)$/i

/** True for what claims to be worth a dollar. */
export function isDollarName(asset: Underlying): boolean {
  return dollarName.test(asset)
}

interface Candidate {
  readonly asset: Underlying
  readonly column: number
  readonly returns: readonly (number | undefined)[]
  readonly count: number
  /** Standard deviation by the median absolute return, so that one crash says little; the mean absolute return where that is zero. */
  readonly scale: number
}

/**
 * The universe by the dates given, all of them before the one it is for. Order: as given.
 * @param params.rows dates x assets, in order
 */
export function reviewUniverse(params: {
  readonly assets: readonly Underlying[]
  readonly rows: readonly ReturnRow[]
  readonly interval: BarInterval
}): Universe {
  const { assets, rows, interval } = params
  const seen = rows.slice(-lookback)
  const excluded = new Map<number, string>()
  const candidates: Candidate[] = []
  for (const [column, asset] of assets.entries()) {
    const returns = seen.map((row) => row[column])
    const reason = reasonByHistory(asset, returns)
    if (reason === undefined) candidates.push(candidateOf(asset, column, returns))
    else excluded.set(column, reason)
  }
  const scales = candidates.map(({ scale }) => scale).toSorted((a, b) => a - b)
  const usual = scales[Math.floor(0.8 * (scales.length - 1))] ?? 0
  const risky = candidates.filter((one) => {
    const reason = reasonByPeg(one, usual, interval)
    if (reason !== undefined) excluded.set(one.column, reason)
    return reason === undefined
  })
  const kept: Candidate[] = []
  for (const one of risky.toSorted((a, b) => b.count - a.count || a.column - b.column)) {
    const reason = reasonByOthers(one, kept)
    if (reason === undefined) kept.push(one)
    else excluded.set(one.column, reason)
  }
  return {
    assets: kept.toSorted((a, b) => a.column - b.column).map(({ asset }) => asset),
    excluded: assets.flatMap((asset, column) => {
      const reason = excluded.get(column)
      return reason === undefined ? [] : [{ asset, reason }]
    }),
  }
}

function reasonByHistory(asset: Underlying, returns: readonly (number | undefined)[]): string | undefined {
  if (dollarName.test(asset) || otherPegName.test(asset)) return 'pegged, by its name'
  const known = returns.filter((value) => value !== undefined)
  if (known.length === 0) return 'no returns in the year before'
  if (known.length < leastReturns) return `only ${known.length} returns in the year before, ${leastReturns} are needed`
  if (returns.slice(-recent).every((value) => value === undefined)) return `no prices on the last ${recent} dates`
  const covered = returns.slice(-leastReturns).filter((value) => value !== undefined).length
  if (covered < leastCoverage * leastReturns)
    return `gaps on ${leastReturns - covered} of the last ${leastReturns} dates`
  if (known.filter((value) => value !== 0).length < known.length / 2) return 'its price stood still on most dates'
  return undefined
}

function candidateOf(asset: Underlying, column: number, returns: readonly (number | undefined)[]): Candidate {
  const sizes = returns.flatMap((value) => (value === undefined ? [] : [Math.abs(value)])).toSorted((a, b) => a - b)
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  return { asset, column, returns, count: sizes.length, scale: median > 0 ? 1.4826 * median : mean }
}

/** A peg is quiet next to others, or fairly quiet and always comes back. */
function reasonByPeg(one: Candidate, usual: number, interval: BarInterval): string | undefined {
  const share = one.scale / usual
  if (share < 0.1) return `moves like a peg: ${percent(share)} of what is usual here`
  const ratio = varianceRatio(one.returns)
  if (share < 0.35 && ratio < 0.4)
    return `moves like a peg: ${percent(share)} of what is usual here, and comes back within ${10 * barSeconds[interval] >= 86_400 ? 'days' : 'hours'}`
  return undefined
}

/** Variance of ten-date returns over ten times that of single ones: 1 of a random walk, near 0 of what is pegged (Lo & MacKinlay 1988). */
function varianceRatio(returns: readonly (number | undefined)[]): number {
  const span = 10
  let [singles, singleCount, spans, spanCount] = [0, 0, 0, 0]
  for (let t = 0; t < returns.length; t += 1) {
    const value = returns[t]
    if (value !== undefined) {
      singles += value * value
      singleCount += 1
    }
    if (t + 1 < span) continue
    let sum = 0
    let complete = true
    for (let k = t + 1 - span; k <= t; k += 1) {
      const step = returns[k]
      if (step === undefined) complete = false
      else sum += step
    }
    if (!complete) continue
    spans += sum * sum
    spanCount += 1
  }
  if (singleCount === 0 || spanCount === 0 || singles === 0) return 1
  return spans / spanCount / ((span * singles) / singleCount)
}

function reasonByOthers(one: Candidate, kept: readonly Candidate[]): string | undefined {
  for (const other of kept) {
    const correlation = correlationOf(one.returns, other.returns)
    if (correlation > duplicateCorrelation)
      return `a copy or wrapper of ${other.asset}: correlation ${correlation.toFixed(4)}`
  }
  return kept.length >= mostAssets ? `${mostAssets} assets with longer histories vote already` : undefined
}

/** 0 where they have fewer than thirty dates in common. */
function correlationOf(a: readonly (number | undefined)[], b: readonly (number | undefined)[]): number {
  let [xy, xx, yy, dates] = [0, 0, 0, 0]
  for (let t = 0; t < a.length; t += 1) {
    const [x, y] = [a[t], b[t]]
    if (x === undefined || y === undefined) continue
    xy += x * y
    xx += x * x
    yy += y * y
    dates += 1
  }
  return dates < 30 || !(xx > 0 && yy > 0) ? 0 : xy / Math.sqrt(xx * yy)
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`
