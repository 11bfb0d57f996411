// The parts of the console page as markup, each under a name, so that the page can renew one without touching the others.

import type { DataState } from '../model/data-state.ts'
import { eventList } from './event-view.ts'
import { shortHex } from './figures.ts'
import { lossBar } from './loss-bar.ts'
import { changeSection, madeUpPill, marketSection, stressTestSection, tailSection } from './market-sections.ts'
import { marketTables } from './market-tables.ts'
import { constant, html, joined, type Markup } from './markup.ts'
import { moment } from './moment.ts'
import type { OrderView } from './order-view.ts'
import { figure, table } from './page-table.ts'
import type { PortfolioView, Tone } from './portfolio-view.ts'

export interface ConsoleLinks {
  /** Where the approve door answers; unknown in the cloud until somebody says so. */
  readonly approveBaseUrl?: string | undefined
}

/** Section name -> markup. Times are absolute; the page's script turns them into ages. */
export function consoleSections(view: PortfolioView, links: ConsoleLinks): Readonly<Record<string, Markup>> {
  return {
    state: stateBanner(view),
    figures: figureCards(view),
    positions: positionsTable(view),
    greeks: netGreeksTable(view),
    carry: carryTable(view),
    markets: marketTables(view.telemetry),
    market: marketSection(view.market),
    tail: tailSection(view.tail, view.market),
    changes: changeSection(view.changes),
    crises: stressTestSection(view.stressTest),
    prices: pricesTable(view),
    stress: stressTable(view),
    alerts: alertList(view),
    orders: orderList(view, links),
    deliveries: deliveryTable(view),
    events: eventList(view),
  }
}

function stateBanner({ state, reportAt, blocks, chains }: PortfolioView): Markup {
  const words = { FRESH: 'Data is fresh', DEGRADED: 'Data is degraded', BLIND: 'Blind' } as const
  const age = state.dataAt === undefined ? undefined : html` Oldest price ${moment(state.dataAt)}.`
  const when =
    reportAt === undefined ? undefined : html` Assessed ${moment(reportAt)}, ${blocks.join(', ') || 'no block'}.`
  const reasons = state.reasons.length > 0 && html`<ul>${state.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`
  return html`<div class="banner ${state.kind}" role="status"><strong>${state.kind}</strong> ${words[state.kind]}.${when}${age}${reasons}${chains.map(chainLine)}</div>`
}

function navNote({ navChange, navWithout }: PortfolioView): Markup | undefined {
  if (navWithout !== undefined) return html`<span class="warn">partial: without ${navWithout}</span>`
  return navChange === undefined ? undefined : html`${navChange} since the last report`
}

function chainLine({ name, mode, tone, reasons, signs }: PortfolioView['chains'][number]): Markup {
  const why = reasons.length > 0 && html`<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`
  return html`<div class="small"><strong class="${tone}">${name} ${mode}</strong> <span class="soft">${signs}</span>${why}</div>`
}

function figureCards(view: PortfolioView): Markup {
  const cards = [card('Net asset value', view.nav, navNote(view))]
  for (const health of view.health) {
    const protocol = health.protocolFactor && html`${health.label} says ${health.protocolFactor}`
    cards.push(card('Health factor', health.factor, protocol, health.tone))
    const [nearest, ...others] = health.liquidations
    if (nearest !== undefined) {
      const lines = [nearest, ...others].map((one) => {
        return html`<span class="line">${one.underlying} ${one.side} ${one.price} (${one.distance})</span> `
      })
      cards.push(card('Distance to liquidation', nearest.distance, joined(lines), health.tone))
    }
    cards.push(card('Debt', health.debt, html`against ${health.collateral} collateral`))
  }
  const { regime } = view.market
  const made = madeUpPill(view.market.madeUp)
  const { headline } = view.tail
  if (headline !== undefined)
    cards.push(
      card('Worst day in a hundred', headline.usd, html`${headline.share} of the value, expected shortfall ${made}`),
    )
  if (regime !== undefined) cards.push(card('Market', regime.word, html`${regime.score} ${made}`, regime.tone))
  return html`<div class="cards">${cards}</div>`
}

function card(name: string, figure: string, more: Markup | '' | undefined, tone: Tone = 'plain'): Markup {
  const note = more ? html`<div class="small soft">${more}</div>` : undefined
  return html`<div class="card"><div class="name">${name}</div><div class="figure ${tone}">${figure}</div>${note}</div>`
}

