// Every finding of cdk-nag that stays, with the reason why; anything else stops the synthesis.

import { type CfnElement, Stack, Validations } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { IConstruct } from 'constructs'
import type { Worker } from './constructs/worker.ts'

export interface Acknowledged {
  readonly blobs: Bucket
  /** Read or write objects of the bucket. */
  readonly blobUsers: readonly Worker[]
  /** By the prefix of the names of the secrets that they read. */
  readonly secretReaders: Readonly<Record<string, readonly Worker[]>>
  readonly smsSender: Worker
  /** Invoked by the Scheduler. */
  readonly scheduled: readonly IFunction[]
}

/** Each finding is named in full, so that a new wildcard is never covered by an old reason. */
export function acknowledgeFindings(
  stack: Stack,
  { blobs, blobUsers, secretReaders, smsSender, scheduled }: Acknowledged,
): void {
  acknowledge(
    blobs,
    'S1',
    'Private bodies of snapshots, written and read only by our own roles; CloudTrail data events record access where a desk wants it.',
  )
  for (const worker of blobUsers)
    acknowledge(
      worker,
      `IAM5[Resource::<${idOf(blobs)}.Arn>/*]`,
      'Objects are named by snapshot: the bucket is the boundary, and it holds nothing else.',
    )
  for (const [prefix, workers] of Object.entries(secretReaders))
    for (const worker of workers)
      acknowledge(
        worker,
        `IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${prefix}*]`,
        'Secrets are named in the configuration, which changes without a deploy; the prefix is the boundary.',
      )
  acknowledge(
    smsSender,
    'IAM5[Resource::*]',
    'Publishing an SMS to a phone number has no resource to name (SNS developer guide).',
  )
  for (const target of scheduled)
    acknowledge(
      stack,
      `IAM5[Resource::<${idOf(target)}.Arn>:*]`,
      'The Scheduler may invoke this one function in any of its versions.',
    )
}

function acknowledge(scope: IConstruct, finding: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${finding}`, reason })
}

function idOf(construct: IConstruct): string {
  return Stack.of(construct).getLogicalId(construct.node.defaultChild as CfnElement)
}
