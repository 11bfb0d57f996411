// The parts of the approval page: everything that an approver should weigh, in words first and in bytes below.

import type { Address } from '../model/identity.ts'
import type { Order } from '../model/order.ts'
import { hashEnds, outcomeTable, timelineList, toneOfStatus } from './console-sections.ts'
import { basisPoints, gwei, healthFactor, isoInstant, percent, quantity, quantityChange, usd } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { moment } from './moment.ts'
import { candidateLine, countedApprovals, type OrderView } from './order-view.ts'
import { reasonsOf } from './portfolio-view.ts'

/** Address -> the id under which the desk knows it. */
export type ApproverNames = Readonly<Record<Address, string>>

/** The parts that change while the page is open, by name. */
export function liveSections(order: Order, view: OrderView, names: ApproverNames): Readonly<Record<string, Markup>> {
  return { status: statusBanner(order, view), approvals: approvalsPart(order, names), life: lifePart(view) }
}

function statusBanner(order: Order, view: OrderView): Markup {
  const ending = order.ending && html`<p>${order.ending}</p>`
  const until =
    order.status === 'PROPOSED' &&
    html`<p>This quote is valid until ${isoInstant(order.validUntil).replace('T', ' ').replace('Z', ' UTC')}. <strong id="countdown"></strong></p>`
  const kind = view.status === 'CONFIRMED' ? 'FRESH' : view.ended ? 'BLIND' : 'DEGRADED'
  return html`<div class="banner ${kind}" role="status"><span class="pill ${toneOfStatus(view.state)}">${view.state}</span>
approvals ${view.approvals} of ${view.requiredApprovals}${until}${ending}</div>`
}

function approvalsPart(order: Order, names: ApproverNames): Markup {
  const rows = order.approvers.map((approver) => {
    const given = order.approvals.find(
      (one) => one.approver === approver && one.safeTransactionHash === order.safeTransactionHash,
    )
    const name = names[approver] ?? 'no approver any more'
    return html`<tr><td>${name} ${hashEnds(approver)}</td><td>${
      given
        ? html`<span class="good">approved</span> ${moment(given.at)} (${given.channel})`
        : html`<span class="soft">not yet</span>`
    }</td></tr>`
  })
  return html`<h2>Approvals: ${countedApprovals(order)} of ${order.requiredApprovals}</h2><table><tbody>${rows}</tbody></table>`
}

function lifePart(view: OrderView): Markup {
  const sent = view.transactions.map((hash) => html`<p class="small">Transaction <span class="mono">${hash}</span></p>`)
  return html`<h2>Life of this order</h2>${timelineList(view)}${sent}${outcomeTable(view)}`
}

/** What is proposed, why, and what it costs. */
export function proposalPart(order: Order, view: OrderView): Markup {
  const reasons = reasonsOf(order.dataState).join('; ')
  return html`<section><h2>What and why</h2><p><strong>${order.summary}</strong></p><p>${order.why}</p>
<dl class="facts"><dt>Health factor</dt><dd>${healthFactor(order.simulation.healthFactorBefore)} now, ${healthFactor(order.predicted.healthFactor)} afterwards, target ${healthFactor(order.targetHealthFactor)}</dd>
<dt>Cost</dt><dd>${view.cost} in all${order.predicted.gasUsd !== undefined && html`, of which gas ${usd(order.predicted.gasUsd)}`}</dd>
<dt>If nothing is done</dt><dd>${order.doNothing.text}</dd>
<dt>Data</dt><dd>${order.dataState.kind}${reasons && `: ${reasons}`}</dd>
<dt>Quote</dt><dd>number ${order.quote}, made ${moment(order.quotedAt)}</dd></dl>
${view.alternatives.length > 0 && html`<h3>Alternatives that were weighed</h3><ul>${order.alternatives.map((one) => html`<li>${candidateLine(one)}</li>`)}</ul>`}</section>`
}

