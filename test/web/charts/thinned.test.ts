import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stretches, thinned } from '../../../lib/web/charts/thinned.ts'

const point = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -9, max: 9 }))
const lines = fc.array(fc.option(point, { nil: undefined, freq: 8 }), { maxLength: 80 })
const columnOf = (x: number) => Math.floor(x / 10)

test('a thinned line keeps the first, last, lowest and highest of each stay in a column, and nothing else', () => {
  fc.assert(
    fc.property(lines, (line) => {
      const stays = (whole: typeof line) => {
        const found: [number, number][][] = []
        let before: number | undefined
        for (const item of whole) {
          const column = item && columnOf(item[0])
          if (item !== undefined && column === before) found.at(-1)?.push(item)
          else if (item !== undefined) found.push([item])
          before = column
        }
        return found
      }
      const outline = (stay: [number, number][]) => {
        const ys = stay.map(([, y]) => y)
        return [stay[0], stay.at(-1), Math.min(...ys), Math.max(...ys)]
      }
      const kept = thinned(line, columnOf)
      expect(stays(kept as typeof line).map(outline)).toEqual(stays(line).map(outline))
      expect(stays(kept as typeof line).every(({ length }) => length <= 4)).toBe(true)
    }),
  )
})

test('gaps stay gaps, however many', () => {
  const line = [undefined, [0, 1], undefined, undefined, [1, 1], [2, 1], undefined] as const
  expect(stretches(thinned(line, (x) => x))).toEqual([
    [[0, 1]],
    [
      [1, 1],
      [2, 1],
    ],
  ])
})
