// The real world behind the ports: each function makes one port from what the environment grants to this door.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { noticeDeliverer } from '../actions/notifiers/deliver-notice.ts'
import { variables } from '../base/deployment-names.ts'
import { sqsBus } from '../bus/sqs-bus.ts'
import type { BarStore } from '../model/history.ts'
import type { MacroStore, MarketModelStore } from '../model/market-ports.ts'
import type {
  Bus,
  ChainStore,
  ConfigStore,
  HolderStore,
  Notifiers,
  OnceStore,
  OrderStore,
  SessionStore,
  Table,
  WatchStore,
} from '../model/ports.ts'
import { barStore } from '../store/bar-store.ts'
import type { Blobs } from '../store/blobs.ts'
import { chainStore } from '../store/chain-store.ts'
import { configStore } from '../store/config-store.ts'
import { dynamoTable } from '../store/dynamo-table.ts'
import { holderStore } from '../store/holder-store.ts'
import { macroStore } from '../store/macro-store.ts'
import { marketModelStore } from '../store/market-model-store.ts'
import { onceStore } from '../store/once-store.ts'
import { orderStore } from '../store/order-store.ts'
import { s3Blobs } from '../store/s3-blobs.ts'
import { sessionStore } from '../store/session-store.ts'
import { watchStore } from '../store/watch-store.ts'
import { optional, queueUrls, required } from './environment.ts'
import { requestHandler } from './request-handler.ts'
import { awsSecrets } from './secrets.ts'

/** One client, so one pool of connections, for all tables of a door. */
let sharedDynamo: DynamoDBClient | undefined
function dynamo(): DynamoDBClient {
  sharedDynamo ??= new DynamoDBClient({ requestHandler })
  return sharedDynamo
}

const table = (variable: string, blobs?: Blobs): Table =>
  dynamoTable({ client: dynamo(), tableName: required(variable), ...(blobs === undefined ? {} : { blobs }) })

/** Snapshots, reports and market models can outgrow an item; then their body goes to S3, if this door was given the bucket. */
function watchWithBlobs(): Table {
  const bucket = optional(variables.blobsBucket)
  const blobs =
    bucket === undefined
      ? undefined
      : s3Blobs({ client: new S3Client({ requestHandler, forcePathStyle: true }), bucket })
  return table(variables.watchTable, blobs)
}
export const awsWatch = (): WatchStore => watchStore(watchWithBlobs())
export const awsModels = (): MarketModelStore => marketModelStore(watchWithBlobs())
/** Bars fit into items: they need no bucket. */
export const awsHistory = (): BarStore => barStore(table(variables.watchTable))
export const awsMacro = (): MacroStore => macroStore(table(variables.watchTable))
export const awsOrders = (): OrderStore => orderStore(table(variables.ordersTable))
export const awsConfig = (): ConfigStore => configStore(table(variables.configTable))
export const awsChains = (): ChainStore => chainStore(table(variables.watchTable))
export const awsHolders = (): HolderStore => holderStore(table(variables.watchTable))
export const awsOnce = (): OnceStore => onceStore(table(variables.watchTable))
export const awsSessions = (): SessionStore => sessionStore(table(variables.watchTable))

export const awsBus = (): Bus => sqsBus({ client: new SQSClient({ requestHandler }), queueUrls: queueUrls() })

export const awsNotifiers = (): Notifiers =>
  noticeDeliverer({ sns: new SNSClient({ requestHandler }), secret: awsSecrets(), print: (line) => console.log(line) })

export const awsKms = (): KMSClient => new KMSClient({ requestHandler })
