// The market as a whole, what can be lost in it, and what large moves would do, as sections of the console.

import type { ChangeView } from './change-view.ts'
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
  return html`<h2>Market</h2>${regime && regimePart(regime)}${pegTable(view)}${betaTable(view)}${modelNotes(view)}`
}

function regimePart(regime: RegimeSection): Markup {
  const { word, tone, since, probability, posture, votes } = regime
  const rows = votes.map((vote) => [
    {
      show: html`${vote.name} <span class="small soft">${vote.pace}</span><span class="line small soft">${vote.details.join(', ')}</span>`,
    },
    { show: html`${vote.value}<span class="line small soft">limit ${vote.threshold}</span>`, kind: 'figure' },
    { show: vote.reach === undefined ? '' : reachBar(vote.reach, vote.tone), kind: 'meter' },
    { show: html`<span class="${vote.tone}">${vote.says}</span>` },
  ])
  const head = ['Vote', 'Value', '', 'Says']
  return html`<p><span class="pill ${tone}">${word}</span> since ${moment(since)}; ${probability} to be a crisis.</p>
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

function modelNotes({ regime, modelNotes: notes, modelAt }: MarketView): Markup {
  const all = [...(regime?.notes ?? []), ...notes]
  const at = modelAt === undefined ? undefined : html`<p class="small soft">By prices up to ${moment(modelAt)}.</p>`
  return html`${at}${remarks('market-notes', all)}`
}

/** Remarks that a reader may open. */
function remarks(name: string, notes: readonly string[]): Markup | undefined {
  if (notes.length === 0) return undefined
  const count = notes.length === 1 ? 'One remark' : `${notes.length} remarks`
  return html`<details data-keep="${name}"><summary class="small">${count}</summary><ul class="small">${notes.map((note) => html`<li>${note}</li>`)}</ul></details>`
}

export function tailSection({ missing, rows, contributions, liquidations, notes }: TailView): Markup {
  const title = html`<h2>What can be lost</h2>`
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
  const partHead = ['On the worst day in a hundred', 'Part', '', 'By leaving it out']
  const accountHead = ['Liquidated within', '1 hour', '1 day', '10 days', 'LTV', 'LTV goal', 'Cost']
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
    { show: html`${row.name}` },
    figure(row.change),
    figure(row.share),
    { show: lossBar(row.bar), kind: 'meter' },
    { show: row.healthFactor, kind: `figure ${row.tone}` },
  ])
  const head = ['If it happened today', 'Change', 'Of value', '', 'Health factor']
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
  const rows = view.rows.map((row) => [
    { show: row.figure },
    { show: html`${row.to}<span class="line small soft">from ${row.from}</span>`, kind: 'figure' },
    figure(row.change),
    { show: html`<span class="small">${row.parts.join(', ')}</span>`, kind: 'left' },
  ])
  const head = [`In ${view.span}`, 'Now', 'Change', 'Of which']
  return html`${title}${table({ head, rows, empty: 'Nothing moved.', phone: 'stacked' })}`
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
