// The door behind an approval link: shows an order to whoever has its link, and takes signatures; it knows no cookies.

import * as z from '../base/schema.ts'
import { hashSchema } from '../base/schema.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Address } from '../model/identity.ts'
import { identityOf } from '../model/messages.ts'
import type { Order } from '../model/order.ts'
import type { RandomText } from '../model/ports.ts'
import { approveJson, approvePage } from '../web/approve-page.ts'
import { notFoundPage } from '../web/plain-pages.ts'
import {
  type ApproveOrderDeps,
  approveOrder,
  type OrderRefusalCode,
  rejectOrder,
  type SignatureOnOrder,
  type SignatureOutcome,
} from './approve-order.ts'
import {
  type HttpRefusal,
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
  pageResponse,
  readJson,
  refusalResponse,
  segmentsOf,
  withoutBody,
} from './http.ts'

export interface ApproveDeps extends ApproveOrderDeps {
  /** For the page's nonce. */
  readonly random: RandomText
  /** Local runs only: see ApprovePage. */
  readonly demoSignUrl?: string
}

const statusOf = {
  'unknown-order': 404,
  'too-late': 409,
  expired: 409,
  'order-altered': 409,
  'policy-changed': 409,
  'malformed-signature': 400,
  'older-quote': 409,
  'not-an-approver': 403,
  'approver-removed': 403,
  'already-counted': 409,
  busy: 503,
} as const satisfies Record<OrderRefusalCode, number>

const signatureBody = z.strictObject({
  signature: z.string().check(z.maxLength(1_000)),
  safeTransactionHash: z.optional(hashSchema),
})

/** Ids longer than this are nobody's; stores have limits of their own. */
const maxIdLength = 400

/** Seconds before a quote may be renewed again. */
const requoteAfterSeconds = 20

/**
 * GET `/o/:orderId/:linkKey` and `.json` show; POST `/approvals`, `/rejection` and `/requote` below it act.
 * An unknown order and a wrong key give the same answer.
 */
export async function approve(deps: ApproveDeps, request: HttpRequest): Promise<HttpResponse> {
  const [root, orderId, keyText, action, ...more] = segmentsOf(request.path) ?? []
  if (root !== 'o' || orderId === undefined || keyText === undefined || more.length > 0) return notFound(deps, request)
  const wantsJson = action === undefined && keyText.endsWith('.json')
  const linkKey = wantsJson ? keyText.slice(0, -'.json'.length) : keyText
  const order = orderId.length > maxIdLength ? undefined : await deps.orders.order(orderId)
  if (order === undefined || !isSameText(order.linkKey, linkKey)) return notFound(deps, request)
  if (action === undefined) {
    if (request.method === 'GET') return show(deps, { order, wantsJson })
    if (request.method === 'HEAD') return withoutBody(await show(deps, { order, wantsJson }))
    return wrongMethod('GET')
  }
  if (action !== 'approvals' && action !== 'rejection' && action !== 'requote') return notFound(deps, request)
  if (request.method !== 'POST') return wrongMethod('POST')
  if (action === 'requote') return requote(deps, { order, request })
  return takeSignature(deps, { order, request, action })
}

async function show(
  deps: ApproveDeps,
  { order, wantsJson }: { readonly order: Order; readonly wantsJson: boolean },
): Promise<HttpResponse> {
  const at = deps.clock.now()
  const names = namesOf(await deps.settings(order.portfolioId))
  if (wantsJson) return jsonResponse(200, approveJson(order, at, names))
  const nonce = deps.random.key()
  const { demoSignUrl } = deps
  const body = approvePage({ order, at, names, nonce, demoSignUrl })
  return pageResponse({ status: 200, body, nonce, connectTo: originOf(demoSignUrl) })
}

async function takeSignature(
  deps: ApproveDeps,
  params: { readonly order: Order; readonly request: HttpRequest; readonly action: 'approvals' | 'rejection' },
): Promise<HttpResponse> {
  const { order, request, action } = params
  const read = readJson(request, signatureBody)
  if (read.refusal) return refusalResponse(read.refusal)
  const signed: SignatureOnOrder = { orderId: order.id, channel: 'page', ...read.value }
  const outcome = await (action === 'approvals' ? approveOrder(deps, signed) : rejectOrder(deps, signed))
  logOutcome(deps, { action, outcome, order, request })
  if (outcome.kind === 'refused') return refusalResponse({ status: statusOf[outcome.code], ...outcome })
  const names = namesOf(await deps.settings(order.portfolioId))
  return jsonResponse(200, { ...approveJson(outcome.order, deps.clock.now(), names), repeated: outcome.repeated })
}

