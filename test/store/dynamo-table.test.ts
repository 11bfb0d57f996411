import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryBlobs } from '../../lib/store/blobs.ts'
import { dynamoTable, pendingShardOf } from '../../lib/store/dynamo-table.ts'
import { s3Blobs } from '../../lib/store/s3-blobs.ts'
import { dynaliteClient, type RunningDynalite, startDynalite } from './dynalite-table.ts'

const key = { partition: 'portfolio#main', sort: 'memory' }
/** Text of which gzip can save half at most. */
const noise = (digits: number) =>
  Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('')

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

async function rawItem(tableName: string): Promise<Record<string, AttributeValue>> {
  const Key = { pk: { S: key.partition }, sk: { S: key.sort } }
  return (await dynalite.client.send(new GetItemCommand({ TableName: tableName, Key }))).Item ?? {}
}

describe('how an item lies in DynamoDB', () => {
  it('keeps a small body as readable JSON and a larger one compressed', async () => {
    const tableName = await dynalite.makeTable()
    const table = dynamoTable({ client: dynalite.client, tableName })
    await table.create({ ...key, body: { healthFactor: 1.5 } })
    expect((await rawItem(tableName)).body).toEqual({ S: '{"healthFactor":1.5}' })
    await table.replace({ ...key, body: 'x'.repeat(100_000) }, 1)
    const raw = await rawItem(tableName)
    expect(raw.body?.B?.length).toBeLessThan(1_000)
    expect(raw.v).toEqual({ N: '2' })
  })

  it('names shard and age only while the outbox waits', async () => {
    const tableName = await dynalite.makeTable()
    const table = dynamoTable({ client: dynalite.client, tableName })
    await table.create({ ...key, body: {}, pendingSince: 77, expiresAt: 99.5 })
    const full = await rawItem(tableName)
    expect(full.pendingShard).toEqual({ N: String(pendingShardOf(key.partition)) })
    expect(full.pendingSince).toEqual({ N: '77' })
    expect(full.expiresAt).toEqual({ N: '100' })
    await table.replace({ ...key, body: {} }, 1)
    const empty = await rawItem(tableName)
    expect(Object.keys(empty).sort()).toEqual(['body', 'pk', 'sk', 'v', 'writeToken'])
  })

  it('spreads portfolios over all sixteen shards', () => {
    const shards = new Set(Array.from({ length: 400 }, (_, index) => pendingShardOf(`portfolio#${index}`)))
    expect([...shards].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, shard) => shard))
  })
})

describe('a body beyond the limit of an item', () => {
  it('is refused when there is nowhere to put it', async () => {
    const table = dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable() })
    await expect(table.create({ ...key, body: noise(900_000) })).rejects.toMatchObject({
      code: 'item-too-large',
      retry: 'never',
    })
    expect(await table.get(key)).toBeUndefined()
  })

  it('lies in a bucket, comes back whole, and is refused once somebody altered it', async () => {
    const fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    try {
      const client = new S3Client({
        endpoint: `http://127.0.0.1:${fauxqs.port}`,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      })
      await client.send(new CreateBucketCommand({ Bucket: 'large' }))
      const tableName = await dynalite.makeTable()
      const blobs = s3Blobs({ client, bucket: 'large' })
      const table = dynamoTable({ client: dynalite.client, tableName, blobs })
      const body = noise(900_000)
      expect(await table.create({ ...key, body, expiresAt: 9e9 })).toBe('created')
      expect((await table.get(key))?.body).toBe(body)
      const blobKey = (await rawItem(tableName)).blobKey?.S ?? ''
      expect(blobKey).toMatch(/^expiring\/[0-9a-f]{64}$/)
      await client.send(new PutObjectCommand({ Bucket: 'large', Key: blobKey, Body: 'forged' }))
      await expect(table.get(key)).rejects.toMatchObject({ code: 'blob-altered', retry: 'never' })
      expect(await blobs.get('kept/nothing')).toBeUndefined()
      client.destroy()
    } finally {
      await fauxqs.stop()
    }
  })

  it('is reported as missing, not as empty, when the bucket lost it', async () => {
    const tableName = await dynalite.makeTable()
    const writer = dynamoTable({ client: dynalite.client, tableName, blobs: memoryBlobs() })
    await writer.create({ ...key, body: noise(900_000) })
    const reader = dynamoTable({ client: dynalite.client, tableName, blobs: memoryBlobs() })
    await expect(reader.get(key)).rejects.toMatchObject({ code: 'blob-missing' })
  })
})

describe('when the vendor fails', () => {
  it('a write whose answer got lost counts as won, not as a conflict with itself', async () => {
    const tableName = await dynalite.makeTable()
    let swallowed = 0
    const front = await startFront(dynalite.port, () => {
      swallowed += 1
      return swallowed === 1 ? 'swallow' : 'pass'
    })
    const client = dynaliteClient(front.port)
    try {
      const table = dynamoTable({ client, tableName })
      expect(await table.create({ ...key, body: 'mine' })).toBe('created')
      expect(swallowed).toBe(3)
      expect(await table.get(key)).toEqual({ ...key, version: 1, body: 'mine' })
    } finally {
      client.destroy()
      await front.stop()
    }
  })

  it('throttling, 5xx and a dead connection can be tried later', async () => {
    for (const fault of ['throttle', 'break', 'hang up'] as const) {
      const front = await startFront(dynalite.port, () => fault)
      const client = dynaliteClient(front.port, 1)
      const table = dynamoTable({ client, tableName: 'any' })
      await expect(table.get(key), fault).rejects.toMatchObject({ code: 'store-unavailable', retry: 'later' })
      await expect(table.create({ ...key, body: 1 }), fault).rejects.toMatchObject({ code: 'store-unavailable' })
      await expect(table.pending({ before: 1, limit: 1 }), fault).rejects.toMatchObject({ code: 'store-unavailable' })
      client.destroy()
      await front.stop()
    }
  })

  it('a table that does not exist cannot', async () => {
    const table = dynamoTable({ client: dynalite.client, tableName: 'no-such-table' })
    await expect(table.get(key)).rejects.toMatchObject({ code: 'store-refused', retry: 'never' })
    await expect(table.list({ partition: 'p', prefix: '', newestFirst: true, limit: 1 })).rejects.toMatchObject({
      code: 'store-refused',
      facts: { place: 'no-such-table', operation: 'list', name: 'ResourceNotFoundException', status: 400 },
    })
  })
})

type Fault = 'pass' | 'swallow' | 'throttle' | 'break' | 'hang up'

/** A front before dynalite that spoils answers: `swallow` lets the call through and drops what came back. */
async function startFront(port: number, next: () => Fault): Promise<{ port: number; stop(): Promise<void> }> {
  const answers = {
    throttle: { status: 400, body: { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' } },
    break: { status: 500, body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' } },
  } as const
  const server: Server = createServer((incoming, outgoing) => {
    const fault = next()
    if (fault === 'hang up') return incoming.socket.destroy()
    if (fault === 'throttle' || fault === 'break') {
      const answer = answers[fault]
      incoming.resume()
      outgoing.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
      return outgoing.end(JSON.stringify(answer.body))
    }
    const onward = request(
      { host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        if (fault === 'swallow') {
          answer.resume()
          answer.on('end', () => incoming.socket.destroy())
          return
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
