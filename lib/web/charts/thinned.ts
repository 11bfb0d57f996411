// A line of a million points as the few that a screen can show, without losing a peak.

import type { Line } from './chart-content.ts'

/**
 * The line with at most four points for each stay in a column of pixels: first, lowest, highest and last, in their order. The
 * picture is the same as that of all points. Gaps stay. (Jugel, Jerzak, Hackenbroich, Markl, 2014, "M4: A visualization-oriented
 * time series data aggregation".)
 * @param columnOf whole number of the column in which an x stands
 */
export function thinned(line: Line, columnOf: (x: number) => number): Line {
  const kept: (Line[number] | undefined)[] = []
  let start = 0
  while (start < line.length) {
    const first = line[start]
    if (first === undefined) {
      if (kept.length > 0 && kept.at(-1) !== undefined) kept.push(undefined)
      start += 1
      continue
    }
    const column = columnOf(first[0])
    let end = start + 1
    let lowest = start
    let highest = start
    for (; end < line.length; end += 1) {
      const point = line[end]
      if (point === undefined || columnOf(point[0]) !== column) break
      if (point[1] < (line[lowest]?.[1] ?? point[1])) lowest = end
      if (point[1] > (line[highest]?.[1] ?? point[1])) highest = end
    }
    const indices = [...new Set([start, lowest, highest, end - 1])].toSorted((a, b) => a - b)
    for (const index of indices) kept.push(line[index])
    start = end
  }
  return kept
}

/** The unbroken stretches of a line. */
export function stretches(line: Line): readonly (readonly (readonly [x: number, y: number])[])[] {
  const found: (readonly [number, number])[][] = [[]]
  for (const point of line) {
    if (point === undefined) found.push([])
    else found.at(-1)?.push(point)
  }
  return found.filter((stretch) => stretch.length > 0)
}
