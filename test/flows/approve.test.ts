import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { type MemoryBus, memoryBus } from '../../lib/bus/memory-bus.ts'
import { type ApproveDeps, approve } from '../../lib/flows/approve.ts'
import { approveOrder, rejectOrder } from '../../lib/flows/approve-order.ts'
import type { HttpRequest, HttpResponse } from '../../lib/flows/http.ts'
import type { Order } from '../../lib/model/order.ts'
import { chainHolds, orderDefect } from '../../lib/model/order-hash.ts'
import type { OrderStore } from '../../lib/model/ports.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { orderStore } from '../../lib/store/order-store.ts'
import { orderPath } from '../../lib/web/order-view.ts'
import {
  addressOf,
  alice,
  bob,
  carol,
  mallory,
  orderAt,
  settingsAt,
  signApproval,
  signRejection,
  start,
} from '../web/desk.ts'

let now: number
let orders: OrderStore
let bus: MemoryBus
let lines: string[]
let deps: ApproveDeps
let version: string

beforeEach(() => {
  now = start + 60
  version = 'v1'
  lines = []
  const clock = { now: () => now }
  orders = orderStore(memoryTable())
  bus = memoryBus({ clock })
  deps = {
    orders,
    bus,
    clock,
    settings: async () => settingsAt(version),
    log: { line: (event, facts) => lines.push(`${event} ${JSON.stringify(facts)}`) },
    random: { key: () => randomBytes(16).toString('hex') },
  }
})

async function stored(change: Partial<Order> = {}): Promise<Order> {
  const order = orderAt(start, change)
  await orders.create(order)
  return order
}

const read = async (): Promise<Order> => {
  const order = await orders.order('treasury~restore-health~0001')
  if (order === undefined) throw new Error('the order was stored before')
  return order
}

function request(method: string, path: string, body?: unknown): HttpRequest {
  return {
    method,
    path,
    query: {},
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    cookies: {},
    body: body === undefined ? '' : JSON.stringify(body),
    sourceIp: '192.0.2.1',
  }
}

const post = (order: Order, action: string, body: unknown) =>
  approve(deps, request('POST', `${orderPath(order)}/${action}`, body))
const codeOf = (response: HttpResponse): string => JSON.parse(response.body).error?.code

test('an owner approves, the order becomes APPROVED, and the executor hears of it exactly once', async () => {
  const order = await stored()
  const response = await post(order, 'approvals', { signature: await signApproval(alice, order) })
  expect(response.status).toBe(200)
  const after = await read()
  expect(after.status).toBe('APPROVED')
  expect(after.approvals).toMatchObject([{ approver: addressOf(alice), channel: 'page', at: now }])
  expect(after.events.map((event) => event.kind)).toEqual(['proposed', 'approval'])
  expect(chainHolds(after.events)).toBe(true)
  expect(orderDefect(after)).toBeUndefined()
  // It waits there until it is executed: `deliver` asks again if the message is lost.
  expect(after.outbox).toMatchObject([{ message: { kind: 'order-approved' }, since: now + 300 }])
  expect(bus.waiting('executions')).toEqual([{ kind: 'order-approved', orderId: order.id }])
  expect(bus.waiting('notifications')).toMatchObject([{ kind: 'order-news', status: 'APPROVED', quote: 1 }])
})

test('a second delivery of the same approval succeeds and changes nothing', async () => {
  const order = await stored()
  const signature = await signApproval(alice, order)
  await post(order, 'approvals', { signature })
  const before = await read()
  const response = await post(order, 'approvals', { signature: signature.toUpperCase().replace('0X', '0x') })
  expect(response.status).toBe(200)
  expect(JSON.parse(response.body).repeated).toBe(true)
  expect(await read()).toEqual(before)
  expect(bus.waiting('executions')).toHaveLength(1)
})

