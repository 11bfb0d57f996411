// What exactly is approved: the digest of an order, the Safe transaction that carries it, and who signed. The model's only file with viem.

import {
  concatHex,
  encodeFunctionData,
  encodePacked,
  hashMessage,
  hashTypedData,
  keccak256,
  parseAbi,
  recoverAddress,
  size,
  slice,
  stringToHex,
} from 'viem/utils'
import type { Address, Hash, Hex } from './identity.ts'
import type { Call, Order, OrderEvent, SafeTransaction } from './order.ts'

const zeroAddress: Address = '0x0000000000000000000000000000000000000000'

/** The fields that a digest covers; an order has them all. */
export type DigestedOrder = Pick<
  Order,
  | 'deployment'
  | 'portfolioId'
  | 'purpose'
  | 'planId'
  | 'alertId'
  | 'snapshotId'
  | 'chainId'
  | 'account'
  | 'quote'
  | 'validUntil'
  | 'block'
  | 'summary'
  | 'why'
  | 'chosen'
  | 'actions'
  | 'targetHealthFactor'
  | 'limits'
  | 'prices'
  | 'gasCoinUsd'
  | 'predicted'
  | 'doNothing'
  | 'dataState'
  | 'maxPriceMove'
  | 'policyVersion'
  | 'approvers'
  | 'requiredApprovals'
>

const orderTypes = {
  Order: [
    { name: 'portfolioId', type: 'string' },
    { name: 'purpose', type: 'string' },
    { name: 'planId', type: 'string' },
    { name: 'alertId', type: 'string' },
    { name: 'snapshotId', type: 'string' },
    { name: 'quote', type: 'uint256' },
    { name: 'validUntil', type: 'uint256' },
    { name: 'blockNumber', type: 'uint256' },
    { name: 'blockHash', type: 'bytes32' },
    { name: 'safeNonce', type: 'uint256' },
    { name: 'calls', type: 'Call[]' },
    { name: 'terms', type: 'bytes32' },
    { name: 'policyVersion', type: 'string' },
    { name: 'approvers', type: 'address[]' },
    { name: 'requiredApprovals', type: 'uint256' },
  ],
  Call: [
    { name: 'target', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'selector', type: 'bytes4' },
    { name: 'dataHash', type: 'bytes32' },
  ],
} as const

const safeTypes = {
  SafeTx: [
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'data', type: 'bytes' },
    { name: 'operation', type: 'uint8' },
    { name: 'safeTxGas', type: 'uint256' },
    { name: 'baseGas', type: 'uint256' },
    { name: 'gasPrice', type: 'uint256' },
    { name: 'gasToken', type: 'address' },
    { name: 'refundReceiver', type: 'address' },
    { name: 'nonce', type: 'uint256' },
  ],
} as const

/** What a wallet is asked to sign (eth_signTypedData_v4): EIP-712 of a Safe transaction, Safe 1.3 and later. */
export function safeTypedData(chainId: number, account: Address, transaction: SafeTransaction) {
  return {
    domain: { chainId, verifyingContract: account },
    types: safeTypes,
    primaryType: 'SafeTx' as const,
    message: {
      to: transaction.to,
      value: BigInt(transaction.value),
      data: transaction.data,
      operation: transaction.operation,
      safeTxGas: BigInt(transaction.safeTxGas),
      baseGas: BigInt(transaction.baseGas),
      gasPrice: BigInt(transaction.gasPrice),
      gasToken: transaction.gasToken,
      refundReceiver: transaction.refundReceiver,
      nonce: BigInt(transaction.nonce),
    },
  }
}

/** The hash that owners sign; equals the Safe's own `getTransactionHash`. */
export function safeTransactionHash(chainId: number, account: Address, transaction: SafeTransaction): Hash {
  return hashTypedData(safeTypedData(chainId, account, transaction))
}

/**
 * EIP-712 digest of everything that was decided, over the calls *before* they are sealed with it.
 * @param safeNonce nonce of the Safe transaction that will carry the order
 */
export function orderDigest(order: DigestedOrder, calls: readonly Call[], safeNonce: number): Hash {
  return hashTypedData({
    domain: {
      name: 'Homeostat order',
      version: '1',
      chainId: order.chainId,
      verifyingContract: order.account,
      salt: keccak256(stringToHex(order.deployment)),
    },
    types: orderTypes,
    primaryType: 'Order',
    message: {
      portfolioId: order.portfolioId,
      purpose: order.purpose,
      planId: order.planId,
      alertId: order.alertId,
      snapshotId: order.snapshotId,
      quote: BigInt(order.quote),
      validUntil: BigInt(order.validUntil),
      blockNumber: BigInt(order.block.number),
      blockHash: order.block.hash,
      safeNonce: BigInt(safeNonce),
      calls: calls.map((call) => ({
        target: call.to,
        value: BigInt(call.value),
        selector: slice(call.data, 0, 4),
        dataHash: keccak256(call.data),
      })),
      // Calls again, for their labels, which approvers read; the block whole, for its time and fee.
      terms: hashJson({
        block: order.block,
        summary: order.summary,
        why: order.why,
        chosen: order.chosen,
        calls,
        actions: order.actions,
        targetHealthFactor: order.targetHealthFactor,
        limits: order.limits,
        prices: order.prices,
        gasCoinUsd: order.gasCoinUsd,
        predicted: order.predicted,
        doNothing: order.doNothing,
        dataState: order.dataState,
        maxPriceMove: order.maxPriceMove,
      }),
      policyVersion: order.policyVersion,
      approvers: order.approvers,
      requiredApprovals: BigInt(order.requiredApprovals),
    },
  })
}

