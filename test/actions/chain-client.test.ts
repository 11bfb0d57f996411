import { inspect } from 'node:util'
import { getBalance, getChainId } from 'viem/actions'
import { afterEach, describe, expect, it } from 'vitest'
import { atBlock, chainOpener } from '../../lib/actions/chain-client.ts'
import { chainVenues } from '../../lib/actions/chain-venues.ts'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import { type AnsweringServer, startAnsweringServer } from './fixture/answering-server.ts'
import { deskSettings } from './fixture/desk-settings.ts'

const key = 'K3y-0123456789abcdef'
const servers: AnsweringServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

type Rpc = (method: string, params: readonly unknown[]) => object

/** A provider whose URL holds a key; by default it is on chain 1 and knows nothing else. */
async function provider(rpc: Rpc = () => ({})): Promise<AnsweringServer> {
  const server = await startAnsweringServer(({ body }, response) => {
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: readonly unknown[] }
    const answer = method === 'eth_chainId' ? { result: '0x1', ...rpc(method, params) } : rpc(method, params)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
  })
  servers.push(server)
  return server
}

async function raw(answer: Parameters<typeof startAnsweringServer>[0]): Promise<AnsweringServer> {
  const server = await startAnsweringServer(answer)
  servers.push(server)
  return server
}

const withKey = (server: AnsweringServer) => ({ name: 'one', url: `${server.url}/v2/${key}?apikey=${key}` })
const secret = async (name: string) => new Redacted(`${servers[0]?.url}/${name}/${key}`)
const open = (...rpc: Parameters<typeof deskSettings>[0] & object) => chainOpener({ secret })(deskSettings(rpc).chain)

async function failureOf(question: Promise<unknown>) {
  const failure: unknown = await question.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(isHomeostatError(failure)).toBe(true)
  expect(inspect(failure, { depth: 20 })).not.toContain(key)
  expect(JSON.stringify(failure)).not.toContain(key)
  return failure
}

describe('a provider', () => {
  it('is asked for its chain before anything else, and refused on another', async () => {
    const server = await provider(() => ({ result: '0x89' }))
    expect(await failureOf(open(withKey(server)))).toMatchObject({
      code: 'wrong-chain',
      facts: { wanted: 1, got: 137 },
    })
  })

  it.each([
    ['an error that repeats the URL', { error: { code: -32_000, message: `bad key ${key}` } }, 'rpc-failed', 'later'],
    ['a limit', { error: { code: -32_005, message: 'slow down' } }, 'rpc-rate-limited', 'later'],
    ['no such method', { error: { code: -32_601, message: 'no' } }, 'rpc-method-missing', 'never'],
    ['a revert', { error: { code: 3, message: 'execution reverted', data: '0x' } }, 'reverted', 'never'],
  ])('that answers with %s fails in our words, without its key', async (_, answer, code, retry) => {
    const server = await provider((method) => (method === 'eth_chainId' ? {} : answer))
    const chain = await open(withKey(server))
    const question = chain.ask('read a balance', (client) => getBalance(client, { address: `0x${'11'.repeat(20)}` }))
    const failure = await failureOf(question)
    expect(failure).toMatchObject({ code, retry })
    expect(String(failure)).toContain(`${server.url} could not read a balance`)
  })

  it.each([
    [200, 'text/html', '<html>welcome</html>', 'rpc-failed'],
    [429, 'text/plain', 'slow down', 'rpc-rate-limited'],
    [403, 'text/plain', `key ${key} is not allowed`, 'rpc-refused'],
    [502, 'text/html', '<html>bad gateway</html>', 'rpc-failed'],
    [302, 'text/plain', '', 'rpc-failed'],
  ])('that answers HTTP %i %s fails for now, without its key', async (status, type, body, code) => {
    const server = await raw((_, response) => {
      response.writeHead(status, { 'content-type': type, location: 'http://127.0.0.1:1/', 'retry-after': '0' })
      response.end(body)
    })
    expect(await failureOf(open(withKey(server)))).toMatchObject({ code, retry: 'later' })
  })

  it('that is not there fails for now', async () => {
    const server = await provider()
    await server.stop()
    servers.pop()
    expect(await failureOf(open(withKey(server)))).toMatchObject({ code: 'rpc-failed', retry: 'later' })
  })

  it('is given by a secret as well, and must be http', async () => {
    const server = await provider()
    const chain = await open({ name: 'one', secret: 'rpc' })
    expect(await chain.ask('ask for the chain id', getChainId)).toBe(1)
    expect(server.asked[0]?.path).toBe(`/rpc/${key}`)
    expect(await failureOf(open({ name: 'one', url: `file:///${key}` }))).toMatchObject({ code: 'rpc-url-invalid' })
    expect(await failureOf(open())).toMatchObject({ code: 'rpc-missing' })
  })

  it('gives way to the next when it does not answer, and is kept while it does', async () => {
    const dead = await raw((_, response) => response.destroy())
    const good = await provider()
    const opener = chainOpener({ secret })
    const settings = deskSettings([withKey(dead), withKey(good)])
    await opener(settings.chain)
    const asked = dead.asked.length
    await opener(settings.chain)
    expect(dead.asked.length).toBe(asked)
    expect(good.asked.length).toBe(1)
  })

  it('is chosen anew after it failed', async () => {
    let broken = false
    const first = await raw(({ body }, response) => {
      if (broken) response.destroy()
      else response.end(JSON.stringify({ jsonrpc: '2.0', id: (JSON.parse(body) as { id: number }).id, result: '0x1' }))
    })
    const second = await provider()
    const opener = chainOpener({ secret })
    const { chain } = deskSettings([withKey(first), withKey(second)])
    const opened = await opener(chain)
    broken = true
    await failureOf(opened.ask('ask for the chain id', getChainId))
    await (await opener(chain)).ask('ask for the chain id', getChainId)
    expect(second.asked.length).toBe(2)
  })
})

