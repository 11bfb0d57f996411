// The tables of the console: rows of cells, which a phone shows one below the other.

import { html, type Markup } from './markup.ts'

export interface Cell {
  readonly show: Markup | string
  /** Style classes. */
  readonly kind?: string
}

/** A number: aligned to the right, in digits of equal width. */
export function figure(text: string): Cell {
  return { show: text, kind: 'figure' }
}

/** On a phone a `stacked` table puts the first cell of a row above the others, each under its name. */
export function table(params: {
  /** Absent: the table stands under a title already. */
  readonly title?: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly empty: string
  readonly phone: 'stacked' | 'narrow'
}): Markup {
  const { title, head, rows, empty, phone } = params
  const heading = title === undefined ? undefined : html`<h2>${title}</h2>`
  if (rows.length === 0) return html`${heading}<p class="soft">${empty}</p>`
  const body = rows.map((row) => {
    const cells = row.map(({ show, kind = '' }, index) => {
      return html`<td class="${kind}" data-label="${index === 0 ? '' : (head[index] ?? '')}">${show}</td>`
    })
    return html`<tr>${cells}</tr>`
  })
  return html`${heading}<div class="scroll"><table class="${phone}"><thead><tr>${head.map(
    (name, index) => html`<th class="${rows[0]?.[index]?.kind === 'left' ? 'left' : ''}">${name}</th>`,
  )}</tr></thead>
<tbody>${body}</tbody></table></div>`
}
