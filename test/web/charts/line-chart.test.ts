import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chart, ChartPoint, ChartSeries } from '../../../lib/web/charts/chart.ts'
import { lineChart } from '../../../lib/web/charts/line-chart.ts'
import { terminalChart } from '../../../lib/web/charts/terminal-chart.ts'
import { anyChart } from './arbitrary-chart.ts'
import { overlaps, textBoxes } from './text-boxes.ts'
import { elementsNamed, parsedXml, textOf, type XmlElement } from './well-formed.ts'

const range = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1))

const book: Chart = {
  title: 'Book over spot',
  x: { label: 'spot', unit: 'USD', figures: 'usd' },
  panels: [
    {
      title: 'Value',
      unit: 'USD',
      figures: 'usd',
      series: [
        { name: 'today', points: range(1000, 3000, 201).map((x) => [x, (x - 2000) / 10 + Math.sin(x / 300)]) },
        {
          name: 'at expiry',
          dashed: true,
          points: range(1000, 3000, 201).map((x) => [x, Math.max(0, (x - 2000) / 9)]),
        },
      ],
    },
    {
      title: 'Delta',
      unit: 'ETH',
      series: [{ name: 'today', points: range(1000, 3000, 201).map((x) => [x, x / 3000]) }],
    },
  ],
  markers: [
    { at: 2412, label: 'spot' },
    { at: 2400, label: 'strike' },
    { at: 2500, label: 'strike' },
    { at: 800, label: 'liquidation' },
    { at: 3500, label: 'barrier' },
  ],
  bands: [{ from: 1800, to: 2200, label: 'in range' }],
}

const single = (points: readonly ChartPoint[], x: Partial<Chart['x']> = {}): Chart => ({
  title: 'One line',
  x: { label: 'x', ...x },
  panels: [{ title: 'y', series: [{ name: 'y', points }] }],
})

const drawn = (chart: Chart, width?: number) => parsedXml(lineChart({ chart, width }))
const texts = (root: XmlElement) => elementsNamed(root, 'text').map(textOf)
const paths = (root: XmlElement) =>
  elementsNamed(root, 'path').filter(({ attributes }) => /^l c\d/.test(attributes.class ?? ''))
const pathData = (root: XmlElement) => paths(root).map(({ attributes }) => attributes.d ?? '')
const coordinates = (data: string) =>
  [...data.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const)

describe('a line chart', () => {
  test('is one image that scales, with a name and a description in words', () => {
    const root = drawn(book)
    expect(root.name).toBe('svg')
    expect(root.attributes).toMatchObject({ role: 'img', xmlns: 'http://www.w3.org/2000/svg' })
    expect(root.attributes.viewBox).toBe(`0 0 900 ${root.attributes.height}`)
    const [title, description] = root.children.flatMap((child) => (typeof child === 'string' ? [] : [child]))
    expect(title && textOf(title)).toBe('Book over spot')
    expect(description && textOf(description)).toMatch(
      /^Over spot, USD from \$1,000 to \$3,000\. Value, USD: from .*Marked: strike at \$2,400;/,
    )
  })

  test('needs nothing from elsewhere and follows the colour scheme', () => {
    const svg = lineChart({ chart: book })
    expect(svg).not.toMatch(/url\(|@import|href|<script/)
    expect(svg).toContain('@media (prefers-color-scheme:dark)')
  })

  test('labels the places within the range, and tells of those outside of it', () => {
    const found = texts(drawn(book))
    expect(found).toEqual(
      expect.arrayContaining(['spot $2,412', 'strike $2,400', 'strike $2,500', 'in range, $1,800 to $2,200']),
    )
    expect(found).toContain('Not shown, below the range: liquidation $800.00.')
    expect(found).toContain('Not shown, above the range: barrier $3,500.')
  })

  test('writes the same text for the same chart', () => {
    expect(lineChart({ chart: book })).toBe(lineChart({ chart: structuredClone(book) }))
  })

  test.each([320, 500, 900, 1600])('has no text over another nor outside of the picture at %i pixels', (width) => {
    const root = drawn(book, width)
    const boxes = textBoxes(root)
    expect(overlaps(boxes)).toEqual([])
    expect(boxes.filter(({ left, right }) => left < 0 || right > width)).toEqual([])
  })

  test('shows zero as a line wherever it is in sight', () => {
    const zeros = (points: readonly ChartPoint[]) =>
      elementsNamed(drawn(single(points)), 'line').filter(({ attributes }) => attributes.class === 'zero').length
    expect(
      zeros([
        [0, -1],
        [1, 1],
      ]),
    ).toBe(1)
    expect(
      zeros([
        [0, 1],
        [1, 4],
      ]),
    ).toBe(1)
    expect(
      zeros([
        [0, 100],
        [1, 101],
      ]),
    ).toBe(0)
  })
})

describe('a gap', () => {
  test.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    'of %s breaks the line and is told, never drawn as zero',
    (missing) => {
      const root = drawn(
        single([
          [0, 5],
          [1, 6],
          [2, missing],
          [3, 7],
          [4, 8],
        ]),
      )
      const [data = ''] = pathData(root)
      expect(data.match(/M/g)).toHaveLength(2)
      expect(coordinates(data)).toHaveLength(4)
      expect(texts(root)).toContain('y: 1 of 5 points have no value.')
    },
  )

  test('around a single point leaves a dot', () => {
    const root = drawn(
      single([
        [0, 5],
        [1, 6],
        [2, undefined],
        [3, 7],
        [4, undefined],
      ]),
    )
    expect(elementsNamed(root, 'circle')).toHaveLength(1)
  })

  test('on a logarithmic axis is what is not above zero', () => {
    const root = drawn(
      single(
        [
          [-1, 5],
          [0, 5],
          [10, 6],
          [100, 7],
        ],
        { scale: 'log' },
      ),
    )
    expect(texts(root)).toContain(
      '2 of 4 points are left out: their x is not a number above zero, which this scale needs.',
    )
    expect(coordinates(pathData(root)[0] ?? '').length + 1).toBeGreaterThanOrEqual(2)
  })
})

