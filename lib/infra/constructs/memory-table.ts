// A table as every store of ours wants it: one key pair, a sparse index of waiting outboxes, recovery and expiry.

import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

/** Retained when the stack is deleted: history is worth more than a tidy account. */
export function memoryTable(scope: Construct, id: string, pendingIndex: boolean): TableV2 {
  return new TableV2(scope, id, {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expiresAt',
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    ...(pendingIndex
      ? {
          globalSecondaryIndexes: [
            {
              indexName: 'pending',
              partitionKey: { name: 'pendingShard', type: AttributeType.NUMBER },
              sortKey: { name: 'pendingSince', type: AttributeType.NUMBER },
              projectionType: ProjectionType.KEYS_ONLY,
            },
          ],
        }
      : {}),
  })
}
