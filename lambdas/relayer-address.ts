// Door: a deploy asks which address its key signs for. It may read the public key and nothing else.

import { kmsAccount } from '../lib/actions/kms-account.ts'
import { awsKms } from '../lib/wiring/aws.ts'
import { onCustomResource } from '../lib/wiring/doors/on-custom-resource.ts'

const kms = awsKms()

export const handler = onCustomResource(async ({ KeyId }) => {
  const { address } = await kmsAccount({ kms, keyId: String(KeyId) })
  return { Address: address }
})
