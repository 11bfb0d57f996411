// Names what an HTTP request to AWS asks for: the IAM action, the resources it touches, and the condition keys it carries.

import { secretArn } from '../template/identify.ts'
import { arnIn, type Place } from '../template/place.ts'
import type { Call } from './authorise.ts'
import type { RequestContext } from './condition.ts'
import { dynamodbCall } from './dynamodb-call.ts'
import { type Body, type Directory, type NamedCall, refuseCall } from './named-call.ts'
import type { AwsRequest } from './request.ts'
import { s3Call } from './s3-call.ts'

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** Which single permission a batch counts as. */
const sqsActions: Readonly<Record<string, string>> = {
  SendMessage: 'SendMessage',
  SendMessageBatch: 'SendMessage',
  ReceiveMessage: 'ReceiveMessage',
  DeleteMessage: 'DeleteMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibility: 'ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  GetQueueAttributes: 'GetQueueAttributes',
  SetQueueAttributes: 'SetQueueAttributes',
  GetQueueUrl: 'GetQueueUrl',
  PurgeQueue: 'PurgeQueue',
  CreateQueue: 'CreateQueue',
  ListQueues: 'ListQueues',
}

function sqsCall({ place }: Directory, operation: string, body: Body): NamedCall {
  const action = sqsActions[operation] ?? refuseCall(operation, 'sqs')
  const name = text(body.QueueName) || text(body.QueueUrl).split('/').at(-1) || '*'
  return { action: `sqs:${action}`, resources: [arnIn(place, 'sqs', name)], context: {} }
}

const snsActions = new Set(['Publish', 'CreateTopic', 'Subscribe', 'SetSubscriptionAttributes'])

function snsCall({ place }: Directory, form: URLSearchParams): NamedCall {
  const operation = form.get('Action') ?? '(none)'
  if (operation === 'PublishBatch') {
    return { action: 'sns:Publish', resources: [form.get('TopicArn') ?? ''], context: {} }
  }
  if (!snsActions.has(operation)) return refuseCall(operation, 'sns')
  const topic = form.get('TopicArn') ?? form.get('TargetArn') ?? undefined
  const created = form.get('Name') === null ? undefined : arnIn(place, 'sns', form.get('Name') ?? '')
  const resource = topic ?? form.get('PhoneNumber') ?? created ?? refuseCall(operation, 'sns')
  return {
    action: `sns:${operation}`,
    resources: [resource],
    context: { 'sns:protocol': undefined, 'sns:endpoint': undefined },
  }
}

const kmsActions = new Set(['Sign', 'GetPublicKey', 'DescribeKey', 'GenerateMac', 'VerifyMac', 'Verify'])

function kmsCall(directory: Directory, operation: string, body: Body): NamedCall {
  if (!kmsActions.has(operation)) return refuseCall(operation, 'kms')
  const keyId = text(body.KeyId)
  // Authorised on the key, also when it is called by its alias. A key that is not there is refused on the name that was given.
  const resource = directory.keyArnOf(keyId) ?? keyId
  const one = (value: unknown) => (typeof value === 'string' ? [value] : undefined)
  const context = {
    'kms:signingalgorithm': one(body.SigningAlgorithm),
    'kms:messagetype': one(body.MessageType) ?? (operation === 'Sign' ? ['RAW'] : undefined),
    'kms:macalgorithm': one(body.MacAlgorithm),
    'kms:requestalias': keyId.includes('alias/') ? [keyId.replace(/^.*:(?=alias\/)/, '')] : undefined,
    'kms:viaservice': undefined,
    'kms:calleraccount': [directory.place.account],
  }
  return { action: `kms:${operation}`, resources: [resource], context }
}

const secretActions = new Set(['GetSecretValue', 'DescribeSecret'])

function secretsCall({ place }: Directory, operation: string, body: Body): NamedCall {
  if (!secretActions.has(operation)) return refuseCall(operation, 'secretsmanager')
  const id = text(body.SecretId)
  const resource = id.startsWith('arn:') ? id : secretArn(place, id)
  return {
    action: `secretsmanager:${operation}`,
    resources: [resource],
    context: {
      'secretsmanager:versionstage': [text(body.VersionStage) || 'AWSCURRENT'],
      'secretsmanager:secretid': [id],
    },
  }
}

function jsonOf(request: AwsRequest): Body {
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8') || '{}')
    if (typeof body === 'object' && body !== null) return body as Body
  } catch {
    // Refused below with the service's name.
  }
  return refuseCall('a body that is not a JSON object', request.service)
}

function nameCall(directory: Directory, request: AwsRequest): NamedCall {
  const operation = (request.headers['x-amz-target'] ?? '').split('.').at(-1) || '(none)'
  // Only S3 says what it wants in verb and path; elsewhere they would say one thing to us and another to the emulator.
  if (request.service !== 's3' && `${request.method} ${request.url}` !== 'POST /') {
    return refuseCall(`${request.method} ${request.url}`, request.service || 'an unsigned request')
  }
  switch (request.service) {
    case 'dynamodb':
      return dynamodbCall(directory, operation, jsonOf(request))
    case 'sqs':
      return sqsCall(directory, operation, jsonOf(request))
    case 'sns':
      return snsCall(directory, new URLSearchParams(request.body.toString('utf8')))
    case 'kms':
      return kmsCall(directory, operation, jsonOf(request))
    case 'secretsmanager':
      return secretsCall(directory, operation, jsonOf(request))
    case 's3':
      return s3Call(directory, request)
    default:
      return refuseCall(operation, request.service || 'an unsigned request')
  }
}

/** Condition keys of every call. In the cloud the SDK speaks TLS; that it does not on this machine is no property of the call. */
export function commonContext(place: Place, principalArn: string): RequestContext {
  return {
    'aws:securetransport': ['true'],
    'aws:principalaccount': [place.account],
    'aws:principalarn': [principalArn],
    'aws:resourceaccount': [place.account],
    'aws:requestedregion': [place.region],
    'aws:sourceaccount': undefined,
    'aws:sourcearn': undefined,
    'aws:sourceip': undefined,
    'aws:sourcevpce': undefined,
    'aws:viaawsservice': ['false'],
    'aws:calledvia': undefined,
  }
}

/**
 * The call that a request makes.
 * @throws HomeostatError `call-unknown` for services and operations whose permission is not known here
 */
export function requestAction(directory: Directory, request: AwsRequest, principalArn: string): Call {
  const { action, resources, context } = nameCall(directory, request)
  return { action, resources, context: { ...commonContext(directory.place, principalArn), ...context } }
}
