// One way to start and to stop an HTTP server of ours: loopback only, any free port, no connection left behind.

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ListeningServer {
  readonly port: number
  stop(): Promise<void>
}

/** Listens on 127.0.0.1 on `port`, or on a free one. Rejects with the system's error if the port is taken. */
export async function listenOnLoopback(server: Server, port = 0): Promise<ListeningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
