import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { type ConsoleDeps, showConsole } from '../../lib/flows/console.ts'
import { makeConsoleLink } from '../../lib/flows/console-session.ts'
import type { HttpRequest, HttpResponse } from '../../lib/flows/http.ts'
import type { ChainEvent } from '../../lib/model/chain-cursor.ts'
import type { SessionStore } from '../../lib/model/ports.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { orderStore } from '../../lib/store/order-store.ts'
import { sessionStore } from '../../lib/store/session-store.ts'
import { loginText } from '../../lib/web/wallet-requests.ts'
import { addressOf, alice, carol, configuration, mallory, orderAt, start } from '../web/desk.ts'
import { stockedWatchStore } from '../web/stocked-store.ts'

let now: number
let deps: ConsoleDeps
let sessions: SessionStore
let keysSeen: string[]
let lines: string[]

beforeEach(async () => {
  now = start + 30
  keysSeen = []
  lines = []
  const config = configStore(memoryTable())
  await config.putVersion('v1', configuration)
  await config.movePointer({ version: 'v1', movedAt: start, movedBy: 'test' }, 0)
  const store = sessionStore(memoryTable())
  sessions = {
    ...store,
    put: (session) => {
      keysSeen.push(session.key)
      return store.put(session)
    },
  }
  const orders = orderStore(memoryTable())
  await orders.create(orderAt(start))
  deps = {
    watch: await stockedWatchStore(start),
    orders,
    config,
    sessions,
    clock: { now: () => now },
    random: { key: () => randomBytes(16).toString('hex') },
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    log: { line: (event, facts) => lines.push(`${event} ${JSON.stringify(facts)}`) },
    scheme: 'https',
  }
})

const host = 'console.example'

function ask(method: string, path: string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  const [route = path, search = ''] = path.split('?')
  return showConsole(deps, {
    method,
    path: route,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: { host },
    cookies: {},
    body: '',
    sourceIp: '192.0.2.1',
    ...more,
  })
}

const postJson = (path: string, body: unknown) =>
  ask('POST', path, { headers: { host, 'content-type': 'application/json' }, body: JSON.stringify(body) })

function cookieOf(response: HttpResponse): Readonly<Record<string, string>> {
  const [name = '', value = ''] = (response.cookies?.[0] ?? '').split(';')[0]?.split('=') ?? []
  return { [name]: value }
}

async function nonceFor(account: typeof alice): Promise<{ nonce: string; text: string }> {
  return JSON.parse((await postJson('/login/nonce', { address: account.address })).body)
}

async function logIn(account: typeof alice): Promise<HttpResponse> {
  const { nonce, text } = await nonceFor(account)
  const signature = await account.signMessage({ message: text })
  return postJson('/login', { address: account.address, nonce, signature })
}

