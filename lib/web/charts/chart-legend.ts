// What stands under a chart: names of lines that have no label of their own, shaded ranges, and what could not be shown.

import { html, type Markup } from '../markup.ts'
import type { ChartContent } from './chart-content.ts'
import { colourClass, dashOf } from './palette.ts'
import { fitted, wrapped } from './plain-text.ts'
import { labelWidth } from './svg-heading.ts'
import { box, dashAttribute, px, textAt } from './svg-parts.ts'

export interface LegendParams {
  readonly content: ChartContent
  readonly withNames: boolean
  readonly left: number
  readonly right: number
  /** Top edge. */
  readonly top: number
}

export interface Legend {
  readonly height: number
  readonly parts: readonly Markup[]
}

const rowHeight = 18
const swatch = 26

/** Entries in even columns, then one line for each note. */
export function chartLegend({ content, withNames, left, right, top }: LegendParams): Legend {
  const entries = [...(withNames ? content.names.map(nameEntry) : []), ...content.bands.map(bandEntry)]
  const room = right - left
  const widest = Math.max(0, ...entries.map(({ text }) => labelWidth(text))) + swatch + 16
  const columns = Math.max(1, Math.floor(room / widest))
  const width = columns === 1 ? room : widest
  const rows = Math.ceil(entries.length / columns)
  const drawn = entries.map(({ text, sample }, index) => {
    const x = left + (index % columns) * width
    const y = top + Math.floor(index / columns) * rowHeight + 12
    const shown = fitted(text, width - swatch - 8, labelWidth)
    return html`<g>${shown === text ? undefined : html`<title>${text}</title>`}${sample(x, y - 4)}${textAt({ x: x + swatch, y, text: shown })}</g>`
  })
  const lines = content.notes.flatMap((note) => wrapped(note, room, labelWidth))
  const notes = lines.map((text, index) =>
    textAt({ x: left, y: top + (rows + index) * rowHeight + 12, text, look: 'soft' }),
  )
  return { height: (rows + notes.length) * rowHeight, parts: [...drawn, ...notes] }
}

interface Entry {
  readonly text: string
  readonly sample: (x: number, y: number) => Markup
}

function nameEntry({ name, style }: ChartContent['names'][number]): Entry {
  return {
    text: name,
    sample: (x, y) =>
      style.isMarks
        ? html`<circle class="f ${colourClass(style)}" cx="${px(x + 10)}" cy="${px(y)}" r="3"/>`
        : html`<path class="l ${colourClass(style)}"${dashAttribute(dashOf(style))} d="M${px(x)},${px(y)}h20"/>`,
  }
}

function bandEntry({ text }: ChartContent['bands'][number]): Entry {
  return { text, sample: (x, y) => box('band outlined', x, y - 5, 20, 10) }
}
