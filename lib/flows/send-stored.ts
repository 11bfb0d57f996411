// Sends bytes that were stored before, and tells apart what only time, a higher fee or a look at the chain can settle.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { SignedTransaction } from '../model/order.ts'
import type { Relayer } from '../model/ports.ts'

/** `refused`: not by a provider that fails, but by a chain that has its reasons; whoever watches the order finds out which. */
export type Sent =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly code: 'nonce-used' | 'fee-too-low'; readonly reason: string }

/** @throws HomeostatError what a later try can cure, or what nothing can: `rpc-*`, `relayer-out-of-gas-money`, `wrong-chain` */
export async function sendStored(
  deps: { readonly relayer: Relayer },
  params: { readonly settings: PortfolioSettings; readonly transaction: SignedTransaction },
): Promise<Sent> {
  try {
    await deps.relayer.broadcast({ settings: params.settings, raw: params.transaction.raw })
    return { kind: 'sent' }
  } catch (error) {
    // Cured by a replacement, or by giving up after the deadline; trying again is no use.
    if (isHomeostatError(error) && (error.code === 'nonce-used' || error.code === 'fee-too-low'))
      return { kind: 'refused', code: error.code, reason: error.message }
    throw error
  }
}
