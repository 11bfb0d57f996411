// The door that providers call: what is signed rightly queues its chain, once; whatever else learns nothing and costs nothing.

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { type MemoryBus, memoryBus } from '../../lib/bus/memory-bus.ts'
import { announcedBlock, hearWebhook, maxWebhookBytes, webhooksInForce } from '../../lib/flows/hear-webhook.ts'
import type { HttpRequest, HttpResponse } from '../../lib/flows/http.ts'
import { isNestedDeeper } from '../../lib/flows/json-depth.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { onceStore } from '../../lib/store/once-store.ts'
import { systemHmac } from '../../lib/wiring/clock.ts'

const key = 'whsec_test_signing_key'
const start = 1_722_816_000
let now = start
let bus: MemoryBus
let lines: string[]
let call: (request: Partial<HttpRequest>) => Promise<HttpResponse>

beforeEach(() => {
  now = start
  lines = []
  const clock = { now: () => now }
  bus = memoryBus({ clock })
  const deps = {
    webhooks: async () => [
      { id: 'eth-alchemy', kind: 'alchemy', chainId: 1, secret: 'homeostat/webhook/a' },
      { id: 'eth-quicknode', kind: 'quicknode', chainId: 1, secret: 'homeostat/webhook/q' },
    ],
    secret: async () => new Redacted(`${key}\n`),
    hmac: systemHmac,
    once: onceStore(memoryTable()),
    bus,
    clock,
    log: { line: (event: string, facts: object) => void lines.push(JSON.stringify({ event, ...facts })) },
  }
  call = (request) =>
    hearWebhook(deps, {
      method: 'POST',
      path: '/eth-alchemy',
      query: {},
      headers: {},
      cookies: {},
      body: '',
      sourceIp: '',
      ...request,
    })
})

const hmac = (text: string) => createHmac('sha256', key).update(text).digest('hex')
/** As documented for Alchemy's address activity, shortened. */
const activity = JSON.stringify({
  webhookId: 'wh_1',
  type: 'ADDRESS_ACTIVITY',
  event: { network: 'ETH_MAINNET', activity: [{ blockNum: '0xdf34a3', asset: 'USDC' }, { blockNum: '0xdf34a2' }] },
})
const byAlchemy = (body = activity) => call({ body, headers: { 'x-alchemy-signature': hmac(body) } })
const byQuicknode = (more: {
  body?: string
  nonce?: string
  at?: number | string
  sign?: (text: string) => string
}) => {
  const { body = '{"data":[{"number":"0x10"}]}', nonce = 'nonce-1234', at = now, sign = hmac } = more
  const headers = { 'x-qn-nonce': nonce, 'x-qn-timestamp': String(at), 'x-qn-signature': sign(`${nonce}${at}${body}`) }
  return call({ path: '/eth-quicknode', body, headers })
}
const queued = () => bus.waiting('chains')
const codeOf = ({ body }: HttpResponse) => JSON.parse(body).error?.code

describe('a signed request', () => {
  it('of Alchemy queues its chain, with the highest block that it names as a hint', async () => {
    expect((await byAlchemy()).status).toBe(200)
    expect(queued()).toEqual([{ kind: 'chain-due', chainId: 1, slot: start, cause: 'webhook', block: 0xdf34a3 }])
  })

  it('of QuickNode queues its chain, whether its time is in seconds or in milliseconds', async () => {
    expect((await byQuicknode({})).status).toBe(200)
    expect((await byQuicknode({ nonce: 'nonce-5678', at: `${now}123` })).status).toBe(200)
    expect(queued()).toMatchObject([{ chainId: 1, cause: 'webhook', block: 16 }])
  })

  it('however often it comes is one message a second and block, and never more than eight and one a second', async () => {
    for (let count = 0; count < 30; count++) await byAlchemy()
    expect(queued()).toHaveLength(1)
    for (let block = 0; block < 100; block++) await byAlchemy(JSON.stringify({ blockNumber: block }))
    for (let count = 0; count < 30; count++) await byAlchemy('{}')
    expect(queued().length).toBeLessThanOrEqual(9)
  })

  it('is heard whatever its body is: it is not parsed', async () => {
    expect((await byAlchemy('not JSON at all')).status).toBe(200)
    expect(queued()).toEqual([{ kind: 'chain-due', chainId: 1, slot: start, cause: 'webhook' }])
  })
})

