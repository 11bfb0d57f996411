// The page behind an approval link: shows one order and changes nothing; its buttons ask a wallet and post the signature.

import type { UnixSeconds } from '../base/units.ts'
import type { Order } from '../model/order.ts'
import { approveScript } from './approve-script.ts'
import {
  type ApproverNames,
  comparePart,
  limitsPart,
  liveSections,
  proposalPart,
  simulationPart,
  stepsPart,
} from './approve-sections.ts'
import { html, jsonBlock } from './markup.ts'
import { type OrderView, orderPath, orderView } from './order-view.ts'
import { pageFrame } from './page-frame.ts'
import { approvalTypedData, rejectionText } from './wallet-requests.ts'

export interface ApprovePage {
  readonly order: Order
  readonly at: UnixSeconds
  readonly names: ApproverNames
  readonly nonce: string
  /**
   * Local runs only: where a demo key signs. The page posts `{ kind: 'approve', orderId, typedData }` or
   * `{ kind: 'reject', orderId, text }` as JSON and expects `{ signature }`.
   */
  readonly demoSignUrl?: string | undefined
}

/** What the page polls, and what tools read. */
export interface ApproveJson {
  readonly order: OrderView
  readonly at: UnixSeconds
  readonly digest: string
  readonly safeTransactionHash: string
  readonly typedData: ReturnType<typeof approvalTypedData>
  readonly rejectionText: string
  readonly sections: Readonly<Record<string, string>>
}

export function approveJson(order: Order, at: UnixSeconds, names: ApproverNames): ApproveJson {
  const view = orderView(order, at)
  const sections = Object.entries(liveSections(order, view, names)).map(
    ([name, markup]) => [name, markup.html] as const,
  )
  return {
    order: view,
    at,
    digest: order.digest,
    safeTransactionHash: order.safeTransactionHash,
    typedData: approvalTypedData(order),
    rejectionText: rejectionText(order),
    sections: Object.fromEntries(sections),
  }
}

/** The page as text. */
export function approvePage({ order, at, names, nonce, demoSignUrl }: ApprovePage): string {
  const view = orderView(order, at)
  const live = liveSections(order, view, names)
  const body = html`<header class="top"><h1>Order for ${order.portfolioId}</h1><span class="grow"></span><span class="mono soft">${order.id}</span></header>
<main>
<div data-section="status">${live.status}</div>
${proposalPart(order, view)}
${order.status === 'PROPOSED' && buttons(demoSignUrl)}
<div class="columns"><div class="stack">${stepsPart(order)}${limitsPart(order)}${simulationPart(order)}</div>
<div class="stack">${comparePart(order)}<section data-section="approvals">${live.approvals}</section><section data-section="life">${live.life}</section></div></div>
</main>
${jsonBlock('page-data', {
  at,
  path: orderPath(order),
  status: order.status,
  validUntil: order.validUntil,
  orderId: order.id,
  chainId: order.chainId,
  approvers: order.approvers,
  safeTransactionHash: order.safeTransactionHash,
  typedData: approvalTypedData(order),
  rejectionText: rejectionText(order),
  demoSignUrl,
  everySeconds: 4,
})}`
  return pageFrame({ title: `Order for ${order.portfolioId} - Homeostat`, nonce, body, script: approveScript })
}

function buttons(demoSignUrl: string | undefined) {
  const demo =
    demoSignUrl !== undefined &&
    html`<button type="button" class="quiet" data-act="approve" data-signer="demo">Approve with the demo key</button>
<button type="button" class="danger" data-act="reject" data-signer="demo">Reject with the demo key</button>`
  return html`<section id="decide"><h2>Decide</h2>
<p class="small soft">An approval is your signature of the Safe transaction below. A rejection is a signed text that moves nothing.</p>
<div class="actions"><button type="button" data-act="approve" data-signer="wallet">Approve with wallet</button>
<button type="button" class="danger" data-act="reject" data-signer="wallet">Reject</button>${demo}
<button type="button" class="quiet" data-act="requote">Ask for a new quote</button></div>
<p class="notice" id="notice" role="alert"></p></section>`
}
