// Takes an approver's signature for an order, or against it: every check in a fixed order, one conditional write, then the news.

import type { UnixSeconds } from '../base/units.ts'
import { advanceOrder } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Address, Hash, Hex } from '../model/identity.ts'
import type { Approval, Order } from '../model/order.ts'
import { orderDefect, recoverMessageSigner, recoverSigner } from '../model/order-hash.ts'
import { outboxEntry, withEntries } from '../model/outbox.ts'
import type { Bus, Clock, Log, OrderStore } from '../model/ports.ts'
import { countedApprovals } from '../web/order-view.ts'
import { rejectionText } from '../web/wallet-requests.ts'
import { orderNews } from './order-news.ts'
import { drainOrderOutbox } from './outbox.ts'

export interface ApproveOrderDeps {
  readonly orders: OrderStore
  readonly bus: Bus
  readonly clock: Clock
  /** Settings of a portfolio at the current version; undefined if it is configured no more. */
  readonly settings: (portfolioId: string) => Promise<PortfolioSettings | undefined>
  readonly log: Log
}

export interface SignatureOnOrder {
  readonly orderId: string
  /** 65 bytes, r s v. */
  readonly signature: string
  readonly channel: Approval['channel']
  /** What the signer saw; tells a signature over an older quote from a forged one. */
  readonly safeTransactionHash?: string | undefined
}

export type OrderRefusalCode =
  | 'unknown-order'
  | 'too-late'
  | 'expired'
  | 'order-altered'
  | 'policy-changed'
  | 'malformed-signature'
  | 'older-quote'
  | 'not-an-approver'
  | 'approver-removed'
  | 'already-counted'
  | 'busy'

export type SignatureOutcome =
  /** `repeated`: this very signature had been taken before; nothing changed now. */
  | { readonly kind: 'accepted'; readonly order: Order; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly code: OrderRefusalCode; readonly message: string; readonly hint: string }

/** Decided about one reading of the order: what to store, if anything, and what to answer once it is stored. */
interface Decision {
  readonly next?: Order
  readonly outcome: (stored: Order) => SignatureOutcome
}

const maxAttempts = 5

/**
 * Counts an owner's EIP-712 signature of the order's Safe transaction; with the last one the order is APPROVED.
 * A refusal changes nothing, except that an order found expired, altered or under an old policy ends there and then.
 */
export function approveOrder(deps: ApproveOrderDeps, signed: SignatureOnOrder): Promise<SignatureOutcome> {
  return decideAndSave(deps, signed, (order, at) => decideApproval(deps, { order, at, signed }))
}

/** Ends an order on an approver's signature of `rejectionText(order)`. One is enough. */
export function rejectOrder(deps: ApproveOrderDeps, signed: SignatureOnOrder): Promise<SignatureOutcome> {
  return decideAndSave(deps, signed, (order, at) => decideRejection(deps, { order, at, signed }))
}

async function decideAndSave(
  deps: ApproveOrderDeps,
  { orderId }: SignatureOnOrder,
  decide: (order: Order, at: UnixSeconds) => Promise<Decision>,
): Promise<SignatureOutcome> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const order = await deps.orders.order(orderId)
    if (order === undefined) {
      return refuse('unknown-order', 'There is no such order.', 'List them: homeostat order list.')
    }
    const { next, outcome } = await decide(order, deps.clock.now())
    if (next !== undefined && (await deps.orders.save(next)) === 'conflict') continue
    // Also without a change: a repeat delivers what an earlier run wrote and could not send.
    await tell(deps, next ?? order)
    return outcome(next ?? order)
  }
  return refuse('busy', 'The order is being changed by others.', 'Try again in a moment.')
}

/** The write has happened; a bus that refuses now only delays, because `deliver` sends what the outbox still holds. */
async function tell(deps: ApproveOrderDeps, order: Order): Promise<void> {
  try {
    await drainOrderOutbox(deps, order)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    deps.log.line('outbox-left', { orderId: order.id, entries: order.outbox.length, reason })
  }
}

