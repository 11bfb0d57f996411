// A refusal in the words of the service that was asked, so that an SDK raises the error it would raise in the cloud.

import { randomUUID } from 'node:crypto'
import type { AwsRequest, AwsResponse } from './request.ts'

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function json(status: number, type: string, message: string, queryError?: string): AwsResponse {
  const headers: Record<string, string> = { 'content-type': 'application/x-amz-json-1.0' }
  if (queryError !== undefined) headers['x-amzn-query-error'] = `${queryError};Sender`
  return { status, headers, body: JSON.stringify({ __type: type, message, Message: message }) }
}

function xml(status: number, body: string): AwsResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` }
}

function queryError(code: string, message: string): AwsResponse {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`
  return xml(403, `<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`)
}

const s3Error = (code: string, message: string) =>
  xml(
    403,
    `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message><RequestId>${randomUUID()}</RequestId></Error>`,
  )

/** The service's own AccessDenied. */
export function accessDenied({ service }: AwsRequest, message: string): AwsResponse {
  switch (service) {
    case 'sns':
      return queryError('AuthorizationError', message)
    case 's3':
      return s3Error('AccessDenied', message)
    case 'sqs':
      return json(403, 'com.amazonaws.sqs#AccessDenied', message, 'AccessDenied')
    case 'dynamodb':
      return json(400, 'com.amazon.coral.service#AccessDeniedException', message)
    default:
      return json(400, 'AccessDeniedException', message)
  }
}

/** What AWS says to an access key that it does not know. */
export function unknownKey({ service }: AwsRequest): AwsResponse {
  const message = 'The security token included in the request is invalid.'
  switch (service) {
    case 'sns':
      return queryError('InvalidClientTokenId', message)
    case 's3':
      return s3Error('InvalidAccessKeyId', message)
    case 'sqs':
      return json(403, 'com.amazonaws.sqs#InvalidClientTokenId', message, 'InvalidClientTokenId')
    default:
      return json(400, 'UnrecognizedClientException', message)
  }
}
