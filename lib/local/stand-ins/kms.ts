// KMS as far as the house uses it (no emulator of it comes from npm): public keys, signatures over digests, HMACs.

import { createHash } from 'node:crypto'
import * as z from '../../base/schema.ts'
import type { AwsRequest, AwsResponse } from '../front/request.ts'
import { jsonAnswer, jsonError } from './json-answer.ts'
import type { KeyMaterial } from './kms-keys.ts'

export interface KmsKey {
  readonly arn: string
  readonly keyId: string
  readonly aliases: readonly string[]
  readonly material: KeyMaterial
}

export interface Kms {
  readonly keys: readonly KmsKey[]
  /** By id, ARN, alias name or alias ARN. */
  find(keyId: string): KmsKey | undefined
  answer(request: AwsRequest): Promise<AwsResponse>
}

const bodySchema = z.object({
  KeyId: z.string(),
  Message: z.optional(z.string()),
  MessageType: z.optional(z.string()),
  SigningAlgorithm: z.optional(z.string()),
  MacAlgorithm: z.optional(z.string()),
  Mac: z.optional(z.string()),
})
type Body = z.output<typeof bodySchema>

const bytes = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64')

async function sign({ arn, material }: KmsKey, body: Body): Promise<AwsResponse> {
  if (material.kind !== 'sign') return jsonError('InvalidKeyUsageException', `${arn} cannot sign.`)
  if (body.SigningAlgorithm !== 'ECDSA_SHA_256') {
    return jsonError(
      'ValidationException',
      `Algorithm ${body.SigningAlgorithm} is incompatible with key spec ${material.keySpec}.`,
    )
  }
  const message = bytes(body.Message)
  const digest = body.MessageType === 'DIGEST' ? message : createHash('sha256').update(message).digest()
  if (digest.length !== 32)
    return jsonError('ValidationException', 'Digest is invalid length for algorithm ECDSA_SHA_256.')
  const signature = await material.sign(digest)
  return jsonAnswer({ KeyId: arn, Signature: signature.toString('base64'), SigningAlgorithm: 'ECDSA_SHA_256' })
}

function publicKey({ arn, material }: KmsKey): AwsResponse {
  if (material.kind !== 'sign') return jsonError('UnsupportedOperationException', `${arn} has no public key.`)
  return jsonAnswer({
    KeyId: arn,
    PublicKey: material.publicKey.toString('base64'),
    KeySpec: material.keySpec,
    CustomerMasterKeySpec: material.keySpec,
    KeyUsage: 'SIGN_VERIFY',
    SigningAlgorithms: ['ECDSA_SHA_256'],
  })
}

const usages = { sign: 'SIGN_VERIFY', mac: 'GENERATE_VERIFY_MAC', storage: 'ENCRYPT_DECRYPT' } as const

function describe({ arn, keyId, material }: KmsKey): AwsResponse {
  return jsonAnswer({
    KeyMetadata: {
      Arn: arn,
      KeyId: keyId,
      KeySpec: material.keySpec,
      KeyUsage: usages[material.kind],
      Enabled: true,
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
    },
  })
}

function mac({ arn, material }: KmsKey, body: Body, operation: 'GenerateMac' | 'VerifyMac'): AwsResponse {
  if (material.kind !== 'mac') return jsonError('InvalidKeyUsageException', `${arn} cannot make MACs.`)
  if (body.MacAlgorithm !== material.macAlgorithm) {
    return jsonError(
      'ValidationException',
      `Algorithm ${body.MacAlgorithm} is incompatible with key spec ${material.keySpec}.`,
    )
  }
  const answer = { KeyId: arn, MacAlgorithm: material.macAlgorithm }
  if (operation === 'GenerateMac')
    return jsonAnswer({ ...answer, Mac: material.mac(bytes(body.Message)).toString('base64') })
  if (material.verify(bytes(body.Message), bytes(body.Mac))) return jsonAnswer({ ...answer, MacValid: true })
  return jsonError('KMSInvalidMacException', 'The MAC is not valid.')
}

/** Operations beyond GetPublicKey, Sign, DescribeKey, GenerateMac and VerifyMac answer `UnknownOperationException`. */
export function makeKms(keys: readonly KmsKey[]): Kms {
  const find = (keyId: string) => {
    const plain = keyId.replace(/^arn:[^:]+:kms:[^:]+:[^:]+:(key\/)?/, '')
    return keys.find((key) => key.keyId === plain || key.aliases.includes(plain))
  }
  return {
    keys,
    find,
    async answer(request) {
      const parsed = z.safeParse(bodySchema, JSON.parse(request.body.toString('utf8')))
      if (!parsed.success) return jsonError('ValidationException', 'The request is malformed.')
      const key = find(parsed.data.KeyId)
      if (key === undefined) return jsonError('NotFoundException', `Key '${parsed.data.KeyId}' does not exist`)
      const operation = request.headers['x-amz-target']?.split('.').at(-1)
      switch (operation) {
        case 'Sign':
          return sign(key, parsed.data)
        case 'GetPublicKey':
          return publicKey(key)
        case 'DescribeKey':
          return describe(key)
        case 'GenerateMac':
        case 'VerifyMac':
          return mac(key, parsed.data, operation)
        default:
          return jsonError('UnknownOperationException', `${operation} is not known to this stand-in.`)
      }
    },
  }
}
