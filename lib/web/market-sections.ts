// The market as a whole, what can be lost in it, and what large moves would do, as sections of the console.

import type { UnixSeconds } from '../base/units.ts'
import type { ChangeView } from './change-view.ts'
import { isoInstant } from './figures.ts'
import { lossBar, reachBar } from './loss-bar.ts'
import type { MarketView, RegimeSection } from './market-view.ts'
import { html, type Markup } from './markup.ts'
import { moment } from './moment.ts'
import { type Cell, figure, table } from './page-table.ts'
import type { HeatTable, SplitView, StressTestView } from './stress-view.ts'
import type { LossFigure, TailView } from './tail-view.ts'

export function marketSection(view: MarketView): Markup {
  const { regime, pegs, betas, missing } = view
  if (regime === undefined && pegs.length === 0 && betas.length === 0)
    return html`<h2>Market</h2><p class="soft">Not known: ${missing ?? 'the market model has no regime'}.</p>`
  return html`<h2>Market</h2>${pricesOf(view.modelAt, view)}${regime && regimePart(regime)}${pegTable(view)}${betaTable(view)}${modelNotes(view)}`
}

function regimePart(regime: RegimeSection): Markup {
  const { word, tone, since, score, posture, votes } = regime
  const rows = votes.map((vote) => [
    {
      show: html`${vote.name} <span class="small soft">${vote.pace}</span><span class="line small soft">${vote.details.join(', ')}</span>`,
    },
    { show: html`${vote.value}<span class="line small soft">limit ${vote.threshold}</span>`, kind: 'figure' },
    { show: vote.reach === undefined ? '' : reachBar(vote.reach, vote.tone), kind: 'meter' },
    { show: html`<span class="${vote.tone}">${vote.says}</span>` },
  ])
  const head = ['Vote', 'Value', '', 'Says']
  return html`<p><span class="pill ${tone}">${word}</span> since the UTC day ${isoInstant(since).slice(0, 10)}; ${score}: by the rules of the votes below, not a frequency.</p>
<p>Posture: ${posture}. <span class="soft">It limits new risk and trades nothing by itself.</span></p>
${table({ head, rows, empty: 'Nobody votes.', phone: 'narrow' })}`
}

function pegTable({ pegs }: MarketView): Markup | undefined {
  if (pegs.length === 0) return undefined
  const rows = pegs.map((peg) => [
    { show: peg.asset },
    figure(peg.price),
    { show: peg.deviation, kind: `figure ${peg.tone}` },
    figure(peg.limit),
  ])
  const head = ['Peg', 'Price', 'Away', 'Limit']
  return table({ head, rows, empty: '', phone: 'narrow' })
}

function betaTable({ betas, volatility }: MarketView): Markup {
  const follows = betas.map(({ series, book, assets }) => [
    { show: series },
    figure(book),
    { show: html`<span class="small">${assets.join(', ')}</span>`, kind: 'left' },
  ])
  const forecasts = volatility.map(({ asset, annual, day }) => [{ show: asset }, figure(annual), figure(day)])
  const betaHead = ['Beta to', 'Whole book', 'Each']
  const forecastHead = ['Volatility ahead', 'A year', 'A day']
  return html`${follows.length > 0 && table({ head: betaHead, rows: follows, empty: '', phone: 'narrow' })}${
    forecasts.length > 0 && table({ head: forecastHead, rows: forecasts, empty: '', phone: 'narrow' })
  }`
}

/** Whose prices, and how old they are; that they are made up stands where no reader can miss it. */
function pricesOf(
  modelAt: UnixSeconds | undefined,
  { madeUp, sources }: Pick<MarketView, 'madeUp' | 'sources'>,
): Markup | undefined {
  if (modelAt === undefined) return undefined
  const whose = madeUp === undefined && sources !== '' ? html`, from ${sources}` : undefined
  return html`<p class="small">${madeUpPill(madeUp)} <span class="soft">By past prices up to ${moment(modelAt)}${whose}.</span></p>`
}

/** A badge, and the source in its title. */
export function madeUpPill(madeUp: string | undefined): Markup | undefined {
  if (madeUp === undefined) return undefined
  return html`<span class="pill warn" title="${madeUp}: no figure says anything of a real market">made-up prices</span>`
}

function modelNotes(view: MarketView): Markup {
  const { regime, modelNotes: notes } = view
  const all = [...(regime?.notes ?? []), ...notes]
  return html`${remarks('market-notes', all)}`
}

/** Remarks that a reader may open. */
function remarks(name: string, notes: readonly string[]): Markup | undefined {
  if (notes.length === 0) return undefined
  const count = notes.length === 1 ? 'One remark' : `${notes.length} remarks`
  return html`<details data-keep="${name}"><summary class="small">${count}</summary><ul class="small">${notes.map((note) => html`<li>${note}</li>`)}</ul></details>`
}

