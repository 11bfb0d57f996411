import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HeatMap, heatMap } from '../../../lib/web/charts/heat-map.ts'
import { elementsNamed, parsedXml, textOf } from './well-formed.ts'

const three: HeatMap = {
  title: 'Correlation',
  label: 'correlation',
  names: ['BTC', 'ETH', 'GOLD'],
  values: [1, 0.8, -0.25, 0.8, 1, undefined, -0.25, Number.NaN, 1],
}
const drawn = (map: HeatMap) => parsedXml(heatMap({ map }))
const titles = (map: HeatMap) => elementsNamed(drawn(map), 'title').map(textOf)
const square = (n: number): HeatMap => ({
  ...three,
  names: Array.from({ length: n }, (_, index) => `ASSET${index}`),
  values: Array.from({ length: n * n }, (_, at) => Math.sin(at)),
})

describe('a map of correlations', () => {
  test('names each pair with its number, and says where it is not known', () => {
    expect(titles(three)).toEqual(
      expect.arrayContaining(['BTC, ETH: 0.80', 'GOLD, BTC: -0.25', 'ETH, GOLD: not known', 'GOLD, ETH: not known']),
    )
    expect(elementsNamed(drawn(three), 'text').map(textOf)).toEqual(expect.arrayContaining(['0.80', '-0.25', '?']))
  })

  test('is stronger the further from zero, and differs in colour by sign', () => {
    const cells = elementsNamed(drawn(three), 'rect').filter(
      ({ attributes }) => attributes['fill-opacity'] !== undefined,
    )
    const [strong, weak] = [cells[0]?.attributes, cells[1]?.attributes]
    expect(Number(strong?.['fill-opacity']) / Number(weak?.['fill-opacity'])).toBeCloseTo(0.8 / 0.25, 1)
    expect(strong?.class).not.toBe(weak?.class)
  })

  test.each([1, 2, 40, 60, 100])('of %i names has room for every one that it writes', (n) => {
    const root = drawn(square(n))
    const width = Number(root.attributes.width)
    const height = Number(root.attributes.height)
    const cells = elementsNamed(root, 'rect').filter(({ attributes }) => attributes['fill-opacity'] !== undefined)
    expect(cells.length).toBe(n * n - n + 9)
    for (const { attributes } of cells) {
      expect(Number(attributes.x) + Number(attributes.width)).toBeLessThanOrEqual(width)
      expect(Number(attributes.y) + Number(attributes.height)).toBeLessThanOrEqual(height)
    }
    if (n <= 60 && n > 1) expect(Number(cells[0]?.attributes.width)).toBeGreaterThanOrEqual(19)
  })

  test('is well-formed and never throws, whatever it is given', () => {
    const value = fc.option(fc.oneof(fc.double(), fc.double({ min: -1, max: 1 })), { nil: undefined })
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 6 }),
        fc.array(value, { maxLength: 40 }),
        fc.string(),
        (names, values, title) => {
          parsedXml(heatMap({ map: { title, label: title, names, values }, width: 500 }))
        },
      ),
    )
  })
})