test.each([
  ['an approver', alice],
  ['a viewer', carol],
])(
  '%s logs in with a signature and sees the page with a cookie that scripts and other sites cannot use',
  async (_, account) => {
    const response = await logIn(account)
    expect(response.status).toBe(200)
    expect(response.cookies).toEqual([
      expect.stringMatching(
        /^__Host-homeostat=[0-9a-f]{64}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ])
    const page = await ask('GET', '/', { cookies: cookieOf(response) })
    expect(page.status).toBe(200)
    expect(page.body).toContain('$142,318')
    expect(page.headers['content-security-policy']).not.toContain('unsafe')
  },
)

test('the text to sign is an EIP-4361 message for this host, built by the server', async () => {
  const { nonce, text } = await nonceFor(alice)
  expect(text).toBe(loginText({ host, scheme: 'https', address: addressOf(alice), nonce, issuedAt: now }))
  expect(text.split('\n').slice(0, 2)).toEqual([
    'console.example wants you to sign in with your Ethereum account:',
    addressOf(alice),
  ])
  expect(text).toContain('Issued At: 2024-08-05T00:00:30Z\nExpiration Time: 2024-08-05T00:05:30Z')
})

test('a stranger, a forged signature and another host are refused in the same words', async () => {
  const answers = [await logIn(mallory)]
  const forged = await nonceFor(alice)
  const byMallory = await mallory.signMessage({ message: forged.text })
  answers.push(await postJson('/login', { address: alice.address, nonce: forged.nonce, signature: byMallory }))
  const phished = await nonceFor(alice)
  const elsewhere = phished.text.replaceAll(host, 'phishing.example')
  const signature = await alice.signMessage({ message: elsewhere })
  answers.push(await postJson('/login', { address: alice.address, nonce: phished.nonce, signature }))
  answers.push(await postJson('/login', { address: alice.address, nonce: 'ab'.repeat(16), signature }))
  for (const answer of answers) {
    expect(answer.status).toBe(401)
    expect(answer.cookies).toBeUndefined()
    expect(answer.body).toBe(answers[0]?.body)
  }
})

test('a nonce works once, for its address only, and for five minutes', async () => {
  const { nonce, text } = await nonceFor(alice)
  const signature = await alice.signMessage({ message: text })
  expect((await postJson('/login', { address: alice.address, nonce, signature })).status).toBe(200)
  expect((await postJson('/login', { address: alice.address, nonce, signature })).status).toBe(401)
  const other = await nonceFor(mallory)
  const byAlice = await alice.signMessage({ message: other.text })
  expect((await postJson('/login', { address: alice.address, nonce: other.nonce, signature: byAlice })).status).toBe(
    401,
  )
  const late = await nonceFor(alice)
  const lateSignature = await alice.signMessage({ message: late.text })
  now += 300
  expect(
    (await postJson('/login', { address: alice.address, nonce: late.nonce, signature: lateSignature })).status,
  ).toBe(401)
})

test('of two logins that race for one nonce only one gets a session', async () => {
  const { nonce, text } = await nonceFor(alice)
  const body = { address: alice.address, nonce, signature: await alice.signMessage({ message: text }) }
  const answers = await Promise.all([postJson('/login', body), postJson('/login', body)])
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401])
})

test('whether an address may log in shows in nothing before it has signed', async () => {
  const shapes = await Promise.all(
    [alice, mallory].map(async (account) => {
      const response = await postJson('/login/nonce', { address: account.address })
      return { status: response.status, keys: Object.keys(JSON.parse(response.body)), length: response.body.length }
    }),
  )
  expect(shapes[0]).toEqual(shapes[1])
})

test('without a session every path gives the same redirect or the same refusal and no word about the desk', async () => {
  const pages = ['/', '/?portfolio=treasury', '/nothing', '/link', '/login/more', '/logout', '/link/a/b', '/%E0%A4%A']
  for (const path of pages) {
    const answer = await ask('GET', path)
    expect([answer.status, answer.headers.location, answer.body]).toEqual([303, '/login', ''])
  }
  const others = [
    await ask('GET', '/api/portfolios/treasury'),
    await ask('GET', '/api/portfolios/nothing'),
    await ask('GET', '/api/session'),
    await ask('POST', '/logout'),
    await ask('POST', '/'),
    await ask('DELETE', '/api/portfolios/treasury'),
    await ask('GET', '/api/session', { cookies: { '__Host-homeostat': '' } }),
    await ask('GET', '/api/session', { cookies: { '__Host-homeostat': 'ab'.repeat(32) } }),
  ]
  for (const answer of others) {
    expect(answer.status).toBe(401)
    expect(answer.body).toBe(others[0]?.body)
  }
  const login = await ask('GET', '/login')
  expect(login.status).toBe(200)
  expect(login.body).not.toMatch(/treasury|0x[0-9a-f]{40}/)
})

