// Names and ARNs as CloudFormation would make them, for each kind of resource whose name is more than its logical id.

import { createHash } from 'node:crypto'
import { arnIn, type Place } from './place.ts'

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface Identity {
  readonly ref: string
  readonly attributes: Readonly<Record<string, string>>
}

/** What a type may use to name its resources. */
export interface Naming {
  readonly place: Place
  readonly logicalId: string
  readonly type: string
  /** The explicit name in a property, else one made of the stack's and the logical id. */
  physicalName(property: string): string
  /** A property as text, resolved. */
  property(name: string): string
  /** Address of the function URL with this logical id. */
  functionUrl(): string
}

export const bare = ({ logicalId }: Naming): Identity => ({ ref: logicalId, attributes: {} })

/** Stable hexadecimal digits for names that AWS would make up. */
export function digitsOf(text: string, count: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, count)
}

export const named =
  (property: string, service: string, resource: (name: string) => string, scope?: 'regional' | 'account' | 'global') =>
  ({ place, physicalName }: Naming): Identity => {
    const name = physicalName(property)
    return { ref: name, attributes: { Arn: arnIn(place, service, resource(name), scope) } }
  }

export function identifyQueue({ place, physicalName, property }: Naming): Identity {
  const base = physicalName('QueueName')
  const name = property('FifoQueue') === 'true' && !base.endsWith('.fifo') ? `${base}.fifo` : base
  const url = `${place.endpointUrl}/${place.account}/${name}`
  return { ref: url, attributes: { Arn: arnIn(place, 'sqs', name), QueueName: name, QueueUrl: url } }
}

export function identifyTopic({ place, physicalName, property }: Naming): Identity {
  const base = physicalName('TopicName')
  const name = property('FifoTopic') === 'true' && !base.endsWith('.fifo') ? `${base}.fifo` : base
  const arn = arnIn(place, 'sns', name)
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } }
}

export function identifyKey({ place, logicalId }: Naming): Identity {
  const hex = digitsOf(logicalId, 32)
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  return { ref: id, attributes: { Arn: arnIn(place, 'kms', `key/${id}`), KeyId: id } }
}

export function identifySecret({ place, logicalId, property }: Naming): Identity {
  // CDK cuts a generated name out of the ARN by counting hyphens, so the made-up name has exactly the one that AWS would give it.
  const name = property('Name') || `${logicalId.replaceAll('-', '')}-${digitsOf(logicalId, 12)}`
  const arn = secretArn(place, name)
  return { ref: arn, attributes: { Id: arn } }
}

/** The ARN of a secret, with the six characters that AWS appends to its name. */
export function secretArn(place: Place, name: string): string {
  return arnIn(place, 'secretsmanager', `secret:${name}-${digitsOf(name, 6)}`)
}

export function identifyBucket({ physicalName, place }: Naming): Identity {
  const name = physicalName('BucketName').toLowerCase()
  const domain = `${name}.s3.${place.urlSuffix}`
  return {
    ref: name,
    attributes: { Arn: arnIn(place, 's3', name, 'global'), DomainName: domain, RegionalDomainName: domain },
  }
}

export function identifyTable({ place, physicalName, logicalId }: Naming): Identity {
  const name = physicalName('TableName')
  return {
    ref: name,
    attributes: { Arn: arnIn(place, 'dynamodb', `table/${name}`), TableId: digitsOf(logicalId, 32) },
  }
}
