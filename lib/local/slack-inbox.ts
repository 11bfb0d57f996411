// Where the demo's Slack messages arrive: an incoming webhook on loopback that keeps what it was sent.

import { createServer } from 'node:http'
import { listenOnLoopback } from './stand-ins/listen-on-loopback.ts'

export interface SlackInbox {
  /** The webhook; the configuration refers to it as a secret. */
  readonly url: string
  messages(): readonly unknown[]
  stop(): Promise<void>
}

export async function startSlackInbox(): Promise<SlackInbox> {
  const messages: unknown[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    try {
      messages.push(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      response.writeHead(200).end('ok')
    } catch {
      response.writeHead(400).end('invalid_payload')
    }
  })
  const { port, stop } = await listenOnLoopback(server)
  return { url: `http://127.0.0.1:${port}/services/T000/B000/demo`, messages: () => messages, stop }
}
