// Answers in AWS's JSON protocol, as our own stand-ins give them.

import type { AwsResponse } from '../front/request.ts'

const headers = { 'content-type': 'application/x-amz-json-1.1' }

export function jsonAnswer(body: Readonly<Record<string, unknown>>): AwsResponse {
  return { status: 200, headers, body: JSON.stringify(body) }
}

/** An error by its AWS name, e.g. `NotFoundException`. */
export function jsonError(name: string, message: string, status = 400): AwsResponse {
  return { status, headers, body: JSON.stringify({ __type: name, message, Message: message }) }
}
