import { describe, expect, test } from 'vitest'
import type { Chart } from '../../../lib/web/charts/chart.ts'
import { lineChart } from '../../../lib/web/charts/line-chart.ts'
import { elementsNamed, parsedXml, textOf } from './well-formed.ts'

const chart: Chart = {
  title: 'Book over spot',
  x: { label: 'spot', unit: 'USD', figures: 'usd' },
  panels: [
    {
      title: 'Value',
      unit: 'USD',
      figures: 'usd',
      series: [
        {
          name: 'today',
          points: [
            [1000, -5],
            [2000, 0],
            [3000, 20],
          ],
        },
      ],
    },
    {
      title: 'Delta',
      series: [
        {
          name: 'today',
          points: [
            [1000, 0],
            [2000, 0.5],
            [3000, 1],
          ],
        },
      ],
    },
  ],
  markers: [
    { at: 2412, label: 'spot' },
    { at: 800, label: 'liquidation' },
  ],
}

const texts = (svg: string) => elementsNamed(parsedXml(svg), 'text').map(textOf)

describe('a line chart', () => {
  test('is one image with a name and a description in words', () => {
    const root = parsedXml(lineChart({ chart }))
    expect(root.name).toBe('svg')
    expect(root.attributes).toMatchObject({ role: 'img', xmlns: 'http://www.w3.org/2000/svg' })
    const [title, description] = root.children.flatMap((child) => (typeof child === 'string' ? [] : [child]))
    expect(title && textOf(title)).toBe('Book over spot')
    expect(description && textOf(description)).toContain('Value, USD: from -$5.00 to $20.00 (today).')
  })

  test('labels the places within the range and tells of those outside of it', () => {
    const found = texts(lineChart({ chart }))
    expect(found).toContain('spot $2,412')
    expect(found).toContain('Not shown: liquidation $800.00, below the range.')
  })
})
