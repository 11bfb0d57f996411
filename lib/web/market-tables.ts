// The markets that the portfolio depends on, as tables of the console.

import { html, type Markup } from './markup.ts'
import { moment } from './moment.ts'
import { type Cell, figure, table } from './page-table.ts'
import type { TelemetryView } from './telemetry-view.ts'

export function marketTables({ markets, pools, holders }: TelemetryView): Markup {
  const lent = markets.map((row) => [
    { show: html`${row.market}${row.halted && html` <span class="pill bad">${row.halted}</span>`}` },
    { show: row.lentOut, kind: `figure ${row.tone}` },
    withUnits(row.available, row.units),
    figure(row.supplyCap),
    figure(row.borrowCap),
    figure(row.earns),
  ])
  const traded = pools.map((row) => [
    { show: row.pool },
    withUnits(row.sells, row.sellsUnits),
    withUnits(row.buys, row.buysUnits),
    figure(row.fees),
  ])
  const held = holders.map((row) => {
    const { asset, topShare, asFew, countedAt, complete } = row
    const counted = complete ? undefined : html` <span class="pill warn">not all counted</span>`
    return [
      { show: html`${asset}${counted}<span class="line small soft">${moment(countedAt)}</span>` },
      figure(topShare),
      figure(asFew),
      figure(row.holders),
    ]
  })
  const lentHead = ['Market', 'Lent out', 'Available', 'Supply cap', 'Borrow cap', 'Protocol earns']
  const tradedHead = ['Pool, within 2 %', 'To −2 %', 'To +2 %', 'Fees']
  const heldHead = ['Token', 'Ten largest hold', 'As if held by', 'Holders']
  return html`${table({ title: 'Markets we depend on', head: lentHead, rows: lent, empty: 'None of lending that is known.', phone: 'stacked' })}${
    traded.length > 0 && table({ title: 'Depth', head: tradedHead, rows: traded, empty: '', phone: 'stacked' })
  }${held.length > 0 && table({ title: 'Who holds it', head: heldHead, rows: held, empty: '', phone: 'stacked' })}`
}

function withUnits(worth: string, units: string): Cell {
  return {
    show: units === '' ? worth : html`${worth}<span class="line small soft">${units}</span>`,
    kind: 'figure lines',
  }
}
