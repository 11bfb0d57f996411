// The table on DynamoDB: one item an aggregate, one conditional write a change, and a sparse index over full outboxes.

import { createHash, randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import type { Item, ItemKey, Table } from '../model/ports.ts'
import type { Blobs } from './blobs.ts'
import { decodeBody, encodeBody } from './body-codec.ts'
import { storeFailure } from './store-failure.ts'

/** How many partitions the pending index is spread over. */
const pendingShards = 16
/** Its name: keys only, partition `pendingShard`, sort `pendingSince`. */
const pendingIndex = 'pending'

type Attributes = Record<string, AttributeValue>
type Deps = { readonly client: DynamoDBClient; readonly tableName: string; readonly blobs?: Blobs }

/**
 * A table with string keys `pk` and `sk`, TTL on `expiresAt` and the index `pending`.
 * @throws HomeostatError `store-unavailable` (later), `store-refused`, `item-too-large` (never)
 */
export function dynamoTable(deps: Deps): Table {
  const { client, tableName } = deps
  const blobs = deps.blobs
  const failure = (error: unknown, operation: string) => storeFailure(error, { place: tableName, operation })
  const itemOf = async (attributes: Attributes): Promise<Item> => {
    const key = keyOf(attributes)
    return {
      ...key,
      version: Number(attributes.v?.N),
      body: await decodeBody({ blobs }, { attributes, key: printed(key) }),
      ...(attributes.pendingSince?.N === undefined ? {} : { pendingSince: Number(attributes.pendingSince.N) }),
      ...(attributes.expiresAt?.N === undefined ? {} : { expiresAt: Number(attributes.expiresAt.N) }),
    }
  }
  return {
    async get(key) {
      const attributes = await read(deps, key)
      return attributes && itemOf(attributes)
    },
    async create(item) {
      return (await write(deps, item, { version: 1, condition: 'attribute_not_exists(pk)' })) ? 'created' : 'exists'
    },
    async replace(item, expected) {
      return (await write(deps, item, { version: expected + 1, condition: 'v = :expected', expected }))
        ? 'replaced'
        : 'conflict'
    },
    async list({ partition, prefix, newestFirst, limit }) {
      const found: Attributes[] = []
      let from: Attributes | undefined
      while (found.length < limit) {
        const page = await client
          .send(
            new QueryCommand({
              TableName: tableName,
              KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
              ExpressionAttributeValues: {
                ':pk': { S: partition },
                ...(prefix === '' ? {} : { ':prefix': { S: prefix } }),
              },
              ScanIndexForward: !newestFirst,
              ConsistentRead: true,
              Limit: limit - found.length,
              ...(from === undefined ? {} : { ExclusiveStartKey: from }),
            }),
          )
          .catch((error: unknown) => Promise.reject(failure(error, 'list')))
        found.push(...(page.Items ?? []))
        from = page.LastEvaluatedKey
        if (from === undefined) break
      }
      return Promise.all(found.map(itemOf))
    },
    async pending({ before, limit }) {
      if (limit <= 0) return []
      const shards = await Promise.all(
        Array.from({ length: pendingShards }, (_, shard) =>
          client.send(
            new QueryCommand({
              TableName: tableName,
              IndexName: pendingIndex,
              KeyConditionExpression: 'pendingShard = :shard AND pendingSince < :before',
              ExpressionAttributeValues: { ':shard': { N: String(shard) }, ':before': { N: String(before) } },
              Limit: limit,
            }),
          ),
        ),
      ).catch((error: unknown) => Promise.reject(failure(error, 'pending')))
      return shards
        .flatMap((page) => page.Items ?? [])
        .sort((a, b) => Number(a.pendingSince?.N) - Number(b.pendingSince?.N))
        .slice(0, limit)
        .map(keyOf)
    },
  }
}

/** The shard of the pending index that a partition belongs to, 0..15. */
export function pendingShardOf(partition: string): number {
  return createHash('sha256').update(partition).digest().readUInt8(0) % pendingShards
}

async function read(deps: Deps, key: ItemKey): Promise<Attributes | undefined> {
  try {
    const answer = await deps.client.send(
      new GetItemCommand({
        TableName: deps.tableName,
        Key: { pk: { S: key.partition }, sk: { S: key.sort } },
        ConsistentRead: true,
      }),
    )
    return answer.Item
  } catch (error) {
    throw storeFailure(error, { place: deps.tableName, operation: 'get' })
  }
}

/** False if the condition did not hold. */
async function write(
  deps: Deps,
  item: Omit<Item, 'version'>,
  params: { readonly version: number; readonly condition: string; readonly expected?: number },
): Promise<boolean> {
  const token = randomUUID()
  const body = await encodeBody(
    { blobs: deps.blobs },
    { body: item.body, expires: item.expiresAt === undefined ? 'kept' : 'expiring', key: printed(item) },
  )
  const attributes: Attributes = {
    pk: { S: item.partition },
    sk: { S: item.sort },
    v: { N: String(params.version) },
    writeToken: { S: token },
    ...body,
    ...(item.pendingSince === undefined
      ? {}
      : {
          pendingShard: { N: String(pendingShardOf(item.partition)) },
          pendingSince: { N: String(item.pendingSince) },
        }),
    ...(item.expiresAt === undefined ? {} : { expiresAt: { N: String(Math.ceil(item.expiresAt)) } }),
  }
  try {
    await deps.client.send(
      new PutItemCommand({
        TableName: deps.tableName,
        Item: attributes,
        ConditionExpression: params.condition,
        ...(params.expected === undefined
          ? {}
          : { ExpressionAttributeValues: { ':expected': { N: String(params.expected) } } }),
      }),
    )
    return true
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) {
      throw storeFailure(error, { place: deps.tableName, operation: 'put' })
    }
    // The client repeats a write whose answer was lost; the condition then fails on our own item.
    if ((error.$metadata.attempts ?? 1) === 1) return false
    return (await read(deps, item))?.writeToken?.S === token
  }
}

function keyOf(attributes: Attributes): ItemKey {
  return { partition: attributes.pk?.S ?? '', sort: attributes.sk?.S ?? '' }
}

function printed(key: ItemKey): string {
  return `${key.partition}/${key.sort}`
}
