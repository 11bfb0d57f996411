// The relayer's address as a value of the stack: derived from the key at deploy time, so that nobody has to compute it to fund it.

import { CustomResource, Duration } from 'aws-cdk-lib'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import { Worker } from './worker.ts'

export class RelayerAddress extends Construct {
  /** With checksum (EIP-55). */
  readonly address: string

  constructor(scope: Construct, id: string, props: { readonly key: Key }) {
    super(scope, id)
    const door = new Worker(this, 'Door', {
      door: 'relayer-address',
      description: 'Tells the deploy which address the relayer key signs for.',
      timeoutSeconds: 60,
    }).readsPublicKey(props.key)
    const resource = new CustomResource(this, 'Address', {
      resourceType: 'Custom::RelayerAddress',
      serviceToken: door.function.functionArn,
      // A door that dies must not hold the deploy for the hour that CloudFormation would wait.
      serviceTimeout: Duration.minutes(5),
      properties: { KeyId: props.key.keyArn },
    })
    this.address = resource.getAttString('Address')
  }
}
