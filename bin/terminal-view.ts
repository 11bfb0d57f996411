// The portfolio on a terminal: what the page shows, in a dozen aligned lines.

import { describeSpan } from '../lib/base/time.ts'
import type { PortfolioView } from '../lib/web/portfolio-view.ts'
import { colours as pc } from './colours.ts'

/** Lines of text; coloured, and cut at the terminal's width, only where standard output is a terminal. */
export function terminalView(view: PortfolioView): readonly string[] {
  const width = process.stdout.isTTY === true ? process.stdout.columns : undefined
  const lines = linesOf(view)
  return width === undefined ? lines : lines.map((line) => cut(line, width))
}

function linesOf(view: PortfolioView): readonly string[] {
  const state = view.state.kind === 'FRESH' ? pc.green('FRESH') : pc.red(view.state.kind)
  const lines = [
    `${pc.bold(view.name)}  ${view.blocks.join(', ')}  data ${state}, oldest price ${view.state.age}`,
    ...view.state.reasons.slice(0, 5).map((reason) => `  ${pc.red('!')} ${reason}`),
    ...view.chains.flatMap(chainLines),
    row('Net asset value', view.nav, navNote(view)),
  ]
  for (const health of view.health) {
    const nearest = health.liquidations[0]
    const distance =
      nearest === undefined
        ? 'no price move liquidates it'
        : `liquidated if ${nearest.underlying} goes ${nearest.side} ${nearest.price} (${nearest.distance})`
    lines.push(row(`Health factor, ${health.label}`, toned(health.tone, health.factor), distance))
  }
  lines.push(...riskLines(view))
  for (const { underlying, delta, usd, price, gamma, vega } of view.netGreeks) {
    const curved = [gamma === '0' ? '' : `gamma ${gamma} per 1 %`, vega === '0' ? '' : `vega ${vega} a point`]
    lines.push(row(`Net delta ${underlying}`, delta, [`${usd} at ${price}`, ...curved].filter(Boolean).join(', ')))
  }
  for (const { what, usd, unit } of view.carry) lines.push(row(what, usd, unit))
  for (const position of view.positions)
    lines.push(row(`  ${position.label}`, position.value, position.state === 'FRESH' ? '' : pc.red(position.state)))
  lines.push(...marketLines(view))
  const open = view.orders.find((order) => !order.ended)
  if (open !== undefined) {
    lines.push(row('Open order', open.state, open.summary))
    const validity = open.state === 'QUOTE OVER' ? `${open.validity}: it wants a new quote` : open.validity
    lines.push(row('', `${open.approvals} of ${open.requiredApprovals}`, `approvals; ${validity}`))
  }
  const last = view.orders.find((order) => order.ended)
  if (last !== undefined) lines.push(row('Last order', last.status, lastOrderNote(last)))
  const told = view.alerts[0]
  if (told !== undefined) lines.push(row('Latest alert', told.severity, told.title))
  const [said] = view.events
  if (said !== undefined) lines.push(row('A chain said', said.severity, `${said.says}, ${said.where}`))
  return lines
}

function navNote({ navChange, navWithout }: PortfolioView): string {
  if (navWithout !== undefined) return pc.yellow(`partial: without ${navWithout}`)
  return navChange === undefined ? '' : `${navChange} since the last snapshot`
}

/** The regime, the bad day and the odds of each account; one line says why they are not known. */
function riskLines({ at, market, tail }: PortfolioView): readonly string[] {
  const { regime, missing } = market
  const lines: string[] = []
  const made = market.madeUp === undefined ? '' : `${pc.yellow('MADE-UP PRICES')} `
  const age =
    tail.modelAt === undefined ? '' : `; by past prices up to ${describeSpan(Math.max(0, at - tail.modelAt))} ago`
  if (regime !== undefined)
    lines.push(row('Market', toned(regime.tone, regime.word), `${made}${regime.score}; ${regime.posture}`))
  else if (missing !== undefined) lines.push(row('Market', 'not known', missing))
  for (const { asset, price, deviation, tone } of market.pegs)
    if (tone === 'bad') lines.push(row(`Peg of ${asset}`, pc.red('broken'), `${price}, ${deviation} from its peg`))
  if (tail.headline !== undefined)
    lines.push(
      row(
        'Worst day in a hundred',
        tail.headline.usd,
        `${made}${tail.headline.share} of the value, expected shortfall${age}`,
      ),
    )
  else if (missing === undefined && tail.missing !== undefined)
    lines.push(row('Worst day in a hundred', 'not known', tail.missing))
  for (const one of tail.liquidations) {
    const goal = one.target === '' ? '' : `, ${one.loanToValueForTarget} ${one.target}`
    const note = `within a day, ${one.tenDays} within ten; loan-to-value ${one.loanToValue}${goal}`
    lines.push(row(`Liquidation of ${one.account}`, toned(one.tone, one.day), note))
  }
  return lines
}

