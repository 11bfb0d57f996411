// The portfolio on a terminal: what the page shows, in a dozen aligned lines.

import type { PortfolioView } from '../lib/web/portfolio-view.ts'
import { colours as pc } from './colours.ts'

/** Lines of text; colours only if the stream of the caller is a terminal (picocolors sees to it). */
export function terminalView(view: PortfolioView): readonly string[] {
  const state = view.state.kind === 'FRESH' ? pc.green('FRESH') : pc.red(view.state.kind)
  const lines = [
    `${pc.bold(view.name)}  ${view.blocks.join(', ')}  data ${state}, ${view.state.age} old`,
    ...view.state.reasons.slice(0, 5).map((reason) => `  ${pc.red('!')} ${reason}`),
    row('Net asset value', view.nav, view.navChange === undefined ? '' : `${view.navChange} since the last snapshot`),
  ]
  for (const health of view.health) {
    const nearest = health.liquidations[0]
    const distance =
      nearest === undefined
        ? 'no price move liquidates it'
        : `liquidated if ${nearest.underlying} goes ${nearest.side} ${nearest.price} (${nearest.distance})`
    lines.push(row(`Health factor, ${health.label}`, toned(health.tone, health.factor), distance))
  }
  for (const delta of view.netDelta)
    lines.push(row(`Net delta ${delta.underlying}`, delta.delta, `${delta.usd} at ${delta.price}`))
  for (const position of view.positions)
    lines.push(row(`  ${position.label}`, position.value, position.state === 'FRESH' ? '' : pc.red(position.state)))
  const open = view.orders.find((order) => !order.ended)
  if (open !== undefined) {
    lines.push(row('Open order', open.status, open.summary))
    lines.push(row('', `${open.approvals} of ${open.requiredApprovals}`, `approvals; ${open.validity}`))
  }
  const told = view.alerts[0]
  if (told !== undefined) lines.push(row('Latest alert', told.severity, told.title))
  return lines
}

/** Columns that stay where they are, colours not counted. */
function row(name: string, value: string, note: string): string {
  return `${name.padEnd(26)} ${' '.repeat(Math.max(0, 16 - plain(value).length))}${value}  ${pc.dim(note)}`.trimEnd()
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
  return text.replace(/\x1b\[[0-9;]*m/g, '')
}

function toned(tone: 'good' | 'warn' | 'bad' | 'plain', text: string): string {
  return tone === 'good' ? pc.green(text) : tone === 'warn' ? pc.yellow(text) : tone === 'bad' ? pc.red(text) : text
}