test('with a threshold of two the first approval waits, and the same owner cannot fill both places', async () => {
  const order = await stored({ requiredApprovals: 2 })
  const first = await signApproval(alice, order)
  expect((await post(order, 'approvals', { signature: first })).status).toBe(200)
  expect((await read()).status).toBe('PROPOSED')
  // Another valid signature of the same owner: s mirrored at the curve's order.
  const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = n - BigInt(`0x${first.slice(66, 130)}`)
  const v = first.endsWith('1b') ? '1c' : '1b'
  const mirrored = `${first.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}`
  const again = await post(order, 'approvals', { signature: mirrored })
  expect(codeOf(again)).toBe('already-counted')
  expect((await read()).approvals).toHaveLength(1)
  expect(bus.waiting('executions')).toEqual([])
  expect((await post(order, 'approvals', { signature: await signApproval(bob, order) })).status).toBe(200)
  expect((await read()).status).toBe('APPROVED')
  expect((await read()).approvals).toHaveLength(2)
})

test('a signature with v 0 or 1 is stored as 27 or 28, which is what a Safe understands', async () => {
  const order = await stored()
  const signature = await signApproval(alice, order)
  const short = `${signature.slice(0, -2)}${signature.endsWith('1b') ? '00' : '01'}`
  expect((await post(order, 'approvals', { signature: short })).status).toBe(200)
  expect((await read()).approvals[0]?.signature).toBe(signature)
})

test.each<[string, number, (order: Order) => Promise<unknown>]>([
  ['not-an-approver', 403, async (order) => ({ signature: await signApproval(mallory, order) })],
  ['not-an-approver', 403, async (order) => ({ signature: await signApproval(carol, order) })],
  ['not-an-approver', 403, async () => ({ signature: await signApproval(alice, orderAt(start, { quote: 2 })) })],
  ['not-an-approver', 403, async (order) => ({ signature: await signRejection(alice, order) })],
  ['malformed-signature', 400, async (order) => ({ signature: `${await signApproval(alice, order)}00` })],
  ['malformed-signature', 400, async (order) => ({ signature: (await signApproval(alice, order)).slice(0, -2) })],
  [
    'malformed-signature',
    400,
    async (order) => ({ signature: `${(await signApproval(alice, order)).slice(0, -2)}1f` }),
  ],
  ['malformed-signature', 400, async () => ({ signature: `0x${'zz'.repeat(65)}` })],
  ['malformed-signature', 400, async () => ({ signature: `0x${'00'.repeat(64)}1b` })],
  [
    'older-quote',
    409,
    async () => {
      const older = orderAt(start, { quote: 2 })
      return { signature: await signApproval(alice, older), safeTransactionHash: older.safeTransactionHash }
    },
  ],
  ['invalid-body', 400, async () => ({})],
  ['invalid-body', 400, async (order) => ({ signature: await signApproval(alice, order), force: true })],
  ['invalid-body', 400, async () => ({ signature: 7 })],
  ['invalid-body', 400, async () => ({ signature: `0x${'11'.repeat(600)}` })],
])('an approval that is %s is refused with %i and changes nothing', async (code, status, make) => {
  const order = await stored()
  const before = await read()
  const response = await post(order, 'approvals', await make(order))
  expect(response.status).toBe(status)
  expect(JSON.parse(response.body)).toEqual({
    error: { code, message: expect.stringMatching(/.{10}/), hint: expect.stringMatching(/.{10}/) },
  })
  expect(await read()).toEqual(before)
  expect(bus.waiting('executions')).toEqual([])
  expect(bus.waiting('notifications')).toEqual([])
})

test('an approver who left the configuration of this portfolio does not count, even under the same version', async () => {
  const order = await stored()
  const settings = settingsAt('v1')
  deps = {
    ...deps,
    settings: async () => ({ ...settings, portfolio: { ...settings.portfolio, approvers: ['bob'] } }),
  }
  expect(codeOf(await post(order, 'approvals', { signature: await signApproval(alice, order) }))).toBe(
    'approver-removed',
  )
  expect((await read()).approvals).toEqual([])
})

test('at the second its validity ends an order expires instead of being approved, and people hear of it', async () => {
  const order = await stored()
  now = order.validUntil
  expect(codeOf(await post(order, 'approvals', { signature: await signApproval(alice, order) }))).toBe('expired')
  expect(await read()).toMatchObject({ status: 'EXPIRED', approvals: [] })
  expect(bus.waiting('executions')).toEqual([])
  expect(bus.waiting('notifications')).toMatchObject([{ status: 'EXPIRED' }])
  expect(codeOf(await post(order, 'approvals', { signature: await signApproval(alice, order) }))).toBe('too-late')
})

