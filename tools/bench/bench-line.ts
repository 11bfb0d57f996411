// One kernel's figures as one line of JSON, and the judgement whether they meet what was aimed at.

import type { Bench, PeerSpec } from './define-bench.ts'

/** Nanoseconds an op over the processes. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface PeerFigures {
  readonly name: string
  readonly version: string
  readonly nsPerOp: number
  readonly spread: Spread
  /** Of nsPerOp, what its loop and calls from Python take when there is next to nothing to compute; where that matters. */
  readonly overheadNsPerOp?: number
  /** Ours over the peer's. */
  readonly ratio: number
  readonly target?: number
  readonly within?: boolean
}

export interface AbsentPeer {
  readonly name: string
  /** Why there are no figures. */
  readonly absent: string
  /** It was asked and failed, instead of not being there. */
  readonly failed?: true
}

export interface Machine {
  readonly node: string
  readonly cpu: string
}

export interface MeasuredLine extends Machine {
  readonly name: string
  readonly n: number
  readonly nsPerOp: number
  readonly spread: Spread
  readonly unit: string
  readonly processes: number
  /** Present where the aim is a time. */
  readonly target?: { readonly nsPerOp: number; readonly within: boolean }
  readonly peer?: PeerFigures | AbsentPeer
}

export interface FailedLine extends Machine {
  readonly name: string
  readonly error: string
}

export type BenchLine = MeasuredLine | FailedLine

/** A figure may exceed its target by this factor, which is what a shared machine does to the best of five processes. */
const NOISE = 1.3

/** Least, middle and greatest of one or more figures. */
function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b)
  const at = (i: number) => sorted[i] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return { min: at(0), median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, max: at(sorted.length - 1) }
}

export interface PeerTimes {
  readonly version: string
  readonly times: readonly number[]
  readonly overheadNsPerOp: number | undefined
}

/** The line of a kernel from the nanoseconds an op of each of its processes. */
export function measuredLine(
  { name, unit, targetNs, peer: spec }: Bench,
  measured: { readonly n: number; readonly times: readonly number[]; readonly peer?: PeerTimes | AbsentPeer },
  machine: Machine,
): MeasuredLine {
  const { n, times, peer } = measured
  const spread = spreadOf(times)
  const nsPerOp = spread.min
  const target = targetNs === undefined ? {} : { target: { nsPerOp: targetNs, within: nsPerOp <= targetNs * NOISE } }
  const compared = spec === undefined || peer === undefined ? {} : { peer: comparison(spec, peer, nsPerOp) }
  return { name, n, nsPerOp, spread, unit, processes: times.length, ...target, ...compared, ...machine }
}

function comparison(spec: PeerSpec, peer: PeerTimes | AbsentPeer, ours: number): PeerFigures | AbsentPeer {
  if ('absent' in peer) return peer
  const spread = spreadOf(peer.times)
  const ratio = ours / spread.min
  const { target } = spec
  return {
    name: spec.name,
    version: peer.version,
    nsPerOp: spread.min,
    spread,
    ...(peer.overheadNsPerOp === undefined ? {} : { overheadNsPerOp: peer.overheadNsPerOp }),
    ratio,
    ...(target === undefined ? {} : { target, within: ratio <= target * NOISE }),
  }
}

/** True where something that was asked for was not measured: the run then ends with an error. */
export function isFailed(line: BenchLine): boolean {
  return 'error' in line || (line.peer !== undefined && 'absent' in line.peer && line.peer.failed === true)
}

/** A line of JSON; figures to five digits, more of which would be noise. */
export function jsonOf(line: BenchLine): string {
  return JSON.stringify(line, (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
  )
}