/**
 * Appends the digest to the first call, the deadline's: Solidity's decoder ignores bytes behind the arguments, so the call
 * does the same, and the Safe transaction that owners sign commits to the digest.
 */
export function sealCalls(calls: readonly Call[], digest: Hash): readonly Call[] {
  return calls.map((call, index) => (index === 0 ? { ...call, data: concatHex([call.data, digest]) } : call))
}

/** The calls as they were before `sealCalls`, and the digest that they carry. */
export function unsealCalls(
  calls: readonly Call[],
): { readonly calls: readonly Call[]; readonly digest: Hash } | undefined {
  const [first, ...others] = calls
  if (first === undefined || size(first.data) < 36) return undefined
  const length = size(first.data)
  return {
    calls: [{ ...first, data: slice(first.data, 0, length - 32) }, ...others],
    digest: slice(first.data, length - 32),
  }
}

const multiSendAbi = parseAbi(['function multiSend(bytes transactions) payable'])

/** The one Safe transaction that makes all calls, or none: a delegatecall to the pinned MultiSendCallOnly. */
export function batchTransaction(multiSendCallOnly: Address, calls: readonly Call[], nonce: number): SafeTransaction {
  const packed = concatHex(
    calls.map((call) =>
      encodePacked(
        ['uint8', 'address', 'uint256', 'uint256', 'bytes'],
        [0, call.to, BigInt(call.value), BigInt(size(call.data)), call.data],
      ),
    ),
  )
  return {
    to: multiSendCallOnly,
    value: '0',
    data: encodeFunctionData({ abi: multiSendAbi, functionName: 'multiSend', args: [packed] }),
    operation: 1,
    safeTxGas: '0',
    baseGas: '0',
    gasPrice: '0',
    gasToken: zeroAddress,
    refundReceiver: zeroAddress,
    nonce,
  }
}

/**
 * Why an order's parts do not belong together, or undefined if they do: digest, seal, batch and Safe hash are all recomputed.
 * Any altered field shows here, also one that cannot be hashed any more. It says nothing of who made the order: whoever can
 * recompute all of them is stopped by the owners' signatures and by the pinned contracts of the configuration.
 */
export function orderDefect(order: Order): string | undefined {
  try {
    return mismatch(order)
  } catch {
    return 'one of its fields is malformed'
  }
}

function mismatch(order: Order): string | undefined {
  const unsealed = unsealCalls(order.calls)
  if (unsealed === undefined) return 'its first call carries no digest'
  if (unsealed.digest !== order.digest) return 'its calls carry another digest'
  if (orderDigest(order, unsealed.calls, order.safeTransaction.nonce) !== order.digest)
    return 'its digest does not match its fields'
  const batch = batchTransaction(order.safeTransaction.to, order.calls, order.safeTransaction.nonce)
  if (canonicalJson(batch) !== canonicalJson(order.safeTransaction))
    return 'its Safe transaction does not make its calls'
  if (safeTransactionHash(order.chainId, order.account, order.safeTransaction) !== order.safeTransactionHash)
    return 'its Safe transaction has another hash'
  return undefined
}

/** Who signed this hash, in lower case; undefined for what is no signature of 65 bytes. */
export async function recoverSigner(hash: Hash, signature: Hex): Promise<Address | undefined> {
  if (size(signature) !== 65) return undefined
  try {
    return (await recoverAddress({ hash, signature })).toLowerCase() as Address
  } catch {
    return undefined
  }
}

/** Who signed this text with personal_sign (EIP-191), in lower case; undefined for what is no signature of 65 bytes. */
export async function recoverMessageSigner(text: string, signature: Hex): Promise<Address | undefined> {
  return recoverSigner(hashMessage(text), signature)
}

/** The next link of an order's hash chain. */
export function chainEvent(previous: readonly OrderEvent[], event: Omit<OrderEvent, 'previous' | 'hash'>): OrderEvent {
  const last = previous.at(-1)?.hash ?? keccak256('0x')
  return { ...event, previous: last, hash: hashJson({ ...event, previous: last }) }
}

/** True if no link was altered, removed or inserted. */
export function chainHolds(events: readonly OrderEvent[]): boolean {
  return events.every((event, index) => {
    const made = chainEvent(events.slice(0, index), withoutLinks(event))
    return made.hash === event.hash && made.previous === event.previous
  })
}

/** keccak256 of canonical JSON: keys sorted, no white space. */
export function hashJson(value: unknown): Hash {
  return keccak256(stringToHex(canonicalJson(value)))
}

function withoutLinks({ at, kind, status, note }: OrderEvent): Omit<OrderEvent, 'previous' | 'hash'> {
  return { at, kind, status, note }
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
