// Serves the console and the approve door of a small desk on loopback, from the real flows on stores in memory.

import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryBus } from '../../lib/bus/memory-bus.ts'
import { approve } from '../../lib/flows/approve.ts'
import { showConsole } from '../../lib/flows/console.ts'
import { makeConsoleLink } from '../../lib/flows/console-session.ts'
import type { HttpRequest, HttpResponse } from '../../lib/flows/http.ts'
import type { OrderStore, WatchStore } from '../../lib/model/ports.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { orderStore } from '../../lib/store/order-store.ts'
import { sessionStore } from '../../lib/store/session-store.ts'
import { alice, configuration, settingsAt } from '../web/desk.ts'
import { stockedWatchStore } from '../web/stocked-store.ts'

export interface DeskServer {
  readonly consoleUrl: string
  readonly approveUrl: string
  readonly orders: OrderStore
  readonly watch: WatchStore
  /** A fresh one-time link into the console. */
  link(): Promise<string>
  close(): Promise<void>
}

/** Starts two servers on free ports of 127.0.0.1, as two function URLs would be. */
export async function startDesk(): Promise<DeskServer> {
  const clock = { now: () => Math.floor(Date.now() / 1000) }
  const random = { key: () => randomBytes(16).toString('hex') }
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const log = { line: () => {} }
  const [orders, sessions] = [orderStore(memoryTable()), sessionStore(memoryTable())]
  const [config, watch] = [configStore(memoryTable()), await stockedWatchStore(clock.now() - 20)]
  await config.putVersion('v1', configuration)
  await config.movePointer({ version: 'v1', movedAt: clock.now(), movedBy: 'test' }, 0)
  const approveDeps = { orders, bus: memoryBus({ clock }), clock, random, log, settings: async () => settingsAt('v1') }
  const approveServer = await serve((request) =>
    request.path === '/demo/sign' ? demoSign(request) : approve({ ...approveDeps, demoSignUrl: '/demo/sign' }, request),
  )
  const approveBaseUrl = urlOf(approveServer)
  const consoleDeps = {
    watch,
    orders,
    config,
    sessions,
    clock,
    random,
    hash,
    log,
    approveBaseUrl,
    scheme: 'http',
  } as const
  const consoleServer = await serve((request) =>
    request.path === '/demo/sign' ? demoSign(request) : showConsole(consoleDeps, request),
  )
  const consoleUrl = urlOf(consoleServer)
  return {
    consoleUrl,
    approveUrl: approveBaseUrl,
    orders,
    watch,
    link: async () => `${consoleUrl}${(await makeConsoleLink(consoleDeps)).path}`,
    close: async () => {
      await Promise.all([consoleServer, approveServer].map(stop))
    },
  }
}

/** What a local runner offers: signs for the demo approver. */
async function demoSign(request: HttpRequest): Promise<HttpResponse> {
  const asked = JSON.parse(request.body)
  const signature =
    asked.kind === 'approve'
      ? await alice.signTypedData(asked.typedData)
      : await alice.signMessage({ message: asked.text })
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ signature }) }
}

async function serve(answer: (request: HttpRequest) => Promise<HttpResponse>): Promise<Server> {
  const server = createServer(async (incoming, outgoing) => write(outgoing, await answer(await requestOf(incoming))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function requestOf(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const pairs = (incoming.headers.cookie ?? '').split('; ').map((pair) => pair.split('='))
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    cookies: Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value])),
    body: Buffer.concat(chunks).toString(),
    sourceIp: '127.0.0.1',
  }
}

function write(outgoing: ServerResponse, response: HttpResponse): void {
  outgoing.writeHead(response.status, {
    ...response.headers,
    ...(response.cookies === undefined ? {} : { 'set-cookie': [...response.cookies] }),
  })
  outgoing.end(response.body)
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
