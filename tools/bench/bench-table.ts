// The figures of a run as a table that a person reads, plain or in Markdown.

import type { BenchLine, MeasuredLine } from './bench-line.ts'

const headings = ['kernel', 'n', 'time per op', 'over processes', 'peer', 'peer per op', 'ratio', 'target', 'verdict']
type Row = readonly string[]

const units = [
  { from: 1e9, name: 's' },
  { from: 1e6, name: 'ms' },
  { from: 1e3, name: 'µs' },
] as const

/** Nanoseconds in three digits and the unit that suits them. */
function duration(ns: number): string {
  const unit = units.find(({ from }) => ns >= from)
  const value = ns / (unit?.from ?? 1)
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit?.name ?? 'ns'}`
}

/** `met`, `met within noise` (above the target by the factor that noise is granted) or `missed`. */
function verdict(figure: number, target: number, within: boolean): string {
  return figure <= target ? 'met' : within ? 'met within noise' : 'missed'
}

function aims({ nsPerOp, target, peer }: MeasuredLine): { readonly target: string; readonly verdict: string } {
  const all: { target: string; verdict: string }[] = []
  if (peer !== undefined && 'ratio' in peer && peer.target !== undefined)
    all.push({ target: `${peer.target} x`, verdict: verdict(peer.ratio, peer.target, peer.within === true) })
  if (target !== undefined)
    all.push({ target: duration(target.nsPerOp), verdict: verdict(nsPerOp, target.nsPerOp, target.within) })
  return { target: all.map((aim) => aim.target).join(', '), verdict: all.map((aim) => aim.verdict).join(', ') }
}

function rowOf(line: BenchLine): Row {
  if ('error' in line) return [line.name, '', 'failed', '', '', '', '', '', line.error]
  const { name, n, nsPerOp, spread, peer } = line
  const { target, verdict } = aims(line)
  const over = [spread.min, spread.median, spread.max].map(duration).join(' / ')
  const compared =
    peer === undefined
      ? ['', '', '']
      : 'absent' in peer
        ? [peer.failed === true ? `${peer.name} failed` : `${peer.name} absent`, '', '']
        : [`${peer.name} ${peer.version}`, duration(peer.nsPerOp), peer.ratio.toPrecision(3)]
  return [name, n.toLocaleString('en'), duration(nsPerOp), over, ...compared, target, verdict]
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The lines of a run as an aligned table, or as one in Markdown. */
export function benchTable(lines: readonly BenchLine[], style: 'plain' | 'markdown'): string {
  const rows = [headings, ...lines.map(rowOf)].map((row) => row.map(cell))
  const widths = headings.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const padded = rows.map((row) => row.map((text, i) => text.padEnd(widths[i] ?? 0)))
  if (style === 'plain') return padded.map((row) => row.join('  ').trimEnd()).join('\n')
  const rule = widths.map((width) => '-'.repeat(width))
  const [first = [], ...others] = padded
  return [first, rule, ...others].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
