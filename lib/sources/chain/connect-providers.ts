// Every provider of a chain that can be reached by its name; the others stand in the book with the reason.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Redacted } from '../../base/redacted.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import { chainFault } from './chain-fault.ts'
import type { OutcomeBook } from './outcome-book.ts'
import { connect, locate, type Provider } from './provider.ts'

export interface ConnectDeps {
  /** The value of a secret by its name: the URL of a provider. */
  readonly secret: (name: string) => Promise<Redacted>
  /** Timeout of one HTTP request; it is repeated once. */
  readonly requestMs: number
}

export async function connectProviders(
  deps: ConnectDeps,
  params: {
    readonly chain: ChainConfig
    readonly book: OutcomeBook
    readonly signal: AbortSignal
    /** See `connect`. */
    readonly silence?: 'ordinary'
  },
): Promise<readonly Provider[]> {
  const { book, signal, silence = 'suspicious' } = params
  const { rpc, chainId, multicall3 } = params.chain
  const connected = rpc.map(async (provider) => {
    try {
      const { url, host } = await locate(deps, provider)
      book.host(provider.name, host)
      return [connect({ name: provider.name, url, requestMs: deps.requestMs, signal, chainId, multicall3, silence })]
    } catch (error) {
      book.failed(provider.name, isHomeostatError(error) ? error : chainFault('unexpected', 'Connecting failed.'))
      return []
    }
  })
  return (await Promise.all(connected)).flat()
}
