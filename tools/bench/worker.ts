// One fresh process for one kernel: checks it or times it, and prints one line of JSON.

import { argv, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { writeColumn, writeColumns } from './column-files.ts'
import type { Bench, KnownResult, PreparedBench } from './define-bench.ts'
import { measure, type Protocol } from './measure.ts'

/** What the parent process asks for. */
export type WorkerTask = { readonly registry: string; readonly name: string } & (
  | { readonly kind: 'check'; readonly folder: string }
  | { readonly kind: 'time'; readonly protocol: Protocol }
)

export type WorkerAnswer =
  | { readonly kind: 'checked'; readonly n: number }
  | { readonly kind: 'timed'; readonly n: number; readonly nsPerOp: number; readonly consumed: number }
  | { readonly kind: 'failed'; readonly message: string }

function refuseWrong({ got, expected, tolerance, source }: KnownResult): void {
  if (Math.abs(got - expected) <= tolerance) return
  throw new Error(`Not timed, because its result is wrong: ${got} instead of ${expected} +- ${tolerance} (${source}).`)
}

function answer(task: WorkerTask, { n, pass, results, known, columns = {} }: PreparedBench): WorkerAnswer {
  refuseWrong(known)
  if (task.kind === 'time') return { kind: 'timed', n, ...measure(pass, n, task.protocol) }
  pass()
  const got = results()
  const bad = got.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new Error(`Not timed, because result ${bad} is ${got[bad]}.`)
  writeColumns(task.folder, columns)
  writeColumn(task.folder, 'ours', got)
  return { kind: 'checked', n }
}

async function run(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    const { benches } = (await import(task.registry)) as { readonly benches: readonly Bench[] }
    const bench = benches.find(({ name }) => name === task.name)
    if (bench === undefined) throw new Error(`No kernel is called ${task.name}.`)
    return answer(task, bench.prepare())
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

if (argv[1] === fileURLToPath(import.meta.url))
  stdout.write(`${JSON.stringify(await run(JSON.parse(argv[2] ?? '{}') as WorkerTask))}\n`)
