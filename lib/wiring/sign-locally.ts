// Signs for an approver whose key is on this machine: the CLI's way, the same bytes that a wallet would sign.

import { privateKeyToAccount } from 'viem/accounts'
import type { Hex } from '../model/identity.ts'
import type { Order } from '../model/order.ts'
import { safeTypedData } from '../model/order-hash.ts'
import { rejectionText } from '../web/wallet-requests.ts'

export function signApproval(key: Hex, order: Order): Promise<Hex> {
  return privateKeyToAccount(key).signTypedData(safeTypedData(order.chainId, order.account, order.safeTransaction))
}

export function signRejection(key: Hex, order: Order): Promise<Hex> {
  return privateKeyToAccount(key).signMessage({ message: rejectionText(order) })
}
