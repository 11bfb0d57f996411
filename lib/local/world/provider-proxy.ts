// Providers of a local chain: each passes requests on to the same anvil, and fails on order, so that the loss of one can be played.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HomeostatError } from '../../base/homeostat-error.ts'

/**
 * `normal`; `down`: the connection breaks; `hanging`: never answers; `failing`: HTTP 503; `lying`: contracts return another digit;
 * `behind`: stands still at the block of the moment.
 */
export const providerModes = ['normal', 'down', 'hanging', 'failing', 'lying', 'behind'] as const
export type ProviderMode = (typeof providerModes)[number]

export interface ProviderProxy {
  readonly name: string
  readonly url: string
  stop(): Promise<void>
}

interface Call {
  readonly id: unknown
  readonly method: string
  readonly params?: readonly unknown[]
}

const modePath = '/mode'

/** Starts one in front of the chain at `upstream`. A PUT of a mode to its path `/mode` changes how it behaves: see `setProviderMode`. */
export async function startProviderProxy(params: {
  readonly name: string
  readonly upstream: string
}): Promise<ProviderProxy> {
  const { name, upstream } = params
  let mode: ProviderMode = 'normal'
  let standsAt: string | undefined

  const ask = async (body: string) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(upstream, { method: 'POST', headers, body })
    return answer.text()
  }
  const head = async () => {
    const answer = await ask('{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}')
    return (JSON.parse(answer) as { readonly result: string }).result
  }

  async function turn(text: string, response: ServerResponse): Promise<void> {
    const wanted = providerModes.find((one) => one === text)
    if (wanted !== undefined) {
      standsAt = wanted === 'behind' ? await head() : undefined
      mode = wanted
    }
    response.writeHead(wanted === undefined ? 400 : 200).end(mode)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method === 'PUT' && request.url === modePath) return await turn(body, response)
    if (request.method === 'GET' && request.url === modePath) return void response.writeHead(200).end(mode)
    if (mode === 'hanging') return
    if (mode === 'down') return void response.destroy()
    if (mode === 'failing') return void response.writeHead(503).end('service unavailable')
    const asked = standsAt === undefined ? body : atBlock(body, standsAt)
    const said = await ask(asked)
    response.writeHead(200, { 'content-type': 'application/json' }).end(mode === 'lying' ? lied(body, said) : said)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** From any process. @throws HomeostatError `no-provider` if nobody listens there */
export async function setProviderMode(url: string, mode: ProviderMode): Promise<ProviderMode> {
  return await talk(url, { method: 'PUT', body: mode })
}

/** How it behaves now. @throws HomeostatError `no-provider` */
export async function providerMode(url: string): Promise<ProviderMode> {
  return await talk(url, { method: 'GET' })
}

async function talk(url: string, request: RequestInit): Promise<ProviderMode> {
  try {
    const answer = await fetch(`${url}${modePath}`, { ...request, signal: AbortSignal.timeout(5_000) })
    return (await answer.text()) as ProviderMode
  } catch (cause) {
    throw new HomeostatError('no-provider', {
      message: `The local provider at ${url} does not answer.`,
      retry: 'later',
      facts: { url },
      hint: 'Is the local world still running? `homeostat local` starts one.',
      cause,
    })
  }
}

/** What a provider that stands still takes for the newest block. */
function atBlock(body: string, number: string): string {
  const call = JSON.parse(body) as Call
  if (call.method !== 'eth_getBlockByNumber' || call.params?.[0] !== 'latest') return body
  return JSON.stringify({ ...call, params: [number, ...call.params.slice(1)] })
}

/** The same answer with another digit in what contracts are said to have returned. */
function lied(body: string, said: string): string {
  const { method } = JSON.parse(body) as Call
  if (method !== 'eth_call' && method !== 'eth_simulateV1') return said
  return JSON.stringify(
    JSON.parse(said, (key, value) => (key === 'result' || key === 'returnData' ? bent(value) : value)),
  )
}

/** In the last word, which of a multicall is the padded tail of its last result: the digit is part of a value. */
function bent(value: unknown): unknown {
  if (typeof value !== 'string' || value.length < 66) return value
  const at = value.length - 64 + 31
  return `${value.slice(0, at)}${value[at] === '1' ? '2' : '1'}${value.slice(at + 1)}`
}
