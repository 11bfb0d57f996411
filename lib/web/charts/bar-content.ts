// What of a set of bars can be drawn, and its texts: worked out once, for the picture and the terminal alike.

import type { Bars, Figures } from './chart.ts'
import { type Domain, extentOf, flushed, isMeasured, labelled } from './chart-content.ts'
import { plainText } from './plain-text.ts'
import { compactText, figureText } from './tick-figures.ts'

export interface BarRow {
  readonly name: string
  /** Absent where it is not known. */
  readonly value: number | undefined
  /** The value with its sign, or that it is not known. */
  readonly text: string
  /** The same in three digits: a number that does not fit is rounded, never cut. */
  readonly compact: string
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
    const texts =
      known === undefined
        ? { text: 'not known', compact: 'not known' }
        : { text: signed(known, figureText(known, figures)), compact: signed(known, compactText(known, figures)) }
    return { name: plainText(name), value: known, ...texts }
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

export interface BarRooms {
  /** What stands at the bars' ends. */
  readonly rows: readonly BarRow[]
  /** Widest name, losses and gains, each with its gap. */
  readonly names: number
  readonly losses: number
  readonly gains: number
}

/**
 * How much room names and values get in a width, in any unit: values whole if at least a fifth is left for the bars, else compact;
 * names a third at most.
 */
export function barRooms(
  given: readonly BarRow[],
  { width, gap, widthOf }: { readonly width: number; readonly gap: number; readonly widthOf: (text: string) => number },
): BarRooms {
  const wanted = Math.min(width / 3, Math.max(0, ...given.map(({ name }) => widthOf(name) + gap)))
  const sides = (rows: readonly BarRow[]) => {
    const room = (those: readonly BarRow[]) => Math.max(0, ...those.map(({ text }) => widthOf(text) + gap))
    const isLoss = ({ value }: BarRow) => value !== undefined && value < 0
    return { rows, losses: room(rows.filter(isLoss)), gains: room(rows.filter((row) => !isLoss(row))) }
  }
  const whole = sides(given)
  const fits = wanted + whole.losses + whole.gains <= width * 0.8
  const chosen = fits ? whole : sides(given.map((row) => ({ ...row, text: row.compact })))
  return { ...chosen, names: Math.max(0, Math.min(wanted, width * 0.9 - chosen.losses - chosen.gains)) }
}

const signed = (value: number, text: string) => (value > 0 ? `+${text}` : text)
