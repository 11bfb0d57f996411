// The elements that SVG charts are made of: everything from outside goes through the escaping tag, every coordinate through one rounding.

import { constant, html, joined, type Markup } from '../markup.ts'
import { styleSheet } from './palette.ts'
import { plainText } from './plain-text.ts'

/** A tenth of a pixel is enough, and makes equal charts equal text. */
export function px(value: number): string {
  const rounded = Math.round(value * 10) / 10
  return String(rounded === 0 ? 0 : rounded)
}

export interface TextParams {
  readonly x: number
  readonly y: number
  readonly text: string
  /** Space-separated classes of palette.ts. */
  readonly look?: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

export function textAt({ x, y, text, look, anchor }: TextParams): Markup {
  const end = anchor === undefined || anchor === 'start' ? undefined : html` text-anchor="${anchor}"`
  return html`<text x="${px(x)}" y="${px(y)}"${look === undefined ? undefined : html` class="${look}"`}${end}>${text}</text>`
}

export function straight(look: string, from: readonly [number, number], to: readonly [number, number]): Markup {
  return html`<line class="${look}" x1="${px(from[0])}" y1="${px(from[1])}" x2="${px(to[0])}" y2="${px(to[1])}"/>`
}

export function box(look: string, x: number, y: number, width: number, height: number): Markup {
  return html`<rect class="${look}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"/>`
}

/** An attribute only where there is a dash. */
export function dashAttribute(dash: readonly number[]): Markup | undefined {
  return dash.length === 0 ? undefined : html` stroke-dasharray="${dash.join(' ')}"`
}

export interface DocumentParams {
  readonly title: string
  /** The chart in words, for who cannot see it. */
  readonly description: string
  readonly width: number
  readonly height: number
  readonly parts: readonly (Markup | undefined | false)[]
}

/** A whole SVG document: scales with its place, follows the reader's colour scheme, and is one image to assistive technology. */
export function svgDocument({ title, description, width, height, parts }: DocumentParams): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}">
<title>${plainText(title)}</title>
<desc>${description}</desc>
<style>${constant(styleSheet)}</style>
${box('ground', 0, 0, width, height)}
${joined(parts, '\n')}
</svg>
`.html
}
