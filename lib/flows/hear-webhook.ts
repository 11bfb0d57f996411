// A provider says that something happened on a chain: a hint, never believed, that makes us look at once instead of at the next minute.

import type { Redacted } from '../base/redacted.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { WebhookInForce } from '../model/chain-settings.ts'
import type { Bus, Clock, ConfigStore, Log, OnceStore } from '../model/ports.ts'
import { chainDue } from './chain-due.ts'
import { type HttpRefusal, type HttpRequest, type HttpResponse, jsonResponse, refusalResponse } from './http.ts'
import { isNestedDeeper } from './json-depth.ts'
import type { SignedClaim, WebhookKind } from './webhooks/define-webhook.ts'
import { webhookKinds } from './webhooks/index.ts'

export interface HearWebhookDeps {
  /** Those that are configured now; see `webhooksInForce`. */
  readonly webhooks: () => Promise<readonly WebhookInForce[]>
  readonly secret: (name: string) => Promise<Redacted>
  /** HMAC-SHA256 of a text, in hexadecimal. */
  readonly hmac: (key: Redacted, text: string) => string
  readonly once: OnceStore
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** The largest body; providers send a few kilobytes for a block. */
export const maxWebhookBytes = 262_144
const maxDepth = 32
/** How far a signed time may be from ours. */
const windowSeconds = 300

/**
 * POST /ID. All that it does is to queue the chain, once a second and block however often it is called; the body is never parsed.
 * Whatever is wrong with a request beyond its size is answered alike, so that nothing can be learned from the answer.
 */
export async function hearWebhook(deps: HearWebhookDeps, request: HttpRequest): Promise<HttpResponse> {
  if (request.method !== 'POST') return notPost()
  const refusal = unfit(request)
  if (refusal !== undefined) return refusalResponse(refusal)
  const id = request.path.slice(1)
  const webhook = (await deps.webhooks()).find((one) => one.id === id)
  const kind = webhookKinds.find(({ name }) => name === webhook?.kind)
  if (webhook === undefined || kind === undefined) return refusalResponse(unauthorised)
  const now = deps.clock.now()
  const why = await mistrust(deps, { webhook, kind, request, now })
  if (why !== undefined) {
    deps.log.line('hear-webhook.refused', { webhook: id, why })
    return refusalResponse(unauthorised)
  }
  const { chainId } = webhook
  const block = announcedBlock(request.body)
  await deps.bus.send([chainDue({ chainId, slot: now, cause: 'webhook', ...(block === undefined ? {} : { block }) })])
  deps.log.line('hear-webhook', { webhook: id, chainId, block })
  return jsonResponse(200, { heard: true })
}

const unauthorised: HttpRefusal = {
  status: 401,
  code: 'unauthorised',
  message: 'This request is not accepted.',
  hint: 'The log of this door says why.',
}

function notPost(): HttpResponse {
  const answer = refusalResponse({
    status: 405,
    code: 'method-not-allowed',
    message: 'Only POST is answered here.',
    hint: 'This address is for a provider that sends webhooks.',
  })
  return { ...answer, headers: { ...answer.headers, allow: 'POST' } }
}

/** Size and depth, before anything is looked up or parsed. */
function unfit({ headers, body }: HttpRequest): HttpRefusal | undefined {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    const hint = 'Switch compression off where the webhook is configured.'
    return { status: 415, code: 'compressed', message: 'Compressed bodies are not unpacked.', hint }
  }
  if (body.length > maxWebhookBytes || new TextEncoder().encode(body).length > maxWebhookBytes) {
    const message = `The body is longer than ${maxWebhookBytes} bytes.`
    return { status: 413, code: 'body-too-long', message, hint: 'Let the provider filter what it sends.' }
  }
  if (isNestedDeeper(body, maxDepth)) {
    const message = `The body is nested more than ${maxDepth} deep.`
    return { status: 413, code: 'body-too-deep', message, hint: 'No provider that is known here sends such a body.' }
  }
  return undefined
}

/** Why a request is not what it claims to be, for the log only; undefined if it is. */
async function mistrust(
  deps: HearWebhookDeps,
  params: {
    readonly webhook: WebhookInForce
    readonly kind: WebhookKind
    readonly request: HttpRequest
    readonly now: UnixSeconds
  },
): Promise<string | undefined> {
  const { webhook, kind, request, now } = params
  const claim = kind.claim(request)
  if (claim === undefined) return 'no-signature'
  if (!isSigned(deps, await deps.secret(webhook.secret), claim)) return 'wrong-signature'
  const { stamp } = claim
  if (stamp === undefined) return undefined
  if (Math.abs(now - stamp.at) > windowSeconds) return 'outside-window'
  // Kept until its time is outside of the window whatever our clocks say.
  const isFirst = await deps.once.first(`webhook#${webhook.id}#${stamp.nonce}`, now + 3 * windowSeconds)
  return isFirst ? undefined : 'used-before'
}

function isSigned({ hmac }: HearWebhookDeps, key: Redacted, { text, signature }: SignedClaim): boolean {
  return isSameText(hmac(key, text), signature)
}

/** Takes as long for a text that differs in its first character as for one that differs in its last. */
function isSameText(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ other.charCodeAt(index)
  return difference === 0
}

const blockPattern = /"(?:blockNum|blockNumber|block_number|number)"\s*:\s*"?(0x[0-9a-fA-F]{1,12}|\d{1,12})\b/g

/** The highest block that the body names, however it is built; a wrong one costs a moment of waiting and nothing else. */
export function announcedBlock(body: string): number | undefined {
  const numbers = [...body.matchAll(blockPattern)].map(([, number]) => Number(number))
  return numbers.length === 0 ? undefined : numbers.reduce((a, b) => Math.max(a, b))
}

/** How long a list of webhooks is used: a flood of requests does not become a flood of reads. */
const keepSeconds = 30

/** The webhooks of the configuration in force, read anew every half minute. */
export function webhooksInForce(deps: { readonly config: ConfigStore; readonly clock: Clock }) {
  let kept: { readonly webhooks: readonly WebhookInForce[]; readonly until: UnixSeconds } | undefined
  return async (): Promise<readonly WebhookInForce[]> => {
    const now = deps.clock.now()
    if (kept !== undefined && kept.until > now) return kept.webhooks
    const pointer = await deps.config.pointer()
    const webhooks = pointer === undefined ? [] : await deps.config.webhooks(pointer.version)
    kept = { webhooks, until: now + keepSeconds }
    return webhooks
  }
}