test('one second before it ends it can still be approved', async () => {
  const order = await stored()
  now = order.validUntil - 1
  expect((await post(order, 'approvals', { signature: await signApproval(alice, order) })).status).toBe(200)
})

test.each<[string, (order: Order) => Partial<Order>]>([
  ['quote', () => ({ quote: 3 })],
  ['validUntil', (order) => ({ validUntil: order.validUntil + 3_600 })],
  ['limits', (order) => ({ limits: { ...order.limits, maxSlippageBps: 9_000 } })],
  ['approvers', (order) => ({ approvers: [...order.approvers, addressOf(mallory)] })],
  ['requiredApprovals', () => ({ requiredApprovals: 0 })],
  ['calls', (order) => ({ calls: order.calls.map((call) => ({ ...call, value: '1' })) })],
  ['account', () => ({ account: `0x${'66'.repeat(20)}` })],
  ['safe nonce', (order) => ({ safeTransaction: { ...order.safeTransaction, nonce: 8 } })],
  ['safe hash', () => ({ safeTransactionHash: `0x${'12'.repeat(32)}` })],
  ['policy version', () => ({ policyVersion: 'v0' })],
  ['digest', () => ({ digest: `0x${'12'.repeat(32)}` })],
  ['deployment', () => ({ deployment: 'another' })],
])('an order whose %s was altered in the store is void when somebody approves it', async (_, alter) => {
  const honest = orderAt(start)
  const order: Order = { ...honest, ...alter(honest) }
  await orders.create(order)
  const signature = await signApproval(mallory, order)
  expect(codeOf(await post(order, 'approvals', { signature }))).toBe('order-altered')
  expect((await read()).status).toBe('VOID')
  expect(bus.waiting('executions')).toEqual([])
})

test('a change of the configuration voids an open order with the reason', async () => {
  const order = await stored()
  version = 'v2'
  expect(codeOf(await post(order, 'approvals', { signature: await signApproval(alice, order) }))).toBe('policy-changed')
  expect(await read()).toMatchObject({ status: 'VOID', ending: 'the configuration changed' })
})

test('a portfolio that is configured no more voids its order', async () => {
  const order = await stored()
  deps = { ...deps, settings: async () => undefined }
  expect(codeOf(await post(order, 'approvals', { signature: await signApproval(alice, order) }))).toBe('policy-changed')
  expect((await read()).status).toBe('VOID')
})

test('two approvals that race are both counted', async () => {
  const order = await stored({ requiredApprovals: 2 })
  const [first, second] = await Promise.all(
    [alice, bob].map(async (owner) =>
      approveOrder(deps, { orderId: order.id, signature: await signApproval(owner, order), channel: 'cli' }),
    ),
  )
  expect([first?.kind, second?.kind]).toEqual(['accepted', 'accepted'])
  const after = await read()
  expect(after.status).toBe('APPROVED')
  expect(after.approvals.map((one) => one.approver).sort()).toEqual([addressOf(alice), addressOf(bob)].sort())
  expect(bus.waiting('executions')).toHaveLength(1)
})

test('an order that others keep changing gives up after five readings without counting anything', async () => {
  const order = await stored()
  let readings = 0
  const contended: OrderStore = {
    ...orders,
    order: (id) => {
      readings += 1
      return orders.order(id)
    },
    save: async () => 'conflict',
  }
  const signature = await signApproval(alice, order)
  const outcome = await approveOrder({ ...deps, orders: contended }, { orderId: order.id, signature, channel: 'cli' })
  expect(outcome).toMatchObject({ kind: 'refused', code: 'busy' })
  expect(readings).toBe(5)
  expect((await read()).status).toBe('PROPOSED')
})

