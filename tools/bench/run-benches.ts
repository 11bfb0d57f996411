// A run of the benchmarks from its arguments: a line of JSON for each kernel, then a table; one kernel's failure stops no other.

import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { type BenchLine, isFailed, jsonOf } from './bench-line.ts'
import { benchTable } from './bench-table.ts'
import type { Bench } from './define-bench.ts'
import { fullProtocol, quickProtocol } from './measure.ts'
import { makePeers, type Peers } from './python-peers.ts'
import { runBench, thisMachine } from './run-bench.ts'

const environment = fileURLToPath(new URL('../../.homeostat/bench-peers', import.meta.url))

/** Where a run writes; `live` is true where progress can be drawn over. */
export interface BenchOutput {
  readonly line: (text: string) => void
  readonly note: (text: string) => void
  readonly live: boolean
}

interface Options {
  readonly only?: RegExp
  readonly processes?: number
  readonly quick?: true
  readonly peers?: true
  readonly markdown?: true
}

function wholeFromOne(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError('It has to be a whole number, 1 or above.')
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch {
    throw new InvalidArgumentError('It has to be a regular expression, such as `barrier` or `^asian`.')
  }
}

function commandFor(output: BenchOutput): Command {
  return new Command('npm run --silent bench --')
    .description(
      'Times the numerical kernels: one line of JSON for each on the standard output, then a table on the standard error.\n' +
        'Times are the best of some fresh processes. They never decide the exit code; a wrong result and a crash do.',
    )
    .option('--only <pattern>', 'the kernels whose name matches this regular expression', pattern)
    .option('--processes <n>', 'fresh processes for each kernel: 5, or 1 with --quick', wholeFromOne)
    .option('--quick', 'one short sample: does everything work? The figures are rough')
    .option('--peers', 'also time the Python peers, in .homeostat/bench-peers; the first time they are installed there')
    .option('--markdown', 'the table in Markdown')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: output.line, writeErr: output.note })
}

/** Runs what `args` ask for and returns the exit code: 0, or 1 where an argument, a kernel or a peer failed. */
export async function runBenches(
  { benches, registry }: { readonly benches: readonly Bench[]; readonly registry: string },
  args: readonly string[],
  output: BenchOutput,
): Promise<number> {
  const command = commandFor(output)
  try {
    command.parse([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    throw error
  }
  const options = command.opts<Options>()
  const chosen = benches.filter(({ name }) => options.only?.test(name) ?? true)
  if (chosen.length === 0) {
    output.note(`No kernel matches. There are: ${benches.map(({ name }) => name).join(', ')}.\n`)
    return 1
  }
  const lines = await measureAll(chosen, registry, options, output)
  return lines.some(isFailed) ? 1 : 0
}

async function measureAll(
  chosen: readonly Bench[],
  registry: string,
  options: Options,
  output: BenchOutput,
): Promise<readonly BenchLine[]> {
  const show = (text: string) => (output.live ? output.note(`\r\u001b[K${text}`) : undefined)
  const load = loadavg()[0] ?? 0
  show('making the Python environment of the peers ...')
  const peers: Peers = options.peers ? await makePeers(environment) : { absent: 'not asked for: --peers' }
  const protocol = options.quick ? quickProtocol : fullProtocol
  const processes = options.processes ?? (options.quick ? 1 : 5)
  const lines: BenchLine[] = []
  for (const [i, bench] of chosen.entries()) {
    const onProcess = (process: number) =>
      show(`${i + 1} of ${chosen.length}: ${bench.name}, process ${process} of ${processes}`)
    const line = await runBench(bench, { registry, processes, protocol, peers, onProcess })
    show('')
    output.line(`${jsonOf(line)}\n`)
    lines.push(line)
  }
  const { cpu, node } = thisMachine()
  const way = options.quick ? 'quick, so these figures are rough' : `best of ${processes} processes`
  output.note(`${benchTable(lines, options.markdown ? 'markdown' : 'plain')}\n\n`)
  output.note(
    `${availableParallelism()} x ${cpu}, node ${node}, ${way}; load average ${load.toFixed(1)} at the start.\n`,
  )
  if ('absent' in peers && options.peers) output.note(`Peers are absent: ${peers.absent}\n`)
  return lines
}
