// Creates DynamoDB tables as the template describes them, and tells their partition keys to the front.

import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import type { Resource, Template } from '../template/open-template.ts'
import type { AwsCaller } from './aws-call.ts'

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }))
const indexSchema = z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: z.unknown() })
const tableSchema = z.object({
  KeySchema: keySchema,
  AttributeDefinitions: z.unknown(),
  BillingMode: z.optional(z.string()),
  GlobalSecondaryIndexes: z.optional(z.array(indexSchema)),
  LocalSecondaryIndexes: z.optional(z.array(indexSchema)),
  Replicas: z.tuple([z.record(z.string(), z.unknown())]),
})

/** Partition key attribute by table name and, for an index, its name. */
export function partitionKeys(template: Template): (table: string, index: string | undefined) => string | undefined {
  const keys = new Map<string, string | undefined>()
  const hashOf = (schema: z.output<typeof keySchema>) => schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName
  for (const { ref, logicalId, properties } of template.take('AWS::DynamoDB::GlobalTable')) {
    const table = parse(tableSchema, properties, logicalId)
    keys.set(ref, hashOf(table.KeySchema))
    for (const index of [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]) {
      keys.set(`${ref}/${index.IndexName}`, hashOf(index.KeySchema))
    }
  }
  return (table, index) => keys.get(index === undefined ? table : `${table}/${index}`)
}

/** Of a replica: they guard or observe, and do not change what a call does. */
const replicaProperties = new Set([
  'Region',
  'PointInTimeRecoverySpecification',
  'GlobalSecondaryIndexes',
  'DeletionProtectionEnabled',
  'TableClass',
  'ContributorInsightsSpecification',
  'SSESpecification',
  'Tags',
])

/**
 * Creates a table and waits until it is active.
 * @throws HomeostatError `template-property-unknown`, `invalid-input` for more than one replica
 */
export async function createTable(operator: AwsCaller, table: Resource): Promise<void> {
  const { Replicas, ...wanted } = parse(tableSchema, table.properties, table.logicalId)
  const odd = Object.keys(Replicas[0]).find((name) => !replicaProperties.has(name))
  if (odd !== undefined) {
    throw new HomeostatError('template-property-unknown', {
      message: `The runner does not know ${odd} of a replica of ${table.logicalId}.`,
      retry: 'never',
      facts: { odd, logicalId: table.logicalId },
    })
  }
  await operator.json('dynamodb', 'DynamoDB_20120810.CreateTable', {
    ...wanted,
    TableName: table.ref,
    BillingMode: 'PAY_PER_REQUEST',
  })
  for (;;) {
    const answer = await operator.json('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName: table.ref })
    if ((answer.Table as { TableStatus?: string } | undefined)?.TableStatus === 'ACTIVE') return
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