/** What of the markets fits on a screen with the rest. */
const marketRows = 6

/** Lending markets and pools that the portfolio depends on, one line each. */
function marketLines({ telemetry: { markets, pools, holders } }: PortfolioView): readonly string[] {
  const lines = [
    ...markets.map(({ market, lentOut, tone, available, supplyCap, borrowCap, halted }) => {
      const caps = [
        available === '-' ? '' : `${available} available`,
        supplyCap === 'no cap' ? '' : `supply cap ${supplyCap}`,
        borrowCap === 'no cap' || borrowCap === '-' ? '' : `borrow cap ${borrowCap}`,
        halted === undefined ? '' : halted.toUpperCase(),
      ]
      const value = lentOut === '-' ? '' : toned(tone, lentOut === 'not read' ? lentOut : `${lentOut} lent out`)
      return row(`  ${market}`, value, caps.filter(Boolean).join(', '))
    }),
    ...pools.map(({ pool, sells, buys, fees }) =>
      row(`  ${pool}`, sells, `takes to -2 %, ${buys} to +2 %${fees === '-' ? '' : `; fees ${fees}`}`),
    ),
    ...holders.map(({ asset, topShare, complete }) =>
      row(`  ${asset} holders`, topShare, `in ten hands${complete ? '' : ', not all counted'}`),
    ),
  ]
  if (lines.length === 0) return []
  const more = lines.length - marketRows
  const rest = more > 0 ? [pc.dim(`  and ${more} more on the page`)] : []
  return [pc.dim('Markets we depend on'), ...lines.slice(0, marketRows), ...rest]
}

/** A chain that does well is told in one line, another with its reasons. */
function chainLines({ name, mode, tone, reasons, signs }: PortfolioView['chains'][number]): readonly string[] {
  return [
    `${name} ${toned(tone, mode)}  ${pc.dim(signs)}`,
    ...reasons.slice(0, 5).map((reason) => `  ${toned(tone, '!')} ${reason}`),
  ]
}

/** What came of an executed order; why another one ended. */
function lastOrderNote(order: PortfolioView['orders'][number]): string {
  const factor = order.outcome.find(({ what }) => what === 'Health factor')
  if (factor === undefined || factor.actual === '') return order.ending ?? order.summary
  const cost = order.outcome.find(({ what }) => what === 'Total cost')?.actual ?? order.cost
  return `predicted HF ${factor.predicted}, actual ${factor.actual}, cost ${cost}`
}

/** Columns that stay where they are, colours not counted. */
function row(name: string, value: string, note: string): string {
  return `${name.padEnd(34)} ${' '.repeat(Math.max(0, 16 - plain(value).length))}${value}  ${pc.dim(note)}`.trimEnd()
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
const colourCode = /(\x1b\[[0-9;]*m)/g

function plain(text: string): string {
  return text.replace(colourCode, '')
}

/** At most so many characters, colour codes not counted: all of these stay, for the last ones end the colours. */
function cut(line: string, width: number): string {
  if (plain(line).length <= width) return line
  let room = width - 1
  const parts = line.split(colourCode).map((part, index) => {
    if (index % 2 === 1) return part
    const shown = part.slice(0, Math.max(0, room))
    room -= shown.length
    return shown
  })
  return `${parts.join('')}…`
}

function toned(tone: 'good' | 'warn' | 'bad' | 'plain', text: string): string {
  return tone === 'good' ? pc.green(text) : tone === 'warn' ? pc.yellow(text) : tone === 'bad' ? pc.red(text) : text
}
