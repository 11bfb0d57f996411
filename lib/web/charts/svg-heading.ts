// Title and subtitle of every SVG chart, and the measures that all of them share.

import { joined, type Markup } from '../markup.ts'
import { pixelsOf, wrapped } from './plain-text.ts'
import { textAt } from './svg-parts.ts'

/** Margin around everything, in pixels. */
export const edge = 22
const textSize = 12
const headingSize = 17
const headingLine = 23
const subtitleLine = 17

/** Pixels of text of the common size. */
export const labelWidth = (text: string) => pixelsOf(text, textSize)

/** The same in bold. */
export const boldWidth = (text: string, size: number) => pixelsOf(text, size) * 1.07

/** The wanted width, or the usual one; never too narrow for text. */
export function pictureWidth(wanted: number | undefined): number {
  return wanted === undefined || !Number.isFinite(wanted) ? 900 : Math.max(320, Math.round(wanted))
}

export interface HeadingParams {
  readonly title: string
  readonly subtitle: string | undefined
  readonly width: number
}

export interface Heading {
  readonly markup: Markup
  /** Where the chart may begin. */
  readonly bottom: number
}

export function chartHeading({ title, subtitle = '', width }: HeadingParams): Heading {
  const room = width - 2 * edge
  const titles = wrapped(title, room, (text) => boldWidth(text, headingSize), 2)
  const subtitles = wrapped(subtitle, room, labelWidth)
  const first = edge + 12
  const second = first + Math.max(0, titles.length - 1) * headingLine + 21
  const last = subtitles.length === 0 ? second - 21 : second + (subtitles.length - 1) * subtitleLine
  return {
    markup: joined([
      ...titles.map((text, index) => textAt({ x: edge, y: first + index * headingLine, text, look: 'heading' })),
      ...subtitles.map((text, index) => textAt({ x: edge, y: second + index * subtitleLine, text, look: 'soft' })),
    ]),
    bottom: last + 12,
  }
}
