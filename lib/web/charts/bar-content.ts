// What of a set of bars can be drawn, and its texts: worked out once, for the picture and the terminal alike.

import type { Bars, Figures } from './chart.ts'
import { type Domain, extentOf, flushed, isMeasured, labelled } from './chart-content.ts'
import { plainText } from './plain-text.ts'
import { figureText } from './tick-figures.ts'

export interface BarRow {
  readonly name: string
  /** Absent where it is not known. */
  readonly value: number | undefined
  /** The value with its sign, or that it is not known. */
  readonly text: string
}

export interface BarContent {
  readonly title: string
  readonly subtitle: string | undefined
  /** What is measured and in which unit. */
  readonly label: string
  readonly figures: Figures
  readonly rows: readonly BarRow[]
  /** From the lowest to the highest value, with zero. */
  readonly extent: Domain
}

/** Never throws: a value that is not a finite number is one that is not known. */
export function barContent(bars: Bars): BarContent {
  const figures = bars.figures ?? 'plain'
  const rows = bars.bars.map(({ name, value }) => {
    const known = isMeasured(value) ? flushed(value) : undefined
    return { name: plainText(name), value: known, text: known === undefined ? 'not known' : signed(known, figures) }
  })
  return {
    title: plainText(bars.title),
    subtitle: bars.subtitle === undefined ? undefined : plainText(bars.subtitle),
    label: labelled(bars.label ?? '', bars.unit),
    figures,
    rows,
    extent: extentOf([0, ...rows.flatMap(({ value }) => (value === undefined ? [] : [value]))]) ?? [0, 0],
  }
}

function signed(value: number, figures: Figures): string {
  const text = figureText(value, figures)
  return value > 0 ? `+${text}` : text
}
