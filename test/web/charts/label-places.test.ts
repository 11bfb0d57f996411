import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labelLanes, spreadOut, withoutOverlap } from '../../../lib/web/charts/label-places.ts'

describe('labels beside vertical lines', () => {
  const label = fc.record({ at: fc.integer({ min: 0, max: 100 }), width: fc.integer({ min: 1, max: 60 }) })

  test('never cover each other, nor leave the bounds', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 10 }), (labels) => {
        const places = labelLanes({ labels, from: 0, to: 100, gap: 2, maxLanes: 4 })
        const boxes = places.flatMap((place, index) =>
          place === undefined ? [] : [{ ...place, end: place.start + (labels[index]?.width ?? 0) }],
        )
        expect(boxes.every(({ start, end }) => start >= 0 && end <= 100)).toBe(true)
        for (const [index, one] of boxes.entries()) {
          for (const other of boxes.slice(index + 1)) {
            if (one.lane === other.lane) expect(one.end <= other.start || other.end <= one.start).toBe(true)
          }
        }
      }),
    )
  })

  test('stand in one lane where there is room', () => {
    const labels = [
      { at: 10, width: 20 },
      { at: 50, width: 20 },
    ]
    expect(labelLanes({ labels, from: 0, to: 100, gap: 2, maxLanes: 4 })).toEqual([
      { lane: 0, start: 12 },
      { lane: 0, start: 52 },
    ])
  })

  test('climb from right to left, so that no line crosses a label', () => {
    const labels = [
      { at: 10, width: 40 },
      { at: 20, width: 40 },
      { at: 30, width: 40 },
    ]
    expect(labelLanes({ labels, from: 0, to: 100, gap: 2, maxLanes: 4 }).map((place) => place?.lane)).toEqual([2, 1, 0])
  })

  test('stand left of a line near the right edge', () => {
    expect(labelLanes({ labels: [{ at: 95, width: 20 }], from: 0, to: 100, gap: 2, maxLanes: 1 })).toEqual([
      { lane: 0, start: 73 },
    ])
  })
})

describe('labels at the ends of curves', () => {
  test('keep their distance, their order and the bounds, or say that there is no room', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 150, noNaN: true }), { maxLength: 14 }), (wanted) => {
        const places = spreadOut(wanted, { from: 0, to: 100, distance: 10 })
        expect(places === undefined).toBe(wanted.length > 11)
        if (places === undefined) return
        const sorted = places.toSorted((a, b) => a - b)
        for (const [index, place] of sorted.entries()) {
          expect(place).toBeGreaterThanOrEqual(-1e-9)
          expect(place).toBeLessThanOrEqual(100 + 1e-9)
          if (index > 0) expect(place - (sorted[index - 1] ?? place)).toBeGreaterThanOrEqual(10 - 1e-9)
        }
        for (const [one, first] of wanted.entries()) {
          for (const [other, second] of wanted.entries()) {
            if (first < second) expect(places[one]).toBeLessThan(places[other] ?? Number.NEGATIVE_INFINITY)
          }
        }
      }),
    )
  })

  test('stay where they are wanted if they do not collide, and part evenly if they do', () => {
    expect(spreadOut([80, 20], { from: 0, to: 100, distance: 10 })).toEqual([80, 20])
    expect(spreadOut([50, 50], { from: 0, to: 100, distance: 10 })).toEqual([45, 55])
    expect(spreadOut([99, 100], { from: 0, to: 100, distance: 10 })).toEqual([90, 100])
  })
})

test('labels that would overlap give way to those of a better rank', () => {
  const label = (at: number, rank: number) => ({ at, rank, text: 'xxxx' })
  const kept = withoutOverlap([label(0, 1), label(3, 0), label(6, 1), label(9, 1)], (text) => text.length, 1)
  expect(kept.map(({ at }) => at)).toEqual([3, 9])
})
