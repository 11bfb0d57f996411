// The benchmarks' harness on kernels of a moment: what it prints, what it refuses to time, and that time decides nothing.

import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { measuredLine } from '../../tools/bench/bench-line.ts'
import { defineBench } from '../../tools/bench/define-bench.ts'
import { benches as registry } from '../../tools/bench/kernels/index.ts'
import { makePeers } from '../../tools/bench/python-peers.ts'
import { runBenches } from '../../tools/bench/run-benches.ts'
import { benches } from './bench-kernels.ts'
import { repository } from './cruise.ts'

interface Line {
  readonly name: string
  readonly error?: string
  readonly nsPerOp?: number
  readonly spread?: { readonly min: number; readonly median: number; readonly max: number }
  readonly peer?: { readonly absent?: string }
}

async function bench(...args: readonly string[]) {
  const [out, notes]: [string[], string[]] = [[], []]
  const to = (texts: string[]) => (text: string) => void texts.push(text)
  const output = { line: to(out), note: to(notes), live: false }
  const url = new URL('./bench-kernels.ts', import.meta.url).href
  const code = await runBenches({ benches, registry: url }, args, output)
  return { code, out: out.join(''), notes: notes.join('') }
}

const linesOf = (out: string): readonly Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const quantified = expect.any(Number)
const pinned = readFileSync(join(repository, 'tools/bench/peers/requirements.txt'), 'utf8')

describe('a run of the benchmarks', () => {
  it('prints a line of JSON for a kernel, with its figures over the processes, and a table', async () => {
    const { code, out, notes } = await bench('--quick', '--processes', '2', '--only', '^plain$')
    expect(code).toBe(0)
    const [line, ...others] = linesOf(out)
    expect(others).toEqual([])
    expect(line).toEqual({
      name: 'plain',
      n: 4,
      nsPerOp: quantified,
      spread: { min: quantified, median: quantified, max: quantified },
      unit: 'one exp',
      processes: 2,
      target: { nsPerOp: 1e9, within: true },
      node: process.version,
      cpu: expect.any(String),
    })
    const { min = 0, median = 0, max = 0 } = line?.spread ?? {}
    expect(line?.nsPerOp).toBe(min)
    expect(min).toBeGreaterThan(0)
    expect(min <= median && median <= max).toBe(true)
    expect(notes).toMatch(/^kernel +n +time per op/)
    expect(notes).toMatch(/^plain .* met$/m)
  })

  it('times nothing whose result is wrong or missing, says why, runs the others and ends with an error', async () => {
    const { code, out, notes } = await bench('--quick')
    expect(code).toBe(1)
    expect(linesOf(out).map(({ name, error, nsPerOp }) => [name, error ?? nsPerOp])).toEqual([
      ['plain', quantified],
      ['wrong', 'Not timed, because its result is wrong: 1.1 instead of 1 +- 0.05 (a table).'],
      ['not-finite', 'Not timed, because result 1 is NaN.'],
      ['throws', 'no inputs today'],
      ['dies', 'its process ended with code 3'],
      ['compared', quantified],
      ['last', quantified],
    ])
    expect(notes).toMatch(/^wrong +failed/m)
  })

  it('says of each peer why it is absent, which is no error', async () => {
    const { code, out, notes } = await bench('--quick', '--only', 'COMPARED')
    expect(code).toBe(0)
    expect(linesOf(out)[0]?.peer).toEqual({ name: 'scipy', absent: 'not asked for: --peers' })
    expect(notes).toContain('scipy absent')
  })

  it('gives the table in Markdown', async () => {
    const { notes } = await bench('--quick', '--markdown', '--only', 'plain')
    const [head = '', rule = '', row = ''] = notes.split('\n')
    expect(head).toMatch(/^\| kernel +\| n /)
    expect(rule).toMatch(/^(\| -+ )+\|$/)
    expect(row).toMatch(/^\| plain /)
    expect(new Set([head, rule, row].map((line) => line.split('|').length))).toEqual(new Set([11]))
  })

  it.each([
    [['--processes', '0'], /whole number/],
    [['--processes', 'many'], /whole number/],
    [['--only', '('], /regular expression/],
    [['--fast'], /unknown option '--fast'/],
    [['plain'], /too many arguments/],
    [['--only', 'nowhere'], /No kernel matches. There are: plain, wrong, /],
  ])('refuses %j, saying what it wants', async (args, words) => {
    const { code, out, notes } = await bench(...args)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(notes).toMatch(words)
  })

  it('explains itself', async () => {
    const { code, out } = await bench('--help')
    expect(code).toBe(0)
    for (const option of ['--only', '--processes', '--quick', '--peers', '--markdown']) expect(out).toContain(option)
  })
})