/** Each step in words, then the very calls. */
export function stepsPart(order: Order): Markup {
  const steps = order.calls.map((call) => html`<li>${call.label}</li>`)
  const calls = order.calls.map(
    (call, index) => html`<div class="item"><p><strong>${index + 1}. ${call.label}</strong></p><dl class="facts small">
<dt>Target</dt><dd class="mono">${call.to}</dd><dt>Selector</dt><dd class="mono">${call.data.slice(0, 10)}</dd>
<dt>Value</dt><dd class="mono">${call.value} wei</dd><dt>Data, ${(call.data.length - 2) / 2} bytes</dt><dd class="mono">${call.data}</dd></dl></div>`,
  )
  return html`<section><h2>Steps, all in one transaction or none</h2><ol class="steps">${steps}</ol>
<details><summary>The calls, byte by byte</summary>${calls}</details></section>`
}

/** What the order may not exceed. */
export function limitsPart(order: Order): Markup {
  const { limits } = order
  const prices = Object.entries(order.prices).map(([underlying, price]) => `${underlying} ${usd(price)}`)
  return html`<section><h2>Limits</h2><dl class="facts"><dt>Slippage</dt><dd>at most ${basisPoints(limits.maxSlippageBps)}</dd>
<dt>Gas</dt><dd>at most ${usd(limits.maxGasUsd)}</dd><dt>Size</dt><dd>at most ${usd(limits.maxOrderUsd)}</dd>
<dt>Price move</dt><dd>executed only while no price has moved more than ${percent(order.maxPriceMove)} from ${prices.join(', ') || 'the quote'}</dd></dl></section>`
}

/** What the pre-flight said and when. */
export function simulationPart({ simulation }: Order): Markup {
  const verdict = simulation.ok
    ? html`<span class="good">passes</span>`
    : html`<span class="bad">fails: ${simulation.reason ?? 'no reason given'}</span>`
  const rows = simulation.steps.map(
    (step) =>
      html`<tr><td>${step.label}</td><td class="${step.ok ? 'good' : 'bad'}">${step.ok ? 'ok' : (step.reason ?? 'fails')}</td><td class="figure">${quantity(step.gasUsed)}</td></tr>`,
  )
  const { after } = simulation
  const changes = Object.entries(after.balanceChanges).map(([asset, change]) => `${quantityChange(change)} ${asset}`)
  return html`<section><h2>Simulation</h2><p>It ${verdict}, ${moment(simulation.at)}, on block ${quantity(simulation.block.number)} at ${gwei(simulation.block.baseFeeGwei)}.</p>
<dl class="facts"><dt>Health factor after</dt><dd>${healthFactor(after.healthFactor)}</dd><dt>Debt after</dt><dd>${usd(after.debtUsd)}</dd>
<dt>Account's balances</dt><dd>${changes.join(', ') || 'unchanged'}</dd>
<dt>Allowances left</dt><dd>${after.leftoverAllowances.length === 0 ? 'none' : html`<span class="bad">${after.leftoverAllowances.join(', ')}</span>`}</dd></dl>
<details><summary>Step by step</summary><div class="scroll"><table><thead><tr><th>Step</th><th>Result</th><th>Gas</th></tr></thead><tbody>${rows}</tbody></table></div></details></section>`
}

/** What a hardware wallet shows, to compare before signing. */
export function comparePart(order: Order): Markup {
  const { safeTransaction: transaction } = order
  const line = (name: string, hash: string) =>
    html`<dt>${name}</dt><dd>${hashEnds(hash)}<br><span class="mono small soft">${hash}</span></dd>`
  return html`<section><h2>Compare with your wallet</h2><dl class="facts">${line('Safe transaction hash', order.safeTransactionHash)}
${line('Order digest', order.digest)}<dt>Safe</dt><dd class="mono">${order.account}</dd><dt>Chain</dt><dd>${order.chainId}</dd>
<dt>To</dt><dd><span class="mono">${transaction.to}</span> (${transaction.operation === 1 ? 'delegatecall, MultiSendCallOnly' : 'call'})</dd>
<dt>Nonce</dt><dd>${transaction.nonce}</dd><dt>Policy</dt><dd class="mono">${order.policyVersion}</dd></dl></section>`
}
