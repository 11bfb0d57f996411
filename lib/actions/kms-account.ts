// An AWS KMS key as an account of viem: the private key never leaves KMS, which signs digests and limits nothing.

import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import {
  type Address,
  type Hex,
  hashMessage,
  hashTypedData,
  hexToBytes,
  keccak256,
  numberToHex,
  parseSignature,
  recoverAddress,
  serializeSignature,
  serializeTransaction,
} from 'viem'
import { type LocalAccount, publicKeyToAddress, toAccount } from 'viem/accounts'
import { HomeostatError } from '../base/homeostat-error.ts'
import { lowS, parseDer, publicKeyOf } from './ecdsa-signature.ts'

export interface KmsAccountDeps {
  readonly kms: KMSClient
  /** Id, ARN or alias of an asymmetric key of spec ECC_SECG_P256K1. */
  readonly keyId: string
}

/**
 * Reads the public key once; signing afterwards is one call to KMS.
 * @throws HomeostatError `key-unusable`, `key-store-refused`, `key-store-unreachable`, `signature-malformed`
 */
export async function kmsAccount(deps: KmsAccountDeps): Promise<LocalAccount> {
  const address = await kmsAddress(deps)
  const sign = (hash: Hex) => signDigest(deps, address, hash)
  return toAccount({
    address,
    sign: ({ hash }) => sign(hash),
    signMessage: ({ message }) => sign(hashMessage(message)),
    signTypedData: (typedData) => sign(hashTypedData(typedData as Parameters<typeof hashTypedData>[0])),
    async signTransaction(transaction, { serializer = serializeTransaction } = {}) {
      const signature = await sign(keccak256(await serializer(transaction)))
      return await serializer(transaction, parseSignature(signature))
    },
  })
}

/**
 * The address that the key signs for, from its public key. Apart from `kmsAccount`, so that a door can ask without carrying what signs.
 * @throws HomeostatError `key-unusable`, `key-store-refused`, `key-store-unreachable`
 */
export async function kmsAddress({ kms, keyId }: KmsAccountDeps): Promise<Address> {
  const { PublicKey } = await asked('read the public key', () => kms.send(new GetPublicKeyCommand({ KeyId: keyId })))
  return publicKeyToAddress(publicKeyOf(PublicKey ?? new Uint8Array()))
}

/** KMS tells r and s only; which of the two points it was is found by recovering the address from both. */
async function signDigest({ kms, keyId }: KmsAccountDeps, address: Hex, hash: Hex): Promise<Hex> {
  const request = { KeyId: keyId, Message: hexToBytes(hash), MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' }
  const { Signature } = await asked('sign', () => kms.send(new SignCommand(request as SignCommand['input'])))
  const { r, s } = lowS(parseDer(Signature ?? new Uint8Array()))
  for (const yParity of [0, 1]) {
    const point = { r: numberToHex(r, { size: 32 }), s: numberToHex(s, { size: 32 }), yParity }
    const signature = serializeSignature(point)
    const signer = await recoverAddress({ hash, signature }).catch(() => undefined)
    if (signer === address) return signature
  }
  throw new HomeostatError('signature-malformed', {
    message: `The key store's signature is not one of ${address}.`,
    retry: 'later',
    facts: { address },
    hint: 'If it persists, the key behind the id or alias has changed since this process started.',
  })
}

const refusals = new Set([
  'AccessDeniedException',
  'NotFoundException',
  'DisabledException',
  'KMSInvalidStateException',
  'InvalidKeyUsageException',
  'UnsupportedOperationException',
  'InvalidArnException',
])

async function asked<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown'
    const refused = refusals.has(name)
    // The cause stays behind: its message names account and key.
    throw new HomeostatError(refused ? 'key-store-refused' : 'key-store-unreachable', {
      message: `KMS could not ${what}: ${name}.`,
      retry: refused ? 'never' : 'later',
      facts: { name },
      hint: refused
        ? 'Check that the key exists, is enabled, and that this function’s role may use it.'
        : 'It is tried again.',
    })
  }
}
