// Sends bytes that were stored before, and tells apart what only time, a higher fee or a look at the chain can settle.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { SignedTransaction } from '../model/order.ts'
import type { Relayer } from '../model/ports.ts'

/** `refused`: not by a provider that fails, but by a chain that has its reasons; whoever watches the order finds out which. */
export type Sent = { readonly kind: 'sent' } | { readonly kind: 'refused'; readonly reason: string }

/** Cured by a replacement, or by giving up after the deadline; trying again is no use. */
const refusals: ReadonlySet<string> = new Set(['nonce-used', 'fee-too-low'])

/** @throws HomeostatError what a later try can cure, or what nothing can: `rpc-*`, `relayer-out-of-gas-money`, `wrong-chain` */
export async function sendStored(
  deps: { readonly relayer: Relayer },
  params: { readonly settings: PortfolioSettings; readonly transaction: SignedTransaction },
): Promise<Sent> {
  try {
    await deps.relayer.broadcast({ settings: params.settings, raw: params.transaction.raw })
    return { kind: 'sent' }
  } catch (error) {
    if (isHomeostatError(error) && refusals.has(error.code)) return { kind: 'refused', reason: error.message }
    throw error
  }
}
