// Policies attached to queues, topics, buckets and keys, found by the ARN of what they guard.

import type { ResourcePolicy } from '../front/authorise.ts'
import { parsePolicy, type Statement } from '../front/policy.ts'
import type { Resource, Template } from '../template/open-template.ts'
import type { Place } from '../template/place.ts'

export type PolicyOf = (resource: string) => ResourcePolicy | undefined

const arnOf = ({ attributes, ref }: Resource) => attributes.Arn ?? ref
const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [String(value)])

/** Without a KeyPolicy a key lets the account's identity policies decide. */
const defaultKeyPolicy = ({ partition, account }: Place) => ({
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
  ],
})

/** @throws HomeostatError `policy-form-unknown` */
export function openResourcePolicies(template: Template, place: Place): PolicyOf {
  const policies = new Map<string, { statements: Statement[]; role: 'gate' | 'extra' }>()
  const attach = (arn: string, document: unknown, where: string, role: 'gate' | 'extra') => {
    const policy = policies.get(arn) ?? { statements: [], role }
    policy.statements.push(...parsePolicy(document, where))
    policies.set(arn, policy)
  }
  for (const { properties, logicalId } of template.take('AWS::SQS::QueuePolicy')) {
    for (const queue of listOf(properties.Queues)) {
      attach(arnOf(template.named('AWS::SQS::Queue', queue)), properties.PolicyDocument, logicalId, 'extra')
    }
  }
  for (const { properties, logicalId } of template.take('AWS::SNS::TopicPolicy')) {
    for (const topic of listOf(properties.Topics)) attach(topic, properties.PolicyDocument, logicalId, 'extra')
  }
  for (const { properties, logicalId } of template.take('AWS::S3::BucketPolicy')) {
    const bucket = template.named('AWS::S3::Bucket', String(properties.Bucket))
    attach(arnOf(bucket), properties.PolicyDocument, logicalId, 'extra')
  }
  for (const key of template.take('AWS::KMS::Key')) {
    attach(arnOf(key), key.properties.KeyPolicy ?? defaultKeyPolicy(place), key.logicalId, 'gate')
  }
  // An object is guarded by its bucket's policy.
  return (resource) => policies.get(resource) ?? policies.get(resource.replace(/^(arn:[^:]+:s3:::[^/]+)\/.*$/s, '$1'))
}
