// The demo's owner: a well-known key of the local chain that signs what a wallet would, for a page without a wallet and for `--once`.

import { createServer } from 'node:http'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import * as z from '../base/schema.ts'
import { parse } from '../base/schema.ts'
import type { Order } from '../model/order.ts'
import { safeTypedData } from '../model/order-hash.ts'
import { listenOnLoopback } from './stand-ins/listen-on-loopback.ts'

export interface DemoApprover {
  readonly address: string
  /** The owner's EIP-712 signature of the order's Safe transaction. */
  sign(order: Pick<Order, 'chainId' | 'account' | 'safeTransaction'>): Promise<Hex>
}

export function demoApprover(privateKey: Hex): DemoApprover {
  const account = privateKeyToAccount(privateKey)
  return {
    address: account.address.toLowerCase(),
    sign: ({ chainId, account: safe, safeTransaction }) =>
      account.signTypedData(safeTypedData(chainId, safe, safeTransaction)),
  }
}

export interface SignServer {
  readonly url: string
  stop(): Promise<void>
}

const requestSchema = z.union([
  z.object({ kind: z.literal('approve'), typedData: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('reject'), text: z.string() }),
])
const maxBytes = 256_000

/** Answers the page's "approve with the demo key" on loopback; it exists on no other machine. */
export async function startSignServer(privateKey: Hex, allowedOrigin: () => string): Promise<SignServer> {
  const account = privateKeyToAccount(privateKey)
  const server = createServer(async (request, response) => {
    const answer = (status: number, value: unknown) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'access-control-allow-origin': allowedOrigin(),
        'access-control-allow-headers': 'content-type',
      })
      response.end(JSON.stringify(value))
    }
    if (request.method === 'OPTIONS') return answer(200, {})
    // Another page in the same browser must not get a signature.
    if (request.headers.origin !== undefined && request.headers.origin !== allowedOrigin())
      return answer(403, { error: 'another origin' })
    try {
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of request) {
        size += chunk.length
        if (size > maxBytes) return answer(413, { error: 'too long' })
        chunks.push(chunk)
      }
      const asked = parse(requestSchema, JSON.parse(Buffer.concat(chunks).toString('utf8')), 'demo signing request')
      const signature =
        asked.kind === 'reject'
          ? await account.signMessage({ message: asked.text })
          : await account.signTypedData(asked.typedData as Parameters<typeof account.signTypedData>[0])
      answer(200, { signature })
    } catch (error) {
      answer(400, { error: error instanceof Error ? error.message : 'unreadable' })
    }
  })
  const { port, stop } = await listenOnLoopback(server)
  return { url: `http://127.0.0.1:${port}/sign`, stop }
}
