// Door: a deploy asks which address its key signs for. It may read the public key and nothing else.

import { kmsAddress } from '../lib/actions/kms-account.ts'
import { awsKms } from '../lib/wiring/aws.ts'
import { onCustomResource } from '../lib/wiring/doors/on-custom-resource.ts'

const kms = awsKms()

export const handler = onCustomResource(async ({ KeyId }) => {
  return { Address: await kmsAddress({ kms, keyId: String(KeyId) }) }
})
