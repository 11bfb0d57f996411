// An installation seen from outside: the stores and the bus of a deployed (or local) stack, from the outputs that the deploy wrote.

import { readFileSync } from 'node:fs'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { QueueName } from '../base/deployment-names.ts'
import { HomeostatError } from '../base/homeostat-error.ts'
import * as z from '../base/schema.ts'
import { parse } from '../base/schema.ts'
import { sqsBus } from '../bus/sqs-bus.ts'
import type { BarStore } from '../model/history.ts'
import type { Bus, ChainStore, ConfigStore, OrderStore, SessionStore, WatchStore } from '../model/ports.ts'
import { barStore } from '../store/bar-store.ts'
import { chainStore } from '../store/chain-store.ts'
import { configStore } from '../store/config-store.ts'
import { dynamoTable } from '../store/dynamo-table.ts'
import { orderStore } from '../store/order-store.ts'
import { s3Blobs } from '../store/s3-blobs.ts'
import { sessionStore } from '../store/session-store.ts'
import { watchStore } from '../store/watch-store.ts'
import { outputsFile } from './outputs-file.ts'

/** The stack's outputs, as `cdk deploy --outputs-file` writes them, and where to reach a local stand-in of AWS. */
export interface Installation {
  readonly outputs: Readonly<Record<string, string>>
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

export interface Connection {
  readonly watch: WatchStore
  readonly history: BarStore
  readonly orders: OrderStore
  readonly config: ConfigStore
  readonly sessions: SessionStore
  readonly chains: ChainStore
  readonly bus: Bus
  readonly approveUrl: string
  readonly pageUrl: string
}

const fileSchema = z.record(z.string(), z.record(z.string(), z.string()))

/**
 * Reads an outputs file with exactly one stack that is ours.
 * @throws HomeostatError `no-installation`
 */
export function readInstallation(file: string): Installation {
  const text = readOutputs(file)
  const stacks = parse(fileSchema, text, `outputs file ${file}`)
  const found = Object.values(stacks).find((stack) => stack.WatchTableName !== undefined)
  if (found === undefined) throw noInstallation(file, 'it has no stack of Homeostat in it')
  const { LocalEndpoint, ...outputs } = found
  return LocalEndpoint === undefined
    ? { outputs }
    : {
        outputs,
        endpoint: LocalEndpoint,
        region: outputs.Region ?? 'us-east-1',
        credentials: { accessKeyId: 'homeostat-operator', secretAccessKey: 'local' },
      }
}

/** Opens stores and bus; nothing is called yet. */
export function connect(installation: Installation): Connection {
  const { outputs, endpoint, region, credentials } = installation
  const settings = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  }
  const output = (name: string) => {
    const value = outputs[name]
    if (value === undefined) throw noInstallation('the outputs', `there is no output ${name}`)
    return value
  }
  const client = new DynamoDBClient(settings)
  const blobs = s3Blobs({
    client: new S3Client({ ...settings, forcePathStyle: true }),
    bucket: output('BlobsBucketName'),
  })
  const watch = dynamoTable({ client, tableName: output('WatchTableName'), blobs })
  return {
    watch: watchStore(watch),
    history: barStore(watch),
    orders: orderStore(dynamoTable({ client, tableName: output('OrdersTableName') })),
    config: configStore(dynamoTable({ client, tableName: output('ConfigTableName') })),
    sessions: sessionStore(watch),
    chains: chainStore(watch),
    bus: sqsBus({ client: new SQSClient(settings), queueUrls: queueUrlsOf(outputs) }),
    approveUrl: output('ApproveUrl'),
    pageUrl: output('PageUrl'),
  }
}

/** Outputs such as `SnapshotsQueueUrl`. */
function queueUrlsOf(outputs: Readonly<Record<string, string>>): Partial<Record<QueueName, string>> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, url]) => {
      const match = /^(\w+)QueueUrl$/.exec(name)
      return match?.[1] === undefined ? [] : [[match[1].toLowerCase(), url]]
    }),
  )
}

function readOutputs(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw noInstallation(file, cause instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read', cause)
  }
}

function noInstallation(file: string, why: string, cause?: unknown): HomeostatError {
  return new HomeostatError('no-installation', {
    message: `No installation in ${file}: ${why}.`,
    retry: 'never',
    facts: { file },
    hint: `Deploy with \`npx cdk deploy --outputs-file ${outputsFile}\`, run \`npm start\`, or name the file with --outputs.`,
    cause,
  })
}
