import * as fc from 'fast-check'
import {
  concatHex,
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseAbiParameters,
  slice,
  stringToHex,
  toHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import type { Order, OrderEvent } from '../../lib/model/order.ts'
import {
  chainEvent,
  chainHolds,
  hashJson,
  orderDefect,
  orderDigest,
  recoverMessageSigner,
  recoverSigner,
  safeTransactionHash,
  safeTypedData,
  sealCalls,
  unsealCalls,
} from '../../lib/model/order-hash.ts'
import { sampleCalls, sampleDecisions, sampleOrder } from './fixture/sample-order.ts'

const goldenSafe = '0x72850ba706B09f9a784cA5d6F43B69FDdE756f07'

/** What changes during an order's life, or is told beside it; everything else is decided and covered. */
const uncovered = new Set<keyof Order>([
  'id',
  'version',
  'status',
  'createdAt',
  'quotedAt',
  'alternatives',
  'simulation',
  'linkKey',
  'approvals',
  'transactions',
  'events',
  'outbox',
])

type Path = readonly (string | number)[]

function leaves(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

function altered(value: unknown, path: Path, change: (leaf: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change(value)
  const inner = (value as Record<string, unknown>)[key]
  if (Array.isArray(value)) return value.map((one, index) => (index === Number(key) ? altered(one, rest, change) : one))
  return { ...(value as object), [key]: altered(inner, rest, change) }
}

const order = sampleOrder()
const coveredPaths = leaves(order).filter(([key]) => !uncovered.has(key as keyof Order))

/** Another value of the same kind: the next number, another hexadecimal digit, a longer text. */
function another(leaf: unknown, seed: number): unknown {
  if (typeof leaf === 'number') return leaf + 1 + (seed % 7)
  if (typeof leaf !== 'string') return !leaf
  if (/^0x[0-9a-f]+$/.test(leaf)) {
    const at = 2 + (seed % (leaf.length - 2))
    const digit = ((Number.parseInt(leaf[at] ?? '0', 16) + 1 + (seed % 15)) % 16).toString(16)
    return leaf.slice(0, at) + digit + leaf.slice(at + 1)
  }
  if (/^\d+$/.test(leaf)) return (BigInt(leaf) + 1n + BigInt(seed)).toString()
  return `${leaf}!`
}

describe('an order as it was made', () => {
  it('has no defect', () => {
    expect(orderDefect(order)).toBeUndefined()
  })

  it('keeps having none when its keys come in another order, as a store may return them', () => {
    const shuffled = Object.fromEntries(Object.entries(order).reverse()) as unknown as Order
    const limits = Object.fromEntries(Object.entries(order.limits).reverse()) as unknown as Order['limits']
    expect(orderDefect(JSON.parse(JSON.stringify({ ...shuffled, limits })))).toBeUndefined()
  })

  it('covers at least sixty leaves in every field that is not listed as uncovered', () => {
    expect(coveredPaths.length).toBeGreaterThan(60)
    const keys = new Set(coveredPaths.map(([key]) => key))
    expect(Object.keys(order).filter((key) => !keys.has(key) && !uncovered.has(key as keyof Order))).toEqual([])
  })
})

describe('an altered order', () => {
  it('has a defect whichever covered leaf is another value', () => {
    for (const path of coveredPaths) {
      const changed = altered(order, path, (leaf) => another(leaf, path.length)) as Order
      expect(orderDefect(changed), path.join('.')).toBeDefined()
    }
  })

  it('has a defect for any other value of any covered leaf, well-formed or not', () => {
    const junk = fc.oneof(
      fc.constantFrom('0x', '', '0xzz', '-1', 'NaN', '1e3', undefined, null, Number.NaN, -1, 0.5, 2 ** 60),
      fc.string(),
      fc.integer(),
    )
    const change = fc.oneof(
      fc.nat(60).map((seed) => (leaf: unknown) => another(leaf, seed)),
      junk.map((value) => () => value),
    )
    fc.assert(
      fc.property(fc.constantFrom(...coveredPaths), change, (path, how) => {
        const changed = altered(order, path, how) as Order
        if (JSON.stringify(changed) === JSON.stringify(order)) return
        expect(orderDefect(changed)).toBeDefined()
      }),
      { numRuns: 1_000 },
    )
  })

  it('has a defect when a call, an action or an approver is missing, added or moved', () => {
    const lists = ['calls', 'actions', 'approvers'] as const
    for (const list of lists) {
      const items: readonly unknown[] = order[list]
      for (const other of [items.slice(1), items.slice(0, -1), [...items, items[0]], items.toReversed()]) {
        expect(orderDefect({ ...order, [list]: other } as Order), list).toBeDefined()
      }
    }
  })

  it('is not given away by a digest that was recomputed for other calls alone', () => {
    const [first, ...others] = sampleCalls
    const calls = [{ ...(first ?? order.calls[0]), to: `0x${'9'.repeat(40)}` }, ...others] as Order['calls']
    const digest = orderDigest(order, calls, order.safeTransaction.nonce)
    expect(orderDefect({ ...order, digest, calls: sealCalls(calls, digest) })).toBe(
      'its Safe transaction does not make its calls',
    )
  })
})

describe('the digest', () => {
  it('equals EIP-712 written out by hand', () => {
    expect(orderDigest(sampleDecisions, sampleCalls, 5)).toBe(digestByHand())
  })

  it('travels behind the arguments of the first call and comes off again', () => {
    const digest = orderDigest(sampleDecisions, sampleCalls, 5)
    const sealed = sealCalls(sampleCalls, digest)
    expect(sealed[0]?.data).toBe(`${sampleCalls[0]?.data}${digest.slice(2)}`)
    expect(unsealCalls(sealed)).toEqual({ calls: sampleCalls, digest })
    expect(unsealCalls([])).toBeUndefined()
  })
})

describe('the hash that owners sign', () => {
  // Source: getTransactionHash of Safe 1.5.0's own contract on a local chain; test/world/actions.test.ts asks it again.
  const golden = [
    { nonce: 0, hash: '0xececed879759c29911c71b85de40da5c7ed7ddf10e855c2f25bc711d0a7400e9' },
    { nonce: 5, hash: '0xd1d1312bbe63764ebcb2eda32d25224cc328efe50c4927a7e5dc1864ddcccf26' },
    { nonce: 1_000_000, hash: '0x699fa41cc29167eb94d29e355cbeb008a4aef123495150f4f3b825a9fb825773' },
  ] as const

  it.each(golden)('equals what Safe 1.5 itself computes at nonce $nonce', ({ nonce, hash }) => {
    const transaction = { ...order.safeTransaction, data: '0x8d80ff0a' as const, nonce }
    expect(safeTransactionHash(31_337, goldenSafe, transaction)).toBe(hash)
  })

  it('is recovered to the signer from the typed data that a wallet is shown', async () => {
    const owner = privateKeyToAccount(`0x${'11'.repeat(32)}`)
    const signature = await owner.signTypedData(safeTypedData(order.chainId, order.account, order.safeTransaction))
    expect(await recoverSigner(order.safeTransactionHash, signature)).toBe(owner.address.toLowerCase())
    expect(await recoverSigner(`0x${'00'.repeat(32)}`, signature)).not.toBe(owner.address.toLowerCase())
  })

  it('gives no signer for what is no signature', async () => {
    for (const signature of ['0x', '0x00', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`, `0x${'11'.repeat(66)}`]) {
      expect(await recoverSigner(order.safeTransactionHash, signature as Hex)).toBeUndefined()
    }
  })

  it('is not what personal_sign signs', async () => {
    const owner = privateKeyToAccount(`0x${'11'.repeat(32)}`)
    const signature = await owner.signMessage({ message: 'hello' })
    expect(await recoverMessageSigner('hello', signature)).toBe(owner.address.toLowerCase())
    expect(await recoverMessageSigner('hellO', signature)).not.toBe(owner.address.toLowerCase())
  })
})

describe('the chain of events', () => {
  const statuses = ['PROPOSED', 'APPROVED', 'SIGNED', 'SUBMITTED'] as const
  const events: OrderEvent[] = []
  for (const [at, status] of statuses.entries()) {
    events.push(chainEvent(events, { at, kind: 'step', status, note: `to ${status}` }))
  }

  it('holds as it was made, also when empty', () => {
    expect(chainHolds(events)).toBe(true)
    expect(chainHolds([])).toBe(true)
  })

  it('breaks when any field of any link is altered', () => {
    for (const path of leaves(events)) {
      const changed = altered(events, path, (leaf) => another(leaf, 1)) as readonly OrderEvent[]
      expect(chainHolds(changed), path.join('.')).toBe(false)
    }
  })

  it('breaks when a link before the last is removed, repeated or moved', () => {
    expect(chainHolds(events.slice(1))).toBe(false)
    expect(chainHolds(events.toSpliced(1, 1))).toBe(false)
    expect(chainHolds(events.toReversed())).toBe(false)
    expect(chainHolds([...events, ...events.slice(-1)])).toBe(false)
  })
})

describe('canonical JSON', () => {
  it('hashes the same whatever the order of keys, and differently for different values', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(hashJson(reversed)).toBe(hashJson(value))
        expect(hashJson({ ...value, extra: 1, more: 2 })).not.toBe(hashJson({ ...value, extra: 2, more: 1 }))
      }),
    )
  })
})

/** A second way to the same 32 bytes: types, values and domain encoded piece by piece as EIP-712 describes. */
function digestByHand(): Hex {
  const text = (value: string) => keccak256(stringToHex(value))
  const callType = 'Call(address target,uint256 value,bytes4 selector,bytes32 dataHash)'
  const orderType = `Order(string portfolioId,string purpose,string planId,string alertId,string snapshotId,uint256 quote,uint256 validUntil,uint256 blockNumber,bytes32 blockHash,uint256 safeNonce,Call[] calls,bytes32 terms,string policyVersion,address[] approvers,uint256 requiredApprovals)${callType}`
  const domainType = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)'
  const pad = (value: Hex, left: boolean) =>
    (left ? `0x${value.slice(2).padStart(64, '0')}` : `0x${value.slice(2).padEnd(64, '0')}`) as Hex
  const calls = sampleCalls.map(({ to, value, data }) =>
    keccak256(
      concatHex([
        text(callType),
        pad(to, true),
        pad(toHex(BigInt(value)), true),
        pad(slice(data, 0, 4), false),
        keccak256(data),
      ]),
    ),
  )
  const { block, summary, why, chosen, actions, targetHealthFactor, limits, prices, maxPriceMove, ...rest } =
    sampleDecisions
  const terms = hashJson({
    maxPriceMove,
    prices,
    limits,
    targetHealthFactor,
    actions,
    calls: sampleCalls,
    gasCoinUsd: rest.gasCoinUsd,
    predicted: rest.predicted,
    doNothing: rest.doNothing,
    dataState: rest.dataState,
    chosen,
    why,
    summary,
    block,
  })
  const struct = keccak256(
    concatHex([
      text(orderType),
      text(rest.portfolioId),
      text(rest.purpose),
      text(rest.planId),
      text(rest.alertId),
      text(rest.snapshotId),
      pad(toHex(rest.quote), true),
      pad(toHex(rest.validUntil), true),
      pad(toHex(block.number), true),
      block.hash,
      pad(toHex(5), true),
      keccak256(concatHex(calls)),
      terms,
      text(rest.policyVersion),
      keccak256(concatHex(rest.approvers.map((approver) => pad(approver, true)))),
      pad(toHex(rest.requiredApprovals), true),
    ]),
  )
  const domain = keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, bytes32, bytes32, uint256, address, bytes32'), [
      text(domainType),
      text('Homeostat order'),
      text('1'),
      BigInt(rest.chainId),
      rest.account,
      text(rest.deployment),
    ]),
  )
  return keccak256(concatHex(['0x1901', domain, struct]))
}
