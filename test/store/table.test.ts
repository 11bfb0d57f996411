import { afterAll, beforeAll, describe } from 'vitest'
import { memoryBlobs } from '../../lib/store/blobs.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { type RunningDynalite, startDynalite } from './dynalite-table.ts'
import { tableContract } from './table.contract.ts'

describe('the table in memory', () => {
  tableContract(async () => memoryTable())
})

describe('the table on DynamoDB', () => {
  let dynalite: RunningDynalite
  beforeAll(async () => {
    dynalite = await startDynalite()
  })
  afterAll(() => dynalite.stop())
  tableContract(async () =>
    dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable(), blobs: memoryBlobs() }),
  )
})