export function tailSection(
  { missing, rows, contributions, liquidations, notes, modelAt }: TailView,
  market: Pick<MarketView, 'madeUp' | 'sources'>,
): Markup {
  const title = html`<h2>What can be lost</h2>${pricesOf(modelAt, market)}`
  if (missing !== undefined) return html`${title}<p class="soft">Not known: ${missing}.</p>`
  const losses = rows.map((row) => [
    { show: html`${row.horizon}${row.note !== undefined && html`<span class="line small soft">${row.note}</span>`}` },
    ...[row.valueAtRisk95, row.valueAtRisk99, row.expectedShortfall95, row.expectedShortfall99].map(lossCell),
  ])
  const parts = contributions.map((row) => [
    { show: row.label },
    figure(row.part),
    { show: lossBar(row.bar), kind: 'meter' },
    figure(row.incremental),
  ])
  const accounts = liquidations.map((row) => [
    { show: row.account },
    figure(row.hour),
    { show: row.day, kind: `figure ${row.tone}` },
    figure(row.tenDays),
    figure(row.loanToValue),
    { show: html`${row.loanToValueForTarget}<span class="line small soft">${row.target}</span>`, kind: 'lines' },
    figure(row.expectedLoss),
  ])
  const lossHead = ['Within', 'VaR 95%', 'VaR 99%', 'ES 95%', 'ES 99%']
  const partHead = ['On the worst day in a hundred', 'Brings', '', 'Without it, less by']
  const accountHead = ['Liquidated within', '1 hour', '1 day', '10 days', 'LTV', 'LTV for', 'Loss a day']
  return html`${title}${table({ head: lossHead, rows: losses, empty: 'Nothing was simulated.', phone: 'stacked' })}${
    accounts.length > 0 && table({ head: accountHead, rows: accounts, empty: '', phone: 'stacked' })
  }${parts.length > 0 && table({ head: partHead, rows: parts, empty: '', phone: 'narrow' })}${remarks('tail-notes', notes)}`
}

function lossCell({ usd, share }: LossFigure): Cell {
  return { show: html`${usd}<span class="line small soft">${share}</span>`, kind: 'figure' }
}

/** The first group is open: it is `all` where there are several. */
export function stressTestSection(view: StressTestView | undefined): Markup {
  if (view === undefined) return html`<h2>Crises</h2><p class="soft">No crisis was computed.</p>`
  const crises = view.crises.map((row) => [
    { show: html`${row.name}${row.move !== '' && html`<span class="line small soft">${row.move}</span>`}` },
    figure(row.change),
    figure(row.share),
    { show: lossBar(row.bar), kind: 'meter' },
    { show: row.healthFactor, kind: `figure ${row.tone}` },
  ])
  const head = ['If it happened today, worst first', 'Change', 'Of value', '', 'Health factor']
  const reverse = view.reverse.map((words) => html`<li>${words}</li>`)
  const assumed = view.crises.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`))
  return html`<h2>Crises</h2>${table({ head, rows: crises, empty: 'No crisis was computed.', phone: 'stacked' })}${remarks('crisis-notes', assumed)}
<h3>What it takes to break</h3><ul>${reverse}</ul>
<h3>Price and volatility together, in % of the value</h3>${view.groups.map(heatPart)}${view.worst.map(splitPart)}`
}

function heatPart(group: HeatTable, index: number): Markup {
  const { name, columns, rows, notes } = group
  const head = [name === 'all' ? 'All prices' : name, ...columns]
  const body = rows.map(({ spot, cells, healthFactors }) => [
    { show: spot, kind: 'figure' },
    ...cells.map(({ text, heat }) => ({ show: text, kind: `figure ${heatClass(heat)}` })),
    ...healthFactors.map(({ text, tone }) => ({ show: text, kind: `figure ${tone}` })),
  ])
  const shown = table({ head, rows: body, empty: '', phone: 'narrow' })
  const said = notes.length > 0 && html`<p class="small soft">${notes.join(' ')}</p>`
  const title = name === 'all' ? 'All risky prices' : `${name} alone`
  return html`<details data-keep="heat-${name}"${index === 0 && html` open`}><summary>${title}</summary>${shown}${said}</details>`
}

function heatClass(heat: number): string {
  return heat < 0 ? `loss${-heat}` : `gain${heat}`
}

export function changeSection(view: ChangeView | undefined): Markup {
  const title = html`<h2>What changed, and why</h2>`
  if (view === undefined) return html`${title}<p class="soft">There is no report before to compare with.</p>`
  const regime = view.regime && html`<p>Market: ${view.regime}.</p>`
  const rows = view.rows.map((row) => [
    { show: row.figure },
    { show: html`${row.to}<span class="line small soft">from ${row.from}</span>`, kind: 'figure' },
    figure(row.change),
    { show: html`<span class="small">${row.parts.join(', ')}</span>`, kind: 'left' },
  ])
  const head = [view.span, 'Now', 'Change', 'Of which, largest first']
  const empty = `${view.span}: no figure moved by 0.01 % or more.`
  return html`${title}${regime}${table({ head, rows, empty, phone: 'stacked' })}`
}

function splitPart({ title, parts }: SplitView): Markup {
  const rows = parts.map((part) => [
    { show: part.cause },
    figure(part.change),
    { show: lossBar(part.bar), kind: 'meter' },
  ])
  const shown = table({ head: ['Cause', 'Change', ''], rows, empty: 'Nothing moved.', phone: 'narrow' })
  return html`<details data-keep="split-${title.split(':')[0] ?? ''}"><summary>${title}</summary>${shown}</details>`
}
