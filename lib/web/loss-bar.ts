// Bars of tables. Attributes only, since the content policy allows no style attributes.

import { html, type Markup } from './markup.ts'

/** From the middle, -1..1: losses to the left. */
export function lossBar(part: number): Markup {
  const width = Math.min(50, Math.abs(part) * 50)
  const x = part < 0 ? 50 - width : 50
  const fill = part < 0 ? 'var(--bad)' : 'var(--good)'
  return html`<svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true"><rect x="${x.toFixed(2)}" y="2" width="${width.toFixed(2)}" height="10" fill="${fill}"/><rect x="49.7" y="0" width=".6" height="14" fill="var(--bar)"/></svg>`
}

/** From the left, 0..2: a line in the middle is the threshold. */
export function reachBar(reach: number, tone: string): Markup {
  const width = Math.min(100, reach * 50)
  const fill = tone === 'bad' ? 'var(--bad)' : tone === 'warn' ? 'var(--warn)' : 'var(--bar)'
  return html`<svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="3" width="${width.toFixed(2)}" height="8" fill="${fill}"/><rect x="49.5" y="0" width="1" height="14" fill="var(--ink)"/></svg>`
}
