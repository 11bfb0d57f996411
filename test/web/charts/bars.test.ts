import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barChart } from '../../../lib/web/charts/bar-chart.ts'
import type { Bars } from '../../../lib/web/charts/chart.ts'
import { columnsOf } from '../../../lib/web/charts/plain-text.ts'
import { terminalBars } from '../../../lib/web/charts/terminal-bars.ts'
import { anyBars } from './arbitrary-chart.ts'
import { overlaps, textBoxes } from './text-boxes.ts'
import { elementsNamed, parsedXml, textOf } from './well-formed.ts'

const stress: Bars = {
  title: 'Stress',
  label: 'change in value',
  unit: 'USD',
  figures: 'usd',
  bars: [
    { name: 'ETH -50%', value: -1_200_000 },
    { name: 'ETH +50%', value: 600_000 },
    { name: 'gas x10', value: -300 },
    { name: 'blind', value: undefined },
    { name: 'NaN', value: Number.NaN },
    { name: 'none', value: 0 },
  ],
}

const drawnBars = (bars: Bars) =>
  elementsNamed(parsedXml(barChart({ bars })), 'rect').filter(({ attributes }) => /^f c/.test(attributes.class ?? ''))
const texts = (bars: Bars) => elementsNamed(parsedXml(barChart({ bars })), 'text').map(textOf)

describe('bars', () => {
  test('grow from a common zero in proportion, losses to the left and gains to the right', () => {
    const [loss, gain, small] = drawnBars(stress).map(({ attributes }) => ({
      left: Number(attributes.x),
      width: Number(attributes.width),
      look: attributes.class,
    }))
    expect(loss?.width).toBeCloseTo(2 * (gain?.width ?? 0), 0)
    expect((loss?.left ?? 0) + (loss?.width ?? 0)).toBeCloseTo(gain?.left ?? 0, 0)
    expect(loss?.look).not.toBe(gain?.look)
    expect(small?.width).toBe(1)
  })

  test('have no bar for what is not known, which is not the same as nothing', () => {
    expect(drawnBars(stress)).toHaveLength(3)
    expect(texts(stress).filter((text) => text === 'not known')).toHaveLength(2)
    expect(texts(stress)).toEqual(
      expect.arrayContaining(['-$1,200,000', '+$600,000', '-$300.00', 'change in value, USD']),
    )
  })

  test('say so when there are none', () => {
    const none: Bars = { title: 'None', bars: [] }
    expect(texts(none)).toContain('no data')
    expect(terminalBars({ bars: none })).toBe('None\nno data\n')
  })

  test.each([
    ['all losses', [-1, -2]],
    ['all gains', [1, 2]],
    ['only zero', [0]],
    ['huge and tiny', [1e18, -1e-18]],
  ])('of %s have a zero line within the picture', (_, values) => {
    const bars: Bars = { title: 't', bars: values.map((value) => ({ name: `${value}`, value })) }
    const [zero] = elementsNamed(parsedXml(barChart({ bars })), 'line').filter(
      ({ attributes }) => attributes.class === 'zero',
    )
    expect(Number(zero?.attributes.x1)).toBeGreaterThan(0)
    expect(Number(zero?.attributes.x1)).toBeLessThan(900)
  })

  test('are drawn in a terminal to the character', () => {
    expect(terminalBars({ bars: stress, width: 60 }).split('\n')).toEqual([
      'Stress',
      'change in value, USD',
      'ETH -50% -$1,200,000 ██████████████████│',
      'ETH +50%                               │█████████ +$600,000',
      ' gas x10                     -$300.00 ▐│',
      '   blind                               │ not known',
      '     NaN                               │ not known',
      '    none                               │ $0',
      '',
    ])
    expect(terminalBars({ bars: stress, width: 60, ascii: true })).toContain(
      'ETH +50%                               |######### +$600,000\n',
    )
  })

  test('round a number that does not fit, and never cut it', () => {
    const values = [-123_456_789_012, 123_456_789_012]
    const bars: Bars = {
      title: 't',
      figures: 'usd',
      bars: values.map((value) => ({ name: 'a long name '.repeat(9), value })),
    }
    const text = terminalBars({ bars, width: 40 })
    expect(text).toMatch(/ -\$123B ▐?█+│\n/)
    expect(text).toMatch(/│█+▌? \+\$123B\n/)
    expect(texts(bars)).toContain('+$123,456,789,012')
    expect(elementsNamed(parsedXml(barChart({ bars, width: 320 })), 'text').map(textOf)).toContain('+$123B')
  })

  test('show each value whole, however the widths round', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -99_999, max: 99_999 }), { maxLength: 6 }),
        fc.integer({ min: 60, max: 90 }),
        (values, width) => {
          const bars: Bars = { title: 't', bars: values.map((value, index) => ({ name: `${index}`, value })) }
          const rows = terminalBars({ bars, width }).split('\n').slice(1)
          for (const [index, value] of values.entries()) {
            expect(rows[index]).toContain(`${value > 0 ? '+' : ''}${value.toLocaleString('en-US')}`)
          }
        },
      ),
    )
  })
})

test('any bars give a well-formed picture without overlap, and rows within the width', () => {
  fc.assert(
    fc.property(anyBars, fc.constantFrom(40, 80, 120), fc.boolean(), (bars, width, ascii) => {
      const root = parsedXml(barChart({ bars, width: width * 10 }))
      const values = ['line', 'rect', 'text']
        .flatMap((name) => elementsNamed(root, name))
        .flatMap(({ attributes }) => Object.values(attributes))
      expect(values.filter((value) => /NaN|Infinity|undefined/.test(value))).toEqual([])
      const boxes = textBoxes(root)
      expect(overlaps(boxes)).toEqual([])
      expect(boxes.filter(({ left, right }) => left < 0 || right > width * 10)).toEqual([])
      const text = terminalBars({ bars, width, ascii })
      expect(text.split('\n').filter((row) => columnsOf(row) > width)).toEqual([])
      if (ascii) expect(text).toMatch(/^[ -~\n]*$/)
    }),
    { numRuns: 100 },
  )
})
