import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { SNSClient } from '@aws-sdk/client-sns'
import { afterEach, describe, expect, it } from 'vitest'
import { noticeDeliverer } from '../../../lib/actions/notifiers/deliver-notice.ts'
import { notifiers } from '../../../lib/actions/notifiers/index.ts'
import { HomeostatError } from '../../../lib/base/homeostat-error.ts'
import { Redacted } from '../../../lib/base/redacted.ts'
import type { NotifierConfig } from '../../../lib/model/configuration.ts'
import type { Delivery, Notice } from '../../../lib/model/receipt.ts'
import { type AnsweringServer, type Asked, startAnsweringServer } from '../fixture/answering-server.ts'

type Kind = NotifierConfig['kind']
/** A kind that can be configured but has no channel does not compile here. */
const everyKind: Readonly<Record<Exclude<Kind, (typeof notifiers)[number]['kind']>, never>> = {}

const phone = '+41790001122'
const token = 'T0KEN-9876543210abcdef'
const configs: { readonly [K in Kind]: Extract<NotifierConfig, { kind: K }> } = {
  ...everyKind,
  console: { id: 'log', kind: 'console', minSeverity: 'info' },
  sms: { id: 'phone', kind: 'sms', minSeverity: 'critical', phone },
  slack: { id: 'desk', kind: 'slack', minSeverity: 'warning', secret: 'slack-desk' },
}
const notice: Notice = {
  id: 'treasury~health~1~raised',
  portfolioId: 'treasury',
  severity: 'critical',
  title: 'health factor 1.147 < 1.3',
  lines: ['ETH fell.\u001b[2J'],
  link: 'https://example.com/o/1',
  at: 1,
}

const stops: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

/** SNS and Slack in one: what the world outside answers to every channel. */
async function outside(answer: (asked: Asked, response: ServerResponse) => void) {
  const server = await startAnsweringServer(answer)
  const sns = new SNSClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  stops.push(server.stop, () => sns.destroy())
  const printed: string[] = []
  const secret = async (name: string) => new Redacted(`${server.url}/services/${name}/${token}`)
  const deps = { sns, secret, print: (line: string) => void printed.push(line) }
  return { server, printed, deps, deliverer: noticeDeliverer(deps) }
}

const accepts = (asked: Asked, response: ServerResponse) => {
  if (asked.path === '/') {
    response.writeHead(200, { 'content-type': 'text/xml' })
    const result = '<PublishResult><MessageId>sns-1</MessageId></PublishResult>'
    response.end(`<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`)
  } else response.end('ok')
}