describe('reading at a block', () => {
  const block = (hash: string) => ({
    result: {
      number: '0x10',
      hash: `0x${hash.repeat(32)}`,
      timestamp: '0x66af0000',
      baseFeePerGas: '0x77359400',
      transactions: [],
    },
  })

  it('fails when the block was replaced meanwhile', async () => {
    let reads = 0
    const server = await provider((method) => {
      if (method === 'eth_getBlockByNumber') reads += 1
      return method === 'eth_chainId' ? {} : block(reads === 1 ? 'aa' : 'bb')
    })
    const chain = await open(withKey(server))
    await expect(atBlock(chain, { chainId: 1 }, async () => 1)).rejects.toMatchObject({
      code: 'block-replaced',
      retry: 'later',
    })
  })

  it('tells the block as everything else names it', async () => {
    const server = await provider((method) => (method === 'eth_chainId' ? {} : block('aa')))
    const pinned = await atBlock(await open(withKey(server)), { chainId: 1 }, async (read) => read.pinned)
    expect(pinned).toEqual({
      chainId: 1,
      number: 16,
      hash: `0x${'aa'.repeat(32)}`,
      timestamp: 0x66af0000,
      baseFeeGwei: 2,
    })
  })

  it('takes an empty answer for a contract as malformed, not as a plain zero', async () => {
    const server = await provider((method) =>
      method === 'eth_chainId' ? {} : method === 'eth_getBlockByNumber' ? block('aa') : { result: '0x' },
    )
    const venues = chainVenues({ secret })
    const settings = deskSettings([withKey(server)])
    expect(await failureOf(venues.account({ settings }))).toMatchObject({ code: 'not-a-safe' })
    expect(await failureOf(venues.health({ settings }))).toMatchObject({ code: 'malformed-return', retry: 'never' })
  })
})

describe('a provider that hangs', () => {
  it('is given up after two tries', async () => {
    const server = await raw(() => undefined)
    const { chain } = deskSettings([withKey(server)])
    expect(await failureOf(chainOpener({ secret }, 50)(chain))).toMatchObject({ code: 'rpc-timeout', retry: 'later' })
    expect(server.asked).toHaveLength(2)
  })
})