async function decideApproval(
  deps: ApproveOrderDeps,
  params: { readonly order: Order; readonly at: UnixSeconds; readonly signed: SignatureOnOrder },
): Promise<Decision> {
  const { order, at, signed } = params
  const signature = canonicalSignature(signed.signature)
  const isRepeat = order.approvals.some((given) => given.signature === signature && isForThisQuote(given, order))
  if (isRepeat) return { outcome: (stored) => ({ kind: 'accepted', order: stored, repeated: true }) }
  if (order.status !== 'PROPOSED') return refusal(tooLate(order))
  if (at >= order.validUntil) return ending(order, { at, to: 'EXPIRED', reason: 'nobody approved it in time' })
  const defect = orderDefect(order)
  if (defect !== undefined) return ending(order, { at, to: 'VOID', code: 'order-altered', reason: defect })
  const settings = await deps.settings(order.portfolioId)
  if (settings?.version !== order.policyVersion) {
    const reason = settings === undefined ? 'its portfolio is configured no more' : 'the configuration changed'
    return ending(order, { at, to: 'VOID', code: 'policy-changed', reason })
  }
  if (signature === undefined) return refusal(malformed())
  if (isOtherQuote(order, signed)) return refusal(olderQuote())
  const approver = await recoverSigner(order.safeTransactionHash, signature)
  if (approver === undefined) return refusal(malformed())
  const stranger = strangerRefusal(order, settings, approver)
  if (stranger !== undefined) return refusal(stranger)
  const before = order.approvals.filter((given) => isForThisQuote(given, order))
  if (before.some((given) => given.approver === approver)) {
    const hint = 'Another approver has to sign, if approvals are missing.'
    return refusal(refuse('already-counted', 'This approver has already approved the order.', hint))
  }
  const { safeTransactionHash } = order
  const approval: Approval = { approver, signature, safeTransactionHash, at, channel: signed.channel }
  const next = approved(order, { at, approvals: [...before, approval], approver })
  return { next, outcome: (stored) => ({ kind: 'accepted', order: stored, repeated: false }) }
}

async function decideRejection(
  deps: ApproveOrderDeps,
  params: { readonly order: Order; readonly at: UnixSeconds; readonly signed: SignatureOnOrder },
): Promise<Decision> {
  const { order, at, signed } = params
  const signature = canonicalSignature(signed.signature)
  if (order.status !== 'PROPOSED' && order.status !== 'REJECTED') return refusal(tooLate(order))
  if (signature === undefined) return refusal(malformed())
  if (isOtherQuote(order, signed)) return refusal(olderQuote())
  const signer = await recoverMessageSigner(rejectionText(order), signature)
  if (signer === undefined) return refusal(malformed())
  const stranger = strangerRefusal(order, await deps.settings(order.portfolioId), signer)
  if (stranger !== undefined) return refusal(stranger)
  if (order.status === 'REJECTED') return { outcome: (stored) => ({ kind: 'accepted', order: stored, repeated: true }) }
  const note = `rejected by ${signer} (${signed.channel})`
  const rejected = advanceOrder(order, { to: 'REJECTED', kind: 'rejected', note, at, change: { ending: note } })
  const next = withNews(rejected, at)
  return { next, outcome: (stored) => ({ kind: 'accepted', order: stored, repeated: false }) }
}

/** The order with one more approval: still PROPOSED, or APPROVED if that was the last that it needed. */
function approved(
  order: Order,
  params: { readonly at: UnixSeconds; readonly approvals: readonly Approval[]; readonly approver: Address },
): Order {
  const { at, approvals, approver } = params
  const isEnough = countedApprovals({ ...order, approvals }) >= order.requiredApprovals
  const note = `approval ${approvals.length} of ${order.requiredApprovals} by ${approver}`
  const to = isEnough ? 'APPROVED' : 'PROPOSED'
  const next = advanceOrder(order, { to, kind: 'approval', note, at, change: { approvals } })
  if (!isEnough) return next
  const go = outboxEntry({ kind: 'order-approved', orderId: order.id }, { severity: 'critical', since: at })
  return withNews({ ...next, outbox: withEntries(next.outbox, [go]) }, at)
}

