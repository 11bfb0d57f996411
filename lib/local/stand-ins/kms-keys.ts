// The key material behind the KMS stand-in: secp256k1 keys that sign digests, and HMAC keys.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { privateKeyToAccount, sign } from 'viem/accounts'
import { HomeostatError } from '../../base/homeostat-error.ts'

/** Order of the secp256k1 group (SEC 2, version 2, section 2.4.1). */
const groupOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
/** SubjectPublicKeyInfo of an uncompressed secp256k1 point, up to the point itself. */
const spkiHead = Buffer.from('3056301006072a8648ce3d020106052b8104000a034200', 'hex')

interface SigningKey {
  readonly kind: 'sign'
  readonly keySpec: 'ECC_SECG_P256K1'
  /** The account's address, for the runner's own use. */
  readonly address: `0x${string}`
  /** DER, as GetPublicKey answers it. */
  readonly publicKey: Buffer
  /** DER of r and s over a 32-byte digest. */
  sign(digest: Buffer): Promise<Buffer>
}

interface MacKey {
  readonly kind: 'mac'
  readonly keySpec: string
  readonly macAlgorithm: string
  mac(message: Buffer): Buffer
  verify(message: Buffer, mac: Buffer): boolean
}

/** Exists to encrypt at rest; nothing here calls it. */
interface StorageKey {
  readonly kind: 'storage'
  readonly keySpec: 'SYMMETRIC_DEFAULT'
}

export type KeyMaterial = SigningKey | MacKey | StorageKey

function derInteger(value: bigint): Buffer {
  const bytes = Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
  const start = bytes.findIndex((byte) => byte !== 0)
  const trimmed = bytes.subarray(start)
  const positive = (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed
  return Buffer.concat([Buffer.of(0x02, positive.length), positive])
}

function signingKey(privateKey: `0x${string}`): SigningKey {
  const account = privateKeyToAccount(privateKey)
  return {
    kind: 'sign',
    keySpec: 'ECC_SECG_P256K1',
    address: account.address,
    publicKey: Buffer.concat([spkiHead, Buffer.from(account.publicKey.slice(2), 'hex')]),
    async sign(digest) {
      const { r, s } = await sign({ hash: `0x${digest.toString('hex')}`, privateKey })
      // KMS gives s from both halves of the group, Ethereum takes the lower: a signer that does not normalise has to fail here too.
      const lower = BigInt(s)
      const chosen = (digest.at(-1) ?? 0) % 2 === 0 ? lower : groupOrder - lower
      const body = Buffer.concat([derInteger(BigInt(r)), derInteger(chosen)])
      return Buffer.concat([Buffer.of(0x30, body.length), body])
    },
  }
}

function macKey(keySpec: string, bits: string): MacKey {
  const secret = randomBytes(Number(bits) / 8)
  const mac = (message: Buffer) => createHmac(`sha${bits}`, secret).update(message).digest()
  return {
    kind: 'mac',
    keySpec,
    macAlgorithm: `HMAC_SHA_${bits}`,
    mac,
    verify(message, given) {
      const expected = mac(message)
      return expected.length === given.length && timingSafeEqual(expected, given)
    },
  }
}

/** A private key of its own for each further signing key of a house whose demo key is given. */
export function derivedPrivateKey(privateKey: `0x${string}`, name: string): `0x${string}` {
  return `0x${createHash('sha256').update(`${privateKey}/${name}`).digest('hex')}`
}

/**
 * @param privateKey for a signing key; random if left out
 * @throws HomeostatError `kms-key-spec-unknown`
 */
export function makeKey(keySpec: string, privateKey?: `0x${string}`): KeyMaterial {
  if (keySpec === 'ECC_SECG_P256K1') return signingKey(privateKey ?? `0x${randomBytes(32).toString('hex')}`)
  if (keySpec === 'SYMMETRIC_DEFAULT') return { kind: 'storage', keySpec }
  const bits = /^HMAC_(256|384|512)$/.exec(keySpec)?.[1]
  if (bits !== undefined) return macKey(keySpec, bits)
  throw new HomeostatError('kms-key-spec-unknown', {
    message: `The KMS stand-in has no keys of spec ${keySpec}.`,
    retry: 'never',
    facts: { keySpec },
  })
}
