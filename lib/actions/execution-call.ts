// The Safe's `execTransaction` that carries an order, and the last look at it before the relayer's key signs.

import {
  concatHex,
  encodeFunctionData,
  type Hex,
  hexToNumber,
  isAddressEqual,
  numberToHex,
  parseAbi,
  slice,
} from 'viem'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Approval, Order } from '../model/order.ts'
import { orderDefect, unsealCalls } from '../model/order-hash.ts'
import { encodeActions } from './encode-actions.ts'

const safeAbi = parseAbi([
  'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool success)',
])

/** Calldata of `execTransaction` with the order's approvals as signatures. Pure. */
export function executionCall(order: Order): Hex {
  const { safeTransaction: transaction } = order
  return encodeFunctionData({
    abi: safeAbi,
    functionName: 'execTransaction',
    args: [
      transaction.to,
      BigInt(transaction.value),
      transaction.data,
      transaction.operation,
      BigInt(transaction.safeTxGas),
      BigInt(transaction.baseGas),
      BigInt(transaction.gasPrice),
      transaction.gasToken,
      transaction.refundReceiver,
      safeSignatures(order.approvals),
    ],
  })
}

/** One signature of 65 bytes for each owner, sorted by the owner's address, as the Safe walks them (`checkNSignatures`). */
function safeSignatures(approvals: readonly Approval[]): Hex {
  const byOwner = new Map(approvals.map((approval) => [approval.approver.toLowerCase(), approval.signature]))
  const owners = [...byOwner.keys()].sort()
  return concatHex(owners.map((owner) => withSafeV(byOwner.get(owner) ?? '0x')))
}

/** Some wallets end a signature with 0 or 1. To a Safe these mean other kinds of approval; ECDSA over the hash is 27 or 28. */
function withSafeV(signature: Hex): Hex {
  const v = hexToNumber(slice(signature, 64, 65))
  return v < 2 ? concatHex([slice(signature, 0, 64), numberToHex(v + 27, { size: 1 })]) : signature
}

/**
 * The room's own last gate, whatever the corridor has checked before: the order is whole, for this account on this chain, its calls
 * are exactly what its typed actions encode to, and the only delegatecall goes to the pinned MultiSendCallOnly.
 * @throws HomeostatError `order-altered`
 */
export function mustBeIntact(settings: PortfolioSettings, order: Order): void {
  const defect = orderDefect(order) ?? foreignPart(settings, order)
  if (defect === undefined) return
  throw new HomeostatError('order-altered', {
    message: `The order ${order.id} is not what was approved: ${defect}.`,
    retry: 'never',
    facts: { orderId: order.id, defect },
    hint: 'Void it and look at its events; a change of the configuration voids open orders too.',
  })
}

function foreignPart(settings: PortfolioSettings, order: Order): string | undefined {
  const { chain, portfolio } = settings
  if (order.chainId !== chain.chainId) return 'it is for another chain'
  if (!isAddressEqual(order.account, portfolio.account)) return 'it is for another account'
  const pinned = chain.safe?.multiSendCallOnly
  if (
    pinned === undefined ||
    !isAddressEqual(order.safeTransaction.to, pinned) ||
    order.safeTransaction.operation !== 1
  )
    return 'it is not carried by the pinned MultiSendCallOnly'
  const calls = unsealCalls(order.calls)?.calls ?? []
  const encoded = encodeActions({ settings, actions: order.actions })
  const same = encoded.every((call, index) => {
    const other = calls[index]
    return (
      other !== undefined &&
      other.to === call.to &&
      other.value === call.value &&
      other.data === call.data &&
      other.label === call.label
    )
  })
  return same && calls.length === encoded.length ? undefined : 'its calls are not what its actions encode to'
}
