// The exact texts and typed data that a wallet is asked to sign; the page, the CLI and the doors that check them share these.

import type { UnixSeconds } from '../base/units.ts'
import type { Address } from '../model/identity.ts'
import type { Order } from '../model/order.ts'
import { safeTypedData } from '../model/order-hash.ts'
import { isoInstant } from './figures.ts'

/** The JSON for eth_signTypedData_v4: the Safe transaction of an order, whole numbers as decimal text. */
export function approvalTypedData(order: Pick<Order, 'chainId' | 'account' | 'safeTransaction'>) {
  const { domain, types, primaryType, message } = safeTypedData(order.chainId, order.account, order.safeTransaction)
  const texts = Object.entries(message).map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value])
  return {
    domain,
    types: {
      EIP712Domain: [
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      ...types,
    },
    primaryType,
    message: Object.fromEntries(texts),
  }
}

/**
 * What an approver signs (personal_sign) to reject an order. It names the installation, the quote and both hashes, so that it
 * stands for nothing else, and it is no Safe transaction: it cannot move anything.
 */
export function rejectionText(
  order: Pick<Order, 'id' | 'deployment' | 'chainId' | 'account' | 'quote' | 'digest' | 'safeTransactionHash'>,
): string {
  return [
    'Homeostat: I reject this order.',
    '',
    `Order: ${order.id}`,
    `Quote: ${order.quote}`,
    `Deployment: ${order.deployment}`,
    `Chain ID: ${order.chainId}`,
    `Account: ${order.account}`,
    `Digest: ${order.digest}`,
    `Safe transaction: ${order.safeTransactionHash}`,
  ].join('\n')
}

export const loginValiditySeconds = 300

/**
 * The message of a console login, in the form of EIP-4361 (Sign-In with Ethereum, 2021). The server builds it twice from the
 * same stored nonce; nothing that a client sends is ever parsed as one.
 */
export function loginText(params: {
  /** Host and port that serve the console. */
  readonly host: string
  readonly scheme: 'http' | 'https'
  readonly address: Address
  /** At least 8 letters and digits. */
  readonly nonce: string
  readonly issuedAt: UnixSeconds
}): string {
  return [
    `${params.host} wants you to sign in with your Ethereum account:`,
    params.address,
    '',
    'Open the Homeostat console. This signature moves nothing and approves nothing.',
    '',
    `URI: ${params.scheme}://${params.host}/login`,
    'Version: 1',
    'Chain ID: 1',
    `Nonce: ${params.nonce}`,
    `Issued At: ${isoInstant(params.issuedAt)}`,
    `Expiration Time: ${isoInstant(params.issuedAt + loginValiditySeconds)}`,
  ].join('\n')
}
