// The relayer behind its port, apart from the rest so that only the door that signs carries it.

import { kmsRelayer } from '../actions/relayer.ts'
import { variables } from '../base/deployment-names.ts'
import type { Relayer } from '../model/ports.ts'
import { awsKms } from './aws.ts'
import { required } from './environment.ts'
import { awsSecrets } from './secrets.ts'

export const awsRelayer = (): Relayer =>
  kmsRelayer({ kms: awsKms(), keyId: required(variables.relayerKey), secret: awsSecrets() })
