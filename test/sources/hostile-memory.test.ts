// A Lambda has 512 MB, and less than half of it may go to providers that mean ill: three of them at once, each with the worst bodies that we know, as large as is still read.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { decodeFunctionData, parseAbi } from 'viem/utils'
import { afterAll, expect, it } from 'vitest'
import type { Hex } from '../../lib/model/identity.ts'
import { maxBytesOf } from '../../lib/sources/chain/answer-limits.ts'
import type { RpcCall } from './fixture/scripted-chain.ts'
import { at } from './fixture/treasury.ts'

const limit = 256

const sizeOf = ({ method }: RpcCall) => maxBytesOf(method) - 200
const filled = (unit: string, size: number) => unit.repeat(Math.max(0, Math.floor(size / unit.length)))
const result = (shape: (size: number) => string) => (call: RpcCall) =>
  `{"jsonrpc":"2.0","id":${call.id},"result":${shape(sizeOf(call))}}`

const multicallAbi = parseAbi([
  'struct Call3 { address target; bool allowFailure; bytes callData; }',
  'function aggregate3(Call3[] calls) view',
])

/** What a multicall may answer: all but the clock point to one text of 3 MB. */
function pointingToOne(call: RpcCall): string {
  const data = (call.params[0] as { readonly data?: Hex }).data ?? '0x'
  const count = decodeFunctionData({ abi: multicallAbi, data }).args[0].length
  const word = (value: number) => value.toString(16).padStart(64, '0')
  const clock = word(1) + word(64) + word(32) + word(at - 5)
  const length = Math.floor((sizeOf(call) / 2 - (count + 10) * 32) / 32) * 32
  const offsets = Array.from({ length: count }, (_, index) => word(32 * count + (index === 0 ? 0 : 128))).join('')
  const text = `0x${word(32)}${word(count)}${offsets}${clock}${word(1)}${word(64)}${word(length)}`
  return `{"jsonrpc":"2.0","id":${call.id},"result":"${text}${filled('00', 2 * length)}"}`
}

const objects = (size: number) => `[${filled('{},', size)}0]`
const bomb = gzipSync(Buffer.alloc(200_000_000, ' '), { level: 1 })

/** By path. Whatever begins with `call` is honest about the chain and its head. */
const bodies: Readonly<Record<string, (call: RpcCall) => string | Buffer>> = {
  objects: result(objects),
  'objects-read': result((size) => `[${filled('{},', Math.min(size, 440_000))}"${filled('x', size - 440_000)}"]`),
  lists: result((size) => `${filled('[', size / 2)}${filled(']', size / 2)}`),
  text: result((size) => `"0x${filled('00', size)}"`),
  gzip: () => bomb,
  'call-objects': result(objects),
  'call-objects-read': result((size) => `[${filled('{},', 440_000)}"${filled('x', size - 440_000)}"]`),
  'call-text': result((size) => `"0x${filled('00', size)}"`),
  'call-text-beyond-latin': result((size) => `"${filled('€', size / 3)}"`),
  'call-pointing': pointingToOne,
  'call-error': (call) =>
    `{"jsonrpc":"2.0","id":${call.id},"error":{"code":1,"message":"out of gas ${filled('x', sizeOf(call))}"}}`,
}

function honest({ id, method }: RpcCall): string {
  const timestamp = `0x${(at - 5).toString(16)}`
  const block = { number: '0x3e8', hash: `0x${'ab'.repeat(32)}`, timestamp, transactions: [] }
  return JSON.stringify({ jsonrpc: '2.0', id, result: method === 'eth_chainId' ? '0x1' : block })
}

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

async function startProvider(): Promise<string> {
  const server = createServer((request, response) => void respond(request, response))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function respond(request: IncomingMessage, response: ServerResponse) {
  let text = ''
  for await (const chunk of request) text += chunk
  const call = JSON.parse(text) as RpcCall
  const path = request.url?.slice(1) ?? ''
  const isHonest = path.startsWith('call') && call.method !== 'eth_call'
  const coding = path === 'gzip' ? { 'content-encoding': 'gzip' } : {}
  response.on('error', () => undefined)
  response.writeHead(200, { 'content-type': 'application/json', ...coding })
  response.end(isHonest ? honest(call) : bodies[path]?.(call))
}

it.skipIf(!existsSync('/proc/self/status'))(
  'three hostile providers do not fill 256 MB, whatever they send',
  // A collector that gets no processor collects late: a busy machine may need another try.
  { retry: 2, timeout: 30_000 },
  async () => {
    const hosts = await Promise.all([1, 2, 3].map(startProvider))
    const child = new URL('fixture/read-and-weigh.ts', import.meta.url).pathname
    // A heap as of a Lambda of 256 MB, so that rubbish is not kept because there is room for it.
    const parameters = ['--max-old-space-size=128', child, hosts.join(' '), ...Object.keys(bodies)]
    const { stdout } = await promisify(execFile)(process.execPath, parameters, { timeout: 25_000 })
    const found = JSON.parse(stdout) as readonly {
      readonly path: string
      readonly megabytes: number
      readonly codes: unknown
    }[]
    expect(found.map(({ path }) => path)).toEqual(Object.keys(bodies))
    for (const { path, codes } of found) expect({ path, codes }).toEqual({ path, codes: ['quorum-lost'] })
    expect(found.filter(({ megabytes }) => megabytes >= limit)).toEqual([])
  },
)