test('a bus that refuses loses nothing: the approval stands, the outbox keeps the news, and a repeat sends it', async () => {
  const order = await stored()
  const signature = await signApproval(alice, order)
  const send = () => Promise.reject(new Error('the queue is not there'))
  const response = await approve(
    { ...deps, bus: { send } },
    request('POST', `${orderPath(order)}/approvals`, { signature }),
  )
  expect(response.status).toBe(200)
  expect((await read()).outbox.map((entry) => entry.message.kind).sort()).toEqual(['order-approved', 'order-news'])
  expect(lines.some((line) => line.startsWith('outbox-left'))).toBe(true)
  await post(order, 'approvals', { signature })
  expect(bus.waiting('executions')).toHaveLength(1)
  expect((await read()).outbox.map(({ message }) => message.kind)).toEqual(['order-approved'])
})

test('one approver rejects, and the order can be neither approved nor executed after that', async () => {
  const order = await stored()
  const signature = await signRejection(bob, order)
  expect((await post(order, 'rejection', { signature })).status).toBe(200)
  expect(await read()).toMatchObject({ status: 'REJECTED', ending: `rejected by ${addressOf(bob)} (page)` })
  expect(bus.waiting('notifications')).toMatchObject([{ status: 'REJECTED' }])
  expect(JSON.parse((await post(order, 'rejection', { signature })).body).repeated).toBe(true)
  expect(codeOf(await post(order, 'approvals', { signature: await signApproval(alice, order) }))).toBe('too-late')
  expect(bus.waiting('executions')).toEqual([])
})

test.each<[string, (order: Order) => Promise<string>]>([
  ['not-an-approver', (order) => signRejection(mallory, order)],
  ['not-an-approver', (order) => signApproval(alice, order)],
  ['not-an-approver', (order) => signRejection(alice, { ...order, quote: 2 })],
  ['not-an-approver', (order) => signRejection(alice, { ...order, deployment: 'another' })],
  ['malformed-signature', async () => '0x'],
])('a rejection that is %s changes nothing', async (code, sign) => {
  const order = await stored()
  const before = await read()
  expect(codeOf(await post(order, 'rejection', { signature: await sign(order) }))).toBe(code)
  expect(await read()).toEqual(before)
})

test('an approved order can no longer be rejected', async () => {
  const order = await stored()
  await post(order, 'approvals', { signature: await signApproval(alice, order) })
  expect(codeOf(await post(order, 'rejection', { signature: await signRejection(bob, order) }))).toBe('too-late')
  const outcome = await rejectOrder(deps, { orderId: 'treasury~restore-health~0009', signature: '0x', channel: 'cli' })
  expect(outcome).toMatchObject({ kind: 'refused', code: 'unknown-order' })
})

test('opening the link any number of times shows the order and changes nothing', async () => {
  const order = await stored()
  const before = await read()
  for (const method of ['GET', 'HEAD', 'GET']) {
    const response = await approve(deps, request(method, orderPath(order)))
    expect(response.status).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.headers['referrer-policy']).toBe('no-referrer')
    expect(response.body === '').toBe(method === 'HEAD')
  }
  now = order.validUntil + 1
  await approve(deps, request('GET', orderPath(order)))
  expect(await read()).toEqual(before)
  expect((await approve(deps, request('GET', `${orderPath(order)}/approvals`))).status).toBe(405)
})

test('the JSON of an order holds what a wallet signs, so that a tool can check the hash by itself', async () => {
  const order = await stored()
  const response = await approve(deps, request('GET', `${orderPath(order)}.json`))
  const json = JSON.parse(response.body)
  const { domain, types, primaryType, message } = json.typedData
  const signature = await alice.signTypedData({ domain, types, primaryType, message })
  expect(signature).toBe(await signApproval(alice, order))
  expect(json).toMatchObject({ digest: order.digest, safeTransactionHash: order.safeTransactionHash })
})

