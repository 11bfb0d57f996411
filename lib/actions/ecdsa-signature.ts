// From what a key store returns (SPKI, DER) to what Ethereum takes: an address's public key, and r, s with s in the lower half.

import { bytesToBigInt, bytesToHex, type Hex } from 'viem'
import { HomeostatError } from '../base/homeostat-error.ts'

/** Order of the curve secp256k1 (SEC 2, section 2.4.1). */
export const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** DER of AlgorithmIdentifier { id-ecPublicKey, secp256k1 } and the bit string's head, for an uncompressed point (RFC 5480). */
const spkiHead = '3056301006072a8648ce3d020106052b8104000a034200'

/**
 * The uncompressed public key (65 bytes, 0x04 first) in a SubjectPublicKeyInfo.
 * @throws HomeostatError `key-unusable` for any other curve or form
 */
export function publicKeyOf(spki: Uint8Array): Hex {
  const text = bytesToHex(spki).slice(2)
  const key = text.slice(spkiHead.length)
  if (text.startsWith(spkiHead) && key.length === 130 && key.startsWith('04')) return `0x${key}`
  throw new HomeostatError('key-unusable', {
    message: 'The key is not an uncompressed public key on secp256k1.',
    retry: 'never',
    facts: { bytes: spki.length },
    hint: 'Create the KMS key with KeySpec ECC_SECG_P256K1 and KeyUsage SIGN_VERIFY.',
  })
}

export interface EcdsaSignature {
  readonly r: bigint
  readonly s: bigint
}

/**
 * r and s of a DER-encoded Ecdsa-Sig-Value (RFC 3279, section 2.2.3), strictly: minimal lengths, nothing behind, both in 1..n-1.
 * @throws HomeostatError `signature-malformed`
 */
export function parseDer(der: Uint8Array): EcdsaSignature {
  const [tag, length] = der
  const first = integerAt(der, 2)
  const second = integerAt(der, first?.end ?? der.length)
  const whole = tag === 0x30 && length === der.length - 2 && second?.end === der.length
  if (whole && first !== undefined && second !== undefined && inRange(first.value) && inRange(second.value))
    return { r: first.value, s: second.value }
  throw new HomeostatError('signature-malformed', {
    message: 'The key store returned something that is no ECDSA signature.',
    retry: 'later',
    facts: { bytes: der.length },
    hint: 'It is tried again. Check that the key signs with ECDSA_SHA_256.',
  })
}

function integerAt(der: Uint8Array, at: number): { readonly value: bigint; readonly end: number } | undefined {
  const length = der[at + 1] ?? 0
  const bytes = der.subarray(at + 2, at + 2 + length)
  const [first = 0x80, second = 0] = bytes
  const padded = first === 0 && bytes.length > 1 && second < 0x80
  if (der[at] !== 0x02 || length < 1 || length > 33 || bytes.length !== length || first >= 0x80 || padded)
    return undefined
  return { value: bytesToBigInt(bytes), end: at + 2 + length }
}

function inRange(value: bigint): boolean {
  return value > 0n && value < curveOrder
}

/** The same signature with s in the lower half of the order: the only form that Ethereum takes (EIP-2). */
export function lowS({ r, s }: EcdsaSignature): EcdsaSignature {
  return { r, s: s > curveOrder / 2n ? curveOrder - s : s }
}
