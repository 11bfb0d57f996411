// Slack's incoming webhooks: one POST to an address that is itself the secret.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { hostOf, reveal } from '../../base/redacted.ts'
import type { Severity } from '../../model/configuration.ts'
import type { Notice } from '../../model/receipt.ts'
import { withoutSecret } from '../without-secret.ts'
import { defineNotifier } from './define-notifier.ts'
import { markerOf } from './marker-of.ts'

const timeoutMilliseconds = 5_000

export const slack = defineNotifier({
  kind: 'slack',
  title: 'Slack: an incoming webhook',
  send: async ({ secret }, { notifier, notice }) => {
    const url = reveal(await secret(notifier.secret)).trim()
    if (!isWebhook(url)) throw notAWebhook()
    const response = await post(url, slackBody(notice))
    const said = withoutSecret(await beginningOf(response), url)
    if (response.status === 200) return response.headers.get('x-slack-req-id') ?? `slack:${notice.id}`
    throw refusal(response, said)
  },
})

/** Https, or plain http to this very machine, where tests and the local run listen. */
function isWebhook(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
}

async function post(url: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      // Whoever answers with another address must not learn what we have to say.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
  } catch (error) {
    throw unreachable(url, error)
  }
}

/** Slack answers with a word; a proxy may answer with a book. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  try {
    const { value } = (await reader?.read()) ?? {}
    return new TextDecoder()
      .decode(value?.subarray(0, 200))
      .replace(/\p{C}+/gu, ' ')
      .trim()
  } catch {
    return ''
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
}

const marks: Readonly<Record<Severity, string>> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
}
const calmMark = ':white_check_mark:'
/** Slack's own limit for a section is 3,000 characters. */
const sectionLimit = 2_900

/** The message: a bold title, the lines, a link; `text` is what phones show. Links are not unfurled: that would open them. */
export function slackBody(notice: Notice) {
  const title = escapeMrkdwn(notice.title)
  const mark = notice.mood === 'good' ? calmMark : marks[notice.severity]
  const lines = clipped(notice.lines.map(escapeMrkdwn))
  const link = notice.link === undefined ? [] : [`<${escapeLink(notice.link)}|Open>`]
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } }) as const
  return {
    text: `${markerOf(notice).toUpperCase()}: ${title}`,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [section(`${mark} *${title}*`), ...[...lines, ...link].map((line) => section(line))],
  }
}

/** Slack's three control characters as entities: no mention, link or date can be made by what a notice says. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** In `<address|name>` the bar and the brackets end the address. */
function escapeLink(link: string): string {
  return link.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('&', '&amp;')
}

/** One section for all lines unless they are too long for one; an entity is never cut in two. */
function clipped(lines: readonly string[]): readonly string[] {
  const text = lines.filter((line) => line !== '').join('\n')
  if (text === '') return []
  if (text.length <= sectionLimit) return [text]
  return [`${text.slice(0, sectionLimit).replace(/&[a-z]*$/, '')}…`]
}

function refusal(response: Response, said: string): HomeostatError {
  const { status } = response
  const waiting = status === 429 ? `; it asks to wait ${response.headers.get('retry-after') ?? 'some'} s` : ''
  return new HomeostatError(status === 429 ? 'slack-rate-limited' : 'slack-refused', {
    message: `Slack answered ${status}${said === '' ? '' : ` ${said}`}${waiting}.`,
    // A redirect is no answer of Slack's: something else lives at that address.
    retry: status === 429 || status >= 500 ? 'later' : 'never',
    facts: { status },
    hint: 'For 403, 404 and 410 make a new webhook and store it in the secret.',
  })
}

function unreachable(url: string, error: unknown): HomeostatError {
  const timedOut = error instanceof Error && error.name === 'TimeoutError'
  const why = timedOut ? `no answer within ${timeoutMilliseconds / 1_000} s` : 'no connection'
  return new HomeostatError(timedOut ? 'slack-timeout' : 'slack-unreachable', {
    message: `${hostOf(url)} did not take the message: ${why}.`,
    retry: 'later',
    facts: { host: hostOf(url) },
    hint: 'It is tried again.',
  })
}

function notAWebhook(): HomeostatError {
  return new HomeostatError('slack-not-a-webhook', {
    message: 'The secret holds no https address of a webhook.',
    retry: 'never',
    hint: 'Store the webhook’s whole URL as the secret’s value.',
  })
}