test('an unknown order and a wrong key get the same answer for every method', async () => {
  const order = await stored()
  const wrong = orderPath({ ...order, linkKey: 'cd'.repeat(16) })
  const unknown = orderPath({ ...order, id: 'treasury~restore-health~0002' })
  const huge = orderPath({ ...order, id: `${'a'.repeat(5_000)}~restore-health~0001` })
  const empty = `/o/${encodeURIComponent(order.id)}/`
  const withoutNonce = ({ body, ...rest }: HttpResponse) => ({
    ...rest,
    body: body.replaceAll(/[0-9a-f]{32}/g, 'nonce'),
    headers: { ...rest.headers, 'content-security-policy': '' },
  })
  const signature = await signApproval(alice, order)
  for (const [method, suffix, body] of [
    ['GET', '', undefined],
    ['GET', '.json', undefined],
    ['POST', '/approvals', { signature }],
    ['POST', '/requote', {}],
  ] as const) {
    const answers = await Promise.all(
      [wrong, unknown, huge, empty, '/o/%E0%A4%A'].map((path) =>
        approve(deps, request(method, `${path}${suffix}`, body)),
      ),
    )
    for (const answer of answers) {
      expect(answer.status).toBe(404)
      expect(withoutNonce(answer)).toEqual(withoutNonce(answers[0] as HttpResponse))
    }
  }
  expect((await read()).status).toBe('PROPOSED')
})

test.each<[string, number, (sent: HttpRequest) => HttpRequest]>([
  ['not-json', 415, (sent) => ({ ...sent, headers: {} })],
  ['not-json', 415, (sent) => ({ ...sent, headers: { 'content-type': 'text/plain' } })],
  ['not-json', 415, (sent) => ({ ...sent, headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
  ['body-too-long', 413, (sent) => ({ ...sent, body: `${' '.repeat(16_384)}${sent.body}` })],
  ['body-too-long', 413, (sent) => ({ ...sent, body: '"'.concat('ü'.repeat(9_000), '"') })],
  ['invalid-body', 400, (sent) => ({ ...sent, body: '{' })],
  ['invalid-body', 400, (sent) => ({ ...sent, body: 'null' })],
])('a body that is %s is refused with %i before it is looked at', async (code, status, spoil) => {
  const order = await stored()
  const sent = request('POST', `${orderPath(order)}/approvals`, { signature: await signApproval(alice, order) })
  const response = await approve(deps, spoil(sent))
  expect([codeOf(response), response.status]).toEqual([code, status])
  expect((await read()).status).toBe('PROPOSED')
})

test('a new quote is asked of the proposer, not made here, and not again at once', async () => {
  const order = await stored()
  now = start + 5
  expect(codeOf(await post(order, 'requote', {}))).toBe('quote-is-new')
  now = start + 60
  expect((await post(order, 'requote', {})).status).toBe(202)
  expect(bus.waiting('proposals')).toEqual([
    { kind: 'plan-made', portfolioId: 'treasury', planId: order.planId, requote: true },
  ])
  expect((await read()).quote).toBe(1)
})

test('an expired order can be quoted again only while no other has followed it, a rejected one never', async () => {
  const order = await stored({ status: 'EXPIRED' })
  expect((await post(order, 'requote', {})).status).toBe(202)
  await orders.create(orderAt(start + 1_000, { id: 'treasury~restore-health~0002', status: 'REJECTED' }))
  expect(codeOf(await post(order, 'requote', {}))).toBe('too-late')
  const later = await orders.order('treasury~restore-health~0002')
  expect(codeOf(await post(later as Order, 'requote', {}))).toBe('too-late')
  expect(bus.waiting('proposals')).toHaveLength(1)
})

test('the page names approvers, runs only its own script, and may call the demo signer only if there is one', async () => {
  const order = await stored()
  const plain = await approve(deps, request('GET', orderPath(order)))
  const policy = plain.headers['content-security-policy'] ?? ''
  expect(policy).toContain(`default-src 'none'`)
  expect(policy).toContain(`connect-src 'self';`)
  expect(policy).not.toContain('unsafe')
  const nonce = /nonce-([0-9a-f]{32})/.exec(policy)?.[1]
  for (const [tag] of plain.body.matchAll(/<(script|style)\b[^>]*>/g)) {
    expect(tag.includes(`nonce="${nonce}"`) || tag.includes('type="application/json"')).toBe(true)
  }
  expect(plain.body).not.toContain('demo key')
  expect(plain.body).toContain('alice')
  const demo = await approve({ ...deps, demoSignUrl: 'http://127.0.0.1:9999/sign' }, request('GET', orderPath(order)))
  expect(demo.headers['content-security-policy']).toContain(`connect-src 'self' http://127.0.0.1:9999;`)
  expect(demo.body).toContain('Approve with the demo key')
})