test('a link shows a button that unfurlers cannot press, works once, and is over after ten minutes', async () => {
  const { path, expiresAt } = await makeConsoleLink(deps)
  expect(expiresAt).toBe(now + 600)
  for (const method of ['GET', 'HEAD', 'GET']) {
    const shown = await ask(method, path)
    expect([shown.status, shown.cookies]).toEqual([200, undefined])
  }
  const used = await ask('POST', path)
  expect([used.status, used.headers.location]).toEqual([303, '/'])
  expect((await ask('GET', '/', { cookies: cookieOf(used) })).status).toBe(200)
  expect((await ask('POST', path)).status).toBe(410)
  const late = await makeConsoleLink(deps)
  now += 600
  const answer = await ask('POST', late.path)
  expect([answer.status, answer.cookies]).toEqual([410, undefined])
})

test('a link that never was looks like any other until its button is pressed', async () => {
  const { path } = await makeConsoleLink(deps)
  const withoutNonce = (response: HttpResponse) => response.body.replaceAll(/nonce="[0-9a-f]+"/g, '')
  expect(withoutNonce(await ask('GET', '/link/unknown'))).toBe(withoutNonce(await ask('GET', path)))
  expect((await ask('POST', '/link/unknown')).status).toBe(410)
})

test('neither a link nor a nonce can be used as a session', async () => {
  const { path } = await makeConsoleLink(deps)
  const { nonce } = await nonceFor(alice)
  for (const token of [path.slice('/link/'.length), nonce]) {
    expect((await ask('GET', '/api/session', { cookies: { '__Host-homeostat': token } })).status).toBe(401)
  }
})

test('what the store keeps is a hash of what the browser holds', async () => {
  const cookies = cookieOf(await logIn(alice))
  const token = cookies['__Host-homeostat'] ?? ''
  expect(token).toHaveLength(64)
  expect(keysSeen).toHaveLength(2)
  for (const key of keysSeen) expect(key).not.toContain(token.slice(0, 32))
  expect(lines.join()).not.toContain(token.slice(0, 16))
})

test('a session ends after twelve hours, by logging out, and when its wallet leaves the configuration', async () => {
  const first = cookieOf(await logIn(alice))
  now += 12 * 3_600 - 1
  expect((await ask('GET', '/api/session', { cookies: first })).status).toBe(200)
  now += 1
  expect((await ask('GET', '/api/session', { cookies: first })).status).toBe(401)

  const second = cookieOf(await logIn(alice))
  const out = await ask('POST', '/logout', { cookies: second })
  expect(out.cookies?.[0]).toContain('Max-Age=0')
  expect((await ask('GET', '/api/session', { cookies: second })).status).toBe(401)

  const third = cookieOf(await logIn(carol))
  expect((await ask('GET', '/api/session', { cookies: third })).status).toBe(200)
  await deps.config.putVersion('v2', { ...configuration, viewers: [] })
  await deps.config.movePointer({ version: 'v2', movedAt: now, movedBy: 'test' }, 1)
  expect((await ask('GET', '/api/session', { cookies: third })).status).toBe(401)
})

test('a session reads the portfolio as data and as the sections of the page', async () => {
  const cookies = cookieOf(await logIn(alice))
  expect(JSON.parse((await ask('GET', '/api/portfolios', { cookies })).body)).toEqual({ portfolios: ['treasury'] })
  const answer = JSON.parse((await ask('GET', '/api/portfolios/treasury', { cookies })).body)
  expect(answer.view).toMatchObject({ portfolioId: 'treasury', nav: '$142,318', state: { kind: 'DEGRADED' } })
  const page = (await ask('GET', '/?portfolio=treasury', { cookies })).body
  const names = [...page.matchAll(/data-section="([a-z]+)"/g)].map(([, name]) => name)
  expect(names.sort()).toEqual(Object.keys(answer.sections).sort())
  for (const section of Object.values(answer.sections)) expect(page).toContain(section)
  for (const path of [
    '/api/portfolios/nothing',
    '/api/portfolios/treasury/more',
    '/api/else',
    '/other',
    '/?portfolio=nothing',
  ]) {
    expect((await ask('GET', path, { cookies })).status).toBe(404)
  }
})