/** An order that must not be approved any more ends now, and people hear of it. */
function ending(
  order: Order,
  params:
    | { readonly at: UnixSeconds; readonly to: 'EXPIRED'; readonly reason: string }
    | {
        readonly at: UnixSeconds
        readonly to: 'VOID'
        readonly code: 'order-altered' | 'policy-changed'
        readonly reason: string
      },
): Decision {
  const { at, to, reason } = params
  const ended = advanceOrder(order, { to, kind: to.toLowerCase(), note: reason, at, change: { ending: reason } })
  const message = `The order can no longer be approved: ${reason}.`
  const hint = 'If the need is still there, the next assessment proposes a new order.'
  const code = params.to === 'EXPIRED' ? 'expired' : params.code
  return { next: withNews(ended, at), outcome: () => refuse(code, message, hint) }
}

/** The order in its new status, with the news of it to be told. */
function withNews(order: Order, at: UnixSeconds): Order {
  return { ...order, outbox: withEntries(order.outbox, [orderNews(order, order.status, at)]) }
}

/** Why this signer does not count, or undefined if it does: an owner when the order was made, and an approver now. */
function strangerRefusal(
  order: Order,
  settings: PortfolioSettings | undefined,
  signer: Address,
): SignatureOutcome | undefined {
  if (!order.approvers.includes(signer)) {
    const message = 'The signature is not by an approver of this order as it is now.'
    return refuse(
      'not-an-approver',
      message,
      'Open the link again: the order may have been quoted anew since you signed.',
    )
  }
  const isConfigured = settings?.approvers.some(
    ({ id, address }) => address === signer && settings.portfolio.approvers.includes(id),
  )
  if (isConfigured === true) return undefined
  const hint = 'See approvers in the configuration.'
  return refuse('approver-removed', `${signer} is no approver of this portfolio any more.`, hint)
}

/**
 * A signature in the one form that is stored and that the Safe understands: lower case, v 27 or 28. Wallets also write 0 and 1,
 * which the Safe would read as other kinds of signature. Undefined for everything else.
 */
function canonicalSignature(text: string): Hex | undefined {
  const lower = text.toLowerCase()
  if (!/^0x[0-9a-f]{130}$/.test(lower)) return undefined
  const v = Number.parseInt(lower.slice(-2), 16)
  const canonical = v < 2 ? v + 27 : v
  if (canonical !== 27 && canonical !== 28) return undefined
  return `0x${lower.slice(2, -2)}${canonical.toString(16)}`
}

function isForThisQuote(approval: Approval, order: Order): boolean {
  return approval.safeTransactionHash === order.safeTransactionHash
}

function isOtherQuote(order: { readonly safeTransactionHash: Hash }, signed: SignatureOnOrder): boolean {
  return (
    signed.safeTransactionHash !== undefined &&
    signed.safeTransactionHash.toLowerCase() !== order.safeTransactionHash.toLowerCase()
  )
}

function refuse(code: OrderRefusalCode, message: string, hint: string): SignatureOutcome {
  return { kind: 'refused', code, message, hint }
}

function refusal(outcome: SignatureOutcome): Decision {
  return { outcome: () => outcome }
}

function tooLate(order: Order): SignatureOutcome {
  const message = `The order is ${order.status}${order.ending === undefined ? '' : ` (${order.ending})`}.`
  return refuse('too-late', message, 'Nothing was changed. See its life on the page or with homeostat order show.')
}

function malformed(): SignatureOutcome {
  const hint = 'Send r, s and v in hexadecimal, as eth_signTypedData_v4 gives them.'
  return refuse('malformed-signature', 'This is no signature of 65 bytes that leads to an account.', hint)
}

function olderQuote(): SignatureOutcome {
  const hint = 'Reload the page and look at the new terms before you sign.'
  return refuse('older-quote', 'The signature is over another quote of this order.', hint)
}
