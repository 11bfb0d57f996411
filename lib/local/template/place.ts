// Where the local house stands, in the terms of AWS: what the pseudo parameters and every ARN are made of.

export interface Place {
  readonly region: string
  readonly account: string
  readonly partition: string
  readonly urlSuffix: string
  /** The front's address, `http://127.0.0.1:PORT`: queue URLs are built on it. */
  readonly endpointUrl: string
}

/** The emulator of SQS and SNS knows this account and no other, so the whole house lives in it. */
export const localPlace = {
  region: 'us-east-1',
  account: '000000000000',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
} as const

/** `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`, or without region or account where the service's ARNs have none. */
export function arnIn(
  place: Place,
  service: string,
  resource: string,
  scope: 'regional' | 'account' | 'global' = 'regional',
) {
  const region = scope === 'regional' ? place.region : ''
  const account = scope === 'global' ? '' : place.account
  return `arn:${place.partition}:${service}:${region}:${account}:${resource}`
}
