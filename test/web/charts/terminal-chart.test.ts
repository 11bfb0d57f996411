import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chart, ChartPoint, ChartSeries } from '../../../lib/web/charts/chart.ts'
import { columnsOf } from '../../../lib/web/charts/plain-text.ts'
import { terminalChart } from '../../../lib/web/charts/terminal-chart.ts'
import { anyChart } from './arbitrary-chart.ts'

const range = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1))

const single = (points: readonly ChartPoint[], rest: Partial<Chart> = {}): Chart => ({
  title: 'One line',
  x: { label: 'x' },
  panels: [{ title: 'y', series: [{ name: 'y', points }] }],
  ...rest,
})

const rowsOf = (text: string) => text.split('\n').slice(0, -1)

describe('a chart in a terminal', () => {
  test('is drawn in ASCII to the character', () => {
    const chart = single(
      [
        [-1, -1],
        [1, 1],
      ],
      { markers: [{ at: 0, label: 'now' }], bands: [{ from: 0.5, to: 1, label: 'high' }] },
    )
    expect(rowsOf(terminalChart({ chart, width: 40, height: 14, ascii: true }))).toEqual([
      'One line',
      'y',
      '                       : now 0',
      ' 1.0 +                 :             ***',
      '     |                 :       ******',
      ' 0.5 +                 :  *****',
      '   0 +--------------******--------------',
      '     |         *****   :',
      '-0.5 +   ******        :',
      '-1.0 +***              :',
      '     ++----------------+-------========+',
      '     -1                0               1',
      '                      x',
      '== high, 0.5 to 1',
    ])
  })

  test('is drawn with dots of Braille, eight to a character', () => {
    const chart = single([
      [-1, -1],
      [1, 1],
    ])
    expect(rowsOf(terminalChart({ chart, width: 40, height: 9 }))).toEqual([
      'One line',
      'y',
      ' 1 ┤                           ⢀⣀⣀⠤⠤⠒⠒⠊⠉',
      '   │                  ⣀⣀⡠⠤⠔⠒⠒⠉⠉⠁',
      ' 0 ┼┄┄┄┄┄┄┄┄⢀⣀⣀⠤⠤⠔⠒⠊⠉⠉┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄',
      '-1 ┤⣀⡠⠤⠤⠒⠒⠉⠉⠁',
      '   └┬────────┬────────┬───────┬────────┬',
      '  -1.0     -0.5       0      0.5     1.0',
      '                     x',
    ])
  })

  test('has no escape sequence unless it is given colours, and the same characters with them', () => {
    const chart = single(
      [
        [0, 0],
        [1, 1],
      ],
      { markers: [{ at: 0.5, label: 'now' }] },
    )
    const plain = terminalChart({ chart })
    const painted = terminalChart({
      chart,
      paint: {
        strong: (text) => `\u001b[1m${text}\u001b[22m`,
        faint: (text) => `\u001b[2m${text}\u001b[22m`,
        marker: (text) => `\u001b[33m${text}\u001b[39m`,
        series: (text, index) => `\u001b[3${index + 1}m${text}\u001b[39m`,
      },
    })
    expect(plain).not.toContain('\u001b')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(plain)
    expect(painted).toContain('\u001b[31m')
    expect(painted).toContain('\u001b[33mnow 0.5\u001b[39m')
  })

  test.each([24, 40, 60])('with three panels keeps to %i rows', (height) => {
    const panel = (title: string) => ({
      title,
      series: [
        {
          name: title,
          points: [
            [0, 0],
            [1, 1],
          ] as const,
        },
      ],
    })
    const chart: Chart = { title: 'Three', x: { label: 'x' }, panels: [panel('a'), panel('b'), panel('c')] }
    const rows = rowsOf(terminalChart({ chart, height }))
    expect(rows.length).toBeLessThanOrEqual(height)
    expect(rows.length).toBeGreaterThan(height - 3)
  })

  test('leaves a gap empty, and tells of it', () => {
    const chart = single([
      [0, 1],
      [1, 1],
      [2, undefined],
      [3, Number.NaN],
      [4, 1],
      [5, 1],
    ])
    const rows = rowsOf(terminalChart({ chart, width: 60, ascii: true }))
    const line = rows.find((row) => row.includes('*****')) ?? ''
    expect(line).toMatch(/\*{10,} {20,}\*{10,}/)
    expect(rows).toContain('y: 2 of 6 points have no value.')
  })

  test('tells of a marker outside of the range, and of labels that found no room', () => {
    const markers = [...range(0.5, 0.6, 12).map((at) => ({ at, label: `strike` })), { at: 9, label: 'barrier' }]
    const text = terminalChart({
      chart: single(
        [
          [0, 0],
          [1, 1],
        ],
        { markers },
      ),
    })
    expect(text).toContain('Not shown, above the range: barrier 9.')
    expect(text).toContain('Lines without a label: strike')
  })

  test('tells forty series apart by marks in ASCII', () => {
    const series: ChartSeries[] = range(0, 39, 40).map((level) => ({
      name: `level ${level}`,
      points: [
        [0, level],
        [1, level],
      ],
    }))
    const text = terminalChart({
      chart: { title: 'Forty', x: { label: 'x' }, panels: [{ title: 'y', series }] },
      ascii: true,
      height: 70,
    })
    const marks = rowsOf(text).flatMap((row) => /^ *\d* *[|+](.)\1{20,}$/.exec(row)?.[1] ?? [])
    expect(new Set(marks).size).toBe(40)
    for (const { name } of series) expect(text).toContain(name)
  })

  test('cannot be made to move the cursor or turn text around', () => {
    const evil = '\u001b[2J\u202edrow\u0007'
    const text = terminalChart({
      chart: single([[0, 0]], { title: evil, subtitle: evil, markers: [{ at: 0, label: evil }] }),
    })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })
})

test('any chart stays within its width, and within ASCII where that is asked', () => {
  fc.assert(
    fc.property(anyChart, fc.constantFrom(40, 80, 120), fc.boolean(), (chart, width, ascii) => {
      const text = terminalChart({ chart, width, ascii, height: 30 })
      expect(rowsOf(text).filter((row) => columnsOf(row) > width)).toEqual([])
      expect(text).not.toMatch(/undefined|\bNaN\b/)
      if (ascii) expect(text).toMatch(/^[ -~\n]*$/)
    }),
    { numRuns: 100 },
  )
})
