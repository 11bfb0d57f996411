import { describe, expect, test } from 'vitest'
import { dashOf, grounds, palette } from '../../../lib/web/charts/palette.ts'

type Rgb = readonly [number, number, number]

/** Linear light of a colour, 0 to 1 (IEC 61966-2-1). */
const linear = (hex: string): Rgb => {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b

/** WCAG 2.2, contrast ratio. */
const contrast = (one: string, other: string) => {
  const [high = 0, low = 0] = [luminance(linear(one)), luminance(linear(other))].toSorted((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

/** What is left of a colour without one kind of cone (Machado, Oliveira, Fernandes, 2009, severity 1.0). */
const visions: Readonly<Record<string, readonly Rgb[]>> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const seen = (rgb: Rgb, rows: readonly Rgb[]) =>
  rows.map((row) => Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]))) as unknown as Rgb

/** Oklab (Ottosson, 2020): 0.02 is just noticeable; colours at 0.1 are told apart at a glance. */
const oklab = ([r, g, b]: Rgb): Rgb => {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

const distance = (one: Rgb, other: Rgb) => Math.hypot(...one.map((value, index) => value - (other[index] ?? 0)))

describe.each(['light', 'dark'] as const)('the %s palette', (scheme) => {
  test('is readable as text on its ground', () => {
    expect(palette[scheme].filter((colour) => contrast(colour, grounds[scheme]) < 4.5)).toEqual([])
  })

  test.each(Object.keys(visions))('keeps neighbours, and the first four, apart for %s', (vision) => {
    const colours = palette[scheme].map((colour) => oklab(seen(linear(colour), visions[vision] ?? [])))
    const close = colours.flatMap((one, index) =>
      colours.slice(index + 1).flatMap((other, offset) => {
        const isNeighbour = offset === 0 || (index === 0 && offset === colours.length - 2)
        const matters = isNeighbour || index + offset + 1 < 4
        return matters && distance(one, other) < 0.1
          ? [`${palette[scheme][index]} ${palette[scheme][index + offset + 1]}`]
          : []
      }),
    )
    expect(close).toEqual([])
  })
})

test('a dash is as told, or tells neighbours apart', () => {
  expect(dashOf({ index: 3, dashed: false })).toEqual([])
  expect(dashOf({ index: 0, dashed: true })).not.toEqual([])
  for (let index = 0; index < 10; index += 1) {
    expect(dashOf({ index, dashed: undefined })).not.toEqual(dashOf({ index: index + 1, dashed: undefined }))
  }
})
