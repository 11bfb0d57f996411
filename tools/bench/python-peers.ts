// The peers' own Python: an environment of pinned packages, made once, and a process of it for each measurement.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env, platform } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { PeerSpec } from './define-bench.ts'
import type { Protocol } from './measure.ts'

const run = promisify(execFile)
const scripts = fileURLToPath(new URL('./peers/', import.meta.url))
const requirements = readFileSync(join(scripts, 'requirements.txt'), 'utf8')

/** A Python that has the peers, or why there is none. */
export type Peers = { readonly python: string } | { readonly absent: string }

export type PeerTask =
  | { readonly kind: 'check'; readonly folder: string }
  | { readonly kind: 'time'; readonly folder: string; readonly protocol: Protocol }

export type PeerAnswer =
  | { readonly kind: 'checked' }
  | {
      readonly kind: 'timed'
      readonly version: string
      readonly nsPerOp: number
      readonly overheadNsPerOp: number | null
    }
  | { readonly kind: 'failed'; readonly message: string }

/** Why a child process failed: the signal that ended it, else what it said at last, else its code. */
export function lastWords(error: unknown): string {
  const { stderr, signal, code } = error as {
    readonly stderr?: string
    readonly signal?: string | null
    readonly code?: unknown
  }
  if (typeof signal === 'string') return `its process was ended by ${signal}`
  const said = (stderr ?? '').split('\n').filter((line) => line.trim() !== '' && !/^Node\.js v/.test(line))
  if (said.length > 0) return said.at(-1)?.trim() ?? ''
  if (typeof code === 'number') return `its process ended with code ${code}`
  return error instanceof Error ? error.message : String(error)
}

/**
 * The environment in `folder`, made or made anew where it lacks the packages of peers/requirements.txt, which takes a
 * minute and a registry. Never throws: without Python there are no peers, and the reason is told.
 */
export async function makePeers(folder: string, python = 'python3'): Promise<Peers> {
  const inside = platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
  const made = join(folder, 'requirements.txt')
  if (existsSync(inside) && existsSync(made) && readFileSync(made, 'utf8') === requirements) return { python: inside }
  const limits = { timeout: 600_000, maxBuffer: 2 ** 26 }
  try {
    mkdirSync(folder, { recursive: true })
    await run(python, ['-m', 'venv', folder], limits)
    const install = ['install', '--quiet', '--disable-pip-version-check', '--requirement']
    await run(inside, ['-m', 'pip', ...install, join(scripts, 'requirements.txt')], limits)
    writeFileSync(made, requirements)
    return { python: inside }
  } catch (error) {
    return { absent: `no Python with the peers: ${lastWords(error)}` }
  }
}

/** One fresh process of a peer's script on one core; the columns lie in the task's folder. Never throws. */
export async function askPeer(python: string, spec: PeerSpec, task: PeerTask): Promise<PeerAnswer> {
  const { name, script, variant = '' } = spec
  const oneCore = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
  const request = JSON.stringify({ ...task, package: name, script, variant })
  try {
    const { stdout } = await run(python, [join(scripts, 'run.py'), request], {
      timeout: 300_000,
      env: { ...env, ...oneCore },
    })
    return JSON.parse(stdout) as PeerAnswer
  } catch (error) {
    return { kind: 'failed', message: lastWords(error) }
  }
}
