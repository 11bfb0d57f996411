import { describe, expect, it } from 'vitest'
import type { AwsRequest } from '../../../lib/local/front/request.ts'
import { requestAction } from '../../../lib/local/front/request-action.ts'
import { secretArn } from '../../../lib/local/template/identify.ts'
import { localPlace } from '../../../lib/local/template/place.ts'

const place = { ...localPlace, endpointUrl: 'http://127.0.0.1:1' }
const directory = {
  place,
  partitionKeyOf: (_: string, index: string | undefined) => (index === undefined ? 'pk' : 'shard'),
  keyArnOf: (keyId: string) => (keyId === 'alias/relayer' ? 'arn:aws:kms:us-east-1:000000000000:key/1' : undefined),
}
const request = (service: string, more: Partial<AwsRequest>): AwsRequest => ({
  method: 'POST',
  url: '/',
  headers: {},
  body: Buffer.alloc(0),
  accessKeyId: 'k',
  service,
  ...more,
})
const json = (service: string, operation: string, body: object) =>
  request(service, { headers: { 'x-amz-target': `Any_2012.${operation}` }, body: Buffer.from(JSON.stringify(body)) })
const form = (body: Record<string, string>) =>
  request('sns', { body: Buffer.from(new URLSearchParams(body).toString()) })
const s3 = (method: string, url: string, body = '') => request('s3', { method, url, body: Buffer.from(body) })
const name = (given: AwsRequest) => requestAction(directory, given, 'arn:aws:iam::000000000000:role/r')

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/T'
const queue = 'arn:aws:sqs:us-east-1:000000000000:Jobs'
const QueueUrl = 'http://127.0.0.1:1/000000000000/Jobs'

describe('the permission of a request', () => {
  it.each([
    [
      'a read of an item',
      json('dynamodb', 'GetItem', { TableName: 'T', Key: { pk: { S: 'a' } } }),
      'dynamodb:GetItem',
      [table],
    ],
    [
      'a query of an index, on the index',
      json('dynamodb', 'Query', { TableName: 'T', IndexName: 'i' }),
      'dynamodb:Query',
      [`${table}/index/i`],
    ],
    [
      'a batch, on each table',
      json('dynamodb', 'BatchGetItem', { RequestItems: { T: { Keys: [] }, U: { Keys: [] } } }),
      'dynamodb:BatchGetItem',
      [table, table.replace(/T$/, 'U')],
    ],
    [
      'a batch of messages, as the single action',
      json('sqs', 'SendMessageBatch', { QueueUrl }),
      'sqs:SendMessage',
      [queue],
    ],
    [
      'a batch of deletions, as the single action',
      json('sqs', 'DeleteMessageBatch', { QueueUrl }),
      'sqs:DeleteMessage',
      [queue],
    ],
    [
      'a text, on the number',
      form({ Action: 'Publish', PhoneNumber: '+15550100', Message: 'm' }),
      'sns:Publish',
      ['+15550100'],
    ],
    [
      'a publication, on the topic',
      form({ Action: 'Publish', TopicArn: 'arn:t', Message: 'm' }),
      'sns:Publish',
      ['arn:t'],
    ],
    [
      'a signature by alias, on the key',
      json('kms', 'Sign', { KeyId: 'alias/relayer' }),
      'kms:Sign',
      ['arn:aws:kms:us-east-1:000000000000:key/1'],
    ],
    [
      'a secret by name, on its ARN',
      json('secretsmanager', 'GetSecretValue', { SecretId: 'hook' }),
      'secretsmanager:GetSecretValue',
      [secretArn(place, 'hook')],
    ],
    ['an object with an odd name', s3('GET', '/b/a/b%20c?x-id=GetObject'), 's3:GetObject', ['arn:aws:s3:::b/a/b c']],
    ['a listing, on the bucket', s3('GET', '/b?list-type=2&prefix=x'), 's3:ListBucket', ['arn:aws:s3:::b']],
    [
      'a deletion of many, on each',
      s3('POST', '/b?delete', '<Delete><Object><Key>1&amp;2</Key></Object></Delete>'),
      's3:DeleteObject',
      ['arn:aws:s3:::b/1&2'],
    ],
    ['a part of an upload', s3('PUT', '/b/k?partNumber=1&uploadId=u'), 's3:PutObject', ['arn:aws:s3:::b/k']],
    ['an abandoned upload', s3('DELETE', '/b/k?uploadId=u'), 's3:AbortMultipartUpload', ['arn:aws:s3:::b/k']],
  ])('is known for %s', (_, given, action, resources) => {
    expect(name(given)).toMatchObject({ action, resources })
  })

  it.each([
    ['an item', json('dynamodb', 'PutItem', { TableName: 'T', Item: { pk: { S: 'a' } } }), ['a']],
    [
      'a query',
      json('dynamodb', 'Query', {
        TableName: 'T',
        KeyConditionExpression: '#k = :v AND sk > :w',
        ExpressionAttributeNames: { '#k': 'pk' },
        ExpressionAttributeValues: { ':v': { S: 'a' } },
      }),
      ['a'],
    ],
    [
      'a query of an index',
      json('dynamodb', 'Query', {
        TableName: 'T',
        IndexName: 'i',
        KeyConditionExpression: 'shard = :v',
        ExpressionAttributeValues: { ':v': { N: '3' } },
      }),
      ['3'],
    ],
    [
      'a batch',
      json('dynamodb', 'BatchWriteItem', {
        RequestItems: {
          T: [{ PutRequest: { Item: { pk: { S: 'a' } } } }, { DeleteRequest: { Key: { pk: { S: 'b' } } } }],
        },
      }),
      ['a', 'b'],
    ],
    ['a scan, which has none', json('dynamodb', 'Scan', { TableName: 'T' }), undefined],
  ])('carries the leading keys of %s', (_, given, keys) => {
    expect(name(given).context).toHaveProperty(['dynamodb:leadingkeys'], keys)
  })

  it.each([
    ['a transaction', json('dynamodb', 'TransactWriteItems', {})],
    ['an encryption', json('kms', 'Encrypt', { KeyId: 'x' })],
    ['a bucket policy', s3('PUT', '/b?policy')],
    ['a copy', { ...s3('PUT', '/b/k'), headers: { 'x-amz-copy-source': '/c/k' } }],
    ['a service that nobody stands in for', json('lambda', 'Invoke', {})],
    [
      'a verb that says something else than its target',
      { ...json('sqs', 'GetQueueUrl', {}), method: 'GET', url: '/b/k' },
    ],
    [
      'a body that is not JSON',
      request('dynamodb', { headers: { 'x-amz-target': 'x.GetItem' }, body: Buffer.from('<xml>') }),
    ],
  ])('is refused for %s', (_, given) => {
    expect(() => name(given)).toThrowError(expect.objectContaining({ code: 'call-unknown' }))
  })
})
