import {
  hashTypedData,
  keccak256,
  parseTransaction,
  recoverAddress,
  recoverMessageAddress,
  serializeTransaction,
} from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { curveOrder } from '../../lib/actions/ecdsa-signature.ts'
import { kmsAccount } from '../../lib/actions/kms-account.ts'
import { safeTypedData } from '../../lib/model/order-hash.ts'
import { sampleOrder } from '../model/fixture/sample-order.ts'
import { type KeyStore, startKeyStore } from './fixture/key-store.ts'

let store: KeyStore

beforeAll(async () => {
  store = await startKeyStore(generatePrivateKey())
})
afterAll(() => store.stop())

describe('a key store’s key as an account', () => {
  it('has the address of its key', async () => {
    expect((await kmsAccount(store)).address).toBe(store.address)
  })

  it('signs transactions that recover to it, with s in the lower half, whichever half the store gives', async () => {
    const account = await kmsAccount(store)
    for (let nonce = 0; nonce < 20; nonce += 1) {
      const unsigned = { type: 'eip1559', chainId: 1, nonce, to: account.address, gas: 21_000n } as const
      const { r = '0x', s = '0x0', yParity } = parseTransaction(await account.signTransaction(unsigned))
      const hash = keccak256(serializeTransaction(unsigned))
      expect(BigInt(s) <= curveOrder / 2n).toBe(true)
      expect(await recoverAddress({ hash, signature: { r, s, yParity: yParity ?? 9 } })).toBe(account.address)
    }
  })

  it('signs messages and typed data', async () => {
    const account = await kmsAccount(store)
    const signature = await account.signMessage({ message: 'hello' })
    expect(await recoverMessageAddress({ message: 'hello', signature })).toBe(account.address)
    const { chainId, account: safe, safeTransaction } = sampleOrder()
    const typed = safeTypedData(chainId, safe, safeTransaction)
    const signed = await account.signTypedData(typed)
    expect(await recoverAddress({ hash: hashTypedData(typed), signature: signed })).toBe(account.address)
  })

  it('tells a refusal by its name, and nothing of the account that the message names', async () => {
    for (const [name, code, retry] of [
      ['AccessDeniedException', 'key-store-refused', 'never'],
      ['ThrottlingException', 'key-store-unreachable', 'later'],
    ] as const) {
      const refusing = await startKeyStore(generatePrivateKey(), name)
      try {
        const account = await kmsAccount(refusing)
        const failure: unknown = await account.signMessage({ message: 'hello' }).catch((error: unknown) => error)
        expect(failure).toMatchObject({ code, retry, facts: { name } })
        expect(`${failure} ${JSON.stringify(failure)}`).not.toContain('111122223333')
      } finally {
        await refusing.stop()
      }
    }
  })

  it('is not to be had from a store that is gone', async () => {
    const gone = await startKeyStore(generatePrivateKey())
    await gone.stop()
    await expect(kmsAccount(gone)).rejects.toMatchObject({ code: 'key-store-unreachable', retry: 'later' })
  })
})
