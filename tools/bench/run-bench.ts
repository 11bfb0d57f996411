// Measures one kernel: checked first, then timed in one fresh process after another, its peer in turn with it.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath, version } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type AbsentPeer, type BenchLine, type Machine, measuredLine, type PeerTimes } from './bench-line.ts'
import { readColumn } from './column-files.ts'
import type { Bench, PeerSpec } from './define-bench.ts'
import type { Protocol } from './measure.ts'
import { askPeer, lastWords, type Peers } from './python-peers.ts'
import type { WorkerAnswer, WorkerTask } from './worker.ts'

const run = promisify(execFile)
const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))

export interface BenchSettings {
  /** URL of the module whose `benches` the worker looks the kernel up in. */
  readonly registry: string
  readonly processes: number
  readonly protocol: Protocol
  readonly peers: Peers
  /** Told before each process. */
  readonly onProcess?: (process: number) => void
}

export const thisMachine = (): Machine => ({ node: version, cpu: cpus()[0]?.model.trim() ?? 'unknown' })

/** The kernel's line; a kernel that fails, whose result is wrong or whose peer disagrees gives an error instead. Never throws. */
export async function runBench(bench: Bench, settings: BenchSettings): Promise<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  const { name } = bench
  try {
    const checked = await askWorker({ kind: 'check', registry: settings.registry, name, folder })
    if (checked.kind !== 'checked') throw new Error(checked.kind === 'failed' ? checked.message : 'It was not checked.')
    const peer = await willingPeer(bench.peer, settings.peers, folder)
    return measuredLine(bench, await timed(bench, peer, folder, settings), thisMachine())
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error), ...thisMachine() }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Willing {
  readonly python: string
  readonly spec: PeerSpec
}

async function timed(
  { name }: Bench,
  peer: Willing | AbsentPeer | undefined,
  folder: string,
  { registry, processes, protocol, onProcess }: BenchSettings,
): Promise<Parameters<typeof measuredLine>[1]> {
  let [n, overhead, version] = [0, Number.POSITIVE_INFINITY, '']
  const times: number[] = []
  const peerTimes: number[] = []
  let failed: AbsentPeer | undefined
  for (let process = 1; process <= processes; process += 1) {
    onProcess?.(process)
    const ours = await askWorker({ kind: 'time', registry, name, protocol })
    if (ours.kind !== 'timed') throw new Error(ours.kind === 'failed' ? ours.message : 'It was not timed.')
    times.push(ours.nsPerOp)
    n = ours.n
    if (peer === undefined || 'absent' in peer || failed !== undefined) continue
    const theirs = await askPeer(peer.python, peer.spec, { kind: 'time', folder, protocol })
    if (theirs.kind === 'timed') {
      peerTimes.push(theirs.nsPerOp)
      version = theirs.version
      overhead = Math.min(overhead, theirs.overheadNsPerOp ?? Number.POSITIVE_INFINITY)
    } else failed = failedPeer(peer.spec, theirs.kind === 'failed' ? theirs.message : 'it was not timed')
  }
  if (peer === undefined) return { n, times }
  if ('absent' in peer) return { n, times, peer }
  const overheadNsPerOp = Number.isFinite(overhead) ? overhead : undefined
  const measured: PeerTimes = { version, times: peerTimes, overheadNsPerOp }
  return { n, times, peer: failed ?? measured }
}

const failedPeer = ({ name }: PeerSpec, message: string): AbsentPeer => ({ name, absent: message, failed: true })

/** The peer, if there is one that runs. Throws where its results are not ours. */
async function willingPeer(
  spec: PeerSpec | undefined,
  peers: Peers,
  folder: string,
): Promise<Willing | AbsentPeer | undefined> {
  if (spec === undefined) return undefined
  if ('absent' in peers) return { name: spec.name, absent: peers.absent }
  const { python } = peers
  const answer = await askPeer(python, spec, { kind: 'check', folder })
  if (answer.kind === 'failed') return failedPeer(spec, answer.message)
  refuseDisagreement(spec, readColumn(folder, 'ours'), readColumn(folder, 'theirs'))
  return { python, spec }
}

function refuseDisagreement({ name, agreement }: PeerSpec, ours: Float64Array, theirs: Float64Array): void {
  if (ours.length !== theirs.length)
    throw new Error(`Not timed, because ${name} gave ${theirs.length} results for our ${ours.length}.`)
  for (const [i, peer] of theirs.entries()) {
    const own = ours[i] ?? Number.NaN
    if (Math.abs(own - peer) <= agreement.absolute + agreement.relative * Math.abs(peer)) continue
    throw new Error(`Not timed, because result ${i} is ${own}, and ${name} says ${peer}.`)
  }
}

async function askWorker(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    const { stdout } = await run(execPath, [worker, JSON.stringify(task)], { timeout: 300_000 })
    return JSON.parse(stdout) as WorkerAnswer
  } catch (error) {
    return { kind: 'failed', message: lastWords(error) }
  }
}