describe('an edge case', () => {
  test.each<readonly [string, Chart]>([
    ['no panels', { title: 'None', x: { label: 'x' }, panels: [] }],
    [
      'no series',
      { title: 'None', x: { label: 'x' }, panels: [{ title: 'y', series: [] }], markers: [{ at: 1, label: 'now' }] },
    ],
    ['no points', single([])],
    [
      'only gaps',
      single([
        [1, undefined],
        [2, Number.NaN],
      ]),
    ],
  ])('of %s still gives a chart that says so', (_, chart) => {
    const root = drawn(chart)
    expect(pathData(root).filter((data) => data !== '')).toEqual([])
    if (chart.panels.length > 0) expect(texts(root)).toContain('no data')
  })

  test('of one point is a dot in the middle with ticks around it', () => {
    const root = drawn(single([[5, -3]]))
    const [dot] = elementsNamed(root, 'circle')
    expect(dot).toBeDefined()
    expect(new Set(texts(root)).size).toBeGreaterThan(5)
  })

  test.each([0, 7, -1e18, 1e-18])('of a constant %f is a level line between distinct ticks', (value) => {
    const root = drawn(
      single([
        [0, value],
        [1, value],
        [2, value],
      ]),
    )
    const heights = new Set(coordinates(pathData(root)[0] ?? '').map(([, y]) => y))
    expect(heights.size).toBe(1)
    const ticks = elementsNamed(root, 'text')
      .filter(({ attributes }) => attributes['text-anchor'] === 'end')
      .map(textOf)
    expect(ticks.length).toBeGreaterThan(2)
    expect(new Set(ticks).size).toBe(ticks.length)
  })

  test('of all-negative values keeps to them, with zero only if it is near', () => {
    expect(
      texts(
        drawn(
          single([
            [0, -5],
            [1, -1],
          ]),
        ),
      ),
    ).toContain('0')
    expect(
      texts(
        drawn(
          single([
            [3, -105],
            [4, -101],
          ]),
        ),
      ),
    ).not.toContain('0')
  })

  test.each([1e-18, 1e18])('of magnitude %f has short ticks', (size) => {
    const root = drawn(
      single([
        [size, -size],
        [2 * size, 3 * size],
      ]),
    )
    const ticks = texts(root).filter((text) => /\d/.test(text))
    expect(ticks.length).toBeGreaterThan(4)
    expect(ticks.every((text) => text.length <= 9)).toBe(true)
  })

  test('of forty series tells them apart by colour and dash, and names each in the legend', () => {
    const series: ChartSeries[] = range(0, 39, 40).map((phase) => ({
      name: `series ${phase}`,
      points: range(0, 10, 50).map((x) => [x, Math.sin(x + phase / 5)]),
    }))
    const root = drawn({ title: 'Forty', x: { label: 'x' }, panels: [{ title: 'y', series }] })
    const looks = paths(root).map(({ attributes }) => `${attributes.class} ${attributes['stroke-dasharray']}`)
    expect(new Set(looks).size).toBe(40)
    expect(texts(root)).toEqual(expect.arrayContaining(series.map(({ name }) => name)))
    expect(overlaps(textBoxes(root))).toEqual([])
  })

  test('of very long names keeps them in the picture', () => {
    const long = 'a very long name that goes on '.repeat(20)
    const chart: Chart = {
      title: long,
      subtitle: long,
      x: { label: long },
      panels: [
        {
          title: long,
          unit: long,
          series: [
            {
              name: long,
              points: [
                [0, 0],
                [1, 1],
              ],
            },
            {
              name: `b ${long}`,
              points: [
                [0, 1],
                [1, 0],
              ],
            },
          ],
        },
      ],
      markers: [
        { at: 0.5, label: long },
        { at: 2, label: long },
      ],
      bands: [{ from: 0, to: 0.5, label: long }],
    }
    const root = drawn(chart)
    const boxes = textBoxes(root)
    expect(overlaps(boxes)).toEqual([])
    expect(boxes.filter(({ left, right }) => left < 0 || right > 900).map(({ text }) => text)).toEqual([])
  })

  test('of names with markup shows them as they are', () => {
    const name = `<b>&"'</b> ]]>`
    const root = drawn({
      title: name,
      x: { label: name },
      panels: [
        {
          title: name,
          series: [
            {
              name: `${name}2`,
              points: [
                [0, 0],
                [1, 1],
              ],
            },
          ],
        },
      ],
    })
    expect(elementsNamed(root, 'b')).toEqual([])
    expect(texts(root).filter((text) => text.startsWith(name))).toHaveLength(4)
  })

  test('of a reversed axis runs from right to left', () => {
    const [start, end] = coordinates(
      pathData(
        drawn(
          single(
            [
              [0, 0],
              [1, 1],
            ],
            { reversed: true },
          ),
        ),
      )[0] ?? '',
    )
    expect(start?.[0]).toBeGreaterThan(end?.[0] ?? Number.POSITIVE_INFINITY)
    const [zero, one] = ['0.2', '0.8'].map((tick) => {
      return textBoxes(
        drawn(
          single(
            [
              [0, 5],
              [1, 6],
            ],
            { reversed: true },
          ),
        ),
      ).find(({ text }) => text === tick)
    })
    expect(zero?.left).toBeGreaterThan(one?.left ?? Number.POSITIVE_INFINITY)
  })

  test('of a time axis writes dates', () => {
    const day = 86_400
    const from = 1_704_067_200
    const root = drawn(
      single(
        range(from, from + 90 * day, 91).map((x) => [x, 1]),
        { scale: 'time' },
      ),
    )
    expect(texts(root)).toEqual(expect.arrayContaining(['7 Jan 2024', '21 Jan', '31 Mar']))
  })
})