describe('a request that is not what it claims', () => {
  it.each([
    ['without a signature', () => call({ body: activity })],
    ['signed with another key', () => call({ body: activity, headers: { 'x-alchemy-signature': 'ab'.repeat(32) } })],
    ['with another body', () => call({ body: `${activity} `, headers: { 'x-alchemy-signature': hmac(activity) } })],
    ['in base64', () => call({ body: activity, headers: { 'x-alchemy-signature': btoa(hmac(activity)) } })],
    ['to a webhook that is not there', () => call({ path: '/other', body: activity })],
    ['to no webhook', () => call({ path: '/', body: activity })],
    ['without a nonce', () => byQuicknode({ nonce: '' })],
    ['from yesterday', () => byQuicknode({ at: start - 86_400 })],
    ['from the future', () => byQuicknode({ at: start + 301 })],
    [
      'whose time was changed',
      () => byQuicknode({ sign: (text) => hmac(text.replace(String(start), `${start - 1}`)) }),
    ],
  ])('%s is refused, and queues nothing', async (_, send) => {
    const answer = await send()
    const { status, body } = answer
    expect([status, codeOf(answer)]).toEqual([401, 'unauthorised'])
    expect(body).not.toMatch(/signature|nonce|time|window|key/i)
    expect(queued()).toEqual([])
  })

  it('a second use of a nonce is refused, also after its first was outside the deduplication of the queue', async () => {
    await byQuicknode({ at: start + 299 })
    now += 590
    const again = await byQuicknode({ at: start + 299 })
    expect(again.status).toBe(401)
    expect(lines.at(-1)).toContain('used-before')
    expect(queued()).toHaveLength(1)
  })

  it('leaves no key in the log', async () => {
    await call({ body: activity, headers: { 'x-alchemy-signature': 'ab'.repeat(32) } })
    await byAlchemy()
    expect(lines.join()).not.toContain(key)
    expect(lines.join()).not.toContain(hmac(activity))
  })

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('%s is told that only POST is answered', async (method) => {
    const { status, headers } = await call({ method })
    expect([status, headers.allow]).toEqual([405, 'POST'])
  })
})

describe('a body', () => {
  it.each([
    ['of more bytes than fit', 'x'.repeat(maxWebhookBytes + 1), 'body-too-long'],
    ['whose characters are few and bytes too many', 'ü'.repeat(maxWebhookBytes / 2 + 1), 'body-too-long'],
    ['nested 33 deep', `${'['.repeat(33)}${']'.repeat(33)}`, 'body-too-deep'],
    ['nested ten thousand deep', '{"a":'.repeat(10_000), 'body-too-deep'],
  ])('%s is refused before it is believed or parsed', async (_, body, code) => {
    const answer = await call({ body, headers: { 'x-alchemy-signature': hmac(body) } })
    expect([answer.status, codeOf(answer)]).toEqual([413, code])
  })

  it('that is compressed is refused', async () => {
    expect((await call({ body: activity, headers: { 'content-encoding': 'gzip' } })).status).toBe(415)
  })

  it('is as deep as a parser finds it', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(7), (value, limit) => {
        expect(isNestedDeeper(JSON.stringify(value), limit)).toBe(depthOf(value) > limit)
      }),
    )
  })

  it.each([
    ['{"event":{"data":{"block":{"number":19422000}}}}', 19_422_000],
    ['{"blockNumber":"0x1285f70","logs":[{"blockNumber":"0x1285f71"}]}', 0x1285f71],
    ['{"number":-5,"blockNum":"none"}', undefined],
    ['', undefined],
  ])('%s names block %s', (body, block) => {
    expect(announcedBlock(body)).toBe(block)
  })
})

describe('the webhooks in force', () => {
  it('are read once in half a minute, however many ask', async () => {
    let reads = 0
    const config = {
      pointer: async () => {
        reads += 1
        return { version: 'v1', movedAt: 0, movedBy: 'cli', itemVersion: 1 }
      },
      webhooks: async () => [{ id: 'w', kind: 'alchemy', chainId: 1, secret: 's' }],
    }
    const webhooks = webhooksInForce({ config: config as never, clock: { now: () => now } })
    for (let count = 0; count < 50; count++) expect(await webhooks()).toHaveLength(1)
    now += 31
    await webhooks()
    expect(reads).toBe(2)
  })
})