const refuses =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (asked: Asked, response: ServerResponse) => {
    const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>number ${phone} ${token}</Message></Error></ErrorResponse>`
    response.writeHead(status, { ...headers, 'content-type': asked.path === '/' ? 'text/xml' : 'text/plain' })
    response.end(asked.path === '/' ? xml : `no ${asked.path}`)
  }

function mustHoldNoSecret(delivery: Delivery): void {
  const shown = `${JSON.stringify(delivery)} ${inspect(delivery, { depth: 20 })}`
  for (const secret of [token, phone, phone.slice(1), 'services/']) expect(shown).not.toContain(secret)
}

const outsideChannels = notifiers.filter(({ kind }) => kind !== 'console').map(({ kind }) => kind)

describe.each(notifiers.map(({ kind }) => kind))('the channel %s', (kind) => {
  it('accepts a notice and gives a reference', async () => {
    const { deliverer } = await outside(accepts)
    const delivery = await deliverer.deliver({ notifier: configs[kind], notice })
    expect(delivery).toEqual({ kind: 'accepted', reference: expect.stringMatching(/./) })
    mustHoldNoSecret(delivery)
  })

  it('reports whatever is thrown around it as a delivery', async () => {
    const { deps } = await outside(accepts)
    const broken = {
      sns: { send: () => Promise.reject(new TypeError(`${phone} ${token}`)) } as unknown as SNSClient,
      secret: () => Promise.reject(new Error(token)),
      print: () => {
        throw new Error(token)
      },
    }
    const delivery = await noticeDeliverer({ ...deps, ...broken }).deliver({ notifier: configs[kind], notice })
    expect(delivery).toMatchObject({ kind: 'failed', retry: 'later' })
    mustHoldNoSecret(delivery)
  })
})

describe.each(outsideChannels)('the channel %s, when the other side', (kind) => {
  it('refuses for good, says so, and why without a secret', async () => {
    const { deliverer } = await outside(refuses(403, 'AuthorizationError'))
    const delivery = await deliverer.deliver({ notifier: configs[kind], notice })
    expect(delivery).toMatchObject({ kind: 'failed', code: `${kind}-refused`, retry: 'never' })
    mustHoldNoSecret(delivery)
  })

  it('is out of order, is tried again later', async () => {
    const { deliverer } = await outside(refuses(500, 'InternalError'))
    const delivery = await deliverer.deliver({ notifier: configs[kind], notice })
    expect(delivery).toMatchObject({ kind: 'failed', retry: 'later' })
    mustHoldNoSecret(delivery)
  })

  it('limits its rate, is tried again later', async () => {
    const { deliverer } = await outside(refuses(429, 'Throttled', { 'retry-after': '30' }))
    expect(await deliverer.deliver({ notifier: configs[kind], notice })).toMatchObject({
      kind: 'failed',
      retry: 'later',
    })
  })

  it('hangs up, is tried again later', async () => {
    const { deliverer } = await outside((_, response) => response.destroy())
    const delivery = await deliverer.deliver({ notifier: configs[kind], notice })
    expect(delivery).toMatchObject({ kind: 'failed', retry: 'later' })
    mustHoldNoSecret(delivery)
  })
})

describe('the console', () => {
  it('prints every line, without what could move a terminal’s cursor', async () => {
    const { deliverer, printed } = await outside(accepts)
    await deliverer.deliver({ notifier: configs.console, notice })
    expect(printed).toEqual(['[critical] health factor 1.147 < 1.3', '  ETH fell. [2J', '  https://example.com/o/1'])
  })
})

describe('SMS', () => {
  it('is published to the number as a transactional message', async () => {
    const { deliverer, server } = await outside(accepts)
    expect(await deliverer.deliver({ notifier: configs.sms, notice })).toEqual({ kind: 'accepted', reference: 'sns-1' })
    const form = new URLSearchParams(server.asked[0]?.body)
    expect(form.get('Action')).toBe('Publish')
    expect(form.get('PhoneNumber')).toBe(phone)
    expect(form.get('Message')).toMatch(/^CRITICAL health factor 1.147 < 1.3/)
    expect([...form.values()]).toEqual(expect.arrayContaining(['AWS.SNS.SMS.SMSType', 'Transactional']))
  })
})

describe('Slack', () => {
  it('is posted to the secret address as JSON', async () => {
    const { deliverer, server } = await outside(accepts)
    await deliverer.deliver({ notifier: configs.slack, notice })
    expect(server.asked[0]?.path).toBe(`/services/slack-desk/${token}`)
    expect(JSON.parse(server.asked[0]?.body ?? '')).toMatchObject({ blocks: [{ type: 'section' }, {}, {}] })
  })

  it('says how long it was asked to wait', async () => {
    const { deliverer } = await outside(refuses(429, 'x', { 'retry-after': '30' }))
    expect(await deliverer.deliver({ notifier: configs.slack, notice })).toMatchObject({
      code: 'slack-rate-limited',
      reason: expect.stringContaining('it asks to wait 30 s'),
    })
  })

  it('is not followed to another address', async () => {
    const elsewhere: AnsweringServer = await startAnsweringServer((_, response) => response.end('ok'))
    stops.push(elsewhere.stop)
    const { deliverer } = await outside(refuses(307, 'x', { location: `${elsewhere.url}/stolen` }))
    const delivery = await deliverer.deliver({ notifier: configs.slack, notice })
    expect(delivery).toMatchObject({ kind: 'failed', retry: 'never' })
    expect(elsewhere.asked).toEqual([])
  })

  it.each(['http://hooks.example.com/x', 'ftp://127.0.0.1/x', 'no url at all', ''])(
    'is not posted to %j',
    async (address) => {
      const { deps } = await outside(accepts)
      const deliverer = noticeDeliverer({ ...deps, secret: async () => new Redacted(address) })
      expect(await deliverer.deliver({ notifier: configs.slack, notice })).toMatchObject({
        code: 'slack-not-a-webhook',
        retry: 'never',
      })
    },
  )

  it('keeps the code and the hope of an error of ours', async () => {
    const { deps } = await outside(accepts)
    const missing = new HomeostatError('secret-missing', { message: 'There is no secret slack-desk.', retry: 'never' })
    const deliverer = noticeDeliverer({ ...deps, secret: () => Promise.reject(missing) })
    expect(await deliverer.deliver({ notifier: configs.slack, notice })).toEqual({
      kind: 'failed',
      code: 'secret-missing',
      reason: 'There is no secret slack-desk.',
      retry: 'never',
    })
  })
})