describe('a line with more points than pixels', () => {
  test('is thinned without losing its extremes', () => {
    const points = range(0, 1, 200_000).map(
      (x, index): ChartPoint => [x, index === 123_457 ? 50 : index === 54_321 ? -50 : Math.sin(x * 900)],
    )
    const svg = lineChart({ chart: single(points) })
    expect(svg.length).toBeLessThan(80_000)
    const ys = coordinates(pathData(parsedXml(svg))[0] ?? '').map(([, y]) => y)
    // 50 and -50 lie between the grid lines of 60 and -60, in a plot of 320 pixels.
    expect(Math.max(...ys) - Math.min(...ys)).toBeCloseTo((100 / 120) * 320, 0)
  })
})

test('any chart gives a well-formed picture with finite coordinates, inside of which all texts stand without overlap', () => {
  fc.assert(
    fc.property(anyChart, fc.constantFrom(undefined, 320, 640, 1200), (chart, width) => {
      const svg = lineChart({ chart, width })
      const root = parsedXml(svg)
      const places = ['line', 'path', 'rect', 'circle', 'text'].flatMap((name) => elementsNamed(root, name))
      const values = places.flatMap(({ attributes }) => Object.values(attributes))
      expect(values.filter((value) => /NaN|Infinity|undefined/.test(value))).toEqual([])
      const boxes = textBoxes(root)
      expect(overlaps(boxes)).toEqual([])
      const [, , right = 0, bottom = 0] = (root.attributes.viewBox ?? '').split(' ').map(Number)
      expect(
        boxes.filter((box) => box.left < 0 || box.right > right + 1 || box.top < 0 || box.bottom > bottom),
      ).toEqual([])
    }),
    { numRuns: 100 },
  )
})

describe('a series of marks', () => {
  const points = [
    [1, 1],
    [2, 3],
    [3, 2],
  ] as const
  const chart: Chart = {
    title: 'Returns',
    x: { label: 'Date' },
    panels: [
      {
        title: 'BTC',
        series: [
          { name: 'return', points },
          { name: 'breach', points, isMarks: true },
        ],
      },
    ],
  }

  test('is a dot at each point, joined with none, and nothing is said to be missing', () => {
    const svg = lineChart({ chart })
    expect(svg.match(/<circle/g)).toHaveLength(3)
    expect(svg).not.toContain('have no value')
    expect(terminalChart({ chart }).match(/●/g)?.length).toBe(4)
  })

  test('has an absent value told as any other', () => {
    const broken = {
      ...chart,
      panels: [
        {
          title: 'BTC',
          series: [
            {
              name: 'breach',
              points: [
                [1, 1],
                [2, undefined],
              ],
              isMarks: true,
            },
          ],
        },
      ],
    } as const
    expect(lineChart({ chart: broken })).toContain('1 of 2 points have no value')
  })
})
