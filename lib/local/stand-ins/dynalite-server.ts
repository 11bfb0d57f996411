// DynamoDB in memory: starts dynalite, which has no types of its own, on a free loopback port.

import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { type ListeningServer, listenOnLoopback } from './listen-on-loopback.ts'

const dynalite: (options: { createTableMs: number; updateTableMs: number; deleteTableMs: number }) => Server =
  createRequire(import.meta.url)('dynalite')

/** Tables are ACTIVE at once. Transactions, expiry, streams and PartiQL are missing. */
export function startDynalite(): Promise<ListeningServer> {
  return listenOnLoopback(dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 }))
}
