import { generateKeyPairSync } from 'node:crypto'
import * as fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { curveOrder, lowS, parseDer, publicKeyOf } from '../../lib/actions/ecdsa-signature.ts'
import { derOf, spkiOf } from './fixture/key-store.ts'

const scalar = fc.oneof(
  fc.bigInt({ min: 1n, max: curveOrder - 1n }),
  // Short integers, and those whose first bit is set, take other lengths in DER.
  fc.nat(300).map((value) => BigInt(value) + 1n),
  fc.constantFrom(1n, 0x7fn, 0x80n, 0xffn, 2n ** 255n - 1n, 2n ** 255n, curveOrder - 1n),
)

describe('a DER signature', () => {
  it('gives back exactly the integers that were written', () => {
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        expect(parseDer(derOf(r, s))).toEqual({ r, s })
      }),
    )
  })

  it('is refused with any byte cut off, added or turned into another length or tag', () => {
    fc.assert(
      fc.property(scalar, scalar, fc.nat(), (r, s, seed) => {
        const der = derOf(r, s)
        const wrong = [
          der.subarray(0, seed % der.length),
          Buffer.concat([der, Buffer.from([0])]),
          Buffer.concat([Buffer.from([0x31]), der.subarray(1)]),
          Buffer.concat([der.subarray(0, 1), Buffer.from([der.length - 1]), der.subarray(2)]),
          Buffer.concat([der.subarray(0, 2), Buffer.from([0x03]), der.subarray(3)]),
        ]
        for (const bytes of wrong) expect(() => parseDer(bytes)).toThrowError(/no ECDSA signature/)
      }),
    )
  })

  it('never gives an integer outside of 1..n-1, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 263n }), scalar).map(([r, s]) => derOf(r, s)),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          const { r, s } = parseDer(bytes)
          expect(r > 0n && r < curveOrder && s > 0n && s < curveOrder).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'signature-malformed' })
        }
      }),
    )
  })

  it('is refused when an integer is negative or longer than it has to be', () => {
    const negative = Buffer.from([0x30, 6, 0x02, 1, 0x80, 0x02, 1, 1])
    const padded = Buffer.from([0x30, 7, 0x02, 2, 0, 1, 0x02, 1, 1])
    for (const bytes of [negative, padded]) expect(() => parseDer(bytes)).toThrowError(/no ECDSA signature/)
  })
})

describe('the lower half', () => {
  it('holds s always, leaves r alone, and is reached in one step', () => {
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const low = lowS({ r, s })
        expect(low.r).toBe(r)
        expect(low.s <= curveOrder / 2n).toBe(true)
        expect([s, curveOrder - s]).toContain(low.s)
        expect(lowS(low)).toEqual(low)
      }),
    )
  })
})

describe('a public key from the key store', () => {
  it('is the key of its account', () => {
    const { publicKey } = privateKeyToAccount(`0x${'42'.repeat(32)}`)
    expect(publicKeyOf(spkiOf(publicKey))).toBe(publicKey)
  })

  it('is read from what OpenSSL writes', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    expect(publicKeyOf(spki)).toBe(`0x${spki.subarray(-65).toString('hex')}`)
  })

  it('is refused on another curve, or with bytes missing', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const other = publicKey.export({ type: 'spki', format: 'der' })
    const cut = spkiOf(privateKeyToAccount(`0x${'42'.repeat(32)}`).publicKey).subarray(0, -1)
    for (const bytes of [other, cut, new Uint8Array()]) {
      expect(() => publicKeyOf(bytes)).toThrowError(expect.objectContaining({ code: 'key-unusable' }))
    }
  })
})
