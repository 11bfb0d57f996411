// Names the permission, tables, indexes and leading keys of a DynamoDB request.

import { arnIn } from '../template/place.ts'
import { type Body, type Directory, type NamedCall, refuseCall } from './named-call.ts'

const single = new Set(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'])
const ofTable = new Set(['CreateTable', 'DescribeTable', 'DeleteTable', 'UpdateTable', 'DescribeTimeToLive'])

const asObject = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {})
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** `{ S: 'x' }`, `{ N: '1' }` or `{ B: '...' }` as text. */
function scalar(value: unknown): string | undefined {
  const { S, N, B } = asObject(value)
  const found = S ?? N ?? B
  return typeof found === 'string' ? found : undefined
}

/** The partition key value that a key condition pins, in either of its forms. */
function pinnedKey(body: Body, attribute: string): string | undefined {
  const old = asObject(asObject(body.KeyConditions)[attribute])
  if (old.ComparisonOperator === 'EQ') return scalar(asList(old.AttributeValueList)[0])
  const names = asObject(body.ExpressionAttributeNames)
  const values = asObject(body.ExpressionAttributeValues)
  const equality = /([#\w.]+)\s*=\s*(:\w+)/g
  for (const [, name = '', placeholder = ''] of String(body.KeyConditionExpression ?? '').matchAll(equality)) {
    if ((names[name] ?? name) === attribute) return scalar(values[placeholder])
  }
  return undefined
}

/**
 * A scan carries no leading key, which `ForAllValues` waves through: exactly the hole that a policy must not have.
 * `dynamodb:Attributes` and the like are left out on purpose, so that a policy with them is refused instead of misjudged.
 */
function contextOf(leadingKeys: readonly (string | undefined)[]) {
  const known = leadingKeys.filter((key) => key !== undefined)
  return { 'dynamodb:leadingkeys': known.length === 0 ? undefined : known }
}

function batchCall(
  { place, partitionKeyOf }: Directory,
  operation: 'BatchGetItem' | 'BatchWriteItem',
  body: Body,
): NamedCall {
  const tables = Object.entries(asObject(body.RequestItems))
  const keys = tables.flatMap(([table, requests]) => {
    const key = partitionKeyOf(table, undefined) ?? ''
    if (operation === 'BatchGetItem') return asList(asObject(requests).Keys).map((each) => scalar(asObject(each)[key]))
    return asList(requests).map((each) => {
      const { PutRequest, DeleteRequest } = asObject(each)
      return scalar(asObject(asObject(PutRequest).Item ?? asObject(DeleteRequest).Key)[key])
    })
  })
  const resources = tables.map(([table]) => arnIn(place, 'dynamodb', `table/${table}`))
  return { action: `dynamodb:${operation}`, resources, context: contextOf(keys) }
}

/** @throws HomeostatError `call-unknown` for operations that the house does not use, transactions among them */
export function dynamodbCall(directory: Directory, operation: string, body: Body): NamedCall {
  const { place, partitionKeyOf } = directory
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') return batchCall(directory, operation, body)
  if (operation === 'ListTables') return { action: 'dynamodb:ListTables', resources: ['*'], context: contextOf([]) }
  const table = String(body.TableName ?? '').replace(/^arn:.*:table\//, '')
  const index = typeof body.IndexName === 'string' ? body.IndexName : undefined
  const tableArn = arnIn(place, 'dynamodb', `table/${table}`)
  const action = `dynamodb:${operation}`
  // Querying an index needs a grant on the index; one on its table does not help.
  const resources = [index === undefined ? tableArn : `${tableArn}/index/${index}`]
  if (single.has(operation)) {
    const key = partitionKeyOf(table, undefined) ?? ''
    return { action, resources, context: contextOf([scalar(asObject(body.Key ?? body.Item)[key])]) }
  }
  if (operation === 'Query') {
    return { action, resources, context: contextOf([pinnedKey(body, partitionKeyOf(table, index) ?? '')]) }
  }
  if (operation === 'Scan' || ofTable.has(operation)) return { action, resources, context: contextOf([]) }
  return refuseCall(operation, 'dynamodb')
}