describe('a peer', () => {
  const spec = { name: 'numpy', script: 'x', target: 0.8, agreement: { absolute: 0, relative: 0 } } as const
  const compared = defineBench({
    name: 'one',
    unit: 'an op',
    targetNs: 100,
    peer: spec,
    prepare: () => {
      throw new Error('not asked')
    },
  })
  const lineWith = (ours: readonly number[], theirs: readonly number[]) =>
    measuredLine(
      compared,
      { n: 10, times: ours, peer: { version: '1.2.3', times: theirs, overheadNsPerOp: undefined } },
      { node: 'v24', cpu: 'one' },
    )

  it('is compared best to best, and 1.3 times the target is still within noise', () => {
    const { peer, target, spread } = lineWith([104, 130, 110, 120], [100, 170])
    expect(peer).toEqual({
      name: 'numpy',
      version: '1.2.3',
      nsPerOp: 100,
      spread: { min: 100, median: 135, max: 170 },
      ratio: 1.04,
      target: 0.8,
      within: true,
    })
    expect(target).toEqual({ nsPerOp: 100, within: true })
    expect(spread).toEqual({ min: 104, median: 115, max: 130 })
    expect(lineWith([105], [100]).peer).toMatchObject({ within: false })
    expect(lineWith([131], [100]).target).toMatchObject({ within: false })
  })

  it('is absent with a reason where there is no Python', async () => {
    const peers = await makePeers(mkdtempSync(join(tmpdir(), 'homeostat-peers-')), 'no-such-python')
    expect(peers).toEqual({ absent: expect.stringContaining('no-such-python') })
  })

  const made = join(repository, '.homeostat', 'bench-peers', 'requirements.txt')
  const installed = existsSync(made) && readFileSync(made, 'utf8') === pinned
  it.skipIf(!installed)('whose results are not ours stops the timing (skipped before the first --peers)', async () => {
    const { code, out } = await bench('--quick', '--peers', '--only', 'compared')
    expect(code).toBe(1)
    expect(linesOf(out)[0]?.error).toMatch(/^Not timed, because result 0 is 1\.64\d+, and scipy says 0\.69\d+\.$/)
  })
})

describe('the kernels in the registry', () => {
  it('have names of their own that a pattern can pick', () => {
    const names = registry.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([])
  })

  it.each(registry)('$name computes what is known of it, finite results, and inputs its peer can read', (one) => {
    const { n, pass, results, known, columns = {} } = one.prepare()
    expect(Math.abs(known.got - known.expected)).toBeLessThanOrEqual(known.tolerance)
    expect(Number.isFinite(pass())).toBe(true)
    expect(n).toBeGreaterThan(0)
    expect(results().length).toBeGreaterThan(0)
    expect(results().every(Number.isFinite)).toBe(true)
    expect(Object.entries(columns).filter(([, values]) => !values.every(Number.isFinite))).toEqual([])
    if (one.peer === undefined) return
    expect(pinned).toContain(`${one.peer.name}==`)
    expect(existsSync(join(repository, `tools/bench/peers/${one.peer.script}.py`))).toBe(true)
  })
})