async function requote(
  deps: ApproveDeps,
  { order, request }: { readonly order: Order; readonly request: HttpRequest },
): Promise<HttpResponse> {
  const read = readJson(request, z.strictObject({}))
  if (read.refusal) return refusalResponse(read.refusal)
  const refusal = await requoteRefusal(deps, order)
  if (refusal !== undefined) return refusalResponse(refusal)
  const message = {
    kind: 'plan-made',
    portfolioId: order.portfolioId,
    planId: order.planId,
    requote: true,
  } as const
  await deps.bus.send([{ message, deduplicationId: `${identityOf(message)}:${order.quote}` }])
  deps.log.line('requote-asked', { orderId: order.id, quote: order.quote, sourceIp: request.sourceIp })
  return jsonResponse(202, { requested: true, quote: order.quote })
}

/** Why an order cannot be quoted again now. One that ran out can, if none has followed it: `propose` then makes a new one. */
async function requoteRefusal(deps: ApproveDeps, order: Order): Promise<HttpRefusal | undefined> {
  if (order.status === 'PROPOSED') {
    if (order.approvals.length > 0 && deps.clock.now() < order.validUntil) {
      const message = 'Somebody has signed this quote, and it still holds: a new one would throw the signature away.'
      return { status: 409, code: 'already-signed', message, hint: 'Sign it, too, or wait until it has expired.' }
    }
    if (deps.clock.now() - order.quotedAt >= requoteAfterSeconds) return undefined
    const message = `The quote is younger than ${requoteAfterSeconds} seconds.`
    return { status: 429, code: 'quote-is-new', message, hint: 'Wait a moment, then ask again.' }
  }
  if (order.status === 'EXPIRED' || order.status === 'VOID') {
    const latest = await deps.orders.latestOf(order.portfolioId, order.purpose)
    if (latest?.id === order.id) return undefined
  }
  const message = `The order is ${order.status} and cannot be quoted again.`
  const hint = 'If the need is still there, the next assessment proposes a new order.'
  return { status: 409, code: 'too-late', message, hint }
}

function logOutcome(
  deps: ApproveDeps,
  params: {
    readonly action: string
    readonly outcome: SignatureOutcome
    readonly order: Order
    readonly request: HttpRequest
  },
): void {
  const { action, outcome, order, request } = params
  const result = outcome.kind === 'refused' ? outcome.code : outcome.repeated ? 'repeated' : outcome.order.status
  deps.log.line(action, { orderId: order.id, quote: order.quote, result, sourceIp: request.sourceIp })
}

function namesOf(settings: PortfolioSettings | undefined): Readonly<Record<Address, string>> {
  return Object.fromEntries((settings?.approvers ?? []).map(({ id, address }) => [address, id] as const))
}

function notFound(deps: ApproveDeps, request: HttpRequest): HttpResponse {
  const refusal: HttpRefusal = {
    status: 404,
    code: 'not-found',
    message: 'There is nothing here.',
    hint: 'Check that the link is whole.',
  }
  const isPage = (request.method === 'GET' || request.method === 'HEAD') && !request.path.endsWith('.json')
  if (!isPage) return refusalResponse(refusal)
  const nonce = deps.random.key()
  return pageResponse({ status: 404, body: notFoundPage(nonce), nonce })
}

function wrongMethod(allowed: string): HttpResponse {
  const message = `Only ${allowed} is understood here.`
  const response = refusalResponse({ status: 405, code: 'wrong-method', message, hint: 'Use the buttons of the page.' })
  return { ...response, headers: { ...response.headers, allow: allowed } }
}

/** Compares all characters whatever the first difference: the time taken tells nothing about the key. */
function isSameText(a: string, b: string): boolean {
  if (a.length !== b.length || a.length === 0) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index)
  return difference === 0
}

/** Scheme, host and port of a URL; undefined for a path of our own. */
function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /^https?:\/\/[^/?#;,\s]+/.exec(url)?.[0]
}
