// SQS, SNS and S3 in memory: fauxqs, bound to loopback (its own start function listens on every interface).

import { buildApp } from 'fauxqs'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'

export interface QueueDepth {
  readonly ready: number
  readonly inFlight: number
  readonly delayed: number
}

export interface QueueServer {
  readonly port: number
  /** By queue name. */
  depths(): Promise<Readonly<Record<string, QueueDepth>>>
  stop(): Promise<void>
}

const inspectionSchema = z.array(
  z.object({
    name: z.string(),
    approximateMessageCount: z.number(),
    approximateInflightCount: z.number(),
    approximateDelayedCount: z.number(),
  }),
)

/** Long polls that wait when it stops are answered empty. */
export async function startFauxqs(region: string): Promise<QueueServer> {
  const app = buildApp({ logger: false, defaultRegion: region })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async depths() {
      const { body } = await app.inject({ method: 'GET', url: '/_fauxqs/queues' })
      const queues = parse(inspectionSchema, JSON.parse(body), 'queue inspection')
      return Object.fromEntries(
        queues.map(({ name, approximateMessageCount, approximateInflightCount, approximateDelayedCount }) => [
          name,
          { ready: approximateMessageCount, inFlight: approximateInflightCount, delayed: approximateDelayedCount },
        ]),
      )
    },
    stop: async () => {
      await app.close()
    },
  }
}
