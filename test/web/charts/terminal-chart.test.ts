import { expect, test } from 'vitest'
import { terminalChart } from '../../../lib/web/charts/terminal-chart.ts'

test('a straight line rises from corner to corner, with its axis, its zero and its marker', () => {
  const text = terminalChart({
    chart: {
      title: 'Line',
      x: { label: 'x' },
      panels: [
        {
          title: 'y',
          series: [
            {
              name: 'y',
              points: [
                [-1, -1],
                [1, 1],
              ],
            },
          ],
        },
      ],
      markers: [{ at: 0, label: 'now' }],
    },
    width: 40,
    height: 12,
    ascii: true,
  })
  expect(text.split('\n')).toEqual(text.split('\n').map((row) => row.slice(0, 40)))
  expect(text).toContain(': now 0')
})
