// What the front has read of an HTTP request before it decides who is asking for what.

export interface AwsRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** From the SigV4 credential scope; undefined for a call that is not signed. */
  readonly accessKeyId: string | undefined
  /** Service name of the credential scope, e.g. `dynamodb`. */
  readonly service: string
}

export interface AwsResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

/** Reads access key id and service from the credential scope of a signed request. The signature itself is not checked. */
export function credentialScopeOf(authorization: string | undefined): {
  readonly accessKeyId?: string
  readonly service: string
} {
  const scope = /Credential=([^/,\s]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(authorization ?? '')
  if (scope?.[1] === undefined || scope[2] === undefined) return { service: '' }
  return { accessKeyId: scope[1], service: scope[2] }
}
