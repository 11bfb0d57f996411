// Passes a request on to an emulator and brings its answer back, whole.

import { Agent, request as httpRequest } from 'node:http'
import type { AwsRequest, AwsResponse } from '../front/request.ts'

const dropped = new Set(['host', 'connection', 'expect', 'transfer-encoding', 'content-length', 'keep-alive'])

function kept(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(headers).filter(([name, value]) => !dropped.has(name) && value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

export interface Forwarder {
  /** Rejects with the system's error if the emulator is gone. */
  forward(request: AwsRequest): Promise<AwsResponse>
  stop(): void
}

/** @param port of the emulator on loopback */
export function forwarder(port: number): Forwarder {
  const agent = new Agent({ keepAlive: true })
  return {
    forward: (request) =>
      new Promise((resolve, reject) => {
        const headers = { ...kept(request.headers), host: `127.0.0.1:${port}`, 'content-length': request.body.length }
        const options = { host: '127.0.0.1', port, method: request.method, path: request.url, agent, headers }
        const outgoing = httpRequest(options, (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          // The length of what a HEAD would have brought is its answer.
          const length = request.method === 'HEAD' ? incoming.headers['content-length'] : undefined
          const lengthHeader = length === undefined ? {} : { 'content-length': length }
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 500,
              headers: { ...kept(incoming.headers), ...lengthHeader },
              body: Buffer.concat(chunks),
            }),
          )
        })
        outgoing.on('error', reject)
        outgoing.end(request.body)
      }),
    stop: () => agent.destroy(),
  }
}