function positionsTable({ positions }: PortfolioView): Markup {
  const rows = positions.map((row) => [
    { show: html`${row.label}${stateMark(row.state, row.reasons)}${row.notes.map(note)}` },
    figure(row.value),
    { show: lines(row.delta), kind: 'lines' },
    { show: lines(row.gamma), kind: 'lines' },
    { show: lines(row.vega), kind: 'lines' },
    figure(row.carry || '0'),
  ])
  const empty = 'Nothing is held, or nothing could be read.'
  const head = ['Position', 'Value', 'Delta', 'Gamma, $ per 1 %', 'Vega, $ per point', 'Carry a day']
  return table({ title: 'Positions', head, rows, empty, phone: 'stacked' })
}

function netGreeksTable({ netGreeks }: PortfolioView): Markup {
  const rows = netGreeks.map((row) => [
    { show: html`${row.underlying} <span class="small soft">at ${row.price}</span>` },
    figure(row.delta),
    figure(row.usd),
    figure(row.gamma),
    { show: row.vegaByExpiry.length > 0 ? lines([row.vega, ...row.vegaByExpiry]) : row.vega, kind: 'figure lines' },
  ])
  const head = ['Underlying', 'Delta', 'Delta, $', 'Gamma, $ per 1 %', 'Vega, $ per point']
  return table({ title: 'Net Greeks per underlying', head, rows, empty: 'No exposure.', phone: 'stacked' })
}

function carryTable({ carry }: PortfolioView): Markup {
  const rows = carry.map((row) => [{ show: row.what }, figure(`${row.usd} ${row.unit}`)])
  return table({ title: 'If nothing moves', head: ['', ''], rows, empty: 'Nothing accrues.', phone: 'narrow' })
}

function pricesTable({ prices, gaps }: PortfolioView): Markup {
  const rows = prices.map((row) => {
    const age = row.updatedAt === undefined ? 'never read' : moment(row.updatedAt)
    const name = html`${row.asset}${stateMark(row.state, row.reasons)}<span class="line small soft">${age}</span>`
    return [{ show: name }, ...[row.usd, row.protocol, row.market, row.gap].map((text) => figure(text))]
  })
  const missing = gaps.map(
    (gap) =>
      html`<p class="small"><strong>${gap.subject}</strong> <span class="mono">${gap.code}</span> ${gap.reason}</p>`,
  )
  const head = ['Asset', 'Feed', 'Protocol', 'Market', 'Gap']
  const shown = table({ title: 'Prices, both lenses', head, rows, empty: 'No prices.', phone: 'stacked' })
  return html`${shown}${missing.length > 0 && html`<h3>Gaps</h3>${missing}`}`
}

function stressTable({ stress }: PortfolioView): Markup {
  const rows = stress.map((row) => [
    { show: row.scenario, kind: 'figure' },
    figure(row.change),
    { show: lossBar(row.bar), kind: 'wide' },
    { show: row.healthFactor, kind: `figure ${row.tone}` },
  ])
  const head = ['Scenario', 'Change', '', 'Health factor']
  return table({ title: 'Stress', head, rows, empty: 'No stress was computed.', phone: 'narrow' })
}

function alertList({ alerts }: PortfolioView): Markup {
  const tones = { critical: 'bad', warning: 'warn', info: 'soft' } as const
  const items = alerts.map(
    (
      alert,
    ) => html`<div class="item"><p><span class="pill ${alert.state === 'recovered' ? 'good' : tones[alert.severity]}">${alert.state}</span>
<strong>${alert.title}</strong> <span class="small soft">${moment(alert.at)}${alert.lasted && `, lasted ${alert.lasted}`}</span></p>
<p>${alert.why}</p><p>${alert.todo}</p><p class="small soft">Data ${alert.data}</p></div>`,
  )
  return html`<h2>Alerts</h2>${items.length > 0 ? items : html`<p class="soft">None.</p>`}`
}

function orderList({ orders }: PortfolioView, links: ConsoleLinks): Markup {
  const items = orders.map((order) => orderItem(order, links))
  return html`<h2>Orders</h2>${items.length > 0 ? items : html`<p class="soft">None.</p>`}`
}

/** Colour of a status: what ended badly is red. */
export function toneOfStatus(status: OrderView['state']): Tone | 'soft' {
  if (status === 'CONFIRMED') return 'good'
  if (status === 'REVERTED' || status === 'FAILED') return 'bad'
  if (status === 'REJECTED' || status === 'EXPIRED' || status === 'VOID' || status === 'QUOTE OVER') return 'soft'
  return 'warn'
}