test('the page links to the approve door if its address is known, and else says where to find the link', async () => {
  const cookies = cookieOf(await logIn(alice))
  const unknown = (await ask('GET', '/', { cookies })).body
  expect(unknown).not.toContain('Review and approve')
  expect(unknown).toContain('homeostat order show treasury~restore-health~0001')
  deps = { ...deps, approveBaseUrl: 'https://approve.example/' }
  const known = (await ask('GET', '/', { cookies })).body
  expect(known).toContain(`href="https://approve.example/o/treasury~restore-health~0001/${'ab'.repeat(16)}"`)
  deps = { ...deps, approveBaseUrl: 'javascript:alert(1)//' }
  expect((await ask('GET', '/', { cookies })).body).not.toContain('javascript:')
})

test('on one machine the cookie works without TLS', async () => {
  deps = { ...deps, scheme: 'http' }
  const response = await logIn(alice)
  expect(response.cookies?.[0]).toMatch(/^homeostat=[0-9a-f]{64}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
  expect((await ask('GET', '/', { cookies: cookieOf(response) })).status).toBe(200)
})

test('before anything is configured nobody gets in by wallet, and a link shows an empty console', async () => {
  deps = { ...deps, config: configStore(memoryTable()) }
  expect((await logIn(alice)).status).toBe(401)
  const { path } = await makeConsoleLink(deps)
  const page = await ask('GET', '/', { cookies: cookieOf(await ask('POST', path)) })
  expect(page.body).toContain('No portfolio is configured')
})

test.each([
  ['a bad address', { address: '0x12' }],
  ['nothing', {}],
  ['more than asked', { address: alice.address, chainId: 1 }],
])('a nonce is not given out for %s', async (_, body) => {
  expect((await postJson('/login/nonce', body)).status).toBe(400)
  expect(keysSeen).toEqual([])
})

test('a host that could write lines into the message is refused', async () => {
  const headers = { host: 'console.example\nNonce: 1', 'content-type': 'application/json' }
  const body = JSON.stringify({ address: alice.address })
  expect((await ask('POST', '/login/nonce', { headers, body })).status).toBe(401)
})

test('the page names what the contracts said that touches the portfolio, newest first, and nothing of others', async () => {
  const event = (index: number, says: string, portfolio = 'treasury'): ChainEvent => ({
    id: `31337:0xab:${index}`,
    kind: 'upgrade',
    chainId: 31_337,
    block: 100 + index,
    blockHash: '0xab',
    transactionHash: `0x${'cd'.repeat(32)}`,
    at: start + index,
    address: '0x01',
    subject: 'aaveV3.pool',
    severity: 'critical',
    says,
    portfolios: [portfolio],
  })
  const events = [event(1, 'the pool <was> upgraded'), event(2, 'nobody here', 'other'), event(3, 'the oracle changed')]
  const cursor = {
    chainId: 31_337,
    version: 1,
    at: start,
    blocks: [],
    rangeBlocks: 1,
    lagBlocks: 1_500,
    ticks: {},
    events,
  }
  deps = { ...deps, chains: { cursor: async (chainId) => (chainId === 31_337 ? cursor : undefined) } }
  const cookies = cookieOf(await logIn(alice))
  const { view, sections } = JSON.parse((await ask('GET', '/api/portfolios/treasury', { cookies })).body)
  expect(view.events.map(({ says }: { says: string }) => says)).toEqual([
    'the oracle changed',
    'the pool <was> upgraded',
  ])
  expect(sections.events).toContain('block 101 of local (31337)')
  expect(sections.events).toContain('1,500 blocks behind its head')
  expect(sections.events).toContain('the pool &lt;was&gt; upgraded')
  expect((await ask('GET', '/', { cookies })).body).toContain('What the chains said')
})