function orderItem(order: OrderView, links: ConsoleLinks): Markup {
  const ending = order.ending && html`<p class="small">Ended: ${order.ending}</p>`
  const sent = order.transactions.map(
    (hash) => html`<p class="small">Transaction <span class="mono">${hash}</span></p>`,
  )
  return html`<div class="item"><p><span class="pill ${toneOfStatus(order.state)}">${order.state}</span> <strong>${order.summary}</strong></p>
<p>${order.why}</p>
<p class="small soft"><span class="mono">${order.id}</span>, quote ${order.quote}, ${moment(order.quotedAt)}, approvals ${order.approvals} of ${order.requiredApprovals}, cost about ${order.cost}</p>
${ending}${approveLink(order, links)}${timelineList(order)}${sent}${outcomeTable(order)}</div>`
}

function approveLink(order: OrderView, { approveBaseUrl }: ConsoleLinks): Markup | undefined {
  if (order.approvePath === undefined) return undefined
  const over =
    !order.open &&
    html`<p>The quote ended ${moment(order.validUntil)}: there is nothing to approve. Ask for a new quote if the order is still needed; the alert says whether it is.</p>`
  if (approveBaseUrl === undefined || !/^https?:\/\//.test(approveBaseUrl)) {
    const what = order.open ? 'To approve' : 'For a new quote'
    return html`${over}<p class="small">${what}, open the link in the alert (SMS, Slack) or run <span class="mono">homeostat order show ${order.id}</span>.</p>`
  }
  const url = `${approveBaseUrl.replace(/\/+$/, '')}${order.approvePath}`
  const [kind, words] = order.open ? ['button', 'Review and approve'] : ['', 'Look at it, or ask for a new quote']
  return html`${over}<p class="actions"><a class="${kind}" href="${url}" target="_blank" rel="noopener noreferrer">${words}</a></p>`
}

/** The life of an order, step by step. */
export function timelineList(order: Pick<OrderView, 'timeline'>): Markup {
  const items = order.timeline.map(
    (step) =>
      html`<li><strong>${step.status}</strong><span>${moment(step.at)} <span class="note">${step.note}</span></span></li>`,
  )
  return html`<ol class="timeline">${items}</ol>`
}

/** Predicted and actual side by side. */
export function outcomeTable(order: Pick<OrderView, 'id' | 'outcome' | 'status'>): Markup {
  const rows = order.outcome.map(
    (row) =>
      html`<tr><td>${row.what}</td><td class="figure">${row.predicted}</td><td class="figure">${row.actual}</td><td class="figure">${row.difference}</td></tr>`,
  )
  return html`<details data-keep="outcome-${order.id}"${order.status === 'CONFIRMED' && constant(' open')}><summary>Predicted against actual</summary><div class="scroll"><table>
<thead><tr><th></th><th>Predicted</th><th>Actual</th><th>Difference</th></tr></thead><tbody>${rows}</tbody></table></div></details>`
}

function deliveryTable({ deliveries }: PortfolioView): Markup {
  const rows = deliveries.map(
    (
      row,
    ) => html`<tr><td>${moment(row.at)}</td><td class="left">${row.notifier} <span class="soft small">${row.channel}</span></td>
<td class="left ${row.ok ? 'good' : 'bad'}">${row.result}</td><td class="left mono">${row.notice}</td></tr>`,
  )
  const body =
    rows.length > 0 &&
    html`<div class="scroll"><table><thead><tr><th>When</th><th class="left">To</th><th class="left">Result</th><th class="left">Notice</th></tr></thead><tbody>${rows}</tbody></table></div>`
  return html`<h2>Deliveries</h2>${body || html`<p class="soft">None.</p>`}`
}

function lines(texts: readonly string[]): Markup {
  if (texts.length === 0) return html`<span class="soft">0</span>`
  return joined(texts.map((text) => html`<span class="line">${text}</span>`))
}

function note(text: string): Markup {
  return html`<span class="line small soft">${text}</span>`
}

function stateMark(kind: DataState['kind'], reasons: readonly string[]): Markup | undefined {
  if (kind === 'FRESH') return undefined
  return html` <span class="pill ${kind === 'BLIND' ? 'bad' : 'warn'}" title="${reasons.join('; ')}">${kind}</span>
<span class="line small soft">${reasons.join('; ')}</span>`
}

/** A hash by its ends, whole in the title. */
export function hashEnds(hash: string): Markup {
  return html`<span class="mono" title="${hash}">${shortHex(hash, 6)}</span>`
}
